"""Chapter 4 keeps its promises: what moves, what stays, and the numbers in its prose."""

import re
from ast import literal_eval

import numpy as np
import pytest

import autograd_lab
from autograd_lab.datasets import load_digits
from autograd_lab.ops import convolution
from tests.notebooks.chapter import Chapter, numbers, texts

CHAPTER = Chapter("04")
PROSE, CODE, printed = CHAPTER.prose, CHAPTER.code, CHAPTER.printed
cell_with, after = CHAPTER.cell, CHAPTER.after


def padded():
    """The chapter's pictures and labels, and which of them lie in the envelope."""
    digits = load_digits()
    pictures = np.pad(digits.data.astype(float) / 16, ((0, 0), (2, 2), (2, 2)))
    autograd_lab.manual_seed(0)
    order = autograd_lab.randperm(len(pictures)).numpy()
    return pictures, digits.target, order[:1400], order[1400:]


class TestFirstMinute:
    @pytest.mark.parametrize(("pixels", "promised"), [(0, 0.907), (1, 0.345)])
    def test_class_means_by_numpy(self, pixels, promised):
        pictures, labels, train, test = padded()
        means = np.stack([pictures[train][labels[train] == k].mean(0) for k in range(10)])
        moved = np.roll(pictures[test], pixels, -1)
        said = ((moved[:, None] - means) ** 2).sum((2, 3)).argmin(1)
        assert (said == labels[test]).mean() == pytest.approx(promised, abs=5e-4)

    def test_the_chapter_says_the_same(self):
        assert printed("0.907") == "'0.907'"
        assert after("moved(pictures[test], 1))))") == "35"

    def test_the_network_is_better_at_home_and_as_lost_abroad(self):
        home, one, two = numbers(after("mlp = fit("))
        assert home > 0.95 and one < 0.6 and two < 0.25

    def test_a_six_becomes_a_one(self):
        drawn = cell_with('ShiftView({"MLP": mlp}').outputs[0].data["image/svg+xml"]
        assert re.search(r"MLP: \D*6\D+1, 9\d", drawn)


class TestExperiment:
    ROWS = dict(re.findall(r"^ *(.+?)  ((?:\d\.\d{3} *){3})", printed("0 px   1 px"), re.MULTILINE))

    @pytest.mark.parametrize(("name", "at_least", "below"), [
        ("MLP", (0.95, 0.35, 0.05), (1, 0.6, 0.25)),
        ("conv + flatten", (0.98, 0.5, 0.05), (1, 0.75, 0.3)),
        ("halved + max", (0.975, 0.75, 0.975), (1, 0.93, 1)),
        ("conv + max", (0.975, 0.975, 0.975), (1, 1, 1)),
    ])
    def test_right_answers_after_0_1_and_2_pixels(self, name, at_least, below):
        row = np.array(numbers(self.ROWS[name]))
        assert len(row) == 3 and (row >= at_least).all() and (row <= below).all(), row

    def test_the_invariant_one_does_not_change_at_all(self):
        assert len(set(numbers(self.ROWS["conv + max"]))) == 1

    def test_halving_makes_one_pixel_worse_than_two(self):
        _, one, two = numbers(self.ROWS["halved + max"])
        assert one < two - 0.05

    def test_what_the_recap_says_came_out(self):
        for number in ("0.91", "0.97", "0.98", "0.35", "0.47"):
            assert number in PROSE.rpartition("## Recap")[2], number
        assert numbers(after("CNN         {"))[-1] >= 0.98
        assert numbers(self.ROWS["MLP"])[1] == pytest.approx(0.47, abs=0.015)


class TestByHand:
    def test_the_kernel_was_found(self):
        assert "to a hundredth: True" in printed("every number found")

    def test_the_column_of_answers_by_numpy(self):
        seven = load_digits().data[7].astype(float) / 16
        seven = np.pad(seven, 2)
        kernel = np.array([[-1.0] * 3, [0.0] * 3, [1.0] * 3])
        found = [round((seven[row:row + 3, 3:6] * kernel).sum(), 1) + 0.0 for row in range(10)]
        assert np.allclose(found, literal_eval(after("for row in range(10)]")))

    @pytest.mark.parametrize("said", [
        "slide, then move: True", "stayed as they were: False", "largest value stays: True",
        "by two pixels: True", "by one pixel:  False", "columns: (1, 9, 100)", "the same: True",
        "collected: True", "stamped:   True",
    ])
    def test_it_is_as_the_text_says(self, said):
        assert printed(said)

    @pytest.mark.parametrize(("channels", "filters", "size", "by_columns"), [
        (1, 16, 12, True), (16, 32, 6, False)])
    def test_the_source_shown_is_what_the_first_layer_takes(
        self, channels, filters, size, by_columns
    ):
        images, weights = (64, channels, size, size), (filters, channels, 3, 3)
        slide = convolution.plan(2, images, weights, None, padding=1)
        assert (convolution.bands_of(np, slide, channels, filters) is None) == by_columns
        assert not convolution.is_deep(np, slide, channels, filters)
        assert "source(convolution._slid_by_columns)" in cell_with("def source(").source

    def test_numbers_that_are_counted(self):
        assert 16 * 144 * 145 == 334_080 and "334,080" in after("16 * 144)):,}")
        assert texts(next(c for c in CODE if c.source.startswith("learned("))) == "160"


class TestWhatGoesWrong:
    def test_channels_last_is_drawn_with_what_works(self):
        outputs = cell_with("photographs").outputs
        drawn = "".join(o.get("data", {}).get("text/html", "") for o in outputs)
        assert any(o.output_type == "error" for o in outputs)
        assert "permute(0, 3, 1, 2)" in "".join(o.get("evalue", "") for o in outputs)
        rows = [re.findall(r"al-size'>(\d+)", row) for row in drawn.split("<tr>")]
        assert ["4", "12", "12", "1"] in rows and ["16", "1", "3", "3"] in rows

    def test_forgetting_eval_shows_both_faults(self):
        first, second, before = after("forgot.train()").splitlines()
        assert len(set(numbers(first))) > 1 and len(set(numbers(second))) == 1
        assert numbers(second)[0] != numbers(before)[0]

    def test_the_floor_of_softmax_twice(self):
        assert round(np.log(np.e + 9) - 1, 2) == 1.46 == float(after("1000 * perfect"))
        for line in after('"softmax twice"').splitlines():
            falls = numbers(line)[1]
            assert falls > 1.46 if "twice" in line else falls < 0.3

    def test_half_of_the_weights_can_go(self):
        right = [numbers(line)[0] for line in after("for share in").splitlines()]
        assert right[0] - right[1] <= 0.02 and right[-1] < 0.5


class TestRealData:
    def test_it_says_what_ran(self):
        assert after("def load(").startswith("Digits on cpu: 1,437 to learn from, 360 ")

    def test_other_hands_are_harder_and_the_network_stays_ahead(self):
        means, network = numbers(printed("Digits: class means"))
        assert means == pytest.approx(0.85, abs=0.005) and 0.93 < network < 0.98


class TestPictures:
    @pytest.mark.parametrize("widget", [
        "ShiftView", "TensorView", "ConvolutionView", "ReceptiveField", "Monitor",
    ])
    def test_each_widget_is_shown(self, widget):
        assert CHAPTER.shown(widget)

    def test_a_wrong_picture_has_its_gradient_beside_it(self):
        assert "gradient" in cell_with("lead.backward()").outputs[-1].data["image/svg+xml"]


class TestPredictions:
    NAMES = ("ch4.moved", "ch4.places", "ch4.shared", "ch4.field")

    def test_each_is_sealed_and_answered_in_the_next_cell(self):
        asked = [n for n, cell in enumerate(CODE) if "= predict(" in cell.source]
        assert [re.search(r'predict\("(\S+)"', CODE[n].source)[1] for n in asked] == [*self.NAMES]
        for n in asked:
            assert 'right="' in CODE[n].source and "predicted.reveal(" in CODE[n + 1].source

    @pytest.mark.parametrize(("name", "right"), [
        *zip(NAMES, ("35", "6", "334,080", "5 × 5"))])
    def test_the_sealed_option_is_what_came_out(self, name, right):
        n = next(n for n, cell in enumerate(CODE) if f'predict("{name}"' in cell.source)
        assert texts(CODE[n + 1]).strip("'") == right

    def test_nothing_before_the_question_tells_the_answer(self):
        before = PROSE.partition("Now all pictures of the envelope move")[0]
        assert "35" not in before and "two thirds" not in before
