r"""Adaptive pooling: as many windows as the result is to have pixels, whatever the image.

The windows may overlap, and need not be equally large.
"""

import math

from ..backends.cuda import kernels, ours
from ..core import Array, Op
from ..dispatch import op
from ..dtypes import legacy_name
from ..tensors_only import tensors_only
from .dims import of_images, one_each, wrong_rank
from .gather import add_along
from .reduce import precise
from .shape import reshape


def bounds(size, count):
    """Give beginning and end of each of ``count`` windows over a dimension.

    >>> bounds(5, 3)
    [(0, 2), (1, 4), (3, 5)]
    """
    return [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


@op
class adaptive_avg_pool(Op):
    r"""Take the means of as many windows as the result is to have numbers.

    >>> adaptive_avg_pool(torch.tensor([[1., 3., 2., 6., 4.]]), (3,))
    tensor([[2.0000, 3.6667, 5.0000]])
    """

    formula = r"y_p = \frac{1}{b_p - a_p} \sum_{i=a_p}^{b_p-1} x_i"
    gradient = r"\bar x_i = \sum_{p:\ a_p \le i < b_p} \bar y_p / (b_p - a_p)"

    def forward(self, x: Array, sizes):
        self.old = x.shape[x.ndim - len(sizes) :]
        if ours(x) and len(sizes) < 3:
            return kernels().means_of_shares(x, sizes)
        y = precise(x)
        for axis, count in enumerate(sizes, x.ndim - len(sizes)):
            y = averaged(self.xp, y, axis, count)
        return y.astype(x.dtype) if x.dtype.char == "e" else y

    def backward(self, g):
        return adaptive_spread_mean(g, self.old)

    def name(self):
        """Give PyTorch's name of this node."""
        return f"AdaptiveAvgPool{len(self.old)}DBackward0"


@op
class adaptive_spread_mean(Op):
    r"""Share out what each window got: the gradient of the adaptive mean.

    >>> adaptive_spread_mean(torch.tensor([[2., 4.]]), (4,))
    tensor([[1., 1., 2., 2.]])
    """

    formula = r"x_i = \sum_{p:\ a_p \le i < b_p} y_p / (b_p - a_p)"
    gradient = r"\bar y_p = \frac{1}{b_p - a_p} \sum_{i=a_p}^{b_p-1} \bar x_i"

    def forward(self, y: Array, sizes):
        self.counts = y.shape[y.ndim - len(sizes) :]
        if ours(y) and len(sizes) < 3:
            return kernels().means_of_shares_back(y, sizes)
        for axis, size in enumerate(sizes, y.ndim - len(sizes)):
            y = shared_out(self.xp, y, axis, size)
        return y

    def backward(self, g):
        return adaptive_avg_pool(g, self.counts)


def averaged(xp, x, axis, count):
    """Take the means of ``count`` windows along one dimension."""
    size, x = x.shape[axis], x.swapaxes(axis, 0)
    y = xp.empty((count, *x.shape[1:]), x.dtype)
    for i, (a, b) in enumerate(bounds(size, count)):
        x[a:b].mean(0, out=y[i])
    return y.swapaxes(axis, 0)


def shared_out(xp, y, axis, size):
    """Share out the gradients of means along one dimension."""
    count, y = y.shape[axis], y.swapaxes(axis, 0)
    x = xp.zeros((size, *y.shape[1:]), y.dtype)
    for i, (a, b) in enumerate(bounds(size, count)):
        x[a:b] += y[i] / (b - a)
    return x.swapaxes(axis, 0)


@op
class chosen_max_pool(Op):
    r"""Keep the largest number of windows that stand anywhere, and its place.

    ``places`` has one entry for each dimension: the numbers along it that each window covers.

    >>> chosen_max_pool(torch.tensor([[1., 3., 2., 5.]]), [np.array([[0, 1, 2], [1, 2, 3]])])
    (tensor([[3., 5.]]), tensor([[1, 3]]))
    """

    formula = r"y_p = x_{k_p},\ k_p = \arg\max_{i \in P_p} x_i"
    gradient = r"\bar x_q = \sum_{p:\ k_p = q} \bar y_p"
    several, torch_name = True, "AdaptiveMaxPool2DBackward0"

    def forward(self, x: Array, places):
        self.old, self.dims, xp = x.shape, len(places), self.xp
        flat = _window_places(xp, places, x.shape[x.ndim - self.dims :])
        lead = x.shape[: x.ndim - self.dims]
        flat = xp.broadcast_to(flat, (*lead, *flat.shape[-self.dims - 1 :]))
        rows = x.reshape(*lead, math.prod(x.shape[len(lead) :]))
        each = flat.reshape(*lead, math.prod(flat.shape[len(lead) :]))
        seen = xp.take_along_axis(rows, each, -1).reshape(flat.shape)
        best = seen.argmax(-1)[..., None]
        if x.dtype.kind == "f":  # of several nan the last wins, as in PyTorch
            nan = xp.isnan(seen)
            last = seen.shape[-1] - 1 - nan[..., ::-1].argmax(-1)[..., None]
            best = xp.where(nan.any(-1)[..., None], last, best)
        self.indices = xp.take_along_axis(flat, best, -1)[..., 0]
        return xp.take_along_axis(seen, best, -1)[..., 0], self.indices

    def backward(self, g, indices):
        return scattered(g.filled(2)[0], indices, self.old, self.dims)


def _window_places(xp, places, sizes):
    """Number the pixels of every window: (1 or N, ..., counts, pixels in a window)."""
    dims = len(places)
    flat = 0
    for d, (where, size) in enumerate(zip(places, sizes)):
        where = xp.asarray(where)
        lead, (count, width) = where.shape[:-2], where.shape[-2:]
        line = (1,) * d + (count,) + (1,) * (dims - 1)
        line += (width,) + (1,) * (dims - 1 - d)
        flat = flat * size + where.reshape(*lead, *line)
    shape = flat.shape
    return flat.reshape(*shape[: len(shape) - dims], math.prod(shape[len(shape) - dims :]))


def scattered(g, indices, shape, dims):
    """Add numbers up at the places of an image that are given for each."""
    lead = shape[: len(shape) - dims]
    flat = (*lead, math.prod(g.shape[len(lead) :]))
    back = add_along(
        reshape(g, flat), len(lead), reshape(indices, flat), (*lead, math.prod(shape[len(lead) :]))
    )
    return reshape(back, shape)


# --- what learners call


def _sizes_asked(name, dims, input, output_size):
    """Check and complete the sizes asked for: None keeps the size of the input."""
    shape = input.array.shape
    wanted = one_each(output_size, dims)
    if dims == 1 and not of_images(shape, 1):
        raise wrong_rank(name, "self", "2 to 3 dimensions", shape)
    if dims > 1 and isinstance(output_size, (tuple, list)) and len(shape) <= len(wanted):
        raise ValueError(f"Input dimension should be at least {len(wanted) + 1}")
    if not of_images(shape, dims):
        got = f"got: {list(shape)}" if "max" in name else f"got {list(shape)}"
        raise RuntimeError(f"{name}(): Expected {dims + 1}D or {dims + 2}D tensor, but {got}")
    if len(wanted) != dims:
        one = f"{name}() argument 'output_size' should contain one int (got {len(wanted)})"
        raise RuntimeError(one if dims == 1 else f"{name}: output_size must be {dims}")
    sizes = tuple([n if w is None else w for w, n in zip(wanted, shape[-dims:])])
    if min(sizes) < 0:
        raise RuntimeError(
            f"{name}: elements of output_size must be greater than or equal to 0 but received "
            f"{list(sizes)}"
        )
    for d in range(len(shape) - dims, len(shape)):
        if not shape[d]:
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but "
                f"input has sizes {list(shape)} with dimension {d} being empty"
            )
    if input.array.dtype.kind != "f":
        kind = legacy_name(input.dtype)
        raise NotImplementedError(f"\"{name}\" not implemented for '{kind}': x.float() is")
    return sizes


def adaptive_avg_pool1d(input, output_size):
    """Take means so that ``output_size`` numbers are left of a sequence.

    >>> F.adaptive_avg_pool1d(torch.tensor([[[1., 3., 2., 6.]]]), 2)
    tensor([[[2., 4.]]])
    """
    return adaptive_avg_pool(input, _sizes_asked("adaptive_avg_pool1d", 1, input, output_size))


@tensors_only(asks="size")
def adaptive_avg_pool2d(input, output_size):
    """Take means so that an image of ``output_size`` is left, of any image.

    >>> F.adaptive_avg_pool2d(torch.ones(1, 8, 17, 13), (2, None)).shape
    torch.Size([1, 8, 2, 13])
    """
    return adaptive_avg_pool(input, _sizes_asked("adaptive_avg_pool2d", 2, input, output_size))


def adaptive_avg_pool3d(input, output_size):
    """Take means so that a volume of ``output_size`` is left, of any volume.

    >>> F.adaptive_avg_pool3d(torch.ones(1, 8, 5, 6, 7), 2).shape
    torch.Size([1, 8, 2, 2, 2])
    """
    return adaptive_avg_pool(input, _sizes_asked("adaptive_avg_pool3d", 3, input, output_size))


def _adaptive_max_pool(name, dims, input, output_size, return_indices):
    sizes = _sizes_asked(name, dims, input, output_size)
    xp = input.device.xp
    places = []
    for size, count in zip(input.array.shape[-dims:], sizes):
        limits = bounds(size, count)
        width = max((b - a for a, b in limits), default=1)
        start, end = [xp.asarray([ab[i] for ab in limits], "int64")[:, None] for i in (0, 1)]
        places.append(xp.minimum(start + xp.arange(width), end - 1))  # the last one, repeated
    found = chosen_max_pool(input, places)
    return found if return_indices else found[0]


def adaptive_max_pool1d(input, output_size, return_indices=False):
    """Keep the largest numbers so that ``output_size`` are left of a sequence.

    >>> F.adaptive_max_pool1d(torch.tensor([[[1., 3., 2., 6.]]]), 2)
    tensor([[[3., 6.]]])
    """
    return _adaptive_max_pool("adaptive_max_pool1d", 1, input, output_size, return_indices)


def adaptive_max_pool2d(input, output_size, return_indices=False):
    """Keep the brightest pixels so that an image of ``output_size`` is left.

    >>> F.adaptive_max_pool2d(torch.arange(9.).reshape(1, 1, 3, 3), 2)
    tensor([[[[4., 5.],
              [7., 8.]]]])
    """
    return _adaptive_max_pool("adaptive_max_pool2d", 2, input, output_size, return_indices)


def adaptive_max_pool3d(input, output_size, return_indices=False):
    """Keep the largest numbers so that a volume of ``output_size`` is left.

    >>> F.adaptive_max_pool3d(torch.arange(8.).reshape(1, 1, 2, 2, 2), 1)
    tensor([[[[[7.]]]]])
    """
    return _adaptive_max_pool("adaptive_max_pool3d", 3, input, output_size, return_indices)
