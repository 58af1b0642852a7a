"""The heat map of grid.js as a still picture: a piece of SVG with literal colours.

    map = drawn(matrix, x=10, y=40, width=340, height=240)
    map.svg, map.wide, map.high, map.box(i, j)       # box: where an element stands

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

from ._paper import INK, LINE, MONO, PAPER, heat, number, shade

LETTER = 6.7  # pixels of one in a cell
LEAST = 2  # pixels: smaller cells are put together
CELLS = 1024  # more show no numbers, and are one image
SIGNS = {"NaN": "M-2.5 -2.5l5 5m0-5l-5 5", "∞": "M-2.5 0h5m-2.5-2.5v5", "−∞": "M-2.5 0h5"}


class Fit(NamedTuple):
    """How a matrix stands in a room: rows x columns cells of ``w`` x ``h`` pixels.

    The last ``gap`` pixels of a cell are empty; it stands for ``down`` x ``across`` elements.
    """

    rows: int
    columns: int
    down: int
    across: int
    w: float
    h: float
    gap: int
    numbers: bool


class Drawn(NamedTuple):
    """A heat map on paper: its SVG, its size, and where and how it stands."""

    svg: str
    wide: float
    high: float
    x: float
    y: float
    fit: Fit

    def box(self, i, j, high=1, wide=1):
        """Give (x, y, width, height) of elements from [i, j] on; as `box` in grid_math.js."""
        down, across, w, h, gap = self.fit[2:7]
        sizes = wide / across * w - gap, high / down * h - gap
        return self.x + j / across * w, self.y + i / down * h, *(max(size, 3) for size in sizes)


def fit(rows, columns, width, height, text=0.0, most=26) -> Fit:
    """Find the largest cells with which a matrix fits, as `fit` in grid_math.js does.

    ``text`` is the width of the widest number (0: draw none), ``most`` the largest cell without
    numbers. Elements are put together where they would be too small to see.

    >>> fit(3, 3, 340, 240, text=6.7)
    Fit(rows=3, columns=3, down=1, across=1, w=28, h=24, gap=2, numbers=True)
    >>> fit(512, 512, 340, 240)[:6]
    (103, 103, 5, 5, 2.3300970873786406, 2.3300970873786406)
    """
    if not rows * columns:
        return Fit(0, 0, 1, 1, most, most, 0, False)
    wide, tall = max(28, math.ceil(text) + 12), 24
    if text and columns * wide <= width and rows * tall <= height and rows * columns <= CELLS:
        return Fit(rows, columns, 1, 1, wide, tall, 2, True)
    down, across = _block(rows, height), _block(columns, width)
    lines = min(rows, columns) < 40 and max(rows, columns) > 4 * min(rows, columns)
    if not lines or down > 1 < across:
        down = across = max(down, across)
    rows, columns = math.ceil(rows / down), math.ceil(columns / across)
    w, h = min(most, width / columns), min(most, height / rows)
    side = min(w, h)
    # A line of many small cells would be too thin to see.
    w, h = (
        math.floor(size) if size >= 5 else size
        for size in (max(side, min(16, 80 / n, each)) for n, each in ((columns, w), (rows, h)))
    )
    return Fit(rows, columns, down, across, w, h, 1 if min(w, h) >= 5 else 0, False)


def _block(count, room):
    return 1 if count * LEAST <= room else math.ceil(count * LEAST / max(room, LEAST))


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


def drawn(
    values, x=0.0, y=0.0, *, width=340, height=240, top=None, most=26, numbers=True
) -> Drawn:
    """Draw a matrix at a place; ``top`` is the size that has the deepest colour."""
    values = np.asarray(values, dtype=float)
    how, digits = fit(*values.shape, width, height, most=most), 0
    if numbers and 0 < values.size <= CELLS:
        for digits in (3, 2):
            text = LETTER * max(len(number(v, digits)) for v in values.flat)
            how = fit(*values.shape, width, height, text, most)
            if how.numbers:
                break
    shown = means(values, how.down, how.across)
    if not top or how.down * how.across > 1:
        top = np.abs(shown[np.isfinite(shown)]).max(initial=0) or 1
    cells = _numbered(shown, how, top, digits) if how.numbers else _coloured(shown, how, top)
    svg = f'<g transform="translate({x:g} {y:g})">{cells}</g>'
    return Drawn(svg, how.columns * how.w, how.rows * how.h, x, y, how)


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


def _numbered(values, how, top, digits):
    parts = []
    for (i, j), value in np.ndenumerate(values):
        x, y = j * how.w, i * how.h
        wide, high = how.w - how.gap, how.h - how.gap
        bad = not math.isfinite(value)
        step = 0 if bad else heat(value, top)
        edge = INK if bad else LINE
        fill = f'fill="{shade(step, 0.52)}"' if step else f'fill="none" stroke="{edge}"'
        parts.append(f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" rx="3" {fill}/>')
        if bad:
            parts.append(_hatched(x, y, wide, high))
        weight = ' font-weight="700"' if bad else ""
        parts.append(
            f'<text x="{x + wide / 2:g}" y="{y + high / 2 + 3.8:g}"{weight}>'
            f"{number(value, digits)}</text>"
        )
    style = f'font-family="{MONO}" font-size="11" text-anchor="middle" fill="{INK}"'
    return f"<g {style}>{''.join(parts)}</g>"


def _hatched(x, y, wide, high):
    lines = "".join(
        f"M{x + max(k, 0)} {y + max(-k, 0)}L{x + min(k + high, wide)} {y + min(high, wide - k)}"
        for k in range(-int(high), int(wide), 5)
    )
    return f'<path d="{lines}" stroke="{INK}" stroke-opacity=".3"/>'


def _coloured(values, how, top):
    """Cells without numbers: few as paths, sharp at any size, many as an image."""
    paint = _image if values.size > CELLS else _paths
    frame = (
        f'<rect width="{how.columns * how.w - how.gap:g}" height="{how.rows * how.h - how.gap:g}" '
        f'fill="none" stroke="{LINE}" stroke-opacity=".6"/>'
    )
    return frame + paint(values, how, top) + _signs(values, how)


def _paths(values, how, top):
    """One path for each step of the scale."""
    more = 0 if how.gap else 0.05  # neighbours overlap a little: no seams
    wide, tall = how.w - how.gap + more, how.h - how.gap + more
    places, empty = {}, []
    for (i, j), value in np.ndenumerate(values):
        x, y = j * how.w, i * how.h
        step = heat(value, top) if math.isfinite(value) else "bad"
        if step:
            places.setdefault(step, []).append(f"M{x:g} {y + tall / 2:g}h{wide:g}")
        elif how.gap:
            empty.append(f"M{x + 0.5:g} {y + 0.5:g}h{wide - 1:g}v{tall - 1:g}h{1 - wide:g}z")
    paths = "".join(
        f'<path d="{"".join(places[step])}" stroke="{INK if step == "bad" else shade(step)}"/>'
        for step in sorted(places, key=str)
    )
    outlines = f'<path d="{"".join(empty)}" fill="none" stroke="{LINE}"/>' if empty else ""
    return f'<g stroke-width="{tall:g}">{paths}</g>{outlines}'


def _image(values, how, top):
    """One point for each cell, and lines between them where they are large."""
    with np.errstate(invalid="ignore"):
        depth = np.clip(np.ceil(8 * np.abs(values) / top), 1, 8) * np.sign(values)
    steps = np.where(np.isfinite(values), depth, 9).astype(int)
    inks = [PAPER if step == 0 else INK if step == 9 else shade(step) for step in range(-8, 10)]
    table = np.array([[int(ink[k : k + 2], 16) for k in (1, 3, 5)] for ink in inks], np.uint8)
    wide, high = how.columns * how.w, how.rows * how.h
    made = picture(table[steps + 8], 0, 0, wide, high)
    if not how.gap:
        return made
    lines = [f"M0 {i * how.h - 0.5:g}h{wide:g}" for i in range(1, how.rows + 1)]
    lines += [f"M{j * how.w - 0.5:g} 0v{high:g}" for j in range(1, how.columns + 1)]
    return f'{made}<path d="{"".join(lines)}" stroke="{PAPER}"/>'


def _signs(values, how):
    """Sign what is no finite number, if there is room."""
    if min(how.w, how.h) < 7:
        return ""
    signs = "".join(
        f'<path transform="translate({(j + 0.5) * how.w - 0.5:g} {(i + 0.5) * how.h - 0.5:g})" '
        f'd="{SIGNS[number(values[i, j])]}"/>'
        for i, j in np.argwhere(~np.isfinite(values)).tolist()
    )
    return f'<g stroke="{PAPER}" stroke-width="1.4">{signs}</g>' if signs else ""
