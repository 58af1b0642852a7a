"""Areas and slopes of curves that are known at some points only."""

from ..core import Tensor, wrap
from .dims import along, chosen, whole
from .join import cat
from .reduce import sum
from .scan import cumsum
from .shape import reshape
from .table import pick


def trapezoid(y, x=None, *, dx=None, dim=-1):
    """Give the area under a curve, straight lines drawn from point to point.

    >>> torch.trapezoid(torch.tensor([1., 2., 3.]))
    tensor(4.)
    """
    if x is None and y.ndim and y.shape[dim]:  # the ends belong to one slice, all others to two
        ends = pick(y, along(whole(dim, y.ndim), 0)) + pick(y, along(whole(dim, y.ndim), -1))
        return (sum(y, dim) - ends * 0.5) * (1 if dx is None else dx)
    slices, steps, dim = _slices("trapezoid", y, x, dx, dim)
    return sum(slices * steps, dim) / 2


def trapz(y, x=None, *, dx=None, dim=-1):
    """Give the area under a curve: the old name of ``trapezoid``.

    >>> torch.trapz(torch.tensor([1., 2., 3.]))
    tensor(4.)
    """
    return trapezoid(y, x, dx=dx, dim=dim)


def cumulative_trapezoid(y, x=None, *, dx=None, dim=-1):
    """Give the area under a curve up to each of its points.

    >>> torch.cumulative_trapezoid(torch.tensor([1., 2., 3.]))
    tensor([1.5000, 4.0000])
    """
    slices, steps, dim = _slices("cumulative_trapezoid", y, x, dx, dim)
    return cumsum(slices * steps, dim) / 2


def _slices(name, y, x, dx, dim):
    """Give twice the height of every slice, how wide it is, and the dimension."""
    if x is not None and dx is not None:
        raise TypeError(f"{name}() received an invalid combination of arguments: x and dx")
    dim = whole(dim, y.ndim)
    after, before = along(dim, slice(1, None)), along(dim, slice(None, -1))
    slices = pick(y, after) + pick(y, before)
    if x is None:
        return slices, 1 if dx is None else dx, dim
    if x.ndim == 1:
        if x.shape[0] != y.shape[dim]:
            raise RuntimeError(
                f"{name}(): There must be one `x` value for each sample point: {x.shape[0]} of x, "
                f"{y.shape[dim]} of y"
            )
        x = reshape(x, (-1,) + (1,) * (y.ndim - 1 - dim))
    place = dim - y.ndim + x.ndim
    after, before = along(place, slice(1, None)), along(place, slice(None, -1))
    return slices, pick(x, after) - pick(x, before), dim


def gradient(input, *, spacing=1, dim=None, edge_order=1):
    """Estimate the slope of a curve at each of its points, from the points beside it.

    >>> torch.gradient(torch.tensor([1., 4., 9., 16.]))
    (tensor([3., 4., 6., 7.]),)
    """
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    dims, spacing = chosen(dim, input.ndim), 1 if spacing is None else spacing
    spacings = _spacings(spacing, dims)
    for d in dims:
        if input.shape[d] < edge_order + 1:
            raise RuntimeError(
                "torch.gradient expected each dimension size to be at least edge_order+1"
            )
    return tuple(_slope(input, d, h, edge_order) for d, h in zip(dims, spacings))


def _spacings(spacing, dims):
    """Give the distance of the points, or their places, for each dimension."""
    if not isinstance(spacing, (tuple, list)):
        spacing = [spacing] * len(dims)
    if len(spacing) != len(dims):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar or a list of length equal "
            f"to 'self.dim() = {len(dims)}', since dim argument was not given, but got a list of "
            f"length {len(spacing)}"
        )
    return spacing


def _slope(y, dim, h, edge_order):
    """Estimate slopes along one dimension, the distances being one number or the places."""
    if not isinstance(h, Tensor):
        h = h * wrap(y.device.xp.arange(y.shape[dim]).astype(y.array.real.dtype))
    shape = (-1,) + (1,) * (y.ndim - 1 - dim)
    steps = reshape(pick(h, slice(1, None)) - pick(h, slice(None, -1)), shape)

    def part(x, d, start, end=None):
        return pick(x, along(d, slice(start, end)))

    before, after = part(steps, 0, 0, -1), part(steps, 0, 1)
    rises = (part(y, dim, 1) - part(y, dim, 0, -1)) / steps
    inside = part(rises, dim, 0, -1) * after + part(rises, dim, 1) * before
    inside = inside / (before + after)
    first, last = part(rises, dim, 0, 1), part(rises, dim, -1)
    if edge_order == 2:  # the slope goes on changing as it did beside the edge
        bend, share = first - part(rises, dim, 1, 2), before / (before + after)
        first = first + bend * part(share, 0, 0, 1)
        bend, share = last - part(rises, dim, -2, -1), after / (before + after)
        last = last + bend * part(share, 0, -1)
    return cat([first, inside, last], dim)
