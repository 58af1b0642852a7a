"""The heat map of grid.js as a still picture: a piece of SVG with literal colours.

    piece, wide, high = drawn(matrix, x=10, y=40, width=340, height=240)

Blue is below zero, orange-red above, the deeper the larger; zero is empty, NaN and infinity are
hatched and signed. Cells show their numbers where they fit; a large matrix is drawn by the means
of blocks, and `fit` tells of how many (``down``, ``across``): say so beside the picture.
"""

import math
import struct
import zlib
from base64 import b64encode
from typing import NamedTuple

import numpy as np

from ._paper import INK, LINE, MONO, heat, number, shade

LETTER = 6.4  # pixels of one in a cell
CELLS = 1600  # more are drawn as means
SIGNS = {"NaN": "M-2.5 -2.5l5 5m0-5l-5 5", "∞": "M-2.5 0h5m-2.5-2.5v5", "−∞": "M-2.5 0h5"}


class Fit(NamedTuple):
    """How a matrix stands in a room: rows x columns cells of ``wide`` x ``high`` pixels."""

    rows: int
    columns: int
    down: int
    across: int
    wide: float
    high: float
    gap: float
    numbers: bool


def fit(values, width=340, height=240, most=26, numbers=True) -> Fit:
    """Find the largest cells with which a matrix fits; put elements together where they do not.

    >>> fit(np.eye(3))
    Fit(rows=3, columns=3, down=1, across=1, wide=28, high=22, gap=2, numbers=True)
    >>> fit(np.zeros((512, 512)))[:4]
    (40, 40, 13, 13)
    """
    rows, columns = values.shape
    if not values.size:
        return Fit(0, 0, 1, 1, 0, 0, 0, False)
    if numbers and values.size <= 400:
        texts = (len(number(v)) for v in values.ravel().tolist())
        wide = max(28, math.ceil(LETTER * max(texts) + 10))
        if wide * columns <= width and 22 * rows <= height:
            return Fit(rows, columns, 1, 1, wide, 22, 2, True)
    down = across = 1
    lines = min(rows, columns) < 40 and max(rows, columns) > 4 * min(rows, columns)
    while math.ceil(rows / down) * math.ceil(columns / across) > CELLS or (
        max(rows / down * 3 / height, columns / across * 3 / width) > 1
    ):
        if lines:
            down, across = (down, across + 1) if columns > rows else (down + 1, across)
        else:
            down = across = down + 1
    rows, columns = math.ceil(rows / down), math.ceil(columns / across)
    side = min(most, width / columns, height / rows)
    wide = max(side, min(16, 80 / columns, width / columns))
    high = max(side, min(16, 80 / rows, height / rows))
    wide, high = (
        math.floor(size) if size >= 5 else math.floor(100 * size) / 100 for size in (wide, high)
    )
    return Fit(rows, columns, down, across, wide, high, 1 if min(wide, high) >= 5 else 0, False)


def means(values, down, across):
    """Give the mean of every block of a matrix; NaN and infinity stay what they are.

    >>> means(np.arange(9.0).reshape(3, 3), 2, 2).tolist()
    [[2.0, 3.5], [6.5, 8.0]]
    """
    if (down, across) == (1, 1):
        return values
    rows, columns = values.shape
    at = np.arange(0, rows, down), np.arange(0, columns, across)
    with np.errstate(all="ignore"):
        sums = np.add.reduceat(np.add.reduceat(values, at[0], axis=0), at[1], axis=1)
    sizes = (np.diff([*places, n]) for places, n in zip(at, (rows, columns), strict=True))
    return sums / np.multiply.outer(*sizes)


def drawn(values, x=0.0, y=0.0, *, width=340, height=240, top=None, most=26, numbers=True):
    """Draw a matrix at a place: its SVG, its width and its height."""
    how = fit(values, width, height, most, numbers)
    shown = means(values.astype(float), how.down, how.across)
    if top is None:
        fine = np.abs(shown[np.isfinite(shown)])
        top = float(fine.max()) if fine.size else 0.0
    paint = _numbered if how.numbers else _coloured
    size = how.columns * how.wide, how.rows * how.high
    return f'<g transform="translate({x:g} {y:g})">{paint(shown, how, top)}</g>', *size


def picture(pixels, x, y, wide, high) -> str:
    """Place an image, bytes of (rows, columns, 3), as it is: no blur between its points."""
    rows, columns, _ = pixels.shape
    lines = np.pad(pixels.reshape(rows, -1).astype(np.uint8), ((0, 0), (1, 0))).tobytes()
    head = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks
    )
    return (
        f'<image x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" '
        'preserveAspectRatio="none" image-rendering="pixelated" '
        f'href="data:image/png;base64,{b64encode(data).decode()}"/>'
    )


def _numbered(values, how, top):
    parts = []
    for i, row in enumerate(values.tolist()):
        for j, value in enumerate(row):
            x, y = j * how.wide, i * how.high
            wide, high = how.wide - how.gap, how.high - how.gap
            bad = not math.isfinite(value)
            step = 0 if bad else heat(value, top)
            edge = INK if bad else LINE
            fill = f'fill="{shade(step, 0.52)}"' if step else f'fill="none" stroke="{edge}"'
            parts.append(f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" rx="3" {fill}/>')
            if bad:
                parts.append(_hatched(x, y, wide, high))
            weight = ' font-weight="700"' if bad else ""
            parts.append(
                f'<text x="{x + wide / 2:g}" y="{y + high / 2 + 3.6:g}"{weight}>{number(value)}'
                "</text>"
            )
    style = f'font-family="{MONO}" font-size="10.5" text-anchor="middle" fill="{INK}"'
    return f"<g {style}>{''.join(parts)}</g>"


def _hatched(x, y, wide, high):
    lines = "".join(
        f"M{x + max(k, 0)} {y + max(-k, 0)}L{x + min(k + high, wide)} {y + min(high, wide - k)}"
        for k in range(-int(high), int(wide), 5)
    )
    return f'<path d="{lines}" stroke="{INK}" stroke-opacity=".3"/>'


def _coloured(values, how, top):
    """One path for each step of the scale: short, and sharp at any size."""
    steps, signs = {}, []
    wide = f"{how.wide - how.gap:g}" if how.gap else f"{how.wide + 0.05:g}"
    for i, row in enumerate(values.tolist()):
        for j, value in enumerate(row):
            bad = not math.isfinite(value)
            step = "bad" if bad else heat(value, top)
            if step:
                steps.setdefault(step, []).append(
                    f"M{j * how.wide:g} {(i + 0.5) * how.high:g}h{wide}"
                )
            if bad and min(how.wide, how.high) >= 7:
                x, y = (j + 0.5) * how.wide - 0.5, (i + 0.5) * how.high - 0.5
                signs.append(
                    f'<path transform="translate({x:g} {y:g})" d="{SIGNS[number(value)]}"/>'
                )
    tall = how.high - how.gap if how.gap else how.high + 0.05
    frame = (
        f'<rect width="{how.columns * how.wide:g}" height="{how.rows * how.high:g}" fill="none" '
        f'stroke="{LINE}" stroke-opacity=".6"/>'
    )
    paths = [
        f'<path d="{"".join(steps[step])}" stroke="{INK if step == "bad" else shade(step)}"/>'
        for step in sorted(steps, key=str)
    ]
    marked = f'<g stroke="#fff" stroke-width="1.4">{"".join(signs)}</g>' if signs else ""
    return f'{frame}<g stroke-width="{tall:g}">{"".join(paths)}</g>{marked}'
