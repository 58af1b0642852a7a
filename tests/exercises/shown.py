"""How much of a solution stands in other code, whatever the names in it are."""

import ast
import functools
import textwrap

from autograd_lab.exercises import every, find

SHARE = 0.4     # of what a solution computes; a cell that computes more of it gives it away


class Renamed(ast.NodeTransformer):
    """Number the names in the order in which they come; `torch.tanh(x)` becomes `x.tanh()`."""

    def __init__(self):
        self.names = {}

    def visit_Name(self, node):
        return ast.Name(self.names.setdefault(node.id, f"_{len(self.names)}"), ast.Load())

    def visit_Call(self, node):
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(owner, ast.Name) and owner.id in {"torch", "F"} and node.args:
            function = ast.Attribute(node.args[0], node.func.attr, ast.Load())
            node = ast.Call(function, node.args[1:], node.keywords)
        return self.generic_visit(node)


def normal(node):
    return ast.dump(Renamed().visit(copied(node)))


def copied(node):
    """Copy a tree. All trees share one `Load`, on which IPython hangs others: no deepcopy."""
    if isinstance(node, list):
        return [copied(part) for part in node]
    if not isinstance(node, ast.AST):
        return node
    return type(node)(**{name: copied(value) for name, value in ast.iter_fields(node)})


def pieces(body):
    """Cut statements into what each computes: (piece, size). What is tiny stands everywhere."""
    for statement in body:
        for _, value in ast.iter_fields(statement):
            for part in value.elts if isinstance(value, ast.Tuple) else [value]:
                if isinstance(part, ast.expr) and (size := weight(part)):
                    yield normal(part), size
        yield from pieces(getattr(statement, "body", []))
        yield from pieces(getattr(statement, "orelse", []))


def weight(part):
    size = sum(isinstance(node, ast.expr) for node in ast.walk(part))
    says_a_name = isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)
    return size if size > 3 or (size == 3 and says_a_name) else 0


@functools.cache
def wanted(name):
    """Give the pieces of a solution; numbers are no code."""
    exercise = find(name)
    tree = ast.parse(exercise.code("solution")).body[0]
    return () if exercise.kind == "numbers" else tuple(pieces(tree.body))


def shares(code):
    """Say of each exercise how much of its solution some code computes."""
    try:
        tree = ast.parse(textwrap.dedent(code))
    except SyntaxError:
        return {}
    there = {normal(node) for node in ast.walk(tree) if isinstance(node, ast.expr)}
    found = {}
    for name in every():
        total = sum(size for _, size in wanted(name))
        found[name] = sum(size for part, size in wanted(name) if part in there) / max(total, 1)
    return found


def given_away(notebook, chapter):
    """List (cell, exercise): where a notebook computes what an exercise of its chapter asks."""
    return [(place, name) for place, cell in enumerate(notebook["cells"])
            if cell["cell_type"] == "code"
            for name, share in shares("".join(cell["source"])).items()
            if share > SHARE and name.startswith(chapter + ".")]
