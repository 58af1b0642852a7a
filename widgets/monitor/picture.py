"""Draw a run as a still picture: what the saved notebook keeps of a monitor.

The curve is that of the live curve's picture; above it the state, below it the strips and what
turned. Colours are written out, so it reads on any page and on paper.
"""

import math
from html import escape
from itertools import pairwise

import numpy as np

from .._paper import (
    ABOVE,
    AMBER,
    BELOW,
    BLUE,
    GREEN,
    INK,
    LINE,
    RED,
    SOFT,
    label,
    number,
    sheet,
    text,
)  # fmt: skip
from ..loss_curve import picture as curve
from . import panel

WIDTH, TALL, ROW, NAMES = 720, 300, 15, 14
WASH = "#f3f6f9"
STATE = {"running": GREEN, "paused": AMBER, "stopping": AMBER, "finished": BLUE, "failed": RED}
ROWS, COLUMNS, NOTES = 12, 64, 4        # drawn of the layers, of the time, of what turned
TITLES = {"norms": "gradient size", "ratios": "update / weight", "dead": "silent units"}


def draw(monitor) -> str:
    """Draw everything as one self-contained SVG."""
    body, y = [], 40
    if monitor.run is not None:
        body += head(monitor.run)
    others = {branch.name for branch in monitor.run.branches[:-1]} if monitor.run else ()
    chart = curve.drawn(monitor.journal, monitor.log_scale, monitor.smoothing, monitor.hidden,
                        width=WIDTH - 8, height=TALL, others=others)  # fmt: skip
    body.append(f'<g transform="translate(4 {y})">{"".join(chart)}</g>')
    y += TALL + 8
    strips, height = table(monitor, y)
    body += strips
    y += height
    if monitor.run is not None:
        for note in panel.notes(monitor.run, monitor.turns)[: -NOTES - 1 : -1]:
            body += line(note, y + 16)
            y += 20
    y += 10
    edge = f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{y - 1}" rx="8" fill="none" '
    body.append(f'{edge}stroke="{LINE}"/>')
    return sheet(body, WIDTH, y, label(repr(monitor), 300), words(monitor), size=11, rounded=8)


def head(run):
    """Write the state and how far the run is."""
    colour = STATE.get(run.state, SOFT)
    numbers = [(k, v) for k, v in panel.settings_of(run) if isinstance(v, float | int) and v]
    settings = ", ".join(f"{name} {number(value, 4)}" for name, value in numbers[:2])
    epoch = f" · epoch {run.epoch} of {run.epochs}" if run.epochs and run.epochs > 1 else ""
    yield f'<path d="M1 34V9a8 8 0 0 1 8-8H{WIDTH - 9}a8 8 0 0 1 8 8V34z" fill="{WASH}"/>'
    yield f'<path d="M1 34H{WIDTH - 1}" stroke="{LINE}"/>'
    yield (f'<text x="14" y="22" font-size="13"><tspan fill="{colour}" font-weight="650">'
           f"{escape(run.state)}</tspan><tspan fill=\"{SOFT}\" dx=\"10\">after {run.steps} steps"
           f"{epoch}</tspan></text>")
    yield text(WIDTH - 14, 22, settings, fill=SOFT, anchor="end")


def table(monitor, y):
    """Draw the three strips side by side; give them and how tall they are."""
    rows, names = monitor.table.rows(), monitor.table.names
    if not len(rows):
        return [], 0
    body, tallest, wide = [], 0, WIDTH / 3
    for k, (kind, title) in enumerate(TITLES.items()):
        columns = [(name, rows[:, 1 + i]) for i, (its, name) in enumerate(names) if its == kind]
        x = k * wide
        body.append(text(x + 14, y + 14, title, fill=INK, size=12, weight=600))
        told = np.any([~np.isnan(v) for _, v in columns], axis=0) if columns else np.array([])
        if told.any():
            at = f"at step {int(rows[told, 0][-1])}"
            body.append(text(x + wide - 14, y + 14, at, fill=SOFT, anchor="end"))
        if not columns:
            body.append(text(x + 14, y + 34, "not measured", fill=SOFT))
        for row, (name, values) in enumerate(columns[:ROWS]):
            body += strip(kind, name, values, columns, x + 14, y + 22 + row * ROW, wide - 28)
        left = len(columns) - ROWS
        if left > 0:
            body.append(text(x + 14, y + 32 + ROWS * ROW, f"and {left} more", fill=SOFT))
        tallest = max(tallest, min(ROWS, len(columns)) + (left > 0))
    return body, 30 + tallest * ROW


def strip(kind, name, values, columns, x, y, wide):
    """Draw one row: its name, its colours over time, its last number."""
    left, right = x + 78, x + wide - 54
    yield text(x, y + 11, label(name, NAMES), fill=SOFT)
    yield f'<rect x="{left:.1f}" y="{y + 1}" width="{right - left:.1f}" height="13" fill="{WASH}"/>'
    tops = [v[np.isfinite(v)].max(initial=0.0) for _, v in columns]
    edges = np.linspace(0, values.size, min(COLUMNS, values.size) + 1).astype(int)
    each = (right - left) / (len(edges) - 1)
    for k, (a, b) in enumerate(pairwise(edges)):
        part = values[a:b]
        known = part[~np.isnan(part)]
        fill, depth = tone(kind, float(known.max()), max(tops)) if known.size else (INK, 0)
        if depth:
            yield (f'<rect x="{left + k * each:.1f}" y="{y + 1}" width="{each + 0.2:.1f}" '
                   f'height="13" fill="{fill}" fill-opacity="{0.06 + 0.08 * depth:.2f}"/>')
    known = values[~np.isnan(values)]
    last = float(known[-1]) if known.size else math.nan
    yield text(x + wide, y + 11, told(kind, last), fill=INK, anchor="end")


def tone(kind, v, top):
    """Give the colour and the depth, 0 to 8, of a number, as table.js does."""
    if not math.isfinite(v):
        return INK, 8
    if kind == "dead":
        return INK, max(1, min(8, round(8 * v))) if v > 0 else 0
    if kind == "norms":
        return RED, max(1, min(8, 8 + math.ceil(8 / 6 * math.log10(v / top)))) if v > 0 else 0
    away = max(-8, min(8, round(4 * (math.log10(v) + 3)))) if v > 0 else -8
    return BELOW if away < 0 else ABOVE, abs(away)


def told(kind, v) -> str:
    """Write the last number of a row."""
    if math.isnan(v):
        return "–"
    if math.isinf(v):
        return "broken"
    return f"{round(100 * v)} %" if kind == "dead" else number(v)


def line(note, y):
    """Write what turned, and where in the code."""
    colour = INK if note["kind"] == "event" else RED
    sign = panel.SIGNS.get(note["kind"], "•")
    yield text(14, y, f"step {note['step']}", fill=SOFT)
    rest = "  ".join(filter(None, (note["words"], note["detail"], note["where"])))
    yield text(84, y, label(f"{sign} {rest}", 96), fill=colour)


def words(monitor) -> str:
    """Describe the picture for those who do not see it."""
    told = [repr(monitor)]
    for kind, title in TITLES.items():
        names = [name for its, name in monitor.table.names if its == kind][:ROWS]
        parts = [f"{name} {number(float(points[1, -1]))}" for name in names
                 if (points := monitor.table.column((kind, name))).size]  # fmt: skip
        told += [f"{title}: {', '.join(parts)}"] if parts else []
    return label(". ".join(told), 2000)
