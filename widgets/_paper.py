"""What every still picture is drawn with: colours, words, numbers, and the sheet itself.

GitHub, nbviewer and nbconvert show these pictures where no kernel runs. Colours are attributes
because not every renderer knows CSS variables (kit.css has the page's); all text is escaped; there
is no script and nothing to load.
"""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Context
from html import escape

INK, SOFT, LINE, PAPER = "#1b2229", "#59636d", "#c3cad1", "#ffffff"
BLUE, AMBER, GREEN, RED = "#2a66aa", "#8f5300", "#1f7a4d", "#b3261e"
BELOW, ABOVE = "#2166ac", "#cf5439"  # of the value scale: below zero, above
SANS = "system-ui,'DejaVu Sans',sans-serif"
MONO = "monospace"
LONGEST = 12_000  # characters of any text
# Controls, what reorders its neighbours, and what no XML may hold.
UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def clean(text) -> str:
    r"""Make any text fit to be drawn: no control characters, none that reorder their neighbours.

    >>> clean("a\x00b\u202ec\nd") == "a\ufffdb\ufffdc d"
    True
    """
    return printable(str("" if text is None else text)[:LONGEST]).strip()


def printable(text) -> str:
    """Replace what cannot be drawn; unlike `clean`, keep every character in its place."""
    return UNPRINTABLE.sub("\ufffd", re.sub(r"[\t\n\r]", " ", text))


def short(text, most) -> str:
    """Cut a text that is too long, with an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def label(name, most=40) -> str:
    """Make a stranger's name fit to be sent and drawn: clean, and not too long.

    >>> label("loss"), label("x" * 99, 5)
    ('loss', 'xxxx…')
    """
    return short(clean(name), most)


def number(value, digits=3) -> str:
    """Write a number shortly, with a proper minus; the same as `number` in kit.js.

    >>> number(-0.25), number(1234.5), number(0.00001234), number("nan"), number(2.0)
    ('−0.25', '1235', '1.2e−5', 'NaN', '2')
    """
    try:
        value = float(value)
    except (TypeError, ValueError):
        return "NaN"
    if value != value or abs(value) == float("inf"):
        return "NaN" if value != value else "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if abs(value) >= 1e5 or abs(value) < 1e-3:
        places = max(digits - 2, 1)
        mantissa, power = f"{_rounded(value, places + 1):.{places}e}".split("e")
        return f"{mantissa}e{int(power)}".replace("-", "−")
    whole = len(str(int(abs(value))))  # what stands before the point is never cut
    shown = value if value % 1 == 0 else float(_rounded(value, max(digits, whole)))
    return (str(int(shown)) if shown % 1 == 0 else repr(shown)).replace("-", "−")


def _rounded(value, digits):
    """Round a half away from zero, as JavaScript does; Python would choose the even digit."""
    return Context(digits, ROUND_HALF_UP).create_decimal(value)


def wide(text, size, bold=False, mono=False) -> float:
    """Estimate the width of a text in pixels, for a broad sans-serif such as DejaVu Sans."""
    return sum(_em(c, mono) for c in text) * size * (1.09 if bold else 1)


def _em(c, mono):
    if unicodedata.combining(c):
        return 0
    if unicodedata.east_asian_width(c) in "WF":
        return 1.05
    if mono:
        return 0.61
    if c in "iljtfrI.,:;'|!()[] ":
        return 0.38
    return 0.86 if c in "mwMW@%—…⊙" else 0.7 if c.isupper() else 0.62


def heat(value, top) -> int:
    """Give the step of a value on the scale −8..8; the same as `heat` in kit.js.

    >>> heat(-2.0, 4.0), heat(0.0, 4.0)
    (-4, 0)
    """
    if value == 0:
        return 0
    step = max(1, min(8, -int(-8 * abs(value) // (top or 1))))
    return step if value > 0 else -step


def shade(step, share=1.0) -> str:
    """Give the colour of a step −8..8 on white paper; ``share`` makes it paler.

    >>> shade(-8), shade(0)
    ('#2166ac', '#fcf5f3')
    """
    depth = share * (0.06 + 0.1175 * abs(step))
    colour = BELOW if step < 0 else ABOVE
    parts = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(255 + (part - 255) * depth):02x}" for part in parts)


def text(
    x, y, words, fill=INK, *, size=None, weight=400, anchor="start", family="", halo=""
) -> str:
    """Write words at a place, escaped; ``halo`` is a colour behind them.

    >>> text(1, 2, "a < b", size=10)
    '<text x="1" y="2" fill="#1b2229" font-size="10">a &lt; b</text>'
    """
    look = f' font-size="{size:g}"' if size else ""
    look += f' font-family="{family}"' if family else ""
    look += f' text-anchor="{anchor}"' if anchor != "start" else ""
    look += f' font-weight="{weight}"' if weight != 400 else ""
    look += f' paint-order="stroke" stroke="{halo}" stroke-width="3"' if halo else ""
    words = escape(clean(words))
    return f'<text x="{round(x, 1):g}" y="{round(y, 1):g}" fill="{fill}"{look}>{words}</text>'


def sheet(parts, width, height, title, told="", *, size=12, rounded=6) -> str:
    """Put parts on a sheet of paper: one SVG; ``told`` says what is seen to those who listen.

    >>> sheet([text(8, 20, "hello")], 60, 30, "a & b").partition(">")[0]
    '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30" viewBox="0 0 60 30" ...'
    """
    title, told = escape(clean(title)), escape(clean(told))
    corner = f' rx="{rounded}"' if rounded else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{title}" '
        f'font-family="{SANS}" font-size="{size}" fill="{INK}"><title>{title}</title>'
        f"<desc>{told or title}</desc>"
        f'<rect width="{width:g}" height="{height:g}"{corner} fill="{PAPER}"/>'
        f'{"".join(parts)}</svg>\n'
    )
