"""Chapter 1 keeps its promises: nine of ten without learning, and no prediction is spoilt."""

import re

import numpy as np
import pytest

import autograd_lab
from autograd_lab.datasets import load_digits
from tests.notebooks.chapter import Chapter, texts

CHAPTER = Chapter("01")
PROSE, CODE, after = CHAPTER.prose, CHAPTER.code, CHAPTER.after


def envelope():
    """Deal the digits as the chapter does."""
    digits = load_digits()
    autograd_lab.manual_seed(0)
    order = autograd_lab.randperm(len(digits.data)).numpy()
    return digits.data / 16, digits.target, order[:1400], order[1400:]


class TestNumbers:
    def test_the_class_means_by_numpy_alone(self):
        x, y, train, test = envelope()
        means = np.stack([x[train][y[train] == digit].mean(0) for digit in range(10)])
        apart = ((x[test][:, None] - means) ** 2).sum((2, 3))
        right = (apart.argmin(1) == y[test]).sum()
        assert f"right: {right} of 397, that is {right / 397:.3f}" in after("right = answer ==")
        assert f"Keep {right / 397:.3f} in" in PROSE and right / 397 > 0.9

    @pytest.mark.parametrize(("start", "said"), [
        ("pictures.shape, pictures.dtype", "[1797, 8, 8]"),
        ("print(pictures[5].shape)", "[183, 8, 8]"),
        ("tuple(pictures.mean(0).shape)", "(8, 8)"),
        ("tuple(apart.shape)", "(397, 10)"),
        ("b[0] = 7", "tensor([7., 0., 0.])"),
        ("pictures - pictures.mean((1, 2))", "must match"),
        ("predictions - targets", "tensor(2.5000)"),
        ("torch.cdist", "True"),
    ])
    def test_what_comes_out(self, start, said):
        assert said in after(start)

    @pytest.mark.parametrize(("number", "value"), [
        ("115,008", 1797 * 64), ("183 of them", 183), ("1,400", 1400), ("397", 397),
    ])
    def test_numbers_in_the_prose(self, number, value):
        x, y, train, test = envelope()
        assert number in PROSE and value in (x.size, (y == 3).sum(), len(train), len(test))


class TestQuestions:
    QUESTIONS = [cell for cell in CODE if "predict(" in cell.source]

    def test_there_are_five(self):
        assert [re.search(r'predict\("(\S+)"', cell.source)[1] for cell in self.QUESTIONS] == [
            "ch1.mean", "ch1.view", "ch1.ink", "ch1.apart", "ch1.accident"]

    def test_the_question_comes_before_what_would_tell(self):
        sources = [cell.source for cell in CHAPTER.cells]
        place = {start: next(i for i, s in enumerate(sources) if start in s) for start in (
            'predict("ch1.mean"', "TensorView(pictures.mean(0)", 'predict("ch1.apart"',
            "apart = ((pictures", "From the right: 8 meets 1797", 'predict("ch1.ink"')}
        assert place['predict("ch1.mean"'] < place["TensorView(pictures.mean(0)"]
        assert place['predict("ch1.apart"'] < place["apart = ((pictures"]
        assert place['predict("ch1.ink"'] < place["From the right: 8 meets 1797"]


class TestPictures:
    def test_each_widget_of_the_chapter_is_shown(self):
        for widget, times in ("TensorView", 6), ("StrideView", 1), ("BroadcastView", 1):
            assert len(CHAPTER.shown(widget)) == times, widget

    def test_a_mistake_is_drawn_with_a_way_out(self):
        failing = [c for c in CODE if "raises-exception" in c.metadata.get("tags", [])]
        assert len(failing) == 2
        assert "pictures[:32].flatten(1) @ weights" in texts(failing[0])
        assert ".float().mean()" in texts(failing[1])
