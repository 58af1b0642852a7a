"""What the side panel's parts ask: why a number is what it is, and what if it were another.

Messages: ``{do: "why", node, index}``: the paths to a number of a node's gradient (why.js).
``{do: "entries", node, index, which}``: the "grad" or "value" around it, to pick another from.
``{do: "scrub", node, index}``: where a slider for this number of a leaf begins (scrub.js).
``{do: "scrub", node, index, at}``: what follows with the slider there; ``value``: any number.
"""

import json
import math
from weakref import WeakKeyDictionary, ref

import numpy as np

from autograd_lab.device import cpu, move
from autograd_lab.graph import preview as look
from autograd_lab.provenance import Origins, Scrub

from .._paper import clean
from ..graph_view.scene import preview

GRID = 48  # rows and columns of a gradient that are sent to pick from
LONG = 24  # operations of one way that are named
SMALL, SHORT = 400, 4  # numbers of a graph, and of a leaf, that such a page can change
FEW = 24  # numbers of a tensor for which a page without a kernel keeps every answer
ROOM = 110_000  # characters that recorded answers of one kind may take together

# By walk; what is kept here must not hold its walk, or neither would ever go.
_origins = WeakKeyDictionary()
_scrubs = WeakKeyDictionary()


def why(walk, message) -> dict:
    """Tell the paths to one number of a node's gradient."""
    key, index = _key(walk, message), _index(message)
    return _short_why(_of(walk).why_at(key, index))


def entries(walk, message) -> dict:
    """Give a gradient or a value as a table around one number, and where the table begins."""
    g, index = _array(walk, message), _index(message)
    if len(index) != g.ndim:
        raise ValueError("say which number is meant")
    lead = index[: max(g.ndim - 2, 0)]
    table = g[lead].reshape((1,) * (2 - min(g.ndim, 2)) + g.shape[-2:])
    at = (0, 0, *index)[-2:]
    first = [max(0, min(i - GRID // 2, n - GRID)) for i, n in zip(at, table.shape)]
    part = table[first[0] : first[0] + GRID, first[1] : first[1] + GRID]
    return {
        "rows": [[_digits(v) for v in row] for row in part.tolist()],
        "first": first, "lead": list(lead), "dims": list(g.shape),
    }  # fmt: skip


def scrub(walk, message) -> dict:
    """Tell where a number's slider begins, or what follows when it is moved."""
    change, index = _scrub(walk, message)
    if "at" not in message and "value" not in message:
        low, high = change.range
        return {
            "name": clean(walk.name(int(message["node"]))), "index": list(index),
            "before": _digits(change.before, 6), "loss": _digits(change.loss, 6),
            "step": change.step, "low": low, "high": high, "whole": change.kind in "iub",
            "slope": None if change.slope is None else _digits(change.slope, 6),
            "note": change.note(), "curve": [[p, _digits(v)] for p, v in change.curve()],
        }  # fmt: skip
    value = change.value_at(int(message["at"])) if "at" in message else float(message["value"])
    after = change.replayed(value)
    found = change.change(after, value)
    return {
        "value": _digits(found.after, 6), "loss": _digits(found.loss_after, 6),
        "real": _digits(found.real), "note": found.note,
        "predicted": None if found.predicted is None else _digits(found.predicted),
        "nodes": _changed(walk, change, after),
    }  # fmt: skip


ANSWERS = {"why": why, "entries": entries, "scrub": scrub}


def to_record(walk):
    """List the questions whose answers a page without a kernel shall have, within its room."""
    yield from _within(walk, _why_too, _whys(walk))
    if sum(v.size for v in walk.replay.values.values()) <= SMALL:
        yield from _within(walk, _scrub_too, _scrubbings(walk))


# --- why


def _of(walk):
    if walk not in _origins:
        ids, me = walk.ids, ref(walk)
        _origins[walk] = Origins(
            walk.replay.root, replay=walk.replay, visits=walk.visits, ids=ids,
            name_of=lambda node: clean(me().name(ids[node])) if node in ids else "",
        )  # fmt: skip
    return _origins[walk]


def _key(walk, message):
    """Find the place in the graph that a message is about."""
    number = _number(walk, message)
    node = walk.made.get(number)
    if node is None:
        raise ValueError(
            f"{clean(walk.name(number))} is data that does not require grad, so no gradient comes "
            "to it. You can still change it and see what the loss does."
        )
    gradients = _of(walk).ways.gradients
    return next((key for key in gradients if key[0] is node), (node, 0))


def _number(walk, message):
    try:
        number = int(message["node"])
        walk.name(number)
    except (KeyError, TypeError, ValueError):
        raise ValueError("this card is not in the graph any more") from None
    return number


def _index(message):
    try:
        return tuple(int(i) for i in message.get("index") or ())
    except (TypeError, ValueError):
        raise ValueError("say which number is meant with whole numbers") from None


def _array(walk, message):
    if message.get("which") == "value":
        array = walk.value(_number(walk, message))
        if array is None:
            raise ValueError("the values of this tensor are not at hand")
        return np.asarray(move(array, cpu), np.float64)
    key = _key(walk, message)
    ways = _of(walk).ways
    if key not in ways.gradients:
        raise ValueError("no gradient comes here: no operation on the way to the loss passes it on")
    return ways.gradient(key)


def _short_why(found):
    """Keep what the panel shows, shortly: a step is [nodes, words]."""
    data = found.to_dict()
    for stop in data["stops"]:
        stop["node"] = stop.pop("step")["node"]
        del stop["reason"]
    numbers = {key: _digits(data[key], 6) for key in ("gradient", "rest", "total")}
    numbers |= {key: _digits(data[key], 6) for key in ("paths_rest", "paths_total")}
    kept = {key: data[key] for key in ("name", "index", "rest_count", "paths_rest_count")}
    kept["sure"] = data["sure"]
    kept |= {key: data[key] for key in ("stops", "sentences", "by_numbers", "difference")}
    ways = {key: [_short_path(path) for path in data[key]] for key in ("routes", "paths")}
    return kept | numbers | ways


def _short_path(path):
    kept = {"sum": _digits(path["contribution"]), "product": path["product"]}
    kept |= {} if path["whole"] else {"whole": False}
    kept["steps"] = _cut_short(path["stations"])
    parts = [
        {
            "words": part["words"], "rest": _digits(part["rest"]),
            "count": part["rest_count"],
            "groups": [[g["index"], _digits(g["contribution"])] for g in part["groups"]],
        }
        for part in path["breakdowns"]
    ]  # fmt: skip
    return {key: value for key, value in (kept | {"parts": parts}).items() if value != []}


def _cut_short(stations):
    """Leave out the middle of a long way in words; its cards stay."""
    if len(stations) <= LONG:
        return stations
    left = stations[LONG - 8 : -6]
    nodes = list(dict.fromkeys(n for part, _ in left for n in part))
    return [*stations[: LONG - 8], [nodes, f"… {len(left):,} more …"], *stations[-6:]]


def _whys(walk):
    """The numbers to be asked about: all of small tensors, of others the one in play."""
    found = []
    for number in walk.made:
        array = walk.gradients.get(number)
        if array is None or not np.size(array):
            continue
        learns = walk.nodes[number].kind != "op"
        every = np.size(array) <= (FEW if learns else 4)
        places = list(np.ndindex(np.shape(array))) if every else [walk.play(number)]
        found += [(not learns, number, tuple(map(int, place))) for place in places]
    return [{"node": n, "index": list(place)} for _, n, place in sorted(found, key=lambda f: f[0])]


# --- scrub


def _scrub(walk, message):
    number, index = _number(walk, message), _index(message)
    tensor = walk.tensors.get(number)
    if tensor is None:
        raise ValueError(
            f"{clean(walk.name(number))} was computed, so it follows from others: change a number "
            "of a leaf or of the data"
        )
    kept = _scrubs.setdefault(walk, {})
    if (number, index) not in kept:
        kept.clear()
        name = clean(walk.name(number))
        kept[number, index] = Scrub(walk.replay, tensor, index, name)
    return kept[number, index], index


def _changed(walk, change, after):
    """Give the new numbers of all nodes that changed: {id: {value, grad}}."""
    found = {}
    before, gradients = change.replay, after.gradients
    for number, node in walk.made.items():
        value, news = after.tensor(node), {}
        if value is None:
            continue
        if value is not before.tensor(node):
            news["value"] = _seen(value.array)
        if node in gradients and not _same(gradients[node], before.gradients.get(node)):
            news["grad"] = _seen(gradients[node])
        if news:
            found[str(number)] = news
    for number, tensor in walk.tensors.items():
        if tensor is change.tensor:
            array = after.changed[id(tensor)]
            found.setdefault(str(number), {})["value"] = _seen(array)
    return found


def _same(a, b):
    return b is not None and bool(np.array_equal(move(a, cpu), move(b, cpu), equal_nan=True))


def _seen(array):
    """A short look: only its numbers if they are few (scrub.js makes the rest), else all."""
    seen = preview(vars(look(array))) or {}
    few = seen["size"] == len(seen["values"]) and not seen["bad"]
    return seen["values"] if few else seen


def _scrubbings(walk):
    """Every position of the slider for scalars and small leaves, the parameters first."""
    leaves = [n for n in walk.tensors if walk.nodes[n].requires_grad and n in walk.made]
    data = [n for n in walk.tensors if n not in leaves]
    for number in leaves + data:
        tensor = walk.tensors[number]
        if 0 < tensor.array.size <= SHORT:
            for place in np.ndindex(tensor.array.shape):
                yield {"node": number, "index": [int(i) for i in place]}


def _why_too(_walk, about):
    yield {"do": "why", **about}
    yield {"do": "entries", **about, "which": "grad"}


def _scrub_too(walk, about):
    yield {"do": "entries", **about, "which": "value"}
    yield {"do": "scrub", **about}
    try:
        low, high = _scrub(walk, about)[0].range
    except ValueError:
        return
    for at in range(low, high + 1):
        yield {"do": "scrub", **about, "at": at}


def _within(walk, kinds, questions):
    """Yield messages as long as their answers have room; the last of a kind stands for its size."""
    left = ROOM
    for about in questions:
        messages = list(kinds(walk, about))
        size = sum(_size(walk, message) for message in messages[:2])
        size += len(messages[2:]) * _size(walk, messages[-1])
        if size > left:
            return
        left -= size
        yield from messages


def _size(walk, message):
    try:
        return len(json.dumps(ANSWERS[message["do"]](walk, message)))
    except ValueError as reason:
        return len(str(reason))


def _digits(value, digits=6):
    value = float(value)
    if not math.isfinite(value):
        return "nan" if value != value else "inf" if value > 0 else "-inf"
    return float(f"{value:.{digits}g}")
