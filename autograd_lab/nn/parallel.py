"""One model on several devices: accepted, and run on the one device that holds it."""

from .module import Module


class DataParallel(Module):
    """Run a module as it is: PyTorch would split each batch over several GPUs.

    The names of parameters begin with ``module.``, as PyTorch's do.

    >>> net = nn.DataParallel(nn.Linear(2, 1))
    >>> net(torch.ones(3, 2)).shape, list(net.state_dict())
    (torch.Size([3, 1]), ['module.weight', 'module.bias'])
    """

    def __init__(self, module, device_ids=None, output_device=None, dim: int = 0):
        super().__init__()
        self.module, self.dim = module, dim
        self.device_ids = [] if device_ids is None else list(device_ids)
        self.output_device = output_device

    def forward(self, *inputs, **kwargs):
        """Run the module."""
        return self.module(*inputs, **kwargs)


def data_parallel(
    module, inputs, device_ids=None, output_device=None, dim=0, module_kwargs=None
):
    """Run a module on an input, or on a tuple of inputs.

    >>> nn.parallel.data_parallel(nn.Identity(), torch.ones(1))
    tensor([1.])
    """
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    return module(*inputs, **(module_kwargs or {}))
