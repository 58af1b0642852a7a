"""Draw a tensor and its memory as a picture that needs nobody."""

from itertools import product

import numpy as np

from .._paper import BLUE, INK, LINE, MONO, PAPER, SOFT, heat, number, shade, sheet, text

WIDTH, CELL, HIGH = 720, 36, 26


def summary(data) -> str:
    """Say in words where a tensor lies.

    >>> summary({"shape": [2], "strides": [3], "offset": 1, "total": 6})
    'shape (2,), stride (3,), offset 1 in a memory of 6 numbers, not contiguous'
    """
    shape, strides = tuple(data["shape"]), tuple(data["strides"])
    lies = "contiguous" if contiguous(shape, strides) else "not contiguous"
    numbers = f"{data['total']:,} number{'s' * (data['total'] != 1)}"
    where = f"offset {data['offset']} in a memory of {numbers}"
    return f"shape {shape}, stride {strides}, {where}, {lies}"


def contiguous(shape, strides) -> bool:
    """Tell whether elements lie row by row without a gap."""
    step = 1
    if 0 in shape:
        return True
    for size, stride in reversed(list(zip(shape, strides, strict=True))):
        if size > 1 and stride != step:
            return False
        step *= max(size, 1)
    return True


def draw(data, title) -> str:
    """Draw the memory as one line of cells, and below it the tensor."""
    parts = [
        text(16, 24, data["name"], size=14, weight=700, family=MONO),
        text(30 + 8.6 * len(data["name"]), 24, f"{summary(data)} · {data['dtype']}", fill=SOFT),
    ]
    height = 64
    if "why" in data:
        parts.append(text(16, 50, data["why"], fill=SOFT))
    else:
        drawn, height = _drawn(data)
        parts += drawn
    return sheet(parts, WIDTH, height, title)


def _drawn(data):
    values = dict(zip(data["at"], map(float, data["values"]), strict=True))
    fine = [abs(v) for v in values.values() if np.isfinite(v)]
    top, line = max(fine, default=0.0), (WIDTH - 32) // CELL
    indices = list(product(*(range(size) for size in data["shape"])))
    read = {index: place(data, index) for index in indices}
    used = set(read.values())
    parts, where, column, row, last = [], {}, 0, 0, None
    parts.append(text(16, 50, f"memory: {data['total']:,} numbers in one line", fill=SOFT))
    for at in data["at"]:
        if last is not None and at != last + 1:
            parts.append(text(16 + (column + 0.5) * CELL, 76 + row * 44, "⋯", fill=SOFT))
            column += 1
        if column >= line:
            column, row = 0, row + 1
        x, y, last = 16 + column * CELL, 60 + row * 44, at
        where[at] = x, y
        parts.append(_cell(x, y, CELL, values[at], top, at in used))
        parts.append(text(x + CELL / 2 - 1, y + HIGH + 9, at, fill=SOFT, size=9, anchor="middle"))
        column += 1
    low = 60 + (row + 1) * 44 + 26
    parts.append(text(16, low - 8, "tensor", fill=SOFT))
    spots = {index: _spot(index, data["shape"]) for index in indices}
    widest = max(x for x, _ in spots.values()) + 1
    wide = max(14, min(CELL, (WIDTH - 32) / widest))
    for index, (x, y) in spots.items():
        parts.append(_cell(16 + x * wide, low + y * HIGH, wide, values[read[index]], top))
    end = low + (max(y for _, y in spots.values()) + 1) * HIGH
    parts += _example(data, indices[-1], read, where, spots, wide, low, end)
    return parts, end + 34


def place(data, index) -> int:
    """Give the place of an element in memory."""
    return data["offset"] + sum(k * s for k, s in zip(index, data["strides"], strict=True))


def _spot(index, shape):
    """Place a cell, counted in cells: the last two axes are a matrix, the others repeat it."""
    rows, columns = (1, 1, *shape)[-2:]
    i, j = (0, 0, *index)[-2:]
    lead = index[:-2]
    across, down = (lead[-1] if lead else 0), (lead[0] if len(lead) > 1 else 0)
    return across * (columns + 0.6) + j, down * (rows + 0.6) + i


def _cell(x, y, wide, value, top, used=True):
    bad = not np.isfinite(value)
    step = 0 if bad else heat(value, top)
    fill = shade(step, 0.52) if step else PAPER
    dash = ' stroke-dasharray="2 2"' if bad else ""
    words = next((w for d in (4, 3, 2) if len(w := number(value, d)) * 6.2 < wide - 4), "")
    told = text(x + wide / 2 - 1, y + 16, words, size=10, anchor="middle", family=MONO)
    return (
        f'<g opacity="{1 if used else 0.4}"><rect x="{x:g}" y="{y:g}" width="{wide - 3:g}" '
        f'height="{HIGH - 3}" rx="3" fill="{fill}" stroke="{INK if bad else LINE}"{dash}/>'
        f"{told}</g>"
    )


def _example(data, index, read, where, spots, wide, low, end):
    """Join the last cell with its place, and write the sum."""
    at, (i, j) = read[index], spots[index]
    fx, fy = where[at][0] + CELL / 2 - 1.5, where[at][1] + HIGH + 12
    x, y = 16 + i * wide + wide / 2 - 1.5, low + j * HIGH
    for left, up, across in (where[at][0], where[at][1], CELL), (16 + i * wide, y, wide):
        yield (
            f'<rect x="{left:g}" y="{up:g}" width="{across - 3:g}" height="{HIGH - 3}" rx="3" '
            f'fill="none" stroke="{BLUE}" stroke-width="2.2"/>'
        )
    yield (
        f'<path d="M{fx:g} {fy:g}C{fx:g} {fy + 24:g} {x:g} {y - 30:g} {x:g} {y:g}" fill="none" '
        f'stroke="{BLUE}" stroke-width="1.5"/>'
    )
    sums = [f"{k}·{s}" for k, s in zip(index, data["strides"], strict=True)]
    words = f"{data['name']}{list(index) if index else ''} lies at "
    words += " + ".join([str(data["offset"]), *sums]) + (f" = {at}" if sums else "")
    yield text(16, end + 20, words.replace("-", "−"), family=MONO)
