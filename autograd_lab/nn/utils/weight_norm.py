"""Weight normalisation as it was before parametrizations: by a hook before every forward."""

import warnings

from ...core import wrap
from ...grad_mode import no_grad
from ..hooks import of_kind, take_off
from ..parameter import Parameter, is_lazy
from .parametrizations import length_except, with_length


class WeightNorm:
    """A hook that computes a weight from its length ``weight_g`` and direction ``weight_v``."""

    def __init__(self, name: str, dim: int):
        self.name, self.dim = name, dim

    def compute_weight(self, module):
        """Multiply the direction by the length."""
        g, v = getattr(module, self.name + "_g"), getattr(module, self.name + "_v")
        return with_length(v, g, self.dim)

    def __call__(self, module, inputs):
        setattr(module, self.name, self.compute_weight(module))


def weight_norm(module, name: str = "weight", dim: int | None = 0):
    """Learn a weight's length and direction apart: use ``parametrizations.weight_norm``.

    >>> import warnings; warnings.simplefilter("ignore")
    >>> layer = nn.utils.weight_norm(nn.Linear(20, 40))
    >>> layer.weight_g.shape, layer.weight_v.shape
    (torch.Size([40, 1]), torch.Size([40, 20]))
    """
    warnings.warn(
        "`torch.nn.utils.weight_norm` is deprecated in favor of "
        "`torch.nn.utils.parametrizations.weight_norm`.",
        FutureWarning,
        stacklevel=2,
    )
    if any(map(of_kind(WeightNorm, name), module._forward_pre_hooks.values())):
        raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    weight, hook = getattr(module, name), WeightNorm(name, -1 if dim is None else dim)
    if is_lazy(weight):
        raise ValueError(
            "The module passed to `WeightNorm` can't have uninitialized parameters. Make sure to "
            "run the dummy forward before applying weight normalization"
        )
    delattr(module, name)
    with no_grad():
        length = length_except(weight, hook.dim)
    module.register_parameter(name + "_g", Parameter(length))
    module.register_parameter(name + "_v", Parameter(wrap(weight.array)))
    hook(module, None)
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module, name: str = "weight"):
    """Make a weight that ``weight_norm`` split a parameter again.

    >>> import warnings; warnings.simplefilter("ignore")
    >>> layer = nn.utils.remove_weight_norm(nn.utils.weight_norm(nn.Linear(2, 2)))
    >>> [name for name, _ in layer.named_parameters()]
    ['bias', 'weight']
    """
    hooks = take_off(module, "forward_pre", of_kind(WeightNorm, name))
    if not hooks:
        raise ValueError(f"weight_norm of '{name}' not found in {module}")
    with no_grad():
        weight = hooks[0].compute_weight(module)
    for each in (name, name + "_g", name + "_v"):
        delattr(module, each)
    module.register_parameter(name, Parameter(weight))
    return module
