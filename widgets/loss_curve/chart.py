"""The arithmetic of a chart: ticks, ranges, smoothing, words.  It is that of ``chart.js``.

tests/widgets/loss_curve/test_picture.py holds both to the same answers.
"""

import math

import numpy as np

from .._paper import number

AWAY = 10                       # times the height that the calmest curve needs
HUGE = 1e150                    # beyond it, and below its inverse, nothing is drawn to scale


def ticks(low, high, about):
    """Choose round numbers from ``low`` to ``high``, about that many.

    >>> ticks(0, 1, 5)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    if not high > low:
        return [low]
    raw = (high - low) / max(1, about)
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(unit * k for k in (1, 2, 5, 10) if unit * k >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{k * step:.10g}") for k in range(first, last + 1)]


def log_ticks(low, high, about):
    """Choose powers of ten, and what lies between them if they are few.

    >>> log_ticks(0.02, 3, 5)
    [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    each = max(1, math.ceil((last - first) / max(1, about)))
    for steps in ((1,), (1, 2, 5)):
        found = [
            float(f"{k}e{power}")
            for power in range(first, last + 1, each)
            for k in steps
            if low * 0.999 <= float(f"{k}e{power}") <= high * 1.001
        ]
        if len(found) >= 3:
            return found
    return ticks(low, high, about)


def labels(values):
    """Write ticks with as many figures as they have, three at least.

    >>> labels([2.302, 2.3022, 2.3024])
    ['2.302', '2.3022', '2.3024']
    """
    for digits in range(3, 11):
        words = [number(value, digits) for value in values]
        if all(math.isclose(float(w.replace("−", "-")), v) for w, v in zip(words, values)):
            break
    return words


def staying(curves):
    """Tell which curves of one kind stay in the picture.

    One that began like the others and then ran away (its learning rate was too large) would press
    all others flat.  The first has the whole past, which a curve that begins later shares.

    >>> main, wild = np.array([[1, 2, 3], [2.0, 1.0, 0.5]]), np.array([[2, 3], [1.0, 1e6]])
    >>> staying([main, wild])
    [True, False]
    """
    needs = [max(largest(points), largest(shared(curves[0], points))) for points in curves]
    calmest = min((need for need in needs if need > 0), default=math.inf)
    return [
        not (largest(points) > AWAY * calmest and abs(points[1, 0]) <= 2 * calmest)
        for points in curves
    ]


def shared(first, points):
    """Give the past that a curve which begins later shares with the first one."""
    return first[:, first[0] < points[0, 0]]


def largest(points):
    """Give the largest size of a number in a curve; 0.0 where there is none."""
    return float(np.abs(points[1][np.isfinite(points[1])]).max(initial=0))


def leaves(points, low, high):
    """Give where a curve leaves a range, ``(step, up)``; None if it never does.

    >>> leaves(np.array([[1, 2, 3], [2.0, 1.0, 99.0]]), 0, 3)
    (3.0, True)
    """
    steps, values = points[:, np.isfinite(points[1])]
    up = bool((values > high).any())
    out = steps[values > high if up else values < low]
    return (float(out[0]), up) if out.size else None


def span(values, log):
    """Choose the range of the vertical axis: zero joins in when it is near.

    >>> span([0.1, 2.0], False), span([1.0, 1.0], False)
    ((0, 2.08), (0, 1.25))
    """
    usable = [v for v in values if math.isfinite(v) and not (log and v <= 0)]
    if not usable or not log and max(map(abs, usable)) < 1 / HUGE:
        return (0.1, 1.0) if log else (0, 1)
    low, high = (min(max(v, -HUGE), HUGE) for v in (min(usable), max(usable)))
    if log:
        low, high = max(low, 1 / HUGE), max(high, 1 / HUGE)
        room = max(high / low, 1.5) ** 0.05
        return low / room, high * room
    if high - low <= 1e-6 * max(abs(low), abs(high)):
        return (0, high * 1.25) if high > 0 else (low * 1.25, 0) if low < 0 else (0, 1)
    room = (high - low) * 0.05
    if 0 <= low < 0.4 * high:
        return 0, high * 1.04
    return low - room, high + room


def smooth(points, weight, spacing):
    """Average exponentially: each ``spacing`` of steps keeps ``weight`` of what was.

    So it means the same for every series: a rare or a folded point stands for all steps since the
    one before it.  The start is not biased to zero.
    """
    if not weight:
        return points
    made, top, under = points.copy(), 0.0, 0.0
    before = float(points[0, 0]) - spacing if points.size else 0
    for k, (step, value) in enumerate(points.T.tolist()):
        if math.isfinite(value):
            keep = weight ** max(0.0, (step - before) / spacing)
            top, under = top * keep + value * (1 - keep), under * keep + (1 - keep)
            made[1, k] = top / under if under else value
            before = step
    return made


def broken(points):
    """Say in words where a series is not a number; ``(step, words)`` or None.

    >>> broken(np.array([[0, 1, 2], [3.0, np.nan, np.nan]]))
    (1.0, 'NaN from step 1 on')
    """
    where = np.flatnonzero(~np.isfinite(points[1]))
    if not where.size:
        return None
    step, value = points[:, where[0]].tolist()
    to_the_end = where.size == points.shape[1] - where[0] > 1
    words = f"{number(value)} {'from' if to_the_end else 'at'} step {counted(step)}"
    tail = " on" if to_the_end else ", and later again" if where.size > 1 else ""
    return step, words + tail


def counted(step):
    """Write a step: whole if it is whole."""
    return str(int(step)) if step == int(step) else f"{step:g}"


def caption(names, log):
    """Say what the vertical axis counts: one name, what all names share, or nothing.

    >>> caption(["train loss", "val loss"], log=True), caption(["loss", "accuracy"], log=False)
    ('loss (log scale)', '')
    """
    title = "loss" if all("loss" in name.lower() for name in names) else ""
    title = names[0] if len(names) == 1 else title
    return f"{title} (log scale)".strip() if log else title


def spread(wishes, gap, low, high):
    """Move sorted places apart by at least ``gap``, as little as possible, inside a range.

    >>> spread([10, 12, 90], 20, 0, 100)
    [10, 30, 90]
    """
    places = []
    for wish in wishes:
        places.append(max(wish, places[-1] + gap if places else low))
    for k in range(len(places) - 1, -1, -1):
        ceiling = places[k + 1] - gap if k + 1 < len(places) else high
        places[k] = min(places[k], ceiling)
    return places
