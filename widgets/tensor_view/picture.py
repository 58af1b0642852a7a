"""Draw a tensor as a picture that needs nobody: facts, numbers and histogram as one SVG."""

import math

import numpy as np

from autograd_lab.device import cpu, move

from .. import grid
from .._paper import ABOVE, BELOW, INK, LINE, MONO, RED, SOFT, number, sheet, short, text, wide
from .content import sides

WIDTH = 720
TILES = 12  # slices that are drawn
AXIS = 54  # height of a histogram


def summary(data) -> str:
    """Say in words what is shown.

    >>> summary({"empty": "waiting for a tensor"})
    'waiting for a tensor'
    """
    if "empty" in data:
        return data["empty"]
    what = f"{shape_of(data)} {data['dtype']}"
    if data["device"] != "cpu":
        what += f" on {data['device']}"
    said = [
        f"{data['name']}, {what}" if data["name"] else what,
        *_range(data["value"], data["kind"]),
    ]
    words = ", ".join(said)
    if "grad" in data:
        words += "; its gradient " + ", ".join(_range(data["grad"], "gradient"))
    return words


def shape_of(data) -> str:
    """Write a shape: 16×3×5×5."""
    return "×".join(map(str, data["shape"])) or "scalar"


def _range(facts, kind):
    of = "magnitude " if kind == "complex" else ""
    if facts["low"] is None:
        yield "no number is finite" if facts["nans"] + facts["infinities"] else "no elements"
    elif facts["low"] == facts["high"]:
        yield of + number(facts["low"])
    else:
        yield f"{of}from {number(facts['low'])} to {number(facts['high'])}"
        if kind != "gradient":
            yield f"mean {number(facts['mean'])}"
    yield from bad_words(facts)


def bad_words(facts) -> list:
    """Count what is not a finite number."""
    pairs = (facts["nans"], "NaN"), (facts["infinities"], "infinite")
    return [f"{count:,} {word}" for count, word in pairs if count]


def draw(panels, data, title, look="map") -> str:
    """Draw value and gradient, given as (caption, array), below the facts that ``data`` tells."""
    parts, y = [], 24
    if "empty" in data:
        parts.append(text(WIDTH / 2, 60, data["empty"], size=13, fill=SOFT, anchor="middle"))
        return sheet(parts, WIDTH, 110, title)
    head = f"{data['name']}  " if data["name"] else ""
    parts.append(text(14, y, head, size=14, weight=700))
    x = 14 + wide(head, 14, bold=True)
    parts.append(text(x, y, shape_of(data), family=MONO))
    x += wide(shape_of(data), 12, mono=True) + 12
    parts.append(text(x, y, f"{data['dtype']} · {data['device']}", fill=SOFT))
    if data["note"]:
        y += 18
        parts.append(text(14, y, data["note"], fill=RED))
    room = (WIDTH - 28 - 20 * (len(panels) - 1)) / len(panels)
    lows = []
    for k, (caption, array) in enumerate(panels):
        facts = data["grad" if k else "value"]
        left = 14 + k * (room + 20)
        drawn, low = _panel(caption, array, facts, left, y + 14, room, look, data)
        parts += drawn
        lows.append(low)
    return sheet(parts, WIDTH, max(lows) + 12, title)


def _panel(caption, array, facts, x, y, room, look, data):
    """Draw one array: caption, facts, slices, histogram. Give the parts and where they end."""
    red = caption == "gradient"
    parts = []
    if caption:
        y += 14
        parts.append(text(x, y, caption, fill=RED if red else INK, weight=600))
    y += 17
    told = facts_line(facts, data["kind"]) if array.ndim else ""
    parts.append(text(x, y, short(told, int(room / 6)), fill=SOFT, size=11))
    if bad := bad_words(facts):
        y += 16
        parts.append(text(x, y, "⚠ " + " and ".join(bad), fill=RED, size=11, weight=700))
    y += 10
    if array.ndim == 0:
        parts.append(text(x, y + 26, number(move(array, cpu).item().real, 6), size=24, weight=600))
        return parts, y + 34
    if look != "histogram":
        drawn, y = _slices(array, facts, x, y, room, look, data)
        parts += drawn
    if look == "histogram" or array.size >= 16:
        drawn, y = _histogram(facts, x, y + 6, min(room, 340))
        parts += drawn
    return parts, y


def facts_line(facts, kind) -> str:
    """Write min, mean, max, std and the share of zeros."""
    if facts["low"] is None:
        return ""
    of = " |·|" if kind == "complex" else ""
    names = (("min", "low"), ("mean", "mean"), ("max", "high"), ("std", "std"))
    said = [f"{name}{of} {number(facts[key])}" for name, key in names]
    said += [f"{number(100 * facts['zero'])} % zero"] if facts["zero"] else []
    return ("about " if facts["sampled"] else "") + "  ".join(said)


def _slices(array, facts, x, y, room, look, data):
    lead, rows, columns = sides(array.shape)
    if not array.size:
        return [text(x, y + 16, "no elements", fill=SOFT)], y + 24
    groups = 3 if look == "image" and array.ndim > 2 and data["lead"][-1:] == [3] else 1
    if data["last"]:
        array = array.transpose(*range(array.ndim - 3), -1, -3, -2)
        lead, rows, columns = sides(array.shape)
        groups = min(3, array.shape[-3])
    total = math.prod(lead) // groups
    shown = min(total, TILES)
    each = room if total == 1 else max(90.0, (room - 30) / 4)
    parts, left, tallest, down = [], 0.0, 0.0, 1
    across = 1
    for k in range(shown):
        where = np.unravel_index(k * groups, lead) if lead else ()
        where = tuple(map(int, where))
        part = slice(where[-1], where[-1] + groups) if groups > 1 else None
        block = array[where] if part is None else array[(*where[:-1], part)]
        block = np.asarray(move(block, cpu)).reshape(groups, rows, columns)
        tall = 15 if total > 1 else 0
        piece, wide_, high, how = _slice(block, facts, x + left, y + tall, each, look, data)
        if left and left + wide_ > room:
            left, y, tallest = 0.0, y + tallest + 8, 0.0
            piece, wide_, high, how = _slice(block, facts, x, y + tall, each, look, data)
        if total > 1:
            words = str(list(where[:-1] if groups > 1 else where))
            parts.append(text(x + left, y + 11, words, fill=SOFT, size=10, family=MONO))
        parts.append(piece)
        down, across = max(down, how[0]), max(across, how[1])
        tallest, left = max(tallest, high + tall), left + max(wide_, 40) + 10
    y += tallest + 6
    notes = [f"+ {total - shown:,} more slices"] if total > shown else []
    notes += [f"each cell is the mean of {down}×{across}"] if down * across > 1 else []
    if notes:
        y += 12
        parts.append(text(x, y, ", ".join(notes), fill=SOFT, size=11))
    return parts, y + 4


def _slice(block, facts, x, y, room, look, data):
    if look == "image":
        low, high = image_range(facts, data["dtype"])
        step = max(1, math.ceil(max(block.shape[1:]) / 256))
        seen = block[:, ::step, ::step].astype(float)
        with np.errstate(invalid="ignore"):
            pixels = np.clip((seen - low) * (255 / ((high - low) or 1)), 0, 255)
        pixels = np.where(np.isfinite(seen), pixels, 0).round()
        pixels = np.broadcast_to(np.moveaxis(pixels, 0, -1), (*pixels.shape[1:], 3))
        size = max(1.0, min(8.0, room / block.shape[2], 240 / block.shape[1]))
        across, tall = block.shape[2] * size, block.shape[1] * size
        return grid.picture(pixels, x, y, across, tall), across, tall, (1, 1)
    values = np.abs(block[0]) if block.dtype.kind == "c" else block[0].astype(float)
    if values.shape[0] == 1 and values.shape[1] > 32:
        values = wrapped(values[0])
    table = grid.drawn(values, x, y, width=room, top=facts["top"])
    return table.svg, table.wide, table.high, (table.fit.down, table.fit.across)


def wrapped(vector, most=8):
    """Lay a long vector over several lines; the last places of the last one are NaN if need be."""
    lines = min(most, math.ceil(vector.size / 32))
    across = math.ceil(vector.size / lines)
    lines = math.ceil(vector.size / across)
    return np.pad(vector, (0, lines * across - vector.size)).reshape(lines, across)


def image_range(facts, dtype) -> tuple:
    """Choose what is black and what is white: bytes, shares, or the smallest and the largest."""
    low, high = facts["low"], facts["high"]
    if low is None or isinstance(low, str):
        return 0.0, 1.0
    if dtype == "uint8":
        return 0.0, 255.0
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)


def _histogram(facts, x, y, room):
    counts, edges = facts["counts"], facts["edges"]
    if len(counts) < 2 or sum(counts) < 2:
        return [], y
    most, width = max(counts), room / len(counts)
    parts, base = [], y + AXIS
    whole = len(edges) == len(counts)
    for k, count in enumerate(counts):
        tall = AXIS * count / most
        middle = edges[k] if whole else (edges[k] + edges[k + 1]) / 2
        fill = BELOW if middle < 0 else ABOVE if middle > 0 else SOFT
        if count:
            parts.append(
                f'<rect x="{x + k * width:.1f}" y="{base - max(tall, 1):.1f}" '
                f'width="{max(width - 1, 0.5):.1f}" height="{max(tall, 1):.1f}" fill="{fill}" '
                'fill-opacity=".75"/>'
            )
    parts.append(f'<path d="M{x:g} {base:g}h{room:g}" stroke="{LINE}"/>')
    parts.append(text(x, base + 13, number(edges[0]), fill=SOFT, size=10))
    parts.append(text(x + room, base + 13, number(edges[-1]), fill=SOFT, size=10, anchor="end"))
    return parts, base + 18
