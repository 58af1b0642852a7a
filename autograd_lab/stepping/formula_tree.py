r"""Read a formula such as ``\bar y \odot (1 - y^2)``: as names, as numbers, and what they come to.

Only formulas of single entries are read: no sums, no indices, no matrices. Whatever is not
understood raises `Unread`; then the rule is told in another way (see `rule`).
"""

import math
from functools import lru_cache

from ..formula import TOKEN, plain

UNARY = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "sinh": math.sinh, "cosh": math.cosh,
    "tanh": math.tanh, "ln": math.log, "exp": math.exp, "arcsin": math.asin,
    "arccos": math.acos, "arctan": math.atan, "sigma": lambda x: 1 / (1 + math.exp(-x)),
    "Phi": lambda x: (1 + math.erf(x / math.sqrt(2))) / 2,
    "varphi": lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
}  # fmt: skip
NAMED = {"sgn": lambda x: (x > 0) - (x < 0), "trunc": math.trunc, "erf": math.erf}
COMPARED = {
    "<": float.__lt__, ">": float.__gt__, r"\le": float.__le__, r"\ge": float.__ge__,
    "=": float.__eq__, r"\ne": float.__ne__,
}  # fmt: skip
SPACE = {r"\,", r"\;", r"\ ", r"\!", r"\:"}
TIMES = {r"\odot", r"\cdot"}
ENDS = {")", "]", "}", "|", r"\rfloor", "+", "-", "/", ",", r"\text", *COMPARED, ""}
FIRST = 0xA000  # placeholders for names while LaTeX is written in Unicode: letters nobody uses


class Unread(ValueError):
    """This formula is not one of single entries."""


@lru_cache(maxsize=512)
def read(latex: str) -> tuple:
    r"""Read an expression into a tree of tuples.

    >>> read(r"\bar y \odot b")
    ('product', (('*', ('symbol', 'bar y')), ('*', ('symbol', 'b'))))
    """
    reader = _Reader(latex)
    tree = reader.choice()
    if reader.token:
        raise Unread(latex)
    return tree


class _Reader:
    """Descend: a sum of products of powers of atoms."""

    def __init__(self, latex):
        self.tokens = [t for t in TOKEN.findall(latex) if not t.isspace() and t not in SPACE]
        self.at = 0

    @property
    def token(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *allowed) -> str:
        token = self.token
        if not token or (allowed and token not in allowed):
            raise Unread(token)
        self.at += 1
        return token

    def words(self):
        self.take(r"\text")
        self.take("{")
        found = ""
        while self.token != "}":
            found += self.take()
        self.take("}")
        return found.strip()

    def choice(self):
        """Read ``a if condition else b``."""
        first = self.sum()
        if self.token != r"\text":
            return first
        if self.words() != "if":
            raise Unread("if")
        condition = self.comparison()
        if self.words() != "else":
            raise Unread("else")
        return "choice", first, condition, self.sum()

    def sum(self):
        terms = []
        while not terms or self.token in ("+", "-"):
            sign = self.take() if self.token in ("+", "-") else "+"
            terms.append((sign, self.product()))
        return terms[0][1] if len(terms) == 1 and terms[0][0] == "+" else ("sum", tuple(terms))

    def product(self):
        factors = [("*", self.power())]
        while True:
            if self.token in TIMES:
                self.take()
                factors.append(("*", self.power()))
            elif self.token == "/":
                self.take()
                factors.append(("/", self.power()))
            elif self.token not in ENDS:
                factors.append(("*", self.power()))
            else:
                return factors[0][1] if len(factors) == 1 else ("product", tuple(factors))

    def power(self):
        base = self.atom()
        if self.token != "^":
            return base
        self.take()
        return "power", base, self.braced()

    def braced(self):
        """Read ``{...}`` or one token, as after ``^``."""
        if self.token != "{":
            return self.short()
        self.take()
        inner = self.sum()
        self.take("}")
        return inner

    def short(self):
        token = self.take()
        if token.isdigit():
            return "number", token
        if token == r"\pi":
            return "number", "π"
        if token.isalpha():
            return "symbol", token
        raise Unread(token)

    def atom(self):
        token = self.take()
        if token.isdigit():
            while self.token.isdigit():
                token += self.take()
            return "number", token
        if token == "(":
            inner = self.sum()
            self.take(")")
            return "group", inner
        if token == "[":
            inner = self.comparison()
            self.take("]")
            return "truth", inner
        if token == "|":
            inner = self.sum()
            self.take("|")
            return "size", inner
        if len(token) == 1 and token.isalpha():
            return "symbol", token
        if token.startswith("\\"):
            return self.command(token[1:])
        raise Unread(token)

    def command(self, name):
        if name == "bar":
            return "symbol", "bar " + self.take()
        if name in ("frac", "tfrac"):
            above = self.braced()
            return "fraction", above, self.braced()
        if name == "sqrt":
            return "root", self.braced()
        if name == "pi":
            return "number", "π"
        if name == "lfloor":
            inner = self.sum()
            self.take(r"\rfloor")
            return "floor", inner
        if name == "mathrm":
            self.take("{")
            name = ""
            while self.token != "}":
                name += self.take()
            self.take("}")
            if name not in NAMED:
                return "symbol", name
        elif name not in UNARY:
            return "symbol", "\\" + name
        return "call", name, self.power()

    def comparison(self):
        parts = [self.sum()]
        while self.token in COMPARED:
            parts += [self.take(), self.sum()]
        if len(parts) == 1:
            raise Unread("comparison")
        return tuple(parts)


# --- what it comes to


def value_of(tree, numbers: dict) -> float:
    r"""Compute a tree with numbers for its symbols.

    >>> value_of(read(r"\bar y \odot (1 - y^2)"), {"bar y": 2.0, "y": 0.5})
    1.5
    """
    try:
        return float(_Value(numbers).of(tree))
    except (ArithmeticError, TypeError, ValueError):
        return math.nan


class _Value:
    def __init__(self, numbers):
        self.numbers = numbers

    def of(self, tree) -> float:
        return getattr(self, tree[0])(*tree[1:])

    def number(self, text):
        return math.pi if text == "π" else float(text)

    def symbol(self, name):
        if name not in self.numbers:
            if name == "e":
                return math.e
            raise Unread(name)
        return float(self.numbers[name])

    def group(self, inner):
        return self.of(inner)

    def sum(self, terms):
        return sum(self.of(t) if sign == "+" else -self.of(t) for sign, t in terms)

    def product(self, factors):
        found = 1.0
        for sign, factor in factors:
            found = found * self.of(factor) if sign == "*" else found / self.of(factor)
        return found

    def power(self, base, exponent):
        return self.of(base) ** self.of(exponent)

    def fraction(self, above, below):
        return self.of(above) / self.of(below)

    def root(self, inner):
        return math.sqrt(self.of(inner))

    def size(self, inner):
        return abs(self.of(inner))

    def floor(self, inner):
        return math.floor(self.of(inner))

    def call(self, name, inner):
        return (UNARY.get(name) or NAMED[name])(self.of(inner))

    def truth(self, parts):
        ends = [self.of(p) for p in parts[::2]]
        return float(all(COMPARED[s](float(a), float(b))
                         for a, s, b in zip(ends, parts[1::2], ends[1:])))  # fmt: skip

    def choice(self, first, condition, other):
        return self.of(first if self.truth(condition) else other)


# --- how it is written


def written(tree, words: dict, numbers: dict | None = None) -> str:
    r"""Write a tree with words for its symbols; with ``numbers``, only the branch that is taken.

    >>> written(read(r"\bar y \odot (1 - y^2)"), {"bar y": "∂L/∂h", "y": "h"})
    '∂L/∂h · (1 − h²)'
    >>> written(read(r"\bar y \odot (1 - y^2)"), {"bar y": "−0.5", "y": "−2"})
    '−0.5 · (1 − (−2)²)'
    >>> written(read(r"\bar y \odot \tanh c"), {"bar y": "3", "c": "−2"})
    '3 · tanh(−2)'
    """
    writer = _Writer(words, numbers)
    latex = writer.of(tree)
    text = plain(latex)
    for place, word in enumerate(writer.used):
        bare = word.startswith("−") and text.startswith(chr(FIRST + place))
        shown = f"({word})" if word.startswith("−") else word
        text = text.replace(f"({chr(FIRST + place)})", f"({word})")  # tanh(−2) needs no more
        if bare and text[1:2] not in tuple("⁰¹²³⁴⁵⁶⁷⁸⁹⁻^"):
            text = word + text[1:]
        if ("e−" in word or "/" in word) and word[:1].isdigit():
            text = text.replace(chr(FIRST + place) + "²", f"({word})²")
        text = text.replace(chr(FIRST + place), shown)
    return text


class _Writer:
    def __init__(self, words, numbers):
        self.words, self.numbers, self.used = words, numbers, []

    def of(self, tree) -> str:
        return getattr(self, tree[0])(*tree[1:])

    def number(self, text):
        return r"\pi" if text == "π" else text

    def symbol(self, name):
        if name not in self.words:
            if name == "e":
                return name
            raise Unread(name)
        self.used.append(self.words[name])
        return chr(FIRST + len(self.used) - 1)

    def group(self, inner):
        return f"({self.of(inner)})"

    def sum(self, terms):
        text = "".join(f" {sign} {self.of(t)}" for sign, t in terms).strip()
        return text.removeprefix("+ ").replace("- ", "-", 1) if text[0] == "-" else text[2:]

    def product(self, factors):
        text = self.of(factors[0][1])
        for sign, factor in factors[1:]:
            text += (r" \cdot " if sign == "*" else " / ") + self.of(factor)
        return text

    def power(self, base, exponent):
        return f"{self.of(base)}^{{{self.of(exponent)}}}"

    def fraction(self, above, below):
        return rf"\tfrac{{{self.of(above)}}}{{{self.of(below)}}}"

    def root(self, inner):
        return rf"\sqrt{{{self.of(inner)}}}"

    def size(self, inner):
        return f"|{self.of(inner)}|"

    def floor(self, inner):
        return rf"\lfloor {self.of(inner)} \rfloor"

    def call(self, name, inner):
        told = "\\" + name if name in UNARY else rf"\mathrm{{{name}}}"
        inside = self.of(inner)
        return told + (inside if inside.startswith("(") else f"({inside})")

    def truth(self, parts):
        return f"[{self._compared(parts)}]"

    def _compared(self, parts):
        return " ".join(p if isinstance(p, str) else self.of(p) for p in parts)

    def choice(self, first, condition, other):
        if self.numbers is not None:
            return self.of(first if _Value(self.numbers).truth(condition) else other)
        return (rf"{self.of(first)} \text{{ if }} {self._compared(condition)} "
                rf"\text{{ else }} {self.of(other)}")  # fmt: skip
