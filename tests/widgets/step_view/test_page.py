"""A page without a kernel: one file, opened from disk, with all requests refused."""

import re

import pytest

import autograd_lab as torch
from autograd_lab.watching import remember_lines
from autograd_lab.widgets import GraphView
from autograd_lab.widgets._page import page as page_of
from autograd_lab.widgets.step_view import StepView, export
from tests.widgets.access import serious

EVIL = "</script><img src=x onerror=alert(1)>"
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    torch.manual_seed(0)
    remember_lines()
    x = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]])
    w = torch.randn(3, 2, requires_grad=True)
    s = torch.tensor(0.5, requires_grad=True)
    h = (x @ w).tanh() * s
    loss = (h * h + h).mean()
    export(folder / "step.html", loss)
    StepView(s * s + s, names={EVIL: s}).save_html(folder / "evil.html")
    GraphView(loss).save_html(folder / "graph.html")
    remember_lines(False)
    return folder


@pytest.fixture(scope="module")
def chromium(lab):
    return lab.browser


@pytest.fixture
def show(chromium, files):
    """Call ``show("step.html")`` for a page; nothing may go wrong, nothing may be asked for."""
    trouble, contexts = [], []

    def open(name, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        context.route(re.compile("^(?!file:|blob:|data:)"), lambda route: route.abort())
        page = context.new_page()
        page.on("request", lambda r: trouble.append(r.url) if r.url.startswith("http") else None)
        loud = ("error", "warning")
        page.on("console", lambda m: trouble.append(m.text) if m.type in loud else None)
        page.on("pageerror", lambda e: trouble.append(str(e)))
        page.goto((files / name).as_uri())
        return page

    yield open
    for context in contexts:
        context.close()
    assert trouble == []


def test_it_is_small(files):
    assert (files / "step.html").stat().st_size < 400_000
    text = (files / "step.html").read_text(encoding="utf-8")
    assert "http-equiv" in text and "unsafe-eval" not in text and "https://" not in text


def test_it_steps_inspects_and_tells(show):
    page = show("step.html", viewport={"width": 1100, "height": 900})
    page.wait_for_selector(".agl-step .node")
    deck = page.locator(".agl-step")
    deck.focus()
    page.keyboard.press("End")
    assert deck.locator(".where").inner_text().startswith("12 / 12")
    assert deck.locator(".rule .left").first.inner_text().startswith("∂L/∂")
    assert deck.locator(".lit mark").count() >= 1
    page.keyboard.press("Home")
    assert "Nothing is computed" in deck.locator(".now").inner_text()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    assert deck.locator(".node.is-now.back").count() == 1
    deck.get_by_role("button", name="Wrong order").click()
    deck.locator(".wrong table").wait_for()
    assert "gradients had arrived" in deck.locator(".wrong").inner_text()
    deck.get_by_role("button", name="Wrong order").click()
    assert serious(page, ".agl-step") == []


def test_why_and_scrubbing_answer_from_what_was_recorded(show):
    page = show("step.html", viewport={"width": 1100, "height": 900})
    page.wait_for_selector(".agl-step .node")
    page.locator(".agl-step").focus()
    page.keyboard.press("End")
    page.get_by_role("tab", name="Why this number?").click()
    tab = "document.querySelector('.agl-step [role=tabpanel]').innerText"
    page.wait_for_function(f"() => /Why is/.test({tab})")
    page.get_by_role("tab", name="Change it").click()
    page.wait_for_function(f"() => /another number/.test({tab})")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_systems_theme(show, scheme):
    page = show("step.html", color_scheme=scheme, viewport={"width": 480, "height": 900})
    page.wait_for_selector(".agl-step .node")
    ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]")
    assert (int(ground) < 128) == (scheme == "dark")
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= 480
    assert serious(page, ".agl-step") == []


def test_hostile_names_are_only_names(show):
    page = show("evil.html")
    page.wait_for_selector(".agl-step .node")
    page.locator(".agl-step").focus()
    page.keyboard.press("End")
    assert EVIL[:9] in page.locator(".now").inner_text()
    assert page.locator(".agl-step img").count() == 0


def test_other_widgets_can_be_saved_too(show):
    page = show("graph.html")
    page.wait_for_selector(".agl-graph .node")
    page.locator(".agl-graph .node").first.click()
    page.wait_for_selector(".agl-graph .side:not([hidden])")


def test_a_page_escapes_what_it_holds():
    text = page_of("export default {}", {"name": EVIL, "data": b"\x00\x01"}, EVIL)
    assert "<img" not in text and text.count("</script>") == 2 and '{"$bytes": "AAE="}' in text
