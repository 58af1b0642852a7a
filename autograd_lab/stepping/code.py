"""The learner's own code behind a graph: whole cells, or the parts of a file that made it."""

import linecache

from ..graph import characters
from ..watching import cell_name, site_of

LONGEST = 60  # lines: of longer texts only what surrounds the operations is shown
AROUND = 3  # lines before and after


def listing(made: dict) -> tuple[list, dict]:
    """Give the cells and files that made these nodes, and where in them each node was made.

    ``made`` is {id: node}. A cell is ``{"title", "lines": [[number, text], ...]}``; a place is
    ``(cell, line, column, end line, end column)``, columns in characters.
    """
    places, files = {}, {}
    for number, node in made.items():
        site = site_of(node)
        if site is not None:
            file = site.code.co_filename
            line, end_line, column, end_column = (n or 0 for n in site.positions)
            files.setdefault(file, set()).update({line, end_line or line})
            places[number] = file, line, column, end_line or line, end_column
    order = sorted(files, key=lambda file: min(n for n, p in places.items() if p[0] == file))
    cells = [{"title": cell_name(file), "lines": _lines(file, files[file])} for file in order]
    texts = {file: dict(cell["lines"]) for file, cell in zip(order, cells)}
    found = {}
    for number, (file, line, column, end_line, end_column) in places.items():
        text = texts[file]
        start = characters(text.get(line, ""), column)
        end = characters(text.get(end_line, ""), end_column)
        found[number] = order.index(file), line, start, end_line, end
    return cells, found


def _lines(file, used):
    lines = [line.rstrip("\n").expandtabs(4)[:400] for line in linecache.getlines(file)]
    while lines and not lines[-1].strip():
        lines.pop()
    numbered = [[i, line] for i, line in enumerate(lines, 1)]
    if len(numbered) <= LONGEST:
        return numbered
    near = {row for line in used for row in range(line - AROUND, line + AROUND + 1)}
    return [row for row in numbered if row[0] in near]
