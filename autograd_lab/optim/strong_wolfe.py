"""How far to go along a direction: a search for a place that is lower, and flatter."""

import math
from typing import Any, NamedTuple


class Place(NamedTuple):
    """A place on the way: how far along it lies, and what was found there."""

    at: float
    loss: float
    gradient: Any = None
    slope: float = 0.0


def strong_wolfe(
    look, length, d, loss, g, slope, max_calls=25, lower=1e-4, flatter=0.9, tolerance=1e-9
):
    r"""Find a step length $t$ that meets the strong Wolfe conditions.

    The loss is lower, $f(t) \le f(0) + c_1 t f'(0)$, and the slope flatter,
    $|f'(t)| \le c_2 |f'(0)|$. First the step is made longer until such a place must lie behind it,
    then the stretch is narrowed (J. Nocedal and S. Wright, Numerical Optimization, algorithms 3.5
    and 3.6; the numbers are those of M. Schmidt's minFunc, which PyTorch follows).

    ``look(length)`` gives the loss and the gradient there. Returns loss, gradient, length and the
    number of looks.

    >>> def look(t):
    ...     return (t - 3) ** 2, np.array([2 * (t - 3)])
    >>> loss, gradient, length, looks = strong_wolfe(look, 1.0, np.ones(1), 9.0, -6, -6.0)
    >>> length, looks
    (1.0, 1)
    """

    def visit(at):
        loss, gradient = look(at)
        return Place(at, loss, gradient, float(gradient @ d))

    def too_high(place):
        return place.loss > loss + lower * place.at * slope

    def flat(place):
        return abs(place.slope) <= -flatter * slope

    home = before = Place(0.0, loss, g, slope)
    here, tries = visit(length), 0
    while tries < max_calls:
        if too_high(here) or (tries > 1 and here.loss >= before.loss):
            ends = [before, here]
            break
        if flat(here):
            return here.loss, here.gradient, here.at, tries + 1
        if here.slope >= 0:
            ends = [before, here]
            break
        nearest = here.at + 0.01 * (here.at - before.at)
        farther = lowest_of_cubic(before, here, nearest, 10 * here.at)
        before, here, tries = here, visit(farther), tries + 1
    else:
        ends = [home, here]
    reach, stuck, low = float(abs(d).max()), False, _lower(ends)
    while tries < max_calls and abs(ends[1].at - ends[0].at) * reach >= tolerance:
        at, stuck = between(ends, stuck)
        here, tries = visit(at), tries + 1
        if too_high(here) or here.loss >= ends[low].loss:
            ends[1 - low] = here
            low = _lower(ends)
            continue
        if not flat(here) and here.slope * (ends[1 - low].at - ends[low].at) >= 0:
            ends[1 - low] = ends[low]
        ends[low] = here
        if flat(here):
            break
    found = ends[low]
    return found.loss, found.gradient, found.at, tries + 1


def _lower(ends):
    return 0 if ends[0].loss <= ends[1].loss else 1


def between(ends, stuck):
    """Choose where to look next in a stretch; never twice in a row too close to one end.

    >>> between([Place(0, 1.0, None, -2.0), Place(4, 9.0, None, 6.0)], False)
    (1.0, False)
    """
    left, right = sorted(place.at for place in ends)
    at, margin = lowest_of_cubic(*ends, left, right), 0.1 * (right - left)
    if min(right - at, at - left) >= margin:
        return at, False
    if not stuck and left < at < right:
        return at, True
    return (right - margin if right - at < at - left else left + margin), False


def lowest_of_cubic(a, b, least, most):
    """Tell where the cubic through two places, with their slopes, is lowest, within bounds.

    >>> lowest_of_cubic(Place(0, 1.0, None, -2.0), Place(4, 9.0, None, 6.0), 0, 4)
    1.0
    """
    a, b = (a, b) if a.at <= b.at else (b, a)
    if a.at == b.at:
        return (least + most) / 2
    turn = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.at - b.at)
    square = turn**2 - a.slope * b.slope
    if not square >= 0:
        return (least + most) / 2
    root = math.sqrt(square)
    bottom = b.slope - a.slope + 2 * root
    if bottom == 0:
        return (least + most) / 2
    lowest = b.at - (b.at - a.at) * ((b.slope + root - turn) / bottom)
    return min(max(lowest, least), most)
