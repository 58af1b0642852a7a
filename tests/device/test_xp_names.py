"""What the source asks of ``xp`` must exist in CuPy too, also on roads that no test takes."""

import ast
from pathlib import Path

import pytest

import autograd_lab
from tests.fake_cupy.surface import SURFACE

PACKAGE = Path(autograd_lab.__file__).parent


def dotted(node) -> str:
    """Write ``self.xp.linalg.norm`` as text, or nothing if it is not a plain chain of names."""
    if isinstance(node, ast.Attribute):
        front = dotted(node.value)
        return front and f"{front}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def asked_of_xp(source: str) -> dict[str, int]:
    """List what a source text takes from ``xp``, each with a line number."""
    found = {}
    for node in ast.walk(ast.parse(source)):
        _, xp, rest = f".{dotted(node)}".rpartition(".xp.")
        if isinstance(node, ast.Attribute) and xp:
            found.setdefault(rest, node.lineno)
    return found


def in_cupy(name: str) -> bool:
    """Tell whether CuPy has ``name``; of an object's own attributes nothing is known."""
    if name == "__name__":
        return True
    names, module = name.split("."), ""
    while names:
        known = SURFACE["modules"].get(module)
        if known is None:
            return True
        if names[0] not in known:
            return False
        if known[names[0]] != "module":
            return True
        module = f"{module}.{names.pop(0)}".strip(".")
    return True


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_names_exist_in_cupy(path):
    asked = asked_of_xp(path.read_text(encoding="utf-8"))
    assert {n: line for n, line in asked.items() if not in_cupy(n)} == {}


def test_the_check_sees_what_cupy_lacks():
    source = "y = self.xp.vecdot(a, b)\nz = xp.linalg.vector_norm(xp.add.at(a))"
    asked = asked_of_xp(source)
    assert asked == {"vecdot": 1, "linalg.vector_norm": 2, "linalg": 2, "add.at": 2, "add": 2}
    assert [n for n in asked if not in_cupy(n)] == ["vecdot", "linalg.vector_norm"]
