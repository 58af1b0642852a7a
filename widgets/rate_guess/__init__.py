"""The largest stable learning rate, found by eye: a bowl to try, and an answer to commit to."""

import math
from itertools import pairwise
from pathlib import Path
from random import Random

import traitlets

import autograd_lab as torch
from autograd_lab.exercises import Draw, find
from autograd_lab.exercises.checking import attempt
from autograd_lab.exercises.progress import record as keep

from .._esm import pack
from .._paper import label, number
from .._typed import nonsense, number_in
from ..descent import HERE as DESCENT
from ..descent import Descent, picture
from ..descent.bowl import Bowl

HERE = Path(__file__).parent
NEAR = 0.02  # a rate as near to the edge as this is at the edge
SAME = 0.01  # and as near to what a mistake gives, it is named
STEPS = 25
LONG = 3, 15  # a valley so many times as flat one way as the other: in a round one nothing zigzags
START, MINIMUM, ROWS = (0.0, 0.0), (1.5, -1.0), 5


class RateGuess(Descent):
    """Find the largest stable learning rate of a bowl: try rates, then say a number.

    What is right is not in the page: the bowl is drawn without its curvature, and each answer is
    judged here. ``answer`` is the function of the exercise; if it gives a number, it is judged.

    >>> guess = RateGuess("ch3.largest_rate")
    >>> guess.say(0.1)
    Below the edge, and stable. In the steepest direction each step multiplies the distance by ...
    """

    _pack = pack(
        HERE / "index.js", DESCENT.parent / "transport.css", DESCENT / "style.css",
        HERE / "style.css",
    )  # fmt: skip
    verdict = traitlets.Dict(help="what was said, and what is said of it").tag(sync=True)

    def __init__(self, exercise="ch3.largest_rate", answer=None):
        self._exercise, self._answer, self._random = find(exercise), answer, Random(0)
        self._begin([self._deal()], [START], self._range[0] * 3, STEPS, "SGD", (), None)
        self._random = Random()
        self._ask_the_function()

    def say(self, rate) -> None:
        """Commit to a learning rate, as if it were typed; print what is said of it."""
        with self._lock:
            self._judge(str(rate))
        print(self.verdict.get("said"))

    def another(self) -> "RateGuess":
        """Draw another bowl."""
        with self._lock:
            bowl = self._deal()
            bowl.look(START)
            self._bowls, self._starts, self._maps = [bowl], [START], {}
            self._rates, self.step = [self._range[0] * 3], 0
            self._draw_map()
            self._walk()
            self.verdict = {}
            self._ask_the_function()
        return self

    # How it comes about. -------------------------------------------------------------------------

    def _deal(self):
        """Draw data whose bowl tells the known mistakes apart."""
        while True:
            self._x = x = Draw(self._random.getrandbits(32)).floats(ROWS, 2) / 2
            edge, wrong = float(self._exercise.solution(x)), self._exercise.mistakes()
            self._edge, self._known = edge, {name: float(f(x)) for name, f in wrong.items()}
            long = LONG[0] < self._known["flattest"] / edge < LONG[1]
            if 0.05 < edge < 1 and long and _apart([edge, *self._known.values()]):
                break
        # The slider must not tell where the edge lies: it is another place in each bowl.
        self._range = [float(f"{edge / self._random.uniform(12, 40):.1g}"),
                       float(f"{edge * self._random.uniform(2.5, 6):.1g}")]  # fmt: skip
        y = x @ torch.tensor(MINIMUM, dtype=x.dtype)
        return Bowl(lambda w, b: ((w * x[:, 0] + b * x[:, 1] - y) ** 2).mean(), [(), ()],
                    ("w[0]", "w[1]"), x.dtype)  # fmt: skip

    def _map(self, bowl):
        """Draw the map without what gives the answer away."""
        scene, *outlines = super()._map(bowl)
        hidden = {"limit": None, "curvatures": None, "range": self._range, "optimizers": ["SGD"]}
        return scene | hidden, *outlines

    def _judge(self, text):
        """Walk with what was typed, and say where it lies."""
        text = label(text, 40)
        rate = number_in(text)
        if rate is None or rate <= 0:
            said = nonsense(text) if rate is None else "A number above 0, such as 0.25."
            self.verdict = {"typed": text, "state": "", "said": said}
            return
        state, mistake, said = self._told(rate)
        if state == "right":
            said += f" {self._exercise.played}"
        self.go(lr=rate)
        self.verdict = {"typed": text, "state": state, "said": said}
        # By eye, and of another bowl than the exercise's: no attempt, and nobody's misconception.
        keep(self._exercise.name, "found" if state == "right" else "guessed", mistake)

    def _told(self, rate):
        factor = abs(1 - 2 * rate / self._edge)
        size = f"|1 − {number(rate)} · λmax| = {number(factor)}"
        if abs(rate / self._edge - 1) <= NEAR:
            edge = f"2/λmax is {number(self._edge)}."
            return "right", "", f"At the edge: in the steepest direction {size}. {edge}"
        where = "Below the edge, and stable" if rate < self._edge else "Above the edge: it leaves"
        said = f"{where}. In the steepest direction each step multiplies the distance by {size}."
        known = ((name, abs(rate / value - 1)) for name, value in self._known.items())
        mistake = next((name for name, apart in known if apart <= SAME), "")
        if mistake:
            wrong = self._exercise.mistakes()[mistake]
            said += f" Did you compute it? Then {wrong.misconception}. {wrong.hint}"
        elif rate < self._edge:
            said += " There is room for larger steps."
        return "wrong", mistake, said.replace("**", "")

    def _ask_the_function(self):
        """Let the learner's function speak for this bowl, if it gives a number yet."""
        if not callable(self._answer):
            return
        outcome = attempt(self._exercise, self._answer, [self._x])
        try:
            rate = float(outcome.value)
        except (TypeError, ValueError, RuntimeError):
            return
        if math.isfinite(rate) and rate > 0:
            state, _, said = self._told(rate)
            self.verdict = {"typed": f"{rate:.4g}", "state": state,
                            "said": f"Your function says {number(rate)}. {said}"}  # fmt: skip

    def _hear(self, widget, content, buffers) -> dict | None:
        """Judge an answer, draw another bowl, or walk as the page asks."""
        do = content.get("do") if isinstance(content, dict) else None
        if do not in ("say", "another"):
            return super()._hear(widget, content, buffers)
        with self._lock:
            self.another() if do == "another" else self._judge(str(content.get("rate", "")))
        self._watch()

    def __repr__(self):
        walk = picture.summary(self._paths[0], self._rates[0], None).removeprefix("Descent: ")
        said = self.verdict.get("typed")
        return f"RateGuess: {walk}" + (f"; you said {label(said)}" if said else "")


def _apart(rates):
    rates = sorted(rates)
    return all(b > 1.12 * a for a, b in pairwise(rates))
