"""What the README says is so: its commands, its links, its Python, its map."""

import os
import re
import subprocess
import sys

import pytest

from tests.house.test_layers import LAYERS

INSTALL = "python3 -m venv .venv && .venv/bin/python -m pip install -q -e"
OPEN = f"{INSTALL} . && .venv/bin/autograd-lab"
TEST = f'{INSTALL} ".[test]" && .venv/bin/python -m pytest'


@pytest.fixture(scope="module")
def text(root):
    return (root / "README.md").read_text(encoding="utf-8")


def blocks(text, language):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for said, block in found if said == language]


def test_the_two_commands_are_one_line_each(text):
    lines = [block.strip() for block in blocks(text, "sh") if "venv .venv" in block]
    assert lines == [OPEN, TEST]


def test_ci_runs_the_test_command_word_for_word(root):
    assert TEST in (root / ".ci/run").read_text().splitlines()


def test_links_lead_somewhere(root, text):
    links = re.findall(r"\]\(([^)]+)\)", text)
    headings = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
                for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    for link in links:
        path, _, anchor = link.partition("#")
        if "://" not in link:
            assert not path or (root / path).exists(), f"{link} leads nowhere"
            assert not anchor or anchor in headings, f"{link} leads nowhere"
    assert any(link.endswith((".png", ".svg")) for link in links), "the README has no picture"


def test_the_python_runs(text, tmp_path):
    """All Python blocks in order, as one program; a printed result is in a comment beside it."""
    program = "\n".join(blocks(text, "python"))
    (tmp_path / "readme.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "readme.py"], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "MPLBACKEND": "agg"},
    )
    assert done.returncode == 0, done.stderr
    promised = re.findall(r"^print\(.*\)\s+# (.*)$", program, re.MULTILINE)
    assert promised
    assert done.stdout.splitlines()[:len(promised)] == promised


def test_the_error_shown_is_the_error(text, tmp_path):
    shown = next(block for block in blocks(text, "") if block.startswith("RuntimeError: mat1"))
    (tmp_path / "lesson.py").write_text(
        "import autograd_lab as torch\nfrom autograd_lab import nn\n\n"
        "x = torch.randn(32, 16, 5, 5)\nfc1 = nn.Linear(400, 120)\ny = fc1(x)\n"
    )
    done = subprocess.run(
        [sys.executable, "lesson.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stderr.endswith(shown)


def test_the_map_names_what_is_there(root, text):
    the_map = next(block for block in blocks(text, "") if block.startswith("autograd_lab/"))
    indent, named, folder = 0, set(), ""
    for line in the_map.splitlines():
        names, indent = line.strip().split("  ")[0], len(line) - len(line.lstrip())
        folder = names if not indent else folder
        for name in names.split(", "):
            place = (root / folder / name) if indent else (root / name)
            assert place.exists(), f"the map names {place.relative_to(root)}, which is not there"
            named.add(place.relative_to(root).parts[:2])
    for path in (root / "autograd_lab").iterdir():
        if not path.name.startswith("__"):
            assert ("autograd_lab", path.name) in named, f"the map does not name {path.name}"


def test_the_layers_are_those_of_the_test(text):
    shown = next(block for block in blocks(text, "") if block.startswith("1  device"))
    rows = re.split(r"\n(?=\d)", shown)  # a long row goes on in the next line
    for number, row in enumerate(rows[:len(LAYERS)], 1):
        first, _, rest = row.partition(" ")
        names = set(re.split(r",?\s+", rest.strip()))
        assert int(first) == number and names <= set(LAYERS[number - 1].split()), row
        whole = {name for name in LAYERS[number - 1].split() if "." not in name}
        assert whole - names <= {"__main__"}, row


def test_the_source_shown_is_the_source(root, text):
    """The README prints an operation whole: it must be what `torch.tanh??` shows."""
    shown = next(block for block in blocks(text, "py") if "class tanh" in block)
    assert shown in (root / "autograd_lab/ops/pointwise.py").read_text(encoding="utf-8")
