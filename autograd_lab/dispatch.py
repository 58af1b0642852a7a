"""What ``@op`` builds: one flat road from a call to NumPy.

Four roads lead through here: ``unary`` and ``binary`` for the plain element-wise operations,
``settled`` for one operand with settings (``x.sum(0)``), and ``general`` for everything else: other
dtypes, other shapes, other devices, several operands, lists, several outputs. The three short roads
hand over to ``general`` as soon as anything is unusual, so each rule of the contract is written
once, there; what the short roads repeat of it is what makes an operation cost about a microsecond.
"""

import inspect
from collections.abc import Callable
from opcode import opmap
from typing import Any

import numpy as np

from . import dtypes, grad_mode, watching
from .core import (
    NUMBERS,
    OPS,
    TENSORS,
    Array,
    Arrays,
    Op,
    Output,
    Tensor,
    new,
    wrap,
)
from .device import HOST, cpu, cupy, memory, on_first_gpu_array
from .errors import explain
from .grad_mode import is_grad_enabled
from .inplace import note_view
from .watching import tell
from .writes import birth

F32 = np.dtype("float32")
OPERANDS = (Array, Array | None, Arrays)  # the annotations of forward's operands
REAL_NUMBERS = frozenset({int, float})  # True, False and complex numbers have rules of their own
STORE_ATTR = opmap["STORE_ATTR"]
f32 = np.float32
special = False  # a GPU is in use: every call takes the general road
ALIASES = {"input": 0, "self": 0, "other": 1, "mat2": 1, "vec2": 1}  # PyTorch's names of operands


def use_general_road() -> None:
    """Send every call over the general road from now on: it asks where the arrays are."""
    global special
    special = True


on_first_gpu_array.append(use_general_road)


def op(cls) -> Callable[..., Any]:
    """Turn an Op class into the function that learners call; ``F.tanh??`` still shows the class."""
    kind = Kind(cls)
    call = kind.road()
    for function in (call, getattr(call, "operator", call)):
        function.__name__ = function.__qualname__ = cls.__name__
        function.__doc__, function.__module__ = cls.__doc__, cls.__module__
        function.__wrapped__, function.__signature__ = kind.cls, _for_learners(kind.signature)
    kind.cls.call, kind.cls.operand_places = staticmethod(call), kind.where
    OPS[cls.__name__] = call
    return call


def _for_learners(signature):
    """Say in the signature what a learner passes: Tensors, where forward sees arrays."""
    shown = {Array: Tensor, Array | None: Tensor | None, Arrays: list[Tensor]}
    return signature.replace(parameters=[
        p.replace(annotation=shown.get(p.annotation, p.annotation))
        for p in signature.parameters.values()
    ])  # fmt: skip


class Kind:
    """What is known about an operation before it runs: read once from its class."""

    def __init__(self, cls):
        self.signature = inspect.Signature(
            list(inspect.signature(cls.forward).parameters.values())[1:]
        )
        parameters = list(self.signature.parameters.values())
        self.names = tuple(p.name for p in parameters)
        self.defaults = tuple(p.default for p in parameters)
        self.where = tuple(i for i, p in enumerate(parameters) if p.annotation in OPERANDS)
        self.listed = any(p.annotation is Arrays for p in parameters)
        self.cls = _with_slots(cls, tuple(self.names[i] for i in self.where))
        self.operands = self.cls.operands
        self.joint = vars(cls).get("backward")
        self.rules = tuple(vars(cls).get(f"backward_{name}") for name in self.operands)
        self.differentiable = bool(self.joint or any(self.rules))
        rules = [r for r in (self.joint, *self.rules) if r]
        known = (*self.operands, "y")
        wanted = dict.fromkeys(n for r in rules for n in _wants(r))
        self.made = tuple(n for n in wanted if n not in known)  # what forward makes for backward
        self.variants = {}

    def variant(self, edges, xp=np, complex_numbers=False):
        """Give the class of a node in which these operands need a gradient.

        It keeps what their rules name, and no more.
        """
        key = (edges, xp, complex_numbers and self.cls.holomorphic)
        if key not in self.variants:
            self.variants[key] = self._make_variant(*key)
        return self.variants[key]

    def _make_variant(self, edges, xp, conjugating):
        use = (self.joint,) if self.joint else tuple(self.rules[i] for i in edges)
        use = tuple(r or _no_gradient for r in use)
        keep = tuple(dict.fromkeys(n for r in use for n in _wants(r)))
        pull = _pull(use, keep)
        body = {
            "__slots__": (), "__doc__": self.cls.__doc__, "__module__": self.cls.__module__,
            "keep": keep, "pull": pull, "xp": xp,
        }  # fmt: skip
        body |= {k: _kept(i) for i, k in enumerate(keep) if k not in self.made}
        if not self.listed:
            body["edges"] = edges
        if self.listed or self.joint and len(self.operands) > 1:
            body["pull"] = _picking(pull)
        if conjugating:
            body["pull"] = _conjugating(body["pull"])
        return type(self.cls.torch_name, (self.cls,), body)

    def road(self):
        """Choose the shortest road that this operation allows."""
        plain = len(self.where) == len(self.names) and not self.listed and not self.made
        if self.listed or self.cls.several:
            return general_road(self)
        if plain and len(self.names) == 1 and self.joint:
            return unary_road(self)
        if plain and len(self.names) == 2 and all(self.rules) and self.cls.broadcast:
            return binary_road(self)
        if self.where == (0,) and self.joint and not self.made:
            return settled_road(self)
        leading = self.where in ((0, 1), (0, 1, 2))
        if leading and not (self.cls.broadcast or self.cls.view or self.made):
            return fused_road(self)
        return general_road(self)


def _with_slots(cls, operands):
    """Make the class again, with a slot for each thing that forward leaves on self."""
    extra = _names_stored(cls.forward.__code__)
    taken = [name for name in extra if hasattr(Op, name)]
    if taken:
        raise TypeError(f"{cls.__name__}.forward: self.{taken[0]} belongs to the engine")
    body = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__")}
    base = cls.__mro__[1]
    name = "".join(part.capitalize() for part in cls.__name__.split("_")) + "Backward0"
    listed = any(p.annotation is Arrays for p in inspect.signature(cls.forward).parameters.values())
    slots = (*extra, "edges") if listed else extra
    body |= {"__slots__": slots, "extra": slots, "operands": operands}
    body.setdefault("torch_name", name)
    return type(cls.__name__, (base,), body)


def _names_stored(code) -> tuple:
    """List the names that a function assigns to as attributes: ``self.old = ...``."""
    words = zip(code.co_code[::2], code.co_code[1::2])
    return tuple(dict.fromkeys(code.co_names[at] for op, at in words if op == STORE_ATTR))


def _kept(place):
    """Let a node show what it saved, by name: ``node.a``, ``node.y``."""
    return property(lambda node: node.saved[place], doc="What the node saved for backward.")


def _wants(rule):
    return tuple(inspect.signature(rule).parameters)[2:]


def _no_gradient(node, g):
    return None


def _pull(rules, keep):
    """Make one flat function ``node, g -> gradients`` from the rules and what they name."""
    at = [[keep.index(name) for name in _wants(r)] for r in rules]
    sizes = [len(a) for a in at]
    if sizes == [0]:
        return rules[0]
    if sizes == [1]:
        (rule,) = rules
        return lambda n, g: rule(n, g, n.saved[0])
    if sizes == [0, 0]:
        rule_a, rule_b = rules
        return lambda n, g: (rule_a(n, g), rule_b(n, g))
    if sizes == [1, 1]:
        (rule_a, rule_b), ((i,), (j,)) = rules, at

        def pull(n, g):
            s = n.saved
            return rule_a(n, g, s[i]), rule_b(n, g, s[j])

        return pull
    each = [_caller(r, a) for r, a in zip(rules, at)]
    if len(each) == 1:
        (only,) = each
        return lambda n, g: only(n, g, n.saved)

    def pull_all(n, g):
        s = n.saved
        return [c(n, g, s) for c in each]

    return pull_all


def _caller(rule, at):
    if not at:
        return lambda n, g, s: rule(n, g)
    if len(at) == 1:
        (i,) = at
        return lambda n, g, s: rule(n, g, s[i])
    return lambda n, g, s: rule(n, g, *[s[i] for i in at])


def _picking(pull):
    """From a joint rule's gradients of all operands, pick those that are wanted."""

    def picked(n, g):
        given = pull(n, g)
        return given[n.edges[0]] if len(n.edges) == 1 else [given[i] for i in n.edges]

    return picked


def _conjugating(pull):
    """Make a rule for real numbers right for complex ones: see ops/complex_numbers.py."""

    def conjugated(node, g):
        conj = OPS["conj"]
        given = pull(node, conj(g))
        if type(given) in (tuple, list):
            return [None if d is None else conj(d) for d in given]
        return conj(given)

    return conjugated


# --- the short roads


def unary_road(kind):
    """Build the call of an operation with one operand and no settings: ``x.tanh()``."""
    general = general_road(kind)
    node_class = kind.variant((0,))
    forward, check = kind.cls.forward, kind.cls.promote
    has_y, has_x = "y" in node_class.keep, kind.operands[0] in node_class.keep
    if has_x and has_y or kind.cls.view:
        return general

    def call(x=None, *, out=None, input=None):
        __tracebackhide__ = True
        if type(x) not in TENSORS or out is not None or special:
            return general(x if input is None else input, out=out)
        n, a = new(node_class), x.array
        try:
            y = forward(n, a)
        except Exception:
            return general(x)
        if type(y) is not f32 and check and (y.dtype is not a.dtype or y.dtype.kind == "c"):
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

    def operator(a, b):
        __tracebackhide__ = True
        if type(a) not in TENSORS or special:
            number = type(a) in REAL_NUMBERS and type(b) in TENSORS and not special
            return from_left(a, b) if number else general(a, b)
        x, m = a.array, a.node
        if type(b) in TENSORS:
            z, k, number = b.array, b.node, False
        elif type(b) in REAL_NUMBERS:
            z, k, number = b, None, True
        else:
            return general(a, b)
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
            return operator(*args)
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
    has_y, has_x = "y" in node_class.keep, kind.operands[0] in node_class.keep

    def call(x=None, *settings, out=None, **named):
        __tracebackhide__ = True
        if type(x) not in TENSORS or out is not None or special:
            if type(x) in HOST and not (named or special):  # a gradient rule at work
                return forward(new(bare), x, *settings)
            return general(x, *settings, out=out, **named)
        n, a = new(node_class), x.array if not view else x.shared()
        try:
            y = forward(n, a, *settings, **named)
        except Exception:
            return general(x, *settings, **named)
        if check and type(y) is not f32 and (y.dtype is not a.dtype or y.dtype.kind == "c"):
            return general(x, *settings, **named)
        r = new(Tensor)
        r.array, r._grad, m = y, None, x.node
        if (
            m is not None
            and (not grad_mode.quiet or is_grad_enabled())
            and (type(y) is f32 or y.dtype.kind in "fc")
        ):
            r.node, n.next, n.seq = n, (m,), birth()
            n.saved = ((a, y) if has_y else (a,)) if has_x else (y,) if has_y else None
            if has_x and has_y and node_class.keep[0] == "y":
                n.saved = (y, a)
        else:
            r.node = None
        if view:
            _note(kind, r, x, (x, *settings), named)
        if watching.watchers:
            tell(n, r, *_full(kind, (x, *settings), named))
        return r

    return call


def fused_road(kind):
    """Build the call of an operation that takes its operands as they are: ``linear(x, w, b)``."""
    general, forward, check = general_road(kind), kind.cls.forward, kind.cls.promote
    count, settings = len(kind.where), frozenset(kind.names[len(kind.where) :])
    known = {}  # which operands have nodes -> (the node's class, which nodes, what it keeps)

    def look_up(has):
        edges = tuple(i for i, m in enumerate(has) if m and (kind.joint or kind.rules[i]))
        node_class = kind.variant(edges)
        names = (*kind.operands, "y")
        known[has] = node_class, edges, [names.index(name) for name in node_class.keep]
        return known[has]

    def call(x=None, w=None, *more, out=None, **named):
        __tracebackhide__ = True
        if type(x) not in TENSORS or special or out is not None:
            return general(x, w, *more, out=out, **named)
        if named and not named.keys() <= settings:
            return general(x, w, *more, **named)
        a, m = x.array, x.node
        if type(w) in TENSORS:
            b, k = w.array, w.node
            if check and (a.dtype is not b.dtype or a.dtype.kind != "f"):
                return general(x, w, *more, **named)
        elif check and type(w) in REAL_NUMBERS and a.dtype.kind == "f":
            b, k = w, None
        else:
            return general(x, w, *more, **named)
        c = p = None
        if count == 3 and more and (bias := more[0]) is not None:
            if type(bias) not in TENSORS:
                return general(x, w, *more, **named)
            c, p = bias.array, bias.node
        has = (m is not None, k is not None, p is not None)
        if grad_mode.quiet and not is_grad_enabled():
            has = (False, False, False)
        node_class, edges, places = known.get(has) or look_up(has)
        n = new(node_class)
        try:
            y = (
                forward(n, a, b, *more, **named) if count == 2
                else forward(n, a, b, c, *more[1:], **named)
            )  # fmt: skip
        except Exception:
            return general(x, w, *more, **named)
        r = new(Tensor)
        r.array, r._grad, r.node = y, None, None
        if edges and y.dtype.kind in "fc":
            nodes, values = (m, k, p), (a, b, c, y) if count == 3 else (a, b, y)
            r.node, n.seq = n, birth()
            n.next = tuple([nodes[i] for i in edges])
            n.saved = tuple([values[i] for i in places])
        if watching.watchers:
            tell(n, r, *_full(kind, (x, w, *more), named))
        return r

    return call


# --- the general road


def general_road(kind):
    """Build the call that knows the whole contract, step by step."""
    cls, where, also = kind.cls, kind.where, vars(kind.cls).get("also")
    also = also and also.__func__

    def general(*args, out=None, **named):
        __tracebackhide__ = True  # IPython leaves this frame out of a learner's error
        if also and (len(args) > len(kind.names) or any(_unknown(kind, n) for n in named)):
            result = also(*args, **named)
            return result if out is None else written(out, result)
        args = placed(kind, args, named)
        if kind.listed and type(args[where[0]]) in TENSORS:
            raise TypeError(
                f"{cls.__name__}(): argument '{kind.operands[0]}' (position 1) must be tuple of "
                "Tensors, not Tensor"
            )
        xs = list(args[where[0]]) if kind.listed else [args[i] for i in where]
        if not any(type(x) in TENSORS for x in xs):
            if cls.refuse and not xs:
                cls.refuse(xs)
            if any(hasattr(x, "dtype") for x in xs):
                return on_arrays(kind, args, xs)  # a gradient rule at work: arrays to arrays
            raise TypeError(
                f"{cls.__name__}(): argument '{kind.operands[0]}' (position 1) must be Tensor, "
                f"not {type(xs[0]).__name__ if xs else 'nothing'}"
            )
        tensors = [_as_operand(kind, i, x) for i, x in enumerate(xs)]
        if cls.refuse:
            cls.refuse(tensors)
        xp, tensors = same_device(cls, tensors)
        if cls.promote:
            tensors = promoted(cls, tensors)
        node, result = run(kind, args, tensors, xp)
        if watching.watchers:
            for r in result if type(result) is tuple else (result,):
                tell(node, r, _with(kind, args, tensors))
        if out is None:
            return result
        _check_out(kind, out, result, xs)
        return written(out, result)

    return general


def _unknown(kind, name):
    return _place_of_name(kind, name) is None


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
    for name, value in zip(kind.names, values):
        if value is inspect.Parameter.empty:
            raise TypeError(
                f"{kind.cls.__name__}() missing 1 required positional arguments: \"{name}\""
            )
    return values


def _place_of_name(kind, name):
    """Find the argument that a keyword means: our own name, or PyTorch's for an operand."""
    if name in kind.names:
        return kind.names.index(name)
    if name == "tensors":
        return kind.where[0] if kind.listed else None
    operand = ALIASES.get(name)
    if operand is None or operand >= len(kind.where) or (operand and len(kind.where) > 2):
        return None
    return kind.where[operand]


def _as_operand(kind, i, x):
    if type(x) in TENSORS or type(x) in NUMBERS or x is None:
        return x
    if isinstance(x, np.ndarray) or hasattr(x, "__cuda_array_interface__"):
        return wrap(x)
    if isinstance(x, (np.generic, bool, int, float, complex)):
        return x.item() if isinstance(x, np.generic) else x
    name = kind.operands[0 if kind.listed else i]
    raise TypeError(
        f"{kind.cls.__name__}(): argument '{name}' (position {i + 1}) must be Tensor, "
        f"not {type(x).__name__}"
    )


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
        elif t is not None and want.rank == dtypes.INTEGER and want is not dtypes.int64:
            t = np.asarray(t).astype(want.array).item()  # 300 in uint8 is 44, as in PyTorch
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


def _bare(x):
    return x.array if type(x) in TENSORS else x


def run(kind, args, tensors, xp):
    """Compute, and make the node."""
    __tracebackhide__ = True
    cls = kind.cls
    if cls.view:
        tensors[0].shared()
    arrays = [_bare(t) for t in tensors]
    nodes = [t.node if type(t) in TENSORS else None for t in tensors]
    recording = kind.differentiable and (not grad_mode.quiet or is_grad_enabled())
    edges = tuple(i for i, m in enumerate(nodes) if m is not None and recording)
    if not (kind.listed or kind.joint):
        edges = tuple(i for i in edges if kind.rules[i])
    mixed = any(getattr(a, "dtype", F32).kind == "c" for a in arrays)
    n = new(kind.variant((0,) if kind.listed else edges, xp, mixed))
    try:
        if xp is np:
            y = cls.forward(n, *_with(kind, args, arrays))
        else:
            with _place_of(tensors).active():
                y = cls.forward(n, *_with(kind, args, arrays))
    except Exception as error:
        raise explain(cls.__name__, kind.operands, tensors, error) from None
    if type(y) in NUMBERS:  # Python's complex and a NumPy scalar make a plain complex
        y = np.asarray(y)[()]
    ys = y if type(y) is tuple else (y,)
    if cls.broadcast:
        nodes = [widened(m, a, ys[0].shape) if m else m for m, a in zip(nodes, arrays)]
    results = [wrap(each) for each in ys]
    if edges and any(each.dtype.kind in "fc" for each in ys):
        n.next, n.seq = tuple(nodes[i] for i in edges), birth()
        n.saved = _saved(kind, n, arrays, y)
        if kind.listed:
            n.edges = edges
        _attach(n, results, type(y) is tuple)
    if cls.view:
        _note(kind, y if type(y) is tuple else results[0], tensors[0], args, {}, results)
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


def _note(kind, y, source, args, named, results=()):
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


def _full(kind, args, named):
    return (tuple(placed(kind, args, named)) if named else args,)


def on_arrays(kind, args, xs):
    """Run an operation on bare arrays: what gradient rules do."""
    first = next(x for x in xs if hasattr(x, "dtype"))
    xp = np if type(first) in HOST else cupy()
    return kind.cls.forward(new(kind.variant((), xp)), *args)


def _check_out(kind, out, result, xs):
    """Raise PyTorch's errors for an ``out=`` that overlaps an operand, or is of a wrong dtype."""
    if kind.listed:
        refuse_overlap(out, xs)
    elif kind.cls.broadcast:
        refuse_overlap(out, [x for x in xs if type(x) in TENSORS and not _same_place(x, out)])
    if getattr(kind.cls, "exact_out", False) and out.dtype is not result.dtype:
        names = [dtypes.legacy_name(x.dtype) for x in (result, out)]
        raise RuntimeError(
            f"Expected object of scalar type {names[0]} but got scalar type {names[1]} for "
            "argument 'out'"
        )


def _same_place(x, out):
    a, b = x.array, out.array
    return a is b or x.shape == out.shape and x.data_ptr() == out.data_ptr() and (
        x.stride() == out.stride()
    )


def refuse_overlap(out, operands):
    """Raise PyTorch's error where a result would be written over what it is computed from."""
    xp = out.device.xp
    for x in operands:
        if type(x) in TENSORS and x.device == out.device and (
            x is out or xp.may_share_memory(x.array, out.array)
        ):
            raise RuntimeError(
                "unsupported operation: some elements of the input tensor and the written-to "
                "tensor refer to a single memory location. Please clone() the tensor before "
                "performing the operation."
            )


def written(out, result):
    """Put a result into ``out=``."""
    if isinstance(result, tuple):
        return tuple(written(o, r) for o, r in zip(out, result))
    if is_grad_enabled() and (result.node is not None or out.node is not None):
        raise RuntimeError(
            "functions with out=... arguments don't support automatic differentiation, but one of "
            "the arguments requires grad."
        )
    if out.shape != result.shape:
        with out.device.active():
            out.array = out.device.xp.empty(result.shape, out.array.dtype)
    return out.write(result)


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
