"""Lay out a graph with nested boxes in layers, from inputs to result, in plain Python.

A box is laid out by itself and then stands in its parent as one large item, with a port for each
value that enters or leaves it. So boxes can never overlap, opening one disturbs only its parents,
and equal boxes are solved once. Within a level: ranks by longest path, order by fewest crossings,
columns by a weighted wish that keeps chains straight. Lines cross a rank upright and bend only in
the empty gap between two ranks, so none can run over a card. A line that points backwards (a value
handed to the next time step) takes a lane at the side.

Nothing depends on hashing: the same graph gives the same picture in every run.
"""

from bisect import bisect_right, insort
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

GAP, RANK_GAP = 22, 26  # between neighbours, between ranks
PAD, HEAD = 14, 24  # inside a box: at its edge, and under its title
LANE = 12  # between two lanes at a side


@dataclass
class Layout:
    """Places in pixels: rectangles as (x, y, width, height), lines as pieces of points."""

    cards: dict
    boxes: dict
    lines: dict
    width: float = 0
    height: float = 0
    crossings: int = 0


class Link(NamedTuple):
    """A line of one level: from item to item, and where on each it touches."""

    source: int
    target: int
    value: int  # lines of one value share their way
    leaves: float = 0  # from the middle of the source
    enters: float = 0
    back: bool = False


def layout(sizes, home, edges, loops=(), pins=None, direction="TB") -> Layout:
    """Give every card a place.

    ``sizes`` {card: (width, height)} in the order of drawing, ``home`` {card: path of its box},
    ``edges`` [(source, target)]; those also in ``loops`` point back to the next step, and ``pins``
    {card: "first" or "last"} holds cards at an end of their box.

    >>> drawn = layout({"a": (80, 30), "b": (80, 30)}, {"a": (), "b": ()}, [("a", "b")])
    >>> drawn.cards["a"][1] < drawn.cards["b"][1]
    True
    """
    across = direction == "LR"
    turned = {v: (h, w) for v, (w, h) in sizes.items()} if across else dict(sizes)
    plan = _Plan(turned, home, list(dict.fromkeys(edges)), set(loops), pins or {}, across)
    drawn = plan.absolute()
    return _turn(drawn) if across else drawn


def _turn(drawn: Layout) -> Layout:
    """Swap x and y."""
    flip = {k: (y, x, h, w) for k, (x, y, w, h) in drawn.cards.items()}
    boxes = {k: (y, x, h, w) for k, (x, y, w, h) in drawn.boxes.items()}
    lines = {
        edge: [(lane, [(y, x) for x, y in points]) for lane, points in pieces]
        for edge, pieces in drawn.lines.items()
    }
    return Layout(flip, boxes, lines, drawn.height, drawn.width, drawn.crossings)


# --- boxes within boxes ---------------------------------------------------------------------


class _Plan:
    """The tree of boxes, solved from the inside out."""

    def __init__(self, sizes, home, edges, loops, pins, across):
        self.sizes, self.home, self.edges = sizes, home, edges
        self.loops, self.pins = loops, pins
        # A title takes room at the top, which is the start of a rank or its side when turned.
        self.margin = (HEAD, PAD) if across else (PAD, HEAD)  # before x, before y
        self.cards_of, self.boxes_of = defaultdict(list), defaultdict(list)
        self._grow_tree()
        self.crossing = defaultdict(list)  # box -> the edges that its level must know
        for edge in edges:
            for path in self._levels(edge):
                self.crossing[path].append(edge)
        self.memo, self.solved, self.order = {}, {}, {}
        self.solve(())
        self._improve_ports()

    def _grow_tree(self):
        known = {()}
        for card, path in self.home.items():
            for depth in range(len(path)):
                if path[: depth + 1] not in known:
                    known.add(path[: depth + 1])
                    self.boxes_of[path[:depth]].append(path[: depth + 1])
            self.cards_of[path].append(card)

    def _levels(self, edge):
        """The boxes an edge passes through: out of the source's, into the target's."""
        a, b = (self.home[end] for end in edge)
        same = 0
        while same < min(len(a), len(b)) and a[same] == b[same]:
            same += 1
        out = [a[:depth] for depth in range(len(a), same - 1, -1)]
        return out + [b[:depth] for depth in range(same + 1, len(b) + 1)]

    def _stands_for(self, card, path, side, source):
        """What stands for a card in the level of ``path``: itself, a box, or a port."""
        home = self.home[card]
        if home[: len(path)] != path:
            return (side, source)
        return ("card", card) if home == path else ("box", home[: len(path) + 1])

    def solve(self, path):
        """Lay out one box; return its width, height, ports and crossings, all levels below."""
        items, ports = {}, {}
        for card in self.cards_of[path]:
            items["card", card] = self.sizes[card]
        below = 0
        for child in self.boxes_of[path]:
            width, height, ports["box", child], count = self.solve(child)
            items["box", child] = (width, height)
            below += count
        found = {}
        for edge in self.crossing[path]:
            a = self._stands_for(edge[0], path, "in", edge[0])
            b = self._stands_for(edge[1], path, "out", edge[0])
            found.setdefault((a, b, edge[0]), edge in self.loops)
        for side, end in (("in", 0), ("out", 1)):
            new = {key[end]: (1, 0) for key in found if key[end][0] == side}
            items |= {key: new[key] for key in self.order.get((path, side), new)}
        number = {key: i for i, key in enumerate(items)}
        middle = {key: items[key][0] / 2 for key in ports}
        links = [
            Link(
                number[a], number[b], i,
                ports[a]["out", source] - middle[a] if a in ports else 0,
                ports[b]["in", source] - middle[b] if b in ports else 0,
                back,
            )
            for i, ((a, b, source), back) in enumerate(found.items())
        ]  # fmt: skip
        values = {}
        links = [
            link._replace(value=values.setdefault((key[0], key[2]), len(values)))
            for link, key in zip(links, found, strict=True)
        ]
        level = self._level(path, items, links, number)
        spots = {key: level.spots[i] for key, i in number.items()}
        self.solved[path] = (items, spots, dict(zip(found, level.routes, strict=True)))
        before_x, before_y = self.margin if path else (PAD, PAD)
        edge_ports = {
            key: spots[key][0] + 0.5 + before_x for key in items if key[0] in ("in", "out")
        }
        size = level.width + before_x + PAD, level.height + before_y + PAD
        return *size, edge_ports, level.crossings + below

    def _level(self, path, items, links, number):
        kinds = [(key[0], self.pins.get(key[1]) if key[0] == "card" else None) for key in items]
        ends = [[i for i, kind in enumerate(kinds) if kind[0] == side] for side in ("in", "out")]
        pins = [
            [i for i, kind in enumerate(kinds) if kind[1] == end] for end in ("first", "last")
        ]
        held = [(path, side) in self.order for side in ("in", "out")]
        key = (tuple(items.values()), tuple(links), str((ends, pins, held)))
        if key not in self.memo:
            given = list(items.values()), links, ends, pins, held
            early, late = _Level(*given), _Level(*given, late=True)
            # Branches that start together read best, unless that costs crossings or much width.
            spare = late.crossings < early.crossings or late.width < 0.8 * early.width
            self.memo[key] = late if spare and late.crossings <= early.crossings else early
        return self.memo[key]

    def _improve_ports(self):
        """Reorder a box's ports as its surroundings wish, where that saves crossings."""
        best = self.solve(())[3]
        for path in [p for p in self.solved if p]:
            for side in ("in", "out"):
                wish = self._wished_order(path, side)
                if best == 0 or len(wish) < 2:
                    continue
                self.order[path, side] = wish
                if (now := self.solve(())[3]) < best:
                    best = now
                else:
                    del self.order[path, side]
        self.solve(())
        self.crossings = best

    def _wished_order(self, path, side):
        _, _, routes = self.solved[path[:-1]]
        end, near = (1, 0) if side == "in" else (0, -1)
        wishes = {}
        for key, (_, points) in routes.items():
            if key[end] == ("box", path):
                wishes.setdefault((side, key[2]), points[near][0])
        return sorted(wishes, key=lambda port: wishes[port])

    def absolute(self) -> Layout:
        """Turn places within a box into places on the page, and join the pieces of lines."""
        drawn = Layout({}, {}, {}, crossings=self.crossings)
        width, height, *_ = self.solve(())
        drawn.width, drawn.height = width, height
        inner = {(): (PAD, PAD)}
        todo = [()]
        while todo:
            path = todo.pop(0)
            items, spots, _ = self.solved[path]
            left, top = inner[path]
            for (kind, key), (w, h) in items.items():
                x, y = spots[kind, key]
                if kind == "card":
                    drawn.cards[key] = (left + x, top + y, w, h)
                elif kind == "box":
                    drawn.boxes[key] = (left + x, top + y, w, h)
                    inner[key] = (left + x + self.margin[0], top + y + self.margin[1])
                    todo.append(key)
        for edge in self.edges:
            drawn.lines[edge] = self._joined(edge, inner)
        return drawn

    def _joined(self, edge, inner):
        pieces = []
        for path in self._levels(edge):
            a = self._stands_for(edge[0], path, "in", edge[0])
            b = self._stands_for(edge[1], path, "out", edge[0])
            lane, points = self.solved[path][2][a, b, edge[0]]
            left, top = inner[path]
            points = [(left + x, top + y) for x, y in points]
            if pieces and not lane and not pieces[-1][0]:
                pieces[-1][1].extend(points)
            else:
                pieces.append((lane, points))
        return pieces


# --- one level --------------------------------------------------------------------------------


def ranks(count, links, ports=((), ()), pins=((), ()), late=False):
    """Give each item a rank so that lines point down and are short; name the lines that cannot.

    An item in the middle of a chain stands early, near its input, or ``late``.

    >>> ranks(3, [(0, 1), (1, 2), (2, 0)])
    ([0, 1, 2], {(2, 0)})
    """
    order, back = _depth_first(count, links)
    place = {v: i for i, v in enumerate(order)}
    ins, outs = [[] for _ in range(count)], [[] for _ in range(count)]
    for a, b in links:
        if (a, b) not in back and a != b:
            outs[a].append(b)
            ins[b].append(a)
    rank = [0] * count
    for v in order:
        rank[v] = max((rank[u] + 1 for u in ins[v]), default=0)
    for _ in range(4):  # pull each item to the side where it has more lines
        for v in sorted(range(count), key=lambda v: -place[v]):
            if outs[v] and len(outs[v]) + late > len(ins[v]):
                rank[v] = min(rank[w] for w in outs[v]) - 1
        for v in order:
            if len(ins[v]) > len(outs[v]):
                rank[v] = max(rank[u] for u in ins[v]) + 1
    for first, last in (pins, ports):  # ports lie outside of everything, pinned cards too
        for group, side in ((first, min), (last, max)):
            others = [rank[v] for v in range(count) if v not in group] or [0]
            for v in group:
                rank[v] = side(others) + (1 if side is max else -1)
    used = {r: i for i, r in enumerate(sorted(set(rank)))}
    return [used[r] for r in rank], back


def _depth_first(count, links):
    """Order items so that lines point forward; return the lines that close a circle too."""
    outs = [[] for _ in range(count)]
    for a, b in links:
        outs[a].append(b)
    state, order, back = [0] * count, [], set()
    for root in range(count):
        if state[root]:
            continue
        state[root], stack = 1, [(root, iter(outs[root]))]
        while stack:
            at, ways = stack[-1]
            for way in ways:
                if state[way] == 0:
                    state[way] = 1
                    stack.append((way, iter(outs[way])))
                    break
                if state[way] == 1:
                    back.add((at, way))
            else:
                state[at] = 2
                order.append(at)
                stack.pop()
    return order[::-1], back


class _Level:
    """One box's items in rows: order, columns, heights, and the routes of its lines."""

    def __init__(self, sizes, links, ports, pins, held, late=False):
        self.sizes, self.links, self.ports, self.held = sizes, links, ports, held
        self.spots, self.routes, self.width, self.height, self.crossings = [], [], 0, 0, 0
        if not sizes:
            return
        forward = [(k.source, k.target) for k in links if not k.back]
        self.rank, circle = ranks(len(sizes), forward, ports, pins, late)
        rank = self.rank
        self.lanes = [
            k for k in links
            if k.back or (k.source, k.target) in circle or rank[k.source] >= rank[k.target]
        ]  # fmt: skip
        self.wide = [w for w, _ in sizes]
        self.up, self.down = [[] for _ in sizes], [[] for _ in sizes]
        self.weight, self.touch = {}, {}
        self._string_lines()
        self.rows = self._best_order()
        self.x = self._columns()
        self._heights()
        self._draw()

    def _string_lines(self):
        """Put a stand-in in every rank that a line crosses; lines of one value share them."""
        made, self.chains = {}, {}
        fed = {link.target for link in self.links} | set(self.ports[0])
        self.fed = [i in fed for i in range(len(self.sizes))]
        for link in self.links:
            if link in self.lanes:
                continue
            chain, at = [link.source], link.source
            for rank in range(self.rank[link.source] + 1, self.rank[link.target]):
                if (link.source, link.value, rank) not in made:
                    made[link.source, link.value, rank] = len(self.wide)
                    self.wide.append(2)
                    self.rank.append(rank)
                    self.up.append([])
                    self.down.append([])
                    leaves = link.leaves if at == link.source else 0
                    new = made[link.source, link.value, rank]
                    pull = self._pull(link.source, 3) if at == link.source else 8
                    self._join(at, new, pull, leaves, 0)
                at = made[link.source, link.value, rank]
                chain.append(at)
            leaves = link.leaves if at == link.source else 0
            pull = self._pull(link.source, 1) if at == link.source else 3
            self._join(at, link.target, pull, leaves, link.enters)
            self.chains[link] = [*chain, link.target]

    def _pull(self, source, usual):
        """An input gives way to what was computed: the main road stays straight."""
        return usual if self.fed[source] else 0.1 * usual

    def _join(self, a, b, weight, leaves, enters):
        if (a, b) not in self.weight:
            self.down[a].append(b)
            self.up[b].append(a)
        total = self.weight.get((a, b), 0) + weight
        self.weight[a, b] = self.weight[b, a] = total
        self.touch[a, b], self.touch[b, a] = leaves, enters

    # order within a row

    def _best_order(self):
        self.lean = {k: 0.9 * s / max(self.wide[k[0]], 1) for k, s in self.touch.items()}
        best = None
        for near, far in ((self.up, self.down), (self.down, self.up)):
            for mirrored in (False, True):
                rows = self._start(near, far, mirrored)
                count, rows = self._sweep(rows)
                if best is None or count < best[0]:
                    best = (count, rows)
                if best[0] == 0:
                    break
            if best[0] == 0:
                break
        self.crossings = best[0]
        return best[1]

    def _start(self, near, far, mirrored):
        """Walk from one end, so that what belongs together starts out together."""
        seen, rows = set(), [[] for _ in range(max(self.rank) + 1)]
        everything = list(range(len(self.wide)))
        for root in [v for v in everything if not far[v]] + everything:
            stack = [root]
            while stack:
                v = stack.pop()
                if v not in seen:
                    seen.add(v)
                    rows[self.rank[v]].append(v)
                    stack += near[v] if mirrored else reversed(near[v])
        for ports, held, row in zip(self.ports, self.held, (rows[0], rows[-1]), strict=True):
            if held:
                row.sort(key=lambda v: ports.index(v) if v in ports else -1)
        return rows

    def _free(self, i):
        return not (self.held[0] and i == 0 or self.held[1] and i == self.rank_count - 1)

    def _sweep(self, rows):
        """Order each row by the mean place of its neighbours, up and down, while that helps."""
        self.rank_count = len(rows)
        at = {v: i for row in rows for i, v in enumerate(row)}
        best, kept, stale = self._total(rows, at), [row[:] for row in rows], 0
        for sweep in range(28):
            if best == 0 or stale > 7:
                break
            near = self.up if sweep % 2 == 0 else self.down
            steps = range(1, len(rows)) if near is self.up else range(len(rows) - 2, -1, -1)
            turn = 1 if sweep % 4 < 2 else -1
            for i in filter(self._free, steps):
                mean = {v: self._mean(v, near[v], at) for v in rows[i]}
                rows[i].sort(key=lambda v: (mean[v], turn * at[v]))
                at.update({v: j for j, v in enumerate(rows[i])})
            if sweep % 4 == 3:
                self._exchange(rows, at)
            count = self._total(rows, at)
            stale = 0 if count < best else stale + 1
            if count < best:
                best, kept = count, [row[:] for row in rows]
        at = {v: i for row in kept for i, v in enumerate(row)}
        for _ in range(8 if best else 0):
            if not self._exchange(kept, at):
                break
        return self._total(kept, at), kept

    def _mean(self, v, near, at):
        places = [at[w] + self.lean.get((w, v), 0) for w in near]
        return sum(places) / len(places) if places else at[v]

    def _total(self, rows, at):
        return sum(self._crossings(row, at) for row in rows[:-1])

    def _crossings(self, row, at):
        """How many pairs of lines cross below a row; a box's ports are told apart."""
        ends = sorted(
            (at[v] + self.lean.get((v, w), 0), at[w] + self.lean.get((w, v), 0))
            for v in row
            for w in self.down[v]
        )
        seen, count = [], 0
        for _, place in ends:
            count += len(seen) - bisect_right(seen, place)
            insort(seen, place)
        return count

    def _exchange(self, rows, at):
        """Exchange neighbours where that saves crossings."""
        better = False
        for i in filter(self._free, range(len(rows))):
            row = rows[i]
            for j in range(len(row) - 1):
                a, b = row[j], row[j + 1]
                gain = 0
                for near in (self.up, self.down):
                    right = [at[q] + self.lean.get((q, b), 0) for q in near[b]]
                    for p in near[a]:
                        place = at[p] + self.lean.get((p, a), 0)
                        gain += sum((place > q) - (place < q) for q in right)
                if gain > 0:
                    row[j], row[j + 1], at[a], at[b] = b, a, j + 1, j
                    better = True
        return better

    # columns

    def _columns(self):
        """An x for the middle of every item: chains straight, a parent above its children."""
        x = {}
        for row in self.rows:
            at = 0
            for v in row:
                x[v] = at + self.wide[v] / 2
                at += self.wide[v] + GAP
        rooms = [[self._room(a, b) for a, b in pairwise(row)] for row in self.rows]
        for sweep in range(20):
            both = sweep >= 10
            near, far = (self.up, self.down) if sweep % 2 == 0 else (self.down, self.up)
            steps = range(len(self.rows)) if near is self.up else range(len(self.rows) - 1, -1, -1)
            for i in steps:
                wish, pull = [], []
                for v in self.rows[i]:
                    others = near[v] + far[v] if both or not near[v] else near[v]
                    places = [(self._above(w, v, x), self.weight[w, v]) for w in others]
                    wish.append(weighted_median(places) if places else x[v])
                    pull.append(sum(weight for _, weight in places) or 0.01)
                x.update(zip(self.rows[i], squeeze(wish, pull, rooms[i]), strict=True))
        self._straighten(x)
        for row, room in zip(self.rows, rooms, strict=True):  # inputs move up to their users
            free = [v < len(self.fed) and not self.fed[v] for v in row]
            wish = [self._wish(v, x) if f else x[v] for v, f in zip(row, free, strict=True)]
            x.update(zip(row, squeeze(wish, [1 if f else 1e6 for f in free], room), strict=True))
        left = min(x[v] - self.wide[v] / 2 for v in x)
        return {v: place - left for v, place in x.items()}

    def _wish(self, v, x):
        places = [(self._above(w, v, x), self.weight[w, v]) for w in self.down[v]]
        return weighted_median(places) if places else x[v]

    def _above(self, w, v, x):
        """Where v's middle must be for its line to w to be upright."""
        return x[w] + self.touch.get((w, v), 0) - self.touch.get((v, w), 0)

    def _room(self, a, b):
        return (self.wide[a] + self.wide[b]) / 2 + GAP

    def _straighten(self, x):
        """Move whole main roads into one column, where there is room."""
        limits = {}
        for row in self.rows:
            limits.update(self._nearest(row))
        for chain in self._straight_chains():
            low, high = float("-inf"), float("inf")
            offset, shift = {}, 0
            for a, b in zip([None, *chain], chain, strict=False):
                shift += (self.touch[a, b] - self.touch[b, a]) if a is not None else 0
                offset[b] = shift
                (left, before), (right, after) = limits[b]
                low = max(low, x[left] + before - shift) if left is not None else low
                high = min(high, x[right] - after - shift) if right is not None else high
            middle = sorted(x[v] - offset[v] for v in chain)[len(chain) // 2]
            if low <= high:
                middle = min(max(middle, low), high)
                x.update({v: middle + offset[v] for v in chain})

    def _nearest(self, row):
        """For each item the next ones at its sides that stay, and the room to keep from them."""
        found: dict = {v: [None, None] for v in row}
        for side, line in ((0, row), (1, row[::-1])):
            stays, room, last = None, 0, None
            for v in line:
                room += self._room(last, v) if last is not None else 0
                found[v][side] = (stays, room)
                if v >= len(self.fed) or self.fed[v]:  # an input gives way
                    stays, room = v, 0
                last = v
        return found

    def _straight_chains(self):
        """Main roads: each item is the other's heaviest neighbour, above and below."""
        heavy = {}
        for way, near in (("up", self.up), ("down", self.down)):
            for v, others in enumerate(near):
                heavy[way, v] = max(others, key=lambda w: self.weight[w, v], default=None)
        follows = {
            v: w
            for v in range(len(self.wide))
            if (w := heavy["down", v]) is not None and heavy["up", w] == v
        }
        for v in sorted(follows.keys() - set(follows.values())):
            chain = [v]
            while chain[-1] in follows:
                chain.append(follows[chain[-1]])
            yield chain

    # heights and routes

    def _heights(self):
        """A y for the top of every row; a gap grows with how far its lines must reach."""
        self.tall = [max((self._tall(v) for v in row), default=0) for row in self.rows]
        self.above, self.under = defaultdict(list), defaultdict(list)
        for lane in self.lanes:
            self.under[self.rank[lane.source]].append(lane)
            self.above[self.rank[lane.target]].append(lane)
        self.top, y = [], 0
        for i in range(len(self.rows)):
            y += 8 * len(self.above[i]) + (6 if self.above[i] else 0)
            self.top.append(y)
            y += self.tall[i] + (8 * len(self.under[i]) + 6 if self.under[i] else 0)
            y += self._gap(i)
        for v, (w, h) in enumerate(self.sizes):
            spare = self.tall[self.rank[v]] - h
            slack = spare if not self.up[v] else 0 if not self.down[v] else spare / 2
            self.spots.append((self.x[v] - w / 2, self.top[self.rank[v]] + slack))
        right = max(self.x[v] + self.wide[v] / 2 for v in self.x)
        self.side = right + (LANE if self.lanes else 0)
        self.width = right + LANE * len(self.lanes) + (4 if self.lanes else 0)
        self.height = y

    def _tall(self, v):
        return self.sizes[v][1] if v < len(self.sizes) else 0

    def _gap(self, i):
        if i + 1 == len(self.rows):
            return 0
        reach = max(
            (
                abs(self._above(a, b, self.x) - self.x[b])
                for a in self.rows[i]
                for b in self.down[a]
            ),
            default=0,
        )
        inputs, outputs = (set(ports) for ports in self.ports)
        ends = inputs.issuperset(self.rows[i]) or outputs.issuperset(self.rows[i + 1])
        return min(max(8 if ends else RANK_GAP, 0.11 * reach), 3 * RANK_GAP)

    def _draw(self):
        ways = {link: self._way(link) for link in self.links}
        self._spread(ways)
        lanes = {id(lane) for lane in self.lanes}
        self.routes = [(id(link) in lanes, ways[link]) for link in self.links]

    def _way(self, link):
        a, b = link.source, link.target
        start = (self.x[a] + link.leaves, self.spots[a][1] + self.sizes[a][1])
        end = (self.x[b] + link.enters, self.spots[b][1])
        if link in self.lanes:
            return self._side_way(link, start, end)
        floor = (start[0], self.top[self.rank[a]] + self.tall[self.rank[a]])
        points = [start, floor]
        for v in self.chains[link][1:-1]:
            top = self.top[self.rank[v]]
            points += [(self.x[v], top), (self.x[v], top + self.tall[self.rank[v]])]
        return [*points, (end[0], self.top[self.rank[b]]), end]

    def _side_way(self, link, start, end):
        i, j = self.rank[link.source], self.rank[link.target]
        low = self.top[i] + self.tall[i] + 8 * (self.under[i].index(link) + 1)
        high = self.top[j] - 8 * (self.above[j].index(link) + 1)
        side = self.side + LANE * self.lanes.index(link)
        return [start, (start[0], low), (side, low), (side, high), (end[0], high), end]

    def _spread(self, ways):
        """Let several lines enter a card side by side; one that comes straight stays straight."""
        arriving = defaultdict(list)
        for link, points in ways.items():
            if link not in self.lanes and not link.enters and self.sizes[link.target][1]:
                arriving[link.target].append(points)
        for target, lines in arriving.items():
            if len(lines) < 2:
                continue
            lines.sort(key=lambda points: points[-3][0])
            came = [points[-3][0] - points[-1][0] for points in lines]
            straight = [i for i, reach in enumerate(came) if abs(reach) < 2]
            middle = straight[0] if len(straight) == 1 else (len(lines) - 1) / 2
            room = min(14, 0.4 * self.wide[target] / max(middle, len(lines) - 1 - middle))
            for i, points in enumerate(lines):
                for k in (-2, -1):
                    points[k] = (points[k][0] + (i - middle) * room, points[k][1])


def squeeze(wish, weight, room):
    """The places nearest to ``wish`` with at least ``room[i]`` between neighbours.

    Neighbours that would overlap are pooled and share their mean (weighted least squares).

    >>> squeeze([0, 0], [1, 1], [10])
    [-5.0, 5.0]
    """
    start, starts, pools = 0.0, [], []
    for i, place in enumerate(wish):
        starts.append(start)
        pools.append([(place - start) * weight[i], weight[i], 1])
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] > pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
        start += room[i] if i < len(room) else 0
    places = [total / share for total, share, many in pools for _ in range(many)]
    return [place + start for place, start in zip(places, starts, strict=True)]


def weighted_median(places):
    """The place that has half of the weight on either side."""
    places = sorted(places)
    half, seen = sum(weight for _, weight in places) / 2, 0
    for i, (place, weight) in enumerate(places):
        seen += weight
        if seen > half:
            return place
        if seen == half and i + 1 < len(places):
            return (place + places[i + 1][0]) / 2
    return places[-1][0]


# --- lines as SVG paths -----------------------------------------------------------------------


def curve(pieces, direction="TB", stop=0) -> str:
    """Write a line as an SVG path: upright through ranks, an S between them, lanes with corners.

    ``stop`` ends it that much early, to leave room for an arrowhead.
    """
    across = direction == "LR"
    out = []
    for i, (lane, points) in enumerate(pieces):
        points = _distinct(points)
        if i + 1 == len(pieces):
            x, y = points[-1]
            points[-1] = (x - stop, y) if across else (x, y - stop)
        draw = _corners if lane else _bends
        out.append(draw(points, across, bool(out)))
    return "".join(out)


def _distinct(points):
    kept = points[:1]
    for point in points[1:]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) > 0.05:
            kept.append(point)
    return kept


def _bends(points, across, continued):
    out = [f"{'L' if continued else 'M'}{_at(points[0])}"]
    for (x, y), (u, v) in pairwise(points):
        if abs(y - v if across else x - u) < 0.5:
            out.append(f"L{_at((u, v))}")
        elif across:
            m = (x + u) / 2
            out.append(f"C{_at((m, y))} {_at((m, v))} {_at((u, v))}")
        else:
            m = (y + v) / 2
            out.append(f"C{_at((x, m))} {_at((u, m))} {_at((u, v))}")
    return "".join(out)


def _corners(points, across, continued):
    out = [f"{'L' if continued else 'M'}{_at(points[0])}"]
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        out.append(f"L{_at(_towards(at, before, 6))}Q{_at(at)} {_at(_towards(at, after, 6))}")
    return "".join(out) + f"L{_at(points[-1])}"


def _towards(at, other, far):
    length = abs(other[0] - at[0]) + abs(other[1] - at[1]) or 1
    share = min(far, length / 2) / length
    return (at[0] + (other[0] - at[0]) * share, at[1] + (other[1] - at[1]) * share)


def _at(point):
    return " ".join(f"{value:.1f}".removesuffix(".0") for value in point)
