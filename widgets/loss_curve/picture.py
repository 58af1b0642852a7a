"""Draw a run as a still picture: an SVG that needs no browser, no kernel and no style sheet.

It stands in the saved notebook beside the live chart and looks like it.
"""

import math
import re

import numpy as np

from .._paper import BLUE, GREEN, INK, PAPER, RED, SOFT, label, number, sheet, text
from .chart import (
    HUGE,
    broken,
    caption,
    counted,
    labels,
    leaves,
    log_ticks,
    shared,
    smooth,
    span,
    spread,
    staying,
    ticks,
)
from .series import fold

COLOURS = [BLUE, "#bf5208", GREEN, "#7a4fb0", "#0b7285", "#a8326b"]
GRID = "#e6eaee"
HELD_OUT = re.compile(r"(^|[^a-z])(val|valid|validation|test|eval|dev)([^a-z]|$)", re.IGNORECASE)
RISES = re.compile(r"acc|r2|r²|f1|auc|precision|recall|score|bleu", re.IGNORECASE)
NAME = 24                       # letters of a name at the end of its line
# Data the model learns from: solid or dotted lines.  Data held out: dashed ones.
DASHES = {False: [[], [1.5, 4], [9, 3, 2, 3]], True: [[6, 4], [3, 3], [10, 4, 3, 4]]}


def dashes(names):
    """Choose a dash for each series, so that colour is never the only sign."""
    seen = {True: 0, False: 0}
    chosen = []
    for name in names:
        held_out = bool(HELD_OUT.search(name))
        chosen.append(DASHES[held_out][seen[held_out] % 3])
        seen[held_out] += 1
    return chosen


def spacing(series, points):
    """Give the mean distance in steps between two points as they were appended."""
    return float(points[0, -1] - points[0, 0]) / max(1, series.total - 1) or 1.0


def summary(journal):
    """Say in one line how far the run is and where each series stands.

    >>> from .series import Journal
    >>> run = Journal()
    >>> for loss in (4.0, 0.5, 1.0): run.add({"loss": loss})
    >>> summary(run)
    'LossCurve: 3 steps, loss 1 (min 0.5)'
    """
    if not journal.series:
        return "LossCurve: waiting for the first loss"
    steps = max(series.total for series in journal.series.values())
    parts = [f"LossCurve: {steps} step{'' if steps == 1 else 's'}"]
    for series in list(journal.series.values())[:6]:
        values = series.points()[1]
        if not values.size:
            continue
        tail = f" ({best(series.name, values)})" if np.isfinite(values).any() else ""
        parts.append(f"{label(series.name)} {number(values[-1])}{tail}")
    return ", ".join(parts)


def best(name, values):
    """Name the best value: the lowest, or the highest of what should rise."""
    fine = values[np.isfinite(values)]
    if RISES.search(name):
        return f"max {number(fine.max())}"
    return f"min {number(fine.min())}"


class Plot:
    """Place a run on paper: where each step and each value lies."""

    left, right, top, bottom = 52, 96, 34, 34

    def __init__(self, curves, log, width, height, longest=0, others=()):
        self.right = max(self.right, 24 + 6.4 * longest)
        self.width, self.height, self.log = width, height, log
        every = [points for _, points in curves if points.size]
        steps = np.concatenate([p[0] for p in every]) if every else np.zeros(1)
        self.first, self.final = float(steps.min()), float(steps.max())
        values = np.concatenate([p[1] for p in every]).tolist() if every else []
        wild, inside = runaways(curves, log, others)
        self.low, self.high = span(np.concatenate(inside).tolist() if inside else [], log)
        ways = {s: leaves(points, self.low, self.high) for (_, s), points in curves if s in wild}
        self.gone = {series: way for series, way in ways.items() if way}
        self.unshown = sum(1 for v in values if log and v <= 0)

    def x(self, step):
        inner = self.width - self.left - self.right
        return self.left + inner * (step - self.first) / ((self.final - self.first) or 1)

    def y(self, value):
        bend = np.log if self.log else np.asarray
        usable = np.isfinite(value) & (np.greater(value, 0) | (not self.log))
        at = bend(np.clip(np.where(usable, value, np.nan), -HUGE, HUGE))
        low, high = bend(self.low), bend(self.high)
        y = self.top + (self.height - self.top - self.bottom) * (high - at) / ((high - low) or 1)
        return np.clip(y, -self.height, 2 * self.height)  # far out, pens would lose their way

    def held(self, value):
        """Give a value's place, at the edge if it is further."""
        return np.clip(self.y(value), self.top, self.height - self.bottom)


def path(plot, points):
    """Write a polyline that breaks where a value is not a number."""
    parts, pen = [], "M"
    for x, y in zip(plot.x(points[0]).tolist(), plot.y(points[1]).tolist(), strict=True):
        if math.isfinite(y):
            parts.append(f"{pen}{x:.1f} {y:.1f}")
            pen = "L"
        else:
            pen = "M"
    return "".join(parts)


def runaways(curves, log, others):
    """Give the series that may leave the picture, and the values that the axis is for.

    Only losses and branches (``others``) are compared; those that stay need the past they share.
    What else stays needs so high an axis, at times (an accuracy in percent), that none leaves it.
    """
    kin = [(s, p) for (_, s), p in curves if s.name in others or "loss" in s.name.lower()]
    if log or len(kin) < 2:
        return [], [points[1] for _, points in curves]
    kept = [p for p, stays in zip(kin, staying([p for _, p in kin]), strict=True) if stays]
    gone = [s for s, _ in kin if s not in [one for one, _ in kept]]
    past = [shared(kin[0][1], points)[1] for _, points in kept]
    return gone, [*(points[1] for (_, s), points in curves if s not in gone), *past]


def draw(journal, log=False, smoothing=0.0, hidden=(), width=640, height=320):
    """Draw the whole run as one self-contained SVG."""
    parts = drawn(journal, log, smoothing, hidden, width, height)
    return sheet(parts, width, height, label(summary(journal), 300), size=11)


def drawn(journal, log, smoothing, hidden, width, height, others=()) -> list:
    """Draw the whole run, for a sheet of this size; ``others`` are names of other branches."""
    slots = list(enumerate(journal.series.values()))
    shown = [(slot, s) for slot, s in slots if label(s.name) not in hidden and s.total]
    curves = [((slot, s), s.points()) for slot, s in shown]
    longest = max((len(label(s.name, NAME)) for _, s in shown), default=0)
    plot = Plot(curves, log, width, height, longest, others)
    if not curves:
        words = "waiting for the first loss" if not journal.series else "every series is hidden"
        body = [
            f'<rect x="10" y="10" width="{width - 20}" height="{height - 20}" rx="6" fill="none" '
            f'stroke="{SOFT}" stroke-opacity=".5" stroke-dasharray="3 3"/>',
            text(width / 2, height / 2, words, fill=SOFT, size=13, anchor="middle"),
        ]
    else:
        title = caption([label(s.name) for _, s in shown], log)
        body = [*axes(plot, title), *marks(plot, journal.marks)]
        dash, pace = dashes(journal.series), min(spacing(s, p) for (_, s), p in curves)
        for line, ((slot, series), points) in enumerate(curves):
            lines = curve(plot, points, smooth(points, smoothing, pace), COLOURS[slot % 6],
                          dash[slot], smoothing)
            body += away(plot, series, COLOURS[slot % 6], lines) if series in plot.gone else lines
            whose = f"{label(series.name, NAME)}: " if len(curves) > 1 else ""
            body += gap(plot, points, whose, line)
        body += [*leaving(plot), *ends(plot, curves, smoothing, pace)]
    return body


def axes(plot, title):
    """Draw a quiet grid, the numbers and the titles of the axes."""
    base, end = plot.height - plot.bottom, plot.width - plot.right
    yield text(10, 20, label(title), fill=SOFT)
    if plot.unshown:
        words = f"{plot.unshown} value{'s' * (plot.unshown > 1)} ≤ 0 not on a log scale"
        yield text(end, 20, words, fill=RED, anchor="end")
    values = (log_ticks if plot.log else ticks)(plot.low, plot.high, 5)
    for value, words in zip(values, labels(values), strict=True):
        y = float(plot.y(value))
        yield f'<path d="M{plot.left} {y:.1f}H{end}" stroke="{GRID}"/>'
        yield text(plot.left - 8, y + 4, words, fill=SOFT, anchor="end")
    yield f'<path d="M{plot.left} {base}H{end}" stroke="{SOFT}" stroke-opacity=".6"/>'
    for step in ticks(plot.first, plot.final, min(6, plot.final - plot.first)):     # whole ones
        if plot.x(step) < end - 64:
            yield text(plot.x(step), base + 17, counted(step), fill=SOFT, anchor="middle")
    yield text(end + 4, base + 17, f"step {counted(plot.final)}", fill=INK, anchor="end")


def curve(plot, points, line, colour, dash, smoothing):
    """Draw one series; under a smoothed line the measured one stays, faint."""
    thin = max(1, points.shape[1] // (2 * plot.width))
    # A line that goes up and down too much would turn dashes into dust.
    way = np.nansum(np.abs(np.diff(plot.y(fold(line, thin)[1]))))
    dash = [] if way > 4 * (plot.x(line[0, -1]) - plot.x(line[0, 0])) > 0 else dash
    style = f'fill="none" stroke="{colour}" stroke-linejoin="round" stroke-linecap="round"'
    if smoothing:
        yield f'<path d="{path(plot, fold(points, thin))}" {style} stroke-opacity=".28"/>'
    dashed = f' stroke-dasharray="{" ".join(map(str, dash))}"' if dash else ""
    yield f'<path d="{path(plot, fold(line, thin))}" {style} stroke-width="1.8"{dashed}/>'
    if 1 < points.shape[1] <= 32:
        for x, y in zip(plot.x(line[0]).tolist(), plot.y(line[1]).tolist(), strict=True):
            if math.isfinite(y):
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{colour}"/>'


def away(plot, series, colour, lines):
    """Draw a series that leaves the picture: its line up to the edge, and a tip there."""
    top, base = plot.top - 4, plot.height - plot.bottom + 4
    wide, tall = plot.width, base - top
    yield (f'<svg y="{top}" width="{wide}" height="{tall}" viewBox="0 {top} {wide} {tall}">'
           f'{"".join(lines)}</svg>')
    step, up = plot.gone[series]
    x, edge = plot.x(step), top - 3 if up else base + 3
    yield f'<path d="M{x:.1f} {edge}l-5 {8 if up else -8}h10z" fill="{colour}"/>'


def leaving(plot):
    """Say above the plot what leaves it: marks stand below."""
    if not plot.gone:
        return
    (series, (step, _)), *more = plot.gone.items()
    words = (f"{1 + len(more)} curves leave the picture" if more else
             f"{label(series.name, NAME)} leaves the picture at step {counted(step)}")
    yield text(plot.width - plot.right, 20, words, fill=RED, anchor="end")


def gap(plot, points, name, line):
    """Mark where a series stops being a number, with the words for it."""
    if (found := broken(points)) is None:
        return
    x, base = plot.x(found[0]), plot.height - plot.bottom
    words, end = label(name + found[1]), plot.width - plot.right
    anchor = "start" if x + 7 + 6.8 * len(words) < end else "end"
    yield (f'<path d="M{x:.1f} {plot.top}V{base}" stroke="{RED}" stroke-dasharray="2 3"/>'
           f'<path d="M{x - 4:.1f} {base - 4}l8 8m0-8l-8 8" stroke="{RED}" stroke-width="1.8"/>')
    yield text(x + (7 if anchor == "start" else -7), base - 8 - 14 * line, words, fill=RED,
               weight=600, anchor=anchor, halo=PAPER)


def marks(plot, marked):
    """Draw the labelled marks; neighbours stand on different lines."""
    taken = [-1e9, -1e9, -1e9]
    for step, words in marked:
        if not plot.first <= step <= plot.final:
            continue
        x, wide = plot.x(step), 6.2 * len(label(words, 28)) + 12
        flip = x + wide > plot.width - plot.right + 20
        start = x - wide if flip else x
        row = next((k for k in range(3) if taken[k] < start), None)
        yield (f'<path d="M{x:.1f} {plot.top + 12 * (row or 0)}V{plot.height - plot.bottom}" '
               f'stroke="{SOFT}" stroke-opacity=".55" stroke-dasharray="1 3"/>')
        if row is None:                                     # no room: its line alone
            continue
        taken[row] = start + wide
        yield text(x + (-5 if flip else 5), plot.top + 9 + 12 * row, label(words, 28), fill=SOFT,
                   anchor="end" if flip else "start")


def ends(plot, curves, smoothing, pace):
    """Write each series' last value at the end of its line."""
    tall = 46 if len(curves) <= 4 else 17
    wishes = []
    for (slot, series), points in curves:
        line = smooth(points, smoothing, pace)
        fine = line[:, np.isfinite(plot.y(line[1]))]
        x, y = (plot.x(fine[0, -1]), float(plot.held(fine[1, -1]))) if fine.size else (
            plot.x(plot.first), plot.height - plot.bottom)
        wishes.append((y, x, slot, series, points, fine))
    wishes.sort(key=lambda wish: wish[:3])
    places = spread([wish[0] for wish in wishes], tall, plot.top + 12,
                    plot.height - plot.bottom - (10 if tall > 40 else 0))
    for place, (y, x, slot, series, points, fine) in zip(places, wishes, strict=True):
        colour, left = COLOURS[slot % 6], plot.width - plot.right + 12
        name, last = label(series.name, NAME), number(points[1, -1])
        if fine.size and y == float(plot.y(fine[1, -1])):  # else it ends outside
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
        if tall < 40:
            yield text(left, place + 4, f"{name} {last}", fill=colour, weight=600)
            continue
        yield text(left, place - 8, name, fill=colour)
        yield text(left, place + 9, last, fill=colour, size=18, weight=650)
        if fine.size:
            yield text(left, place + 22, best(series.name, points[1]), fill=SOFT, size=10)
