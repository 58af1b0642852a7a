"""The monitor in a real JupyterLab: its buttons reach a loop that keeps the kernel busy."""

import json
import re

import pytest

from tests.widgets.access import serious
from tests.widgets.lab import READY

pytestmark = pytest.mark.e2e

SETUP = """
import time
import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.widgets.monitor import Monitor, SHOWN, start, watch
torch.manual_seed(0)
def make():
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
    return net, torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
net, optimizer = make()
data = [(torch.randn(16, 8), torch.randint(0, 2, (16,))) for _ in range(50)]
loss_of = nn.CrossEntropyLoss()
def learn(net, optimizer, x, y):
    optimizer.zero_grad()
    loss_of(net(x), y).backward()
    optimizer.step()
    time.sleep(0.002)
"""
LOOP = """
batches = watch(data, net, optimizer, epochs=10_000)
for x, y in batches:
    learn(net, optimizer, x, y)
print("after the loop", batches.run.steps, optimizer.param_groups[0]["lr"])
"""
# When a button is pressed, and when the page says that the run has obeyed.
TIMED = """async ([press, state, text]) => {
  const root = document.querySelector(".agl-monitor"), began = performance.now();
  const said = () => {
    const word = root.querySelector(".state").dataset.state;
    return word === state && (!text || root.querySelector(".where").textContent !== text);
  };
  root.querySelector(press).click();
  while (!said()) {
    if (performance.now() - began > 5000) return Infinity;
    await new Promise((wake) => setTimeout(wake, 1));
  }
  return performance.now() - began;
}"""
ROOT = ".agl-monitor"


def until(notebook, state, seconds=10):
    notebook.page.wait_for_selector(f"{ROOT} .state[data-state='{state}']", timeout=seconds * 1000)


def press(notebook, button, state, changes=False):
    """Press a button; give the milliseconds until the page says that it was obeyed."""
    text = notebook.page.locator(f"{ROOT} .where").inner_text() if changes else None
    return notebook.page.evaluate(TIMED, [f".{button}", state, text])


def step(notebook):
    return int(notebook.page.locator(f"{ROOT} .where").get_attribute("data-step"))


def text_of(notebook, cell):
    outputs = notebook.save()["cells"][cell]["outputs"]
    return "".join("".join(output.get("text", "")) for output in outputs)


def begin(notebook, cell=1):
    """Run the loop's cell and wait until the page talks with the kernel."""
    notebook.run(cell, wait=False)
    until(notebook, "running")
    notebook.page.wait_for_function(
        f"() => /step \\d/.test(document.querySelector('{ROOT} .where')?.textContent)"
    )
    notebook.page.wait_for_selector(f"{ROOT} .names span")


@pytest.mark.parametrize("kernel", ["python3", "ipykernel740"])
def test_every_button_reaches_a_busy_loop_at_once(lab, kernel):
    notebook = lab.open([SETUP, LOOP], kernel=kernel)
    page = notebook.page
    notebook.run(0)
    begin(notebook)
    took = {"pause": press(notebook, "pause", "paused")}
    stands = step(notebook)
    assert page.evaluate("() => window.ran === false")         # the cell still runs
    for _ in range(3):
        took["step"] = press(notebook, "step", "paused", changes=True)
    assert step(notebook) == stands + 3
    page.evaluate(f"for (let k = 0; k < 10; k++) document.querySelector('{ROOT} .step').click()")
    page.wait_for_function(timeout=8000, expression=
        f"n => document.querySelector('{ROOT} .where').dataset.step === n", arg=str(stands + 13)
    )  # no click is lost, however quick
    took["epoch"] = press(notebook, "epoch", "paused", changes=True)
    assert step(notebook) % 50 == 0
    took["resume"] = press(notebook, "pause", "running")
    rate = page.get_by_label("learning rate")
    rate.fill("0.0125")
    rate.press("Enter")
    page.get_by_text("lr=0.0125").first.wait_for()
    took["stop"] = press(notebook, "stop", "stopped")
    notebook.wait()
    print(kernel, {name: round(ms) for name, ms in took.items()})
    assert all(ms < 300 for ms in took.values()), took
    assert re.search(r"after the loop \d+ 0.0125", text_of(notebook, 1))
    assert notebook.trouble == []
    notebook.close()
