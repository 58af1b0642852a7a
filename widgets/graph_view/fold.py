"""Make a recorded graph small enough to read, before anything is laid out.

Four reductions, in this order: nodes that only broadcast become a mark on a line; a loop's repeated
steps become one step with "× 30" and dashed ways to the next step; parameters become chips on the
operation that uses them; a box around one operation becomes that operation's title. Then boxes are
closed, outer ones last, until at most `LIMIT` cards are in sight.

Cards are numbered by walking from the result to the inputs, so the same program gives the same
picture however many tensors were made before it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from operator import eq

LIMIT = 200  # cards in sight
FULL = 150  # more than this at one level are put into boxes of their own
BROADCAST = {"expand", "broadcast_to"}
TRANSPOSE = {"t", "transpose", "permute", "swapaxes", "swapdims", "mT", "T"}


@dataclass
class Card:
    """One rectangle of the picture."""

    key: str
    kind: str  # op, parameter, input, fold (a closed box), step (a way from or to another step)
    node: dict
    path: tuple = ()
    title: str = ""
    chips: list = field(default_factory=list)  # (label, node of the parameter, broadcast or "")
    times: int = 1
    inside: list = field(default_factory=list)  # of a closed box: its cards


@dataclass
class Sheet:
    """Cards, boxes and lines: what `layout` and `picture` read."""

    cards: dict
    edges: dict  # (source key, target key) -> {"operands": [...], "mark": "", "slot": 0}
    boxes: dict = field(default_factory=dict)  # path -> {"key", "label", "times"}
    loops: set = field(default_factory=set)
    pins: dict = field(default_factory=dict)
    closed: dict = field(default_factory=dict)  # path -> the card that stands for it
    root: str = ""
    went: dict = field(default_factory=dict)  # key of a card that is gone -> the one it is part of


def folded(graph: dict, opened=(), closed=(), limit=LIMIT, expand=False, unroll=False) -> Sheet:
    """Reduce ``graph`` (a `Graph.to_dict()`) to what is shown.

    ``opened`` and ``closed`` are paths of boxes that the reader opened or closed, newest last.
    """
    sheet, serial = _numbered(graph)
    if not expand:
        _hide_broadcasts(sheet)
    if not unroll:
        _fold_steps(sheet, serial)
    _make_chips(sheet)
    _make_titles(sheet)
    _divide(sheet, serial)
    _name_boxes(sheet)
    return _close(sheet, _in_sight(sheet, opened, closed, limit))


def in_order(graph: dict) -> list:
    """The nodes of ``graph`` as they are numbered: from the inputs to the result."""
    nodes, _, order = _walked(graph)
    return [nodes[id] for id in order]


def whereabouts(graph: dict, sheet: Sheet) -> dict:
    """Tell where each node of ``graph`` is shown: {id: [(card's key, number of the chip or -1)]}.

    Nodes of one loop share a card, and a parameter can be a chip on several.
    """
    chips = defaultdict(list)
    for key, card in sheet.cards.items():
        for number, chip in enumerate(card.chips if card.kind != "fold" else ()):
            chips[chip[1]["id"]].append((key, number))
    _, serial = _numbered(graph)
    found = {}
    for key, id in serial.items():
        found[id] = chips.get(id) or []
        while key in sheet.went:
            key = sheet.went[key]
        if not found[id] and key in sheet.cards:
            found[id] = [(key, -1)]
    return found


def structure(graph: dict) -> tuple:
    """All that the layout depends on: two graphs with equal structure are drawn alike."""
    nodes, ins, order = _walked(graph)
    place, paths = {id: i for i, id in enumerate(order)}, _paths(nodes)
    looks = ("kind", "op", "name", "shape", "dtype", "device", "requires_grad", "static")
    return (
        [[*map(nodes[id].get, looks), paths.get(id)] for id in order],
        [[place.get(edge["source"]), edge.get("operand")] for id in order for edge in ins[id]],
        [(len(ins[id]), nodes[id].get("value") is None) for id in order],  # a value has a row
    )


# --- numbering ------------------------------------------------------------------------------


def _walked(graph):
    """Walk from the root to the inputs: the nodes, the lines into each, and all in order."""
    nodes = {node["id"]: node for node in graph["nodes"]}
    ins = defaultdict(list)
    for edge in sorted(graph["edges"], key=lambda e: (e["target"], e["slot"])):
        ins[edge["target"]].append(edge)
    return nodes, ins, _inputs_first(graph["root"], nodes, ins)


def _numbered(graph):
    """Make a card of each node and a line of each edge; number the cards, inputs first."""
    nodes, ins, order = _walked(graph)
    keys = {id: f"n{i}" for i, id in enumerate(order)}
    paths = _paths(nodes)
    cards = {
        keys[id]: Card(keys[id], nodes[id]["kind"], nodes[id], paths.get(id, ())) for id in order
    }
    edges = {}
    for id in order:
        for edge in ins[id]:
            if edge["source"] in keys:
                pair = keys[edge["source"]], keys[id]
                edges.setdefault(pair, {"operands": [], "mark": "", "slot": edge["slot"]})
                edges[pair]["operands"].append(edge.get("operand") or str(edge["slot"]))
                if edge.get("stretched"):
                    edges[pair]["mark"] = _stretch(nodes[edge["source"]], nodes[id])
    root = keys.get(graph["root"], "")
    return Sheet(cards, edges, root=root), {keys[id]: id for id in order}


def _inputs_first(root, nodes, ins):
    order, seen = [], set()
    for start in [root, *sorted(nodes)]:
        if start in seen or start not in nodes:
            continue
        stack = [(start, iter(ins[start]))]
        seen.add(start)
        while stack:
            at, rest = stack[-1]
            for edge in rest:
                if edge["source"] in nodes and edge["source"] not in seen:
                    seen.add(edge["source"])
                    stack.append((edge["source"], iter(ins[edge["source"]])))
                    break
            else:
                order.append(at)
                stack.pop()
    return order


def _paths(nodes):
    """The box of each operation: (name, which call of it within its parent), outermost first."""
    calls, paths = {}, {}
    for id, node in sorted(nodes.items()):
        if node["kind"] != "op":
            continue
        path = ()
        for depth, name in enumerate(node.get("module") or ()):
            numbers = calls.setdefault((path, name), {})
            call = (node.get("calls") or ())[depth : depth + 1]
            path = (*path, (name, numbers.setdefault(tuple(call), len(numbers))))
        paths[id] = path
    return paths


# --- broadcasting ---------------------------------------------------------------------------


def _hide_broadcasts(sheet):
    """Replace `expand` nodes that nobody named by a mark on the line."""
    for key, card in list(sheet.cards.items()):
        plain = card.kind == "op" and card.node["op"] in BROADCAST and not card.node["name"]
        ins = [a for a, b in sheet.edges if b == key] if plain else []
        if key != sheet.root and len(ins) == 1:
            _bypass(sheet, key, ins[0], _stretch(sheet.cards[ins[0]].node, card.node))


def _stretch(node, wider):
    return " → ".join(filter(None, (shape_of(node), shape_of(wider)))) or "broadcast"


def shape_of(node) -> str:
    """The shape of a node in words; nothing when it was not recorded."""
    known = node.get("dtype") or node.get("value") or node["shape"]
    return shape_text(node["shape"]) if known else ""


def shape_text(shape) -> str:
    """Write a shape as 2×8, and no shape as "scalar"."""
    return "×".join(map(str, shape)) or "scalar"


def _bypass(sheet, key, source, mark):
    """Take a card with one input out of the graph."""
    sheet.went[key] = next((b for a, b in sheet.edges if a == key), source)
    del sheet.cards[key]
    del sheet.edges[source, key]
    for a, b in [pair for pair in sheet.edges if pair[0] == key]:
        old = sheet.edges.pop((a, b))
        new = sheet.edges.setdefault((source, b), {**old, "operands": [], "mark": ""})
        new["operands"] += old["operands"]
        new["mark"] = old["mark"] or mark


# --- repeated steps -------------------------------------------------------------------------


def _fold_steps(sheet, serial):
    """Show a loop's steps as one, wherever a level repeats itself at least three times."""
    depth, ins = 0, _inputs(sheet)
    while True:
        levels = defaultdict(list)
        for key, card in sorted(sheet.cards.items(), key=lambda item: serial.get(item[0], 0)):
            if card.kind == "op" and len(card.path) >= depth:
                levels[card.path[:depth]].append(key)
        if not levels:
            return
        for path, ops in levels.items():
            if _fold_level(sheet, path, ops, ins):
                ins = _inputs(sheet)
        depth += 1


def _fold_level(sheet, path, ops, ins) -> bool:
    """Fold what repeats among the items of one box: its own operations, and boxes in it."""
    depth, items = len(path), {}
    for key in ops:
        inner = sheet.cards[key].path[depth : depth + 1]
        items.setdefault(inner or key, []).append(key)
    items, merged = list(items.values()), False
    if len(items) < 3:
        return False
    for start, period, count in _repetitions(_signatures(sheet, items, depth, ins)):
        steps = [
            [key for item in items[start + t * period : start + (t + 1) * period] for key in item]
            for t in range(count)
        ]
        if len(steps[0]) * (count - 1) >= 8 and _is_chain(steps, ins):
            _merge(sheet, path, steps, items[start + (count - 1) * period :][:period])
            merged = True
    return merged


def _inputs(sheet):
    ins = defaultdict(list)
    for a, b in sheet.edges:
        ins[b].append(a)
    return ins


def _signatures(sheet, items, depth, ins):
    """A number for each item: equal operations, lines, parameters and wiring give equal ones."""
    known, signs = {}, []
    for item in items:
        place = {key: i for i, key in enumerate(item)}
        sign = []
        for key in item:
            card = sheet.cards[key]
            source = card.node.get("source") or {}
            wiring = tuple(
                place[a] if a in place else a if sheet.cards[a].kind == "parameter" else -1
                for a in ins[key]
            )
            sign.append((
                card.node["op"], source.get("line"), source.get("column"),
                tuple(name for name, _ in card.path[depth:]), wiring,
            ))  # fmt: skip
        signs.append(known.setdefault(tuple(sign), len(known)))
    return signs


def _repetitions(signs):
    """Yield (start, period, count) of stretches that repeat at least three times; shortest period.

    >>> list(_repetitions([9, 1, 2, 1, 2, 1, 2, 8]))
    [(1, 2, 3)]
    """
    taken = [False] * len(signs)
    for period in range(1, min(len(signs) // 3, 64) + 1):
        alike = bytes(map(eq, signs, signs[period:]))  # 1: as one period later
        start = alike.find(twice := b"\1" * (2 * period))
        while start >= 0:
            end = alike.find(b"\0", start)
            end = len(alike) if end < 0 else end
            count = (end - start) // period + 1
            stretch = slice(start, start + count * period)
            free = not any(taken[stretch])
            if free:
                taken[stretch] = [True] * (count * period)
                yield start, period, count
            start = alike.find(twice, stretch.stop if free else end)


def _is_chain(steps, ins):
    """Whether each step hands something to the next."""
    step_of = {key: t for t, step in enumerate(steps) for key in step}
    linked = {step_of[b] for b in step_of for a in ins[b] if step_of.get(a) == step_of[b] - 1}
    return len(linked) == len(steps) - 1


def _merge(sheet, path, steps, body):
    """Keep the last step for all; what crosses from step to step becomes a loop."""
    last = steps[-1]
    keep = {key: last[j] for step in steps for j, key in enumerate(step)}
    step_of = {key: t for t, step in enumerate(steps) for key in step}
    carried, slots = {}, {}  # kept source -> kept targets; (source, target) -> which operand
    for (a, b), edge in sheet.edges.items():
        if a in keep and b in keep and step_of[a] != step_of[b]:
            carried.setdefault(keep[a], []).append(keep[b])
            slots[keep[a], keep[b]] = edge["slot"]
    home = _step_box(sheet, path, body, carried, len(steps))
    edges = {}
    for (a, b), edge in sheet.edges.items():
        source, target = keep.get(a, a), keep.get(b, b)
        if a in keep and b in keep and step_of[a] != step_of[b]:
            continue
        if b in keep and a not in keep and step_of[b] == 0:  # a start value enters with the loop
            now = keep[b]
            before = [kept for kept in carried if slots.get((kept, now)) == edge["slot"]]
            if before and (a, now) not in sheet.edges:
                target = f"from-{before[0]}"
        edges.setdefault((source, target), edge)
    sheet.edges = edges
    for key in keep:
        if key not in last:
            del sheet.cards[key]
            sheet.went[key] = keep[key]
    for key in last:  # the box says how often; what stands outside of it says so itself
        if sheet.cards[key].path[: len(home)] != home:
            sheet.cards[key].times *= len(steps)
    _add_ways(sheet, carried, home)
    _merge_followers(sheet, set(last), len(steps))


def _step_box(sheet, path, body, carried, count):
    """The box of the step: the one module in it, or a new box called "step"."""
    depth = len(path)
    inner = {sheet.cards[item[0]].path[: depth + 1] for item in body}
    inner = {p for p in inner if len(p) > depth}
    home = next(iter(inner)) if len(inner) == 1 else None
    ends = [*carried, *(b for targets in carried.values() for b in targets)]
    if home is None or any(sheet.cards[key].path[: depth + 1] != home for key in ends):
        number = sum(1 for box in sheet.boxes if box[:-1] == path and box[-1][0] == "step")
        home = (*path, ("step", number))
        for item in body:
            for key in item:
                old = sheet.cards[key].path
                sheet.cards[key].path = (*home, *old[depth:])
    sheet.boxes[home] = {"times": count}
    return home


def _add_ways(sheet, carried, home):
    """Draw what is handed on: "to step t+1" at the box's end, "from step t−1" at its start."""
    for source, targets in carried.items():
        node = sheet.cards[source].node
        name = f"{node['name']} " if node["name"] else ""
        to, back = f"to-{source}", f"from-{source}"
        for key, label, pin in ((to, "to step t+1", "last"), (back, "from step t−1", "first")):
            shown = {**node, "op": name + label, "name": "", "value": None, "grad": None}
            sheet.cards[key] = Card(key, "step", shown, home)
            sheet.pins[key] = pin
        sheet.edges[source, to] = {"operands": [], "mark": ""}
        sheet.edges[to, back] = {"operands": [], "mark": ""}
        sheet.loops.add((to, back))
        for target in dict.fromkeys(targets):
            sheet.edges.setdefault((back, target), {"operands": [], "mark": ""})


def _merge_followers(sheet, body, count):
    """Merge what serves one step each (the slice x[t], a step's own input) into one card too."""
    for _ in range(3):
        ins, outs = _inputs(sheet), defaultdict(list)
        for a, b in sheet.edges:
            outs[a].append(b)
        alike = defaultdict(list)
        for key, card in sheet.cards.items():
            near = {*ins[key], *outs[key]}
            if key not in body and near & body and card.kind in ("op", "input"):
                around = tuple(sorted(set(ins[key]))), tuple(sorted(set(outs[key])))
                alike[card.kind, card.node["op"], card.path, around].append(key)
        for group in alike.values():
            if len(group) >= max(3, count - 1):
                group.sort(key=lambda key: sheet.cards[key].node["id"])  # the last step's is kept
                _unite(sheet, group)
                body = body | {group[-1]}


def _unite(sheet, group):
    kept = group[-1]
    gone = set(group) - {kept}
    edges = {}
    for (a, b), edge in sheet.edges.items():
        edges.setdefault((kept if a in gone else a, kept if b in gone else b), edge)
    sheet.edges = edges
    for key in gone:
        del sheet.cards[key]
        sheet.went[key] = kept
    sheet.cards[kept].times = len(group)


# --- chips and titles -----------------------------------------------------------------------


def _make_chips(sheet):
    """Turn parameters, transposes of them, buffers and nameless data into chips on their users."""
    ins, outs = _inputs(sheet), defaultdict(list)
    for a, b in sheet.edges:
        outs[a].append(b)
    found = {}  # key -> node that the chip shows, end of its label
    for key, card in sheet.cards.items():
        ways = any(sheet.cards[b].kind == "step" for b in outs[key])
        if _is_chip(card, len(outs[key])) and key != sheet.root and outs[key] and not ways:
            found[key] = card.node, ""
    for key, card in sheet.cards.items():
        source = ins[key][0] if len(ins[key]) == 1 else None
        turned = card.kind == "op" and card.node["op"] in TRANSPOSE and not card.node["name"]
        flat = len(card.node["shape"]) == 2
        if source in found and turned and flat and outs[key] and key != sheet.root:
            found[key] = found[source][0], "ᵀ"
    for key, (node, mark) in found.items():
        for b in outs[key]:
            if b not in found:
                edge = sheet.edges[key, b]
                label = _short(node["name"], sheet.cards[b].path) + mark
                sheet.cards[b].chips.append((label, node, edge["mark"], edge["slot"]))
    for key in found:
        del sheet.cards[key]
        sheet.went[key] = outs[key][0]
    for card in sheet.cards.values():
        card.chips = [chip[:3] for chip in sorted(card.chips, key=lambda chip: chip[3])]
    sheet.edges = {pair: e for pair, e in sheet.edges.items() if found.keys().isdisjoint(pair)}


def _is_chip(card, users):
    if card.kind == "parameter":
        return True
    nameless = not card.node["name"] and users == 1 and not card.node.get("requires_grad")
    return card.kind == "input" and (nameless or "." in card.node["name"])


def _short(name, path):
    """A parameter's name without the modules that its place already says."""
    parts = name.split(".")
    around = {part for part, _ in path}
    while len(parts) > 1 and (parts[0] in around or f"{parts[0]}.{parts[1]}" in around):
        parts.pop(0)
    return ".".join(parts) or "data"


def _make_titles(sheet):
    """A box with one card becomes the title of that card."""
    paths = [card.path for card in sheet.cards.values()]
    count = Counter(path[:depth] for path in paths for depth in range(len(path) + 1))
    for card in sheet.cards.values():
        while card.path and count[card.path] == 1 and card.path not in sheet.boxes:
            card.title = ".".join(filter(None, (card.path[-1][0], card.title)))
            card.path = card.path[:-1]


# --- boxes ----------------------------------------------------------------------------------


def _divide(sheet, serial):
    """Where one level holds too many cards, put stretches of it into boxes."""
    todo = [((), list(sheet.cards))]
    while todo:
        path, keys = todo.pop()
        items = defaultdict(list)
        for key in keys:
            items[sheet.cards[key].path[len(path) : len(path) + 1] or key].append(key)
        groups = sorted(items.values(), key=lambda g: min(serial.get(k, 0) for k in g))
        if len(groups) > FULL:
            size = 100
            while len(groups) > 100 * size:
                size *= 100
            for i in range(0, len(groups), size):
                name = f"operations {i + 1:,}–{min(i + size, len(groups)):,}"
                for key in (key for group in groups[i : i + size] for key in group):
                    card = sheet.cards[key]
                    card.path = (*path, (name, 0), *card.path[len(path) :])
            todo.append((path, keys))
        else:
            inner = [(part, group) for part, group in items.items() if isinstance(part, tuple)]
            todo += [((*path, *part), group) for part, group in inner]


def _name_boxes(sheet):
    repeated = {path: box["times"] for path, box in sheet.boxes.items()}
    paths = dict.fromkeys(
        card.path[: depth + 1] for card in sheet.cards.values() for depth in range(len(card.path))
    )
    sheet.boxes = {
        path: {"key": f"b{i}", "label": path[-1][0], "times": repeated.get(path, 1)}
        for i, path in enumerate(paths)
    }


def _in_sight(sheet, opened, closed, limit):
    """Choose the open boxes: the reader's first, then level by level, while the cards fit."""
    children = Counter(card.path for card in sheet.cards.values())
    children.update(path[:-1] for path in sheet.boxes)
    shown, seen = {()}, children[()]

    def show(paths):
        nonlocal seen
        new = {p[:d] for p in paths for d in range(1, len(p) + 1)} - shown
        cost = sum(children[p] - 1 for p in new)
        if seen + cost <= limit:
            shown.update(new)
            seen += cost
        return seen + cost <= limit

    refused = {path for path in closed if path in sheet.boxes}
    for path in reversed([p for p in opened if p in sheet.boxes]):
        if not any(path[:depth] in refused for depth in range(1, len(path) + 1)):
            show([path])
    depth = 1
    while True:
        level = [
            p for p in sheet.boxes
            if len(p) == depth and p[:-1] in shown and p not in refused
        ]  # fmt: skip
        if not level:
            return shown
        if not show(level):  # not all of them: then those around the result
            home = sheet.cards[sheet.root].path if sheet.root in sheet.cards else ()
            show([p for p in level if home[:depth] == p])
        depth += 1


def _close(sheet, shown):
    """Replace each closed box by one card."""
    stand_in, cards = {}, {}
    for key, card in sheet.cards.items():
        cut = next((d for d in range(1, len(card.path) + 1) if card.path[:d] not in shown), None)
        if cut is None:
            cards[key] = card
            stand_in[key] = key
            continue
        box = sheet.boxes[card.path[:cut]]
        stand_in[key] = box["key"]
        if box["key"] not in cards:
            path = card.path[: cut - 1]
            cards[box["key"]] = Card(box["key"], "fold", card.node, path, box["label"])
            cards[box["key"]].times = box["times"]
            sheet.closed[card.path[:cut]] = cards[box["key"]]
        cards[box["key"]].inside.append(card)
    edges = {}
    for (a, b), edge in sheet.edges.items():
        pair = stand_in[a], stand_in[b]
        if pair[0] != pair[1]:
            edges.setdefault(pair, {"operands": [], "mark": edge["mark"]})
            if cards[pair[1]].kind != "fold":
                edges[pair]["operands"] += edge["operands"]
        if pair[0] != a and (pair[0] != pair[1]):
            cards[pair[0]].node = sheet.cards[a].node  # what leaves the box is what it shows
    loops = {(stand_in[a], stand_in[b]) for a, b in sheet.loops}
    boxes = {path: box for path, box in sheet.boxes.items() if path in shown}
    if sheet.root not in cards and sheet.root in stand_in:
        cards[stand_in[sheet.root]].node = sheet.cards[sheet.root].node
    return Sheet(
        cards, edges, boxes, loops & set(edges),
        {k: p for k, p in sheet.pins.items() if k in cards},
        sheet.closed, stand_in.get(sheet.root, ""),
        sheet.went | {key: home for key, home in stand_in.items() if key != home},
    )  # fmt: skip
