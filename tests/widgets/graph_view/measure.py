"""Count what is wrong with a drawing, whoever drew it: crossings, lines over cards, overlaps.

Lines are measured as they are painted, curves and all. Two lines that share an end may touch.
"""

import json
import re
import subprocess
from itertools import pairwise

NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")


def polyline(d, steps=16):
    """The points of an SVG path made of M, L, C and Q, curves cut into short straight pieces."""
    points = []
    for command, rest in re.findall(r"([MLCQ])([^MLCQ]*)", d):
        flat = [float(n) for n in NUMBER.findall(rest)]
        given = list(zip(flat[::2], flat[1::2], strict=True))
        if command in "ML":
            points += given
            continue
        for i in range(0, len(given), 3 if command == "C" else 2):
            curve = [points[-1], *given[i : i + (3 if command == "C" else 2)]]
            points += [_bezier(curve, (k + 1) / steps) for k in range(steps)]
    return points


def _bezier(points, t):
    while len(points) > 1:
        points = [
            (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)
            for a, b in pairwise(points)
        ]
    return points[0]


def _side(a, b, c):
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _cross(a, b, c, d):
    if max(a[0], b[0]) < min(c[0], d[0]) or max(c[0], d[0]) < min(a[0], b[0]):
        return False
    if max(a[1], b[1]) < min(c[1], d[1]) or max(c[1], d[1]) < min(a[1], b[1]):
        return False
    one, two = _side(a, b, c), _side(a, b, d)
    three, four = _side(c, d, a), _side(c, d, b)
    return (one > 0) != (two > 0) and (three > 0) != (four > 0) and 0 not in (one, two)


def crossings(lines):
    """How often lines cross; ``lines`` {(source, target): points}. Shared ends do not count."""
    names = list(lines)
    segments = {n: list(pairwise(lines[n])) for n in names}
    boxes = {n: _bounds(lines[n]) for n in names}
    count = 0
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            if set(first) & set(second) or not _meet(boxes[first], boxes[second]):
                continue
            hits = [
                _where(*s, *t) for s in segments[first] for t in segments[second] if _cross(*s, *t)
            ]
            count += _distinct(hits)
    return count


def _where(a, b, c, d):
    share = _side(c, d, a) / ((_side(c, d, a) - _side(c, d, b)) or 1)
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


def _distinct(points):
    """A crossing at the joint of two segments is met twice."""
    kept = []
    for p in points:
        if all(abs(p[0] - q[0]) + abs(p[1] - q[1]) > 1 for q in kept):
            kept.append(p)
    return len(kept)


def _bounds(points):
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _meet(a, b):
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def over_cards(lines, cards, slack=1.5):
    """Pairs of a line and a card that it runs over, its own ends aside."""
    found = []
    for ends, points in lines.items():
        for key, (x, y, w, h) in cards.items():
            inside = [
                (px, py)
                for (ax, ay), (bx, by) in pairwise(points)
                for k in range(5)
                for px, py in [(ax + (bx - ax) * k / 4, ay + (by - ay) * k / 4)]
                if x + slack < px < x + w - slack and y + slack < py < y + h - slack
            ]
            if inside and key not in ends:
                found.append((ends, key))
    return found


def overlaps(cards):
    """Pairs of cards that share ground."""
    items = list(cards.items())
    return [
        (a, b)
        for i, (a, (x, y, w, h)) in enumerate(items)
        for b, (u, v, s, t) in items[i + 1 :]
        if x < u + s and u < x + w and y < v + t and v < y + h
    ]


def dot(sizes, home, edges):
    """Draw the same cards, boxes and edges with Graphviz; return {(source, target): points}."""
    names = {card: f"v{i}" for i, card in enumerate(sizes)}
    lines = ["digraph {", "node [shape=box fixedsize=true label=\"\"]"]

    def box(path):
        for card in sizes:
            if home[card] == path:
                w, h = sizes[card]
                lines.append(f"{names[card]} [width={w / 72:.4f} height={h / 72:.4f}]")
        inner = {p[: len(path) + 1] for p in home.values() if p[: len(path)] == path and p != path}
        for child in sorted(inner, key=str):
            lines.append(f"subgraph cluster_{len(lines)} {{")
            box(child)
            lines.append("}")

    box(())
    lines += [f'{names[a]} -> {names[b]} [comment="{i}"]' for i, (a, b) in enumerate(edges)]
    text = "\n".join([*lines, "}"])
    ran = subprocess.run(["dot", "-Tjson"], input=text, capture_output=True, text=True, check=True)
    drawn = {}
    for edge in json.loads(ran.stdout)["edges"]:
        (start, *rest) = [tuple(p) for p in edge["_draw_"][1]["points"]]
        curve = "M{} {}C".format(*start) + " ".join(f"{x} {y}" for x, y in rest)
        drawn[edges[int(edge["comment"])]] = polyline(curve)
    return drawn
