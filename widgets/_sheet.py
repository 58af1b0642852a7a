"""A sheet of paper that grows with what is drawn on it: words, frames, heat maps."""

from . import grid
from ._paper import BLUE, INK, MONO, clean, sheet, short, text, wide


class Sheet:
    """Draw on it, then take it as SVG text; it is as large as it needs to be.

    >>> paper = Sheet()
    >>> paper.text(8, 20, "a < b")
    >>> paper.svg("title", "what is seen")[:4]
    '<svg'
    """

    def __init__(self):
        self.parts, self.width, self.height = [], 0, 0

    def grow(self, x, y):
        """Make the sheet reach to a place."""
        self.width, self.height = max(self.width, x), max(self.height, y)

    def text(self, x, y, words, fill=INK, size=12, anchor="start", mono=False, bold=False):
        """Write words, escaped."""
        words, family = short(clean(words), 400), MONO if mono else ""
        reach = wide(words, size, bold, mono) * {"start": 0.95, "middle": 0.5}.get(anchor, 0)
        self.grow(x + reach, y + 4)
        weight = 600 if bold else 400
        self.parts.append(
            text(x, y, words, fill, size=size, weight=weight, anchor=anchor, family=family)
        )

    def outline(self, x, y, width, height, colour=BLUE, thick=2.0, dash=""):
        """Draw a frame."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2" '
            f'fill="none" stroke="{colour}" stroke-width="{thick}"{dashed}/>'
        )
        self.grow(x + width + 2, y + height + 2)

    def matrix(self, x, y, values, room=240, **how) -> grid.Drawn:
        """Draw a heat map in a square room; ``.box(i, j)`` of it is where an element stands."""
        drawn = grid.drawn(values, x, y, width=room, height=room, **how)
        self.parts.append(drawn.svg)
        self.grow(x + drawn.wide, y + drawn.high)
        return drawn

    def svg(self, title, told) -> str:
        """Return everything drawn as one SVG; ``told`` says what is seen to those who listen."""
        width, height = round(self.width) + 16, round(self.height) + 12
        return sheet(self.parts, width, height, short(clean(title), 300), short(clean(told), 2000))
