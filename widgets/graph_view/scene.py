"""Measure the cards, lay them out, and write down what is to be drawn, as plain data.

The page (`index.js`) and the saved picture (`picture.py`) draw the same scene, so they look alike.
"""

import math
from functools import lru_cache

from autograd_lab.formula import plain

from .._paper import clean, number, printable, short, wide
from .fold import Sheet, shape_of
from .layout import curve, layout

CELLS = 24  # numbers in a strip
STRIP = 96  # pixels for them
CHIP, ROW = 18, 15  # heights of a chip and of a strip
ARROW = 6
in_words = lru_cache(512)(plain)  # a thousand cards have a few formulas
CHANGED = "weights changed since: {} computed again with those of now"


def scene_of(sheet: Sheet, direction="TB", wait="not yet", room=0) -> dict:
    """Return cards, boxes and lines with their places, texts and numbers.

    ``wait`` is said where a gradient is missing: "not yet", or "not kept" after a backward pass.
    ``room`` is left around each gradient, for a field to type it into.
    """
    cards = {key: card_of(card, room) for key, card in sheet.cards.items()}
    if sheet.root in cards:
        cards[sheet.root]["root"] = True
    places = layout(
        {key: (card["w"], card["h"]) for key, card in cards.items()},
        {key: card.path for key, card in sheet.cards.items()},
        list(sheet.edges),
        sheet.loops,
        sheet.pins,
        direction,
    )
    for key, (x, y, _, _) in places.cards.items():
        cards[key] |= {"x": round(x, 1), "y": round(y, 1)}
    boxes = [
        {**sheet.boxes[path], "label": short(clean(path[-1][0]), 40) or "box"}
        | dict(zip("xywh", (round(v, 1) for v in place), strict=True))
        for path, place in places.boxes.items()
    ]
    edges = [
        _line(pair, edge, places.lines[pair], pair in sheet.loops, direction)
        for pair, edge in sheet.edges.items()
    ]
    _tell(cards, edges)
    size = {"width": math.ceil(places.width), "height": math.ceil(places.height)}
    return {
        **size, "direction": direction, "wait": wait,
        "cards": list(cards.values()), "boxes": boxes, "edges": edges,
    }  # fmt: skip


def moment_of(graph) -> str:
    """Say of which moment values and gradients are, where it is not one; else "".

    >>> moment_of({"stale": True, "earlier": True})
    'weights changed since: values computed again with those of now, grad of the last backward'
    """
    said = [CHANGED.format("values")] if graph.get("stale") else []
    if graph.get("earlier"):
        said += ["grad of the last backward" if said else "grad of an earlier backward"]
    return "; ".join(filter(None, [graph.get("note"), ", ".join(said)]))


# --- a card ---------------------------------------------------------------------------------


def card_of(card, room=0) -> dict:
    """Write one card: its texts, the heights of its rows, and everything its panel shows."""
    if card.kind == "step":
        head = clean(card.node["op"])
        return {"key": card.key, "kind": "step", "head": short(head, 30), "h": 24,
                "w": _even(wide(short(head, 30), 11) + 30), "name": head}  # fmt: skip
    out = {"key": card.key, "kind": _look(card), "times": card.times} | _head(card)
    if card.node.get("static") and card.kind != "fold":  # a captured step reads or writes it there
        out["title"] = " · ".join(filter(None, [out["title"], "static"]))
    out["shape"] = "" if card.kind == "fold" else shape_of(card.node)
    out |= details(card.node)
    formula, gradient = (in_words(clean(card.node.get(k, ""))) for k in ("formula", "gradient"))
    if card.kind == "op":
        out |= {"formula": formula, "gradient": gradient}
    out["line2"] = short(_second_line(card, formula), 46)
    out["chips"] = [_chip(*chip) for chip in card.chips]
    out["learns"] = _wants_gradient(card)
    return {k: v for k, v in _measured(out, room).items() if v not in ("", None, [], False)}


def _look(card):
    """What learns looks like a parameter, whether a module holds it or not."""
    learns = card.kind == "input" and card.node.get("requires_grad")
    return "parameter" if learns else card.kind


def _wants_gradient(card):
    return card.kind != "fold" and bool(card.node.get("requires_grad"))


def _head(card):
    node, title = card.node, clean(card.title)
    name, op = clean(node.get("name", "")), clean(node.get("op", ""))
    if card.kind == "fold":
        return {"head": short(title, 26) or "box", "name": title, "title": ""}
    if card.kind != "op":
        word = "learned" if _look(card) == "parameter" else "given"
        return {"head": short(name or word, 24), "title": word if name else "", "name": name,
                "op": word}  # fmt: skip
    label = clean(node.get("label", "")) or op  # a number tells equal operations apart
    head = f"{short(name, 16)} = {short(op, 18)}" if name else short(label, 24) or "operation"
    return {"head": head, "title": _tail(title, 18), "name": name, "op": op, "module": title}


def _second_line(card, formula):
    if card.kind == "fold":
        ops = sum(inner.kind == "op" for inner in card.inside)
        parameters = len({id(chip[1]) for inner in card.inside for chip in inner.chips})
        said = [_count(ops, "operation"), _count(parameters, "parameter") if parameters else ""]
        return " · ".join(filter(None, said))
    return formula if card.kind == "op" else ""


def _count(number, word):
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _chip(label, node, note):
    shape, values = shape_of(node), (node.get("value") or {}).get("values") or [""]
    if shape == "scalar" and not node.get("name"):
        shape = number(values[0])
    label = clean(label) or "data"
    chip = {"label": short(label, 20), "name": clean(node.get("name")) or label,
            "kind": node["kind"], "shape": shape, "note": note}  # fmt: skip
    return {k: v for k, v in (chip | details(node)).items() if v}


def details(node) -> dict:
    """Everything the side panel tells about a node, beside its name."""
    out = {
        "value": preview(node.get("value")), "grad": preview(node.get("grad")),
        "dtype": clean(node.get("dtype", "")), "device": clean(node.get("device", "")),
        "dims": list(node.get("shape", ())),
    }  # fmt: skip
    source = node.get("source")
    if source:
        out["source"] = {
            "place": f"{clean(str(source.get('cell', '')))}, line {source.get('line', '?')}",
            "text": _lit(source),
        }
    return {k: v for k, v in out.items() if v}


def _lit(source):
    """Cut the learner's line in three: before the operation, the operation itself, and after."""
    text = str(source.get("text", ""))[:400].rstrip()
    indent = len(text) - len(text.lstrip())
    start, end = source.get("column"), source.get("end_column")
    if source.get("end_line", source.get("line")) != source.get("line"):
        end = len(text)
    if not (isinstance(start, int) and isinstance(end, int) and indent <= start < end):
        start = end = indent
    return [printable(part) for part in (text[indent:start], text[start:end], text[end:])]


def preview(given) -> dict | None:
    """Shorten a preview for the wire: at most 24 numbers, six digits each: the page rounds."""
    if not given:
        return None
    out = {k: _digits(given.get(k)) for k in ("size", "low", "high", "mean", "norm", "bad")}
    values = given.get("values") or []
    return out | {"values": [_digits(v) for v in values[:CELLS]]}


def _digits(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value if value in ("nan", "inf", "-inf") else None
    if not math.isfinite(value):
        return "nan" if value != value else "inf" if value > 0 else "-inf"
    return float(f"{value:.6g}") if isinstance(value, float) and value % 1 else int(value)


def _measured(out, room):
    """Give every row of a card its height, and the card its size."""
    shape = wide(out["shape"], 10.5, mono=True)
    first = wide(out["head"], 13, bold=True) + (wide(out["title"], 11) + 8 if out["title"] else 0)
    badge = 14 + 7 * len(f"× {out['times']}") if out["times"] > 1 else 0
    widths = [first + (shape and shape + 16) + (badge and badge + 10) + 24]
    widths += [wide(out["line2"], 12) + 26] if out["line2"] else []
    widths += [
        wide(f"{c['label']} {c['shape']}{' ⇉' if 'note' in c else ''}", 10.5, mono=True) + 100
        for c in out["chips"]
    ]
    y = 24 + (17 if out["line2"] else 0)
    rows = {"chip": y + 3} if out["chips"] else {}
    y += CHIP * len(out["chips"]) + (4 if out["chips"] else 0)
    if out["kind"] == "fold":
        return out | {"w": _even(max(130, *widths) + 14), "h": y + 9}
    if "value" in out:
        rows["value"] = y + 3
        y += ROW
    if "value" in out or out["learns"]:
        widths.append(208)
    if out["learns"]:
        rows["grad"] = y + 3 + room // 2
        y += ROW + room
    return out | {"w": _even(max(120, *widths)), "h": y + 9, "rows": rows}


def _even(width):
    return 2 * math.ceil(width / 2)


# --- lines and sentences --------------------------------------------------------------------


def _line(pair, edge, pieces, loop, direction):
    x, y = pieces[-1][1][-1]
    out = {"from": pair[0], "to": pair[1], "d": curve(pieces, direction, ARROW),
           "tip": [round(x, 1), round(y, 1)]}  # fmt: skip
    if loop:
        out["loop"] = True
    if edge["mark"]:
        middle = pieces[-1][1][-3] if len(pieces[-1][1]) > 3 else pieces[0][1][0]
        out["mark"] = edge["mark"]
        out["at"] = [round((middle[0] + x) / 2, 1), round((middle[1] + y) / 2, 1)]
    if any(edge["operands"]):
        out["operand"] = clean(", ".join(dict.fromkeys(edge["operands"])))[:40]
    return out


def _tell(cards, edges):
    """Write a sentence for each card, for those who hear the picture."""
    ins, outs = {}, {}
    for edge in edges:
        if not edge.get("loop"):
            ins.setdefault(edge["to"], []).append(cards[edge["from"]]["head"])
            outs.setdefault(edge["from"], []).append(cards[edge["to"]]["head"])
    for key, card in cards.items():
        said = [card["head"]]
        if card["kind"] == "fold":
            said = [f"{card['head']}, a closed box with {card['line2'].replace(' · ', ' and ')}"]
        if card.get("module"):
            said.append(f"in module {short(card['module'], 60)}")
        elif card.get("title"):
            said.append(card["title"])
        if card.get("times", 1) > 1:
            said.append(f"{card['times']} times")
        if card.get("shape"):
            said.append("a scalar" if card["shape"] == "scalar" else
                        "shape " + card["shape"].replace("×", " by "))  # fmt: skip
        text = ", ".join(said) + "."
        for word, others in (("From", ins.get(key)), ("To", outs.get(key))):
            if others:
                text += f" {word} {' and '.join(others[:4])}."
        card["says"] = text


# --- text -----------------------------------------------------------------------------------


def _tail(text, most):
    """Cut at the front: of "net.layer1.0.conv1" the end says most."""
    return text if len(text) <= most else "…" + text[-(most - 1) :].lstrip()
