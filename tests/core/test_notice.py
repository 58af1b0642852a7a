"""What is said once is said of the learner's own line, however deep in the library it is said."""

import warnings

import pytest

import autograd_lab as torch
from autograd_lab import notice

SAYINGS = {
    "by the library's surface": lambda: torch.compile(len),
    "below a layer": lambda: torch.nn.Linear(1, 1).bfloat16(),
    "in a with block": lambda: torch.autograd.graph.save_on_cpu().__enter__(),
    "by a file's reader": lambda: torch.load(FILE),
    "directly": lambda: notice.say_once("directly"),
}
FILE = "bfloat16.pth"


@pytest.mark.parametrize("how", SAYINGS)
def test_a_warning_names_the_learners_line(how, monkeypatch, tmp_path):
    monkeypatch.setattr(notice, "_said", set())
    monkeypatch.chdir(tmp_path)
    if how == "by a file's reader":
        theirs = pytest.importorskip("torch")
        theirs.save(theirs.ones(2, dtype=theirs.bfloat16), FILE)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        SAYINGS[how]()
    assert [warning.filename for warning in heard] == [__file__]


def test_a_with_block_is_the_learners_line_too(monkeypatch):
    monkeypatch.setattr(notice, "_said", set())
    with pytest.warns(UserWarning, match="save_on_cpu") as heard, (
        torch.autograd.graph.save_on_cpu()
    ):
        pass
    assert heard[0].filename == __file__
