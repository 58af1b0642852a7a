"""Cut a batch into parts for several devices, and join what comes back."""

from ...core import Tensor
from ...device import resolve
from ...ops import cat, chunk, stack


def tensors_in(obj) -> list:
    """List the tensors in nested lists, tuples and dictionaries."""
    if isinstance(obj, Tensor):
        return [obj]
    parts = obj.values() if isinstance(obj, dict) else obj if isinstance(obj, list | tuple) else ()
    return [tensor for each in parts for tensor in tensors_in(each)]


def each_tensor(obj, change):
    """Rebuild nested lists, tuples and dictionaries with every tensor changed."""
    if isinstance(obj, Tensor):
        return change(obj)
    if isinstance(obj, tuple) and hasattr(obj, "_fields"):
        return type(obj)(*(each_tensor(part, change) for part in obj))
    if isinstance(obj, list | tuple):
        return type(obj)(each_tensor(part, change) for part in obj)
    if isinstance(obj, dict):
        return type(obj)((key, each_tensor(part, change)) for key, part in obj.items())
    return obj


def moved(obj, device):
    """Copy all tensors in nested lists, tuples and dictionaries to a device."""
    return each_tensor(obj, lambda tensor: tensor.to(device))


def scatter(inputs, target_gpus, dim: int = 0) -> list:
    """Cut every tensor into parts, one for each device; what is no tensor goes to all.

    There are fewer parts than devices where a batch is too small.

    >>> nn.parallel.scatter((torch.arange(3), "mean"), ["cpu", "cpu"])
    [(tensor([0, 1]), 'mean'), (tensor([2]), 'mean')]
    """
    devices = [resolve(place) for place in target_gpus]
    found = tensors_in(inputs)
    parts = {id(tensor): chunk(tensor, len(devices), dim) for tensor in found}
    count = max((len(row) for row in parts.values()), default=len(devices))
    return [
        each_tensor(inputs, lambda t, n=number, to=device: parts[id(t)][n].to(to))
        for number, device in enumerate(devices[:count])
    ]


def gather(outputs, target_device, dim: int = 0):
    """Join the outputs of several devices on one: tensors along ``dim``, scalars to a vector.

    >>> nn.parallel.gather([torch.ones(1), torch.zeros(2)], "cpu")
    tensor([1., 0., 0.])
    """
    first, device = outputs[0], resolve(target_device)
    if isinstance(first, Tensor):
        parts = [part.to(device) for part in outputs]
        return stack(parts) if not first.ndim else cat(parts, dim)
    if isinstance(first, dict):
        return type(first)((key, gather([o[key] for o in outputs], device, dim)) for key in first)
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(gather(list(row), device, dim) for row in zip(*outputs)))
    if isinstance(first, list | tuple):
        return type(first)(gather(list(row), device, dim) for row in zip(*outputs))
    return first
