"""The bowl as a still picture: an SVG that needs no browser and no style sheet."""

import numpy as np

from .._paper import AMBER, BLUE, INK, PAPER, RED, SOFT, label, number, sheet, text
from ..loss_curve.picture import labels, ticks

COLOURS = ["#b0480a", "#7a4fb0", "#1f7a4d", "#0b7285", "#a8326b", "#59636d"]
DASHES = ["", "6 3", "2 3", "9 3 2 3", "1 4", "12 4"]
LEFT, TOP, SIDE, FOOT, RIGHT = 60, 34, 340, 46, 206


def summary(path, lr, limit):
    """Say in one line where a way began and where it ended.

    >>> from .paths import Path
    >>> rows = np.array([[3.0, 1.0, 19.0], [0.5, 0.0, 0.25]])
    >>> summary(Path("SGD", "plain", rows, {}), 0.1, None)
    'Descent: SGD from (3, 1), lr 0.1, 1 step: loss 19 → 0.25'
    """
    rows, steps = path.rows, len(path.rows) - 1
    edge = "" if limit is None else f"; 2/λmax = {number(limit)}"
    return (
        f"Descent: {label(path.name)} from ({number(rows[0, 0])}, {number(rows[0, 1])}), "
        f"lr {number(lr)}, {steps} step{'' if steps == 1 else 's'}: "
        f"loss {number(rows[0, 2])} → {number(rows[-1, 2])}{edge}"
    )


def outside(rows, window):
    """Give the first step that is not in the window, or None."""
    x0, x1, y0, y1 = window
    x, y = rows[:, 0], rows[:, 1]
    gone = np.flatnonzero(~((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)))
    return int(gone[0]) if gone.size else None


def draw(said, scene, outlines, paths, lr):
    """Draw map, ways and legend."""
    width, height = LEFT + SIDE + RIGHT, TOP + SIDE + FOOT
    parts = [
        *_axes(scene),
        f'<svg x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}">',
        *(_rings(found) for found in outlines),
        *_minimum(scene),
    ]
    for slot, path in reversed([*enumerate(paths)]):
        parts += _way(path, slot, scene["window"])
    parts += ["</svg>", *_legend(scene, paths, lr)]
    return sheet(parts, width, height, said, _described(scene, paths), size=11)


def _described(scene, paths):
    names, window = scene["names"], scene["window"]
    words = f"Lines of equal loss over {names[0]} and {names[1]}."
    for path in paths:
        gone = outside(path.rows, window)
        end = path.rows[-1]
        words += f" {label(path.name)} ends at ({number(end[0])}, {number(end[1])})"
        words += "." if gone is None else f", and left the map at step {gone}."
    return words


def _axes(scene):
    x0, x1, y0, y1 = scene["window"]
    base = TOP + SIDE
    for value, words in _ticks(x0, x1):
        at = LEFT + SIDE * (value - x0) / (x1 - x0)
        yield text(at, base + 16, words, fill=SOFT, anchor="middle")
    for value, words in _ticks(y0, y1):
        at = base - SIDE * (value - y0) / (y1 - y0)
        yield text(LEFT - 8, at + 4, words, fill=SOFT, anchor="end")
    first, second = scene["names"]
    yield text(LEFT + SIDE / 2, base + 34, first, fill=AMBER, weight=600, anchor="middle")
    yield text(LEFT, TOP - 12, second, fill=AMBER, weight=600, anchor="middle")
    yield (f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{SOFT}" '
           'stroke-opacity=".6"/>')  # fmt: skip


def _ticks(low, high):
    values = ticks(low, high, 4)
    return zip(values, labels(values))


def _rings(found):
    lines = (
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in _thin(ring).tolist()) + "Z" for ring in found
    )
    return (f'<path d="{"".join(lines)}" fill="{BLUE}" fill-opacity=".055" fill-rule="evenodd" '
            f'stroke="{BLUE}" stroke-opacity=".35" stroke-width=".8"/>')  # fmt: skip


def _thin(ring):
    """Put a ring on the paper, without points that stand on their neighbour."""
    places = np.stack([ring[:, 0] * SIDE, (1 - ring[:, 1]) * SIDE], 1)
    kept = np.r_[True, np.abs(np.diff(np.round(places), axis=0)).sum(1) > 1]
    return places[kept]


def _minimum(scene):
    if scene["minimum"]:
        (x, y), = _places(np.array([scene["minimum"]]), scene["window"])
        cross = f"M{x - 5:.1f} {y:.1f}h10M{x:.1f} {y - 5:.1f}v10"
        yield f'<path d="{cross}" stroke="{INK}" fill="none"/>'


def _places(points, window):
    """Put places on the paper; far away they only keep their direction."""
    x0, x1, y0, y1 = window
    at = np.stack([(points[:, 0] - x0) / (x1 - x0), (y1 - points[:, 1]) / (y1 - y0)], 1)
    return np.clip(np.nan_to_num(at, nan=2e3), -1e3, 1e3) * SIDE


def _way(path, slot, window):
    colour = COLOURS[slot % 6]
    places = _places(path.rows[:, :2], window).tolist()
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    yield (f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="{1.8 if slot else 2.2}" '
           f'stroke-linejoin="round" stroke-dasharray="{DASHES[slot % 6]}"/>')  # fmt: skip
    near = [(x, y) for x, y in places if -9 < x < SIDE + 9 and -9 < y < SIDE + 9]
    if slot == 0 and len(places) <= 200:
        yield "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{colour}"/>'
                      for x, y in near)  # fmt: skip
    if slot == 0:
        x, y = places[0]
        yield (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{PAPER}" stroke="{colour}" '
               'stroke-width="2.4"/>')  # fmt: skip


def _legend(scene, paths, lr):
    x, y = LEFT + SIDE + 18, TOP + 12
    yield text(x, y, f"lr {number(lr)}", fill=INK, size=15, weight=600)
    if scene["limit"]:
        share = lr / scene["limit"]
        words = "above" if share > 1 else "below"
        yield text(x, y + 19, f"{words} 2/λmax = {number(scene['limit'])}",
                   fill=RED if share > 1 else SOFT)  # fmt: skip
    y += 48
    for slot, path in enumerate(paths):
        rows, colour = path.rows, COLOURS[slot % 6]
        yield (f'<path d="M{x} {y - 4}h24" stroke="{colour}" stroke-width="2.2" '
               f'stroke-dasharray="{DASHES[slot % 6]}"/>')  # fmt: skip
        yield text(x + 30, y, label(path.name, 20), fill=colour, weight=600)
        yield text(x, y + 16, f"loss {number(rows[0, 2])} → {number(rows[-1, 2])}", fill=INK)
        yield text(x, y + 31, f"{len(rows) - 1} steps", fill=SOFT)
        if (gone := outside(rows, scene["window"])) is not None:
            yield text(x, y + 46, f"left the map at step {gone}", fill=RED)
            y += 15
        y += 54
