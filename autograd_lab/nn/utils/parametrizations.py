"""Ready-made parametrizations: weights with a length of their own, tamed, or at right angles."""

import functools

from ...core import Tensor, wrap
from ...creation import eye, zeros_like
from ...device import device_of, move
from ...grad_mode import no_grad
from ...ops import cat, diagonal, dot, matmul, mul, mv, reshape, sum, transpose, tril, vector_norm
from ...random import gaussian, randn
from .. import functional as F
from ..conv import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from ..module import Module
from .parametrize import register_parametrization


def _tensor_of(module, name):
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    return weight


# --- a length and a direction


def length_except(x, dim):
    """Measure the length of everything but one dimension, which stays; -1 means of all.

    >>> length_except(torch.tensor([[3., 4.], [0., 2.]]), 0)
    tensor([[5.],
            [2.]])
    """
    if dim == -1:
        return vector_norm(x)
    return vector_norm(x, 2, tuple(d for d in range(x.ndim) if d != dim % x.ndim), True)


def with_length(direction, length, dim):
    """Give a weight of this direction and this length.

    >>> with_length(torch.tensor([[3., 4.]]), torch.tensor([[10.]]), 0)
    tensor([[6., 8.]])
    """
    return direction * (length / length_except(direction, dim))


class _WeightNorm(Module):
    """Multiply a direction by a length."""

    def __init__(self, dim: int | None = 0):
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g, weight_v):
        """Give the weight of this length and this direction."""
        return with_length(weight_v, weight_g, self.dim)

    def right_inverse(self, weight):
        """Give the length of a weight, and the weight itself as its direction."""
        return length_except(weight, self.dim), weight


def weight_norm(module, name: str = "weight", dim: int | None = 0):
    """Learn the length of a weight's rows apart from their direction.

    >>> layer = weight_norm(nn.Linear(20, 40))
    >>> layer.parametrizations.weight.original0.shape  # the lengths
    torch.Size([40, 1])
    """
    register_parametrization(module, name, _WeightNorm(dim), unsafe=True)
    module._register_load_state_dict_pre_hook(functools.partial(_from_old_form, name))
    return module


def _from_old_form(name, state_dict, prefix, *_):
    """Let a state_dict that the older ``weight_norm`` made be loaded too."""
    for old, new in (("g", "0"), ("v", "1")):
        key = f"{prefix}{name}_{old}"
        if key in state_dict:
            state_dict[f"{prefix}parametrizations.{name}.original{new}"] = state_dict.pop(key)


# --- the largest stretch


def as_matrix(weight, dim):
    """Lay a weight out as a matrix with one row for each place along a dimension.

    >>> as_matrix(torch.ones(2, 3, 4), 1).shape
    torch.Size([3, 8])
    """
    return reshape(transpose(weight, 0, dim) if dim else weight, (weight.shape[dim], -1))


def improve(matrix, u, v, steps, eps) -> None:
    """Bring u and v nearer to the directions of a matrix's largest stretch, in place.

    >>> u, v = torch.tensor([0.6, 0.8]), torch.tensor([1., 0.])
    >>> improve(torch.tensor([[2., 0.], [0., 1.]]), u, v, 60, 1e-12)
    >>> u
    tensor([1., 0.])
    """
    with no_grad():
        for _ in range(steps):
            u.write(F.normalize(mv(matrix, v), dim=0, eps=eps))
            v.write(F.normalize(mv(transpose(matrix, 0, 1), u), dim=0, eps=eps))


def random_direction(size, like):
    """Draw a vector of length 1.

    >>> round(random_direction(3, torch.ones(1)).norm().item(), 3)
    1.0
    """
    drawn = move(gaussian((size,), like.dtype), device_of(like.array))
    return F.normalize(wrap(drawn), dim=0, eps=1e-12)


def transposed(module) -> bool:
    """Say whether a layer's weight has its outputs in dimension 1.

    >>> transposed(nn.ConvTranspose1d(2, 3, 3))
    True
    """
    return isinstance(module, ConvTranspose1d | ConvTranspose2d | ConvTranspose3d)


class _SpectralNorm(Module):
    """Divide a weight by its largest stretch, which is found step by step while training."""

    def __init__(self, weight, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12):
        super().__init__()
        if not -weight.ndim <= dim < weight.ndim:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [-{weight.ndim}, "
                f"{weight.ndim - 1}] but got {dim})"
            )
        if n_power_iterations <= 0:
            raise ValueError(
                "Expected n_power_iterations to be positive, but got n_power_iterations="
                f"{n_power_iterations}"
            )
        self.dim, self.eps = dim % weight.ndim, eps
        if weight.ndim > 1:
            self.n_power_iterations = n_power_iterations
            matrix = as_matrix(weight.detach(), self.dim)
            self.register_buffer("_u", random_direction(matrix.shape[0], weight))
            self.register_buffer("_v", random_direction(matrix.shape[1], weight))
            improve(matrix, self._u, self._v, 15, eps)

    def forward(self, weight):
        """Give the weight with a largest stretch of 1."""
        if weight.ndim == 1:
            return F.normalize(weight, dim=0, eps=self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            improve(matrix, self._u, self._v, self.n_power_iterations, self.eps)
        return weight / dot(self._u.clone(), mv(matrix, self._v.clone()))

    def right_inverse(self, value):
        """Take any weight as it is."""
        return value


def spectral_norm(
    module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim=None
):
    """Keep a weight from stretching any vector to more than its length.

    >>> layer = spectral_norm(nn.Linear(20, 40)).eval()
    >>> round(torch.linalg.matrix_norm(layer.weight, 2).item(), 1)
    1.0
    """
    weight = _tensor_of(module, name)
    dim = int(transposed(module)) if dim is None else dim
    part = _SpectralNorm(weight, n_power_iterations, dim, eps)
    return register_parametrization(module, name, part)


# --- right angles


MAPS = ("matrix_exp", "cayley", "householder")


class _Orthogonal(Module):
    """Turn a matrix into one whose columns (or rows, if it is wide) are at right angles."""

    def __init__(self, weight, orthogonal_map: str, *, use_trivialization: bool = True):
        super().__init__()
        if weight.dtype.is_complex and orthogonal_map == "householder":
            raise ValueError("The householder parametrization does not support complex tensors.")
        self.shape, self.orthogonal_map = weight.shape, orthogonal_map
        self.trivialized = use_trivialization
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X):
        """Give the matrix that the numbers of X stand for."""
        wide = X.shape[-2] < X.shape[-1]
        X = X.mT if wide else X
        Q = _reflected(X) if self.orthogonal_map == "householder" else self._turned(X)
        if self.trivialized:
            Q = matmul(self.base, Q)
        return Q.mT if wide else Q

    def _turned(self, X):
        """Make a rotation from a matrix that is its own negative when mirrored."""
        from ...linalg import matrix_exp, solve  # large: only who wants right angles waits for it

        n, k = X.shape[-2:]
        X = tril(X)
        if n != k:
            X = cat([X, X.new_zeros((*X.shape[:-1], n - k))], -1)
        A = X - X.mH
        if self.orthogonal_map == "matrix_exp":
            return matrix_exp(A)[..., :k]
        one = eye(n, dtype=A.dtype, device=A.device)
        return solve(one - 0.5 * A, one + 0.5 * A)[..., :k]

    def right_inverse(self, Q):
        """Find numbers that stand for Q, or for the nearest matrix with right angles."""
        if Q.shape != self.shape:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of "
                f"shape {Q.shape}."
            )
        with no_grad():
            wide = Q.shape[-2] < Q.shape[-1]
            tall = Q.mT if wide else Q
            if not self.trivialized:
                return self._reflections(tall, wide)
            self.base = _completed(tall)
            start = zeros_like(Q)
            diagonal(start, 0, -2, -1).fill_(-1)
            return start

    def _reflections(self, Q, wide):
        if self.orthogonal_map != "householder":
            raise NotImplementedError(
                "It is not possible to assign to the matrix exponential or the Cayley "
                "parametrizations when use_trivialization=False."
            )
        raw, tau = Q.device.xp.linalg.qr(Q.array, mode="raw")
        found, tau = wrap(raw).mT.clone(), wrap(tau)
        middle = diagonal(found, 0, -2, -1)
        middle.write(middle.sign() * (1 - 2 * (tau == 0)))
        return found.mT if wide else found


def _reflected(X):
    """Multiply mirrors, one for each column; the diagonal says which of them to turn round."""
    from ...linalg import householder_product

    A = tril(X, -1)
    tau = 2 / (1 + sum(A * A, -2))
    signs = diagonal(X.detach(), 0, -2, -1).trunc()
    return mul(householder_product(A, tau), signs.unsqueeze(-2))


def _completed(Q):
    """Add columns until the matrix is square, and make all of them stand at right angles."""
    n, k = Q.shape[-2:]
    if n == k and _is_orthogonal(Q):
        return Q.clone()
    if n > k:
        drawn = randn((*Q.shape[:-1], n - k), dtype=Q.dtype, device=Q.device)
        Q = cat([Q, drawn], -1)
    q, r = Q.device.xp.linalg.qr(Q.array)
    return wrap(q) * diagonal(wrap(r), 0, -2, -1).sgn().unsqueeze(-2)


def _is_orthogonal(Q) -> bool:
    one = eye(Q.shape[-1], dtype=Q.dtype, device=Q.device)
    tiny = 10 * Q.shape[-1] * Q.device.xp.finfo(Q.array.dtype).eps
    return bool(((matmul(Q.mH, Q) - one).abs() <= tiny).all())


def orthogonal(
    module, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization=True
):
    """Keep the columns of a weight (or its rows, if it is wide) at right angles, of length 1.

    >>> layer = orthogonal(nn.Linear(3, 3))
    >>> torch.allclose(layer.weight @ layer.weight.T, torch.eye(3), atol=1e-5)
    True
    """
    weight = _tensor_of(module, name)
    if weight.ndim < 2:
        raise ValueError(
            f"Expected a matrix or batch of matrices. Got a tensor of {weight.ndim} dimensions."
        )
    if orthogonal_map is None:
        square = weight.shape[-2] == weight.shape[-1] or weight.dtype.is_complex
        orthogonal_map = "matrix_exp" if square else "householder"
    if orthogonal_map not in MAPS:
        raise ValueError(
            'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: '
            f"{orthogonal_map}"
        )
    part = _Orthogonal(weight, orthogonal_map, use_trivialization=use_trivialization)
    return register_parametrization(module, name, part, unsafe=True)
