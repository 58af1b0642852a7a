"""A chapter is one text and one notebook: the same cells, and the notebook was run."""

import re

import nbformat
import pytest

from tests.conftest import ROOT
from tests.notebooks.build import convert

SOURCES = sorted((ROOT / "notebooks/source").glob("*.md"))
CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MEGABYTE = 2**20


def test_every_text_has_its_notebook():
    assert CHAPTERS
    assert [path.stem for path in SOURCES] == [path.stem for path in CHAPTERS]


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    return request.param


def cells(notebook):
    return [(cell.cell_type, cell.source, cell.metadata.get("tags", []))
            for cell in notebook.cells]


def test_the_cells_agree(chapter):
    source = chapter.parent / "source" / f"{chapter.stem}.md"
    written, shown = cells(convert(source)), cells(nbformat.read(chapter, 4))
    for number, (left, right) in enumerate(zip(written, shown, strict=False)):
        assert left == right, f"cell {number} differs: run `python tests/notebooks/build.py`"
    assert len(written) == len(shown)


def test_the_notebook_was_run_from_top_to_bottom(chapter):
    code = [cell for cell in nbformat.read(chapter, 4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    failed = [cell.source for cell in code
              if any(output.output_type == "error" for output in cell.outputs)
              and "raises-exception" not in cell.metadata.get("tags", [])]
    assert not failed


def test_the_notebook_is_sound(chapter):
    notebook = nbformat.read(chapter, 4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert chapter.stat().st_size < 2 * MEGABYTE
    assert "jupytext_version" not in chapter.read_text(encoding="utf-8")
    assert "widgets" not in notebook.metadata       # its pages would need a CDN
    assert not any("execution" in cell.metadata for cell in notebook.cells)     # times of day


def test_the_chapter_needs_no_torch(chapter):
    for kind, source, _ in cells(nbformat.read(chapter, 4)):
        assert kind != "code" or not re.search(r"^\s*(import|from) torch\b", source, re.MULTILINE)


def test_what_a_widget_shows_has_a_still_picture(chapter):
    for cell in nbformat.read(chapter, 4).cells:
        for output in cell.get("outputs", []):
            kinds = set(output.get("data", {}))
            if "application/vnd.jupyter.widget-view+json" in kinds:
                assert kinds & {"image/svg+xml", "image/png", "text/html"}, cell.source
