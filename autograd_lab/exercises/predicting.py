"""Predict first: a question that keeps the answer locked until one was chosen.

>>> predicted = predict("mine.shape", ["(3,)", "(4,)"])
>>> predicted.choose("a")
You said a: (3,)
>>> predicted.reveal(lambda: torch.zeros(3, 4).sum(0).shape)
torch.Size([4])
✗ You said a: (3,). It is b: (4,)
"""

import sys
from contextlib import redirect_stdout
from hashlib import sha256
from html import escape
from io import StringIO
from string import ascii_lowercase

from ..html import MONO, SOFT
from . import feedback
from .progress import headless, record

HOW = 'Decide, write your letter into `choose("…")`, and run this cell again.'
SORRY = "The cell above waits for your prediction."


def seal(name: str, option: str) -> str:
    """Write down which option is right so that nobody reads it by accident.

    >>> seal("ch1.shape", "(4,)")
    '8240a363'
    """
    return sha256(f"{name}\n{option}".encode()).hexdigest()[:8]


def predict(name: str, options, right: str = "") -> "Prediction":
    """Ask a question. ``right`` is the sealed right option; without it the result decides."""
    return Prediction(name, options, right)


class Prediction:
    """A question with its options, what was chosen, and the answer behind a lock."""

    def __init__(self, name: str, options, right: str = ""):
        self.name, self.options = str(name), [str(option) for option in options]
        self.right, self.choice, self.unknown = right, None, ""

    def letters(self) -> dict:
        """Give the options by their letters."""
        return dict(zip(ascii_lowercase, self.options))

    def choose(self, letter=...) -> "Prediction":
        """Choose an option by its letter, or by its text; until you look, you may choose anew."""
        if letter is ... or letter is None:
            return self
        said = str(letter).strip()
        by_text = {option: key for key, option in self.letters().items()}
        found = by_text.get(said, said.lower())
        known = found in self.letters()
        self.choice, self.unknown = (found, "") if known else (None, said[:20])
        return self

    def reveal(self, function):
        """Run what was asked about, if a choice was made; else ask for one. Never raises for that.

        It also serves as a decorator of a function without arguments, for several lines.
        """
        if self.choice is None and not headless():
            return self._locked()
        if self.choice is None:
            return self._folded(function)
        result = function()
        if result is not None:
            _show(result)
        return self._judged(result)

    def _refused(self):
        """Say which letters there are, to those who wrote another one."""
        *others, last = self.letters()
        return f"There is no {self.unknown!r} here: choose {', '.join(others)} or {last}."

    def _locked(self):
        again = f"{SORRY} Then run this one."
        inside = f"<div><b>Choose first.</b> {again}</div>"
        drawn = feedback.block("#808890", inside, "Choose first")
        return Note(drawn, f"Choose first. {again}", "")

    def _judged(self, result):
        known = self._answer(result)
        said = f"You said {self.choice}: {self.letters()[self.choice]}"
        if known is None:
            return Note(feedback.rich(said), said, "•")
        state = "right" if known == self.choice else "wrong"
        record(self.name, state, "" if state == "right" else f"said {self.choice}")
        if state == "right":
            return Note(f"<b>{feedback.rich(said)}</b>. So it is.", f"{said}. So it is.", "✓")
        told = f"{said}. It is {known}: {self.letters()[known]}"
        return Note(feedback.rich(told), told, "✗")

    def _answer(self, result):
        """Give the letter of the right option; None where the author left it open."""
        for letter, option in self.letters().items():
            if seal(self.name, option) == self.right:
                return letter
        shown = {repr(result), str(result)}
        if isinstance(result, tuple):
            shown.add(str(tuple(result)))
        fitting = [letter for letter, option in self.letters().items() if option in shown]
        return fitting[0] if len(fitting) == 1 else None

    def _folded(self, function):
        """With nobody there to choose, run at once, and fold what comes out for later readers."""
        printed = StringIO()
        with redirect_stdout(printed):
            result = function()
        said = printed.getvalue()
        drawn = [f'<pre style="{MONO}">{escape(said)}</pre>'] if said else []
        drawn += [_drawn(result)] if result is not None else []
        text = said + (repr(result) if result is not None else "")
        return Note(feedback.fold("What came out", "".join(drawn)), text, "")

    def _asked(self):
        rows = "".join(
            f'<div><b style="{MONO}">{letter}</b>&ensp;{feedback.rich(option)}</div>'
            for letter, option in self.letters().items())
        refused = f"<div><b>{feedback.rich(self._refused())}</b></div>" if self.unknown else ""
        return f'{rows}{refused}<div style="{SOFT}">{feedback.rich(HOW)}</div>'

    def _text(self):
        rows = [f"  {letter}  {option}" for letter, option in self.letters().items()]
        return "\n".join([*rows, *([self._refused()] if self.unknown else []), HOW])

    def _repr_html_(self):
        if self.choice is None:
            return feedback.block("#808890", self._asked(), f"Predict: {self.name}")
        said = f"You said <b>{self.choice}</b>: {feedback.rich(self.letters()[self.choice])}"
        return feedback.block("#3f86d8", f"<div>{said}. Now run the next cell.</div>", self.name)

    def __repr__(self):
        if self.choice is None:
            return self._text()
        return f"You said {self.choice}: {self.letters()[self.choice]}"


class Note:
    """A short message, drawn or in words."""

    COLOURS = {"✓": "#2f9e63", "✗": "#d06a12", "•": "#3f86d8", "○": "#808890"}

    def __init__(self, drawn: str, text: str, mark: str):
        self.drawn, self.text, self.mark = drawn, text, mark

    def _repr_html_(self):
        if not self.mark:
            return self.drawn
        colour = self.COLOURS[self.mark]
        sign = f'<b aria-hidden="true" style="color:{colour}">{self.mark}</b> '
        return feedback.block(colour, f"<div>{sign}{self.drawn}</div>", self.text)

    def __repr__(self):
        return f"{self.mark} {self.text}".strip()


def _show(result):
    """Display a result as the last line of a cell would."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        print(repr(result))
    else:
        from IPython.display import display

        display(result)


def _drawn(result):
    """Draw a result inside other HTML: as itself where it can, else as its text."""
    bundle = getattr(result, "_repr_mimebundle_", None)
    data = bundle() if callable(bundle) else None
    data = data[0] if isinstance(data, tuple) else data
    if isinstance(data, dict) and "image/svg+xml" in data:
        return data["image/svg+xml"]
    html = getattr(result, "_repr_html_", None)
    drawn = html() if callable(html) else None
    return drawn or f'<pre style="{MONO}">{escape(repr(result))}</pre>'
