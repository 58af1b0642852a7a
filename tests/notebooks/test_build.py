"""Building a chapter twice gives one file, and nothing that a saved page cannot show."""

import nbformat
import pytest

from tests.conftest import ROOT
from tests.notebooks.build import LIVE, convert, settled

SOURCES = sorted((ROOT / "notebooks/source").glob("*.md"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_saved_notebook_has_the_ids_of_its_text(source):
    made = [cell.id for cell in convert(source).cells]
    saved = nbformat.read(ROOT / "notebooks" / f"{source.stem}.ipynb", 4)
    assert made == [cell.id for cell in saved.cells], "run `python tests/notebooks/build.py`"
    assert len(set(made)) == len(made)


MODEL = {"model_id": "ab12"}


def showing(data):
    output = nbformat.v4.new_output("display_data", data)
    cell = nbformat.v4.new_code_cell("GraphView(loss)", outputs=[output], id="one")
    return nbformat.v4.new_notebook(cells=[cell], metadata={
        "widgets": {}, "language_info": {"name": "python", "version": "3.11.7"},
    })


def test_a_widget_is_kept_as_its_picture():
    notebook = showing({LIVE: MODEL, "image/svg+xml": "<svg/>", "text/plain": "GraphView"})
    kept = settled(notebook)
    assert set(kept.cells[0].outputs[0].data) == {"image/svg+xml", "text/plain"}
    assert "widgets" not in kept.metadata and "version" not in kept.metadata.language_info


def test_a_widget_without_a_picture_is_refused():
    with pytest.raises(SystemExit, match="without a picture"):
        settled(showing({LIVE: MODEL, "text/plain": "Widget()"}))


def test_an_error_is_refused():
    error = nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])
    notebook = showing({"text/plain": "1"})
    notebook.cells[0].outputs.append(error)
    with pytest.raises(SystemExit, match="an error"):
        settled(notebook)


def test_an_error_that_is_meant_is_kept():
    notebook = showing({"text/plain": "1"})
    notebook.cells[0].outputs = [
        nbformat.v4.new_output("error", ename="E", evalue="no", traceback=["line 1", "E: no"])]
    notebook.cells[0].metadata.tags = ["raises-exception"]
    assert settled(notebook).cells[0].outputs[0].traceback == ["line 1", "E: no"]
