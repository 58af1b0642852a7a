"""One JupyterLab for all tests of widgets: to start it takes longer than most of them."""

from functools import partial

import pytest

from tests.widgets.lab import Lab
from tests.widgets.run_node import copied, run


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A JupyterLab in Chromium; `lab.open(cells)` opens a notebook in it."""
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="session")
def _shared(lab):
    book = lab.open(["pass"])
    yield book
    book.close()


@pytest.fixture
def notebook(_shared):
    """Call ``notebook(*cells)`` for an open notebook with these cells; it must stay in peace."""
    _shared.wake()
    yield _shared.fill
    _shared.fill("pass")
    trouble = _shared.trouble[:]
    _shared.trouble.clear()
    assert trouble == []


@pytest.fixture(scope="session")
def javascript(tmp_path_factory):
    """The folder of these tests in a copy of the widgets' JavaScript."""
    return copied(tmp_path_factory.mktemp("javascript"))


@pytest.fixture(scope="module")
def node(javascript, request):
    """Call ``node("answers.mjs", data)`` for the answer of a script beside the test."""
    return partial(run, javascript / request.path.parent.name)
