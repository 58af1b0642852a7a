"""The still picture of a `ConvolutionView`: one cell of the result, and where it comes from."""

import numpy as np

from .._paper import AMBER, BLUE, SOFT, number
from .._sheet import Sheet
from .given import to_floats

TERMS = 12  # so many products are written out
ROOM = 300  # pixels for a matrix


def draw(view):
    """Draw image, window and result of a view as SVG text."""
    plan, start = view.plan, view.start
    filter, channel = start["filter"], _channel(plan, start)
    row, column = (min(at, n - 1) for at, n in zip(start["cell"], view.output.shape[2:]))
    sheet = Sheet()
    sheet.text(12, 22, repr(view).removeprefix("ConvolutionView: "), bold=True)
    image = bordered(to_floats(view.images[view.image, channel]), plan)
    result = to_floats(view.output[0, filter])
    top, y = 66, 58
    sheet.text(12, y, f"image, channel {channel}", SOFT)
    table = sheet.matrix(12, top, image, ROOM)
    _frame(sheet, table, plan, image, row, column)
    x = 12 + max(table.wide, 110) + 40
    if plan.kind == "conv":
        weight = to_floats(view.weight[filter, channel % view.weight.shape[1]])
        sheet.text(x, y, f"filter {filter}", SOFT)
        x += max(sheet.matrix(x, top, weight, ROOM).wide, 50) + 40
    sheet.text(x, y, f"result {filter}", SOFT)
    table = sheet.matrix(x, top, result, ROOM)
    sheet.outline(*table.box(row, column), BLUE)
    line = sheet.height + 26
    for words in [*sizes(plan), sentence(view, filter, row, column)]:
        sheet.text(12, line, words, size=12, mono=True)
        line += 20
    return sheet.svg(repr(view), sentence(view, filter, row, column))


def _channel(plan, start):
    """Choose a channel that the filter sees."""
    if plan.kind != "conv":
        return start["filter"]
    each = plan.image[0] // plan.groups
    first = start["filter"] // (plan.filters // plan.groups) * each
    return start["channel"] if first <= start["channel"] < first + each else first


def bordered(image, plan):
    """Give one channel with the border that the window sees."""
    top, left, bottom, right = plan.padding
    modes = {"zeros": "constant", "replicate": "edge", "circular": "wrap"}
    mode = modes.get(plan.border, plan.border)
    fill = {"constant_values": -np.inf if plan.kind == "max" else 0} if mode == "constant" else {}
    return np.pad(image, ((top, bottom), (left, right)), mode, **fill)


def taps(plan, channels, row, column):
    """Give what the window sees at one place: (channels, down, across)."""
    (down, across), (far, wide) = plan.kernel, plan.dilation
    i, j = row * plan.stride[0], column * plan.stride[1]
    return channels[:, i : i + far * (down - 1) + 1 : far, j : j + wide * (across - 1) + 1 : wide]


def sizes(plan):
    """Write the shape formula with its numbers, one line a dimension.

    >>> from .given import Plan
    >>> list(sizes(Plan("conv", (1, 6, 6), 1, (3, 3), (2, 2), (1, 1, 1, 1), flat=True)))
    ['columns  ⌊(6 + 2·1 − 3)/2⌋ + 1 = 3']
    """
    for d, name in enumerate(("rows", "columns")):
        if plan.flat and d == 0:
            continue
        size, reach = plan.image[d + 1], plan.dilation[d] * (plan.kernel[d] - 1) + 1
        before, after = plan.padding[d], plan.padding[d + 2]
        border = f"2·{before}" if before == after else f"{before} + {after}"
        room, step = size + before + after - reach, plan.stride[d]
        count = room // step
        open_, close, half = ("⌊", "⌋", "") if room % step else ("", "", "")
        if room % step and plan.ceil:
            open_, close, half = "⌈", "⌉", ""
            count = -(-room // step) - ((-(-room // step)) * step >= size + before)
        yield f"{name:8} {open_}({size} + {border} − {reach})/{step}{close}{half} + 1 = {count + 1}"


def sentence(view, filter, row, column):
    """Write one number of the result as what it is made of."""
    plan, y = view.plan, number(float(view.output[0, filter, row, column]), 5)
    name = f"y[{filter}, {row}, {column}] = "
    images = to_floats(view.images[view.image])
    if plan.kind != "conv":
        seen = taps(plan, bordered(images[filter], plan)[None], row, column).ravel()
        listed = ", ".join(number(v) for v in seen[:TERMS]) + (", …" if len(seen) > TERMS else "")
        return f"{name}{'max' if plan.kind == 'max' else 'mean'}({listed}) = {y}"
    each = plan.image[0] // plan.groups
    first = filter // (plan.filters // plan.groups) * each
    channels = np.stack([bordered(image, plan) for image in images[first : first + each]])
    seen, weight = taps(plan, channels, row, column), to_floats(view.weight[filter])
    if seen.size <= TERMS:
        terms = [f"{_signed(w)}·{_signed(x)}" for w, x in zip(weight.ravel(), seen.ravel())]
    else:
        sums = (seen * weight).sum((1, 2))
        terms = [f"{_signed(v)} (channel {first + c})" for c, v in enumerate(sums[:TERMS])]
        terms += ["…"] if len(sums) > TERMS else []
    if view.bias is not None:
        terms.append(f"{_signed(float(view.bias[filter]))} (bias)")
    return f"{name}{' + '.join(terms)} = {y}"


def _signed(value):
    words = number(value, 5)
    return f"({words})" if words.startswith("−") else words


def _frame(sheet, table, plan, image, row, column):
    """Draw where the image ends and its border begins, and where the window stands."""
    top, left, bottom, right = plan.padding
    high, wide = image.shape
    if any(plan.padding):
        inner = table.box(top, left, high - top - bottom, wide - left - right)
        sheet.outline(*inner, SOFT, 1, "3 2")
    reach = [d * (k - 1) + 1 for k, d in zip(plan.kernel, plan.dilation)]
    window = table.box(row * plan.stride[0], column * plan.stride[1], *reach)
    sheet.outline(*window, AMBER, 2.5)
