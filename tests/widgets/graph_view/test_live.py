"""GraphView with the engine itself, in a real JupyterLab: as a learner meets it."""

import re

import pytest

from autograd_lab.widgets._paper import number

pytestmark = pytest.mark.e2e

LINE = """
import time
import autograd_lab as torch
from autograd_lab.widgets import GraphView
x, y = torch.tensor(2.0), torch.tensor(7.0)
w = torch.tensor(3.0, requires_grad=True)
loss = (w * x - y) ** 2
view = GraphView(loss)
view
"""
BACKWARD = "loss.backward()\nview.update(loss)"
LOOP = """
for step in range(120):
    w.grad = None
    loss = (w * x - y) ** 2
    loss.backward()
    view.update(loss)
    time.sleep(0.02)
    if step < 119:
        w.data -= 0.005 * w.grad
print("loss", loss.item(), "w", w.item())
"""
TRAIN = """
import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.widgets import GraphView, LossCurve
torch.manual_seed(0)
table = torch.randn(64, 4)
data = [(table[i : i + 16], table[i : i + 16].sum(1, keepdim=True)) for i in range(0, 64, 16)]
model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
view, curve = GraphView(), LossCurve()
view
"""
FIT = """
import time
class Slow:
    def on_batch_end(self, run): time.sleep(0.005)
history = torch.train_model(
    model, data, epochs=100, callbacks=[view, curve, Slow()],
    optimizer=torch.optim.SGD(model.parameters(), lr=0.05), progress=False)
print("loss", history.steps[-1])
"""
MLP = """
import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.widgets import GraphView
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 3))
x, target = torch.randn(5, 4), torch.tensor([0, 1, 2, 1, 0])
loss = nn.functional.cross_entropy(net(x), target)
loss.backward()
"""
KITS = "() => Object.keys(globalThis.__autogradLab).filter((key) => key).length"
ROOT = ".agl-graph .node.root"


def until(page, css, text):
    """Wait until an element says ``text``."""
    page.wait_for_function(
        "([css, text]) => document.querySelector(css)?.textContent.includes(text)", arg=[css, text]
    )


def until_moved(page, css):
    """Wait until an element says something else than now."""
    page.wait_for_selector(css)
    page.wait_for_function(
        "([css, text]) => document.querySelector(css).textContent !== text",
        arg=[css, page.locator(css).first.text_content()],
    )


def output(book, cell):
    """What the saved notebook holds: words and picture of a cell's first output."""
    data = book.save()["cells"][cell]["outputs"][0]["data"]
    return "".join(data["text/plain"]), "".join(data["image/svg+xml"])


def printed(book, cell, word):
    text = "".join("".join(o.get("text", "")) for o in book.save()["cells"][cell]["outputs"])
    return float(re.search(rf"{word} (\S+)", text)[1])


def shown(value):
    """A number as a card shows it."""
    return number(float(f"{value:.4g}"), 4)


def test_by_hand(notebook):
    book = notebook(LINE, BACKWARD, LOOP)
    page = book.page
    book.run(0)
    until(page, ROOT + " .wait", "grad not yet")
    assert page.locator(".agl-graph output").inner_text() == "100%"
    stage = page.locator(".agl-graph .stage").evaluate("(e) => [e.scrollHeight, e.clientHeight]")
    assert stage[0] == stage[1], "a small picture is shown whole"

    book.run(1)
    until(page, ROOT + " .grad", "1")
    until(page, "[aria-label^='w, learned'] .grad", "−4")
    said, picture = output(book, 0)
    assert said == "GraphView: 3 operations, 3 inputs; the result is loss, a scalar"
    assert "grad not yet" not in picture, "the notebook keeps the last state"

    page.locator(".agl-graph .node.op", has_text="mul").focus()
    page.keyboard.press("Enter")
    until(page, ".agl-graph .side mark", "w * x")
    until(page, ".agl-graph .side code", "loss = (w * x - y) ** 2")

    book.run(2, wait=False)
    until_moved(page, ROOT + " .value .one")
    page.locator(".agl-graph .node.op", has_text="sub").focus()
    page.keyboard.press("Enter")
    until(page, ".agl-graph .side h3", "sub")
    until_moved(page, ROOT + " .value .one")
    assert page.evaluate("() => window.ran") is False, "the picture moves while the cell runs"
    view = page.locator(".agl-graph").element_handle()
    book.wait()
    view.wait_for_element_state("hidden")  # the output was renewed, with a new view in it
    page.wait_for_function(
        "() => document.activeElement?.closest?.('.node')?.textContent.startsWith('sub')"
    )
    until(page, ".agl-graph .side h3", "sub")
    until(page, ROOT + " .value .one", shown(printed(book, 2, "loss")))
    until(page, "[aria-label^='w, learned'] .value .one", shown(printed(book, 2, "w")))


def test_training(notebook):
    book = notebook(TRAIN, FIT)
    page = book.page
    book.run(0)
    until(page, ".agl-graph .empty", "waiting for the first loss")
    assert output(book, 0)[0] == "GraphView: waiting for the first loss"

    book.run(1, wait=False)
    for _ in range(3):
        until_moved(page, ROOT + " .value .one")
    assert page.evaluate("() => window.ran") is False, "the picture moves while the cell runs"
    until(page, ".agl-graph .box", "model")
    assert page.locator("[aria-label^='target, given']").count() == 1
    book.wait()
    last = printed(book, 1, "loss")
    until(page, ROOT + " .value .one", shown(last))
    page.wait_for_function(
        """() => document.querySelector(".agl-curve .chart").getAttribute("aria-label")
        .includes("400 steps")"""
    )
    said, picture = output(book, 0)
    assert said.startswith("GraphView: 4 operations, 4 parameters, 2 inputs; the result is loss")
    assert f">{shown(last)}</text>" in picture
    assert "LossCurve: 400 steps" in output(book, 1)[0]


def test_ten_widgets_stay_light(notebook):
    book = notebook(MLP, *["GraphView(loss)"] * 10)
    before = book.received
    book.run(0)
    book.run(1)
    book.page.wait_for_selector(ROOT)
    kits = book.page.evaluate(KITS)
    book.run_all()
    book.page.wait_for_function(
        f"() => document.querySelectorAll('{ROOT}').length === 10", timeout=20_000
    )
    assert output(book, 1)[0].startswith("GraphView: 6 operations, 6 parameters, 2 inputs")
    assert book.received - before < 450_000, "ten, and the one before"
    assert book.page.evaluate(KITS) == kits, "each module came to life once"
