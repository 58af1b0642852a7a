"""The map of words as a still picture: an SVG that needs no browser and no style sheet."""

import numpy as np

from .._paper import INK, LINE, PAPER, RED, SOFT, label, number, sheet, text

MOST = 40                       # words that are drawn


def draw(said, share, words, tags):
    """Draw rows (whose tag) against columns (which word moved it)."""
    count = min(len(words), MOST)
    cell = 30 if count <= 12 else 20 if count <= 24 else 14
    left, top = 150, 96
    width, height = left + count * cell + 40, top + count * cell + 30
    parts = [
        text(left - 8, top - 8, "whose tag ↓   moved by →", fill=SOFT, anchor="end"),
    ]
    for s in range(count):
        at = left + (s + 0.6) * cell
        word = text(0, 0, label(words[s], 14), fill=INK)
        parts.append(f'<g transform="translate({at:.1f} {top - 6}) rotate(-55)">{word}</g>')
    for t in range(count):
        y = top + t * cell
        name = f"{label(words[t], 14)} {label(tags[t], 8)}"
        parts.append(text(left - 8, y + cell / 2 + 4, name, fill=INK, anchor="end"))
        for s in range(count):
            value = float(np.nan_to_num(share[t, s]))
            depth = 0.04 + 0.9 * value if value > 0 else 0
            parts.append(
                f'<rect x="{left + s * cell}" y="{y}" width="{cell - 1}" height="{cell - 1}" '
                f'fill="{RED}" fill-opacity="{depth:.2f}" stroke="{LINE}" stroke-opacity=".6"/>'
            )
            if cell == 30 and value >= 0.01:
                figure = number(round(100 * value), 2)
                ink = PAPER if value > 0.6 else INK
                parts.append(text(left + (s + 0.5) * cell, y + 19, figure, fill=ink,
                                  anchor="middle"))  # fmt: skip
    if count < len(words):
        parts.append(text(left, height - 10, f"the first {count} of {len(words)} words", fill=SOFT))
    elif cell == 30:
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
