"""Exercises that are played in widgets: shown in the chapters, unsolved, and playable by Python."""

import re

import pytest

from autograd_lab import widgets
from autograd_lab.exercises import every, find
from tests.notebooks.chapter import Chapter, part, texts

PLAYED = {name: find(name).widget for name in every() if find(name).widget}


def the_cell(name):
    """The saved cell in which an exercise is played."""
    return next(cell for cell in Chapter(f"0{name[2]}").code
                if part(cell, "play") and cell.metadata.lab.exercise == name)


def test_which_are_played():
    assert PLAYED == {"ch2.fill_gradients": "GradientPuzzle", "ch2.sabotage": "RuleView",
                      "ch3.largest_rate": "RateGuess"}


@pytest.mark.parametrize("name", PLAYED)
def test_the_widget_stands_between_starter_and_check(name):
    cells = Chapter(f"0{name[2]}").cells
    parts = [cell.metadata.lab.part for cell in cells
             if cell.metadata.get("lab", {}).get("exercise") == name]
    assert parts == ["prompt", "starter", "play", "check"]


@pytest.mark.parametrize("name", PLAYED)
def test_its_picture_is_kept_and_gives_nothing_away(name):
    said = texts(the_cell(name))
    assert said.startswith(f"{PLAYED[name]}: ")
    (output,) = the_cell(name).outputs
    words = " ".join(re.findall(r">([^<]+)<", output.data["image/svg+xml"]))
    if name == "ch2.fill_gradients":
        assert "0 of 4 gradients found" in said and words.count("grad ?") == 4
    if name == "ch2.sabotage":
        assert "0 of 3 rules agree" in said and words.count(" ≠ ") == 3 and "✓" not in words
    if name == "ch3.largest_rate":
        edge = widgets.RateGuess(name)._edge
        assert "λ" not in words + said and f"{edge:.2f}" not in words


@pytest.mark.parametrize("name", PLAYED)
@pytest.mark.parametrize("answer", ["solution", "starter"])
def test_a_learner_without_a_front_end_can_answer(name, answer):
    """The cells run one after the other, as for a grader; what the widget shows follows."""
    exercise, names = find(name), {}
    exec("import autograd_lab as torch\n" + exercise.code(answer), names)
    exec(the_cell(name).source.rpartition("\n")[0], names)
    widget = eval(the_cell(name).source.rpartition("\n")[2], names)
    right = {"GradientPuzzle": "4 of 4", "RuleView": "3 of 3", "RateGuess": "you said"}
    assert (right[exercise.widget] in repr(widget)) == (answer == "solution")
