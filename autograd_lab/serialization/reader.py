"""Read the pickle of a file without unpickling: a small machine that can only build data.

A pickle is a program for a machine with a stack; Python's own machine may be told to import and
call anything. This one knows the instructions that data needs, and of names only those in ``find``:
what a file asks for besides is refused, by name, before anything has happened.
"""

import collections
import pickletools
from math import prod
from typing import Any

import numpy as np

from ..core import Tensor
from ..device import device
from ..dtypes import dtype
from ..nn.module import Module
from .problem import LoadError

KEY_PARTS = 1000  # a key that is a tuple of tuples has at most so many parts


class Reader:
    r"""Run the pickle of a file.

    ``find(module, name)`` says what a name stands for and ``find.maker(thing)`` how it is called;
    ``persistent(id)`` says what a storage is.

    >>> Reader(None, None).read(b"\x80\x02](K\x01K\x02e.")
    [1, 2]
    """

    def __init__(self, find, persistent):
        self.find, self.persistent = find, persistent

    def read(self, pickle) -> Any:
        """Run a pickle (bytes, or an open file) and give what it builds."""
        self.stack, self.marks, self.memo = [], [], {}
        size = len(pickle) if isinstance(pickle, bytes) else 1 << 16
        self.copies_left = 1_000_000 + 20 * size  # how much may be copied of what was built
        place = 0
        try:
            for opcode, argument, at in pickletools.genops(pickle):
                place = at
                if opcode.name == "STOP":
                    (result,) = self.stack
                    return result
                self._step(opcode.name, argument)
        except LoadError:
            raise
        except Exception as error:  # a broken pickle can go wrong in any way
            said = f"{type(error).__name__}: {error}"
            raise LoadError(f"its pickle is damaged near byte {place} ({said})") from None
        raise LoadError("its pickle has no end")

    def _step(self, name, argument):
        if name in VALUES:
            self.stack.append(argument)
        elif name in NEW:
            self.stack.append(NEW[name]())
        elif name in ACTIONS:
            ACTIONS[name](self, argument)
        elif name not in IGNORED:
            raise LoadError(f"its pickle uses {name}, which saved tensors have no need of")

    def pop(self, kind: Any = object):
        """Take what lies on top of the stack, which must be of this kind."""
        if self.marks and len(self.stack) <= self.marks[-1]:
            raise LoadError("its pickle takes more from its stack than it put there")
        found = self.stack.pop()
        if not isinstance(found, kind):
            raise LoadError(f"its pickle has a {type(found).__name__} where it makes no sense")
        return found

    def top(self, kind):
        """Give what lies on top of the stack, and leave it there."""
        found = self.pop(kind)
        self.stack.append(found)
        return found

    def after_mark(self) -> list:
        """Take everything above the last mark."""
        place = self.marks.pop()
        found = self.stack[place:]
        del self.stack[place:]
        return found

    def count(self, size: int) -> None:
        """Count what is copied: a small file must not become a large memory."""
        self.copies_left -= size
        if self.copies_left < 0:
            raise LoadError("its pickle copies the same data over and over")


# --- instructions


def _tuple_of(count):
    def act(reader, _):
        items = [reader.pop() for _ in range(count)]
        reader.stack.append(tuple(reversed(items)))
    return act  # fmt: skip


def _tuple(reader, _):
    reader.stack.append(tuple(reader.after_mark()))


def _list(reader, _):
    reader.stack.append(reader.after_mark())


def _append(reader, _):
    item = reader.pop()
    reader.top(list).append(item)


def _appends(reader, _):
    items = reader.after_mark()
    reader.top(list).extend(items)


def _set_item(reader, _):
    value, key = reader.pop(), reader.pop()
    reader.top(dict)[checked_key(key)] = value


def _set_items(reader, _):
    items = reader.after_mark()
    target = reader.top(dict)
    for key, value in zip(items[::2], items[1::2], strict=True):
        target[checked_key(key)] = value


def _add_items(reader, _):
    items = reader.after_mark()
    reader.top(set).update(map(checked_key, items))


def _frozen_set(reader, _):
    reader.stack.append(frozenset(map(checked_key, reader.after_mark())))


def _global(reader, argument):
    module, _, name = argument.partition(" ")
    reader.stack.append(reader.find(module, name))


def _stack_global(reader, _):
    name, module = reader.pop(str), reader.pop(str)
    reader.stack.append(reader.find(module, name))


def _reduce(reader, _):
    arguments, maker = reader.pop(tuple), reader.find.maker(reader.pop())
    reader.stack.append(maker.make(reader, *arguments))


def _new_object(reader, _):
    arguments, maker = reader.pop(tuple), reader.find.maker(reader.pop())
    if maker.bare is None:
        raise LoadError(f"its pickle makes a {maker.name} in a way that saved tensors do not need")
    reader.stack.append(maker.bare(*arguments))


def _build(reader, _):
    state, target = reader.pop(), reader.top(object)
    set_state(reader, target, state)


def _persistent(reader, _):
    reader.stack.append(reader.persistent(reader.pop(tuple)))


def _put(reader, number):
    reader.memo[number] = reader.stack[-1]


def _memoize(reader, _):
    reader.memo[len(reader.memo)] = reader.stack[-1]


def _get(reader, number):
    reader.stack.append(reader.memo[number])


def _mark(reader, _):
    reader.marks.append(len(reader.stack))  # where a tuple, or what is appended, begins


VALUES = frozenset(
    "BININT BININT1 BININT2 INT LONG LONG1 LONG4 BINFLOAT FLOAT BINUNICODE SHORT_BINUNICODE "
    "BINUNICODE8 UNICODE BINSTRING SHORT_BINSTRING STRING BINBYTES SHORT_BINBYTES BINBYTES8".split()
)
NEW = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False, "EMPTY_LIST": list,
    "EMPTY_DICT": dict, "EMPTY_TUPLE": tuple, "EMPTY_SET": set,
}  # fmt: skip
IGNORED = frozenset({"PROTO", "FRAME"})
ACTIONS = {
    "MARK": _mark, "TUPLE": _tuple, "TUPLE1": _tuple_of(1), "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3), "LIST": _list, "APPEND": _append, "APPENDS": _appends,
    "SETITEM": _set_item, "SETITEMS": _set_items, "ADDITEMS": _add_items,
    "FROZENSET": _frozen_set, "GLOBAL": _global, "STACK_GLOBAL": _stack_global, "REDUCE": _reduce,
    "NEWOBJ": _new_object, "BUILD": _build, "BINPERSID": _persistent, "PUT": _put, "BINPUT": _put,
    "LONG_BINPUT": _put, "MEMOIZE": _memoize, "GET": _get, "BINGET": _get, "LONG_BINGET": _get,
}  # fmt: skip


# --- what instructions must not do


def checked_key(key):
    """Let through what may be a key: plain things whose hash is quickly computed."""
    left, parts = [key], 0
    while left:
        part = left.pop()
        parts += 1
        if isinstance(part, tuple | frozenset) and parts <= KEY_PARTS:
            left += part
        elif type(part) is int and part.bit_length() > 64:
            raise LoadError("its pickle has an enormous number for a key")
        elif not isinstance(part, PLAIN_KEYS) or parts > KEY_PARTS:
            raise LoadError(f"its pickle has a {type(part).__name__} for a key")
    return key


PLAIN_KEYS = (str, int, float, bytes, type(None), dtype, device, Tensor)


def set_state(reader, target, state) -> None:
    """Give an object its state: metadata to a state_dict, attributes to what was allowed."""
    if type(target) is collections.OrderedDict:
        about = state.get("_metadata") if isinstance(state, dict) else None
        if isinstance(about, dict):
            target._metadata = about
    elif type(target) in STATES:
        STATES[type(target)](target, state)
    elif reader.find.may_have_state(type(target)):
        _set_attributes(target, state)
    else:
        raise LoadError(f"its pickle gives a {type(target).__name__} a state")


def _fill_array(array, state):
    """Fill a NumPy array, which a pickle makes empty first."""
    _, shape, kind, fortran, raw = state
    sizes = all(type(n) is int and n >= 0 for n in shape)
    if not sizes or type(raw) is not bytes or kind.itemsize * prod(shape) != len(raw):
        raise LoadError(f"its pickle has {len(raw)} bytes for an array of shape {shape}")
    array.__setstate__((1, shape, kind, bool(fortran), raw))


def _check_order(kind, state):
    """Let a NumPy dtype have the byte order that it has."""
    if state[1] not in (kind.str[0], "=", "|"):
        raise LoadError("it holds NumPy arrays of another byte order")


STATES = {np.ndarray: _fill_array} | {
    type(np.dtype(code)): _check_order for code in np.typecodes["All"] if code not in "OSUVMm"
}


def _set_attributes(target, state):
    own = getattr(type(target), "__setstate__", None)
    if own is not None:
        own(target, state)
        return
    plain, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, {})
    for name in [*(plain or ()), *slots]:
        if not isinstance(name, str) or name.startswith("__"):
            raise LoadError(f"its pickle sets an attribute {name!r}")
        if isinstance(target, Module) and callable(getattr(type(target), name, None)):
            raise LoadError(f"its pickle hides a method of {type(target).__name__}: {name!r}")
    if plain:
        vars(target).update(plain)
    for name, value in slots.items():
        setattr(target, name, value)
