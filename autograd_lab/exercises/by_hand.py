"""Lines of arithmetic to walk back through by hand: the gradients, and what each mistake gives.

>>> lines = Lines(("p = x * y", "loss = p - x"), {"x": 2.0, "y": 3.0})
>>> lines.walk()
{'p': 1.0, 'y': 2.0, 'x': 2.0}
>>> lines.walk("sign")
{'p': 1.0, 'y': 2.0, 'x': 4.0}
"""

import math
from dataclasses import dataclass
from functools import cached_property
from operator import add, mul, sub

OPERATORS = {"+": add, "-": sub, "*": mul}
# A number that comes out of two mistakes is named by the one that stands first.
MISTAKES = ("overwritten", "own", "no_chain", "sign", "added", "values")
RECIPES = (
    ("p = x * y", "q = x - p", "loss = q * p"),
    ("a = x + y", "b = a * x", "loss = b - y"),
    ("a = x - y", "b = a * a", "loss = b * x"),
    ("a = x * y", "b = a + y", "loss = a * b"),
)
LARGEST = 99  # of the numbers that somebody has to multiply in the head


@dataclass(frozen=True)
class Lines:
    """A few lines, each of two operands, that end in ``loss``; and the numbers they begin with."""

    text: tuple[str, ...]
    numbers: dict[str, float]

    @cached_property
    def parts(self) -> list:
        """Take the lines apart: (target, (left, right), operator)."""
        found = [line.split() for line in self.text]
        return [(target, (left, right), sign) for target, _, left, sign, right in found]

    @cached_property
    def values(self) -> dict:
        """Run the lines forward."""
        found = dict(self.numbers)
        for target, (left, right), sign in self.parts:
            found[target] = OPERATORS[sign](found[left], found[right])
        return found

    @cached_property
    def unknown(self) -> list:
        """Name what has a gradient, in the order of a walk back; the loss is known to have 1."""
        made = [target for target, _, _ in reversed(self.parts)][1:]
        return [*made, *reversed(self.numbers)]

    @cached_property
    def right(self) -> dict:
        """Give all gradients, with that of the loss."""
        return {"loss": 1.0} | self.walk()

    def walk(self, mistake: str = "") -> dict:
        """Walk back, rightly or with the same mistake in every step."""
        known = {"loss": 1.0}
        for name in self.unknown:
            known[name] = self.gradient(name, known, mistake)
        return {name: known[name] for name in self.unknown}

    def users(self, name) -> list:
        """List who used a value, the last one first; twice who used it twice."""
        return [target for target, operands, _ in reversed(self.parts) for one in operands
                if one == name]

    def gradient(self, name, known, mistake: str = "") -> float:
        """Give the gradient of one value from those of its users."""
        if mistake == "values":
            return self.values[name]
        told = [m for _, _, m in self.messages(name, known, mistake)]
        return told[-1] if mistake == "overwritten" else sum(told)

    def messages(self, name, known, mistake: str = "") -> list:
        """List what a value is told: (by whom, the slope there, the message)."""
        found = []
        for target, operands, sign in reversed(self.parts):
            for slot in (0, 1):
                if operands[slot] == name:
                    slope = self._slope(operands, slot, sign, mistake)
                    message = {"no_chain": slope, "added": known[target] + slope}
                    found.append((target, slope, message.get(mistake, known[target] * slope)))
        return found

    def _slope(self, operands, slot, sign, mistake):
        if sign == "*":
            return self.values[operands[slot if mistake == "own" else 1 - slot]]
        return -1.0 if sign == "-" and slot == 1 and mistake != "sign" else 1.0

    def named(self, name, known: dict | None = None) -> dict:
        """Map each number that a mistake at this place gives to the mistake.

        What has arrived from the users is right, or what is ``known`` of it.
        """
        known = self.right if known is None else known
        right, found = self.gradient(name, known), {}
        for mistake in MISTAKES:
            wrong = [self.gradient(name, known, mistake)]
            if mistake == "overwritten":
                wrong = [m for _, _, m in self.messages(name, known)]
            if mistake == "sign":
                wrong.append(-right)
            for number in wrong:
                if not alike(number, right):
                    found.setdefault(round(number, 6), mistake)
        return found

    def slip(self, typed: dict) -> str:
        """Name the one mistake from which all that is wrong follows; "" where there is none.

        >>> lines = Lines(("p = x * y", "loss = p * x"), {"x": 3.0, "y": 5.0})
        >>> lines.slip({"p": 3.0, "y": 9.0, "x": 15.0}), lines.slip({"p": 7.5, "y": 9.0, "x": 30.0})
        ('overwritten', '')
        """
        known, slips = {"loss": 1.0, **typed}, set()
        for name in self.unknown:
            follows = alike(typed[name], self.gradient(name, known))
            if not follows and not alike(typed[name], self.right[name]):
                found = {**self.named(name), **self.named(name, known)}
                slips.add(next((m for n, m in found.items() if alike(n, typed[name])), ""))
        return slips.pop() if len(slips) == 1 else ""

    def tells_apart(self) -> bool:
        """Say whether mistakes that differ give numbers that differ, everywhere."""
        others = Lines(self.text, {n: math.sqrt(7 + 4 * i) for i, n in enumerate(self.numbers)})
        return all(len(self.named(name)) == len(others.named(name)) for name in self.unknown)


def alike(a: float, b: float) -> bool:
    """Say whether two numbers are the same, up to how they were typed."""
    return math.isclose(a, b, rel_tol=1e-4, abs_tol=1e-6)


def draw(random, before: Lines | None = None) -> Lines:
    """Draw other lines, with small whole numbers that tell the mistakes apart.

    >>> from random import Random
    >>> draw(Random(1)).tells_apart()
    True
    """
    while True:
        text = random.choice([text for text in RECIPES if not before or text != before.text])
        x, y = (float(random.choice([-4, -3, -2, 2, 3, 4, 5])) for _ in "xy")
        lines = Lines(text, {"x": x, "y": y})
        largest = max(map(abs, [*lines.values.values(), *lines.right.values()]))
        if largest <= LARGEST and lines.tells_apart():
            return lines


def shown(number: float, inside: bool = False) -> str:
    """Write a number; inside a sum or a product, a negative one in brackets.

    >>> shown(-2.0), shown(-2.0, inside=True), shown(0.5)
    ('−2', '(−2)', '0.5')
    """
    text = f"{number:.6g}".replace("-", "−")
    return f"({text})" if inside and number < 0 else text
