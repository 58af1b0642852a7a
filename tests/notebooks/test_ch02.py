"""Chapter 2 keeps its promises: the walk, the wrong order, and an engine of one's own."""

import re

import numpy as np
import pytest

import autograd_lab
from autograd_lab.stepping import walk
from tests.conftest import ROOT
from tests.notebooks.chapter import Chapter, texts

CHAPTER = Chapter("02")
PROSE, CODE, after = CHAPTER.prose, CHAPTER.code, CHAPTER.after
ENGINE = "\n\n\n".join(CHAPTER.cell(f"{start}:").source
                        for start in ("class Value", "def in_order(loss)"))


def values():
    """The learner's engine, as it stands in the chapter."""
    names = {}
    exec(compile(ENGINE, "engine", "exec"), names)
    return names["Value"]


class TestFirstPicture:
    @pytest.fixture
    def walked(self):
        autograd_lab.remember_lines()
        x = autograd_lab.tensor(2.0, requires_grad=True)
        w = autograd_lab.tensor(-3.0, requires_grad=True)
        a = x * w
        b = a + x
        yield walk(b * a, {"x": x, "w": w, "a": a, "b": b})
        autograd_lab.remember_lines(False)

    def test_the_wrong_order_gives_the_numbers_of_the_text(self, walked):
        found = {leaf.name: (leaf.wrong, leaf.right) for leaf in walked.wrong.leaves}
        assert found["w"] == ("−8", "−20")
        assert "hear −10 · 2 = −20. It hears −4 · 2 = −8" in PROSE

    def test_the_right_order(self):
        assert "∂L/∂x = 24; ∂L/∂w = -20" in next(
            texts(cell) for cell in CODE if cell.source == "step(loss)")
        assert after("loss.backward()\nx.grad, w.grad") == "(tensor(24.), tensor(-20.))"

    def test_the_text_speaks_the_words_of_the_widget(self):
        widget = "".join(path.read_text(encoding="utf-8")
                         for path in (ROOT / "widgets/step_view").glob("*.js"))
        for words in ("Wrong order", "paths meet", "Why this number?",
                      "Change it", "a number of", "Stopped on the way"):
            assert words in widget and words in PROSE, words


class TestEngine:
    def test_it_is_short(self):
        lines = [line for line in ENGINE.splitlines() if line.strip()]
        assert len(lines) <= 65 and len(ENGINE.splitlines()) < 150

    @pytest.mark.parametrize("seed", range(5))
    def test_it_agrees_with_the_library(self, seed):
        rng = np.random.default_rng(seed)
        arrays = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)

        def compute(x, w, b):
            h = (x @ w + b).tanh()
            return ((h - b) * h + h).mean()

        value = values()
        ours = [value(array) for array in arrays]
        theirs = [autograd_lab.tensor(array, requires_grad=True) for array in arrays]
        compute(*ours).backward()
        compute(*theirs).backward()
        for p, q in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=0, atol=1e-12)

    def test_what_the_chapter_shows_of_it(self):
        assert after("x, w = Value(2.0)") == "x: 24.0  w: -20.0\n"
        said = after("apart = max(")
        assert "agree to 1e-12: True" in said and "1057" in said and "1,057 numbers" in PROSE

    def test_threes_and_eights(self):
        right = int(re.search(r"(\d+) of 97", after("right in the envelope"))[1])
        eights = int(re.search(r"(\d+) eights", after("eights in the envelope"))[1])
        assert right >= 94 and f'always says "eight" is right {eights} times of\n97' in PROSE
        assert "with nn: 96 of 97" in after("with nn")


class TestNumbers:
    @pytest.mark.parametrize(("start", "said"), [
        ("for by in", "one side  -19.9960   both  -20.0000"),
        ("by:7.0e", "-17.7636"),
        ("run(x64, w64 + 0.001)", "-0.019996"),
        ("bias = torch.zeros", "tensor([4., 4., 4.])"),
        ("v.retain_grad()", "(tensor(24.), tensor(12.))"),
        ("scale = (u * 2).item()", "tensor(6.)"),
        ("torch.where(u > 0", "[nan, 1.0]"),
        ("bend, =", "u = 1.130902"),
        ("inspect.getsource(torch.add)", "return g"),
    ])
    def test_what_comes_out(self, start, said):
        assert said in after(start)

    def test_steps_against_the_gradient_need_about_sixty(self):
        u, steps = 3.0, 0
        while abs(u - 1.130901) > 1e-3:
            u, steps = u - 0.01 * (4 * u**3 - 6 * u + 1), steps + 1
        assert 50 < steps < 70 and "about\nsixty" in PROSE

    def test_the_walk_that_is_shown_has_what_the_text_points_at(self):
        shown = next(o.data["text/markdown"] for cell in CODE for o in cell.outputs
                     if "_visit_quickly" in o.get("data", {}).get("text/markdown", ""))
        assert "elif edges:" in shown and "n.pull(g)" in shown
        assert shown.rstrip("`\n").endswith("n.saved = FREED")
        assert "reverse=True" in after(".splitlines() if")


class TestQuestions:
    def test_there_are_four(self):
        asked = re.findall(r'predict\("(\S+)"', "\n".join(cell.source for cell in CODE))
        assert asked == ["ch2.small_nudge", "ch2.add", "ch2.bias", "ch2.cut"]


class TestPictures:
    def test_each_widget_of_the_chapter_is_shown(self):
        for widget, times in ("StepView", 2), ("TensorView", 2), ("LossCurve", 1):
            assert len(CHAPTER.shown(widget)) == times, widget
