"""One JupyterLab for all tests of widgets: to start it takes longer than most of them."""

from functools import partial

import pytest

from autograd_lab import widgets
from tests.conftest import ROOT
from tests.widgets.lab import Lab
from tests.widgets.run_node import copied, run

SETUP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.widgets.samples import SAMPLES
from IPython.display import display
import autograd_lab as torch
torch.manual_seed(0)
"""

SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"
SHUT_DOWN = f"async () => {{ await {SESSION}.shutdown() }}"
ALIVE = f"() => Boolean({SESSION}.session?.kernel)"
START = f"async () => {{ await {SESSION}.startKernel() }}"


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
    """Call ``notebook(*cells)`` for an open notebook with these cells; it must stay in peace.

    To open another page costs more than most tests. One that ends the kernel takes this page, too:
    the next test gets another kernel.
    """
    if not _shared.page.evaluate(ALIVE):
        _shared.page.evaluate(START)
    _shared.wake()
    yield _shared.fill
    _shared.fill("pass")
    trouble = _shared.trouble[:]
    _shared.trouble.clear()
    assert trouble == []


@pytest.fixture
def end_kernel(_shared):
    """Call ``end_kernel()`` to end the kernel of ``notebook``; its page stays."""
    return partial(_shared.page.evaluate, SHUT_DOWN)


@pytest.fixture(scope="session")
def every_widget(lab):
    """A notebook that shows a sample of each widget in a cell of its own, once it is run."""
    book = lab.open([SETUP, *(f"display(SAMPLES[{name!r}]())" for name in sorted(widgets.__all__))])
    yield book
    book.close()


@pytest.fixture(scope="session")
def javascript(tmp_path_factory):
    """The folder of these tests in a copy of the widgets' JavaScript."""
    return copied(tmp_path_factory.mktemp("javascript"))


@pytest.fixture(scope="module")
def node(javascript, request):
    """Call ``node("answers.mjs", data)`` for the answer of a script beside the test."""
    return partial(run, javascript / request.path.parent.name)
