"""Every chapter on a GPU: the same cells run, its models lie there, what it promises comes out.

The GPU is the pretended one, or a real one: see tests/fake_cupy/fixture.py. The first chapter runs
always; the others take minutes: `pytest -m slow tests/notebooks/test_on_a_gpu.py`.
"""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT
from tests.fake_cupy.fixture import REAL
from tests.notebooks.chapter import texts

CHAPTERS = sorted((ROOT / "notebooks").glob("0[1-5]*.ipynb"))
RUNS = [chapter if chapter.stem.startswith("01") else pytest.param(chapter, marks=pytest.mark.slow)
        for chapter in CHAPTERS]  # fmt: skip
IDIOM = 'device = "cuda" if torch.cuda.is_available() else "cpu"'
PRETEND = """
from tests.fake_cupy.installing import install

install()
"""
PATIENT = """
import time

time.sleep = lambda seconds: None       # it is there for eyes
"""
THERE = {   # what a chapter computes with; all else is small, or NumPy
    "01": ("pictures", "means", "apart", "weights"),
    "02": ("model", "x", "target"),
    "03": ("model", "full", "less", "wrong", "inputs"),
    "04": ("mlp", "layer", "cnn", "pooled", "unhalved", "model", "pictures", "kernel"),
    "05": ("simple", "holding", "double", "final"),
}
ASK = """
for name in {names}:
    thing = globals()[name]
    print(name, *{{str(p.device) for p in getattr(thing, "parameters", lambda: [thing])()}})
"""


def code(source, **metadata):
    return nbformat.v4.new_code_cell(source, metadata=metadata)


def said(cell):
    """What a cell shows, but for the place where its numbers lie."""
    return re.sub(r", device='cuda:0'", "", texts(cell))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_the_idiom_stands_in_it_once(chapter):
    sources = [cell.source for cell in nbformat.read(chapter, 4).cells if cell.cell_type == "code"]
    assert "\n".join(sources).count(IDIOM) == 1
    assert any(".to(device)" in source for source in sources)


@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore")       # of what runs the kernel, not of the kernel
@pytest.mark.parametrize("chapter", RUNS, ids=lambda path: path.stem)
def test_it_runs_there(chapter, tmp_path, monkeypatch):
    for name, value in {
        "LAB_HEADLESS": "1", "PYTHONPATH": str(ROOT), "AUTOGRAD_LAB_DATA": str(tmp_path / "none"),
        "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(chapter, 4)
    promised = {cell.id: said(cell) for cell in notebook.cells
                if "nbval-check-output" in cell.metadata.get("tags", ())}
    ask = code(ASK.format(names=THERE[chapter.stem[:2]]))
    notebook.cells = [code(PATIENT + PRETEND * (not REAL)), *notebook.cells, ask]
    NotebookClient(notebook, timeout=900, kernel_name="python3",
                   resources={"metadata": {"path": str(tmp_path)}}).execute()  # fmt: skip

    found = {cell.id: said(cell) for cell in notebook.cells if cell.id in promised}
    assert found == promised
    places = dict(line.split(" ", 1) for line in texts(ask).splitlines())
    assert places == dict.fromkeys(THERE[chapter.stem[:2]], "cuda:0")
