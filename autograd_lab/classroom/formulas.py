"""Draw the formulas of a text as small SVG pictures, so that a page needs no MathJax."""

import re
from functools import cache
from html import escape

from ..formula import plain

SIZE = 16           # of the letters, in units of the drawing
EM = 14             # of which this many are the size of the text around
ROWS = re.compile(r"\s*\\begin\{(\w+)\}(?:\{([a-z|]*)\})?(.*)\\end\{\1\}\s*", re.S)
# What matplotlib.path.Path says of a segment, in the letters of SVG.
LETTERS = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}


@cache
def drawn(latex: str) -> str:
    r"""Return a formula as HTML; those who cannot see it are told what `plain` writes.

    >>> drawn(r"\bar x = 2 \bar y")[:53]
    '<svg class="formula" role="img" aria-label="x̄ = 2 ȳ"'
    """
    if rows := ROWS.fullmatch(latex):
        side = "right" if rows[2] == "r" else "left"
        lines = re.split(r"\\\\", rows[3].replace("&", r"\;"))
        inside = "".join(f"<span>{drawn(line.strip())}</span>" for line in lines if line.strip())
        return f'<span class="rows" style="text-align:{side}">{inside}</span>'
    said = escape(plain(latex))
    try:
        return _picture(" ".join(latex.split()), said)
    except ValueError:      # more TeX than matplotlib can draw
        return f'<span class="formula">{said}</span>'


def _picture(latex, said):
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    path = TextPath((0, 0), f"${latex}$", SIZE, prop=FontProperties(math_fontfamily="stix"))
    box = path.get_extents()
    left, top = box.x0 - 0.5, -box.y1 - 0.5
    wide, high = box.width + 1, box.height + 1
    return (
        f'<svg class="formula" role="img" aria-label="{said}" '
        f'viewBox="{left:.1f} {top:.1f} {wide:.1f} {high:.1f}" style="width:{wide / EM:.3f}em;'
        f'height:{high / EM:.3f}em;vertical-align:{(box.y0 - 0.5) / EM:.3f}em">'
        f'<path fill="currentColor" d="{_outline(path)}"/></svg>'
    )


def _outline(path):
    """Write a path as SVG does; there y grows downwards."""
    parts = []
    for points, code in path.iter_segments(simplify=False, curves=True):
        numbers = [] if code == 79 else [f"{-v if n % 2 else v:.2f}" for n, v in enumerate(points)]
        parts.append(LETTERS[int(code)] + " ".join(numbers))
    return "".join(parts)
