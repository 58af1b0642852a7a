"""Look things up by position, and write things to positions."""

import numpy as np

from ..core import Array, Op, Tensor, wrap
from ..dispatch import op
from .shape import expand, reshape, to


@op
class select(Op):
    r"""Pick an element, a row, a slice: a view on the same memory.

    ``index`` holds only whole numbers, slices, None and Ellipsis.

    >>> torch.tensor([[1., 2.], [3., 4.]])[:, 1]
    tensor([2., 4.])
    """

    formula, gradient = r"y = x_{i}", r"\bar x_{i} = \bar y"
    view = True

    def forward(self, x: Array, index):
        self.old, self.index = x.shape, index
        return x[(*index, ...) if type(index) is tuple else (index, ...)]

    def backward(self, g):
        return put(g, self.old, self.index)


@op
class put(Op):
    r"""Lay values into zeros: the gradient of taking a view.

    >>> put(torch.tensor([5., 6.]), (3,), slice(0, 2))
    tensor([5., 6., 0.])
    """

    formula, gradient = r"y_{i} = x", r"\bar x = \bar y_{i}"

    def forward(self, x: Array, shape, index):
        self.index = index
        y = self.xp.zeros(shape, x.dtype)
        y[index] = x
        return y

    def backward(self, g):
        return select(g, self.index)


@op
class look_up(Op):
    r"""Look up the entries that arrays of whole numbers (or a mask) point at: a copy.

    ``places`` has one entry a dimension: an array, or a whole slice.

    >>> torch.tensor([10., 20., 30.])[torch.tensor([2, 0, 2])]
    tensor([30., 10., 30.])
    """

    formula, gradient = r"y_k = x_{i_k}", r"\bar x_{i} = \sum_{k: i_k = i} \bar y_k"
    torch_name = "IndexBackward0"

    def forward(self, x: Array, places):
        self.old, self.places = x.shape, places
        return x[places]

    def backward(self, g):
        return put_add(g, self.old, self.places)


@op
class put_add(Op):
    r"""Add values into zeros at the places given: the gradient of looking up.

    >>> put_add(torch.tensor([1., 1., 5.]), (3,), (torch.tensor([0, 0, 2]).array,))
    tensor([2., 0., 5.])
    """

    formula = r"y_{i} = \sum_{k: i_k = i} x_k"
    gradient = r"\bar x_k = \bar y_{i_k}"

    def forward(self, x: Array, shape, places):
        self.places = places
        y = self.xp.zeros(shape, x.dtype)
        self.xp.add.at(y, places, x)
        return y

    def backward(self, g):
        return look_up(g, self.places)


@op
class replace(Op):
    r"""Give ``x`` with the entries at ``places`` replaced by ``value``.

    >>> replace(torch.zeros(3), torch.tensor([5.]), (torch.tensor([1]).array,))
    tensor([0., 5., 0.])
    """

    formula = r"y = x,\quad y_{i_k} = v_k"
    gradient = r"\bar x = \bar y,\quad \bar x_{i_k} = 0,\quad \bar v_k = \bar y_{i_k}"
    torch_name = "IndexPutBackward0"

    def forward(self, x: Array, value: Array, places):
        self.places = places
        y = x.copy()
        y[places] = value
        return y

    def backward_x(self, g):
        return replace(g, 0.0, self.places)

    def backward_value(self, g):
        return look_up(g, self.places)


@op
class write_view(Op):
    r"""Say what a tensor is after ``value`` was written through a view of it.

    ``written`` says that the memory holds the value already, as after ``x[0] += 1``.
    """

    formula = r"y = x,\quad \mathrm{view}(y) = v"
    gradient = r"\bar x = \bar y,\ \mathrm{view}(\bar x) = 0,\quad \bar v = \mathrm{view}(\bar y)"
    torch_name = "CopySlices"

    def forward(self, x: Array, value: Array, view, written=False):
        self.through = view
        if written:
            return x
        y = x.copy()
        view(y)[...] = value
        return y

    def backward_x(self, g):
        return write_view(g, self.through(g) * 0, self.through)

    def backward_value(self, g):
        return self.through(g)


def split_index(index, shape):
    """Split an index into its view part and its look-up part (None if there is none).

    PyTorch takes the view first: whole numbers never mix with index arrays, as they do in NumPy.
    """
    if isinstance(index, (range, list)):
        index = (index,)
    items = list(index) if type(index) is tuple else [index]
    items = [_plain(i) for i in items]
    wide = [_dimensions(i) for i in items]
    if any(i is Ellipsis for i in items):
        at = next(k for k, i in enumerate(items) if i is Ellipsis)
        items[at : at + 1] = [slice(None)] * (len(shape) - sum(wide))
    else:
        items += [slice(None)] * (len(shape) - sum(wide))
    if sum(_dimensions(i) for i in items) > len(shape):
        raise IndexError(f"too many indices for tensor of dimension {len(shape)}")
    basic, places, lookup = [], [], False
    for i in items:
        if isinstance(i, np.ndarray) or hasattr(i, "__cuda_array_interface__"):
            basic += [slice(None)] * max(_dimensions(i), 0)
            if not i.ndim:  # True or False: a new dimension of length 1, kept or dropped
                basic.append(None)
                i = i.reshape(1)
            places.append(i)
            lookup = True
        else:
            basic.append(i)
            if not isinstance(i, int):
                places.append(slice(None))
    return tuple(basic), tuple(places) if lookup else None


def _plain(i):
    """Turn what a learner writes between the brackets into int, slice, None, ... or an array."""
    if isinstance(i, Tensor):
        if i.dtype.rank > 1:
            raise IndexError(
                "tensors used as indices must be long, int, byte or bool tensors"
            )
        array = i.array
        if array.ndim == 0 and array.dtype.kind != "b":
            return int(array)
        array = array.astype(bool) if array.dtype == np.uint8 else array
        return np.asarray(array) if isinstance(array, np.generic) else array
    if isinstance(i, (bool, np.bool_)):
        return np.asarray(i)
    if isinstance(i, (list, range, np.ndarray)):
        array = np.asarray([_plain(k) for k in i] if isinstance(i, list) else i)
        if array.dtype == np.float64 and not array.size:
            array = array.astype(np.int64)
        if array.dtype.kind not in "biu":
            raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
        return array
    if isinstance(i, slice):
        if i.step is not None and int(i.step) <= 0:
            raise ValueError("step must be greater than zero")
        return slice(*(None if k is None else int(k) for k in (i.start, i.stop, i.step)))
    if i is None or i is Ellipsis:
        return i
    if hasattr(i, "__index__"):
        return i.__index__()
    raise IndexError(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
        f"indices (got {type(i).__name__})"
    )


def _dimensions(i):
    """Count how many dimensions of the tensor an index item uses up."""
    if i is None or i is Ellipsis:
        return 0
    return i.ndim if hasattr(i, "ndim") and i.dtype.kind == "b" else 1


def getitem(x, index):
    """Pick elements, rows, slices; index by tensors; all that goes between square brackets.

    >>> x = torch.arange(6).reshape(2, 3)
    >>> x[1, 2], x[:, [0, 2]]
    (tensor(5), tensor([[0, 2],
            [3, 5]]))
    """
    if type(index) is int:
        if x.array.ndim == 0:
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or "
                "`tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
            )
        n = len(x.array)
        if not -n <= index < n:
            raise IndexError(
                f"index {index} is out of bounds for dimension 0 with size {n}"
            )
        return select(x, index)
    basic, places = split_index(index, x.array.shape)
    view = select(x, basic)
    return view if places is None else look_up(view, places)


def setitem(x, where, value):
    """Write to what ``x[where]`` names: ``x[0] = 1``."""
    if not isinstance(value, Tensor) and not isinstance(value, (int, float, complex, np.generic)):
        raise TypeError(f"can't assign a {type(value).__name__} to a torch tensor")
    if not isinstance(value, Tensor):
        value = _number(x, value)
    basic, places = split_index(where, x.array.shape)
    x.shared()
    target = select(x, basic)
    if places is None:
        target.write(_fitted(value, target.shape))
    else:
        target.write(replace(target, to(value, x.dtype), places))


def _number(x, value):
    if x.dtype.rank == 1 and isinstance(value, float):
        value = int(value)
    return wrap(x.device.xp.asarray(value, x.array.dtype))


def _fitted(value, shape):
    extra = value.array.ndim - len(shape)
    if extra > 0 and all(n == 1 for n in value.array.shape[:extra]):
        value = reshape(value, value.array.shape[extra:])
    return value if value.array.shape == tuple(shape) else expand(value, tuple(shape))
