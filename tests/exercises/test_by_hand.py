"""Lines walked back by hand: backward() agrees, and each number names one mistake or none."""

import random

import pytest

import autograd_lab as torch
from autograd_lab.exercises import find, judge
from autograd_lab.exercises.by_hand import (
    LARGEST,
    MISTAKES,
    OPERATORS,
    RECIPES,
    Lines,
    draw,
    shown,
)

FILL = find("ch2.fill_gradients")
DEALT = [FILL.lines, *(draw(random.Random(seed)) for seed in range(25))]


def by_backward(lines):
    """The gradients that the library finds."""
    values = {name: torch.tensor(v, requires_grad=True) for name, v in lines.numbers.items()}
    for target, (left, right), sign in lines.parts:
        values[target] = OPERATORS[sign](values[left], values[right])
        values[target].retain_grad()
    values["loss"].backward()
    return {name: values[name].grad.item() for name in lines.unknown}


@pytest.mark.parametrize("lines", DEALT, ids=str)
def test_backward_agrees(lines):
    assert lines.walk() == by_backward(lines)


def test_the_exercise_asks_for_these_lines():
    assert FILL.solution() == FILL.lines.walk() and FILL.lines.tells_apart()
    assert list(FILL.solution()) == list(FILL.starter()) == FILL.lines.unknown
    for line in FILL.lines.text:
        assert f"`{line}`" in FILL.__doc__
    assert set(FILL.mistakes()) == set(MISTAKES)
    for name, wrong in FILL.mistakes().items():
        assert wrong() == FILL.lines.walk(name)


@pytest.mark.parametrize("lines", DEALT, ids=str)
def test_no_number_of_a_mistake_is_the_right_one(lines):
    assert lines.tells_apart()
    for name in lines.unknown:
        assert lines.named(name) and lines.right[name] not in lines.named(name)


@pytest.mark.parametrize("lines", DEALT, ids=str)
def test_of_two_messages_each_alone_is_named(lines):
    for name in lines.unknown:
        told = [m for _, _, m in lines.messages(name, lines.right)]
        if len(told) > 1:
            assert {lines.named(name)[m] for m in told} == {"overwritten"}


@pytest.mark.parametrize(("typed", "mistake"), [
    ({"q": -6, "p": 4, "y": -8, "x": 12}, "overwritten"),
    ({"q": -6, "p": 4, "y": -20, "x": 24}, "overwritten"),
    ({"q": -6, "p": 4, "y": -8, "x": 6}, "overwritten"),  # the rest follows from p
    ({"q": 4, "p": 10, "y": -20, "x": 24}, "own"),
    ({"q": -6, "p": 4, "y": 10, "x": 24}, ""),  # two different ones
    ({"q": -6, "p": 1.5, "y": -20, "x": 24}, ""),
    ({"q": -6, "p": 4, "y": "8", "x": 12}, ""),
])
def test_the_mistake_of_the_puzzle_is_that_of_the_check(typed, mistake):
    verdict = judge(FILL, typed)
    assert (verdict.state, verdict.mistake) == ("wrong", mistake), verdict


def test_numbers_that_hide_a_mistake_are_refused():
    """2 + 2 = 2 * 2: whoever adds where he should multiply would be right by chance."""
    assert not Lines(RECIPES[0], {"x": 2.0, "y": 1.0}).tells_apart()
    assert not Lines(("p = x * y", "loss = p * y"), {"x": 2.0, "y": 2.0}).tells_apart()


def test_dealt_lines_can_be_done_in_the_head_and_are_not_the_same_again():
    for lines in DEALT[1:]:
        numbers = [*lines.values.values(), *lines.right.values()]
        assert all(n == int(n) and abs(n) <= LARGEST for n in numbers)
        again = draw(random.Random(0), lines)
        assert again.text != lines.text
    assert len({lines.text for lines in DEALT}) == len(RECIPES)


def test_the_same_operand_twice_hears_twice():
    lines = Lines(("a = x - y", "loss = a * a"), {"x": 5.0, "y": 2.0})
    assert lines.right["a"] == 6 and lines.named("a")[3.0] == "overwritten"
    assert lines.users("a") == ["loss", "loss"]


def test_numbers_are_written_with_a_minus():
    assert shown(-2.5) == "−2.5" and shown(-2.5, inside=True) == "(−2.5)" and shown(3.0) == "3"
