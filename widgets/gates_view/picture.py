"""The gates as a still picture: an SVG that needs no browser and no style sheet."""

from html import escape

import numpy as np

from ..loss_curve.picture import clean, number, text
from .gates import PARTS, lively

INK, SOFT, LINE, PAPER, BELOW, ABOVE = (
    "#1b2229", "#59636d", "#c3cad1", "#ffffff", "#2166ac", "#cf5439",
)  # fmt: skip
CELL, MOST, WORDS = 18, 8, 24


def draw(said, mode, parts, words):
    """Draw the liveliest units of all parts."""
    order = lively(parts)[:MOST]
    steps = min(len(words), WORDS)
    wide, tall = 44 + steps * CELL + 20, 88 + len(order) * CELL
    across = max(1, min(len(parts), 3, 1100 // wide))
    rows = -(-len(parts) // across)
    width, height = 16 + across * wide, 12 + rows * tall
    said = escape(said)
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{said}" '
        'font-family="system-ui, \'DejaVu Sans\', sans-serif" font-size="11">'
        f"<title>{said}</title><desc>{escape(described(parts, words))}</desc>"
        f'<rect width="{width}" height="{height}" rx="6" fill="{PAPER}"/>'
    ]
    for k, (name, asks) in enumerate(PARTS[mode]):
        x, y = 16 + k % across * wide, 12 + k // across * tall
        body += block(x, y, name, asks, parts[name][:steps, order], order, words[:steps])
    return "".join(body) + "</svg>\n"


def described(parts, words):
    """Say what is drawn."""
    some = ", ".join(clean(word, 16) for word in words[:WORDS])
    cut = f" (the first {WORDS} of {len(words)} words)" if len(words) > WORDS else ""
    return (f"The parts {', '.join(parts)} of the {MOST} units whose output changes most, at each "
            f"of the words {some}{cut}.")  # fmt: skip


def block(x, y, name, asks, values, order, words):
    """Draw one part: a row each unit, a column each word."""
    top = 1.0 if np.abs(values).max(initial=0) <= 1 else float(np.abs(values).max())
    yield text(x + 40, y + 12, name, fill=INK, font_size=13, font_weight=700)
    yield text(x + 54, y + 12, f"{asks} (deepest: {number(top)})", fill=SOFT)
    for t, word in enumerate(words):
        at, base = x + 40 + (t + 0.6) * CELL, y + 64
        yield (f'<g transform="translate({at:.1f} {base}) rotate(-60)">'
               f'{text(0, 0, clean(word, 8), fill=SOFT, font_size=10)}</g>')  # fmt: skip
    for row, unit in enumerate(order.tolist()):
        yield text(x + 34, y + 68 + (row + 0.7) * CELL, str(unit), fill=SOFT, text_anchor="end")
        for t in range(len(words)):
            value = float(values[t, row])
            depth = 0.06 + 0.94 * min(1.0, abs(value) / top) if value else 0
            yield (f'<rect x="{x + 40 + t * CELL}" y="{y + 68 + row * CELL}" width="{CELL - 1}" '
                   f'height="{CELL - 1}" fill="{ABOVE if value > 0 else BELOW}" '
                   f'fill-opacity="{depth:.2f}" stroke="{LINE}" stroke-opacity=".5"/>')  # fmt: skip
