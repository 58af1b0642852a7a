"""The library runs no text as a program, but in the one place that says why it may."""

import ast

import pytest

from tests.house.test_layers import modules

RUNS = {"exec", "eval", "builtins.exec", "builtins.eval", "FunctionType", "types.FunctionType"}
MAY = {"train.again": ["_run"]}


def runs(source):
    """The functions of a module that run a text or a code object; "" is its top level."""
    found = []
    if not any(f"{name}(" in source for name in RUNS):
        return found

    def look(node, inside):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = node.name
        if isinstance(node, ast.Call) and called(node.func) in RUNS:
            found.append(inside)
        for child in ast.iter_child_nodes(node):
            look(child, inside)

    look(ast.parse(source), "")
    return found


def called(function):
    """The name of what is called, with that of its module: "exec", "types.FunctionType"."""
    if isinstance(function, ast.Attribute):
        return f"{getattr(function.value, 'id', '?')}.{function.attr}"
    return getattr(function, "id", "?")


def test_nothing_runs_a_text_but_the_loop_that_is_run_again(root):
    found = {name: runs(path.read_text(encoding="utf-8")) for name, path in modules(root).items()}
    assert {name: where for name, where in found.items() if where} == MAY


@pytest.mark.parametrize("source", [
    "def f(): exec('x = 1')", "def f(): return eval('1')", "def f():\n  builtins.exec(code)",
    "class A:\n  def f(self): return types.FunctionType(code, {})()",
    "def f(): return lambda: eval('1')",
])  # fmt: skip
def test_what_runs_a_text_is_seen(source):
    assert runs(source) == ["f"]


def test_what_has_such_a_name_is_not():
    assert runs("model.eval()\nshell.exec_result\nself.eval('x')") == []
