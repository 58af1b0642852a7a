"""Draw a scene as a picture that needs nobody: one SVG with literal colours, for saved notebooks.

GitHub, nbviewer and nbconvert show it where no kernel runs. Colours are attributes because not
every renderer knows CSS variables; all text is escaped; there is no script and nothing to load.
"""

import math
from xml.sax.saxutils import escape

from .._paper import (
    ABOVE,
    AMBER,
    BELOW,
    BLUE,
    GREEN,
    INK,
    LINE,
    MONO,
    PAPER,
    RED,
    SOFT,
    clean,
    heat,
    number,
    sheet,
    short,
    text,
    wide,
)  # fmt: skip
from .scene import STRIP

CHIP, DATA = "#fdf0dc", "#e3f2e9"
STRIPE = {"op": BLUE, "parameter": AMBER, "input": GREEN, "fold": BLUE}
SERIF = "'DejaVu Serif',Georgia,serif"


def svg(scene: dict, title="Computation graph") -> str:
    """Return ``scene`` as the text of an SVG file.

    >>> svg({"width": 9, "height": 9, "cards": [], "boxes": [], "edges": [], "wait": ""})[:4]
    '<svg'
    """
    width, height = max(scene["width"], 40), max(scene["height"], 20)
    if not scene["cards"]:
        width, height = 460, 120
    moment = scene.get("stale") or ""
    told = " ".join([moment, *(card.get("says", "") for card in scene["cards"])]).strip()
    parts = []
    if not scene["cards"]:
        parts.append(_nothing(width, height, scene.get("title", "")))
    parts += [_box(box) for box in scene["boxes"]]
    parts.append(_edges(scene))
    parts += [_card(card, scene["wait"]) for card in scene["cards"]]
    parts += [_badge(b["times"], b["x"] + b["w"] - 10, b["y"]) for b in scene["boxes"]]
    if moment:
        line = text(8, 15, moment, AMBER, weight=600)
        parts = [line, '<g transform="translate(0 24)">', *parts, "</g>"]
        width, height = max(width, math.ceil(wide(moment, 11, bold=True)) + 16), height + 24
    return sheet(parts, width, height, title, short(told, 3000), size=11, rounded=0)


def biggest(given) -> float:
    """The largest finite size in a preview."""
    ends = [abs(v) for v in (given.get("low"), given.get("high")) if isinstance(v, (int, float))]
    return max(ends, default=0)


def _text(text):
    return escape(clean(text))


# --- parts ----------------------------------------------------------------------------------


def _nothing(width, height, words):
    return (
        f'<rect x="8" y="8" width="{width - 16}" height="{height - 16}" rx="6" fill="none" '
        f'stroke="{SOFT}" stroke-opacity=".5" stroke-dasharray="3 3"/><text x="{width / 2:g}" '
        f'y="{height / 2 + 4:g}" font-size="13" text-anchor="middle" fill="{SOFT}">{_text(words)}'
        f"</text>"
    )


def _box(box):
    x, y, w, h = (box[k] for k in "xywh")
    behind = "".join(
        f'<rect x="{x + d}" y="{y + d}" width="{w}" height="{h}" rx="9" fill="{PAPER}" '
        f'stroke="{BLUE}" stroke-opacity=".35"/>'
        for d in ((6, 3) if box["times"] > 1 else ())
    )
    return (
        f'{behind}<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="9" fill="#f3f6f9"/>'
        f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="9" fill="{BLUE}" fill-opacity=".025" '
        f'stroke="{BLUE}" stroke-opacity=".4"/><path d="M{x + 10} {y + 9}h8l-4 6z" fill="{BLUE}"/>'
        f'<text x="{x + 23}" y="{y + 16}" fill="{BLUE}" font-weight="600">'
        f"{_text(short(box['label'], 40))}</text>"
    )


def _badge(times, right, y):
    if times < 2:
        return ""
    wide = 14 + 7 * len(f"× {times}")
    return (
        f'<rect x="{right - wide:g}" y="{y - 9:g}" width="{wide}" height="18" rx="9" '
        f'fill="{BLUE}"/><text x="{right - wide / 2:g}" y="{y + 4:g}" text-anchor="middle" '
        f'font-weight="700" fill="#fff">× {times}</text>'
    )


def _edges(scene):
    across = scene.get("direction") == "LR"
    lines, loops, tips, marks = [], [], [], []
    for edge in scene["edges"]:
        (loops if edge.get("loop") else lines).append(edge["d"])
        x, y = edge["tip"]
        tips.append(f"M{x:g} {y:g}" + ("l-7 -3.6v7.2z" if across else "l-3.6 -7h7.2z"))
        if "mark" in edge:
            marks.append(_plate(edge["at"], edge["mark"], f"broadcast: {edge['mark']}"))
        if "check" in edge:
            marks.append(_check(edge))
    stroke = f'fill="none" stroke="{SOFT}" stroke-width="1.3"'
    return "".join((
        f'<path d="{"".join(lines)}" {stroke}/>' if lines else "",
        f'<path d="{"".join(loops)}" fill="none" stroke="{BLUE}" stroke-width="1.5" '
        f'stroke-dasharray="5 3"/>' if loops else "",
        f'<path d="{"".join(tips)}" fill="{SOFT}"/>' if tips else "",
        *marks,
    ))  # fmt: skip


def _check(edge):
    """What came of checking the rule along a line: red where it is wrong, with both numbers."""
    check, colour = edge["check"], GREEN if edge["check"]["right"] else RED
    plate = _plate(check["at"], check["text"], check["told"], colour, 10.5)
    if check["right"]:
        return plate
    return f'<path d="{edge["d"]}" fill="none" stroke="{RED}" stroke-width="2.4"/>{plate}'


def _plate(at, text, told, colour="", size=9):
    (x, y), wide = at, 10 + 0.63 * size * len(text)
    return (
        f'<g><title>{_text(told)}</title><rect x="{x - wide / 2:g}" y="{y - 8:g}" '
        f'width="{wide:g}" height="16" rx="8" fill="{PAPER}" stroke="{colour or LINE}"/><text '
        f'x="{x:g}" y="{y + 3.5:g}" text-anchor="middle" font-size="{size}" font-family="{MONO}" '
        f'fill="{colour or SOFT}">{_text(text)}</text></g>'
    )


def _card(card, wait):
    w, h, kind = card["w"], card["h"], card["kind"]
    out = [f'<g transform="translate({card["x"]:g} {card["y"]:g})">']
    if kind == "step":
        out.append(
            f'<rect width="{w}" height="{h}" rx="12" fill="{PAPER}" stroke="{BLUE}" '
            f'stroke-dasharray="4 3"/><text x="{w / 2:g}" y="16" text-anchor="middle" '
            f'font-style="italic" fill="{BLUE}">{_text(card["head"])}</text>'
        )
        return "".join(out) + "</g>"
    stacked = (6, 3) if card.get("times", 1) > 1 else ()
    edge = f'stroke="{BLUE}"' if kind == "fold" else f'stroke="{LINE}"'
    for d in (*stacked, 0):
        place = f'x="{d}" y="{d}" ' if d else ""
        out.append(f'<rect {place}width="{w}" height="{h}" rx="7" fill="{PAPER}" {edge}/>')
    if kind == "fold":
        out.append(f'<path d="M11 10l6 4.5l-6 4.5z" fill="{BLUE}"/>')
    else:
        out.append(f'<rect y="5" width="3.5" height="{h - 10}" rx="1.7" fill="{STRIPE[kind]}"/>')
    return "".join([*out, *_words(card), *_chips(card), *_strips(card, wait), "</g>"])


def _words(card):
    left = 24 if card["kind"] == "fold" else 12
    ink = STRIPE[card["kind"]]
    title = f'<tspan dx="8" font-size="11" font-weight="400" fill="{ink}">{{}}</tspan>'
    yield (
        f'<text x="{left}" y="19" font-size="13" font-weight="700">{_text(card["head"])}'
        + (title.format(_text(card["title"])) if card.get("title") else "")
        + "</text>"
    )
    end = card["w"] - 10
    if card.get("times", 1) > 1:
        yield _badge(card["times"], end, 15)
        end -= 22 + 7 * len(f"× {card['times']}")
    if card.get("shape"):
        yield (
            f'<text x="{end}" y="19" text-anchor="end" font-size="10.5" '
            f'font-family="{MONO}" fill="{SOFT}">{_text(card["shape"])}</text>'
        )
    if card.get("line2"):
        serif = card["kind"] == "op"
        look = f' font-family="{SERIF}" font-style="italic" font-size="12"' if serif else ""
        yield f'<text x="{left}" y="35"{look} fill="{SOFT}">{_text(card["line2"])}</text>'


def _chips(card):
    for i, chip in enumerate(card.get("chips", ())):
        y = card["rows"]["chip"] + 18 * i
        mark = " ⇉" if "note" in chip else ""
        ink, ground = (AMBER, CHIP) if chip["kind"] == "parameter" else (GREEN, DATA)
        yield (
            f'<g font-size="10.5" font-family="{MONO}" fill="{ink}"><rect x="9" y="{y}" '
            f'width="{card["w"] - 18}" height="15" rx="7.5" fill="{ground}"/><text x="17" '
            f'y="{y + 11}">{_text(chip["label"])} {_text(chip["shape"])}{mark}</text>'
        )
        if chip.get("grad"):
            yield (
                f'<text x="{card["w"] - 17}" y="{y + 11}" text-anchor="end" fill="{RED}">'
                f"‖∇‖ {number(chip['grad']['norm'])}</text>"
            )
        yield "</g>"


def _strips(card, wait):
    rows = card.get("rows", {})
    if "value" in rows and card.get("value"):
        yield _strip(card, "value", rows["value"], SOFT)
    if "grad" in rows:
        if card.get("grad"):
            yield _strip(card, "grad", rows["grad"], RED)
        else:
            y = rows["grad"] + 9
            yield f'<text x="12" y="{y}" font-size="10" fill="{SOFT}">grad {wait}</text>'


def _strip(card, which, y, colour):
    given, end = card[which], card["w"] - 10
    out = [f'<g fill="{colour}" font-size="10"><text x="12" y="{y + 9}">{which}</text>']
    mono = f'y="{y + 9}" font-family="{MONO}"'
    if given["size"] == 1 and given["values"]:
        out.append(f'<text x="46" {mono} fill="{INK}">{number(given["values"][0], 4)}</text>')
    else:
        out.append(_cells(given, 46, y))
        top = number(biggest(given))
        text = f"‖{number(given['norm'])}‖" if which == "grad" else f"±{top}"
        if given["bad"]:
            text = f"⚠ {given['bad']} NaN/∞"
        out.append(f'<text x="{end}" {mono} text-anchor="end">{text}</text>')
    return "".join(out) + "</g>"


def _cells(given, x, y):
    """One path for each step of the scale: short, and sharp at any size."""
    values, top, steps = given["values"], biggest(given), {}
    wide = min(STRIP // max(len(values), 1), 12)
    for i, value in enumerate(values):
        step = heat(value, top) if isinstance(value, (int, float)) else "bad"
        steps.setdefault(step, []).append(f"M{i} 0h.88")
    paths = [
        f'<path d="{"".join(steps[step])}" stroke="{_ink(step)}"/>'
        for step in sorted(steps, key=str)
    ]
    return f'<g transform="matrix({wide} 0 0 9 {x} {y + 5})">{"".join(paths)}</g>'


def _ink(step):
    """The colour of a step, as it is seen on a card."""
    if step == "bad":
        return INK
    share, colour = 0.06 + 0.1175 * abs(step), BELOW if step < 0 else ABOVE
    parts = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(255 + (part - 255) * share):02x}" for part in parts)
