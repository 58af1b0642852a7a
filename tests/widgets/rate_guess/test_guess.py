"""The largest stable learning rate, without a page: verdicts, mistakes, and no answer inside."""

import re

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.exercises import find
from autograd_lab.exercises.progress import read, states
from autograd_lab.widgets import RateGuess

RATE = find("ch3.largest_rate")


@pytest.fixture
def file(tmp_path, monkeypatch):
    file = tmp_path / "mine.jsonl"
    monkeypatch.setenv("LAB_PROGRESS", str(file))
    return file


def said(guess, rate):
    """Commit to a rate as a page does."""
    guess._handle_custom_msg({"do": "say", "rate": str(rate)}, [])
    return guess.verdict


def test_the_edge_is_where_training_begins_to_leave():
    guess = RateGuess()
    guess._steps = 200
    below, above = (guess.go(lr=guess._edge * share).losses for share in (0.99, 1.01))
    assert below[-1] < below[-2] and above[-1] > above[-2]


@pytest.mark.parametrize(("share", "state", "words"), [
    (0.4, "wrong", "Below the edge, and stable"), (0.97, "wrong", "room for larger steps"),
    (0.99, "right", "At the edge"), (1.01, "right", "At the edge"),
    (1.04, "wrong", "Above the edge: it leaves"), (40, "wrong", "Above the edge"),
])  # fmt: skip
def test_where_an_answer_lies(share, state, words):
    guess = RateGuess()
    told = said(guess, guess._edge * share)
    assert told["state"] == state and words in told["said"]
    factor = float(re.search(r"λmax\| = (\d+(?:\.\d+)?)", told["said"])[1])
    assert factor == pytest.approx(abs(1 - 2 * share), rel=0.02)
    assert guess.run["lr"] == guess._edge * share          # and the way is walked with it


@pytest.mark.parametrize("name", RATE.mistakes())
def test_each_mistake_is_known_by_its_name(name, file):
    guess = RateGuess()
    for _ in range(4):
        told = said(guess, f"{RATE.mistakes()[name](guess._x).item():.4g}")
        assert RATE.mistakes()[name].hint.replace("**", "") in told["said"]
        assert read(file)[-1]["mistake"] == name
        guess.another()


def test_a_guess_is_no_mistake_and_the_function_is_still_to_be_written(file):
    guess = RateGuess()
    for share in (0.8, 0.515, 0.485):           # half the edge would be a mistake
        said(guess, guess._edge * share)
        assert read(file)[-1]["mistake"] == ""
    told = said(guess, guess._edge)
    assert RATE.played in told["said"] and states(read(file)) == {}


def test_a_function_speaks_for_each_bowl(file):
    for function, state in ((RATE.solution, "right"), (RATE.half, "wrong")):
        guess = RateGuess("ch3.largest_rate", function)
        for _ in range(3):
            assert guess.verdict["state"] == state
            assert guess.verdict["said"].startswith("Your function says ")
            guess.another()
    assert not file.exists()                    # `check` is what counts


@pytest.mark.parametrize("function", [
    None, ..., RATE.starter, lambda x: "a", lambda x: x, lambda x: 1 / 0, lambda x: -1.0,
    lambda x: float("nan"), 3,
], ids=str)  # fmt: skip
def test_a_function_without_a_number_says_nothing(function):
    assert RateGuess("ch3.largest_rate", function).verdict == {}


@pytest.mark.parametrize(("text", "words"), [
    ("", "Type a number"), ("x", "“x” is no number"), ("0", "A number above 0"),
    ("-1", "A number above 0"), ("1,000", "1,000 can be read in two ways"), ("inf", "no number"),
    ("1e999", "no number"),
])  # fmt: skip
def test_what_is_no_learning_rate(text, words, file):
    guess = RateGuess()
    before = guess.run
    assert words in said(guess, text)["said"]
    assert guess.run is before and not file.exists()


def numbers(found):
    """Every number in a widget's state."""
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list | tuple):
        return {n for each in found for n in numbers(each)}
    return {float(found)} if isinstance(found, int | float) else set()


def test_by_eye_the_function_comes_next_and_by_the_function_it_is_done():
    guess, after = RateGuess(), find("ch3.largest_rate").played
    assert after in said(guess, guess._edge)["said"]
    told = RateGuess(answer=find("ch3.largest_rate").solution).verdict["said"]
    assert told.startswith("Your function says ") and "At the edge" in told and after not in told


def test_the_page_never_gets_the_edge():
    """Neither 2/λmax nor λmax: not in the state, not in the picture, not in words."""
    guess = RateGuess()
    guess._random.seed(1)
    for _ in range(3):
        edge = guess._edge
        curvature = torch.linalg.eigvalsh(2 / len(guess._x) * guess._x.T @ guess._x).tolist()
        state = {key: value for key, value in guess.get_state().items() if key != "code"}
        for secret in (edge, edge / 2, *curvature):
            assert not any(n == pytest.approx(secret, rel=1e-4) for n in numbers(state))
        assert guess.scene["limit"] is None is guess.scene["curvatures"]
        words = " ".join([repr(guess), *re.findall(r">([^<]+)<", guess.to_svg())])
        assert "λ" not in words and f"{edge:.3g}" not in words
        guess.another()


def test_the_slider_does_not_tell_where_the_edge_lies():
    guess, shares = RateGuess(), []
    guess._random.seed(1)
    for _ in range(8):
        low, high = np.log(guess.scene["range"])
        shares.append((np.log(guess._edge) - low) / (high - low))
        guess.another()
    assert min(shares) > 0.4 and max(shares) < 0.9 and max(shares) - min(shares) > 0.05


def test_by_python(capsys):
    guess = RateGuess()
    guess.say(guess._edge)
    assert "At the edge" in capsys.readouterr().out
    assert repr(guess).startswith("RateGuess: SGD from (0, 0)") and "you said 0." in repr(guess)
