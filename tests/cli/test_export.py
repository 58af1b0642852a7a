"""A chapter as one page: complete in itself, loads nothing, and says what its pictures show."""

import json
import os
import re
import shutil
from base64 import b64encode
from hashlib import sha256

import nbformat
import pytest

from autograd_lab.chapters import chapters
from autograd_lab.classroom.export import CLOSED, STYLE
from autograd_lab.classroom.export import STILL as STAND_STILL
from autograd_lab.cli import main
from autograd_lab.exercises import every
from tests.conftest import ROOT
from tests.exercises.test_chapters import leaks

CODE = """\
import autograd_lab as torch
from autograd_lab import step

x = torch.tensor(3.0, requires_grad=True)
loss = x * x + 1"""
TEXT = r"""# A `small` chapter

The slope is $\frac{2}{n} \cdot \lambda_\text{max}$, see [next](01_tensors.ipynb#Shapes), not `$5`.

$$\begin{array}{r} (4,\ 3) \\ (3,) \end{array}$$

What nobody can draw: $\weird{x}$.
"""
JOKE = ("<script>document.title = 'run'</script>"
        "<img src=x onerror=\"document.title = 'run'\" alt=joke>")
STILL = ('<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="an &lt;old> picture" '
         'width="50" height="50"><title>an old one</title></svg>')


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """All chapters, as `autograd-lab export all --out DIR` writes them."""
    folder = tmp_path_factory.mktemp("pages") / "out"
    assert main(["export", "all", "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small notebook of a stranger, run anew."""
    place = tmp_path_factory.mktemp("small")
    new = nbformat.v4
    shown = new.new_output("display_data", {"text/html": JOKE, "text/plain": "joke"})
    widget = new.new_output("display_data", {
        "application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "Old",
        "image/svg+xml": STILL})
    cells = [new.new_markdown_cell(TEXT), new.new_code_cell(CODE, outputs=[shown, widget]),
             new.new_code_cell("step(loss)")]
    nbformat.write(new.new_notebook(cells=cells), place / "small.ipynb")
    return place / "small.ipynb"


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"),
                                       args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser):
    """Open a file; every request but the first, and whatever the console says, is trouble."""
    page, trouble = browser.new_page(), []
    page.on("request", lambda r: trouble.append(r.url[:200])
            if not r.url.startswith(("data:", "blob:")) and not r.is_navigation_request() else None)
    page.on("console", lambda m: trouble.append(m.text))
    page.on("pageerror", lambda e: trouble.append(str(e)))

    def visit(file):
        page.goto(file.as_uri())
        page.wait_for_timeout(200)
        return page, trouble

    yield visit
    page.close()


def test_each_chapter_has_its_page(exported):
    assert sorted(f.stem for f in exported.iterdir()) == [
        name.removesuffix(".ipynb") for name in sorted(chapters())]
    for file in exported.iterdir():
        assert 100_000 < file.stat().st_size < 3_000_000


def test_nothing_is_fetched(exported):
    for file in exported.iterdir():
        html = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.S)     # of nbconvert's styles
        assert not re.search(r"<script|<link\b|@import|cdnjs|unpkg|jsdelivr", html)
        loaded = re.findall(r'\bsrc="(?!data:)[^"]*|url\((?!["\']?(?:data:|#))[^)]*', html)
        assert not loaded
        assert "default-src 'none'" in html[:1000]


def test_no_solution_leaks(exported):
    for file in exported.iterdir():
        assert leaks({"cells": [{"source": re.sub(r"<[^>]+>", "", file.read_text())}]}) == []
    assert every()


@pytest.mark.e2e
def test_pages_are_shown_from_a_file(exported, visit):
    for file in sorted(exported.iterdir()):
        page, trouble = visit(file)
        assert trouble == [], file.name
        images = page.evaluate("[...document.images].map((i) => [i.naturalWidth, i.alt])")
        assert images and all(width > 40 and len(alt) > 10 for width, alt in images), file.name
        assert page.locator(".jp-Cell").count() > 5
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280


PRINTED = """() => {
  const seen = (e) => e.checkVisibility({contentVisibilityAuto: true});
  return {
    wide: [...document.querySelectorAll("main pre, main pre span, main table")]
      .filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.textContent),
    closed: [...document.querySelectorAll("details")]
      .filter((e) => !seen(e.lastElementChild)).map((e) => e.textContent),
  };
}"""


@pytest.mark.e2e
def test_paper_loses_nothing(exported, visit):
    """On A4 long lines are wrapped, and what is folded is open."""
    for file in sorted(exported.iterdir()):
        page, _ = visit(file)
        assert page.evaluate(PRINTED)["closed"] or not page.locator("details").count()
        page.set_viewport_size({"width": 698, "height": 1000})
        page.emulate_media(media="print")
        assert page.evaluate(PRINTED) == {"wide": [], "closed": []}, file.name
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(media="screen")


def test_a_page_says_that_its_pictures_stand_still(exported, tmp_path):
    assert all(file.read_text().count(STAND_STILL) == 1 for file in exported.iterdir())
    cells = [nbformat.v4.new_markdown_cell("# No picture")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    assert main(["export", str(tmp_path / "a.ipynb"), "--out", str(tmp_path / "a.html")]) == 0
    text = (tmp_path / "a.html").read_text()
    assert "No picture" in text and STAND_STILL not in text and "AGL_" not in text


def test_links_lead_to_the_other_pages(exported):
    for file in exported.iterdir():
        for link in re.findall(r'<a [^>]*href="([^"]+)"', file.read_text()):
            path, _, anchor = link.partition("#")
            if not link.startswith("https://"):
                target = exported / path if path else file
                assert target.exists(), (file.name, link)
                assert not anchor or f'id="{anchor}"' in target.read_text(), (file.name, link)


def test_formulas_are_drawn_and_said(exported):
    html = (exported / "03_linear_regression.html").read_text()
    assert 'aria-label="R² = 1 − (loss of the model)/(loss of the mean)"' in html
    assert html.count('class="formula"') > 20 and "$$" not in html


def test_one_file(small, tmp_path, capsys):
    out = tmp_path / "home.html"
    assert main(["export", str(small), "--out", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    html = out.read_text()
    assert "<title>A small chapter</title>" in html
    assert "<em>next</em>" in html and "01_tensors" not in html     # that page is not there
    assert "<code>$5</code>" in html
    assert re.search(r'class="rows"(.|\n)*\(4, 3\)(.|\n)*\(3,\)', html)
    assert '<span class="formula">weirdx</span>' in html
    assert 'alt="an old one"' in html and "widget-view" not in html


@pytest.mark.e2e
def test_a_strangers_script_does_not_run(small, tmp_path, visit):
    assert main(["export", str(small), "--out", str(tmp_path / "a.html")]) == 0
    page, trouble = visit(tmp_path / "a.html")
    assert page.title() == "A small chapter"
    assert any("Content Security Policy" in said for said in trouble)


SCRIPT = "document.title = 'run'"
ALLOWED = b64encode(sha256(SCRIPT.encode()).digest()).decode()
KEPT = {"image/svg+xml": STILL, "application/vnd.autograd-lab.page": f"'sha256-{ALLOWED}'"}
TRICKS = {
    "policy": ("# AGL_POLICY", {}), "style": ("# AGL_STYLE", {}), "hash": ("# One", KEPT),
    "braces": ("# {{ resources.update(agl_policy='') }}", {}),
    "title": (f"# </title><script>{SCRIPT}</script>", {}),
    "number": ("# One", {**KEPT, "application/vnd.autograd-lab.page": 5}),
}


@pytest.fixture(params=TRICKS)
def tricky(request, tmp_path):
    """A page of a notebook whose author wants a script to run."""
    new, (heading, data) = nbformat.v4, TRICKS[request.param]
    text = new.new_markdown_cell(f"{heading}\n\n<script>{SCRIPT}</script>")
    shown = new.new_code_cell("1")
    if data:
        shown.outputs = [{"output_type": "display_data", "metadata": {}, "data": data}]
    notebook = {**new.new_notebook(), "cells": [text, shown]}       # not all of them are sound
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook))
    assert main(["export", str(tmp_path / "a.ipynb"), "--out", str(tmp_path / "a.html")]) == 0
    return tmp_path / "a.html"


def test_no_notebook_writes_the_policy(tricky):
    html = tricky.read_text()
    policies = re.findall(r'content="([^"]*)" http-equiv="Content-Security-Policy"', html)
    assert policies == [CLOSED] and html.count(STYLE.strip()[:60]) == 1
    assert "<script" not in html[: html.index("Content-Security-Policy")]


@pytest.mark.e2e
def test_no_trick_makes_a_script_run(tricky, visit):
    assert visit(tricky)[0].title() != "run"


@pytest.mark.e2e
def test_walks_can_be_stepped_through(small, tmp_path, visit, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("LAB_PAGES", raising=False)
    out = tmp_path / "live.html"
    assert main(["export", str(small), "--out", str(out), "--live"]) == 0
    page, trouble = visit(out)
    inside = page.frame_locator("iframe.alone")
    for key, where in [("Home", "0 / 4"), ("ArrowRight", "1 / 4"), ("End", "4 / 4")]:
        inside.locator(".agl").first.press(key)
        inside.locator(".where", has_text=where).wait_for()
    assert trouble == []
    assert "LAB_PAGES" not in os.environ


def test_a_cell_that_fails_is_one_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    new = nbformat.v4
    nbformat.write(new.new_notebook(cells=[new.new_code_cell("1 / 0")]), "bad.ipynb")
    assert main(["export", "bad.ipynb", "--live"]) == 2
    assert "A cell of bad fails: ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "content", "sentence"), [
    ("none.ipynb", None, "There is no notebook none.ipynb."),
    ("torn.ipynb", b"{", "This is no notebook that can be read."),
    ("list.ipynb", b"[]", "This is no notebook that can be read."),
    ("text.ipynb", b'{"cells": [3]}', "This is no notebook that can be read."),
    ("number.ipynb", b'{"cells": [{"source": "", "outputs": [{"data": {"image/svg+xml": 5}}]}]}',
     "This is no notebook that can be read."),
    ("17", None, "There is no chapter '17'."),
    ("", None, "There is no chapter ''."),
])
def test_what_cannot_be_exported(tmp_path, monkeypatch, capsys, name, content, sentence):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert main(["export", name]) == 2
    assert capsys.readouterr().err.strip() == f"autograd-lab: {sentence}"
    assert not list(tmp_path.glob("*.html"))
