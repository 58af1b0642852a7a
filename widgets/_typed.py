"""Numbers that people type, for what is judged in the kernel; the same as ``typed.js``."""

import math
import re

TWO_WAYS = re.compile(r"([-+]?[1-9]\d{0,2}),(\d{3})", re.ASCII)  # "1,000": a thousand, or one?
DIGITS = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.ASCII | re.IGNORECASE)


def number_in(text: str) -> float | None:
    """Read a number as people type it; None for anything else.

    >>> number_in("−2,5"), number_in("1/20"), number_in("1,000"), number_in("two")
    (-2.5, 0.05, None, None)
    """
    parts = [part.strip() for part in _ascii(text).split("/")]
    if len(parts) > 2 or any(TWO_WAYS.fullmatch(part) for part in parts):
        return None
    parts = [part.replace(",", ".", 1) for part in parts]
    if not all(DIGITS.fullmatch(part) for part in parts):
        return None
    above, below = (float(part) for part in [*parts, "1"][:2])
    value = above / below if below else math.inf
    return value if math.isfinite(value) else None


def nonsense(text: str) -> str:
    """Say what is wrong with a text that is no number.

    >>> nonsense("1,000")
    '1,000 can be read in two ways: write 1.000 or 1000.'
    """
    told = text.strip()
    if two := TWO_WAYS.fullmatch(_ascii(text)):
        return f"{told} can be read in two ways: write {two[1]}.{two[2]} or {two[1]}{two[2]}."
    if told:
        return f"“{told}” is no number. Write it like 0.05, 5e-2 or 1/20."
    return "Type a number, such as 0.05."


def _ascii(text):
    return text.strip().replace("−", "-")
