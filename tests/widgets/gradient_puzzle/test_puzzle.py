"""Gradients by hand, without a page: verdicts, dict, progress, and no answer inside."""

import json
import re

import pytest

from autograd_lab.exercises import check, find, judge
from autograd_lab.exercises.progress import read, states
from autograd_lab.widgets import GradientPuzzle

FILL = find("ch2.fill_gradients")
RIGHT = FILL.solution()


@pytest.fixture
def file(tmp_path, monkeypatch):
    file = tmp_path / "mine.jsonl"
    monkeypatch.setenv("LAB_PROGRESS", str(file))
    return file


def blank():
    return dict.fromkeys(RIGHT, ...)


def played(puzzle, **typed):
    """Type as a page does; give the fields by their names."""
    for name, text in typed.items():
        puzzle._handle_custom_msg({"do": "try", "name": name, "text": str(text)}, [])
    return {field["name"]: field for field in puzzle.fields}


def test_the_solution_earns_all_and_is_remembered(file):
    answers = blank()
    puzzle = GradientPuzzle("ch2.fill_gradients", answers)
    fields = played(puzzle, **RIGHT)
    assert {field["state"] for field in fields.values()} == {"right"}
    assert "together 10" in fields["p"]["said"] and puzzle.said.startswith("4 of 4")
    assert answers == RIGHT and judge(FILL, answers).state == "right"
    assert states(read(file)) == {"ch2.fill_gradients": "right"}


def test_three_of_four_are_not_solved(file):
    puzzle = GradientPuzzle("ch2.fill_gradients", blank())
    played(puzzle, q=-6, p=10, y=-20)
    assert puzzle.said == "" and states(read(file)) == {}


def test_what_was_typed_is_there_again_when_both_cells_are_run_anew(file):
    played(GradientPuzzle("ch2.fill_gradients", blank()), q=-6, p=4, y="", x="two")
    answers = {**blank(), "y": -20}
    puzzle = GradientPuzzle("ch2.fill_gradients", answers)
    assert answers == {"q": -6, "p": 4, "y": -20, "x": ...}
    assert [field["state"] for field in puzzle.fields] == ["right", "wrong", "right", ""]
    played(puzzle, p="")
    assert GradientPuzzle("ch2.fill_gradients", given := blank()) and given["p"] is ...


def test_blank_fields_are_not_attempted(file):
    answers = blank()
    puzzle = GradientPuzzle("ch2.fill_gradients", answers)
    assert {field["state"] for field in puzzle.fields} == {""}
    assert "Not attempted" in repr(check("ch2.fill_gradients", answers)) and not file.exists()


@pytest.mark.parametrize("name", FILL.lines.unknown)
def test_each_mistake_is_known_by_its_name_and_by_no_other(name, file):
    for number, mistake in FILL.lines.named(name).items():
        puzzle = GradientPuzzle("ch2.fill_gradients", blank())
        field = played(puzzle, **{name: number})[name]
        assert (field["state"], field["mistake"]) == ("wrong", mistake)
        assert FILL.mistakes()[mistake].hint.replace("**", "") in field["said"]
        assert read(file)[-1]["mistake"] == mistake


def test_another_wrong_number_is_not_named():
    field = played(GradientPuzzle("ch2.fill_gradients", blank()), p=77)["p"]
    assert field["mistake"] == "" and "not a mistake that I know" in field["said"]


def test_a_right_rule_on_a_wrong_number_is_said():
    fields = played(GradientPuzzle("ch2.fill_gradients", blank()), p=9, y=-18)
    assert fields["y"]["said"] == "The rule is right, but it begins with what is wrong at p."
    fields = played(GradientPuzzle("ch2.fill_gradients", blank()), y=-18)
    assert "not a mistake that I know" in fields["y"]["said"]


def test_what_stands_in_the_dict_is_shown_and_judged():
    puzzle = GradientPuzzle("ch2.fill_gradients", {"q": -6, "p": 4.0, "y": "?"})
    assert [field["state"] for field in puzzle.fields] == ["right", "wrong", "wrong", ""]
    assert [field["typed"] for field in puzzle.fields] == ["-6", "4", "?", ""]


def test_a_field_can_be_emptied():
    answers = blank()
    fields = played(GradientPuzzle("ch2.fill_gradients", answers), q=-6)
    assert fields["q"]["state"] == "right" and answers["q"] == -6
    puzzle = GradientPuzzle("ch2.fill_gradients", answers)
    assert played(puzzle, q="")["q"]["state"] == "" and answers["q"] is ...


def test_by_python(capsys):
    puzzle = GradientPuzzle("ch2.fill_gradients", blank())
    puzzle.fill(q=-6, p="x", y="1,000")
    said = capsys.readouterr().out
    assert "q: loss passes on 1 · (−6) = −6." in said and "p: “x” is no number." in said
    assert "y: 1,000 can be read in two ways" in said
    with pytest.raises(ValueError, match="no gradient of 'z' is asked for: there are q, p, y, x"):
        puzzle.fill(z=1)
    with pytest.raises(TypeError, match="into a dict"):
        GradientPuzzle("ch2.fill_gradients", lambda: 1)


def test_a_fraction_is_a_number():
    assert played(GradientPuzzle("ch2.fill_gradients", blank()), q="−12/2")["q"]["state"] == "right"


def numbers(text):
    return {float(n.replace("−", "-")) for n in re.findall(r"[-−]?\d+(?:\.\d+)?", text)}


def test_the_page_never_gets_an_answer_that_was_not_typed():
    """Neither at first, nor with a wrong number in every field: in no state, in no picture."""
    puzzle = GradientPuzzle("ch2.fill_gradients", blank())
    for typed in ({}, dict.fromkeys(RIGHT, 77)):
        played(puzzle, **typed)
        state = puzzle.get_state()
        said = json.dumps(state["fields"], ensure_ascii=False) + puzzle.said
        assert not numbers(said) & set(RIGHT.values())
        cards = {card["name"]: card for card in state["scene"]["cards"]}
        words = " ".join(re.findall(r">([^<]+)<", puzzle.to_svg()))
        seen = numbers(words + json.dumps([card["value"] for card in cards.values()]))
        assert not {10, -20} & seen      # 24 is also the size of the loss
        assert not any("grad" in cards[name] for name in RIGHT)
    assert puzzle.to_svg().count("grad ?") == len(RIGHT)


def test_a_right_number_does_not_tell_the_others():
    """24 at x is right, but "p passes on 10 · 3" would give p away."""
    puzzle = GradientPuzzle("ch2.fill_gradients", blank())
    said = played(puzzle, x=24)["x"]["said"]
    assert said == "The rule in numbers waits for q and p."
    fields = played(puzzle, q=-6, p=10)
    assert "p passes on 10 · 3 = 30: together 24" in fields["x"]["said"]


def test_another_one_asks_for_other_numbers_and_leaves_the_dict(file):
    answers = {**blank(), "q": -6}
    puzzle = GradientPuzzle("ch2.fill_gradients", answers)
    for _ in range(5):
        before = puzzle._lines
        puzzle._handle_custom_msg({"do": "another"}, [])
        assert puzzle._lines.text != before.text and puzzle.scene["other"]
        assert {field["state"] for field in puzzle.fields} == {""}
        played(puzzle, **puzzle._lines.walk())
        assert puzzle.said and answers == {**blank(), "q": -6}
        played(puzzle, **dict.fromkeys(puzzle._typed, 12345))
    assert read(file) == []     # they are for practice
    puzzle._handle_custom_msg({"do": "back"}, [])
    assert puzzle._lines is FILL.lines and puzzle.fields[0]["state"] == "right"


def test_the_picture_keeps_what_was_found():
    puzzle = GradientPuzzle("ch2.fill_gradients", blank())
    played(puzzle, **RIGHT)
    assert "−20" in puzzle.to_svg() and repr(puzzle).endswith("4 of 4 gradients found")
