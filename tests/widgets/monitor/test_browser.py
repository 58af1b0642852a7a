"""The monitor in a real JupyterLab: its buttons reach a loop that keeps the kernel busy."""

import json
import re

import pytest

from tests.widgets.access import serious

pytestmark = pytest.mark.e2e

SETUP = """
import time
import autograd_lab as torch
from autograd_lab import nn
from autograd_lab import start, watch
from autograd_lab.widgets.monitor import SHOWN, Monitor
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


def grouped(n):
    return f"{n:,}".replace(",", "\u202f")


def text_of(notebook, cell):
    outputs = notebook.save()["cells"][cell]["outputs"]
    return "".join("".join(output.get("text", "")) for output in outputs)


def begin(notebook, cell=1):
    """Run the loop's cell and wait until the page talks with the kernel."""
    notebook.run(cell, wait=False)
    until(notebook, "running")
    notebook.page.wait_for_function(
        f"() => /\\d steps?/.test(document.querySelector('{ROOT} .where')?.textContent)"
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


def test_back_in_time_and_on_another_way(lab):
    notebook = lab.open([SETUP, LOOP, "batches.run.history.losses[:3], batches.run"])
    page = notebook.page
    notebook.run(0)
    begin(notebook)
    page.wait_for_function(f"() => document.querySelector('{ROOT} .where').dataset.step > 120")
    press(notebook, "pause", "paused")
    last, chart = step(notebook), page.locator(f"{ROOT} .chart")
    box = chart.bounding_box()

    chart.focus()                                       # by keys: walk to a step, and Enter
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    moment = page.locator(f"{ROOT} .moment")
    moment.get_by_text(re.compile(rf"^back at step \d+ of {grouped(last)}$")).wait_for()
    assert step(notebook) < 30
    page.get_by_role("button", name=f"return to {grouped(last)}").click()
    moment.wait_for(state="hidden")
    assert step(notebook) == last

    at = chart.evaluate("""async (chart) => {            // by hand: the handle stands at the end
      for (let x = chart.clientWidth - 40; x > 40; x -= 3) {
        const box = chart.getBoundingClientRect();
        const clientX = box.left + x;
        chart.dispatchEvent(new PointerEvent("pointermove", { clientX, bubbles: true }));
        if (chart.classList.contains("grip")) return x;
      }
      return 0;
    }""")
    assert at > box["width"] / 2
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + at - 5, y)
    page.mouse.down()
    page.mouse.move(box["x"] + at - 0.3 * box["width"], y, steps=5)
    words = moment.inner_text()
    assert "steps once more" in words or "is kept" in words, words
    page.mouse.up()
    moment.get_by_text("back at step").wait_for()
    past = step(notebook)
    assert 10 < past < last - 10

    box = chart.bounding_box()
    page.mouse.click(box["x"] + 0.4 * box["width"], box["y"] + box["height"] - 8)   # on the axis
    page.wait_for_function(
        f"""n => {{ const at = document.querySelector('{ROOT} .where').dataset.step;
        const said = document.querySelector('{ROOT} .moment').innerText;
        return at !== n && said.startsWith(`back at step ${{at}} of`); }}""",
        arg=str(past),
    )
    past = step(notebook)
    near = page.locator(f"{ROOT} .norms .at")
    near.get_by_text(re.compile(r"^at step \d")).wait_for()
    assert "Reloading the page now would hide this panel" in page.locator(ROOT).inner_text()

    page.get_by_role("button", name="branch here…").click()
    form = page.locator(f"{ROOT} .branch")
    form.get_by_label("name of the branch").fill("<b>slow</b>")
    form.locator("input[name=lr]").fill("0.001")
    form.get_by_role("button", name="branch", exact=True).click()
    until(notebook, "running")
    page.locator(f"{ROOT} .runs").wait_for()
    page.wait_for_function(
        f"n => document.querySelector('{ROOT} .where').dataset.step > n", arg=past + 20
    )
    press(notebook, "pause", "paused")
    names = page.locator(f"{ROOT} .legend button").all_inner_texts()
    assert names == ["<b>slow</b>", "main"]              # each is called as it was named
    page.locator(f"{ROOT} .runs summary").click()
    rows = page.locator(f"{ROOT} .runs tbody tr")
    assert [rows.nth(k).locator("input").input_value() for k in (0, 1)] == ["main", "<b>slow</b>"]
    assert rows.nth(1).locator("td").nth(2).inner_text() == str(past)
    assert rows.nth(1).locator("td").last.inner_text() == "lr 0.001"
    rows.nth(0).locator("input").fill("first")
    rows.nth(0).locator("input").press("Enter")
    page.locator(f"{ROOT} .legend button", has_text="first").wait_for()

    page.locator(f"{ROOT} details.drawer:not(.runs) summary").click()
    page.get_by_role("button", name="settings").click()
    press(notebook, "step", "paused", changes=True)
    for dark in (False, True):
        notebook.theme(dark)
        assert serious(page, ROOT) == []
    notebook.theme(dark=False)
    press(notebook, "stop", "stopped")
    notebook.wait()
    notebook.run(2)
    chart.focus()                                       # the loop is over: it is run once more
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    moment.get_by_text("back at step").wait_for()
    assert step(notebook) < 20
    page.get_by_role("button", name=re.compile("^return to")).click()
    moment.wait_for(state="hidden")
    saved = notebook.save()["cells"][1]["outputs"]
    data = next(output["data"] for output in saved if "data" in output)
    assert re.search(r"^Monitor: stopped after \d+ steps", "".join(data["text/plain"]))
    picture = "".join(data["image/svg+xml"])
    assert ">stopped<" in picture and "gradient size" in picture and "0.weight" in picture
    assert page.locator(ROOT).count() == 1
    assert notebook.trouble == []
    notebook.close()


BACKGROUND = """
def train(run):
    print("begun")
    for x, y in run.watch(data, net, optimizer, epochs=10_000):
        learn(net, optimizer, x, y)
    print("left the loop")
run = start(train, "in the background")
"""
CHANGE = """
run.pause().settle()
before = run.steps
net[0].weight.data *= 0.5
run.lr = 0.25
time.sleep(0.1)
print("stands still", run.steps == before)
"""


def test_a_run_in_the_background_and_a_new_page(lab):
    notebook = lab.open([SETUP, BACKGROUND, CHANGE, "print(run.state, run.lr)", LOOP])
    page = notebook.page
    notebook.run(0)
    notebook.run(1)                                     # the cell returns
    until(notebook, "running")
    page.wait_for_function(f"() => document.querySelector('{ROOT} .where').dataset.step > 60")
    notebook.run(2)
    until(notebook, "paused")
    assert "stands still True" in text_of(notebook, 2)
    stands = step(notebook)
    press(notebook, "step", "paused", changes=True)
    assert step(notebook) == stands + 1
    page.locator(f"{ROOT} .pause").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        f"n => document.querySelector('{ROOT} .where').dataset.step === n", arg=str(stands + 2)
    )
    notebook.save()

    page.reload()                                       # the kernel lives, and so does the run
    page.wait_for_selector(f"{ROOT} .state[data-state=paused]", timeout=60_000)
    page.wait_for_function(
        """n => document.querySelector(".agl-monitor .chart").ariaLabel
          ?.includes(`Curve of ${n} steps`)""",
        arg=stands + 2,
    )
    assert step(notebook) == stands + 2
    page.locator(f"{ROOT} .names span").first.wait_for()
    page.locator(f"{ROOT} .step").focus()
    page.keyboard.press("s")
    until(notebook, "stopped")
    notebook.run(3)
    assert "stopped 0.25" in text_of(notebook, 3)

    notebook.run(1)                                     # what it prints lands in its own cell
    until(notebook, "running")
    press(notebook, "stop", "stopped")
    page.locator(".jp-OutputArea-output", has_text="left the loop").wait_for()
    assert "Monitor: stopped after" in json.dumps(notebook.save()["cells"][1]["outputs"])

    begin(notebook, 4)                                  # the square button: gently
    notebook.command("notebook:interrupt-kernel")
    notebook.wait()
    assert "after the loop" in text_of(notebook, 4)
    begin(notebook, 4)
    page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    until(notebook, "gone")
    assert page.locator(f"{ROOT} .pause").last.is_disabled()
    assert "The kernel is gone" in page.locator(".agl-gone").last.inner_text()
    notebook.close()


UNREACHED = """
from autograd_lab.widgets.monitor import hands
hands.reach = lambda comm: None                         # as if we knew nothing of 7.4.0
"""


def test_where_clicks_do_not_arrive_it_says_so_and_stop_works(lab):
    notebook = lab.open([SETUP + UNREACHED, LOOP], kernel="ipykernel740")
    page = notebook.page
    notebook.run(0)
    begin(notebook)                                     # curves flow all the same
    page.get_by_text("Clicks wait until the cell ends. Stop works").wait_for()
    page.wait_for_function(f"() => document.querySelector('{ROOT} .where').dataset.step > 400")
    press(notebook, "stop", "stopped")
    notebook.wait()
    assert "after the loop" in text_of(notebook, 1)     # interrupted gently: what follows ran
    assert not page.get_by_text("Clicks wait").is_visible()
    assert notebook.trouble == []
    notebook.close()


SHORT = """
for k, (x, y) in enumerate(watch(data[:40], net, optimizer)):
    learn(net, optimizer, x, y)
"""
TORN = """
for x, y in watch(data, net, optimizer):
    learn(net, optimizer, x, y)
    missing["image"]
"""
NO_LOSS = """
for x, y in watch(data[:8], net, optimizer):
    out = net(x)
"""


def test_a_page_loaded_anew_after_the_cell_has_the_last_state(lab):
    notebook = lab.open([SETUP, SHORT])
    page = notebook.page
    notebook.run(0)
    notebook.run(1)
    until(notebook, "finished")
    notebook.save()
    page.reload()
    until(notebook, "finished", 60)
    page.wait_for_function(
        """() => document.querySelector(".agl-monitor .chart").ariaLabel
          ?.includes("Curve of 40 steps")"""
    )
    assert step(notebook) == 40
    page.locator(f"{ROOT} .norms .at", has_text="at step 40").wait_for()
    assert notebook.trouble == []
    notebook.close()


def test_how_a_loop_ends_is_said(lab):
    notebook = lab.open([SETUP + "missing = {}", SHORT, TORN, NO_LOSS])
    page = notebook.page
    notebook.run(0)
    notebook.run(1)
    until(notebook, "finished")
    panel = page.locator(ROOT).nth(0)
    panel.locator(".norms .at", has_text="at step 40").wait_for()
    assert panel.locator(".where").inner_text() == "40 steps"
    assert panel.locator(".ratios .at").inner_text() == "at step 40"
    notebook.run(2)
    until(notebook, "failed")
    assert page.locator(f"{ROOT} .sentence").nth(1).inner_text() == "KeyError: 'image'"
    assert page.locator(f"{ROOT} .where").nth(1).inner_text() == "1 step"
    notebook.run(3)
    words = "no loss was computed in this loop (no backward())"
    page.locator(f"{ROOT} .sentence").nth(2).get_by_text(words).wait_for()
    empty = page.locator(f"{ROOT} .chart .empty").nth(2).inner_text()
    assert empty.startswith("waiting for the first loss")
    notebook.close()
