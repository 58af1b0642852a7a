"""Make a chapter's notebook from its text, and run it.

    python tests/notebooks/build.py             # every chapter
    python tests/notebooks/build.py 03          # the chapters whose name begins with 03

Cell ids come from the cells, and no time of day and no version is kept, so git shows only what has
changed. Of a widget only the still picture is kept: its live state would need a CDN to be shown.
"""

import argparse
import os
import tempfile
from collections import Counter
from hashlib import sha1
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

from autograd_lab.classroom.cells import expand

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SECONDS = 1800  # for a cell, on a busy machine; the time of a chapter is limited in test_run.py
LIVE = "application/vnd.jupyter.widget-view+json"


def build(source: Path):
    """Read the text of a chapter, run it as a learner does, and give the notebook."""
    notebook = convert(source)
    os.environ["LAB_HEADLESS"] = "1"    # nobody is there to choose: questions open by themselves
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as where they are tested: sums in the same order
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            notebook, timeout=SECONDS, kernel_name="python3", record_timing=False,
            store_widget_state=False, coalesce_streams=True,
            resources={"metadata": {"path": folder}},
        ).execute()  # fmt: skip
    return settled(notebook)


def convert(source: Path):
    """Make a notebook without outputs out of a text; exercises and questions become cells."""
    notebook = jupytext.read(source, fmt="md:myst")
    notebook.cells = [made for cell in notebook.cells for made in cells_of(cell)]
    seen = Counter()
    for cell in notebook.cells:
        start = f"{source.stem}\n{cell.cell_type}\n{cell.source[:60]}"
        seen[start] += 1
        cell.id = sha1(f"{start}\n{seen[start]}".encode()).hexdigest()[:12]
    return notebook


def cells_of(cell):
    """Cut a text at its ```{exercise} and ```{predict} blocks; any other cell stays as it is."""
    made = list(expand(cell.source)) if cell.cell_type == "markdown" else []
    return [nbformat.from_dict(new) for new in made] if len(made) > 1 else [cell]


def settled(notebook):
    """Take out what differs from one run to the next, and what a page cannot show."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    notebook.metadata.get("jupytext", {}).pop("text_representation", None)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if "image/svg+xml" in output.get("data", {}):
                output.data.pop(LIVE, None)
            meant = "raises-exception" in cell.metadata.get("tags", ())
            if (output.output_type == "error" and not meant) or LIVE in output.get("data", {}):
                raise SystemExit(f"an error, or a widget without a picture, in:\n{cell.source}")
    nbformat.validate(notebook)
    return notebook


def main(arguments=None) -> None:
    """Build the chapters named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", default=[""], help="how names begin: 03")
    for start in parser.parse_args(arguments).chapters:
        sources = sorted((NOTEBOOKS / "source").glob(f"{start}*.md"))
        if not sources:
            parser.error(f"no chapter begins with {start!r}")
        for source in sources:
            target = NOTEBOOKS / f"{source.stem}.ipynb"
            target.write_text(nbformat.writes(build(source)) + "\n", encoding="utf-8")
            print(f"made {target.name}")


if __name__ == "__main__":
    main()
