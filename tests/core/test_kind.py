"""What the engine reads from an operation's class: checked against reading its source."""

import ast
import inspect
import textwrap

import pytest

import autograd_lab.nn.functional  # noqa: F401  (registers its operations)
from autograd_lab.core import OPS, Array, Op
from autograd_lab.kind import Kind, _names_stored


def assigned(forward):
    """List the attributes that a function assigns to, as its source says."""
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(forward))).body
    assert isinstance(function, ast.FunctionDef)
    return {
        node.attr for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }  # fmt: skip


def test_slots_are_what_forward_leaves_on_the_node():
    """The bytecode is read by hand (``dis`` takes longer than the whole import): is it right?"""
    found = {name: set(_names_stored(call.__wrapped__.forward.__code__))
             for name, call in OPS.items()}  # fmt: skip
    assert sum(map(len, found.values())) > 200
    assert found == {name: assigned(call.__wrapped__.forward) for name, call in OPS.items()}


class Many:
    def forward(self, x):
        self.a = self.b, self.c = x, x
        for self.d in x:
            pass
        with x as self.e:
            self.f += 1
        if x:
            del self.a
        else:
            self.a, *self.b = x


def many_names():
    """Make a function that uses more names than one byte can count."""
    lines = [f"    x.name{k}" for k in range(300)]
    made = {}
    source = "\n".join(["def forward(self, x):", *lines, "    self.last = x", "    self.end = x"])
    eval(compile(source, "<many>", "exec"), made)
    return made["forward"]


def test_every_form_of_assignment():
    assert set(_names_stored(Many.forward.__code__)) == assigned(Many.forward) == set("abcdef")


def test_more_names_than_a_byte_can_count():
    assert _names_stored(many_names().__code__) == ("last", "end")


def test_the_engines_names_are_refused():
    class taken(Op):
        formula = gradient = "x"

        def forward(self, x: Array):
            self.saved = x
            return x

    with pytest.raises(TypeError, match=r"self\.saved belongs to the engine"):
        Kind(taken)
