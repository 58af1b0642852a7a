"""How far apart are vectors, and in how different directions do they point?"""

from ..core import Array, Op
from ..dispatch import op
from ..dtypes import legacy_name
from ..general import result_type
from ..tensors_only import tensors_only
from .compare import clamp_min
from .linalg import matmul
from .norms import norm
from .reduce import nothing_where, sum, vector_norm
from .shape import broadcast_shapes, broadcast_tensors, expand, swapped, to, unsqueeze
from .table import index_select, triu_indices


@tensors_only
def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """Tell the cosine of the angle between vectors: 1 if they point the same way.

    >>> F.cosine_similarity(torch.tensor([[1., 0.]]), torch.tensor([[1., 1.]]))
    tensor([0.7071])
    """
    common = result_type(x1, x2)
    if not common.is_floating_point:
        raise RuntimeError(
            "expected common dtype to be floating point, yet common dtype is "
            f"{legacy_name(common)}"
        )
    x1, x2 = broadcast_tensors(to(x1, common), to(x2, common))
    lengths = [clamp_min(vector_norm(x, 2, dim, keepdim=True), eps) for x in (x1, x2)]
    return sum((x1 / lengths[0]) * (x2 / lengths[1]), dim)


@tensors_only
def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """Tell the distance between vectors, row by row.

    >>> F.pairwise_distance(torch.tensor([[0., 0.]]), torch.tensor([[3., 4.]]))
    tensor([5.0000])
    """
    return norm(x1 - x2 + eps, p, -1, keepdim)


# --- all with all


@op
class euclidean(Op):
    r"""Tell the distances between all rows of one matrix and all rows of another.

    The product of the two matrices does the work: $|a-b|^2 = |a|^2 + |b|^2 - 2\, a \cdot b$.

    >>> euclidean(torch.tensor([[0., 0.], [3., 0.]]), torch.tensor([[3., 4.]]))
    tensor([[5.],
            [4.]])
    """

    formula = r"y_{ij} = |a_i - b_j|"
    gradient = (
        r"\bar a_i = \sum_j w_{ij} (a_i - b_j),\quad \bar b_j = \sum_i w_{ij} (b_j - a_i),\quad "
        r"w_{ij} = \bar y_{ij} / y_{ij}"
    )
    torch_name = "EuclideanDistBackward0"

    def forward(self, a: Array, b: Array):
        xp = self.xp
        square = xp.matmul(a, xp.swapaxes(b, -1, -2))
        square *= -2
        square += (a * a).sum(-1, keepdims=True)
        square += xp.swapaxes((b * b).sum(-1, keepdims=True), -1, -2)
        return xp.sqrt(xp.maximum(square, 0))

    def backward_a(self, g, a, b, y):
        w = nothing_where(y == 0, g / y)
        return sum(w, -1, True) * a - matmul(w, b)

    def backward_b(self, g, a, b, y):
        w = swapped(nothing_where(y == 0, g / y))
        return sum(w, -1, True) * b - matmul(w, a)


MODES = (
    "use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist",
    "donot_use_mm_for_euclid_dist",
)  # fmt: skip


@tensors_only
def cdist(x1, x2, p=2.0, compute_mode=MODES[0]):
    """Tell the distances between all rows of one matrix and all rows of another.

    >>> torch.cdist(torch.tensor([[0., 0.], [3., 0.]]), torch.tensor([[3., 4.]]))
    tensor([[5.],
            [4.]])
    """
    compute_mode = MODES[0] if compute_mode is None else compute_mode
    if compute_mode not in MODES:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    x1, x2 = _checked(x1, x2, p)
    many = compute_mode == MODES[0] and max(x1.shape[-2], x2.shape[-2]) > 25
    if p == 2 and 0 not in x1.shape and (many or compute_mode == MODES[1]):
        return euclidean(x1, x2)
    if x1.shape[-1] == 0:
        return sum(unsqueeze(x1, -2) - unsqueeze(x2, -3), -1)
    return vector_norm(unsqueeze(x1, -2) - unsqueeze(x2, -3), float(p), -1)


def _checked(x1, x2, p):
    """Raise PyTorch's errors; give two stacks of matrices that are equally high."""
    for name, x in (("X1", x1), ("X2", x2)):
        if not x.dtype.is_floating_point:
            raise RuntimeError(
                f"cdist only supports floating-point dtypes, {name} got: {legacy_name(x.dtype)}"
            )
        if x.ndim < 2:
            raise RuntimeError(
                f"cdist only supports at least 2D tensors, {name} got: {x.ndim}D"
            )
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: "
            f"{x2.shape[-1]}"
        )
    if not p >= 0:
        raise RuntimeError("cdist only supports non-negative p values")
    if x1.shape[:-2] == x2.shape[:-2]:
        return x1, x2
    lead = broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
    return tuple([expand(x, (*lead, *x.shape[-2:])) for x in (x1, x2)])


def pdist(input, p=2.0):
    """Tell the distances between all pairs of rows: 1 and 2, 1 and 3, ... 2 and 3, ...

    >>> F.pdist(torch.tensor([[0., 0.], [3., 4.], [3., 0.]]))
    tensor([5., 3., 4.])
    """
    if input.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input.ndim}D")
    if not input.dtype.is_floating_point:
        raise RuntimeError("pdist only supports floating-point dtypes")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    first, second = triu_indices(len(input), len(input), 1, device=input.device)
    away = index_select(input, 0, first) - index_select(input, 0, second)
    return vector_norm(away, float(p), -1) if 0 not in away.shape else sum(away, -1)
