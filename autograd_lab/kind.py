"""What is known about an operation before it runs, read once from its class.

A gradient rule's signature says what the node keeps: from it comes, for each set of operands that
need a gradient, a class of nodes that keeps just that and pulls a gradient back in one flat call.
"""

from opcode import opmap

import numpy as np

from .core import OPS, Array, Arrays, Op

OPERANDS = (Array, Array | None, Arrays)  # the annotations of forward's operands
# NumPy's words, which PyTorch takes everywhere, and its own for the same.
NUMPY_WORDS = {"axis": ("dim", "dims"), "keepdims": ("keepdim",)}
PYTORCH_WORDS = {"x": "input", "a": "input", "b": "other", "xs": "tensors"}  # for our operands
REQUIRED = object()  # stands for the default of an argument that has none
STORE_ATTR, EXTENDED_ARG = opmap["STORE_ATTR"], opmap["EXTENDED_ARG"]


class Kind:
    """What is known about an operation before it runs: read once from its class."""

    def __init__(self, cls):
        forward = cls.forward
        self.names, self.defaults = _parameters(forward)
        self.required = sum([value is REQUIRED for value in self.defaults])
        meant = [forward.__annotations__.get(name) for name in self.names]
        self.where = tuple(i for i, what in enumerate(meant) if what in OPERANDS)
        self.listed = Arrays in meant
        self.cls = _with_slots(cls, tuple(self.names[i] for i in self.where), self.listed)
        self.operands = self.cls.operands
        self.shown = tuple(PYTORCH_WORDS.get(name, name) for name in self.operands)
        self.needed = tuple(meant[i] is Array and self.defaults[i] is REQUIRED for i in self.where)
        self.joint = getattr(cls, "backward", None)  # Op has none: found here or on a parent
        self.rules = tuple(getattr(cls, f"backward_{name}", None) for name in self.operands)
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


def _parameters(forward):
    """List what forward takes after self, and the defaults (inspect.signature costs 20 times)."""
    code, given = forward.__code__, forward.__defaults__ or ()
    names = code.co_varnames[1 : code.co_argcount]
    return names, (REQUIRED,) * (len(names) - len(given)) + given


def _with_slots(cls, operands, listed):
    """Make the class again, with a slot for each thing that forward leaves on self."""
    extra = _names_stored(cls.forward.__code__)
    taken = [name for name in extra if hasattr(Op, name)]
    if taken:
        raise TypeError(f"{cls.__name__}.forward: self.{taken[0]} belongs to the engine")
    body = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__")}
    name = "".join(part.capitalize() for part in cls.__name__.split("_")) + "Backward0"
    slots = (*extra, "edges", "members") if listed else extra
    body |= {"__slots__": slots, "extra": slots, "operands": operands}
    if cls.torch_name == Op.torch_name:  # neither the class nor a parent has named it
        body["torch_name"] = name
    return type(cls.__name__, cls.__bases__, body)


def _names_stored(code) -> tuple:
    """List the names that a function assigns to as attributes: ``self.old = ...``.

    Read from its bytecode by hand: ``dis`` takes longer for it than the whole import.
    """
    acts, numbers = code.co_code[::2], code.co_code[1::2]
    found = {}
    for k, act in enumerate(acts):
        if act == STORE_ATTR:
            more = numbers[k - 1] << 8 if acts[k - 1] == EXTENDED_ARG else 0
            found[code.co_names[more | numbers[k]]] = None
    return tuple(found)


def _kept(place):
    """Let a node show what it saved, by name: ``node.a``, ``node.y``."""
    return property(lambda node: node.saved[place], doc="What the node saved for backward.")


def _wants(rule):
    code = rule.__code__
    return code.co_varnames[2 : code.co_argcount]


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
