"""An exercise is one class: what to do, how to begin, three hints, the way, and known mistakes.

::

    class Double(Exercise):
        '''Return every number of `x` twice as large.'''

        name = "mine.double"
        hints = ("What is twice three?", "Think of `*`.", "`x * ...`")

        @staticmethod
        def starter(x):
            ...

        @staticmethod
        def solution(x):
            return 2 * x

        @staticmethod
        def case(draw):
            return [draw.floats(draw.count())]

        @staticmethod
        @mistake("you squared", "Twice three is 6. What does your function make of 3?")
        def squared(x):
            return x ** 2

    check("mine.double", double)
"""

import ast
import difflib
import inspect
import random
import textwrap
from importlib import import_module
from math import prod
from typing import Any, ClassVar

from ..creation import tensor
from ..dtypes import float64

CHAPTERS = {
    "ch1": "ch01_tensors",
    "ch2": "ch02_backprop",
    "ch3": "ch03_linear_regression",
    "ch4": "ch04_cnn",
    "ch5": "ch05_sequence_tagging",
}
REGISTRY: dict[str, type["Exercise"]] = {}


class UnknownExercise(KeyError):
    """Say which exercise was not found, and which one may be meant."""

    def __str__(self):
        return self.args[0]


class Draw:
    """Draw the numbers of a case. The same seed draws the same case on every machine.

    With ``small``, numbers are little and whole: a case for a person to look at.
    """

    def __init__(self, seed: int, small: bool = False, limit: int = 6):
        self.random, self.small, self.limit = random.Random(seed), small, limit

    def count(self, low: int = 1, high: int | None = None) -> int:
        """Draw a size."""
        return self.random.randint(low, max(low, high or self.limit))

    def chance(self, share: float = 0.5) -> bool:
        """Toss a coin."""
        return self.random.random() < share

    def number(self, low: float, high: float) -> float:
        """Draw one number between two; a small one has one decimal."""
        value = self.random.uniform(low, high)
        return max(low, round(value, 1)) if self.small else value

    def floats(self, *shape):
        """Draw a float64 tensor."""
        values = [
            float(self.random.randint(0, 4)) if self.small else self.random.gauss(0.5, 2)
            for _ in range(prod(shape))
        ]
        return tensor(values, dtype=float64).reshape(shape)

    def ints(self, low: int, high: int, *shape):
        """Draw a tensor of whole numbers, both ends included."""
        return tensor([self.random.randint(low, high) for _ in range(prod(shape))]).reshape(shape)

    def pick(self, choices):
        """Draw one of several things."""
        return self.random.choice(choices)


def mistake(title: str, hint: str):
    """Name a wrong answer: what was done, and the hint which that deserves."""

    def mark(wrong):
        wrong.misconception, wrong.hint = title, hint
        return wrong

    return mark


class Exercise:
    """Derive from this; the docstring of the class is the prompt. See the top of this file."""

    name: ClassVar[str] = ""
    kind: ClassVar[str] = "function"  # what is to be written: "function" or "numbers"
    hints: ClassVar[tuple] = ()
    after: ClassVar[str] = ""  # one sentence for those who are right
    inputs: ClassVar[tuple] = ()  # names of a case's parts, where they are not the parameters
    result: ClassVar[str] = ""  # what is compared, where it is not what is returned
    widget: ClassVar[str] = ""  # in which it is played: a name in autograd_lab.widgets
    seconds: ClassVar[float] = 2.0  # for one case
    points: ClassVar[int] = 2

    def __init_subclass__(cls):
        if cls.name:
            REGISTRY[cls.name] = cls

    starter: Any
    solution: Any

    @staticmethod
    def case(draw) -> list:
        """Make the arguments of one case."""
        return []

    @staticmethod
    def edges() -> list:
        """Give cases picked by hand, which every right answer must survive."""
        return []

    @staticmethod
    def attempt(answer, *case):
        """Use an answer on a case. A model, say, is made and trained here, its weights given."""
        return answer(*case)

    @classmethod
    def mistakes(cls) -> dict:
        """Give the known wrong answers by name."""
        found = {name: getattr(cls, name) for name in vars(cls)}
        return {name: wrong for name, wrong in found.items() if hasattr(wrong, "misconception")}

    @classmethod
    def cases(cls, count: int = 16) -> list:
        """Give the edges, and random cases of growing size."""
        return [*cls.edges(), *map(cls.drawn, range(count))]

    @classmethod
    def drawn(cls, seed: int) -> list:
        """Draw the case of a seed."""
        return cls.case(Draw(seed, limit=3 + seed % 5))

    @classmethod
    def small_cases(cls, count: int = 150) -> list:
        """Give cases with little whole numbers, for a person to look at."""
        return [cls.case(Draw(seed, small=True, limit=1 + seed % 4)) for seed in range(count)]

    @classmethod
    def variable(cls) -> str:
        """Name what the learner defines: "standardise" for "ch1.standardise"."""
        return cls.name.partition(".")[2]

    @classmethod
    def labels(cls) -> tuple:
        """Name the parts of a case."""
        if cls.inputs or cls.kind != "function":
            return cls.inputs
        return tuple(inspect.signature(cls.solution).parameters)

    @classmethod
    def code(cls, part: str = "starter") -> str:
        """Give the starter or the solution as a learner would write it in a cell."""
        text = textwrap.dedent(inspect.getsource(getattr(cls, part)))
        text = text.removeprefix("@staticmethod\n").rstrip()
        if cls.kind == "numbers":
            body = text.partition("return ")[2].splitlines()
            rest = textwrap.dedent("\n".join(body[1:]))
            return f"{cls.variable()} = {body[0]}\n{rest}".rstrip()
        return text.replace(f"def {part}", f"def {cls.variable()}", 1)


def find(name: str) -> type[Exercise]:
    """Find an exercise by its name, "ch1.standardise".

    >>> find("ch1.standardise").hints[0].endswith("?")
    True
    """
    chapter = name.partition(".")[0] if isinstance(name, str) else ""
    if chapter in CHAPTERS:
        import_module(f".{CHAPTERS[chapter]}", __package__)
    if isinstance(name, str) and name in REGISTRY:
        return REGISTRY[name]
    near = difflib.get_close_matches(str(name), every(), 1)
    meant = f" Do you mean {near[0]!r}?" if near else ""
    raise UnknownExercise(f"There is no exercise {name!r}.{meant}")


def every(chapter: str = "") -> list[str]:
    """List the exercises of a chapter, or all, in the order of the text.

    >>> len(every("ch1"))
    6
    """
    for module in CHAPTERS.values():
        import_module(f".{module}", __package__)
    places = {name: place for place, name in enumerate(CHAPTERS)}  # they may come in any order
    ordered = sorted(REGISTRY, key=lambda name: places.get(name.partition(".")[0], len(places)))
    return [name for name in ordered if name.startswith(chapter + "." * bool(chapter))]


def body_of(function) -> list | None:
    """Give the statements of a function without its docstring; None where unreadable."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None
    if isinstance(tree, ast.FunctionDef):
        if ast.get_docstring(tree) is not None:
            tree.body = tree.body[1:]
        return [ast.dump(statement) for statement in tree.body]
    return None
