"""The five things a learner or a teacher says in a cell: check, hint, solution, grade, progress."""

import os
from html import escape

from ..html import MONO, SOFT
from . import feedback
from .checking import NOTHING, RIGHT, judge
from .exercise import CHAPTERS, UnknownExercise, every, find
from .predicting import Note
from .progress import chapter_states, record, trouble

_given: dict[str, int] = {}  # how many hints were asked for


def check(name: str, answer=None):
    """Look at an answer and say what is right, wrong, or not there yet. Never raises.

    >>> check("ch1.standardise", ...)
    ○ Not attempted: ch1.standardise
      Nothing to check yet.
      hint("ch1.standardise") gives a hint.
    """
    try:
        exercise = find(name)
    except UnknownExercise as problem:
        return Note(feedback.rich(str(problem)), str(problem), "○")
    verdict = judge(exercise, answer)
    if verdict.state != NOTHING:
        record(exercise.name, verdict.state, verdict.mistake)
    chapter = exercise.name.partition(".")[0]
    return feedback.Feedback(verdict, chapter_states(every(chapter)), trouble())


def grade(name: str, answer=None) -> None:
    """Pass in silence, or raise AssertionError with what is wrong: for graders.

    >>> grade("ch1.standardise", lambda x: (x - x.mean(0)) / x.std(0, correction=0))
    """
    verdict = judge(find(name), answer)
    if verdict.state != RIGHT:
        raise AssertionError(feedback.to_text(verdict))


def hint(name: str):
    """Give the next hint of an exercise: a nudge, then the way, then almost all.

    >>> hint("ch1.standardise")
    Hint 1 of 3: A column is one feature over all samples. How many means does a 5 × 3 table need?
    """
    try:
        exercise = find(name)
    except UnknownExercise as problem:
        return Note(feedback.rich(str(problem)), str(problem), "○")
    number = min(_given.get(name, 0) + 1, len(exercise.hints))
    _given[name] = number
    record(exercise.name, "hint", str(number))
    title = f"Hint {number} of {len(exercise.hints)}"
    text = exercise.hints[number - 1]
    drawn = f'<div><span style="{SOFT}">{title}</span>&emsp;{feedback.rich(text)}</div>'
    return Note(feedback.block("#3f86d8", drawn, title), f"{title}: {text}", "")


def solution(name: str):
    """Show one way to do it. Try for a while before: what was looked up is soon forgotten."""
    try:
        exercise = find(name)
    except UnknownExercise as problem:
        return Note(feedback.rich(str(problem)), str(problem), "○")
    record(exercise.name, "solution")
    code = exercise.code("solution")
    drawn = f'<pre style="{MONO};color:inherit;background:none;margin:2px 0">{escape(code)}</pre>'
    return Note(feedback.block("#3f86d8", drawn, f"A solution of {name}"), code, "")


class Standing:
    """How far the learner is, chapter by chapter."""

    def __init__(self, states: dict[str, str]):
        self.chapters: dict[str, dict[str, str]] = {}
        for name, state in states.items():
            self.chapters.setdefault(name.partition(".")[0], {})[name] = state

    def _lines(self):
        for chapter, states in self.chapters.items():
            marks = "".join(feedback.MARKS[state] for state in states.values())
            done = sum(state == RIGHT for state in states.values())
            open_ = [name.partition(".")[2] for name, state in states.items() if state != RIGHT]
            title = f"Chapter {chapter[2:]}" if chapter in CHAPTERS else chapter
            yield title, marks, f"{done} of {len(states)}", ", ".join(open_)

    def _repr_html_(self):
        cells = "".join(
            f'<span>{escape(title)}</span><span aria-hidden="true">{marks}</span>'
            f'<span>{done}</span><span style="{SOFT}">{escape(left)}</span>'
            for title, marks, done, left in self._lines())
        style = "display:grid;grid-template-columns:repeat(3,max-content) 1fr;gap:1px 18px"
        return feedback.block("#3f86d8", f'<div style="{style}">{cells}</div>', "Your progress")

    def __repr__(self):
        return "\n".join("  ".join(line).rstrip() for line in self._lines())


def progress():
    """Show how far you are: ● done, ◐ tried, ○ not yet."""
    states = chapter_states(every())
    if states is None:
        off = os.environ.get("LAB_PROGRESS")  # a path would have been used
        said = ("Nothing is kept: LAB_PROGRESS is off." if off else
                "How far you are stands here when you run the chapter yourself.")
        return Note(said, said, "○")
    return Standing(states)

