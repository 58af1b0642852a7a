"""DataParallel: one process, one model, and each batch cut up among several GPUs."""

from ...device import device as device_class
from ...device import device_count, resolve
from ..module import Module
from .replicate import replicate
from .scatter_gather import gather, scatter


class DataParallel(Module):
    """Cut each batch among several GPUs, run a copy of the module on each, and join the outputs.

    The copies live for one forward; gradients add up in the one module, on the first device. With
    one device, or none, the module runs as it is. The names of parameters begin with ``module.``.

    Args:
        module: the model, which lies on the first device.
        device_ids: the GPUs; all if None.
        output_device: where the outputs are joined; the first if None.
        dim: the dimension along which batches are cut.

    >>> net = nn.DataParallel(nn.Linear(2, 1))
    >>> net(torch.ones(3, 2)).shape, list(net.state_dict())
    (torch.Size([3, 1]), ['module.weight', 'module.bias'])
    """

    def __init__(self, module, device_ids=None, output_device=None, dim: int = 0):
        super().__init__()
        self.module, self.dim = module, dim
        ids = range(device_count()) if device_ids is None else device_ids
        self.device_ids = [each if isinstance(each, int) else device_class(each) for each in ids]
        first = self.device_ids[0] if self.device_ids else None
        self.output_device = first if output_device is None else output_device
        if len(self.device_ids) == 1:
            module.to(resolve(device_class(first)))

    def forward(self, *inputs, **kwargs):
        """Run the module on all devices."""
        return data_parallel(
            self.module, inputs, self.device_ids, self.output_device, self.dim, kwargs
        )


def data_parallel(
    module, inputs, device_ids=None, output_device=None, dim=0, module_kwargs=None
):
    """Run a module on an input, or on a tuple of inputs, cut up among several GPUs.

    >>> nn.parallel.data_parallel(nn.Identity(), torch.ones(1))
    tensor([1.])
    """
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    ids = range(device_count()) if device_ids is None else device_ids
    devices = [resolve(device_class(each)) for each in ids]
    if not devices:
        return module(*inputs, **(module_kwargs or {}))
    _check_place(module, devices[0])
    end = devices[0] if output_device is None else resolve(device_class(output_device))
    parts = scatter((inputs, module_kwargs or {}), devices, dim)
    if len(parts) == 1:
        ((args, named),) = parts
        return module(*args, **named)
    copies = replicate(module, devices[: len(parts)])
    return gather(parallel_apply(copies, *zip(*parts)), end, dim)


def parallel_apply(modules, inputs, kwargs_tup=None, devices=None) -> list:
    """Run each module on its own inputs; on GPUs they work at the same time.

    >>> one = torch.ones(1)
    >>> nn.parallel.parallel_apply([nn.Identity(), nn.ReLU()], [(one,), (-one,)])
    [tensor([1.]), tensor([0.])]
    """
    named = kwargs_tup or [{}] * len(modules)
    inputs = [given if isinstance(given, tuple | list) else (given,) for given in inputs]
    # A GPU is given its work and does not keep us waiting: no threads are needed.
    return [
        module(*args, **settings) for module, args, settings in zip(modules, inputs, named)
    ]


def _check_place(module, first):
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.device != first:
            raise RuntimeError(
                f"module must have its parameters and buffers on device {first} (device_ids[0]) but"
                f" found one of them on device: {tensor.device}"
            )
