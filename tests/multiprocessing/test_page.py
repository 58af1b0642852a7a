"""What ranks of a notebook show: whole lines, and one warning where they would need a page."""

import io

import nbformat
import pytest
from nbclient import NotebookClient

from autograd_lab.multiprocessing.page import Lines

CELLS = [
    """
import autograd_lab as torch
from autograd_lab import multiprocessing as mp, nn
from autograd_lab.widgets import LossCurve
curve = LossCurve()

def train(rank):
    print("rank", rank, "step", 3)
    print("no end", rank, end="")
    curve.add(loss=1.0)

mp.spawn(train, nprocs=2)
""",
    """
def watched(rank):
    model = nn.Linear(1, 1)
    for x in torch.watch([torch.ones(1)] * 3, model):
        model(x).sum().backward()
    display(LossCurve())

mp.spawn(watched, nprocs=2)
""",
]


@pytest.fixture(scope="module")
def shown():
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
    client = NotebookClient(book, timeout=100, kernel_name="python3", coalesce_streams=False)
    messages = []
    client.process_message = keep(client.process_message, messages)
    client.execute()
    return messages


def keep(process_message, messages):
    """Note each message that a kernel sends, before it becomes a cell's output."""

    def process(message, cell, index):
        messages.append((index, message["msg_type"], message["content"]))
        return process_message(message, cell, index)

    return process


def texts(shown, cell, name):
    return [c["text"] for i, kind, c in shown if (i, kind, c.get("name")) == (cell, "stream", name)]


def test_lines_come_whole(shown):
    said = texts(shown, 0, "stdout")
    assert sorted(said) == ["no end 0", "no end 1", "rank 0 step 3\n", "rank 1 step 3\n"]
    assert not texts(shown, 0, "stderr")  # the parent's widget is not the rank's


def test_ranks_have_no_page_and_say_so_once(shown):
    said = "".join(texts(shown, 1, "stderr"))
    assert said.count("ranks have no page") == 1
    assert "for x in torch.watch" in said and "from fork" not in said
    assert not [kind for i, kind, _ in shown if i == 1 and kind in ("comm_open", "display_data")]


def test_what_is_flushed_is_shown_at_once():
    stream = io.StringIO()
    lines = Lines(stream)
    print("a", "b", end="", file=lines)
    assert stream.getvalue() == ""
    lines.flush()
    assert stream.getvalue() == "a b" and lines.getvalue() == "a b"
