"""The map of words as a still picture: an SVG that needs no browser and no style sheet."""

import numpy as np

from .. import grid
from .._paper import INK, SOFT, label, number, sheet, text

MOST = 40                       # words that are drawn


def draw(said, share, words, tags):
    """Draw rows (whose tag) against columns (which word moved it)."""
    count = min(len(words), MOST)
    cell = 40 if count <= 12 else 20 if count <= 24 else 14
    left, top = 150, 96
    shown = np.round(100 * share[:count, :count])
    table = grid.drawn(shown, left, top, width=count * cell, height=count * cell, top=100,
                     most=cell, numbers=cell == 40)  # fmt: skip
    width, height = left + table.wide + 40, top + table.high + 30
    parts = [table.svg, text(left - 8, top - 8, "whose tag ↓   moved by →", SOFT, anchor="end")]
    for k, word in enumerate(words[:count]):
        x, y, wide, high = table.box(k, k)
        name = text(0, 0, label(word, 14), fill=INK)
        place = f"translate({x + 0.6 * wide:.1f} {top - 6}) rotate(-55)"
        parts.append(f'<g transform="{place}">{name}</g>')
        name = f"{label(word, 14)} {label(tags[k], 8)}"
        parts.append(text(left - 8, y + high / 2 + 4, name, fill=INK, anchor="end"))
    if count < len(words):
        parts.append(text(left, height - 10, f"the first {count} of {len(words)} words", fill=SOFT))
    elif table.fit.numbers:
        parts.append(text(left, height - 10, "shares of each row in %", fill=SOFT))
    return sheet(parts, width, height, said, described(share, words, tags), size=11)


def described(share, words, tags):
    """Say for each word what moved its tag most."""
    said = []
    for t in range(min(len(words), MOST)):
        if (row := np.nan_to_num(share[t])).any():
            s = int(row.argmax())
            said.append(f"{label(words[t], 14)} ({label(tags[t], 8)}): "
                        f"{number(100 * row[s], 2)} % from {label(words[s], 14)}")  # fmt: skip
    return "What moved each tag most. " + "; ".join(said) + "."
