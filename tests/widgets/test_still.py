"""What is left of each widget where nothing runs: in the file, on GitHub, in a page, on paper."""

import base64
import re
import subprocess
import sys
import time
from xml.etree import ElementTree

import nbformat
import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.classroom.export import page as exported
from autograd_lab.train import watch
from autograd_lab.widgets import Monitor
from tests.widgets.access import serious
from tests.widgets.samples import SAMPLES

NAMES = sorted(SAMPLES)
SVG = "{http://www.w3.org/2000/svg}"
LIVE = "application/vnd.jupyter.widget-view+json"
PAPER = {"width": 698, "height": 1000}  # A4 without its margins
TEXT = """# Pictures

A formula $a^2$, `code`, and a [link](#Pictures).

| a | b |
|---|---|
| 1 | 2 |
"""
CODE = '''def twice(x):
    """Double it."""
    return 2 * x  # a comment

print(f"{twice(3)} words")
'''


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """A notebook that holds what each widget leaves in it."""
    new, cells = nbformat.v4, [nbformat.v4.new_markdown_cell(TEXT)]
    cells.append(new.new_code_cell(CODE, outputs=[new.new_output("stream", text="6 words\n")]))
    for name in NAMES:
        data, metadata = SAMPLES[name]()._repr_mimebundle_()
        shown = new.new_output("display_data", data=data, metadata=metadata)
        cells.append(new.new_code_cell(f"{name}(...)", outputs=[shown]))
    file = tmp_path_factory.mktemp("still") / "all.ipynb"
    nbformat.write(new.new_notebook(cells=cells), file)
    return file


@pytest.fixture(scope="module")
def converted(notebook):
    """What plain nbconvert makes of it."""
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level", "ERROR"]
    subprocess.run([*command, str(notebook)], check=True, capture_output=True)
    return notebook.with_suffix(".html")


@pytest.fixture(scope="module")
def chapter(notebook):
    """What `autograd-lab export` makes of it."""
    file = notebook.with_name("exported.html")
    file.write_text(exported(notebook.read_bytes(), "all"))
    return file


@pytest.fixture
def show(lab):
    """Call ``show(file, ...)`` for a page without the net; options are the context's."""
    contexts = []

    def open(file, **options):
        context = lab.browser.new_context(**{"viewport": PAPER, **options})
        contexts.append(context)
        context.route(re.compile("^https?:"), lambda route: route.abort())
        page = context.new_page()
        page.goto(file.as_uri())
        return page

    yield open
    for context in contexts:
        context.close()


def test_what_the_file_holds(notebook):
    """GitHub, nbviewer and nbconvert take the picture: nothing that they would prefer is there."""
    cells = nbformat.read(notebook, as_version=4).cells[2:]
    for name, cell in zip(NAMES, cells, strict=True):
        (output,) = cell.outputs
        assert list(output.data) == [LIVE, "image/svg+xml", "text/plain"], name
        assert output.data["text/plain"].startswith(f"{name}: ")
    assert b'"widgets"' not in notebook.read_bytes()


def pictures(file):
    found = re.findall(r'<img[^>]* src="data:image/svg\+xml;base64,([^"]+)"', file.read_text())
    return [ElementTree.fromstring(base64.b64decode(one)) for one in found]


@pytest.mark.parametrize("kind", ["converted", "chapter"])
def test_each_picture_is_in_the_page_and_says_what_it_shows(kind, request):
    found = pictures(request.getfixturevalue(kind))
    assert len(found) == len(NAMES)
    for picture in found:
        assert picture.get("role") == "img"
        assert len(picture.findtext(SVG + "title")) > 3
        assert len(picture.findtext(SVG + "desc")) > 10


@pytest.mark.e2e
@pytest.mark.parametrize("kind", ["converted", "chapter"])
def test_no_script_is_needed(kind, show, request):
    page = show(request.getfixturevalue(kind), java_script_enabled=False)
    images = page.locator(".jp-OutputArea-output img")
    assert images.count() == len(NAMES)
    for image in images.all():
        assert image.evaluate("i => i.complete && i.naturalWidth") > 40


DARK = """() => { const value = getComputedStyle(document.body).backgroundColor;
  return value.match(/\\d+/g).slice(0, 3).every((part) => part < 80); }"""


@pytest.mark.e2e
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_exported_page_follows_the_system_and_can_be_heard(chapter, show, scheme):
    page = show(chapter, color_scheme=scheme)
    assert page.evaluate(DARK) == (scheme == "dark")
    assert all(len(alt) > 10 for alt in page.evaluate("[...document.images].map((i) => i.alt)"))
    assert serious(page, "body") == []


CUT = """() => [...document.querySelectorAll("body *")].filter((el) => {
    const box = el.getBoundingClientRect();
    return box.width && box.right > document.documentElement.clientWidth + 1;
  }).map((el) => el.outerHTML.slice(0, 80))"""


@pytest.mark.e2e
@pytest.mark.parametrize("kind", ["converted", "chapter"])
def test_on_paper_it_is_black_on_white_and_whole(kind, show, request):
    page = show(request.getfixturevalue(kind), color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.evaluate(DARK)
    assert kind == "converted" or page.evaluate(CUT) == []  # nbconvert's own is as wide as it gets


@pytest.mark.e2e
def test_a_page_of_a_monitor_has_its_distributions(show, tmp_path):
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    batches = watch([torch.ones(4, 2)] * 200, model=net, optimizer=optimizer)
    monitor = Monitor(batches.run)
    monitor.look(True, True)
    for x in batches:
        optimizer.zero_grad()
        (net(x) ** 2).mean().backward()
        optimizer.step()
        if monitor.shapes:
            break
        time.sleep(0.01)
    monitor.save_html(tmp_path / "monitor.html")
    page = show(tmp_path / "monitor.html")
    page.locator(".agl-monitor summary", has_text="distributions").click()
    page.locator(".agl-monitor figure svg").first.wait_for()
