"""Gates in a real JupyterLab: pointed at, chosen, by keys too."""

import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.widgets.gates_view import GatesView
from tests.widgets.access import serious

pytestmark = pytest.mark.e2e

GATES = """
import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.widgets.gates_view import GatesView
torch.manual_seed(0)
lstm = nn.LSTM(4, 12, 2, bidirectional=True)
view = GatesView(lstm, torch.randn(4, 4), ["the", "<b>old", "man", "sat"])
view
"""
FACTS = """
about, found = view.scene["views"][view.view], view.parts
unit = about["units"][1]
old = found["c"][1, unit]
print(unit, *(f"{found[name][2, unit]:.3g}" for name in "figc"), f"{old:.3g}", view.view, sep=";")
"""
ROOT, RULE = ".agl-gates", ".agl-gates .rule"


def until(page, css, text):
    page.wait_for_function(
        "([css, text]) => document.querySelector(css)?.innerText.includes(text)",
        arg=[css, text], timeout=15_000,
    )  # fmt: skip


def test_a_step_is_written_with_the_gates_numbers(notebook):
    book = notebook(GATES, FACTS)
    page = book.page
    book.run(0)
    until(page, RULE, "word 1 of 4")
    assert page.locator(f"{ROOT} .stage").count() == 6
    cells = page.locator(".jp-Notebook .jp-Cell").count()

    # By keys in the third part: the second unit, the third word.
    stage = page.locator(f"{ROOT} .stage").nth(2)
    stage.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    until(page, RULE, "man word 3 of 4")
    book.run(1)
    outputs = book.save()["cells"][1]["outputs"]
    unit, f, i, g, c, old, _ = "".join(outputs[0]["text"]).strip().replace("-", "−").split(";")
    until(page, RULE, f"unit {unit}")

    def held(v):
        return f"({v})" if v.startswith("−") else v

    until(page, RULE, f"c₃ = f·c₂ + i·g = {held(f)}·{held(old)} + {held(i)}·{held(g)} = {c}")
    until(page, RULE, "of its memory, writes")

    # Another layer and direction: other numbers, read from the other end.
    page.get_by_role("combobox", name="layer and direction").select_option("3")
    until(page, RULE, "reading backwards")
    until(page, RULE, "c₃ = f·c₄ + i·g")
    page.get_by_role("combobox", name="units").select_option("0")
    page.wait_for_function(f"""() => document.querySelectorAll(
      "{ROOT} section:first-child .name.row").length === 12""")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    for dark in (True, False):
        book.theme(dark)
        assert serious(page, ROOT) == []
    assert "<b>old" in page.locator(f"{ROOT} section").first.inner_text()


def test_a_page_without_a_kernel_can_be_asked(lab, tmp_path):
    view = GatesView(nn.LSTM(4, 6), torch.ones(3, 4), ["a", "b", "c"])
    view.save_html(tmp_path / "gates.html")
    page, trouble = lab.context.new_page(), []
    page.on("console", lambda m: m.type == "error" and trouble.append(m.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(f"file://{tmp_path}/gates.html")
    page.locator(f"{ROOT} .stage").first.focus()
    page.keyboard.press("End")
    until(page, RULE, "c word 3 of 3")
    page.get_by_role("combobox", name="units").select_option("0")
    assert trouble == []
    page.close()
