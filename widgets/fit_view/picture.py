"""The fit as a still picture: an SVG that needs no browser and no style sheet."""

import math

import numpy as np

from .._paper import AMBER, GREEN, INK, PAPER, RED, SOFT, label, number, sheet, text
from ..descent.contours import rings
from ..loss_curve.picture import COLOURS, labels, ticks

MODEL, DATA = AMBER, GREEN
LEFT, TOP, FOOT, RIGHT, SIDE = 60, 46, 46, 140, 340
# One for each class, as in shapes.js: circle, square, triangle, diamond, plus, cross.
SHAPES = [
    "M{l} {y}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0Z", "M{l} {t}h{d}v{d}h-{d}Z",
    "M{x} {t}L{e} {b}H{l}Z", "M{x} {t}L{e} {y}L{x} {b}L{l} {y}Z",
    "M{l} {y}h{d}M{x} {t}v{d}", "M{l} {t}l{d} {d}M{e} {t}l-{d} {d}",
]  # fmt: skip


def draw(said, task, fit, names, squares=False):
    """Draw data and model."""
    line = task.kind == "line"
    wide = SIDE + 180 if line else SIDE
    width, height = LEFT + wide + (16 if line else RIGHT), TOP + SIDE + FOOT
    parts = [
        text(LEFT, 20, task.said(fit), fill=INK, size=13, weight=600),
        *_axes(task.window, wide, names),
        f'<svg x="{LEFT}" y="{TOP}" width="{wide}" height="{SIDE}">',
        *(_line(task, fit, wide, squares) if line else _regions(task, fit, wide)),
        "</svg>",
        f'<rect x="{LEFT}" y="{TOP}" width="{wide}" height="{SIDE}" fill="none" stroke="{SOFT}" '
        'stroke-opacity=".6"/>',
    ]  # fmt: skip
    if fit["bad"]:
        words = f"not a number at {fit['bad']} places"
        parts.append(text(LEFT + wide, 20, words, fill=RED, weight=600, anchor="end"))
    if not line:
        parts += _legend(task, LEFT + wide + 16)
    return sheet(parts, width, height, said, described(task, names), size=11)


def described(task, names):
    """Say what is drawn."""
    if task.kind == "line":
        return (f"{task.count} points of {names[1]} over {names[0]}, the model's curve, and a "
                "stick from each point to the curve.")  # fmt: skip
    return (f"{task.count} points over {names[0]} and {names[1]} in {len(task.names)} classes, on "
            "regions where the model says which class. Wrong points have a ring.")  # fmt: skip


def _axes(window, wide, names):
    x0, x1, y0, y1 = window
    base = TOP + SIDE
    across, up = ticks(x0, x1, 6), ticks(y0, y1, 5)
    for value, words in zip(across, labels(across)):
        at = LEFT + wide * (value - x0) / (x1 - x0)
        yield text(at, base + 16, words, fill=SOFT, anchor="middle")
    for value, words in zip(up, labels(up)):
        at = base - SIDE * (value - y0) / (y1 - y0)
        yield text(LEFT - 8, at + 4, words, fill=SOFT, anchor="end")
    yield text(LEFT + wide / 2, base + 34, names[0], fill=SOFT, anchor="middle")
    yield text(LEFT, TOP - 10, names[1], fill=SOFT, anchor="middle")


def place(window, wide, x, y):
    """Put values on the paper; far ones only keep their direction."""
    x0, x1, y0, y1 = window
    far = 4 * SIDE
    return (np.clip(wide * (x - x0) / (x1 - x0), -far, far),
            np.clip(SIDE * (y1 - y) / (y1 - y0), -far, far))  # fmt: skip


def _line(task, fit, wide, squares):
    spots = np.linspace(*task.window[:2], len(fit["curve"]))
    x, y = place(task.window, wide, spots, fit["curve"])
    px, py = place(task.window, wide, task.points.reshape(-1).numpy().astype(float),
                   task.truth.numpy().astype(float))  # fmt: skip
    _, at = place(task.window, wide, 0.0, fit["guesses"])
    kept = np.isfinite(at)
    if squares:
        for a, b, c in zip(px[kept], py[kept], at[kept]):
            size = f'width="{abs(b - c):.1f}" height="{abs(b - c):.1f}"'
            paint = f'fill="{RED}" fill-opacity=".08" stroke="{RED}" stroke-opacity=".4"'
            yield f'<rect x="{a:.1f}" y="{min(b, c):.1f}" {size} {paint}/>'
    sticks = "".join(f"M{a:.1f} {b:.1f}V{c:.1f}" for a, b, c in zip(px[kept], py[kept], at[kept]))
    yield f'<path d="{sticks}" stroke="{RED}" stroke-opacity=".45" fill="none"/>'
    yield from (f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{DATA}" fill-opacity=".75"/>'
                for a, b in zip(px, py))  # fmt: skip
    pen, parts = "M", []
    for a, b in zip(x.tolist(), y.tolist()):
        fine = math.isfinite(b)
        if fine:
            parts.append(f"{pen}{a:.1f} {b:.1f}")
        pen = "L" if fine else "M"
    yield (f'<path d="{"".join(parts)}" fill="none" stroke="{MODEL}" stroke-width="2.4" '
           'stroke-linejoin="round"/>')  # fmt: skip


def _regions(task, fit, wide):
    for k in sorted(np.unique(fit["winner"]).tolist()):
        mine = fit["winner"] == k
        lead = np.where(mine, fit["lead"], -fit["lead"])
        for level, depth in ((0.0, 0.16), (0.5, 0.12), (0.8, 0.12)):
            found = rings(-np.where(lead == 0, 1e-9, lead), -level)
            lines = "".join(
                "M" + "L".join(f"{a * wide:.1f} {(1 - b) * SIDE:.1f}" for a, b in ring.tolist())
                + "Z" for ring in found
            )  # fmt: skip
            edge = f'stroke="{INK}" stroke-opacity=".5"' if level == 0 else ""
            yield (f'<path d="{lines}" fill="{COLOURS[k % 6]}" fill-opacity="{depth}" '
                   f'fill-rule="evenodd" {edge}/>')  # fmt: skip
    points = task.points.numpy().astype(float)
    px, py = place(task.window, wide, points[:, 0], points[:, 1])
    truth = task.truth.numpy()
    for a, b, k, guess in zip(px, py, truth.tolist(), fit["guesses"].tolist()):
        if k != guess:
            yield (f'<circle cx="{a:.1f}" cy="{b:.1f}" r="7.5" fill="none" stroke="{RED}" '
                   'stroke-width="1.8"/>')  # fmt: skip
        yield _mark(a, b, k)


def _mark(x, y, k, r=3.6):
    edges = {"x": x, "y": y, "l": x - r, "e": x + r, "t": y - r, "b": y + r, "r": r, "d": 2 * r}
    shape = SHAPES[k % 6].format(**{name: f"{value:.1f}" for name, value in edges.items()})
    colour = COLOURS[k % 6]
    solid = k % 6 < 4
    paint = f'fill="{colour}" stroke="{PAPER}" stroke-width=".8"'
    thin = f'fill="none" stroke="{colour}" stroke-width="2"'
    return f'<path d="{shape}" {paint if solid else thin}/>'


def _legend(task, x):
    for row, name in enumerate(task.names[:14]):
        y = TOP + 12 + 20 * row
        yield _mark(x + 6, y - 4, row, 4.5)
        yield text(x + 20, y, label(name, 16), fill=INK)
    y = TOP + 12 + 20 * min(len(task.names), 14)
    if len(task.names) > 14:
        yield text(x + 20, y, f"and {len(task.names) - 14} more", fill=SOFT)
        y += 20
    yield (f'<circle cx="{x + 6}" cy="{y - 4}" r="6" fill="none" stroke="{RED}" '
           'stroke-width="1.8"/>')  # fmt: skip
    yield text(x + 20, y, "wrong", fill=RED)
    if task.count < task.total:
        yield text(x, y + 24, f"{number(task.count)} of {number(task.total)}", fill=SOFT)
        yield text(x, y + 38, "points drawn", fill=SOFT)
