"""Find the truly largest paths: every number between, each with the best that it leads to."""

import heapq
import itertools
import math

import numpy as np

NUMBERS = 6_000  # numbers between the chosen one and the loss, at most


def largest_paths(ways, make, start, entry, most, budget):
    """List the largest paths of single numbers, (ways, rest, count); None if they are too many.

    Each number's best product of local derivatives on to the loss is known first; with that, a
    path that is not listed cannot be larger than one that is. ``make`` is the class of a way.
    """
    if sum(g.size for g in ways.gradients.values()) > NUMBERS:
        return None
    spread = _spread(ways, start, entry, budget)
    if spread is None:
        return None
    best, counts = _best(ways, spread, (start, entry))
    turn, heap, found = itertools.count(), [], []
    g = float(ways.gradient(start).flat[entry])

    def push(way, size, potential):
        if potential > -math.inf:
            heapq.heappush(heap, (-(size + potential), next(turn), way, size))

    push(make(start, None, g, entry=entry), 0.0, best[start, entry])
    while heap and len(found) < most:
        _, _, way, size = heapq.heappop(heap)
        while not (way.shut or way.key == ways.root):
            fan = []
            for key, to, edge, slope, shut in spread[way.key, way.entry]:
                on = best[key, to] if not shut else _log(edge.gift.flat[way.entry])
                if on == -math.inf or not slope:
                    continue
                after = edge.gift.flat[way.entry] if shut else slope * ways.gradient(key).flat[to]
                ahead = make(key, None, float(way.factor * after), way, edge, to,
                             way.factor * slope, shut)  # fmt: skip
                fan.append((_log(slope) + on, next(turn), ahead, _log(slope) + size, on))
            fan.sort(key=lambda f: (-f[0], f[1]))
            for _, _, ahead, length, on in fan[1:]:
                push(ahead, length, on)
            _, _, way, size, _ = fan[0]
        found.append(way)
    rest = [way for _, _, way, _ in heap]
    left = sum(1 if way.shut else counts[way.key, way.entry] for way in rest)
    return found, math.fsum(way.amount for way in rest), left


def _log(x):
    return math.log(abs(x)) if x else -math.inf


def _spread(ways, start, entry, budget):
    """List what each number moves: {(key, entry): [(key, entry, edge, slope, shut)]}."""
    spread, todo = {}, [(start, entry)]
    while todo:
        here = todo.pop()
        if here in spread:
            continue
        key, entry = here
        spread[here] = found = []
        if key == ways.root:
            continue
        for edge in ways.edges.get(key, ()):
            if budget.left <= 0:
                return None
            column = ways.column(edge, key, entry, budget)
            if column is None:
                found.append(((edge.node, 0), 0, edge, 1.0, True))
                continue
            for to, moved in column.items():
                for i in np.flatnonzero(moved).tolist():
                    found.append((to, i, edge, float(moved.flat[i]), False))
                    todo.append((to, i))
    return spread


def _best(ways, spread, start):
    """Give the logarithm of the best product from each number on, and how many paths there are."""
    seed = ways.gradient(ways.root)
    best, counts, todo = {}, {}, [start]
    while todo:
        here = todo[-1]
        if here in best:
            todo.pop()
            continue
        missing = [to[:2] for to in spread[here] if not to[4] and to[:2] not in best]
        if missing:
            todo += missing
            continue
        todo.pop()
        if here[0] == ways.root:
            best[here] = _log(float(seed.flat[here[1]]))
            counts[here] = int(best[here] > -math.inf)
            continue
        top, many = -math.inf, 0
        for key, to, edge, slope, shut in spread[here]:
            on = _log(float(edge.gift.flat[here[1]])) if shut else best[key, to]
            top = max(top, _log(slope) + on)
            many += int(on > -math.inf) if shut else counts[key, to]
        best[here], counts[here] = top, many
    return best, counts
