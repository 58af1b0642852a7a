"""One JupyterLab for all tests of widgets: to start it takes longer than most of them."""

import pytest

from tests.widgets.lab import Lab


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
