"""Still pictures of matrices for saved notebooks: SVG text with literal colours, nothing to load.

`Sheet` collects what is drawn. A matrix of many cells is one path for each depth of colour, so
that an image of 64 × 64 stays a few kilobytes.
"""

import math
from xml.sax.saxutils import escape

import numpy as np

from .._paper import (
    ABOVE,
    BELOW,
    BLUE,
    INK,
    LINE,
    PAPER,
    SANS,
    clean,
    number,
    short,
)  # fmt: skip

MONO = "'DejaVu Sans Mono',Menlo,Consolas,monospace"
NUMBERED = 144  # so many cells carry their numbers
STEPS = 8


class Sheet:
    """A sheet of paper: draw on it, then take it as SVG text.

    >>> sheet = Sheet()
    >>> sheet.text(8, 20, "a < b")
    >>> sheet.svg("title", "what is seen")[:4]
    '<svg'
    """

    def __init__(self):
        self.parts, self.width, self.height = [], 0, 0

    def grow(self, x, y):
        """Make the sheet reach to a place."""
        self.width, self.height = max(self.width, x), max(self.height, y)

    def text(self, x, y, words, fill=INK, size=12, anchor="start", mono=False, bold=False):
        """Write escaped words."""
        wide = (0.61 if mono else 0.58) * size * len(words)
        self.grow(x + {"start": wide, "middle": wide / 2}.get(anchor, 0), y + 4)
        family = f' font-family="{MONO}"' if mono else ""
        weight = ' font-weight="600"' if bold else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" font-size="{size}" '
            f'text-anchor="{anchor}"{family}{weight}>{escape(short(clean(words), 400))}</text>'
        )

    def outline(self, x, y, width, height, colour=BLUE, thick=2.0, dash="", fill="none"):
        """Draw a frame."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2" '
            f'fill="{fill}" stroke="{colour}" stroke-width="{thick}"{dashed}/>'
        )
        self.grow(x + width + 2, y + height + 2)

    def matrix(self, x, y, values, room=240, numbers=None, top=None):
        """Draw a heat map: blue below zero, orange-red above; return the size of a cell."""
        values = np.asarray(values, dtype=float)
        rows, columns = values.shape
        small = values.size <= NUMBERED if numbers is None else numbers
        widest = max((len(number(v)) for v in values.flat), default=1) if small else 0
        cell = max(1.5, min(26.0, room / max(values.shape)))
        cell, tall = (max(36.0, 6.6 * widest + 10), 26.0) if small else (cell, cell)
        fine = np.where(np.isfinite(values), values, 0)
        top = top or float(np.abs(fine).max(initial=0)) or 1.0
        depth = np.sign(fine) * np.ceil(np.minimum(1, np.abs(fine) / top) * STEPS)
        place = f"translate({x:.4g} {y:.4g}) scale({cell:.5g} {tall:.5g})"
        self.parts.append(f'<g transform="{place}">')
        for step in range(-STEPS, STEPS + 1):
            if step and (path := _runs(depth == step)):
                strength = (0.5 if small else 0.95) * abs(step) / STEPS
                fill = f'fill="{BELOW if step < 0 else ABOVE}" fill-opacity="{strength:.2f}"'
                self.parts.append(f'<path d="{path}" {fill}/>')
        if path := _runs(~np.isfinite(values)):
            self.parts.append(f'<path d="{path}" fill="{INK}" fill-opacity=".25"/>')
        self.parts.append("</g>")
        self.outline(x, y, columns * cell, rows * tall, LINE, 1)
        if small:
            for i, j in np.ndindex(rows, columns):
                middle = x + (j + 0.5) * cell
                self.text(middle, y + (i + 0.5) * tall + 4, number(values[i, j]), size=10.5,
                          anchor="middle", mono=True)  # fmt: skip
        return cell, tall

    def svg(self, title, said):
        """Return everything drawn as one SVG."""
        width, height = math.ceil(self.width) + 16, math.ceil(self.height) + 12
        title, said = escape(short(clean(title), 300)), escape(short(clean(said), 2000))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" font-family="{SANS}">'
            f"<title>{title}</title><desc>{said}</desc>"
            f'<rect width="{width}" height="{height}" fill="{PAPER}"/>{"".join(self.parts)}</svg>\n'
        )


def _runs(mask):
    """Write the true cells of a mask as a path, a cell being 1 × 1: neighbours are one box."""
    parts = []
    for i, row in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
        for first, end in edges.reshape(-1, 2).tolist():
            parts.append(f"M{first} {i}h{end - first}v1H{first}z")
    return "".join(parts)
