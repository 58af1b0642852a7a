"""The tape deck in a real JupyterLab: keys, clicks, drags, both themes, 480 pixels."""

import pytest

from tests.widgets.access import serious

pytestmark = pytest.mark.e2e

SETUP = """import autograd_lab as torch
from autograd_lab.widgets.step_view import step
torch.manual_seed(1)
x = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]])
W = torch.randn(3, 4, requires_grad=True)
b = torch.zeros(4, requires_grad=True)"""
NET = """h = (x @ W + b).tanh()
error = h - 1
loss = (error * error + 0.1 * h).mean()"""
SHOW = "deck = step(loss)\ndeck"
SCALAR = """a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(-3.0, requires_grad=True)
c = a * b
loss = c * 0.5"""
LOOP = """from autograd_lab import nn
cell = nn.LSTMCell(3, 4)
state = (torch.zeros(1, 4), torch.zeros(1, 4))
for t in range(30):
    state = cell(x[:1], state)
total = state[0].sum()"""


@pytest.fixture
def shown(notebook):
    def run(*cells):
        book = notebook(*cells)
        book.run_all(20)
        book.page.wait_for_selector(".agl-step .node")
        deck = book.page.locator(".agl-step").first
        deck.scroll_into_view_if_needed()
        deck.focus()
        return book, deck

    return run


def where(deck):
    return deck.locator(".where").inner_text()


def at(deck, words):
    """Wait until the deck says where it is."""
    deck.page.wait_for_function(
        "([deck, words]) => deck.querySelector('.where').textContent.includes(words)",
        arg=[deck.element_handle(), words],
    )


def press(deck, key, times=1):
    for _ in range(times):
        deck.page.keyboard.press(key)


def test_keys_light_the_line_and_write_the_rule(shown):
    book, deck = shown(SETUP, SCALAR, SHOW)
    assert where(deck).startswith("0 / 4")
    press(deck, "ArrowRight")
    assert deck.locator(".lit mark").inner_text() == "a * b"
    assert deck.locator(".lit .no").inner_text() == "3"
    assert deck.locator(".code h4").inner_text().startswith("In[")
    assert deck.locator(".rule b").inner_text() == "−6"
    press(deck, "End")
    assert where(deck).startswith("4 / 4")
    rule = deck.locator(".rule.back").first
    right = [part.inner_text() for part in rule.locator(".right").all()]
    assert right == ["∂L/∂c · b", "0.5 · (−3)", "−1.5"]
    assert rule.locator(".left").first.inner_text() == "∂L/∂a"
    press(deck, "Home")
    assert deck.locator(".lit").count() == 0
    press(deck, "ArrowRight", 3)
    press(deck, "ArrowLeft")
    assert where(deck).startswith("2 / 4")
    book.page.wait_for_timeout(300)
    book.run(2)  # the same cell again: another widget, from the start
    assert where(book.page.locator(".agl-step").first).startswith("0 / 4")


def test_gradients_fill_in_and_meet(shown):
    _, deck = shown(SETUP, NET, SHOW)
    assert deck.locator(".node.is-todo").count() > 3
    press(deck, "ArrowRight", 8)
    assert deck.locator(".node.is-todo").count() == 0 and deck.locator(".node .grad").count() == 0
    press(deck, "ArrowRight", 5)
    assert "paths meet at" in deck.locator(".now").inner_text()
    assert deck.locator(".node.is-now.back").count() == 1
    assert deck.locator(".edge.on.back").count() >= 1
    press(deck, "End")
    assert deck.locator(".node:has-text('W') .grad").count() == 1
    deck.locator(".node", has_text="tanh").click()
    at(deck, "backward · h = tanh")
    press(deck, "Home")
    press(deck, "ArrowRight")
    deck.locator(".node", has_text="tanh").click()
    at(deck, "forward · h = tanh")


def test_the_slider_drags_and_playing_stops_at_the_end(shown):
    book, deck = shown(SETUP, NET, SHOW)
    box = deck.locator("input[type=range]").bounding_box()
    y = box["y"] + box["height"] / 2
    book.page.mouse.move(box["x"] + 8, y)
    book.page.mouse.down()
    book.page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=5)
    book.page.mouse.up()
    assert 8 <= int(where(deck).split()[0]) <= 11
    deck.locator(".foot select").select_option("4")
    deck.focus()
    press(deck, "End")
    press(deck, "ArrowLeft", 3)
    press(deck, " ")
    at(deck, "16 / 16")
    book.page.wait_for_function(
        "(deck) => deck.querySelector('.foot .play').dataset.playing === 'false'",
        arg=deck.element_handle(),
    )


def test_the_wrong_order_shows_what_it_gets(shown):
    _, deck = shown(SETUP, NET, SHOW)
    deck.get_by_role("button", name="Wrong order").click()
    deck.locator(".wrong table").wait_for()
    assert "came too late" in deck.locator(".wrong").inner_text()
    assert deck.locator(".wrong tr.off").count() >= 1
    press(deck, "End")
    assert deck.locator(".rule.back").count() >= 1
    deck.get_by_role("button", name="Wrong order").click()
    assert deck.locator(".wrong").is_hidden()


def test_another_entry_and_the_kernels_step(shown):
    book, deck = shown(SETUP, NET, SHOW, "deck.step = 9", "print(deck.step)")
    at(deck, "9 / 16")
    press(deck, "End")
    first = deck.locator(".rule .left").first.inner_text()
    grid = deck.locator(".slice.grad .agl-grid .stage").last
    grid.click(position={"x": 5, "y": 5})
    deck.page.wait_for_function(
        "([deck, old]) => (t => t && t !== old)(deck.querySelector('.rule .left')?.textContent)",
        arg=[deck.element_handle(), first],
    )
    book.page.wait_for_timeout(150)  # the position is sent a moment after it is reached
    book.run(4)
    said = book.page.locator(".jp-Cell").nth(4).locator(".jp-OutputArea-output")
    assert said.inner_text().strip() == "16"


def test_a_loop_counts_its_turns(shown):
    _, deck = shown(SETUP, LOOP, "step(total)")
    assert deck.locator(".node").count() < 30
    press(deck, "ArrowRight", 40)
    badge = deck.locator(".badge.here text").first
    first = badge.text_content()
    assert first.endswith("/ 30")
    press(deck, "ArrowRight", 8)
    assert badge.text_content() != first


def test_a_whole_lstm_is_one_card_with_a_beat_for_each_step(shown):
    _, deck = shown(SETUP, "from autograd_lab import nn\nlstm = nn.LSTM(3, 6)\n"
                    "out, state = lstm(torch.randn(30, 2, 3))", "step(out.sum())")  # fmt: skip
    assert where(deck).startswith("0 / 33") and "2 operations" in deck.inner_text()
    press(deck, "ArrowRight", 14)
    assert deck.locator(".node.is-now .head").text_content().startswith("out = lstm_layer")
    left = deck.locator(".rule .left").nth(1)
    first = left.inner_text()
    assert first.startswith("c[13,")
    assert deck.locator(".slice").count() == 7, "the output, and all gates over the steps"
    gate = deck.locator(".slice .stage").nth(2)
    gate.scroll_into_view_if_needed()
    size = gate.bounding_box()
    row = 5 if first.endswith(",0]") else 0
    gate.click(position={"x": 3, "y": size["height"] * (row + 0.5) / 6})
    deck.page.wait_for_function(
        "([deck, end]) => deck.querySelectorAll('.rule .left')[1]?.textContent.endsWith(end)",
        arg=[deck.element_handle(), f",{row}]"],
    )
    assert left.inner_text().startswith("c[13,")
    deck.focus()  # the arrow keys of a heat map walk over its cells
    press(deck, "ArrowRight")
    deck.locator(".rule .left", has_text=f",{row}]").filter(has_text="c[14,").wait_for()


def test_both_themes_and_480_pixels(shown):
    book, deck = shown(SETUP, NET, SHOW)
    press(deck, "ArrowRight", 12)
    for dark in (True, False):
        book.theme(dark)
        assert serious(book.page, ".agl-step") == []
    book.page.set_viewport_size({"width": 640, "height": 900})
    book.command("application:toggle-left-area")
    book.page.wait_for_function("(deck) => deck.clientWidth < 620", arg=deck.element_handle())
    inner = deck.evaluate("(e) => [e.scrollWidth, e.clientWidth]")
    assert inner[0] <= inner[1] + 1
    book.command("application:toggle-left-area")
    book.page.set_viewport_size({"width": 1200, "height": 1000})


def test_it_begins_with_all_cards_in_sight(shown):
    book, deck = shown(SETUP, SCALAR, "step(loss)", NET, "step(loss)")
    book.page.set_viewport_size({"width": 1400, "height": 1000})
    book.page.wait_for_function("(deck) => deck.clientWidth > 900", arg=deck.element_handle())
    book.page.wait_for_function("""() => [...document.querySelectorAll(".agl-step .stage")]
      .every((stage) => stage.scrollWidth <= stage.clientWidth)""")
    for picture in book.page.locator(".agl-step .stage svg").all():
        scale = picture.evaluate("(svg) => svg.clientWidth / svg.viewBox.baseVal.width")
        assert 0.85 < scale <= 1.001
    book.page.set_viewport_size({"width": 1200, "height": 1000})


def test_a_large_graph_stays_smooth(shown):
    _, deck = shown(
        SETUP,
        "z = torch.ones(8, requires_grad=True)\nfor i in range(1000):\n"
        "    z = (z * 1.01).sin() if i % 3 else (z + 1).tanh()\nz = z.sum()",
        "step(z)",
    )
    press(deck, "End")
    spent = deck.evaluate(
        """async (deck) => {
          const key = (key) =>
            deck.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
          const times = [];
          for (let k = 0; k < 30; k++) {
            const start = performance.now();
            key("ArrowLeft");
            times.push(performance.now() - start);
            await new Promise(requestAnimationFrame);
          }
          return times.sort((a, b) => a - b)[15];
        }"""
    )
    assert spent < 16 * 4, f"a step takes {spent} ms of script"  # idle: see the report


def test_the_graphs_button_brings_the_deck(notebook):
    book = notebook(SETUP, SCALAR, "from autograd_lab.widgets import GraphView\nGraphView(loss)")
    book.run_all(20)
    book.page.get_by_role("button", name="Step", exact=True).click()
    deck = book.page.locator(".agl-below .agl-step")
    deck.locator(".node").first.wait_for()
    deck.focus()
    press(deck, "End")
    at(deck, "4 / 4")
    assert deck.locator(".rule .left").first.inner_text() == "∂L/∂a"


NETS = "nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1)"
DECAY = " + ".join(f"0.01 * (net[{i}].weight ** 2).sum()" for i in (0, 2, 4))
LONG = f"""net = nn.Sequential({NETS})
data = torch.randn(5, 3)
result = (net(data) ** 2).mean() + {DECAY} + a * 0.5"""


def test_letters_stay_readable_and_the_lit_columns_are_seen(shown):
    _, deck = shown(SETUP, "from autograd_lab import nn\n" + SCALAR, LONG,
                    "with torch.no_grad():\n    net[0].weight.mul_(2)", "step(result)")  # fmt: skip
    assert "weights changed since" in deck.locator(".bar .stale").inner_text()
    sizes = "(svg) => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width"
    assert deck.locator(".stage > svg").evaluate(sizes) * 10.5 >= 9
    for key in ("End", "ArrowLeft", "ArrowLeft"):
        press(deck, key)
    seen = """(deck) => { const code = deck.querySelector('.code').getBoundingClientRect();
        const mark = deck.querySelector('.lit mark').getBoundingClientRect();
        const card = deck.querySelector('.node.is-now').getBoundingClientRect();
        const stage = deck.querySelector('.stage').getBoundingClientRect();
        return mark.left >= code.left && mark.left < code.right - 10
            && card.left >= stage.left - 1 && card.top >= stage.top - 1; }"""
    press(deck, "Home")
    for _ in range(13):
        press(deck, "ArrowRight")
        deck.page.wait_for_function(seen, arg=deck.element_handle())
    deck.get_by_role("tab", name="Change it").click()
    part = deck.locator(".scrub")
    part.locator(".axis span").nth(2).wait_for()
    part.locator("select").select_option(
        label=next(t for t in part.locator("option").all_text_contents() if t.startswith("a"))
    )
    part.locator(".turn .mono", has_text="a =").wait_for()
    assert part.locator("p.legend").inner_text().startswith("result")
    part.locator(".dial").focus()
    for key in ("9", "9", "9", "Enter"):
        deck.page.keyboard.press(key)
    part.locator("svg .out", has_text="999 ▶").wait_for()
    assert part.locator("h4").inner_text() == "What if a were 999?"
