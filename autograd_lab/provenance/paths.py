"""Follow the ways number by number: each path is a product of local derivatives."""

import heapq
import itertools
import math

import numpy as np

from .largest import largest_paths
from .walk import Budget, Found, Way

EXACT = 30_000_000  # numbers that may be read and written to be sure of the largest
SECONDS = 0.8


def paths(ways, start, entry, most, budget) -> Found:
    """List the largest paths from one number, the ``entry`` of ``start``, to the loss."""
    true = largest_paths(ways, Way, start, entry, most, Budget(EXACT, SECONDS))
    if true is not None:
        return Found(*true, True)
    turn, found, fans, heap = itertools.count(), [], [], []
    way = Way(start, None, float(ways.gradient(start).flat[entry]), entry=entry)
    while way is not None:
        while not ways.ended(way) and budget.left > 0:
            fan = _fan(ways, way, most, budget)
            fans.append(fan)
            best = next(fan.ways, None)
            if best is None:
                break
            _queue(heap, turn, fan)
            fan.taken.append(best.amount)
            way = best
        if ways.ended(way):
            found.append(way)
        elif budget.left <= 0:
            fans.append(_Fan(way.amount, 1))
        way = None
        if heap and len(found) < most and budget.left > 0:
            _, _, fan, way = heapq.heappop(heap)
            fan.taken.append(way.amount)
            _queue(heap, turn, fan)
    rest = math.fsum(fan.total - math.fsum(fan.taken) for fan in fans if fan.open)
    return Found(found, rest, sum(fan.open for fan in fans))


class _Fan:
    """All numbers that one number moves: their sum, and the largest of them one by one."""

    def __init__(self, total, count):
        self.total, self.count, self.taken, self.ways = total, count, [], iter(())

    @property
    def open(self) -> int:
        """Count what was not followed."""
        return self.count - len(self.taken)


def _queue(heap, turn, fan):
    following = next(fan.ways, None)
    if following is not None:
        heapq.heappush(heap, (-abs(following.amount), next(turn), fan, following))


def _fan(ways, way, most, budget):
    """Spread one number of one result over all numbers that it moves, the largest first."""
    fan, candidates = _Fan(0.0, 0), []
    for edge in ways.edges.get(way.key, ()):
        if budget.left <= 0 and candidates:  # told as one, not followed
            fan.total += way.factor * float(edge.gift.flat[way.entry])
            fan.count += 1
            continue
        column = ways.column(edge, way.key, way.entry, budget)
        if column is None:
            amount = way.factor * float(edge.gift.flat[way.entry])
            candidates.append((amount, (edge.node, 0), edge, 0, 1.0, True))
            fan.total += amount
            fan.count += 1
            continue
        for key, step in column.items():
            g = ways.gradient(key)
            amounts = (way.factor * step * g).reshape(-1)
            places = np.flatnonzero(step if key in ways.cancelled else amounts)
            fan.total += float(amounts.sum())
            fan.count += places.size
            for i in _largest(amounts, places, most):
                slope = float(step.flat[i])
                candidates.append((float(amounts[i]), key, edge, i, slope, False))
    candidates.sort(key=lambda c: -abs(c[0]))
    fan.ways = (
        Way(key, None, amount, way, edge, entry, way.factor * slope, shut)
        for amount, key, edge, entry, slope, shut in candidates[:most]
    )
    return fan


def _largest(amounts, places, most):
    """List the places of the largest amounts."""
    if places.size > most:
        places = places[np.argpartition(-np.abs(amounts[places]), most - 1)[:most]]
    return places.tolist()
