"""Numbers that people type mean the same in the kernel as in the page."""

import random
import re

from autograd_lab.widgets._typed import nonsense, number_in
from tests.conftest import ROOT

NUMBERS = {
    "-10": -10, "−10": -10, " 2,5 ": 2.5, "1e2": 100, "-0,5": -0.5, "1/4": 0.25, "1 / −8": -0.125,
    "1e308/1e-308": None, "0/0": None, "1,000": None, "inf": None, "nan": None, "": None,
    "1_0": None, "6 + 8": None, "__import__('os')": None, "٣": None,
}  # fmt: skip


def test_python_and_the_page_read_the_same(node):
    dice = random.Random(3)
    texts = [*NUMBERS, *("".join(dice.choices("0123,./e−-+ x", k=dice.randint(1, 7)))
                         for _ in range(2000))]  # fmt: skip
    mine = [[number_in(text), nonsense(text)] for text in texts]
    assert node("answers.mjs", texts) == mine
    assert [value for value, _ in mine[: len(NUMBERS)]] == list(NUMBERS.values())
    assert sum(value is not None for value, _ in mine[len(NUMBERS) :]) > 200


def test_an_empty_field_is_no_number():
    """To the browser it is one, as long as nobody says that a number is required."""
    fields = [field for file in (ROOT / "widgets").rglob("*.js")
              for field in re.findall(r'type: "number".{0,200}', file.read_text("utf-8"))]
    assert fields and all("required: true" in field for field in fields)
