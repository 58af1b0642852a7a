"""The still picture of a `ShiftView`: images, answers, maps and what was measured."""

from .._paper import GREEN, LINE, RED, SOFT, clean, number
from .._sheet import Sheet
from .moving import moved

COLOURS = ["#2a66aa", "#bf5208", "#1f7a4d", "#7a4fb0", "#0b7285", "#a8326b"]
DASHES = ["", "6 4", "1.5 4", "9 3 2 3", "3 3", "10 4 3 4"]


def words(view):
    """Say in sentences what the move did."""
    return [sentence for sentence, _ in told(view)]


def told(view):
    """Give sentences, each with whether the answer it tells is right (None: it tells no answer)."""
    look = view.look
    right = None if view.labels is None else int(view.labels[look["image"]])
    label = "" if right is None else f" (right is {right})"
    for name in view.models:
        old, new = int(view.before[name].argmax()), int(view.after[name].argmax())
        change = "stays" if old == new else f"was {old}, now"
        share = number(100 * float(view.after[name][new]), 3)
        said = f"{clean(name)}: {change} {new}, {share} %{label}."
        yield said, None if right is None else new == right
    if view.comparison is not None:
        yield f"{clean(look['model'])}, {clean(look['layer'])}: {verdict(view.comparison)}.", None


def verdict(compare):
    """Say how far the map of the moved image is from the moved map.

    >>> verdict({"whole": False, "stride": [2, 2], "largest": 0.5, "deepest": None, "scale": 1.0,
    ...          "way": [0, 0]})
    'one place of this map is 2 pixels wide, so it cannot follow a move in between: differs by 0.5'
    """
    scale, largest, deepest = compare["scale"] or 1.0, compare["largest"], compare["deepest"]
    if not compare["whole"]:
        wide = max(compare["stride"])
        return (f"one place of this map is {wide} pixels wide, so it cannot follow a move in "
                f"between: differs by {number(largest or 0)}")  # fmt: skip
    if largest is None:
        return "nothing is left to compare: the map moved out of its frame"
    if largest <= 1e-5 * scale:
        return "the map moves along exactly: the layer is equivariant"
    if deepest is not None and deepest <= 1e-5 * scale:
        return (f"the map moves along exactly where it sees no border; at the border it differs by "
                f"{number(largest)}")  # fmt: skip
    return f"the map does not simply move along: differs by {number(largest)}"


def draw(view):
    """Draw the view as SVG text."""
    sheet, look, top = Sheet(), view.look, 66
    title = f"moved by {look['dx']} to the right, {look['dy']} down"
    sheet.text(12, 22, title.replace("-", "−"), bold=True)
    image = view.images[look["image"]].mean(0)
    x = 12
    shown = [("image", image), ("moved", moved(image, look["dx"], look["dy"], view.fill))]
    names = {"moved": "moved map", "after": "map of the moved", "difference": "difference"}
    compare = view.comparison or {}
    shown += [(word, compare[name]) for name, word in names.items() if compare]
    for name, matrix in shown:
        sheet.text(x, 56, name, SOFT)
        scale = compare["scale"] or None if name == "difference" else None
        table = sheet.matrix(x, top, matrix, room=128, numbers=False, top=scale)
        x += max(table.wide, 7.2 * len(name)) + 24
    line = sheet.height + 26
    for sentence, right in told(view):
        sheet.text(12, line, sentence, {None: SOFT, True: GREEN, False: RED}[right])
        line += 20
    if view.measured:
        _curves(sheet, view, 12, line)
    return sheet.svg(repr(view), " ".join(words(view)))


def _curves(sheet, view, x, y):
    """Draw the measured accuracies along dx, for dy = 0."""
    far, width, height = view.farthest, 320, 130
    sheet.text(x, y + 8, "accuracy over all images, moved to the right", SOFT)
    top, left = y + 22, x + 34
    for share in (0, 0.5, 1):
        at = top + height * (1 - share)
        sheet.text(left - 8, at + 4, number(share), SOFT, 11, "end")
        sheet.parts.append(f'<path d="M{left} {at:.1f}h{width}" stroke="{LINE}"/>')
    for dx in range(-far, far + 1):
        at = left + width * (dx + far) / (2 * far)
        sheet.text(at, top + height + 16, number(dx), SOFT, 11, "middle")
    for k, name in enumerate(view.models):
        points = [(dx, found[name]) for (dx, dy), found in sorted(view.measured.items()) if not dy]
        step = width / (2 * far)
        spots = [(left + step * (dx + far), top + height * (1 - v)) for dx, v in points]
        path = "".join(f"{'L' if i else 'M'}{a:.1f} {b:.1f}" for i, (a, b) in enumerate(spots))
        dash = f' stroke-dasharray="{DASHES[k]}"' if DASHES[k] else ""
        sheet.parts.append(
            f'<path d="{path}" fill="none" stroke="{COLOURS[k]}" stroke-width="1.8"{dash}/>'
        )
        if spots:
            last = min(max(spots[-1][1] + 4, top + 6), top + height) + 13 * _rank(view, name)
            sheet.text(left + width + 8, last, clean(name)[:24], COLOURS[k])
    sheet.grow(left + width, top + height + 22)


def _rank(view, name):
    """Move a label down if another line ends at the same height."""
    farthest = view.measured[max(view.measured)]
    last = {n: round(farthest[n], 1) for n in view.models}
    before = list(view.models)[: list(view.models).index(name)]
    return sum(last[n] == last[name] for n in before)
