"""Write the pickle of a file: Python's own format, with the handful of instructions it needs.

``pickle.dumps`` would ask every object how it wants to be saved, and would write only names that
can be imported here. This writer decides by itself, kind by kind, and writes PyTorch's names, so
that PyTorch can read the file; an object of which it knows no safe form is refused by its place.
"""

import collections
import pickle as op  # its instructions: op.MARK, op.TUPLE
import struct
import sys
import types

import numpy as np

from ..core import Size, Tensor
from ..device import device
from ..dtypes import dtype
from ..nn.module import Module
from ..nn.parameter import Parameter
from .storage import NAME_OF, whole_memory
from .trust import is_trusted

PLAIN_FACTORIES = (dict, list, set, int, float, str, bool)  # of a defaultdict


class Writer:
    """Turn an object into a pickle and the storages of its tensors.

    >>> writer = Writer()
    >>> len(writer.written({"w": torch.ones(2)})) > 0, writer.storages
    (True, [array([1., 1.], dtype=float32)])
    """

    def __init__(self):
        self.out, self.storages = bytearray(op.PROTO + b"\x02"), []
        self._memo, self._numbers, self._keep, self._place = {}, {}, [], []

    def written(self, obj) -> bytes:
        """Give the pickle."""
        try:
            self.write(obj)
        except RecursionError:
            raise ValueError("torch.save: the containers are nested too deeply") from None
        return bytes(self.out + op.STOP)

    def write(self, obj) -> None:
        """Write one object, of whatever kind."""
        kind = type(obj)
        if kind in CONSTANTS:
            self.out += CONSTANTS[kind][obj]
        elif id(obj) in self._memo:
            self._recall(id(obj))
        elif kind in KINDS:
            KINDS[kind](self, obj)
        elif isinstance(obj, Tensor):
            self._tensor(obj)
        elif isinstance(obj, np.generic):
            self._numpy_number(obj)
        elif isinstance(obj, dtype):
            self._name("torch", obj.name)
        elif isinstance(obj, Module) or is_trusted(kind):
            self._object(obj)
        elif named := part_of_models(obj):
            self._name(*named)
        elif is_trusted(obj):
            self._name(obj.__module__, obj.__qualname__)
        else:
            raise TypeError(self._refusal(obj))

    # --- remembering what was written, so that it is written once

    def _remember(self, key, obj=None):
        number = self._memo[key] = len(self._memo)
        self._keep.append(obj)  # an id stays taken only while its object lives
        self._numbered(op.BINPUT, op.LONG_BINPUT, number)

    def _recall(self, key):
        self._numbered(op.BINGET, op.LONG_BINGET, self._memo[key])

    def _numbered(self, short, long, number):
        code = short + bytes([number]) if number < 256 else long + struct.pack("<I", number)
        self.out += code

    def _name(self, module, name):
        key = ("name", module, name)
        if key in self._memo:
            self._recall(key)
            return
        self.out += op.GLOBAL + f"{module}\n{name}\n".encode()
        self._remember(key)

    def _call(self, module, name, *args):
        """Write that a function makes the object of these arguments."""
        self._name(module, name)
        self._sequence(args)
        self.out += op.REDUCE

    # --- plain data

    def _int(self, n):
        if 0 <= n < 256:
            self.out += op.BININT1 + bytes([n])
        elif -(2**31) <= n < 2**31:
            self.out += op.BININT + struct.pack("<i", n)
        else:
            digits = op.encode_long(n)
            size = len(digits)
            code = op.LONG1 + bytes([size]) if size < 256 else op.LONG4 + struct.pack("<i", size)
            self.out += code + digits

    def _float(self, x):
        self.out += op.BINFLOAT + struct.pack(">d", x)

    def _str(self, text):
        if ("text", text) in self._memo:
            self._recall(("text", text))
            return
        raw = text.encode("utf-8", "surrogatepass")
        self.out += op.BINUNICODE + struct.pack("<I", len(raw)) + raw
        self._remember(("text", text))

    def _bytes(self, raw):
        self._call("_codecs", "encode", raw.decode("latin1"), "latin1")

    def _bytearray(self, raw):
        self._call("__builtin__", "bytearray", bytes(raw))

    def _complex(self, z):
        self._call("__builtin__", "complex", z.real, z.imag)

    # --- containers: remembered before they are filled, so that they may hold themselves

    def _tuple(self, items):
        self._sequence(items)
        if items:
            self._remember(id(items), items)

    def _sequence(self, items):
        if not items:
            self.out += op.EMPTY_TUPLE
            return
        self.out += op.MARK
        for i, item in enumerate(items):
            self._at(i, item)
        self.out += op.TUPLE

    def _list(self, items):
        self.out += op.EMPTY_LIST
        self._remember(id(items), items)
        self._items(items)

    def _items(self, items):
        self.out += op.MARK
        for i, item in enumerate(items):
            self._at(i, item)
        self.out += op.APPENDS

    def _dict(self, pairs):
        self.out += op.EMPTY_DICT
        self._remember(id(pairs), pairs)
        self._pairs(pairs)

    def _pairs(self, pairs):
        self.out += op.MARK
        for key, value in pairs.items():
            self._at(key, key, value)
        self.out += op.SETITEMS

    def _ordered_dict(self, pairs):
        self._call("collections", "OrderedDict")
        self._remember(id(pairs), pairs)
        self._pairs(pairs)
        about = getattr(pairs, "_metadata", None)  # versions of the modules, in a state_dict
        if about is not None:
            self.write({"_metadata": about})
            self.out += op.BUILD

    def _counter(self, counts):
        self._call("collections", "Counter", dict(counts))

    def _default_dict(self, pairs):
        if pairs.default_factory not in (None, *PLAIN_FACTORIES):
            raise TypeError(self._refusal(pairs.default_factory))
        self._name("collections", "defaultdict")
        self.out += op.MARK
        if pairs.default_factory is not None:
            self._name("__builtin__", pairs.default_factory.__name__)
        self.out += op.TUPLE + op.REDUCE
        self._remember(id(pairs), pairs)
        self._pairs(pairs)

    def _set(self, items):
        self._call("__builtin__", type(items).__name__, list(items))
        self._remember(id(items), items)

    # --- PyTorch's own

    def _size(self, size):
        self._call("torch", "Size", tuple(size))

    def _device(self, place):
        index = () if place.index is None else (place.index,)
        self._call("torch", "device", place.type, *index)

    def _tensor(self, t):
        if isinstance(t, Parameter):
            made = t.detach(), t.requires_grad, collections.OrderedDict()
            self._call("torch._utils", "_rebuild_parameter", *made)
        else:
            self._view(t)
        self._remember(id(t), t)

    def _view(self, t):
        array = t.detach().shared()
        owner, flat, start, steps = whole_memory(array)
        self._name("torch._utils", "_rebuild_tensor_v2")
        self.out += op.MARK
        self._storage(owner, flat, t.dtype, str(t.device))
        for each in (start, tuple(array.shape), steps, t.requires_grad, collections.OrderedDict()):
            self.write(each)
        self.out += op.TUPLE + op.REDUCE

    def _storage(self, owner, flat, kind, place):
        """Write which storage a tensor looks at; the storage itself becomes a record."""
        key = (id(owner), kind.name)
        if key not in self._numbers:
            self._numbers[key] = len(self.storages)
            self.storages.append(flat if isinstance(flat, np.ndarray) else flat.get())
            self._keep.append(owner)
        self.out += op.MARK
        self.write("storage")
        self._name("torch", NAME_OF[kind.name])
        for each in (str(self._numbers[key]), place, flat.size):
            self.write(each)
        self.out += op.TUPLE + op.BINPERSID

    # --- NumPy's

    def _numpy_number(self, number):
        self._check_numeric(number)
        self._name("numpy._core.multiarray", "scalar")
        self.out += op.MARK
        self._numpy_dtype(number.dtype)
        self.write(number.tobytes())
        self.out += op.TUPLE + op.REDUCE

    def _array(self, array):
        self._check_numeric(array)
        self._name("numpy._core.multiarray", "_reconstruct")
        self.out += op.MARK
        self._name("numpy", "ndarray")
        for each in ((0,), b"b"):
            self.write(each)
        self.out += op.TUPLE + op.REDUCE
        self._remember(id(array), array)
        self.out += op.MARK
        self._int(1)  # the version of this form
        self.write(tuple(array.shape))
        self._numpy_dtype(array.dtype)
        for each in (False, array.tobytes()):
            self.write(each)
        self.out += op.TUPLE + op.BUILD

    def _numpy_dtype(self, kind):
        code = kind.newbyteorder("=").str
        self._call("numpy", "dtype", code[1:], False, True)
        self.write((3, "|" if kind.itemsize == 1 else code[0], None, None, None, -1, -1, 0))
        self.out += op.BUILD

    def _check_numeric(self, array):
        if array.dtype.kind not in "biufc" or not array.dtype.isnative:
            raise TypeError(f"torch.save: {self._where()} is an array of {array.dtype}")

    # --- objects: a whole model, and what was allowed by add_safe_globals

    def _object(self, obj):
        if "<locals>" in type(obj).__qualname__:
            raise TypeError(
                f"torch.save: {self._where()} is a {type(obj).__name__}, a class defined inside a "
                "function, where load would not find it"
            )
        make, args, *rest = obj.__reduce_ex__(2)
        state, items, pairs = (*rest, None, None, None)[:3]
        if make.__name__ == "__newobj__":
            self._name(args[0].__module__, args[0].__qualname__)
            self._sequence(args[1:])
            self.out += op.NEWOBJ
        else:
            self._call(make.__module__, make.__qualname__, *args)
        self._remember(id(obj), obj)
        if items is not None:
            self._items(items)
        if pairs is not None:
            self._pairs(dict(pairs))
        if state is not None:
            self.write(state)
            self.out += op.BUILD

    # --- saying what cannot be saved

    def _at(self, key, *things):
        """Write things; if one is refused, the message tells under which key it was found."""
        self._place.append(key)
        for thing in things:
            self.write(thing)
        self._place.pop()

    def _where(self):
        return "obj" + "".join(f"[{key!r}]" for key in self._place)

    def _refusal(self, obj):
        kind = type(obj)
        said = (
            f"torch.save: {self._where()} is a {kind.__module__}.{kind.__qualname__}; saved are "
            "tensors, numbers, text, and dicts, lists, tuples and sets of them"
        )
        if isinstance(obj, types.FunctionType | types.MethodType | type):
            return f"{said}. A file holds no programs: save its name, or nothing"
        if hasattr(obj, "state_dict"):
            return f"{said}. Save its .state_dict()"
        for base, text in ((dict, "dict(...)"), (tuple, "tuple(...)"), (list, "list(...)")):
            if isinstance(obj, base):
                return f"{said}. Save {text} of it"
        return (
            f"{said}. Save vars(...) of it, or allow its class, here and where it is loaded: "
            f"torch.serialization.add_safe_globals([{kind.__qualname__}])"
        )


def part_of_models(obj):
    """Give the name of a Module class, or of public mathematics of the library's own; or None.

    >>> part_of_models(F.relu)
    ('autograd_lab.nn.functional', 'relu')
    >>> part_of_models(print)
    """
    if isinstance(obj, type) and issubclass(obj, Module):
        return obj.__module__, obj.__qualname__
    if not isinstance(obj, types.FunctionType) or obj.__name__.startswith("_"):
        return None
    for home in (obj.__module__, OURS[1][:-1]):
        found = vars(sys.modules.get(home, types)).get(obj.__name__)
        if found is obj and f"{home}.".startswith(OURS):
            return home, obj.__name__
    return None


ROOT = __package__.partition(".")[0]
OURS = (f"{ROOT}.ops.", f"{ROOT}.nn.functional.")
CONSTANTS = {type(None): {None: op.NONE}, bool: {True: op.NEWTRUE, False: op.NEWFALSE}}
KINDS = {
    int: Writer._int, float: Writer._float, complex: Writer._complex, str: Writer._str,
    bytes: Writer._bytes, bytearray: Writer._bytearray, tuple: Writer._tuple, list: Writer._list,
    dict: Writer._dict, collections.OrderedDict: Writer._ordered_dict,
    collections.Counter: Writer._counter, collections.defaultdict: Writer._default_dict,
    set: Writer._set, frozenset: Writer._set, Size: Writer._size, device: Writer._device,
    np.ndarray: Writer._array,
}  # fmt: skip
