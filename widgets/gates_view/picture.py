"""The gates as a still picture: an SVG that needs no browser and no style sheet."""

import numpy as np

from .. import grid
from .._paper import INK, SOFT, label, number, sheet, text
from .gates import PARTS, lively

CELL, MOST, WORDS = 18, 8, 24


def draw(said, mode, parts, words):
    """Draw the liveliest units of all parts."""
    order = lively(parts)[:MOST]
    steps = min(len(words), WORDS)
    longest = max(len(asks) for _, asks in PARTS[mode])  # its head may be wider than the cells
    wide, tall = max(44 + steps * CELL, 160 + 6.2 * longest) + 20, 88 + len(order) * CELL
    across = max(1, min(len(parts), 3, int(1100 // wide)))
    rows = -(-len(parts) // across)
    width, height = 16 + across * wide, 12 + rows * tall
    body = []
    for k, (name, asks) in enumerate(PARTS[mode]):
        x, y = 16 + k % across * wide, 12 + k // across * tall
        body += block(x, y, name, asks, parts[name][:steps, order], order, words[:steps])
    return sheet(body, width, height, said, described(parts, words), size=11)


def described(parts, words):
    """Say what is drawn."""
    some = ", ".join(label(word, 16) for word in words[:WORDS])
    cut = f" (the first {WORDS} of {len(words)} words)" if len(words) > WORDS else ""
    return (f"The parts {', '.join(parts)} of the {MOST} units whose output changes most, at each "
            f"of the words {some}{cut}.")  # fmt: skip


def block(x, y, name, asks, values, order, words):
    """Draw one part: a row each unit, a column each word."""
    top = 1.0 if np.abs(values).max(initial=0) <= 1 else float(np.abs(values).max())
    yield text(x + 40, y + 12, name, fill=INK, size=13, weight=700)
    yield text(x + 54, y + 12, f"{asks} (deepest: {number(top)})", fill=SOFT)
    for t, word in enumerate(words):
        at, base = x + 40 + (t + 0.6) * CELL, y + 64
        yield (f'<g transform="translate({at:.1f} {base}) rotate(-60)">'
               f'{text(0, 0, label(word, 8), fill=SOFT, size=10)}</g>')  # fmt: skip
    for row, unit in enumerate(order.tolist()):
        yield text(x + 34, y + 68 + (row + 0.7) * CELL, str(unit), fill=SOFT, anchor="end")
    yield grid.drawn(values.T, x + 40, y + 68, width=CELL * len(words), height=CELL * len(order),
                     top=top, most=CELL, numbers=False).svg  # fmt: skip
