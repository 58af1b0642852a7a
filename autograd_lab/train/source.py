"""The source of code that ran: the loop at a place in it, if it is still what ran."""

import ast
import dis
import linecache
from types import CodeType

JUMPS = {*dis.hasjrel, *dis.hasjabs}
EDITED = "its source was edited since it ran"


def loop_at(spot):
    """Find the ``for`` that iterates at this spot; None if there is none, or no source.

    A LookupError says that it is not what ran any more.
    """
    source, place = "".join(linecache.getlines(spot.code.co_filename, spot.globals)), spot.place
    if not source or None in place:
        return None
    try:
        tree = ast.parse(source)
        codes = _compiled(tree, spot.code.co_filename)
    except SyntaxError:
        raise LookupError(EDITED) from None
    found = _innermost(tree, place)
    if not _is_what_ran(codes, spot.code, span(found) if found else place):
        raise LookupError(EDITED)
    return found


def _innermost(tree, place):
    """Find the innermost ``for`` whose iterable is at this place."""
    loops = [n for n in ast.walk(tree) if isinstance(n, ast.For)]
    at = [n for n in loops if span(n) == place]  # so Python 3.11 says where it iterates
    inside = [n for n in loops if _holds(span(n.iter), place)]
    return (at or sorted(inside, key=lambda n: n.end_lineno - n.lineno) or [None])[0]


def _compiled(tree, file) -> list:
    """Compile source as a file is, as what is typed at a prompt is, and as IPython does a cell."""
    alone = [(ast.Module([statement], []), "exec") for statement in tree.body]
    forms = [(tree, "exec"), (ast.Interactive(tree.body), "single"), *alone]
    return [compile(form, file, kind, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT) for form, kind in forms]


def _is_what_ran(codes, code, within) -> bool:
    """Say whether one of the codes does, within a span of the source, what the one that ran did."""
    ran = _deeds(code, within)
    return any(_deeds(other, within) == ran for other in _with_inner(codes))


def _with_inner(codes):
    """Go through pieces of code, and those of the functions in them."""
    for code in codes:
        yield code
        yield from _with_inner(x for x in code.co_consts if isinstance(x, CodeType))


def _deeds(code, within) -> list:
    """List what code does within a span of its source, and where."""
    return [
        (step.positions, step.opname, _operand(step))
        for step in dis.get_instructions(code)
        if step.positions and None not in step.positions and _holds(within, step.positions)
    ]


def _operand(step):
    """Give what an instruction works on; a jump's goal follows from what all the others are."""
    if step.opcode in JUMPS:
        return None
    return step.argval if isinstance(step.argval, CodeType) else step.argrepr


def span(node) -> tuple:
    """Give (line, end line, column, end column) of a piece of source."""
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _holds(outer, inner) -> bool:
    """Say whether one span lies within another."""
    (a, b, c, d), (line, end, column, end_column) = outer, inner
    return (a, c) <= (line, column) and (end, end_column) <= (b, d)
