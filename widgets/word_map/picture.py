"""The map of words as a still picture: an SVG that needs no browser and no style sheet."""

from html import escape

import numpy as np

from ..loss_curve.picture import clean, number, text

INK, SOFT, LINE, PAPER, GRAD = "#1b2229", "#59636d", "#c3cad1", "#ffffff", "#b3261e"
MOST = 40                       # words that are drawn


def draw(said, share, words, tags):
    """Draw rows (whose tag) against columns (which word moved it)."""
    count = min(len(words), MOST)
    cell = 30 if count <= 12 else 20 if count <= 24 else 14
    left, top = 150, 96
    width, height = left + count * cell + 40, top + count * cell + 30
    said = escape(said)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{said}" '
        'font-family="system-ui, \'DejaVu Sans\', sans-serif" font-size="11">'
        f"<title>{said}</title><desc>{escape(described(share, words, tags))}</desc>"
        f'<rect width="{width}" height="{height}" rx="6" fill="{PAPER}"/>',
        text(left - 8, top - 8, "whose tag ↓   moved by →", fill=SOFT, text_anchor="end"),
    ]
    for s in range(count):
        at = left + (s + 0.6) * cell
        word = text(0, 0, clean(words[s], 14), fill=INK)
        parts.append(f'<g transform="translate({at:.1f} {top - 6}) rotate(-55)">{word}</g>')
    for t in range(count):
        y = top + t * cell
        label = f"{clean(words[t], 14)} {clean(tags[t], 8)}"
        parts.append(text(left - 8, y + cell / 2 + 4, label, fill=INK, text_anchor="end"))
        for s in range(count):
            value = float(np.nan_to_num(share[t, s]))
            depth = 0.04 + 0.9 * value if value > 0 else 0
            parts.append(
                f'<rect x="{left + s * cell}" y="{y}" width="{cell - 1}" height="{cell - 1}" '
                f'fill="{GRAD}" fill-opacity="{depth:.2f}" stroke="{LINE}" stroke-opacity=".6"/>'
            )
            if cell == 30 and value >= 0.01:
                figure = number(round(100 * value), 2)
                ink = PAPER if value > 0.6 else INK
                parts.append(text(left + (s + 0.5) * cell, y + 19, figure, fill=ink,
                                  text_anchor="middle"))  # fmt: skip
    if count < len(words):
        parts.append(text(left, height - 10, f"the first {count} of {len(words)} words", fill=SOFT))
    elif cell == 30:
        parts.append(text(left, height - 10, "shares of each row in %", fill=SOFT))
    return "".join(parts) + "</svg>\n"


def described(share, words, tags):
    """Say for each word what moved its tag most."""
    said = []
    for t in range(min(len(words), MOST)):
        if (row := np.nan_to_num(share[t])).any():
            s = int(row.argmax())
            said.append(f"{clean(words[t], 14)} ({clean(tags[t], 8)}): "
                        f"{number(100 * row[s], 2)} % from {clean(words[s], 14)}")  # fmt: skip
    return "What moved each tag most. " + "; ".join(said) + "."
