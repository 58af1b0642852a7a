"""A name is defined once: of two functions pasted in a row, the first is dead and the eye slips."""

import ast
from collections import Counter
from itertools import pairwise

import pytest

from tests.house.test_layers import modules

DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def twice(source):
    """Names that a module's top level defines or imports more than once."""
    body = ast.parse(source).body
    names = [n.name for n in body if isinstance(n, DEFINITIONS)]
    for n in body:
        if isinstance(n, ast.Import | ast.ImportFrom):
            names += [alias.asname or alias.name for alias in n.names]
    return sorted(name for name, count in Counter(names).items() if count > 1)


def statements_twice(source):
    """Lines of statements that stand twice in a row, word for word."""
    found = []
    for node in ast.walk(ast.parse(source)):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                found += [b.lineno for a, b in pairwise(block) if ast.dump(a) == ast.dump(b)]
    return sorted(found)


def test_no_name_is_defined_twice(root):
    found = {name: twice(path.read_text(encoding="utf-8")) for name, path in modules(root).items()}
    assert not {name: names for name, names in found.items() if names}


def test_no_statement_is_pasted_twice(root):
    texts = {name: path.read_text(encoding="utf-8") for name, path in modules(root).items()}
    found = {name: statements_twice(text) for name, text in texts.items()}
    assert not {name: lines for name, lines in found.items() if lines}


@pytest.mark.parametrize("source", [
    "def f(): ...\ndef f(): ...", "class f: ...\ndef f(): ...",
    "from .a import f\nfrom .a import f", "from .a import f\ndef f(): ...",
])  # fmt: skip
def test_two_of_a_name_are_seen(source):
    assert twice(source) == ["f"]


def test_a_pasted_statement_is_seen():
    assert statements_twice("def f(a):\n    if a:\n        g()\n    if a:\n        g()\n") == [4]
