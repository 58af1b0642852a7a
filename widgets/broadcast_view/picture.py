"""Draw broadcasting as a picture that needs nobody: the shapes aligned, and the cells."""

import numpy as np

from .. import grid
from .._paper import AMBER, BLUE, GREEN, LINE, MONO, RED, SOFT, number, sheet, text
from .rule import OPS, align, complaint, numbers, result_shape

AXES = ("#2a66aa", "#a8326b", "#0b7285", "#7a4fb0")  # by axis −1, −2, ...
WIDTH, STEP, ROW = 720, 84, 30
MOST = 20_000  # cells of a result that is computed


def stretches(a, b):
    """List (operand, axes in words) of what is stretched."""
    for which, place in ("a", 1), ("b", 2):
        pairs = [pair for pair in align(a, b) if pair[3] not in (None, pair[place], 1)]
        if pairs:
            yield which, " and ".join(f"−{-axis}" for axis, *_ in pairs)


def draw(data, title) -> str:
    """Draw the shapes as a table, and the three grids where they can be drawn."""
    a, b = (tuple(data[which]["shape"]) for which in "ab")
    parts, y = _table(data, a, b), 12 + 4 * ROW
    if words := complaint(a, b):
        y += 10
        parts.append(text(20, y, f"These shapes do not go together: {words}.", RED, weight=600))
        parts.append(text(20, y + 18, "Aligned from the right, each pair of sizes must be equal, "
                           "or one of them 1 or missing.", SOFT))  # fmt: skip
        y += 30
    else:
        drawn, y = _cells(data, result_shape(a, b), y)
        parts += drawn
    return sheet(parts, WIDTH, y, title)


def _table(data, a, b):
    parts = []
    left = 40 + 7 * max(len(data["a"]["name"]), len(data["b"]["name"]), len(data["c"]))
    rows = (
        ("a", data["a"]["name"], BLUE),
        ("b", data["b"]["name"], AMBER),
        ("c", data["c"], GREEN),
    )
    for k, (_, name, ink) in enumerate(rows):
        y = 24 + (k + 1) * ROW
        parts.append(text(left - 12, y, name, ink, weight=700, anchor="end", family=MONO))
    for column, (axis, *sizes) in enumerate(align(a, b)):
        x, ink, out = left + column * STEP, AXES[(-axis - 1) % len(AXES)], sizes[2]
        parts.append(text(x + 36, 22, f"axis −{-axis}", ink, size=11, anchor="middle"))
        parts.append(f'<path d="M{x} 29h72" stroke="{ink}" stroke-width="2"/>')
        for k, size in enumerate(sizes):
            y = 24 + (k + 1) * ROW
            clash, missing = out is None, size is None and k < 2
            stretched = k < 2 and not clash and out not in (size, 1)
            words = (
                f"{sizes[0]} ≠ {sizes[1]}" if clash and k == 2 else "(1)" if missing else str(size)
            )
            words += f" ⇢ {out}" if stretched else ""
            edge = RED if clash else ink if stretched else LINE
            dash = ' stroke-dasharray="4 3"' if stretched or missing else ""
            fill = "#f3f6f9" if k == 2 else "none"
            parts.append(
                f'<rect x="{x}" y="{y - 15}" width="72" height="22" rx="5" fill="{fill}" '
                f'stroke="{edge}" stroke-width="{2 if clash else 1}"{dash}/>'
            )
            parts.append(text(x + 36, y, words, RED if clash else ink, anchor="middle", weight=600))
    return parts


def _cells(data, shape, y):
    total = int(np.prod(shape))
    if not 0 < total <= MOST or any(_many(data[which]) for which in "ab"):
        words = "The result has no elements." if not total else (
            f"The result has {total:,} cells: too many to draw one by one."
        )  # fmt: skip
        return [text(20, y + 10, words, SOFT)], y + 26
    with np.errstate(all="ignore"):
        sign, act = OPS[data["op"]]
        a, b = (numbers(data[which], which) for which in "ab")
        c = np.asarray(act(a, b), float)
    lead = (0,) * max(len(shape) - 2, 0)
    parts, x, low, maps = [], 20.0, y, []
    for k, (name, values, ink) in enumerate(
        ((data["a"]["name"], a, BLUE), (data["b"]["name"], b, AMBER), (data["c"], c, GREEN))
    ):
        matrix = values[(0,) * (values.ndim - 2)] if values.ndim > 2 else np.atleast_2d(values)
        table = grid.drawn(matrix, x, y + 26, width=200, height=260)
        where = str([0] * (values.ndim - 2)) if values.ndim > 2 else ""
        shaped = f"({', '.join(map(str, values.shape))})"
        parts.append(text(x, y + 14, f"{name}{where}", ink, weight=700, family=MONO))
        parts += [text(x, y + 40 + table.high, shaped, SOFT, size=11, family=MONO), table.svg]
        maps.append(table)
        low, x = max(low, y + 48 + table.high), x + max(table.wide, 44)
        if k < 2:
            parts.append(text(x + 14, y + 31 + min(table.high, 60) / 2, "=" if k else sign, SOFT,
                               size=15, weight=700, anchor="middle"))  # fmt: skip
            x += 28
    parts += _example(data, (a, b, c), maps, lead, sign, low)
    return parts, low + 28


def _many(operand):
    return operand["values"] is None and int(np.prod(operand["shape"])) > MOST


def _example(data, arrays, maps, lead, sign, y):
    """Mark the last cell and its sources, and write what it is made of."""
    index = (*lead, *(size - 1 for size in arrays[2].shape[-2:]))
    said, inks = [], (BLUE, AMBER, GREEN)
    for array, table, ink in zip(arrays, maps, inks, strict=True):
        own = tuple(
            0 if n == 1 else k for k, n in zip(index[-array.ndim or 99 :], array.shape, strict=True)
        )
        if (table.fit.down, table.fit.across) == (1, 1):
            x, top, wide, high = table.box(*(0, 0, *own)[-2:])
            yield (
                f'<rect x="{x:g}" y="{top:g}" rx="2" width="{wide:g}" height="{high:g}" '
                f'fill="none" stroke="{ink}" stroke-width="2"/>'
            )
        said.append((f"[{', '.join(map(str, own))}]" if own else "", number(float(array[own]), 5)))
    (p, u), (q, v), (r, w) = said
    v = f"({v})" if v.startswith("−") else v
    a, b, c = data["a"]["name"], data["b"]["name"], data["c"]
    yield text(20, y + 14, f"{c}{r} = {a}{p} {sign} {b}{q} = {u} {sign} {v} = {w}", family=MONO)
