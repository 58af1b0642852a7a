"""Chapter 3 keeps its promises: the first minute, the numbers in its prose, pictures in words."""

import re

import nbformat
import numpy as np
import pytest

import autograd_lab
from autograd_lab.datasets import load_diabetes
from tests.conftest import ROOT

CHAPTER = nbformat.read(ROOT / "notebooks/03_linear_regression.ipynb", 4)
PROSE = "\n".join(cell.source for cell in CHAPTER.cells if cell.cell_type == "markdown")
CODE = [cell for cell in CHAPTER.cells if cell.cell_type == "code"]


def texts(cell):
    """What a cell printed or returned, as text."""
    return "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "")
                   for o in cell.outputs)


def printed(start):
    """The text of the one output that holds ``start``."""
    found = [text for text in map(texts, CODE) if start in text]
    assert len(found) == 1, (start, found)
    return found[0]


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
    def test_the_second_cell_draws_the_first_one(self):
        drawn = CODE[1].outputs[0].data["image/svg+xml"]
        assert CODE[1].source.startswith("GraphView(loss")
        for shown in ("prediction", "error", "loss", "−1451", "−45.2"):
            assert shown in drawn, shown

    def test_the_third_cell_checks_the_gradient_by_nudging(self):
        assert texts(CODE[2]) == "-1.45"


class TestPictures:
    def test_there_are_pictures_of_both_kinds(self):
        kinds = [picture[:4] for picture in pictures()]
        assert kinds.count("<img") >= 4 and kinds.count("<svg") >= 6

    def test_each_is_told_in_words(self):
        for picture in pictures():
            if picture.startswith("<img"):
                assert len(re.search(r'alt="([^"]*)"', picture)[1]) > 60, picture[:80]
            else:
                assert 'role="img"' in picture[:400] and re.search(r'aria-label|<title', picture)

    def test_no_live_widget_is_saved(self):
        assert "widget-view+json" not in nbformat.writes(CHAPTER)

    def test_a_watched_training_is_saved_in_its_last_state(self):
        loop = next(cell for cell in CODE if "for step in range(60)" in cell.source)
        graph, curve = (output.data["image/svg+xml"] for output in loop.outputs)
        assert "4188" in curve                          # the loss after 60 steps
        assert "−8370" not in graph                     # w.grad before the first of them


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


def test_nothing_of_the_machine_is_in_the_outputs():
    said = "\n".join(str(output) for cell in CODE for output in cell.outputs)
    said = re.sub(r"base64,[\w+/=]+", "", said)
    assert not re.search(r"/tmp/|/home/|/roo[t]/|ipykernel_|\b0x[0-9a-f]{6,}", said)
