"""Each chapter in a real JupyterLab, read from top to bottom as a learner would.

The shipped notebook is opened, its outputs are cleared, and every cell is run, one after the other,
to the last: nothing is cut short. On the way each kind of widget is used once, the first question
is asked to open without a choice and stays locked, the others are answered, and one exercise is
handed in blank, wrong and right. Only real data that the internet would bring is not there.
"""

import re
import shutil

import pytest

from autograd_lab.exercises import find
from autograd_lab.exercises.progress import FILE, read, states
from tests.notebooks.chapter import Chapter, part
from tests.widgets.lab import Lab, Notebook

pytestmark = pytest.mark.e2e

# A wrong answer, and the mistake that it is known to be.
WRONG = {
    "ch1.standardise": ("axis", """def standardise(x):
    return (x - x.mean(1, keepdim=True)) / x.std(1, correction=0, keepdim=True)"""),
    "ch2.mul_backward": ("no_sum", """def mul_backward(g, a, b):
    return b * g, a * g"""),
    "ch3.mean_squares": ("pairs", """def mean_squares(prediction, target):
    return (prediction - target).pow(2).mean()"""),
    "ch4.size": ("one_side", """def size(n, kernel, stride, padding):
    return (n - kernel + padding) // stride + 1"""),
    "ch5.masked_loss": ("all_places", """def masked_loss(loss, mask):
    total = (loss * mask).sum()
    return total / loss.numel()"""),
}  # fmt: skip
# A widget: where it is, what is used of it, and how: with a click, a key, or by typing "=this".
USES = {
    "BroadcastView": (".agl-broadcast", 'role=button[name="a, axis -1: larger"]', "click"),
    "ConvolutionView": (".agl-convolution", 'role=button[name="more stride"]', "click"),
    "Descent": (".agl-descent", ".agl-transport .forward", "click"),
    "FitView": (".agl-fit", ".chart", "ArrowRight"),
    "GatesView": (".agl-gates", ".stage >> nth=2", "End"),
    "GradientPuzzle": (".agl-puzzle", "input >> nth=0", "=7"),
    "GraphView": (".agl-graph", ".node.root", "click"),
    "LossCurve": (".agl-curve", ".chart", "End"),
    "RateGuess": (".agl-rate", "input >> nth=0", "=0.1"),
    "ReceptiveField": (".agl-field", ".stage >> nth=-1", "ArrowDown"),
    "RuleView": (".agl-graph", ".node.root", "click"),
    "ShiftView": (".agl-shift", "input[type=range] >> nth=0", "ArrowRight"),
    "StepView": (".agl-step", ".agl-transport .forward", "click"),
    "StrideView": (".agl-stride", 'role=button[name=".t()"]', "click"),
    "TensorView": (".agl-tensor", ".tile, .stage >> nth=0", "click"),
    "WordMap": (".agl-words", ".sentence button >> nth=2", "click"),
}
MONITOR = ".agl-monitor"
CHANGED = """([root, before]) => root.innerText !== before"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab with somebody in front of it, and without a way to the internet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_HEADLESS", "0")
        patch.setenv("AUTOGRAD_LAB_DATA", str(tmp_path_factory.mktemp("empty")))
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            patch.setenv(name, "http://127.0.0.1:9")  # nobody answers there
        patch.setenv("NO_PROXY", "127.0.0.1,localhost")
        patch.delenv("LAB_PROGRESS", raising=False)
        with Lab(tmp_path_factory.mktemp("learner")) as lab:
            yield lab


def shown(cell):
    """The widgets that a cell of the shipped chapter shows."""
    pictures = [output.data for output in cell.outputs
                if "image/svg+xml" in output.get("data", {})]  # fmt: skip
    return [data["text/plain"].partition(":")[0] for data in pictures]


class Learner:
    """Somebody at a chapter, who runs its cells one by one and uses what appears."""

    def __init__(self, lab, chapter):
        self.chapter, self.used, self.locked = chapter, set(), False
        file = shutil.copy(chapter.path, lab.folder)
        page = lab.context.new_page()
        page.set_viewport_size({"width": 1200, "height": 1000})
        url = f"{lab.url}/{lab.tree}/{chapter.path.name}?reset"
        self.book, self.page = Notebook(page, url, lab.folder / file), page
        self.book.command("notebook:clear-all-cell-outputs")  # as the chapters advise
        page.wait_for_selector(".jp-OutputArea-output", state="detached")

    def cell(self, place):
        """The cell at a place, on the page."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(place)

    def write(self, place, source):
        """Replace what stands in a cell, in its editor."""
        self.cell(place).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def said(self, place):
        """Run a cell, and read what it shows."""
        self.book.run(place)
        return "\n".join(self.cell(place).locator(".jp-OutputArea-output").all_inner_texts())

    def read(self):
        """Run every cell in its turn."""
        for place, cell in enumerate(self.chapter.cells):
            if cell.cell_type != "code":
                continue
            widgets = [name for name in shown(cell) if name not in self.used]
            if part(cell, "check"):
                self.answer(place)
            elif "predicted.choose(" in cell.source:
                self.predict(place)
            elif "Monitor" in widgets:
                self.watch(place)
            else:
                self.book.run(place, seconds=240)
            for name in widgets:
                if name not in self.used:
                    self.use(name, place)

    def predict(self, place):
        """Look first, once, which is not possible; then choose."""
        cells = self.chapter.cells
        reveal = next(n for n in range(place, len(cells)) if "predicted.reveal(" in cells[n].source)
        if not self.locked:
            assert "Decide, write your letter" in self.said(place)
            for between in range(place + 1, reveal):
                if cells[between].cell_type == "code":
                    self.book.run(between)
            assert self.said(reveal).strip() == (
                "Choose first. The cell above waits for your prediction. Then run this one.")
            self.locked = True
        self.write(place, cells[place].source.replace("choose(...)", 'choose("a")'))
        assert "You said a" in self.said(place)

    def answer(self, place):
        """Hand an exercise in as it comes; one of the chapter also wrong, and then right."""
        name = self.chapter.cells[place].metadata.lab.exercise
        exercise, told = find(name), self.said(place)
        assert "Not attempted" in told or ("Not yet" in told and exercise.widget)   # played with
        if name not in WRONG:
            return
        mistake, code = WRONG[name]
        known = exercise.mistakes()[mistake]
        self.write(place - 1, code)
        self.book.run(place - 1)
        told = self.said(place)
        assert "Not yet" in told and known.misconception[1:].replace("*", "") in told
        assert "≠" in told and "should be" in told      # the smallest case, drawn
        fold = self.cell(place).locator("summary", has_text="A hint for this mistake")
        fold.click()
        assert known.hint.replace("`", "").replace("*", "") in self.cell(place).inner_text()
        self.write(place - 1, exercise.code("solution"))
        self.book.run(place - 1)
        told = self.said(place)
        assert "Right" in told and exercise.after.replace("`", "") in told
        assert "1 of 6 in this chapter" in told

    def use(self, name, place):
        """Press or click something in a widget, and see that it tells something else."""
        where, control, how = USES[name]
        root = self.cell(place).locator(where).first
        control = root.locator(control).first if control else root
        control.scroll_into_view_if_needed()
        before = root.inner_text()
        if how.startswith("="):
            control.fill(how[1:])
            control.press("Enter")
        else:
            control.click() if how == "click" else control.press(how)
        self.page.wait_for_function(CHANGED, arg=[root.element_handle(), before])
        self.used.add(name)

    def drag(self, place, name):
        """Open the last drawer of a tape deck, and turn a number as one turns a knob."""
        deck = self.cell(place).locator(".agl-step")
        deck.get_by_role("tab", name="Change it").click()
        choice = deck.locator(".scrub select")
        options = choice.locator("option").all_text_contents()
        choice.select_option(next(text for text in options if text.startswith(name)))
        deck.locator(".turn .mono", has_text=f"{name} =").wait_for()
        dial = deck.locator(".scrub .dial")
        dial.scroll_into_view_if_needed()
        box = dial.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + 40, y, steps=8)
        self.page.mouse.up()
        deck.locator(".scrub h4", has_text=f"What if {name} were").wait_for()
        deck.locator(".scrub .bars", has_text="gradient predicted").wait_for()

    def watch(self, place):
        """Run a training; pause it, take one step, and let it go on."""
        self.book.run(place, wait=False)
        root = self.cell(place).locator(MONITOR)
        root.locator(".state[data-state=running]").wait_for()
        root.locator(".pause").click()
        root.locator(".state[data-state=paused]").wait_for()
        at = "([root, step]) => Number(root.querySelector('.where').dataset.step) === step"
        step = int(root.locator(".where").get_attribute("data-step"))
        root.locator(".step").click()
        self.page.wait_for_function(at, arg=[root.element_handle(), step + 1])
        root.locator(".pause").click()
        root.locator(".state[data-state=finished]").wait_for(timeout=240_000)
        self.book.wait(240)
        self.used.add("Monitor")


@pytest.mark.parametrize("start", ["00", "01", "02", "03", "04", "05"])
def test_a_chapter_is_read(lab, start):
    chapter = Chapter(start)
    learner = Learner(lab, chapter)
    learner.read()
    if start == "00":
        learner.drag(1, "pear")     # "Try this in the picture"
    saved = learner.book.save()["cells"]
    assert learner.book.trouble == []
    learner.book.close()

    assert len(saved) == len(chapter.cells)
    for cell in (cell for cell in saved if cell["cell_type"] == "code"):
        assert cell["execution_count"], cell["source"]
        for output in cell["outputs"]:
            assert output.get("name") != "stderr", output
            meant = "raises-exception" in cell["metadata"].get("tags", ())
            trace = "".join(output.get("traceback", ()))
            assert output["output_type"] != "error" or meant, trace
            assert not re.search(r"autograd_lab/\S*py|skipping hidden", trace), trace
    assert learner.used == {name for cell in chapter.code for name in shown(cell)}
    if start != "00":
        assert learner.locked
        (done,) = (n for n in WRONG if n.startswith(f"ch{int(start)}."))
        assert states(read(lab.folder / FILE))[done] == "right"
        standing = [c["outputs"][0] for c in saved if "".join(c["source"]) == "progress()"]
        assert all("●" in "".join(output["data"]["text/plain"]) for output in standing)
