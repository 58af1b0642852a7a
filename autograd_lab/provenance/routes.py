"""Follow the ways operation by operation: each carries how far all numbers of a result move."""

import heapq
import itertools
import math

import numpy as np

from .walk import NOTHING, Found, Way, dot

FEW = 600  # routes that are all followed


def routes(ways, start, step, most, budget) -> Found:
    """List the largest routes from a step at ``start`` to the loss.

    Where they are few, all are followed, and those that are given are the largest.
    """
    every = ways.counts[start] <= FEW
    found = _follow(ways, start, step, FEW if every else most, budget)
    listed = sorted(found.ways, key=lambda way: -abs(way.amount))
    rest = math.fsum([found.rest, *(way.amount for way in listed[most:])])
    return Found(listed[:most], rest, found.count + len(listed[most:]), not found.count)


def _follow(ways, start, step, most, budget):
    turn, found = itertools.count(), []
    first = Way(start, step, dot(step, ways.gradient(start)))
    heap = [(0.0, next(turn), first)]
    while heap and len(found) < most and budget.left > 0:
        way = heapq.heappop(heap)[2]
        while way is not None and not ways.ended(way) and budget.goes_on(not found):
            branches = _branches(ways, way, budget)
            branches.sort(key=lambda b: -b[0])
            way = branches[0][1] if branches else None
            for size, other in branches[1:]:
                heapq.heappush(heap, (-size, next(turn), other))
        if way is not None and ways.ended(way):
            found.append(way)
        elif way is not None:
            heapq.heappush(heap, (0.0, next(turn), way))
    rest = [way for _, _, way in heap]
    return Found(found, math.fsum(w.amount for w in rest), sum(map(ways.beyond, rest)))


def _branches(ways, way, budget):
    """List what a way leads to: (size, way), the steps still to be taken."""
    if way.key is None:
        return _taken(ways, way, budget)
    branches = []
    for edge in ways.edges.get(way.key, ()):
        amount, size = dot(way.step, edge.gift), dot(abs(way.step), abs(edge.gift))
        branches.append((size, Way(None, None, amount, way, edge)))
    return branches


def _taken(ways, way, budget):
    before, edge = way.before, way.through
    budget.take(before.step, ways.gradients.get((edge.node, 0), NOTHING))
    pushed = ways.push(edge, before.step)
    if pushed is None:
        shut = Way((edge.node, 0), None, way.amount, before, edge, shut=True)
        return [(abs(way.amount), shut)]
    found = []
    for key, step in pushed.items():
        if np.any(step):
            g = ways.gradient(key)
            with np.errstate(all="ignore"):
                size, amount = dot(abs(step), abs(g)), dot(step, g)
            found.append((size, Way(key, step, amount, before, edge)))
    return found
