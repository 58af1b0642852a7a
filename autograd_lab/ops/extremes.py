"""The largest and the smallest, and where they stand."""

from ..core import OPS, Array, Op, Tensor
from ..dispatch import op
from .dims import check_not_empty, chosen, whole
from .gather import add_along
from .named import named
from .reduce import shape_kept, sum
from .shape import reshape, to
from .spelling import with_out


def _check_ordered(x, name):
    if x.dtype.kind == "c":
        raise RuntimeError(f"{name}: not implemented for complex numbers, which have no order")


def _check_some(x, name, kind=RuntimeError):
    if not x.size:
        raise kind(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
            "reduction dim with the 'dim' argument."
        )


def _dims(name, x, dim):
    """Give the dimensions that are meant, or raise PyTorch's errors for what has no extreme."""
    dims = chosen(dim, x.ndim)
    _check_ordered(x, name)
    if type(dim) is int or dim:
        check_not_empty(x.shape, dims, name)
    else:
        _check_some(x, name)
    return dims


def _largest(x, dims, keepdim):
    return x.max(axis=dims, keepdims=keepdim) if dims else x.copy()


def _smallest(x, dims, keepdim):
    return x.min(axis=dims, keepdims=keepdim) if dims else x.copy()


def shared_evenly(g, x, y, kept):
    """Give the gradient of an extreme value to all who reach it, in equal shares."""
    g, there = reshape(g, kept), x == reshape(y, kept)
    dims = tuple([i for i, n in enumerate(kept) if n == 1])
    return there * (g / to(sum(there, dims, True), g.dtype)) if kept else there * g


@op
class amax(Op):
    r"""Take the largest element: of all, or along dimensions.

    Equal ones share the gradient.

    >>> torch.amax(torch.tensor([[1., 2.], [5., 4.]]), dim=1)
    tensor([2., 5.])
    """

    formula, gradient = r"y = \max_i x_i", r"\bar x_i = \bar y\, [x_i = y] \,/\, \#\{j: x_j = y\}"

    def forward(self, x: Array, dim=(), keepdim=False):
        dims = _dims("amax", x, dim)
        self.kept = shape_kept(x.shape, dims)
        return _largest(x, dims, keepdim)

    def backward(self, g, x, y):
        return shared_evenly(g, x, y, self.kept)


@op
class amin(Op):
    r"""Take the smallest element: of all, or along dimensions.

    Equal ones share the gradient.

    >>> torch.amin(torch.tensor([[1., 2.], [5., 4.]]), dim=1)
    tensor([1., 4.])
    """

    formula, gradient = r"y = \min_i x_i", r"\bar x_i = \bar y\, [x_i = y] \,/\, \#\{j: x_j = y\}"

    def forward(self, x: Array, dim=(), keepdim=False):
        dims = _dims("amin", x, dim)
        self.kept = shape_kept(x.shape, dims)
        return _smallest(x, dims, keepdim)

    def backward(self, g, x, y):
        return shared_evenly(g, x, y, self.kept)


@with_out(exact=True)
def aminmax(input, *, dim=None, keepdim=False):
    """Give the smallest and the largest element.

    >>> torch.aminmax(torch.tensor([3, 1, 2])).min
    tensor(1)
    """
    dims = () if dim is None else dim
    return named("aminmax", min=amin(input, dims, keepdim), max=amax(input, dims, keepdim))


@op
class argmax(Op):
    r"""Say where the largest element stands.

    >>> torch.argmax(torch.tensor([1., 5., 2.]))
    tensor(1)
    """

    formula, gradient = r"y = \arg\max_i x_i", ""

    def forward(self, x: Array, dim=None, keepdim=False):
        if x.dtype.kind == "b":
            raise RuntimeError("argmax(): does not support bool input: x.int().argmax()")
        return _place_of(self.xp.argmax, "argmax", x, dim, keepdim)


@op
class argmin(Op):
    r"""Say where the smallest element stands.

    >>> torch.argmin(torch.tensor([4., 5., 2.]))
    tensor(2)
    """

    formula, gradient = r"y = \arg\min_i x_i", ""

    def forward(self, x: Array, dim=None, keepdim=False):
        if x.dtype.kind == "b":
            raise RuntimeError("argmin(): does not support bool input: x.int().argmin()")
        return _place_of(self.xp.argmin, "argmin", x, dim, keepdim)


def _place_of(find, name, x, dim, keepdim):
    dims = chosen(dim, x.ndim)
    _check_ordered(x, name)
    if dim is None:
        _check_some(x, name, IndexError)
    check_not_empty(x.shape, dims, name)
    if dim is None or not x.ndim:
        y = find(x.reshape(-1), axis=0)
        return y.reshape((1,) * x.ndim) if keepdim else y
    y = find(x, axis=dims[0])
    return y.reshape(shape_kept(x.shape, dims)) if keepdim else y


# --- max and min, in all their spellings


@op
class max(Op):
    r"""Take the largest element.

    With ``dim`` also its place; of two tensors, element by element.

    >>> torch.max(torch.tensor([1., 5., 2.]))
    tensor(5.)
    >>> torch.max(torch.tensor([[1., 5.], [4., 3.]]), dim=1).indices
    tensor([1, 0])
    """

    formula, gradient = r"y = \max_i x_i", r"\bar x_i = \bar y\, [x_i = y] \,/\, \#\{j: x_j = y\}"
    torch_name = "MaxBackward1"

    def forward(self, x: Array):
        _check_ordered(x, "max")
        _check_some(x, "max")
        return x.max()

    def backward(self, g, x, y):
        return shared_by_all(g, x, y)

    @staticmethod
    def also(input, dim=None, keepdim=False, *, other=None, axis=None, keepdims=False):
        return _spelled("max", max_along, input, (dim, keepdim, other, axis, keepdims))


@op
class min(Op):
    r"""Take the smallest element.

    With ``dim`` also its place; of two tensors, element by element.

    >>> torch.min(torch.tensor([4., 5., 2.]))
    tensor(2.)
    >>> torch.min(torch.tensor([[1., 5.], [4., 3.]]), dim=1).indices
    tensor([0, 1])
    """

    formula, gradient = r"y = \min_i x_i", r"\bar x_i = \bar y\, [x_i = y] \,/\, \#\{j: x_j = y\}"
    torch_name = "MinBackward1"

    def forward(self, x: Array):
        _check_ordered(x, "min")
        _check_some(x, "min")
        return x.min()

    def backward(self, g, x, y):
        return shared_by_all(g, x, y)

    @staticmethod
    def also(input, dim=None, keepdim=False, *, other=None, axis=None, keepdims=False):
        return _spelled("min", min_along, input, (dim, keepdim, other, axis, keepdims))


def shared_by_all(g, x, y):
    """Share the gradient among those who reach the extreme; a nan is reached by every nan."""
    there = (x == y) | ((x != x) & (y != y))
    return OPS["where"](there, g / to(sum(there), g.dtype), 0.0)


def _spelled(name, along, input, given):
    dim, keepdim, other, axis, keepdims = given
    if not isinstance(input, Tensor):
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got "
            f"({type(input).__name__}, {type(dim).__name__}), but expected a Tensor first"
        )
    other = dim if isinstance(dim, Tensor) else other
    if other is not None:
        return OPS[name + "imum"](input, other)
    dim = axis if dim is None else dim
    return named(name, **dict(zip(("values", "indices"), along(input, dim, keepdim or keepdims))))


@op
class max_along(Op):
    r"""Take the largest element along a dimension, and its place.

    >>> max_along(torch.tensor([[1., 5.], [4., 3.]]), 1)
    (tensor([5., 4.]), tensor([1, 0]))
    """

    formula, gradient = r"y = x_k,\ k = \arg\max_i x_i", r"\bar x_k = \bar y"
    several, torch_name = True, "MaxBackward0"

    def forward(self, x: Array, dim, keepdim=False):
        self.old, self.dim = x.shape, whole(dim, x.ndim)
        self.indices = _place_of(self.xp.argmax, "max", x, self.dim, keepdim)
        return _largest(x, (self.dim,) if x.ndim else (), keepdim), self.indices

    def backward(self, g, indices):
        return back_to_place(g.filled(2)[0], self.dim, indices, self.old)


@op
class min_along(Op):
    r"""Take the smallest element along a dimension, and its place.

    >>> min_along(torch.tensor([[1., 5.], [4., 3.]]), 1)
    (tensor([1., 3.]), tensor([0, 1]))
    """

    formula, gradient = r"y = x_k,\ k = \arg\min_i x_i", r"\bar x_k = \bar y"
    several, torch_name = True, "MinBackward0"

    def forward(self, x: Array, dim, keepdim=False):
        self.old, self.dim = x.shape, whole(dim, x.ndim)
        self.indices = _place_of(self.xp.argmin, "min", x, self.dim, keepdim)
        return _smallest(x, (self.dim,) if x.ndim else (), keepdim), self.indices

    def backward(self, g, indices):
        return back_to_place(g.filled(2)[0], self.dim, indices, self.old)


def back_to_place(g, dim, indices, shape):
    """Send gradients back to the places along a dimension that their values came from."""
    kept = shape_kept(shape, (dim,))
    return add_along(reshape(g, kept), dim, reshape(indices, kept), shape)
