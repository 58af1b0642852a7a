"""What stands between square brackets: ``x[1, ..., mask]``, read and written."""

import warnings

import numpy as np

from ..core import TENSORS, Tensor, wrap
from ..device import beside, cpu, device_of, move
from ..general import same_device
from ..grad_mode import is_grad_enabled
from ..inplace import check_apart, check_may_write
from ..limits import check_fits_or_becomes_inf, check_long
from ..writes import wrote
from .compare import written_as
from .shape import expand, reshape, to, to_device
from .table import in_torch_words, look_up, pick, put_add, replace, wide_of

PLAIN = frozenset({int, slice, type(None), type(...)})


def getitem(x, index):
    """Pick elements, rows, slices; index by tensors; all that goes between square brackets.

    >>> x = torch.arange(6).reshape(2, 3)
    >>> x[1, 2], x[:, [0, 2]]
    (tensor(5), tensor([[0, 2],
            [3, 5]]))
    """
    if is_plain(index):
        return pick(x, index)
    view, places = _split(x, index)
    if places is None:
        return view
    return look_up(view, places if x.node is None else kept(places))


def kept(places):
    """Copy index arrays that backward will need: the learner may write to them meanwhile."""
    return tuple([i if type(i) is slice else i.copy() for i in places])


def _split(x, index):
    """Take the view part of an index, and give what remains to be looked up."""
    if type(index) in TENSORS:  # x[places] and x[mask], without a detour
        array = index.array
        if array.ndim and array.dtype.kind in "ib" and type(array) is type(x.array):
            return x, (array if type(array) is np.ndarray else _brought(array, x),)
    with beside(x.array):
        basic, places = split_index(index, x)
    whole = places is not None and all(i == slice(None) for i in basic)
    return x if whole else pick(x, basic), places


def is_plain(index) -> bool:
    """Say whether an index holds only numbers, slices going forward, None and ``...``."""
    kind = type(index)
    if kind is int:
        return True
    if kind is slice:
        return index.step is None or type(index.step) is int and index.step > 0
    if kind is not tuple:
        return kind in PLAIN
    for i in index:
        if type(i) not in PLAIN or type(i) is slice and not is_plain(i):
            return False
    return index.count(...) < 2


def setitem(x, index, value):
    """Write to what ``x[index]`` names: ``x[0] = 1``.

    >>> x = torch.zeros(3)
    >>> x[1:] = 5
    >>> x
    tensor([0., 5., 5.])
    """
    with beside(x.shared()):
        _write_to(x, index, value)


def _write_to(x, index, value):
    view = getattr(x, "_view", None)
    tracked = is_grad_enabled() and (
        x.node is not None
        or getattr(value, "node", None) is not None
        or (view is not None and view.silent)
    )
    owner = x if tracked else wrap(x.array)
    target, places = (pick(owner, index), None) if is_plain(index) else _split(owner, index)
    if not isinstance(value, Tensor):
        value = _number(x, value, tracked)
    elif places is not None and value.dtype is not x.dtype:
        if not (value.array.size == 1 and _is_one_mask(index)):
            raise RuntimeError(
                "Index put requires the source and destination dtypes match, got "
                f"{x.dtype} for the destination and {value.dtype} for the source."
            )
        if value.dtype.is_complex and not x.dtype.is_complex:
            raise RuntimeError("value cannot be converted to a real type without overflow")
        value = to(value, x.dtype)
    elif value.device != x.device:
        value = to_device(value, x.device)
    if places is not None or not tracked:
        _assign(target, places, value, tracked)
    elif not _is_same_view(target, value):  # x[i] += 1 has written to x[i] already
        value = value if value.dtype is x.dtype else to(value, x.dtype)
        target.write(_fitted(value, target.shape))


def _is_one_mask(index):
    """Say whether an index looks up by one mask, which a number of any dtype may fill."""
    parts = [p for p in (index if type(index) is tuple else (index,)) if not is_plain(p)]
    if len(parts) != 1:
        return False
    mask = getattr(parts[0], "array", parts[0])
    return (mask if hasattr(mask, "dtype") else np.asarray(mask)).dtype.kind == "b"


def _is_same_view(a, b):
    other = getattr(b, "_view", None)
    return other is not None and other.base is a._view.base and other.steps == a._view.steps


def _assign(target, places, value, tracked):
    """Write to the memory, and say so: to the clock of writes, and to the graph."""
    if tracked:
        check_may_write(target)
    array, number = target.array, not isinstance(value, Tensor)
    if places is not None or not number:
        check_apart(array)
    if not number and value.array.ndim:
        shape = array.shape if places is None else look_up(array, places).shape
        value = _fitted(value, shape, places is not None)
    there = ... if places is None else places
    try:
        array[there] = value if number else value.array
    except OverflowError:
        if not number:
            raise
        array[there] = written_as(value, array.dtype)
    except IndexError as error:
        raise in_torch_words(error, array.shape, places or ()) from None
    wrote(array)
    if tracked:
        before, places = wrap(array, target.node), places and kept(places)
        target.rebase(replace(before, value, places, True).node)


def _number(x, value, tracked):
    """Accept what PyTorch accepts on the right: a number of Python or NumPy."""
    if not isinstance(value, (int, float, complex, np.generic)):
        raise TypeError(f"can't assign a {type(value).__name__} to a {x.type()}")
    if isinstance(value, np.generic):
        value = value.item()
    dtype = x.array.dtype
    if type(value) is int:
        check_long(value)
    check_fits_or_becomes_inf(value, dtype)
    if type(value) is complex and dtype.kind in "iuf":
        value = value.real
    return wrap(x.device.xp.asarray(value).astype(dtype)) if tracked else value


def _fitted(value, shape, looked_up=False):
    """Bring a value to the shape of what it is written to."""
    extra = value.array.ndim - len(shape)
    if extra > 0 and all(n == 1 for n in value.array.shape[:extra]):
        value = reshape(value, value.array.shape[extra:])
    if value.array.shape == tuple(shape):
        return value
    try:
        return expand(value, tuple(shape))
    except RuntimeError:
        if not looked_up:
            raise
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(value.shape)} cannot be broadcast to "
            f"indexing result of shape {list(shape)}"
        ) from None


def index_put(input, indices, values, accumulate=False):
    """Write values to the places that a tuple of index tensors names.

    >>> torch.index_put(torch.zeros(3), (torch.tensor([0, 2]),), torch.tensor([1., 2.]))
    tensor([1., 0., 2.])
    """
    if values.dtype is not input.dtype:
        raise RuntimeError(
            "Index put requires the source and destination dtypes match, got "
            f"{input.dtype} for the destination and {values.dtype} for the source."
        )
    _, (input, values) = same_device(index_put, (input, values))
    _, places = split_index(tuple([slice(None) if i is None else i for i in indices]), input)
    if not accumulate:
        return replace(input, values, places)
    shape = look_up(input.detach(), places).shape
    return input + put_add(expand(values, shape), input.array.shape, places)


# --- an index with tensors in it


def split_index(index, x):
    """Split an index into its view part and its look-up part (None if there is none).

    PyTorch takes the view first: whole numbers never mix with index arrays, as they do in NumPy.
    """
    if isinstance(index, list) and any(_is_part(i) for i in index):
        warnings.warn(SEQUENCE, stacklevel=4)
        index = tuple(index)
    items = [_item(i) for i in (index if type(index) is tuple else (index,))]
    shape = x.array.shape
    if sum(wide_of(i) for i in items) > len(shape):
        raise IndexError(f"too many indices for tensor of dimension {len(shape)}")
    rest = [slice(None)] * (len(shape) - sum(wide_of(i) for i in items))
    at = next((k for k, i in enumerate(items) if i is Ellipsis), len(items))
    items[at : at + 1] = rest
    basic, places, lookup = [], [], False
    for i in (i for i in items if i is not Ellipsis):
        if not hasattr(i, "dtype"):
            basic.append(i)
            if not isinstance(i, int):
                places.append(slice(None))
            continue
        basic += [slice(None)] * wide_of(i) if wide_of(i) else [None]
        places.append(_brought(i if i.ndim else i.reshape(1), x))
        lookup = True
    return tuple(basic), tuple(places) if lookup else None


def _brought(array, x):
    """Bring an index array to the device of what it indexes: from the CPU only, as PyTorch does."""
    here, there = device_of(array), device_of(x.array)
    if here is there:
        return array
    if here is not cpu:
        raise RuntimeError(
            f"indices should be either on {cpu} or on the same device as the indexed tensor "
            f"({there}) Move them: index = index.to(x.device)"
        )
    return move(array, there)


SEQUENCE = (
    "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in "
    "pytorch 2.9; use x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as "
    "tensor index, x[torch.tensor(seq)], which will result either in an error or a different result"
)


def _is_part(i) -> bool:
    """Say whether an item of a list makes PyTorch read the list as a tuple."""
    return i is None or i is ... or isinstance(i, (Tensor, list, tuple, range, slice, np.ndarray))


def _item(i):
    """Turn what a learner writes between the brackets into int, slice, None, ... or an array."""
    if type(i) in (int, type(None), type(...)):
        return i
    if isinstance(i, slice):
        parts = [None if k is None else _whole_number(k) for k in (i.start, i.stop, i.step)]
        if parts[2] is not None and parts[2] <= 0:
            raise ValueError("step must be greater than zero")
        return slice(*parts)
    if isinstance(i, Tensor):
        return _places(i.array)
    if isinstance(i, (bool, np.bool_)):
        return np.asarray(i)
    if isinstance(i, (list, tuple, range, np.ndarray)):
        return _places(_from_list(i))
    if hasattr(i, "__index__"):
        return i.__index__()
    if isinstance(i, str):
        raise TypeError("new(): invalid data type 'str'")
    raise IndexError(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
        f"indices (got {type(i).__name__})"
    )


def _whole_number(k):
    if hasattr(k, "__index__"):
        return k.__index__()
    raise TypeError("slice indices must be integers or None or have an __index__ method")


def _from_list(i):
    if isinstance(i, (list, tuple)):
        i = np.asarray(i)
    array = np.asarray(i)
    return array if array.size else array.astype("int64")


def _places(array):
    """Check an index array: a 0-d one is a plain number, one of bytes is a mask."""
    if array.dtype.kind not in "biu":
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    if array.dtype == np.uint8:
        array = array.astype(bool)
    if not array.ndim and array.dtype.kind != "b":
        return int(array)
    return np.asarray(array) if isinstance(array, np.generic) else array
