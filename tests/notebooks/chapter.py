"""What the tests of the chapters share: a saved chapter, its prose, its code, what came out."""

import re

import nbformat

from tests.conftest import ROOT


class Chapter:
    """A saved chapter by the beginning of its name: ``Chapter("03")``."""

    def __init__(self, start):
        (self.path,) = (ROOT / "notebooks").glob(f"{start}*.ipynb")
        self.cells = nbformat.read(self.path, 4).cells
        self.code = [cell for cell in self.cells if cell.cell_type == "code"]
        self.prose = "\n".join(c.source for c in self.cells if c.cell_type == "markdown")

    def cell(self, source):
        """Find the one code cell that holds a piece of code."""
        found = [cell for cell in self.code if source in cell.source]
        assert len(found) == 1, (source, len(found))
        return found[0]

    def after(self, source):
        """What the cell that holds a piece of code printed or returned."""
        return texts(self.cell(source))

    def printed(self, start):
        """The text of the one output that holds ``start``."""
        found = [text for text in map(texts, self.code) if start in text]
        assert len(found) == 1, (start, found)
        return found[0]

    def shown(self, widget):
        """The cells with a picture of a widget, once for each."""
        return [cell for cell in self.code for output in cell.outputs
                if "image/svg+xml" in output.get("data", {})
                and output.data["text/plain"].startswith(f"{widget}:")]


def texts(cell):
    """What a cell printed or returned, as text."""
    return "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "")
                   for o in cell.outputs)


def part(cell, *names):
    """Say whether a cell is one of these parts of an exercise: prompt, starter, check."""
    return cell.metadata.get("lab", {}).get("part") in names


def numbers(text):
    """All decimal fractions of a text."""
    return [float(number) for number in re.findall(r"\d\.\d+", text)]
