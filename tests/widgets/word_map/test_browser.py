"""The map of words in a real JupyterLab: asked by sentence and by cell, by keys too."""

import pytest

import autograd_lab as torch
from autograd_lab.widgets.word_map import WordMap
from tests.widgets.access import serious

pytestmark = pytest.mark.e2e

MAP = """
import autograd_lab as torch
from autograd_lab.widgets.word_map import WordMap
def scores(x):
    return x + 3 * x.flip(0)
words = WordMap(scores, torch.eye(3), ["left", "<i>mid", "right"], ["A", "B", "C"])
words
"""
WORDS = ".agl-words"


def until(page, css, text):
    page.wait_for_function(
        "([css, text]) => document.querySelector(css)?.innerText.includes(text)",
        arg=[css, text], timeout=15_000,
    )  # fmt: skip


def test_the_sentence_and_the_map_answer(notebook):
    book = notebook(MAP, "print(words.row, words.absolute)")
    page = book.page
    book.run(0)
    until(page, f"{WORDS} .said", "left is C")
    until(page, f"{WORDS} .said", "moved 75 % by ‘right’, 25 % by itself")

    buttons = page.locator(f"{WORDS} .sentence button")
    buttons.nth(1).click()
    until(page, f"{WORDS} .said", "<i>mid is B")
    until(page, f"{WORDS} .said", "moved 100 % by itself")
    page.keyboard.press("ArrowRight")
    until(page, f"{WORDS} .said", "moved 75 % by ‘left’")

    page.locator(f"{WORDS} .stage").focus()
    for key in ("Home", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    until(page, f"{WORDS} .said", "tag C of ‘left’ ← 75 % from ‘right’, gradient 3")
    page.get_by_role("button", name="size of the gradient").click()
    page.wait_for_selector(f"{WORDS} .how button:last-child[aria-pressed=true]")
    for dark in (True, False):
        book.theme(dark)
        assert serious(page, WORDS) == []
    book.run(1)
    outputs = book.save()["cells"][1]["outputs"]
    assert "".join(outputs[0]["text"]).strip() == "2 True"


def test_a_page_without_a_kernel_can_be_asked(lab, tmp_path):
    view = WordMap(lambda x: x + 3 * x.flip(0), torch.eye(3), ["a", "b", "c"])
    view.save_html(tmp_path / "words.html")
    page, trouble = lab.context.new_page(), []
    page.on("console", lambda m: m.type == "error" and trouble.append(m.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(f"file://{tmp_path}/words.html")
    page.locator(f"{WORDS} .sentence button").nth(2).click()
    until(page, f"{WORDS} .said", "moved 75 % by ‘a’")
    assert trouble == []
    page.close()
