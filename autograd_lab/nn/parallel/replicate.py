"""Copies of a model on several devices, whose gradients flow back to the one model."""

from ...device import resolve
from ..module import own_buffers, own_modules, own_parameters


def replicate(network, devices, detach: bool = False) -> list:
    """Copy a module to each device for one forward; the copies' parameters are not leaves.

    Backward adds their gradients to those of ``network``.

    >>> one, two = nn.parallel.replicate(nn.Linear(2, 1), ["cpu", "cpu"])
    >>> two.weight.shape
    torch.Size([1, 2])
    """
    return [_copy(network, resolve(place), detach, {}) for place in devices]


def _copy(module, device, detach, done):
    if module in done:
        return done[module]
    twin = done[module] = object.__new__(type(module))
    vars(twin).update(vars(module))
    for name, parameter in own_parameters(module):
        if id(parameter) not in done:
            done[id(parameter)] = (parameter.detach() if detach else parameter).to(device)
        vars(twin)[name] = done[id(parameter)]
    for name, buffer in own_buffers(module):
        vars(twin)[name] = buffer.to(device)
    for name, part in own_modules(module):
        vars(twin)[name] = _copy(part, device, detach, done)
    return twin
