"""The still picture of a `ReceptiveField`: image, region, effective field, feature map."""

import numpy as np

from .._paper import AMBER, BLUE, SOFT, clean, number
from .._sheet import Sheet


def box(region):
    """Give [row, column, height, width] of the smallest rectangle around the true pixels.

    >>> box(np.array([[0, 0, 0], [0, 1, 1]], bool))
    [1, 1, 1, 2]
    """
    rows, columns = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
    if not rows.size:
        return None
    return [int(rows[0]), int(columns[0]), int(rows[-1] - rows[0] + 1),
            int(columns[-1] - columns[0] + 1)]  # fmt: skip


def most(field, share=0.9):
    """Count the fewest pixels that together hold 90 % of the gradient's size.

    >>> most(np.array([[8.0, 1.0], [0.5, 0.5]]))
    2
    """
    sizes = np.sort(np.nan_to_num(field, posinf=0).ravel())[::-1]
    total = sizes.sum()
    return int(np.searchsorted(np.cumsum(sizes), share * total * (1 - 1e-12)) + 1) if total else 0


def words(view):
    """Say in sentences what the unit sees and what moves it."""
    place, pixels = box(view.region), int(view.region.sum())
    if place is None:
        yield "No pixel can move this unit."
        return
    row, column, height, width = place
    gaps = "" if pixels == height * width else f", {pixels} pixels of them: the region has gaps"
    kind = "is moved by" if view.scene["why"] else "can be moved by"
    yield (f"It {kind} rows {row} to {row + height - 1}, columns {column} to "
           f"{column + width - 1}: {height} × {width}{gaps}.")  # fmt: skip
    if not view.scene["exact"] and not view.scene["why"]:
        yield "At least: an operation in the model chooses among its inputs."
    blocked = int((view.region & (view.field == 0)).sum())
    yield (f"90 % of its gradient lies on {most(view.field)} pixels; on {blocked} pixels of the "
           "region it is 0 for this image.")  # fmt: skip


def draw(view):
    """Draw the view as SVG text."""
    sheet, top = Sheet(), 66
    layer, (channel, row, column) = view.layer, view.unit
    values = layer.values[channel]
    name = f"{clean(layer.name)} ({clean(layer.kind)})"
    sheet.text(12, 22, f"{name}, unit [{channel}, {row}, {column}] = {number(values[row, column])}",
               bold=True)  # fmt: skip
    x, image = 12, view.image.mean(0)
    for title, matrix in (("image and region", image), ("size of the gradient", view.field)):
        sheet.text(x, 56, title, SOFT)
        table = sheet.matrix(x, top, matrix, numbers=False)
        if (place := box(view.region)) is not None:
            sheet.outline(*table.box(*place), AMBER, 2.5)
        x += max(table.wide, 120) + 40
    sheet.text(x, 56, f"feature map {channel}", SOFT)
    table = sheet.matrix(x, top, values, numbers=False)
    sheet.outline(*table.box(row, column), BLUE, 2.5)
    line = sheet.height + 26
    for sentence in words(view):
        sheet.text(12, line, sentence)
        line += 20
    return sheet.svg(repr(view), " ".join(words(view)))
