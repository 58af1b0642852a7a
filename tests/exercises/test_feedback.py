"""What a verdict looks like: words and signs besides colours, escaped, kept where nobody trusts."""

import re
import time

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.exercises import check, find, hint, judge, solution
from autograd_lab.exercises.comparing import distance, finite, kind_of, plain, same, weight
from autograd_lab.exercises.feedback import CELLS, TONES, rich, to_html, to_text


def axis(x):
    return (x - x.mean(1, keepdim=True)) / x.std(1, correction=0, keepdim=True)


def drawn(name, answer):
    return to_html(judge(find(name), answer))


def test_the_three_states_differ_in_word_and_symbol():
    shown = [drawn("ch1.standardise", answer)
             for answer in (None, axis, find("ch1.standardise").solution)]
    for html, state in zip(shown, ("not attempted", "wrong", "right")):
        colour, symbol, word = TONES[state]
        assert symbol in html and f"{word}</b>" in html and f"3px solid {colour}" in html
        assert f'aria-label="{word}: ch1.standardise"' in html and 'role="status"' in html
    assert len(set(TONES.values())) == 3


def test_input_should_be_yours():
    html = drawn("ch1.standardise", axis)
    places = [html.index(f"<b>{title}</b>") for title in ("x", "should be", "yours")]
    assert places == sorted(places)
    assert html.count(" ≠</td>") == 2      # of 2 x 2, two are wrong


def test_hints_are_folded_one_in_the_other():
    html = drawn("ch1.standardise", axis)
    assert html.count("<details") == 4 and html.count("</details>") == 4
    for text in (*find("ch1.standardise").hints, find("ch1.standardise").axis.hint):
        assert rich(text) in html
    nudge, way = html.index("Hint: a nudge"), html.index("Hint: the way")
    assert "</details>" not in html[nudge:way]


def test_no_hint_before_the_first_try():
    """A chapter is kept with this output, and is nobody's first try."""
    html = drawn("ch5.masked_loss", None)
    assert "<details" not in html and "mask.sum()" not in html and "hint(" in html


def test_what_a_learner_writes_is_escaped():
    def evil(x):
        raise ValueError("<script>alert(1)</script> & <b>")

    html = check("ch1.standardise", evil)._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html
    html = drawn("ch1.standardise", lambda x: "<img src=x>")
    assert "<img" not in html
    html = check("<img src=x>", 1)._repr_html_()
    assert "<img" not in html
    html = drawn("ch1.shapes", {"<img>": 1, "x.sum(0)": "<img>"})
    assert "<img" not in html


def test_nothing_depends_on_scripts_or_sheets():
    """An untrusted notebook drops a border whose colour is a variable, and all scripts."""
    for name in ("ch1.standardise", "ch2.order", "ch5.span_f1"):
        exercise = find(name)
        html = drawn(name, next(iter(exercise.mistakes().values())))
        assert not re.search(r"<(script|style|link)|var\(|class=\"(?!mathjax)", html)
        assert html.count("<div") == html.count("</div>")


def test_the_line_that_raised_is_shown():
    def one_hot(labels, classes):
        table = labels + 1
        return table.no_such_method()

    said = to_text(judge(find("ch1.one_hot"), one_hot))
    assert "Each case raises AttributeError" in said and "table.no_such_method()" in said


@pytest.mark.parametrize(("answer", "fact"), [
    (lambda x: print("hello"), "printing shows a number"),
    (lambda x: None, "is a return missing?"),
    (lambda x: x[0], "the result is a tensor of shape"),
    (lambda x: (x, x), "the result is a tuple of 2, where a tensor of shape"),
    (lambda x: -(x - x.mean(0)) / x.std(0, correction=0), "every sign is turned"),
    (lambda x: 3 * (x - x.mean(0)) / x.std(0, correction=0), "right up to the factor 3"),
    (lambda x: x * 0, "the result is all zeros"),
    (lambda x: x * float("nan"), "there is a NaN"),
    (lambda x: torch.rand(x.shape), "two calls with the same input gave different results"),
    (lambda x: x.mul_(2), "writes into its argument"),
    (lambda x: {"a": 1}, "the result is a dict of 1"),
])
def test_facts(answer, fact):
    verdict = judge(find("ch1.standardise"), answer)
    assert verdict.mistake == "" and fact.lower() in to_text(verdict).lower()


def test_a_right_result_that_spoils_its_argument():
    def spoil(x):
        result = (x - x.mean(0)) / x.std(0, correction=0)
        x *= 0
        return result

    verdict = judge(find("ch1.standardise"), spoil)
    assert verdict.state == "wrong" and "writes into its argument" in verdict.text


def test_typed_numbers_are_not_given_away():
    verdict = judge(find("ch2.fill_gradients"), {"q": -6, "p": 1, "y": 2, "x": 3})
    for said in (to_html(verdict), to_text(verdict)):
        assert not any(number in said for number in ("10", "20", "24"))
    assert to_text(verdict).splitlines()[2] == "  Look again at: p, y, x"


def test_blanks_are_not_wrong():
    verdict = judge(find("ch2.fill_gradients"), {"q": -6, "p": ..., "y": None})
    assert verdict.text == "so far, so good" and verdict.entries["x"] is None
    assert judge(find("ch2.fill_gradients"), [1, 2]).text.endswith("got a list")


def test_a_wrong_kind_of_answer():
    assert "needs a function" in judge(find("ch1.standardise"), 3).text
    assert judge(find("ch1.standardise"), None).state == "not attempted"

    def later(x):
        raise NotImplementedError

    assert judge(find("ch1.standardise"), later).state == "not attempted"


def test_what_the_library_lacks_is_not_a_blank():
    def one_hot(labels, classes):
        return torch.round((labels[:, None] == torch.arange(classes)).long(), decimals=1)

    def base(labels, classes):
        return torch.nn.Module()(labels)

    for answer in (one_hot, base):
        verdict = judge(find("ch1.one_hot"), answer)
        assert verdict.state == "wrong" and "NotImplementedError" in verdict.text


def test_right_but_too_slow(monkeypatch):
    exercise = find("ch1.standardise")
    monkeypatch.setattr(exercise, "seconds", 0.4)

    def slow(x):
        time.sleep(0.25)
        return exercise.solution(x)

    verdict = judge(exercise, slow)
    assert verdict.state == "wrong" and re.match(r"too slow: 2 seconds for \d small", verdict.text)
    assert "all of them right" in verdict.text and "Too slow" in to_text(verdict)


def ring():
    """A list that holds itself."""
    found = [1]
    found.append(found)
    return found


class Mute(Exception):
    def __str__(self):
        raise RuntimeError

    __repr__ = __str__


def mute(x):
    raise Mute


@pytest.mark.parametrize(("name", "answer"), [
    (["ch1.shapes"], 1), (ring(), 1), ({}, 1), ("ch1.standardise", ring()),
    ("ch1.standardise", lambda x: ring()), ("ch1.standardise", mute),
    ("ch1.standardise", lambda x: Mute()), ("ch1.standardise", lambda x: {"a": ring()}),
    ("ch1.shapes", {"x.sum(0)": ring()}), ("ch1.shapes", ring()),
])
def test_check_never_raises(name, answer):
    told = check(name, answer)
    assert repr(told)[0] in "○✗" and told._repr_html_()


LEAST = find("ch3.least_squares").solution


@pytest.mark.parametrize(("name", "answer", "fact"), [
    ("ch3.least_squares", lambda x, y: [part[..., None] for part in LEAST(x, y)],
     "the first of the 2 results is a tensor of shape ("),
    ("ch2.mul_backward", lambda g, a, b: [g * b, (g * a).sum(0, keepdim=True)],
     "the second of the 2 results is a tensor of shape (1, "),
    ("ch5.lstm_step", lambda gates, c: [
        part[None] for part in find("ch5.lstm_step").solution(gates, c)],
     "the first of the 2 results is a tensor of shape (1, "),
    ("ch2.order", lambda loss: [n for n in find("ch2.order").solution(loss) if n.inputs],
     "the result has `x (left out)`"),
    ("ch2.order", lambda loss: find("ch2.order").solution(loss) * 2, "(more than once)`"),
])
def test_facts_of_parts(name, answer, fact):
    verdict = judge(find(name), answer)
    assert (verdict.state, verdict.mistake) == ("wrong", "") and fact in verdict.text
    assert "≠" in to_html(verdict)


def test_no_factor_of_one():
    exercise = find("ch4.count")
    verdict = judge(exercise, lambda *case: [p + 5 * (p > 1e6) for p in exercise.solution(*case)])
    assert verdict.state == "wrong" and "factor" not in to_text(verdict)


def test_shapes_that_are_only_written_in_another_way():
    answer = {**find("ch1.shapes").solution(), "x.sum(0)": (3), "x + column": "Error"}
    said = to_text(judge(find("ch1.shapes"), answer))
    assert "`(3)` is a number in brackets" in said and 'write `"error"`, in small' in said
    for other in ({"x.sum(0)": (4,)}, {"x.sum(0)": "error"}, {"x + column": (4, 3)}):
        said = to_text(judge(find("ch1.shapes"), {**find("ch1.shapes").solution(), **other}))
        assert "brackets" not in said and "write" not in said


def test_a_docstring_does_not_count_as_an_attempt():
    def standardise(x):
        """I shall do this tomorrow."""
        ...  # noqa: PIE790

    assert judge(find("ch1.standardise"), standardise).state == "not attempted"


def test_large_results_are_not_drawn():
    big = torch.ones(CELLS + 1)
    assert f"{CELLS + 1} numbers" in drawn("ch4.prune", lambda weight, share: big)


def test_hints_come_one_after_the_other():
    said = [repr(hint("ch5.reverse")) for _ in range(4)]
    assert [text[:11] for text in said] == [f"Hint {n} of 3" for n in (1, 2, 3, 3)]
    assert "There is no exercise" in repr(hint("ch9.x")) + repr(solution("ch9.x"))


def test_a_solution_is_code():
    assert repr(solution("ch4.edges")).startswith("def edges(image):\n    return image[:, 1:]")


def test_an_unknown_name_is_guessed():
    assert "Do you mean 'ch1.standardise'?" in repr(check("ch1.standardize", axis))
    assert "There is no exercise 3" in repr(check(3, axis))


class TestComparing:
    def test_numbers_in_any_dress(self):
        for other in (3, 3.0, np.float32(3), torch.tensor(3), [3][0], np.array(3)):
            assert same(other, 3.0)
        assert same((4, 3), torch.Size([4, 3])) and same([1, 2], (1, 2))
        assert same(True, torch.tensor(True)) and not same(True, "True")

    def test_whole_numbers_are_exact(self):
        assert not same(10**7, 10**7 + 1) and same(10**7, torch.tensor(10**7))
        assert same(10**7, 1e7) and same(True, 1)

    def test_what_holds_itself_is_only_its_kind(self):
        assert plain(ring()) == "<list>" and not same(ring(), [1])

    def test_shapes_matter(self):
        assert not same(torch.ones(2), torch.ones(2, 1)) and not same(torch.ones(1), 1.0)
        assert not same([torch.ones(2), torch.ones(2)], torch.ones(2, 2))

    def test_noise_of_the_kind_of_float(self):
        x = torch.tensor([1.0, 2.0], dtype=torch.float64)
        assert same(x, x * (1 + 1e-6)) and not same(x, x * (1 + 1e-4))
        assert same(x.float(), x * (1 + 5e-5)) and same(x.half(), x * 1.005)
        assert not same(x, x * (1 + 1e-6), exact=True)

    def test_nan_and_infinity(self):
        nan, inf = float("nan"), float("inf")
        assert same([nan, inf, 1], torch.tensor([nan, inf, 1.0])) and not same([inf], [-inf])
        assert not same([nan], [1]) and not finite([1, nan]) and finite(("a", 1))

    def test_structures(self):
        assert same({"a": [1, (2, "x")]}, {"a": (1, [2, "x"])}) and not same({"a": 1}, {"b": 1})
        assert same({("x", 1)}, [("x", 1)]) and distance([1, "a"], [2, "a"]) == 1
        assert distance([1], [1, 2]) == distance("a", "b") == float("inf")
        assert kind_of(None) == "None" and kind_of("a") == "a str" and kind_of(2) == "a number"
        assert weight([torch.ones(3), "x", 2]) == (4, 3, 5.0)

    def test_a_model_is_its_weights(self):
        model = torch.nn.Linear(2, 1)
        assert set(plain(model)) == {"weight", "bias"} and same(model, model.state_dict())

    def test_what_cannot_be_compared(self):
        class Odd:
            def __eq__(self, other):
                raise RuntimeError

        assert not same(Odd(), Odd())
