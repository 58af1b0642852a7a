"""The life of each widget: a page loaded again, a kernel that ends, a file that nobody trusts."""

import json
from difflib import unified_diff

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from autograd_lab import widgets

pytestmark = pytest.mark.e2e

NAMES = sorted(widgets.__all__)
SESSION = "jupyterapp.shell.currentWidget.sessionContext"
LOST, GONE = "The kernel is gone", ("No kernel answers", "This run is gone")
STEP = ("click", ".forward")
# One thing that a reader does with each, again and again.
ACTS = {
    "BroadcastView": ("click", "button:text('show what is repeated')"),
    "ConvolutionView": STEP,
    "Descent": ("click", ".show[data-name='momentum']"),
    "FitView": ("click", "button:text('squares')"),
    "GatesView": ("ArrowRight", ".stage"),
    "GradientPuzzle": ("click", "button:text('Another one')"),
    "GraphView": ("click", "button[aria-label='Larger']"),
    "LossCurve": ("click", "button:text('log')"),
    "Monitor": ("click", "button:text('log')"),
    "RateGuess": ("ArrowRight", "input[type=range]"),
    "ReceptiveField": ("click", "button[aria-pressed='false']"),
    "RuleView": ("Enter", ".node"),
    "ShiftView": ("ArrowRight", "input[aria-label='right']"),
    "StepView": STEP,
    "StrideView": ("click", "button:text('.t()')"),
    "TensorView": ("click", "button[aria-pressed='false']"),
    "WordMap": ("click", ".sentence button[aria-pressed='false']"),
}
# What a reader sees and is told in each cell: words, names, what is pressed, sizes.
LOOKS = """() => [...document.querySelectorAll(".jp-Cell")].slice(1).map((cell) => {
  const root = cell.querySelector(".jp-OutputArea-output .agl:not(.agl-gone)");
  if (!root) return "";
  const marks = ["aria-label", "aria-pressed", "aria-valuetext", "aria-selected"], looks = [];
  for (const el of root.parentElement.querySelectorAll("*")) {
    if (!el.checkVisibility() || el.closest(".unseen, .agl-gone")) continue;
    for (const mark of marks) if (el.getAttribute(mark)) looks.push(el.getAttribute(mark));
    for (const kid of el.childNodes) if (kid.nodeType === Node.TEXT_NODE) looks.push(kid.data);
    if (el.tagName === "CANVAS") looks.push(`canvas ${el.width} x ${el.height}`);
  }
  return looks.join("\\n");
})"""
PICTURES = """() => [...document.querySelectorAll(".jp-Cell")].slice(1).map((cell) => {
  const image = cell.querySelector(".jp-RenderedSVG img");
  return image?.complete && image.naturalWidth > 40;
})"""
EACH = "(count) => {{ const all = ({})(); return all.length === count && all.every(Boolean); }}"


class Gallery:
    """One page with every widget, each in a cell of its own."""

    def __init__(self, book):
        self.book, self.page = book, book.page
        # What is out of sight is not drawn.
        self.page.set_viewport_size({"width": 1200, "height": 12_000})

    def cell(self, name):
        return self.page.locator(".jp-Cell").nth(1 + NAMES.index(name))

    def run(self):
        """Run all cells, until each widget stands there."""
        kernel = f"async () => {{ {SESSION}.session?.kernel || await {SESSION}.startKernel() }}"
        self.page.evaluate(kernel)
        self.book.run_all()
        self.wait(LOOKS)

    def wait(self, what):
        """Wait until there is something in each cell."""
        try:
            each = EACH.format(what)
            self.page.wait_for_function(each, arg=len(NAMES), timeout=60_000, polling=100)
        except PlaywrightTimeout:
            missing = [n for n, it in zip(NAMES, self.page.evaluate(what), strict=False) if not it]
            raise AssertionError(self.book.report(f"not to be seen: {missing}")) from None

    def tell(self, words):
        """Ask the page's connection with the kernel for something."""
        self.page.evaluate(f"async () => {{ await {SESSION}.{words} }}")

    def looks(self):
        return dict(zip(NAMES, self.page.evaluate(LOOKS), strict=True))

    def becomes(self, name, *looks):
        """Wait until a widget looks like one of these."""
        among = f"([k, looks]) => looks.includes(({LOOKS})()[k])"
        try:
            arg = [NAMES.index(name), looks]
            self.page.wait_for_function(among, arg=arg, timeout=10_000, polling=100)
        except PlaywrightTimeout:
            pairs = [look.splitlines() for look in (looks[0], self.looks()[name])]
            said = "\n".join(line[:90] for line in unified_diff(*pairs, "before", "now", n=0))
            raise AssertionError(f"{name} looks otherwise:\n{said}") from None

    def keeps(self, name, look):
        """Wait until a widget shows again what it showed, whatever it says beside."""
        kept = f"([k, look]) => new Set(look).isSubsetOf(new Set(({LOOKS})()[k].split('\\n')))"
        try:
            arg = [NAMES.index(name), look.splitlines()]
            self.page.wait_for_function(kept, arg=arg, timeout=10_000, polling=100)
        except PlaywrightTimeout:
            self.becomes(name, look)

    def act(self, name):
        """Do something with a widget."""
        how, where = ACTS[name]
        element = self.cell(name).locator(".agl:not(.agl-gone)").first.locator(where).first
        if how == "click":
            element.click()
        else:
            element.focus()
            element.press(how)

    def dead(self):
        """Do something with each widget; name those where nothing happens."""
        dead = []
        for index, name in enumerate(NAMES):
            before = self.looks()[name]
            self.act(name)
            try:
                changed = f"([k, before]) => ({LOOKS})()[k] !== before"
                arg = [index, before]
                self.page.wait_for_function(changed, arg=arg, timeout=10_000, polling=100)
            except PlaywrightTimeout:
                dead.append(name)
        return dead

    def said(self, words):
        """Name the widgets that say these words."""
        return [name for name in NAMES if words in self.cell(name).text_content()]

    def trouble(self):
        """Tell what went wrong since the last time."""
        trouble, self.book.trouble[:] = self.book.trouble[:], []
        return trouble


@pytest.fixture(scope="module")
def gallery(every_widget):
    return Gallery(every_widget)


def test_there_is_an_act_for_each():
    assert sorted(ACTS) == NAMES


def test_a_strangers_notebook_shows_pictures_and_runs_nothing(gallery, lab):
    gallery.run()
    data = gallery.book.save()
    evil = {"text/html": "<img src=x onerror=\"document.title = 'run'\">", "text/plain": "plain"}
    data["cells"][0]["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {**evil, "text/plain": "plain"}}
    ]
    file = lab.folder / "stranger.ipynb"
    file.write_text(json.dumps(data))
    book = lab.show(file)
    book.page.wait_for_function(EACH.format(PICTURES), arg=len(NAMES), timeout=60_000)
    cells = "() => [...jupyterapp.shell.currentWidget.content.model.cells].map((c) => c.trusted)"
    assert book.page.evaluate(cells) == [False] + [True] * len(NAMES)
    assert book.page.title() != "run"
    book.close()


def restart(gallery):
    gallery.tell("session.kernel.restart()")


def shut_down(gallery):
    gallery.tell("shutdown()")


@pytest.mark.parametrize("end", [shut_down])
def test_when_the_kernel_ends_each_says_so_and_none_is_frozen(gallery, end):
    gallery.run()
    before = gallery.looks()
    gallery.trouble()
    end(gallery)
    lost = "(count) => document.querySelectorAll('.agl-gone').length === count"
    gallery.page.wait_for_function(lost, arg=len(NAMES))
    assert gallery.said(LOST) == NAMES
    for name in NAMES:
        gallery.keeps(name, before[name])
    gallery.trouble()  # JupyterLab's own
    for name in NAMES:
        gallery.act(name)
    assert gallery.said(LOST) == NAMES  # once: nobody says it in other words, too
    assert [gallery.said(words) for words in GONE] == [[], []]
    assert gallery.trouble() == []
    gallery.run()
    assert gallery.said(LOST) == []
    assert gallery.dead() == [] and gallery.trouble() == []


def test_a_page_that_is_loaded_after_a_restart_shows_pictures(gallery):
    gallery.run()
    gallery.book.save()
    restart(gallery)
    gallery.book.load()
    gallery.wait(PICTURES)
    assert "model not found" not in gallery.page.locator(".jp-Notebook").text_content()
    gallery.run()
    assert gallery.dead() == []
