"""The general road of a call: the whole contract, step by step.

Other dtypes, other shapes, other devices, several operands, lists, several outputs: every rule of
the contract is written here, once. The short roads (roads.py) are this road for plain calls.
"""

import inspect
from contextlib import suppress
from typing import Any

import numpy as np

from . import dtypes, grad_mode, watching
from .core import NUMBERS, OPS, TENSORS, Output, new, wrap
from .device import HOST, cpu, cupy, memory, raise_explained
from .errors import explain
from .grad_mode import is_grad_enabled
from .inplace import note_view
from .kind import NUMPY_WORDS, PYTORCH_WORDS, REQUIRED
from .limits import as_64_bits
from .mistakes import note
from .out import check_out, written
from .tensors_only import no_element, no_tensor
from .watching import tell
from .writes import birth

mixed: Any = None  # casts operands on a GPU, once ``autocast`` was used there: see amp/casts.py
ALIASES = {  # PyTorch's names of operands
    "input": 0, "self": 0, "other": 1, "mat2": 1, "vec2": 1, "exponent": 1,
}  # fmt: skip
OF_NUMBERS = {"add", "sub", "mul", "div", "floor_divide"}  # two plain numbers will do


def general_road(kind):
    """Build the call that knows the whole contract, step by step."""

    def general(*args, out=None, **named):
        __tracebackhide__ = True  # IPython leaves this frame out of a learner's error
        try:
            return travel(kind, args, out, named)
        except Exception as error:
            _note_mistake(kind, args, named, error)
            raise

    return general


def travel(kind, args, out, named):
    """Go from a call to its result: place, check, promote, compute, record, tell."""
    __tracebackhide__ = True
    cls, where = kind.cls, kind.where
    if cls.also and (len(args) > len(kind.names) or any(_unknown(kind, n) for n in named)):
        result = cls.also(*args, **_in_our_words(kind, named))
        return result if out is None else written(out, result, cls.__name__)
    args = placed(kind, args, named)
    if kind.listed and (type(args[where[0]]) in TENSORS or not hasattr(args[where[0]], "__iter__")):
        raise TypeError(
            f"{cls.__name__}(): argument '{kind.shown[0]}' (position 1) must be tuple of "
            f"Tensors, not {type(args[where[0]]).__name__}"
        )
    xs = _operands(kind, args)
    if not any(type(x) in TENSORS for x in xs):
        if cls.refuse and not xs:
            cls.refuse(xs)
        if any(hasattr(x, "dtype") for x in xs):
            return on_arrays(kind, args, xs)  # a gradient rule at work: arrays to arrays
        if cls.__name__ in OF_NUMBERS and all(type(x) in NUMBERS for x in xs):
            first = wrap(result_type(xs[0]).array.type(xs[0]))
            return travel(kind, [first, *args[1:]], out, {})
        if kind.listed:
            raise no_element(xs[0], 0) if xs else TypeError(
                f"{cls.__name__}(): expected a non-empty list of Tensors"
            )
        raise no_tensor(cls.__name__, kind.shown[0], 1, xs[0])
    tensors = [_as_operand(kind, i, x) for i, x in enumerate(xs)]
    if cls.refuse:
        cls.refuse(tensors)
    xp, tensors = same_device(cls, tensors)
    if mixed is not None and xp is not np:
        tensors = mixed(cls.__name__, tensors)
    if cls.promote:
        tensors = promoted(cls, tensors)
    node, result = run(kind, args, tensors, xp)
    if watching.watchers:
        for r in result if type(result) is tuple else (result,):
            tell(node, r, _with(kind, args, tensors))
    if out is None:
        return result
    check_out(kind, out, result, xs)
    return written(out, result, cls.__name__)


def _operands(kind, args):
    return list(args[kind.where[0]]) if kind.listed else [args[i] for i in kind.where]


def _note_mistake(kind, args, named, error):
    """Add to a learner's error the names, the line and what would work; never hide the error."""

    def attempt(xs):
        xs = xs if kind.cls.view else _copies(xs)
        return travel(kind, _with(kind, args, xs), None, {})

    with suppress(Exception):
        args = placed(kind, args, named)
        note(
            error, kind.cls.__name__, kind.operands, _operands(kind, args), attempt,
            bool(kind.cls.broadcast),
            [setting for i, setting in enumerate(args) if i not in kind.where],
        )  # fmt: skip


def _copies(xs):
    """Copy operands for a trial: batch_norm moves its running means, embedding its table."""
    return [x.clone() if type(x) in TENSORS else x for x in xs]


def _unknown(kind, name):
    return _place_of_name(kind, name) is None


def _in_our_words(kind, named):
    """Name operands as ``also`` does: ``input=x`` may mean its ``a``."""
    code = kind.cls.also.__code__
    own = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    places = {name: None if name in own else _place_of_name(kind, name) for name in named}
    for name, place in places.items():
        if place is None and name not in own and not code.co_flags & inspect.CO_VARKEYWORDS:
            raise TypeError(f"{kind.cls.__name__}() got an unexpected keyword argument '{name}'")
    return {
        name if places[name] is None else kind.names[places[name]]: value
        for name, value in named.items()
    }


def placed(kind, args, named):
    """Put keyword arguments and defaults in their places."""
    if len(args) > len(kind.names):
        raise TypeError(
            f"{kind.cls.__name__}() takes {len(kind.names)} positional arguments but "
            f"{len(args)} were given"
        )
    values = list(args) + list(kind.defaults[len(args) :])
    for name, value in named.items():
        place = _place_of_name(kind, name)
        if place is None:
            raise TypeError(f"{kind.cls.__name__}() got an unexpected keyword argument '{name}'")
        if place < len(args):
            raise TypeError(f"{kind.cls.__name__}() got multiple values for argument '{name}'")
        values[place] = value
    if not named and len(args) >= kind.required:
        return values
    missing = [name for name, value in zip(kind.names, values) if value is REQUIRED]
    if missing:
        words = "arguments" if len(missing) == 1 else "argument"  # PyTorch has them this way round
        names = ", ".join([f'"{PYTORCH_WORDS.get(name, name)}"' for name in missing])
        raise TypeError(
            f"{kind.cls.__name__}() missing {len(missing)} required positional {words}: {names}"
        )
    return values


def _place_of_name(kind, name):
    """Find the argument that a keyword means: our own name, or PyTorch's for an operand."""
    for word in (name, *NUMPY_WORDS.get(name, ())):
        if word in kind.names:
            return kind.names.index(word)
    if name == "tensors":
        return kind.where[0] if kind.listed else None
    operand = ALIASES.get(name)
    if operand is None or operand >= len(kind.where) or (operand and len(kind.where) > 2):
        return None
    return kind.where[operand]


def _as_operand(kind, i, x):
    missing = x is None and not kind.listed and kind.needed[i]
    misplaced = type(x) in NUMBERS and not i and not (kind.cls.broadcast or kind.listed)
    if type(x) in TENSORS or not (missing or misplaced) and (x is None or type(x) in NUMBERS):
        return x
    if isinstance(x, np.ndarray) or hasattr(x, "__cuda_array_interface__"):
        return wrap(x)
    if isinstance(x, (np.generic, bool, int, float, complex)) and not misplaced:
        return x.item() if isinstance(x, np.generic) else x
    if kind.listed:
        raise no_element(x, i)
    raise no_tensor(kind.cls.__name__, kind.shown[0 if kind.listed else i], i + 1, x)


def same_device(cls, tensors):
    """Check that all operands live in one place; a 0-d tensor of the CPU may join any."""
    places = {t.device for t in tensors if type(t) in TENSORS}
    if len(places) == 1:
        return places.pop().xp, tensors
    if len(places) == 2 and cpu in places:
        (gpu,) = places - {cpu}
        if all(t.ndim == 0 for t in tensors if type(t) in TENSORS and t.device == cpu):
            to = OPS["to_device"]
            return gpu.xp, [to(t, gpu) if type(t) in TENSORS else t for t in tensors]
    names = " and ".join(sorted(map(str, places), reverse=True)[:2])
    raise RuntimeError(
        "Expected all tensors to be on the same device, but found at least two devices, "
        f"{names}! ({cls.__name__}) Move one of them: x = x.to(y.device)"
    )


def promoted(cls, tensors):
    """Bring the operands to the dtype that PyTorch's rules give the result.

    ``cls.promote`` is True, or names the places of the operands that are brought together.
    """
    which = cls.promote if type(cls.promote) is tuple else range(len(tensors))
    mixed = [tensors[i] for i in which if tensors[i] is not None]
    if not mixed:
        return tensors
    want = result_type(*mixed)
    if not any(type(t) in TENSORS for t in mixed):  # where(condition, 1.0, 0.0)
        tensors = [wrap(want.array.type(t)) if i in which and t is not None else t
                   for i, t in enumerate(tensors)]  # fmt: skip
    if cls.result == "float" and want.rank < dtypes.FLOATING:
        want = dtypes.default
    to = OPS["to"]
    changed = []
    for i, t in enumerate(tensors):
        if i not in which:
            pass
        elif type(t) in TENSORS:
            t = t if t.array.dtype == want.array else to(t, want)
        elif t is not None and want.rank == dtypes.INTEGER:
            t = np.asarray(as_64_bits(t)).astype(want.array).item()  # 300 in uint8 is 44
        changed.append(t)
    return changed


def result_type(*operands) -> dtypes.dtype:
    """Say which dtype a mixture of Tensors and Python numbers has."""
    tensors, scalars, numbers = [], [], []
    for x in operands:
        if type(x) in TENSORS:
            (tensors if x.array.ndim else scalars).append(x.dtype)
        else:
            numbers.append(dtypes.of_number(x))
    return dtypes.combine(tensors, scalars, numbers)


def _with(kind, args, xs):
    """Put the operands, as they are now, back among the settings."""
    args = list(args)
    if kind.listed:
        args[kind.where[0]] = xs
        return tuple(args)
    for i, x in zip(kind.where, xs):
        args[i] = x
    return tuple(args)


def run(kind, args, tensors, xp):
    """Compute, and make the node."""
    __tracebackhide__ = True
    cls = kind.cls
    if cls.view:
        tensors[0].shared()
    arrays, nodes, mixed = [], [], False
    for t in tensors:
        tensor = type(t) in TENSORS
        arrays.append(t.array if tensor else t)
        nodes.append(t.node if tensor else None)
        mixed = mixed or tensor and t.array.dtype.kind == "c"
    edges = ()
    if kind.differentiable and (not grad_mode.quiet or is_grad_enabled()):
        ruled = kind.listed or kind.joint
        edges = tuple([
            i for i, m in enumerate(nodes) if m is not None and (ruled or kind.rules[i])
        ])  # fmt: skip
    n = new(kind.variant((0,) if kind.listed else edges, xp, mixed))
    try:
        if xp is np:
            y = cls.forward(n, *_with(kind, args, arrays))
        else:
            with xp.cuda.Device(_place_of(tensors).index):
                y = cls.forward(n, *_with(kind, args, arrays))
    except Exception as error:
        if xp is not np:
            raise_explained(error, xp)
        raise explain(cls.__name__, kind.operands, tensors, error) from None
    if type(y) in NUMBERS:  # Python's complex and a NumPy scalar make a plain complex
        y = np.asarray(y)[()]
    ys = y if type(y) is tuple else (y,)
    if cls.broadcast:
        nodes = [widened(m, a, ys[0].shape) if m else m for m, a in zip(nodes, arrays)]
    results = [wrap(each) for each in ys]
    if edges and any(each.dtype.kind in "fc" for each in ys):
        n.next, n.seq = tuple([nodes[i] for i in edges]), birth()
        n.saved = _saved(kind, n, arrays, y)
        if kind.listed:
            n.edges, n.members = edges, len(nodes)
        _attach(n, results, type(y) is tuple)
    if cls.view:
        note_views(kind, y if type(y) is tuple else results[0], tensors[0], args, {}, results)
    return n, tuple(results) if type(y) is tuple else results[0]


def _place_of(tensors):
    return next(t.device for t in tensors if type(t) in TENSORS)


def _saved(kind, n, arrays, y):
    values = {kind.operands[0]: arrays} if kind.listed else dict(zip(kind.operands, arrays))
    values["y"] = y
    for name in kind.made:
        if name in n.keep:
            values[name] = getattr(n, name)
            delattr(n, name)
    return tuple([values[name] for name in n.keep]) or None


def _attach(n, results, several):
    """Hang the results on their node: each of several on a small node of its own."""
    if not several:
        results[0].node = n
        return
    for place, r in enumerate(results):
        if r.array.dtype.kind in "fc":
            o = r.node = new(Output)
            o.next, o.seq, o.saved, o.place = (n,), birth(), None, place


def note_views(kind, y, source, args, named, results=()):
    """Note that results share the operand's memory (a reshape may have had to copy)."""
    settings = tuple(args[1:])
    call = kind.cls.call if not named else _bound(kind.cls.call, named)
    if type(y) is tuple:
        for place, r in enumerate(results):
            note_view(r, source, call, settings, place)
    elif kind.cls.view is True or memory(y.array) is memory(source.array):
        note_view(y, source, call, settings)


def _bound(call, named):
    return lambda x, *settings: call(x, *settings, **named)


def full(kind, args, named):
    """Give watchers one form of every call: all arguments in their places."""
    return (tuple(placed(kind, args, named)) if named else args,)


def on_arrays(kind, args, xs):
    """Run an operation on bare arrays: what gradient rules do."""
    first = next(x for x in xs if hasattr(x, "dtype"))
    xp = np if type(first) in HOST else cupy()
    return kind.cls.forward(new(kind.variant((), xp)), *args)


def widened(node, array, shape):
    """Make broadcasting visible: a node ``expand`` between an operand and the operation.

    Its gradient adds up again what broadcasting had repeated.
    """
    if node is None or array.shape == shape:
        return node
    n = new(_implicit_expand())
    n.old, n.shape, n.next, n.seq, n.saved = array.shape, shape, (node,), birth(), None
    return n


def _implicit_expand():
    call = OPS["expand"]
    cls = getattr(call, "implicit", None)
    if cls is None:
        base = call.__wrapped__
        cls = type("ExpandBackward0", (base,), {
            "__slots__": ("shape",), "implicit": True, "edges": (0,), "pull": base.backward,
        })  # fmt: skip
        call.implicit = cls
    return cls
