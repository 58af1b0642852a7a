"""Pick and write along one dimension, each element at a place of its own: gather and scatter."""

import math

from .. import dtypes
from ..core import OPS, Array, Op, Tensor, wrap
from ..dispatch import op
from ..general import same_device
from .compare import as_kind
from .dims import along, whole
from .join import pad
from .reduce import precise
from .shape import broadcast_shapes, expand, reshape, to
from .spelling import with_out
from .table import PLACES, check_places, combine_at


def flat_along(xp, shape, dim, index):
    """Give each entry of ``index`` its place in a flat array of ``shape``."""
    if not index.size:
        return index.reshape(-1).astype("int64")
    index = index if index.ndim else index.reshape(1)
    flat, step = 0, 1
    for d in range(len(shape) - 1, -1, -1):
        if d == dim:
            flat = flat + index * step
        elif index.shape[d] > 1:
            line = (1,) * d + (-1,) + (1,) * (len(shape) - d - 1)
            flat = flat + (xp.arange(index.shape[d]) * step).reshape(line)
        step *= shape[d]
    return flat


def _check_along(name, shape, dim, index, source=None):
    if index.size and index.dtype not in PLACES:
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index")
    if max(index.ndim, 1) != max(len(shape), 1) and (index.size or name != "gather"):
        raise RuntimeError(
            "Index tensor must have the same number of dimensions as "
            f"{'input' if name == 'gather' else 'self'} tensor"
        )
    if not index.size:
        return
    sizes = enumerate(zip(index.shape, shape))
    wrong = [i for i, (n, m) in sizes if n > m and i != dim]
    source = None if getattr(source, "shape", None) is None else source
    if wrong and name == "gather":
        raise RuntimeError(
            f"Size does not match at dimension {wrong[0]} expected index {list(index.shape)} to be "
            f"no larger than self {list(shape)} apart from dimension {dim}"
        )
    if wrong and source is None:
        raise RuntimeError(
            f"Expected index {list(index.shape)} to be no larger than self {list(shape)} apart "
            f"from dimension {dim}"
        )
    if source is not None:
        if max(source.ndim, 1) != max(index.ndim, 1):
            raise RuntimeError(
                "Index tensor must have the same number of dimensions as src tensor"
            )
        if wrong or any(n > m for n, m in zip(index.shape, source.shape)):
            raise RuntimeError(
                f"Expected index {list(index.shape)} to be no larger than self {list(shape)} apart "
                f"from dimension {dim} and to be no larger size than src {list(source.shape)}"
            )
    check_places(index, (shape or (1,))[dim], dim, 0, RuntimeError)


@op
class gather(Op):
    r"""Pick one entry for each entry of an index tensor, along a dimension.

    >>> torch.gather(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([[0], [1]]))
    tensor([[1],
            [4]])
    """

    formula = r"y_{ij} = x_{i, k_{ij}}"
    gradient = r"\bar x_{ik} = \sum_{j: k_{ij} = k} \bar y_{ij}"
    exact_out = apart_out = True

    def forward(self, x: Array, dim, index: Array, sparse_grad=False):
        self.old, self.dim = x.shape, whole(dim, x.ndim)
        _check_along("gather", x.shape, self.dim, index)
        if not index.size:
            return self.xp.zeros(index.shape, x.dtype)
        flat = flat_along(self.xp, x.shape or (1,), self.dim, index)
        return x.reshape(-1)[flat].reshape(index.shape)

    def backward_x(self, g, index):
        return add_along(g, self.dim, index, self.old)


@op
class add_along(Op):
    r"""Add values into zeros, each at its place: the gradient of gather.

    >>> add_along(torch.tensor([[1.], [2.]]), 1, torch.tensor([[0], [1]]), (2, 2))
    tensor([[1., 0.],
            [0., 2.]])
    """

    formula = r"y_{ik} = \sum_{j: k_{ij} = k} x_{ij}"
    gradient = r"\bar x_{ij} = \bar y_{i, k_{ij}}"

    def forward(self, x: Array, dim, index: Array, shape):
        self.dim = dim
        y = self.xp.zeros(math.prod(shape), x.dtype)
        self.xp.add.at(y, flat_along(self.xp, shape or (1,), dim, index).reshape(-1), x.reshape(-1))
        return y.reshape(shape)

    def backward_x(self, g, index):
        return gather(g, self.dim, index)


def _opened(xp, x, dim, index):
    """Copy a tensor into one row, and say where in the row each entry of the index points."""
    return x.reshape(-1).copy(), flat_along(xp, x.shape or (1,), dim, index).reshape(-1)


def _cut_to(x, shape):
    """Leave out what an index tensor does not reach."""
    if getattr(x, "shape", None) in (None, shape) or not getattr(x, "ndim", 0):
        return x
    return x[tuple([slice(n) for n in shape])]


@op
class scatter(Op):
    r"""Write values to places along a dimension: the opposite of gather.

    >>> torch.scatter(torch.zeros(2, 2), 1, torch.tensor([[0], [1]]), 5.0)
    tensor([[5., 0.],
            [0., 5.]])
    """

    formula = r"y = x,\quad y_{i, k_{ij}} = s_{ij}"
    gradient = r"\bar x = \bar y,\ \bar x_{i, k_{ij}} = 0,\quad \bar s_{ij} = \bar y_{i, k_{ij}}"

    def forward(self, x: Array, dim, index: Array, src: Array):
        self.dim, self.shape = whole(dim, x.ndim), getattr(src, "shape", ())
        _check_along("scatter", x.shape, self.dim, index, src)
        if hasattr(src, "dtype") and src.dtype != x.dtype:
            raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
        y, flat = _opened(self.xp, x, self.dim, index)
        if index.size:
            one = not self.shape
            y[flat] = as_kind(x, src) if one else _cut_to(src, index.shape or (1,)).reshape(-1)
        return y.reshape(x.shape)

    def backward_x(self, g, index):
        return scatter(g, self.dim, index, 0)

    def backward_src(self, g, index):
        return _grown(gather(g, self.dim, index), self.shape)

    @staticmethod
    def also(x=None, dim=0, index=None, src=None, *, value=None, reduce=None):
        src = src if value is None else value
        if reduce is None:
            return scatter(x, dim, index, src)
        if reduce not in ("add", "multiply"):
            raise RuntimeError("reduce argument must be either add or multiply.")
        if not isinstance(src, Tensor):
            src = wrap(x.device.xp.full(index.shape, src, x.array.dtype))
        if reduce == "add":
            return scatter_add(x, dim, index, src)
        return scatter_reduce(x, dim, index, src, "prod")


def _grown(g, shape):
    """Give zeros to what an index tensor did not reach."""
    if tuple(g.shape) == tuple(shape):
        return g
    if len(g.shape) != len(shape):
        return reshape(g, shape)
    return pad(g, tuple([w for n, m in zip(g.shape[::-1], shape[::-1]) for w in (0, m - n)]))


@op
class scatter_add(Op):
    r"""Add values to places along a dimension; several may meet in one place.

    >>> torch.scatter_add(torch.zeros(3), 0, torch.tensor([0, 0, 2]), torch.tensor([1., 2., 5.]))
    tensor([3., 0., 5.])
    """

    formula = r"y_{ik} = x_{ik} + \sum_{j: k_{ij} = k} s_{ij}"
    gradient = r"\bar x = \bar y,\quad \bar s_{ij} = \bar y_{i, k_{ij}}"

    def forward(self, x: Array, dim, index: Array, src: Array):
        self.dim, self.shape = whole(dim, x.ndim), src.shape
        _check_along("scatter", x.shape, self.dim, index, src)
        if src.dtype != x.dtype:
            raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
        y, flat = _opened(self.xp, precise(x), self.dim, index)
        combine_at(self.xp.add, y, flat, _cut_to(src, index.shape).reshape(-1)[: flat.size])
        return (y.astype(x.dtype) if x.dtype.char == "e" else y).reshape(x.shape)

    def backward_x(self, g):
        return g

    def backward_src(self, g, index):
        return _grown(gather(g, self.dim, index), self.shape)


@op
class scatter_prod(Op):
    r"""Multiply the values at places along a dimension.

    >>> scatter_prod(torch.ones(2), 0, torch.tensor([0, 0]), torch.tensor([2., 3.]))
    tensor([6., 1.])
    """

    formula = r"y_{ik} = x_{ik} \prod_{j: k_{ij} = k} s_{ij}"
    gradient = (
        r"\bar x = \bar y \odot y / x,\quad "
        r"\bar s_{ij} = (\bar y \odot y)_{i, k_{ij}} / s_{ij}"
    )
    torch_name = "ScatterReduceBackward0"

    def forward(self, x: Array, dim, index: Array, src: Array):
        self.dim = dim
        y, flat = _opened(self.xp, x, dim, index)
        if not flat.size:
            return y.reshape(x.shape)
        places, products, last = _products(self.xp, flat, src.reshape(-1))
        y = self.xp.append(y, y.dtype.type(1))  # where the unfinished products go
        y[self.xp.where(last, places, y.size - 1)] *= products
        return y[:-1].reshape(x.shape)

    def backward(self, g, x, index, src):
        fill, dim = OPS["masked_fill"], self.dim
        no_x, no_src = x == 0, src == 0  # nobody can divide by these
        some_x, some_src = fill(x, no_x, 1), fill(src, no_src, 1)
        to_x = g * scatter_prod(some_x, dim, index, src) / some_x
        lone = scatter_add(to(x * 0, x.dtype), dim, index, to(no_src, src.dtype))
        lone = gather(lone, dim, index) == 1
        to_src = gather(g * scatter_prod(x, dim, index, src), dim, index) / some_src
        without = gather(g * scatter_prod(x, dim, index, some_src), dim, index)
        return to_x, None, OPS["where"](no_src & lone, without, to_src)


def _products(xp, places, values):
    """Multiply what belongs to one place: in order of the places, twice as far with every step."""
    order = xp.argsort(places)
    places, values = places[order], values[order]
    step = 1
    while step < places.size:
        earlier = xp.where(places[step:] == places[:-step], values[:-step], values.dtype.type(1))
        values[step:] *= earlier
        step *= 2
    last = xp.ones(places.shape, "bool")
    last[:-1] = places[1:] != places[:-1]
    return places, values, last


@op
class scatter_extreme(Op):
    r"""Take the largest (or smallest) of the values that meet at a place.

    >>> scatter_extreme(torch.zeros(2), 0, torch.tensor([0, 0]), torch.tensor([2., 3.]))
    tensor([3., 0.])
    """

    formula = r"y_{ik} = \max(x_{ik}, \max_{j: k_{ij} = k} s_{ij})"
    gradient = r"\bar y_{ik} \text{ goes, in equal shares, to all who reach } y_{ik}"
    torch_name = "ScatterReduceBackward0"

    def forward(self, x: Array, dim, index: Array, src: Array, largest=True):
        self.dim = dim
        y, flat = _opened(self.xp, x, dim, index)
        extreme = self.xp.maximum if largest else self.xp.minimum
        combine_at(extreme, y, flat, src.reshape(-1))
        return y.reshape(x.shape)

    def backward(self, g, x, index, src, y):
        is_x, is_src = to(x == y, g.dtype), to(src == gather(y, self.dim, index), g.dtype)
        share = g / scatter_add(is_x, self.dim, index, is_src)
        return is_x * share, None, is_src * gather(share, self.dim, index)


@with_out
def scatter_reduce(input, dim, index, src, reduce, *, include_self=True):
    """Combine the values that meet at a place along a dimension: sum, prod, mean, amax, amin.

    >>> places = torch.tensor([0, 0, 1])
    >>> torch.scatter_reduce(torch.zeros(2), 0, places, torch.tensor([1., 5., 2.]), "amax")
    tensor([5., 2.])
    """
    if reduce not in ("sum", "prod", "mean", "amax", "amin"):
        raise RuntimeError(
            f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}"
        )
    if src.dtype is not input.dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    dim = whole(dim, input.ndim)
    _check_along("scatter", input.array.shape, dim, index.array, src.array)
    src = _cut_to(src, index.array.shape) if index.numel() else src
    start = input if include_self else scatter(input, dim, index, _neutral(reduce, input))
    if reduce == "sum":
        return scatter_add(start, dim, index, src)
    if reduce == "mean":
        return _scattered_mean(start, dim, index, src, include_self)
    if reduce == "prod":
        return scatter_prod(start, dim, index, src)
    return scatter_extreme(start, dim, index, src, reduce == "amax")


@with_out
def index_reduce(input, dim, index, source, reduce, *, include_self=True):
    """Combine the rows of ``source`` that go to the same row: prod, mean, amax, amin.

    >>> rows = torch.tensor([0, 0, 1])
    >>> torch.index_reduce(torch.zeros(2), 0, rows, torch.tensor([1., 5., 2.]), "amax")
    tensor([5., 2.])
    """
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(
            "index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got "
            f"{reduce}."
        )
    _, (input, index, source) = same_device(index_reduce, (input, index, source))
    dim = whole(dim, input.ndim)
    if not input.ndim:
        wide = reshape(input, (1,))
        y = index_reduce(wide, 0, index, reshape(source, (-1,)), reduce, include_self=include_self)
        return reshape(y, ())
    line = (1,) * dim + (-1,) + (1,) * (input.ndim - dim - 1)
    places = input.device.xp.broadcast_to(index.array.reshape(line), source.array.shape)
    places = wrap(places.astype("int64"))
    return scatter_reduce(input, dim, places, source, reduce, include_self=include_self)


def _neutral(reduce, input):
    """Give the number that changes nothing."""
    if reduce in ("sum", "mean"):
        return 0
    if reduce == "prod":
        return 1
    if input.dtype.is_floating_point:
        return -math.inf if reduce == "amax" else math.inf
    if input.dtype is dtypes.bool:
        return reduce == "amin"
    limits = input.device.xp.iinfo(input.array.dtype)
    return int(limits.min if reduce == "amax" else limits.max)


def _scattered_mean(start, dim, index, src, include_self):
    total = scatter_add(start, dim, index, src)
    xp = start.device.xp
    once = wrap(xp.ones(index.array.shape, start.array.dtype))
    count = wrap((xp.ones if include_self else xp.zeros)(start.array.shape, start.array.dtype))
    count = scatter_add(count, dim, index, once)
    count = wrap(xp.maximum(count.array, count.array.dtype.type(1)))
    if start.dtype.rank < dtypes.FLOATING:
        return OPS["floor_divide"](total, count)
    return total / count


@with_out
def take_along_dim(input, indices, dim=None):
    """Pick along a dimension, as ``argsort`` or ``argmax`` say; shapes broadcast.

    >>> x = torch.tensor([[3, 1], [2, 4]])
    >>> torch.take_along_dim(x, x.argmax(1, keepdim=True), 1)
    tensor([[3],
            [4]])
    """
    if indices.dtype is not dtypes.int64:
        raise RuntimeError(
            "torch.take_along_dim(): dtype of indices should be Long but got "
            f"{indices.dtype.name}"
        )
    if dim is None:
        return gather(reshape(input, (-1,)), 0, reshape(indices, (-1,)))
    if input.ndim != indices.ndim:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, "
            f"but got {input.ndim} dimensions for input, and {indices.ndim} dimensions for indices"
        )
    dim = whole(dim, input.ndim)
    one = along(dim, slice(0, 1))
    shape = list(broadcast_shapes(input.array[one].shape, indices.array[one].shape))
    fitted = [
        expand(x, (*shape[:dim], x.array.shape[dim], *shape[dim + 1 :])) for x in (input, indices)
    ]
    wrapped = fitted[1] + to(fitted[1] < 0, fitted[1].dtype) * input.array.shape[dim]
    return gather(fitted[0], dim, wrapped)
