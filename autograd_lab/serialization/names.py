"""What the names in a file stand for: a fixed table, and what a learner vouched for.

A name of the table never reaches PyTorch's function of that name, which need not be installed: it
stands for a function of this file that makes the same thing out of checked arguments.
"""

import collections
import re
import sys
from collections.abc import Callable

import numpy as np

from .. import dtypes
from ..core import Size, Tensor, wrap
from ..device import device
from ..nn.module import Module
from ..nn.parameter import Parameter
from ..notice import NO_BFLOAT16, say_once
from .problem import LoadError
from .reader import checked_key
from .storage import NAMES, Numbers, view
from .trust import is_trusted, trusted
from .writer import PLAIN_FACTORIES, part_of_models


class Maker:
    """A name that may be called: ``make(reader, ...)``; ``bare(...)`` skips ``__init__``."""

    def __init__(self, name: str, make: Callable, bare: Callable | None = None):
        self.name, self.make, self.bare = name, make, bare


class Names:
    """Say what a name in a file stands for.

    ``whole`` also allows the classes of a whole model: those of modules that are imported already.
    A function such as F.relu may always be named: a file can hold it, but not call it.

    >>> Names()("torch", "float32")
    torch.float32
    >>> Names()("os", "system")
    Traceback (most recent call last):
    autograd_lab.serialization.problem.LoadError: Trying to load unsupported GLOBAL os.system ...
    """

    def __init__(self, whole: bool = False):
        self.whole = whole

    def __call__(self, module: str, name: str):
        full = f"{module}.{name}"
        if full in TABLE:
            return TABLE[full]
        if module.partition(".")[0] in BLOCKED and name not in HARMLESS:
            raise LoadError(
                f"Trying to load unsupported GLOBAL {full} whose module {module} is blocked. A "
                f"file that names it wants to run something on this machine: do not load it"
            )
        if full == "torch.bfloat16":
            say_once(NO_BFLOAT16)
            return dtypes.float32
        allowed = trusted(full)
        if allowed is None:
            allowed = found_in_models(module, name)
            if allowed is None or (isinstance(allowed, type) and not self.whole):
                raise LoadError(_refusal(module, name, self.whole))
        return allowed

    def maker(self, thing) -> Maker:
        """Say how a thing that ``find`` gave is called, if it may be."""
        if isinstance(thing, Maker):
            return thing
        if self.may_have_state(thing) and issubclass(thing, Module):
            return Maker(thing.__name__, _refuse_call, lambda: object.__new__(thing))
        if callable(thing) and is_trusted(thing):
            bare = (lambda *args: thing.__new__(thing, *args)) if isinstance(thing, type) else None
            return Maker(thing.__name__, lambda reader, *args: thing(*args), bare)
        raise LoadError(f"its pickle calls a {type(thing).__name__}")

    def may_have_state(self, kind) -> bool:
        """Say whether instances of a class may be given attributes."""
        if not isinstance(kind, type):
            return False
        return is_trusted(kind) or (self.whole and issubclass(kind, Module))


# What runs commands and code, whoever allows it: not even add_safe_globals opens these modules.
BLOCKED = {
    "builtins", "__builtin__", "os", "posix", "nt", "posixpath", "ntpath", "sys", "subprocess",
    "shutil", "socket", "ctypes", "importlib", "runpy", "pty", "code", "codeop", "pickle",
    "_pickle", "marshal", "webbrowser", "multiprocessing", "threading", "asyncio", "pip",
}  # fmt: skip
HARMLESS = {  # builtins that hold things, and make nothing happen
    "set", "frozenset", "list", "dict", "tuple", "int", "float", "complex", "bool", "str", "bytes",
    "bytearray", "range", "slice", "object",
}  # fmt: skip


def found_in_models(module: str, name: str):
    """Find a Module class, or a function such as F.relu, in what is imported already."""
    found = sys.modules.get(module)
    for step in name.split("."):
        found = getattr(found, "__dict__", {}).get(step)
    return found if part_of_models(found) else None


def _refusal(module, name, whole):
    full = f"{module}.{name}"
    start = f"Unsupported global: GLOBAL {full} was not an allowed global by default. "
    if full in CANNOT:
        return f"{start}{CANNOT[full]}"
    if module == "torch" and re.match(r"q?u?int\d|bits\d|float\d|complex\d", name):
        return f"{start}autograd_lab has no {name} numbers: in PyTorch, convert them first"
    if module.startswith("torch.nn.modules"):
        return (
            f"Weights only load failed. {start}The file holds a whole model of PyTorch's, and with "
            "it names of PyTorch's code. In PyTorch, torch.save(model.state_dict(), path) saves "
            "what can be loaded here"
        )
    if not whole and found_in_models(module, name):
        return (
            f"Weights only load failed. {start}The file holds a whole model. "
            "torch.load(path, weights_only=False) builds it of classes that are imported here; a "
            "file of model.state_dict() is safer and lasts longer"
        )
    if whole:
        return (
            f"{start}Even with weights_only=False only classes of models are built, of modules "
            f"that are imported here. Define or import {name} first; if it is no model and you "
            f"trust it, call torch.serialization.add_safe_globals([{name}])"
        )
    return (
        f"Weights only load failed. {start}Please use "
        f"`torch.serialization.add_safe_globals([{name}])` or the "
        f"`torch.serialization.safe_globals([{name}])` context manager to allowlist this global if "
        "you trust this class/function. A file of tensors has no need of it: do not trust it "
        "because a file asks"
    )


def _refuse_call(reader, *args):
    raise LoadError("its pickle calls something that can only be named")


# --- Python's own


def _copying(make, kind=object):
    """Make something of one container: what it holds is counted, and checked as keys are."""

    def made(reader, items=()):
        if not isinstance(items, kind):
            raise LoadError(f"its pickle makes a {make.__name__} of a {type(items).__name__}")
        reader.count(len(items))
        return make(items)

    return made


def _ordered_dict(pairs):
    return collections.OrderedDict((checked_key(key), value) for key, value in pairs)


def _set(items):
    return set(map(checked_key, items))


def _frozenset(items):
    return frozenset(map(checked_key, items))


def _encode(reader, text, encoding="latin1"):
    if encoding not in ("latin1", "latin-1", "ascii", "utf-8"):
        raise LoadError(f"its pickle encodes text as {encoding}")
    reader.count(len(text))
    return text.encode(encoding)


def _complex(reader, real, imag):
    return complex(float(real), float(imag))


def _default_dict(reader, factory=None):
    kinds = {f"builtins.{kind.__name__}": kind for kind in PLAIN_FACTORIES}
    return collections.defaultdict(None if factory is None else kinds[factory.name])


# --- NumPy's


def _numpy_dtype(reader, code, align=False, copy=True):
    if not re.fullmatch(r"[<=|]?[biufc]\d\d?", code):
        raise LoadError(f"it holds NumPy numbers of kind {code!r}")
    return np.dtype(code)


def _numpy_scalar(reader, kind, raw):
    if len(raw) != kind.itemsize:
        raise LoadError("it holds half a NumPy number")
    return np.frombuffer(raw, kind)[0]


def _numpy_array(reader, kind, shape, code):
    return np.empty(0, np.int8)  # its state, which comes next, says what it is


# --- tensors


def _size(reader, sizes):
    reader.count(len(sizes))
    return Size(int(n) for n in sizes)


def _device(reader, *args):
    return device(*args)


def _tensor(reader, numbers, offset, size, stride, requires_grad=False, hooks=None, how=None):
    if not isinstance(numbers, Numbers):
        raise LoadError("its pickle makes a tensor of something that is no storage")
    made = view(numbers, offset, size, stride)
    if how:
        how = bool(how.get("conj")), bool(how.get("neg"))
        made = _with_signs(reader, made, numbers, (offset, tuple(size), tuple(stride)), *how)
    return made.requires_grad_() if requires_grad else made


def _tensor_of_dtype(reader, numbers, offset, size, stride, requires_grad, hooks, kind, how=None):
    typed = Numbers(numbers.storage, kind.name)
    return _tensor(reader, typed, offset, size, stride, requires_grad, hooks, how)


def _with_signs(reader, made, numbers, layout, conjugate, negate):
    """Carry out what PyTorch only notes down: that a tensor is conjugated, or negated.

    That takes memory of its own: equal tensors of a storage share it, and it is counted.
    """
    signed, key = numbers.storage.signed, (numbers.kind, *layout, conjugate, negate)
    if key not in signed:
        reader.count(numbers.storage.beyond_its_share(made.nbytes))
        made = made.conj().resolve_conj() if conjugate else made
        signed[key] = (-made if negate else made).array
    return wrap(signed[key])


def _parameter(reader, data, requires_grad=True, hooks=None, state=None):
    return Parameter(_is_tensor(data), bool(requires_grad))


def _with_attributes(reader, make, kind, args, state):
    """Make a tensor to which a program gave attributes of its own; they are left out."""
    return reader.find.maker(make).make(reader, *args)


def _is_tensor(x):
    if not isinstance(x, Tensor):
        raise LoadError(f"its pickle makes a parameter of a {type(x).__name__}")
    return x


CANNOT = {
    "torch._utils._rebuild_sparse_tensor":
        "It is a sparse tensor: in PyTorch, save x.to_dense() instead",
    "torch._utils._rebuild_qtensor":
        "It is a quantized tensor: in PyTorch, save x.dequantize() instead",
    "torch._utils._rebuild_meta_tensor_no_storage": "It is a tensor on meta, without numbers",
    "torch._utils._rebuild_nested_tensor":
        "It is a nested tensor: in PyTorch, save list(x.unbind()) instead",
}  # fmt: skip
MAKERS = {
    "collections.OrderedDict": _copying(_ordered_dict, list | tuple),
    "collections.Counter": _copying(collections.Counter, dict),
    "collections.defaultdict": _default_dict,
    "builtins.set": _copying(_set, list | tuple),
    "builtins.frozenset": _copying(_frozenset, list | tuple),
    "builtins.bytearray": _copying(bytearray, bytes), "builtins.bytes": _copying(bytes, tuple),
    "builtins.complex": _complex,
    "_codecs.encode": _encode,
    "numpy.dtype": _numpy_dtype, "numpy.ndarray": _refuse_call,
    "numpy.core.multiarray.scalar": _numpy_scalar,
    "numpy.core.multiarray._reconstruct": _numpy_array,
    "torch.Size": _size, "torch.device": _device,
    "torch._utils._rebuild_tensor": _tensor, "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor_of_dtype,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch._tensor._rebuild_from_type_v2": _with_attributes,
    "torch.Tensor": _refuse_call, "torch.nn.parameter.Parameter": _refuse_call,
} | {f"builtins.{kind.__name__}": _refuse_call for kind in PLAIN_FACTORIES if kind is not set}
TABLE = {name: Maker(name, make) for name, make in MAKERS.items()}
TABLE |= {f"torch.{d.name}": d for d in dtypes.ALL}
TABLE |= {f"torch.{where}{name}": Maker(name, _refuse_call)
          for name in NAMES for where in ("", "cuda.", "storage.")}  # fmt: skip
TABLE |= {f"__builtin__.{name[9:]}": TABLE[name] for name in list(TABLE)
          if name.startswith("builtins.")}  # fmt: skip
TABLE |= {name.replace("numpy.core", "numpy._core"): TABLE[name] for name in list(TABLE)
          if name.startswith("numpy.core")}  # fmt: skip
