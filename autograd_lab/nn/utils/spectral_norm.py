"""Spectral normalisation as it was before parametrizations: by a hook before every forward."""

from ...grad_mode import no_grad
from ...ops import dot, mv, transpose
from ..hooks import of_kind, take_off
from ..parameter import Parameter, is_lazy
from .parametrizations import as_matrix, improve, random_direction, transposed


class SpectralNorm:
    """A hook that divides a weight by its largest stretch, found step by step while training."""

    def __init__(self, name: str, n_power_iterations: int, dim: int, eps: float):
        if n_power_iterations <= 0:
            raise ValueError(
                "Expected n_power_iterations to be positive, but got n_power_iterations="
                f"{n_power_iterations}"
            )
        self.name, self.dim, self.eps = name, dim, eps
        self.n_power_iterations = n_power_iterations

    def compute_weight(self, module, do_power_iteration: bool):
        """Divide the original weight by its largest stretch."""
        weight = getattr(module, self.name + "_orig")
        u, v = getattr(module, self.name + "_u"), getattr(module, self.name + "_v")
        matrix = as_matrix(weight, self.dim)
        if do_power_iteration:
            turned = transpose(matrix, 0, 1)  # v comes first here, u in the newer form
            improve(turned, v, u, self.n_power_iterations, self.eps)
        return weight / dot(u.clone(), mv(matrix, v.clone()))

    def __call__(self, module, inputs):
        setattr(module, self.name, self.compute_weight(module, module.training))


def spectral_norm(
    module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim=None
):
    """Keep a weight from stretching vectors; ``parametrizations.spectral_norm`` is the newer way.

    >>> layer = nn.utils.spectral_norm(nn.Linear(20, 40))
    >>> layer.weight_u.shape, layer.weight_orig.shape
    (torch.Size([40]), torch.Size([40, 20]))
    """
    if any(map(of_kind(SpectralNorm, name), module._forward_pre_hooks.values())):
        raise RuntimeError(
            f"Cannot register two spectral_norm hooks on the same parameter {name}"
        )
    hook = SpectralNorm(name, n_power_iterations, int(transposed(module)) if dim is None else dim,
                        eps)  # fmt: skip
    weight = getattr(module, name)
    if weight is None:
        raise ValueError(f"`SpectralNorm` cannot be applied as parameter `{name}` is None")
    if is_lazy(weight):
        raise ValueError(
            "The module passed to `SpectralNorm` can't have uninitialized parameters. Make sure to "
            "run the dummy forward before applying spectral normalization"
        )
    rows, columns = as_matrix(weight.detach(), hook.dim).shape
    delattr(module, name)
    module.register_parameter(name + "_orig", weight)
    setattr(module, name, weight.data)  # until the first forward: a tensor that is no parameter
    module.register_buffer(name + "_u", random_direction(rows, weight))
    module.register_buffer(name + "_v", random_direction(columns, weight))
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module, name: str = "weight"):
    """Make a weight that ``spectral_norm`` tamed a parameter again.

    >>> layer = nn.utils.remove_spectral_norm(nn.utils.spectral_norm(nn.Linear(2, 2)))
    >>> [name for name, _ in layer.named_parameters()]
    ['bias', 'weight']
    """
    hooks = take_off(module, "forward_pre", of_kind(SpectralNorm, name))
    if not hooks:
        raise ValueError(f"spectral_norm of '{name}' not found in {module}")
    with no_grad():
        weight = hooks[0].compute_weight(module, False)
    for end in ("", "_u", "_v", "_orig"):
        delattr(module, name + end)
    module.register_parameter(name, Parameter(weight.detach()))
    return module
