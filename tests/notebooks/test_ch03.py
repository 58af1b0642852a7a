"""Chapter 3 keeps its promises: the first minute, the numbers in its prose, pictures in words."""

import re

import numpy as np
import pytest

import autograd_lab
from autograd_lab.datasets import load_diabetes
from tests.notebooks.chapter import Chapter, texts

CHAPTER = Chapter("03")
PROSE, CODE, printed, shown = CHAPTER.prose, CHAPTER.code, CHAPTER.printed, CHAPTER.shown


def pictures():
    for cell in CODE:
        for output in cell.outputs:
            data = output.get("data", {})
            yield from re.findall(r"<img\b[^>]*>", data.get("text/html", ""))
            if "image/svg+xml" in data:
                yield data["image/svg+xml"]


def split():
    autograd_lab.manual_seed(7)
    order = autograd_lab.randperm(442).numpy()
    return order[:342], order[342:]


class TestFirstMinute:
    def test_the_second_cell_walks_through_the_first_one(self):
        drawn = CODE[1].outputs[0].data["image/svg+xml"]
        assert CODE[1].source == "step(loss)"
        for said in ("prediction", "error", "loss", "−1451", "−45.2"):
            assert said in drawn, said

    def test_the_gradient_is_then_checked_by_nudging(self):
        assert CODE[2].source.startswith('predicted = predict("ch3.nudge"')
        assert texts(CODE[3]) == "-1.45"


class TestPredictions:
    def test_each_has_its_cell_and_is_revealed_in_the_next(self):
        asked = [n for n, cell in enumerate(CODE) if cell.source.startswith("predicted = ")]
        assert len(asked) == 8
        for n in asked:
            assert "predicted.reveal(" in CODE[n + 1].source, CODE[n].source

    def test_no_text_before_a_question_says_its_answer(self):
        """What answers it stands nowhere above: neither in prose nor in an output."""

        def words(cells):
            said = "".join(c.source + "".join(map(str, c.get("outputs", ()))) for c in cells)
            return re.sub(r"base64,[\w+/=]+|<[^>]*>", "", said)

        for name, answer in {
            "ch3.nudge": "1.45", "ch3.signs": "−8370", "ch3.envelope": "0.46",
            "ch3.without": "did not notice", "ch3.forgotten": "pendulum",
            "ch3.scaled": "round bowl",
        }.items():  # fmt: skip
            cells = CHAPTER.cells
            at = next(n for n, c in enumerate(cells) if f'predict("{name}"' in c.source)
            assert answer not in words(cells[:at]), name
            assert answer in words(cells[at + 1:]), f"{name}: the answer reads differently now"


class TestPictures:
    @pytest.mark.parametrize(("widget", "times"), [
        ("StepView", 1), ("GraphView", 2), ("LossCurve", 5), ("FitView", 1), ("Descent", 2),
        ("Monitor", 1),
    ])
    def test_each_widget_is_shown(self, widget, times):
        assert len(shown(widget)) == times

    def test_there_are_figures_besides(self):
        assert [picture[:4] for picture in pictures()].count("<img") == 3

    def test_each_is_told_in_words(self):
        for picture in pictures():
            if picture.startswith("<img"):
                assert len(re.search(r'alt="([^"]*)"', picture)[1]) > 60, picture[:80]
            else:
                assert 'role="img"' in picture[:400] and re.search(r'aria-label|<title', picture)

    def test_a_watched_training_is_saved_in_its_last_state(self):
        loop = next(cell for cell in CODE if "for number in range(60)" in cell.source)
        fit, curve = (output.data["image/svg+xml"] for output in loop.outputs)
        assert "4188" in curve and "4188" in fit        # the loss after 60 steps
        (loop,) = shown("Monitor")
        assert "finished after 220 steps" in texts(loop)

    def test_the_gorge_and_the_bowl(self):
        gorge, bowl = (texts(cell) for cell in shown("Descent"))
        assert "lr 1.0e−4, 60 steps: loss 28664 → 4188; 2/λmax = 0.0014" in gorge
        assert "lr 0.2, 60 steps: loss 28664 → 3752; 2/λmax = 1" in bowl


class TestNumbers:
    @pytest.mark.parametrize("number", [
        "5915", "77 points", "28664", "4188", "1433", "0.055", "3752", "-125.6", "0.46", "-0.01",
    ])
    def test_what_the_prose_says_is_what_came_out(self, number):
        said = PROSE.replace("−", "-")
        assert number in "\n".join(map(texts, CODE))
        assert number in said or number == "-125.6"

    def test_the_score_beside_the_mean(self):
        found = printed("predict the mean:")
        mean, model = (float(r) for r in re.findall(r"R² +(-?\d\.\d\d)", found))
        assert -0.05 < mean <= 0 and 0.44 < model < 0.50

    def test_the_score_is_that_of_least_squares(self):
        train, test = split()
        table = load_diabetes()
        x = (table.data - table.data[train].mean(0)) / table.data[train].std(0, ddof=1)
        x, y = np.c_[x, np.ones(442)].astype(float), table.target.astype(float)
        best = np.linalg.lstsq(x[train], y[train], rcond=None)[0]
        score = 1 - ((x[test] @ best - y[test]) ** 2).mean() / y[test].var()
        assert f"R² with tc {score:.2f}" in printed("R² with tc")
        assert f"ldl: {best[5]:+.0f} becomes" in printed("R² with tc")

    def test_the_limit_of_the_learning_rate(self):
        train, _ = split()
        bmi = load_diabetes().data[train, 2].astype(float)
        x = np.c_[bmi, np.ones(342)]
        curvature = np.linalg.eigvalsh(2 * x.T @ x / 342)
        assert f"2/λmax = {2 / curvature[-1]:.5f}" in printed("curvatures")


class TestOracle:
    @pytest.mark.parametrize(("scale", "lr"), [(False, 0.0001), (True, 0.2)])
    def test_the_loop_by_hand_is_pytorchs(self, scale, lr):
        torch = pytest.importorskip("torch")
        source = next(cell.source for cell in CODE if "def descend(" in cell.source)
        train, _ = split()
        table, found = load_diabetes(), []
        bmi = table.data[train, 2]
        bmi = (bmi - bmi.mean()) / bmi.std() if scale else bmi
        for package in (torch, autograd_lab):
            names = {"torch": package, "progression": package.tensor(table.target[train])}
            exec(compile(source, "descend", "exec"), names)
            losses, way = names["descend"](package.tensor(bmi), lr)
            found.append([*losses, *way[-1]])
        np.testing.assert_allclose(found[1], found[0], rtol=2e-4)
