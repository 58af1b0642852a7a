"""The short roads from a call to NumPy, for operations and calls that are plain.

``unary`` and ``binary`` for element-wise operations, ``settled`` for one operand with settings
(``x.sum(0)``), ``fused`` for operations whose operands must be of one dtype
(``linear(x, w, b)``). All hand over to the general road as soon as anything is unusual; what they
repeat of it is what makes an operation cost about a microsecond. ``plain`` serves all others
(``cat([a, b])``, ``x.split(2)``, ``where(c, a, b)``): it spares them the checks and casts alone.
"""

import numpy as np

from . import grad_mode, watching
from .core import TENSORS, Tensor, new
from .device import HOST, on_first_gpu_array
from .general import full, general_road, note_views, placed, run, widened
from .grad_mode import is_grad_enabled
from .kind import REQUIRED
from .limits import REAL_NUMBERS
from .watching import tell
from .writes import birth

f32 = np.float32
INT64 = np.dtype("int64")
special = False  # a GPU is in use: every call takes the general road


def use_general_road(cupy) -> None:
    """Send every call over the general road from now on: it asks where the arrays are."""
    global special
    special = True


on_first_gpu_array.append(use_general_road)


def shortest_road(kind):
    """Choose the shortest road that an operation allows."""
    if not kind.where:
        return general_road(kind)
    if kind.listed or kind.cls.several:
        return plain_road(kind)
    plain = len(kind.where) == len(kind.names) and not kind.made
    if plain and kind.names in (("x",), ("input",)) and kind.joint:
        return unary_road(kind)
    if plain and len(kind.names) == 2 and all(kind.rules) and kind.cls.broadcast:
        return binary_road(kind)
    if kind.where == (0,) and kind.joint:
        return settled_road(kind)
    leading = kind.where in ((0, 1), (0, 1, 2))
    if leading and not (kind.cls.broadcast or kind.cls.view):
        return fused_road(kind)
    return plain_road(kind)


def unary_road(kind):
    """Build the call of an operation with one operand and no settings: ``x.tanh()``."""
    general = general_road(kind)
    node_class = kind.variant((0,))
    forward, check = kind.cls.forward, kind.cls.promote
    has_y, has_x = "y" in node_class.keep, kind.operands[0] in node_class.keep
    if has_x and has_y or kind.cls.view:
        return plain_road(kind)

    def call(x=REQUIRED, *, out=None, input=REQUIRED):
        __tracebackhide__ = True
        if type(x) not in TENSORS or out is not None or special:
            return general(*_first(input if x is REQUIRED else x, ()), out=out)
        n, a = new(node_class), x.array
        try:
            y = forward(n, a)
        except Exception:
            return general(x)
        if type(a) is not f32 and check and (y.dtype is not a.dtype or y.dtype.kind == "c"):
            return general(x)
        r = new(Tensor)
        r.array, r._grad, m = y, None, x.node
        if m is not None and (not grad_mode.quiet or is_grad_enabled()):
            r.node, n.next, n.seq = n, (m,), birth()
            n.saved = (y,) if has_y else (a,) if has_x else None
        else:
            r.node = None
        if watching.watchers:
            tell(n, r, (x,))
        return r

    return call


def binary_road(kind):
    """Build the call of an element-wise operation with two operands: ``a * b``."""
    general = general_road(kind)
    both, left, right = kind.variant((0, 1)), kind.variant((0,)), kind.variant((1,))
    forward = kind.cls.forward
    first, second = kind.operands
    swapped = both.keep == (second, first)
    keep_both, keep_left, keep_right = (_keeper(kind, v) for v in (both, left, right))

    def from_left(a, b):  # 2 - t
        n, z = new(right), b.array
        try:
            y = forward(n, a, z)
        except Exception:
            return general(a, b)
        if type(z) is not f32 and (y.dtype is not z.dtype or y.dtype.kind == "c"):
            return general(a, b)
        r = new(Tensor)
        r.array, r._grad, k = y, None, b.node
        if k is not None and (not grad_mode.quiet or is_grad_enabled()):
            r.node, n.next, n.seq = n, (k,), birth()
            n.saved = keep_right and keep_right(a, z, y)
        else:
            r.node = None
        if watching.watchers:
            tell(n, r, (a, b))
        return r

    def unusual(a, b):
        __tracebackhide__ = True
        try:
            return general(a, b)
        except TypeError:
            if isinstance(a, Tensor) and isinstance(b, Tensor):
                raise
            return NotImplemented  # Python asks the other operand's operator, or raises

    def operator(a, b):
        __tracebackhide__ = True
        if type(a) not in TENSORS or special:
            number = type(a) in REAL_NUMBERS and type(b) in TENSORS and not special
            return from_left(a, b) if number else unusual(a, b)
        x, m = a.array, a.node
        if type(b) in TENSORS:
            z, k, number = b.array, b.node, False
        elif type(b) in REAL_NUMBERS:
            z, k, number = b, None, True
        else:
            return unusual(a, b)
        kept = both if m is not None and k is not None else left if k is None else right
        n = new(kept)
        try:
            y = forward(n, x, z)
        except Exception:
            return general(a, b)
        if type(x) is not f32 or not number and type(z) is not f32:
            d = y.dtype
            if d is not x.dtype or not number and d is not z.dtype or d.kind == "c":
                return general(a, b)
            if not number and x.shape != z.shape:
                m, k = widened(m, x, y.shape), widened(k, z, y.shape)
        r = new(Tensor)
        r.array, r._grad = y, None
        if (m is not None or k is not None) and (not grad_mode.quiet or is_grad_enabled()):
            r.node, n.seq = n, birth()
            if kept is both:
                n.next = (m, k)
                n.saved = (z, x) if swapped else keep_both and keep_both(x, z, y)
            elif kept is left:
                n.next, n.saved = (m,), keep_left and keep_left(x, z, y)
            else:
                n.next, n.saved = (k,), keep_right and keep_right(x, z, y)
        else:
            r.node = None
        if watching.watchers:
            tell(n, r, (a, b))
        return r

    def call(*args, out=None, **named):
        __tracebackhide__ = True
        if len(args) == 2 and out is None and not named:
            result = operator(*args)
            if result is not NotImplemented:
                return result
        return general(*args, out=out, **named)

    call.operator = operator  # for a + b: two operands and nothing else
    return call


def _keeper(kind, variant):
    """Make the function that picks what a node keeps; None where it keeps nothing."""
    a, b = kind.operands
    pick = {
        (): None, (a,): lambda x, z, y: (x,), (b,): lambda x, z, y: (z,),
        ("y",): lambda x, z, y: (y,), (a, b): lambda x, z, y: (x, z),
    }  # fmt: skip
    if variant.keep in pick:
        return pick[variant.keep]
    places = [(a, b, "y").index(name) for name in variant.keep]

    def keeper(*xzy):
        return tuple([xzy[i] for i in places])

    return keeper


def settled_road(kind):
    """Build the call of an operation with one operand and settings: ``x.sum(0)``."""
    general = general_road(kind)
    node_class, bare = kind.variant((0,)), kind.variant(())
    forward, check, view = kind.cls.forward, kind.cls.promote, kind.cls.view
    floats = kind.cls.result == "float"
    has_y, has_x = "y" in node_class.keep, kind.operands[0] in node_class.keep
    made, names = kind.made, (kind.operands[0], "y", *kind.made)
    places = [names.index(name) for name in node_class.keep]

    def call(x=REQUIRED, *settings, out=None, **named):
        __tracebackhide__ = True
        if type(x) not in TENSORS or out is not None or special:
            if type(x) in HOST and not (named or special):  # a gradient rule at work
                return forward(new(bare), x, *settings)
            return general(*_first(x, settings), out=out, **named)
        n, a = new(node_class), x.array if not view else x.shared()
        try:
            y = forward(n, a, *settings, **named)
        except Exception:
            y = None
        odd = y is None or check and type(y) is not f32 and (
            y.dtype.kind == "c" or floats and y.dtype is not a.dtype
        )  # fmt: skip
        if odd:  # asked behind the exception, so that a learner sees the general road's alone
            return general(x, *settings, **named)
        r = new(Tensor)
        r.array, r._grad, m = y, None, x.node
        if (
            m is not None
            and (not grad_mode.quiet or is_grad_enabled())
            and (type(y) is f32 or y.dtype.kind in "fc")
        ):
            r.node, n.next, n.seq = n, (m,), birth()
            if made or has_x and has_y:
                values = (a, y, *_taken(n, made))
                n.saved = tuple([values[i] for i in places])
            else:
                n.saved = (a,) if has_x else (y,) if has_y else None
        else:
            r.node = None
        if view:
            note_views(kind, r, x, (x, *settings), named)
        if watching.watchers:
            tell(n, r, *full(kind, (x, *settings), named))
        return r

    return call


def plain_road(kind):
    """Build the call of any other operation, for operands that need no cast and no other device."""
    general, cls, listed = general_road(kind), kind.cls, kind.listed
    bare, where, first = kind.variant(()), kind.where, kind.where[0]

    def call(*args, out=None, **named):
        __tracebackhide__ = True
        if special or out is not None:
            return general(*args, out=out, **named)
        done = None
        try:
            given = placed(kind, args, named)
            if listed:
                given[first] = _copied(given[first])
            operands = given[first] if listed else [given[i] for i in where]
            if _are_plain(operands, kind):
                if cls.refuse:
                    cls.refuse(operands)
                done = run(kind, given, operands, np)
            elif operands and all(type(x) in HOST for x in operands):
                return cls.forward(new(bare), *given)  # a gradient rule at work
        except Exception:
            done = None
        if done is None:
            return general(*args, **named)
        node, result = done
        if watching.watchers:
            for r in result if type(result) is tuple else (result,):
                tell(node, r, tuple(given))
        return result

    return call


def _copied(operands):
    """Copy a list, since whoever is told of it may keep it; a tensor or a generator is no list."""
    return list(operands) if type(operands) in (list, tuple) else []


class Variants(dict):
    """Which operands have nodes -> the class of their node, which nodes it leads to, what it keeps.

    Filled as it is asked.
    """

    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def __missing__(self, has):
        kind = self.kind
        edges = tuple(i for i, m in enumerate(has) if m and (kind.joint or kind.rules[i]))
        node_class = kind.variant(edges)
        names = (*kind.operands, "y", *kind.made)
        self[has] = node_class, edges, [names.index(name) for name in node_class.keep]
        return self[has]


def _are_plain(operands, kind) -> bool:
    """Say whether operands are tensors of real numbers, and need not be brought to one dtype.

    Numbers may stand among them, and None where it may; not in a list.
    """
    promote, dtypes, numbers = kind.cls.promote, [], False
    for i, x in enumerate(operands):
        if type(x) in TENSORS:
            d = x.array.dtype
            if d.kind == "c":
                return False
            if promote is True or promote and i in promote:
                dtypes.append(d)
        elif kind.listed:
            return False
        elif type(x) in REAL_NUMBERS:
            numbers = True
            if not (i or kind.cls.broadcast):
                return False
        elif x is not None or kind.needed[i]:
            return False
    if promote:
        floats_only = numbers or kind.cls.result == "float"
        return len(set(dtypes)) == 1 and (dtypes[0].kind == "f" or not floats_only)
    return bool(operands) and type(operands[0]) in TENSORS


def fused_road(kind):
    """Build the call of an operation that takes its operands as they are: ``linear(x, w, b)``."""
    general, forward, check = general_road(kind), kind.cls.forward, kind.cls.promote
    count, settings = len(kind.where), frozenset(kind.names[len(kind.where) :])
    made, kinds = kind.made, "f" if kind.cls.result == "float" else "fiub"
    variants = Variants(kind)

    def call(x=REQUIRED, w=REQUIRED, *more, out=None, **named):
        __tracebackhide__ = True
        if type(x) not in TENSORS or special or out is not None:
            return general(*_given(x, w, more), out=out, **named)
        if named and not named.keys() <= settings:
            return general(*_given(x, w, more), **named)
        a, m = x.array, x.node
        if type(w) in TENSORS:
            b, k = w.array, w.node
            if check and (a.dtype is not b.dtype or a.dtype.kind not in kinds):
                return general(*_given(x, w, more), **named)
        elif check and type(w) in REAL_NUMBERS and _takes(a.dtype, w, kinds):
            b, k = w, None
        else:
            return general(*_given(x, w, more), **named)
        c = p = None
        if count == 3 and more and (bias := more[0]) is not None:
            if type(bias) not in TENSORS:
                return general(*_given(x, w, more), **named)
            c, p = bias.array, bias.node
        has = (m is not None, k is not None, p is not None)
        if grad_mode.quiet and not is_grad_enabled():
            has = (False, False, False)
        node_class, edges, places = variants[has]
        n = new(node_class)
        try:
            y = (
                forward(n, a, b, *more, **named) if count == 2
                else forward(n, a, b, c, *more[1:], **named)
            )  # fmt: skip
        except Exception:
            y = None
        if y is None:
            return general(*_given(x, w, more), **named)
        r = new(Tensor)
        r.array, r._grad, r.node = y, None, None
        if edges and y.dtype.kind in "fc":
            nodes, values = (m, k, p), (a, b, c, y) if count == 3 else (a, b, y)
            if made:
                values += _taken(n, made)
            r.node, n.seq = n, birth()
            n.next = tuple([nodes[i] for i in edges])
            n.saved = tuple([values[i] for i in places])
        if watching.watchers:
            tell(n, r, *full(kind, (x, w, *more), named))
        return r

    return call


def _first(x, settings) -> tuple:
    """List the arguments that were given in their places: all but x in ``sum(input=x, dim=0)``."""
    return settings if x is REQUIRED else (x, *settings)


def _takes(dtype, number, kinds) -> bool:
    """Say whether a number next to a tensor leaves the dtype as it is, and surely fits into it."""
    whole = dtype is INT64 and "i" in kinds and type(number) is int and abs(number) < 2**62
    return whole or dtype.kind == "f"


def _given(x, w, more) -> tuple:
    """List the arguments that were given in their places; others have names, or are missing."""
    if w is not REQUIRED:
        return (x, w, *more)
    return _first(x, ())


def _taken(node, names):
    """Take what forward left on a node: it is kept, and freed, with all else that is saved."""
    values = tuple([getattr(node, name) for name in names])
    for name in names:
        delattr(node, name)
    return values
