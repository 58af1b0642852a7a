"""What holds for all chapters: links lead somewhere, pictures have words, words are spelt."""

import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from autograd_lab.exercises import every, find
from tests.conftest import ROOT
from tests.notebooks.chapter import Chapter, part, texts

CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOURCES = sorted((ROOT / "notebooks/source").glob("*.md"))


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    return request.param


def prose(path):
    cells = nbformat.read(path, 4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def outputs(path):
    for cell in nbformat.read(path, 4).cells:
        for output in cell.get("outputs", ()):
            yield output.get("data", {})


# --- links


def anchors(path):
    """The anchors of a notebook's headings, as JupyterLab and nbconvert make them."""
    text = re.sub(r"^```.*?^```", "", prose(path), flags=re.M | re.S)
    return {heading.replace("`", "").strip().replace(" ", "-")
            for heading in re.findall(r"^#+ +(.+)$", text, re.M)}


def dead_links(text, folder):
    """Every link of a text that leads nowhere."""
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.M | re.S)
    for link in re.findall(r"\]\(\s*<?([^)\s>]+)", text):
        path, _, anchor = link.partition("#")
        if re.match(r"https://[\w.-]+(/|$)", link):
            continue
        place = folder / path if path else None
        lost = place and not place.is_file()
        if not lost and place and anchor and place.suffix == ".ipynb":
            lost = anchor not in anchors(place)
        if lost or re.match(r"\w+:", link):
            yield link


def test_links_lead_somewhere(chapter):
    text = prose(chapter)
    assert [*dead_links(text, chapter.parent)] == []
    here = re.findall(r"\]\(#([^)]+)\)", text)
    assert not set(here) - anchors(chapter)


@pytest.mark.parametrize("link", [
    "99_none.ipynb", "01_tensors.ipynb#No-such-heading", "http://a.org/x", "file:///etc/passwd",
])
def test_a_dead_link_is_seen(link):
    assert [*dead_links(f"See [this]({link}).", ROOT / "notebooks")] == [link]


def test_the_start_leads_to_every_chapter():
    first, *others = CHAPTERS
    assert first.stem == "00_start"
    for path in others:
        assert f"]({path.name}" in prose(first)


# --- pictures


def wordless(data):
    """Say what is wrong with the pictures of an output."""
    if "image/png" in data or "image/jpeg" in data:
        yield "a bitmap cannot say what it shows: use `<img alt=...>`, as chapter 3 does"
    html = data.get("text/html", "")
    for image in re.findall(r"<img\b[^>]*>", html):
        told = re.search(r'alt="([^"]*)"', image)
        if not told or len(told[1]) < 30:
            yield f"no words for {image[:60]}"
        if not re.search(r'src="data:image/', image):
            yield f"not in the file: {image[:60]}"
    for svg in re.findall(r"<svg\b.*?</svg>", data.get("image/svg+xml", "") + html, re.S):
        if 'role="img"' in svg and not re.search(r'aria-label="[^"]{10}|<title[^>]*>[^<]{10}', svg):
            yield f"no words for {svg[:80]}"
    if "image/svg+xml" in data and 'role="img"' not in data["image/svg+xml"][:600]:
        yield "a picture that does not say it is one"


def test_every_picture_is_told_in_words(chapter):
    assert [said for data in outputs(chapter) for said in wordless(data)] == []


@pytest.mark.parametrize("data", [
    {"image/png": "aaaa"}, {"text/html": '<img src="data:image/png;base64,aa">'},
    {"text/html": '<img alt="x" src="data:image/png;base64,aa">'},
    {"text/html": f'<img alt="{"x" * 40}" src="https://a.org/b.png">'},
    {"image/svg+xml": '<svg role="img"></svg>'}, {"image/svg+xml": "<svg></svg>"},
])
def test_a_picture_without_words_is_seen(data):
    assert [*wordless(data)]


@pytest.mark.e2e
def test_nbconverts_page_shows_all_pictures_without_javascript(tmp_path):
    """What `jupyter nbconvert --to html` makes; with nothing of the network, and no script."""
    from nbconvert.exporters import HTMLExporter
    from playwright.sync_api import sync_playwright

    exporter = HTMLExporter()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"),
                                       args=["--no-sandbox"])
        page = browser.new_context(java_script_enabled=False, offline=True).new_page()
        for path in CHAPTERS:
            html, _ = exporter.from_filename(str(path))
            (tmp_path / "page.html").write_text(html, encoding="utf-8")
            page.goto((tmp_path / "page.html").as_uri(), wait_until="domcontentloaded")
            wanted = sum(("image/svg+xml" in data) + data.get("text/html", "").count("<img")
                         for data in outputs(path))
            images = page.locator(".jp-OutputArea-output img")
            assert images.count() == wanted, path.name
            for image in images.all():
                assert image.evaluate("i => i.decode().then(() => i.naturalWidth)") > 40, path.name
        browser.close()


def test_a_picture_needs_nothing_else(chapter):
    """An SVG of a saved notebook brings its styles and loads nothing."""
    for data in outputs(chapter):
        svg = data.get("image/svg+xml", "")
        assert not re.search(r"<script|\son\w+=|@import|url\(\s*['\"]?(?!#)", svg)
        assert not re.search(r'href="(?!#|data:)', svg)


def test_no_live_widget_is_saved(chapter):
    assert "widget-view+json" not in chapter.read_text(encoding="utf-8")


def test_nothing_of_the_machine_is_in_the_outputs(chapter):
    cells = nbformat.read(chapter, 4).cells
    said = "\n".join(str(output) for cell in cells for output in cell.get("outputs", ()))
    said = re.sub(r"base64,[\w+/=]+", "", said)
    place = r"/tmp/|/home/|/roo[t]/|/autograd_lab/\S*py|ipykernel_|\b0x[0-9a-f]{6,}"
    assert not re.search(place, said)


# --- exercises and questions


@pytest.fixture(params=range(1, 6))
def number(request):
    return request.param


def test_each_exercise_stands_once_and_in_order(number):
    cells, wanted = Chapter(f"{number:02}").cells, every(f"ch{number}")
    for name in ("prompt", "starter", "check"):
        assert [cell.metadata.lab.exercise for cell in cells if part(cell, name)] == wanted
    assert len(wanted) >= 5


def test_no_exercise_is_solved(number):
    checks = [texts(cell) for cell in Chapter(f"{number:02}").code if part(cell, "check")]
    assert checks and all("Not attempted" in text for text in checks)


def test_no_cell_takes_the_name_of_an_answer(number):
    """A learner who runs the chapter once more must not lose what was solved."""
    names = "|".join(name.partition(".")[2] for name in every(f"ch{number}"))
    taken = re.compile(rf"^(?:def |for )?(?:{names})\b *(?:=[^=]|\(| in |,.* = )", re.M)
    for cell in Chapter(f"{number:02}").code:
        assert part(cell, "starter") or not taken.search(cell.source), cell.source


def test_what_was_asked_is_answered_in_a_closed_fold(number):
    chapter, waiting = Chapter(f"{number:02}"), False
    for cell in chapter.code:
        if "predicted.choose(" in cell.source:
            assert not waiting, cell.source
            waiting = True
        elif "predicted.reveal(" in cell.source:
            (output,) = cell.outputs
            html, waiting = output.data["text/html"], False
            assert html.startswith("<details") and " open" not in html.partition(">")[0]
            assert html.count("<details") == 1 and "What came out" in html
    assert not waiting and "[x]" not in chapter.prose


def test_a_question_has_a_name_of_its_own():
    found = re.findall(r"^```\{predict\} (\S+)", "".join(p.read_text() for p in SOURCES), re.M)
    assert found and len(set(found)) == len(found)


# --- words


def misspelt(*files):
    done = subprocess.run([sys.executable, "-m", "codespell_lib", *map(str, files)],
                          capture_output=True, text=True)
    return done.stdout.splitlines()


def test_nothing_is_misspelt():
    pytest.importorskip("codespell_lib", reason="pip install codespell")
    exercises = sorted((ROOT / "autograd_lab/exercises").glob("ch0*.py"))
    assert misspelt(*SOURCES, *exercises, ROOT / "README.md") == []


def test_a_misspelt_word_is_seen(tmp_path):
    pytest.importorskip("codespell_lib", reason="pip install codespell")
    (tmp_path / "x.md").write_text("We recieve teh gradient.\n")
    assert len(misspelt(tmp_path / "x.md")) == 2


def test_the_teachers_page_quotes_what_check_says():
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    page = page.partition("\n## For teachers\n")[2].partition("\n## ")[0]
    quoted = re.findall(r'\("([^"]+)"\)', " ".join(page.split()))
    mistakes = {name: find(name).mistakes().values() for name in every()}
    for number, session in enumerate(re.split(r"^\d\. ", page, flags=re.M)[1:], 1):
        said = [wrong.misconception.replace("*", "") for name, found in mistakes.items()
                if name.startswith(f"ch{number}.") for wrong in found]
        here = re.findall(r'\("([^"]+)"\)', " ".join(session.split()))
        assert here and all(any(text in title for title in said) for text in here), here
        quoted = quoted[len(here):]
    assert quoted == []
