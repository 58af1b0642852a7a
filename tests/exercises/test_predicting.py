"""Predict first: nothing is shown before a choice, and nobody is asked where nobody is."""

import html

import pytest

from autograd_lab.exercises import predict
from autograd_lab.exercises.predicting import seal
from autograd_lab.exercises.progress import read

OPTIONS = ["(3,)", "(4,)", "(4, 3)"]


@pytest.fixture
def learner(monkeypatch, tmp_path):
    """Somebody who is there, and keeps a progress file."""
    monkeypatch.setenv("LAB_HEADLESS", "0")
    monkeypatch.setenv("LAB_PROGRESS", str(tmp_path / "mine.jsonl"))
    return tmp_path / "mine.jsonl"


def never():
    raise AssertionError("shown before a choice was made")


@pytest.mark.parametrize("choice", [..., None, "z", "", 7])
def test_locked_without_a_choice(learner, choice):
    predicted = predict("mine.shape", OPTIONS)
    predicted.choose(choice)
    locked = predicted.reveal(never)
    assert repr(locked).startswith("Choose first") and "Choose first" in locked._repr_html_()
    assert not learner.exists()


@pytest.mark.parametrize(("choice", "said"), [
    ("e", "There is no 'e' here: choose a, b or c."), (7, "There is no '7' here: "),
    ("<b>\u202e" * 9, "There is no '<b>\\u202e<b>"),
])
def test_a_letter_that_is_not_there_is_told_which_ones_are(learner, choice, said):
    predicted = predict("mine.shape", OPTIONS).choose(choice)
    assert said in repr(predicted) and repr(predicted).endswith("run this cell again.")
    drawn = predicted._repr_html_()
    assert html.escape(said, quote=False) in drawn and "\u202e" not in drawn
    assert "There is no" not in repr(predicted.choose("b")) + repr(predict("x", OPTIONS))


@pytest.mark.parametrize("choice", ["b", "B", " b ", "(4,)"])
def test_a_right_choice(learner, capsys, choice):
    predicted = predict("mine.shape", OPTIONS).choose(choice)
    told = predicted.reveal(lambda: (4,))
    assert repr(told) == "✓ You said b: (4,). So it is." and "(4,)" in capsys.readouterr().out
    assert [event["state"] for event in read(learner)] == ["right"]


def test_a_wrong_choice(learner):
    told = predict("mine.shape", OPTIONS).choose("a").reveal(lambda: (4,))
    assert repr(told) == "✗ You said a: (3,). It is b: (4,)"
    assert [event["mistake"] for event in read(learner)] == ["said a"]


@pytest.mark.parametrize("letter", ["a", "b"])
def test_code_in_an_option_is_drawn_as_code(learner, letter):
    seals = seal("mine.code", "`x < 1`")
    told = predict("mine.code", ["`x < 1`", "`y`"], right=seals).choose(letter).reveal(lambda: None)
    drawn = told._repr_html_().partition("<div>")[2]
    assert "<code" in drawn and "x &lt; 1" in drawn and "`" not in drawn


def test_the_seal_decides_where_there_is_one(learner):
    predicted = predict("mine.sign", ["up", "down"], right=seal("mine.sign", "down"))
    assert repr(predicted.choose("b").reveal(lambda: 3.2)).startswith("✓")


def test_an_open_question(learner):
    told = predict("mine.guess", ["soon", "late"]).choose("a").reveal(lambda: 3.2)
    assert repr(told) == "• You said a: soon" and not learner.exists()


def test_as_a_decorator_for_several_lines(learner):
    predicted = predict("mine.shape", OPTIONS).choose("b")

    @predicted.reveal
    def told():
        four = 2 + 2
        return (four,)

    assert repr(told).startswith("✓")


def test_errors_of_the_learner_are_their_own(learner):
    with pytest.raises(ZeroDivisionError):
        predict("mine.shape", OPTIONS).choose("a").reveal(lambda: 1 / 0)


@pytest.mark.parametrize("name", ["LAB_HEADLESS", "CI"])
def test_nobody_is_there(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    told = predict("mine.shape", OPTIONS).reveal(lambda: print("first") or (4,))
    assert repr(told) == "first\n(4,)"
    folded = told._repr_html_()
    assert folded.startswith("<details") and folded.index("What came out") < folded.index("(4,)")


def test_a_picture_is_folded_with_the_rest(monkeypatch):
    monkeypatch.setenv("LAB_HEADLESS", "1")

    class Picture:
        def _repr_mimebundle_(self, **kwargs):
            return {"image/svg+xml": "<svg id='picture'/>"}

    assert "<svg id='picture'/>" in predict("a", ["1", "2"]).reveal(Picture)._repr_html_()


def test_options_are_listed_with_letters(learner):
    predicted = predict("mine.shape", [*OPTIONS, "<b>"])
    assert repr(predicted).splitlines()[:2] == ["  a  (3,)", "  b  (4,)"]
    assert "&lt;b&gt;" in predicted._repr_html_() and "<b>d</b>" not in predicted._repr_html_()
    assert "You said" in predicted.choose("d")._repr_html_()


def test_the_right_option_is_not_written_down():
    assert len({seal("a", option) for option in OPTIONS}) == 3
    assert seal("a", "x") != seal("b", "x") and "x" not in seal("a", "x")
