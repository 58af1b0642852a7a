"""From the text of a chapter to notebooks: for learners, for the teacher; and no solution leaks."""

import ast
import functools
import json
import linecache
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

from autograd_lab import chapters
from autograd_lab.classroom import assign
from autograd_lab.classroom.assign import edition, total
from autograd_lab.classroom.cells import ChapterError, exercise_cells, expand, solved
from autograd_lab.exercises import every, find, given
from tests.conftest import ROOT
from tests.exercises.shown import SHARE, given_away, shares
from tests.notebooks.build import build, convert

TEXT = '''\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3 (ipykernel)
  language: python
  name: python3
---

# A chapter

```{code-cell} ipython3
import autograd_lab as torch
from autograd_lab.exercises import check, predict
```

Before.

```{predict} ch1.total
`x` is (4, 3). Which shape has `x.sum(0)`?
- (4,)
- [x] (3,)
```

```{code-cell} ipython3
:tags: [nbval-check-output]

predicted.reveal(lambda: torch.zeros(4, 3).sum(0).shape)
```

Now you.

```{exercise} ch1.one_hot
```

Between.

```{exercise} ch2.sabotage
```

```{exercise} ch1.shapes
```

After.
'''


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    file = tmp_path_factory.mktemp("chapter") / "09_test.md"
    file.write_text(TEXT)
    return file


@pytest.fixture(scope="module")
def built(source):
    """The chapter as it would be committed: run, with its outputs."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        return build(source)
    finally:
        os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)


def test_blocks_become_cells(source):
    cells = convert(source).cells
    kinds = [(cell.cell_type, cell.metadata.get("lab", {}).get("part", "")) for cell in cells]
    exercise = [("markdown", "prompt"), ("code", "starter"), ("code", "check")]
    played = [*exercise[:2], ("code", "play"), exercise[2]]
    assert kinds == [
        ("markdown", ""), ("code", ""), ("markdown", ""), ("markdown", ""), ("code", ""),
        ("code", ""), ("markdown", ""), *exercise, ("markdown", ""), *played, *exercise,
        ("markdown", ""),
    ]
    texts = [cell.source for cell in cells]
    assert texts[7].startswith("### Exercise 5 · one hot\n\nTurn `labels` (n,)")
    assert texts[8] == "def one_hot(labels, classes):\n    ..."
    assert texts[9] == 'check("ch1.one_hot", one_hot)'
    assert texts[10] == "Between." and texts[-1] == "After."
    played = "from autograd_lab.widgets import RuleView\n\nRuleView(\"ch2.sabotage\", sabotage)"
    assert texts[13] == played
    assert texts[3] == "**Predict.** `x` is (4, 3). Which shape has `x.sum(0)`?"
    assert texts[4].startswith('predicted = predict("ch1.total", ["(4,)", "(3,)"], right="')
    assert texts[4].endswith('predicted.choose(...)    # "a" or "b"')


def test_ids_are_stable_and_unique(source):
    ids = [cell.id for cell in convert(source).cells]
    assert ids == [cell.id for cell in convert(source).cells] and len(set(ids)) == len(ids)
    nbformat.validate(convert(source))


def test_an_unknown_exercise_stops_the_build():
    with pytest.raises(KeyError, match=r"no exercise 'ch1.one_hit'. Do you mean 'ch1.one_hot'"):
        list(expand("```{exercise} ch1.one_hit\n```"))


@pytest.mark.parametrize("text", [
    "```{exercise} ch1.one_hot\nnever closed", "  ```{exercise} ch1.one_hot\n  ```",
    "```{predict} ch1.x\nWhat?\n- one\n```", "```{predict} ch1.x\n- one\n- two\n```",
    "```{predict} ch1.x\nWhat?\n- [x] one\n- [x] two\n```",
    "```{predict} ch1.x\nWhat?\n- a\n- a\n```",
])
def test_a_block_that_is_wrong_stops_the_build(text):
    with pytest.raises(ChapterError):
        list(expand(text))


def test_other_blocks_stay():
    text = "```python\nx = 1\n```\n\n$$x$$"
    assert [cell["source"] for cell in expand(text)] == [text]


def test_options_with_quotes_and_many_of_them():
    text = "```{predict} ch1.x\nWhat?\n" + "".join(f'- "{n * 9}\\\n' for n in "abcde") + "```"
    code = [*expand(text)][1]["source"]
    names = {"predict": lambda name, options, **_: options}
    exec(code.partition("\npredicted.choose")[0], names)
    assert names["predicted"] == [f'"{n * 9}\\' for n in "abcde"] and '"d" or "e"' in code
    assert max(map(len, code.splitlines())) < 100


class TestBuilt:
    def test_the_starter_is_not_attempted(self, built):
        outputs = [cell.outputs[0].data for cell in built.cells if cell.source.startswith("check(")]
        assert len(outputs) == 3
        assert all("○ Not attempted" in data["text/plain"] for data in outputs)

    def test_the_answer_of_a_question_is_folded(self, built):
        shown = next(c for c in built.cells if c.source.startswith("predicted.reveal"))
        data = shown.outputs[0].data
        assert data["text/plain"] == "torch.Size([3])"
        assert data["text/html"].startswith("<details")

    def test_nothing_leaks(self, built):
        assert leaks(built) == []


# --- leaks


def squashed(text):
    return re.sub(r"\s+", "", text).replace("'", '"')


def strings(found):
    """Yield every string in a notebook's JSON: sources, outputs, metadata, attachments."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, list):
        yield from ["".join(found)] if all(isinstance(x, str) for x in found) else (
            text for x in found for text in strings(x))
    elif isinstance(found, dict):
        for key, value in found.items():
            yield from (key, *strings(value))


@functools.cache
def telling(name):
    """What must not be found: the solution's body, as it is written and as Python writes it."""
    exercise = find(name)
    code = exercise.code("solution")
    tree = ast.parse(code).body[0]
    if exercise.kind == "numbers":
        pairs = zip(tree.value.keys, tree.value.values)
        return {",".join(squashed(f"{ast.unparse(k)}:{ast.unparse(v)}") for k, v in pairs)}
    body = textwrap.dedent(code.partition("\n")[2])
    texts = body, "\n".join(map(ast.unparse, tree.body))
    return {squashed(text).removeprefix("return") for text in texts}


def leaks(notebook):
    """List the exercises whose solution is anywhere in a notebook, and marks of the teacher's."""
    notebook = json.loads(nbformat.writes(notebook)) if hasattr(notebook, "cells") else notebook
    texts = [squashed(text) for text in strings(notebook)]
    found = [name for name in every() for secret in telling(name)
             if any(secret in text for text in texts)]
    found += [mark for mark in ("###BEGINSOLUTION", "###ENDSOLUTION", "[x]")
              if any(mark in text for text in texts)]
    return sorted(set(found))


@pytest.mark.parametrize("place", [
    {"source": "return(labels[:, None]  == torch.arange(classes)) .float()"},
    {"metadata": {"x": ["a", "labels[:,None] == torch.", "arange(classes)).float()"]}},
])
def test_a_leak_is_seen(place):
    text = json.dumps(place).replace("labels[:,None]", "(labels[:,None]")
    assert leaks({"cells": [json.loads(text)]}) == ["ch1.one_hot"]


@pytest.mark.parametrize("name", every())
def test_every_solution_would_be_seen(name):
    assert name in leaks({"cells": [{"source": find(name).code("solution")}]})


@pytest.mark.parametrize("name", every())
def test_no_prompt_gives_its_solution_away(name):
    assert leaks({"cells": exercise_cells(name)}) == []


@pytest.mark.parametrize("name", sorted(chapters.chapters()))
def test_no_chapter_gives_a_solution_away(name):
    assert leaks(json.loads(chapters.chapters()[name])) == []


@pytest.mark.parametrize(("code", "name", "shown"), [
    ("a = (target.unsqueeze(1) == torch.arange(n)).float()", "ch1.one_hot", False),
    ("print((target[:, None] == torch.arange(n)).float())", "ch1.one_hot", True),
    ("m = torch.sigmoid(b) * m + torch.sigmoid(a) * torch.tanh(z)", "ch5.lstm_step", True),
    ("y = x.tanh()", "ch5.lstm_step", False),
])
def test_a_solution_is_seen_under_other_names(code, name, shown):
    assert (shares(code)[name] > SHARE) is shown


@pytest.mark.parametrize("name", sorted(chapters.chapters()))
def test_no_assignment_shows_what_it_asks_for(name):
    notebook = json.loads(chapters.chapters()[name])
    for teacher in (False, True):
        made = edition(notebook, teacher)
        made["cells"] = [cell for cell in made["cells"]
                         if cell["metadata"].get("lab", {}).get("part") != "starter"]
        assert given_away(made, f"ch{int(name[:2])}") == []


def test_a_cell_that_gives_away_runs_unseen(monkeypatch):
    """Later cells use what it makes, so the assignment runs as the chapter does."""
    shell = InteractiveShell()
    notebook = edition(json.loads(chapters.chapters()["02_backprop.ipynb"]), teacher=False)
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    hidden = [source for source in sources if "given(" in source]
    assert len(hidden) == 2 and "in_order(self)" in "".join(sources)
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    shell.run_cell(hidden[0]).raise_error()
    assert callable(shell.user_ns["in_order"])
    with pytest.raises(LookupError, match="no chapter of the package has a cell 'x'"):
        given("x")


# --- assignments


@pytest.fixture(scope="module")
def assigned(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("class") / "out"
    made = assign(folder, notebooks={"09_test.ipynb": nbformat.writes(built).encode()})
    return folder, made.points


def test_what_is_written(assigned):
    folder, points = assigned
    assert points == {"09_test": 6}
    files = sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())
    assert files == [".autograd-lab.json", "learner/09_test.ipynb", "nbgrader_config.py",
                     os.path.join("source", "09_test", "09_test.ipynb")]
    compile((folder / "nbgrader_config.py").read_text(), "config", "exec")


@pytest.fixture(scope="module", params=["learner/09_test.ipynb", "source/09_test/09_test.ipynb"])
def written(assigned, request):
    return nbformat.read(assigned[0] / request.param, 4)


def test_both_editions_are_sound(written):
    nbformat.validate(written)
    ids = [cell.id for cell in written.cells]
    assert len(set(ids)) == len(ids)
    assert not any(cell.get("outputs") for cell in written.cells)


def test_nbgraders_marks(written):
    marks = [cell.metadata.nbgrader for cell in written.cells if "nbgrader" in cell.metadata]
    assert [mark.grade_id for mark in marks] == [
        "ch1-one_hot", "ch1-one_hot-test", "ch2-sabotage", "ch2-sabotage-test",
        "ch1-shapes", "ch1-shapes-test"]
    for solution, test in zip(marks[::2], marks[1::2]):
        assert solution.solution and not solution.grade and not solution.locked
        assert test.grade and test.locked and not test.solution and test.points == 2
        assert solution.schema_version == test.schema_version == 3
        assert solution.task is test.task is False


def test_the_learners_edition_holds_no_solution(assigned):
    assert leaks(nbformat.read(assigned[0] / "learner/09_test.ipynb", 4)) == []
    teachers = leaks(nbformat.read(assigned[0] / "source/09_test/09_test.ipynb", 4))
    assert {"ch1.one_hot", "ch1.shapes", "ch2.sabotage", "###BEGINSOLUTION"} <= set(teachers)


def run(notebook):
    """Run the cells here, one after the other; a kernel would do the same, and take seconds."""
    names, shown = {}, []
    for number, made in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
        file = f"<cell {number}>"
        linecache.cache[file] = (len(made.source), None, made.source.splitlines(True), file)
        tree = ast.parse(made.source)
        if made.source.startswith("check("):
            code = compile(ast.Expression(tree.body[0].value), file, "eval")
            shown.append(repr(eval(code, names)))
        else:
            exec(compile(tree, file, "exec"), names)
    return shown


def test_the_teachers_edition_earns_all(assigned):
    shown = run(nbformat.read(assigned[0] / "source/09_test/09_test.ipynb", 4))
    assert [text[:7] for text in shown] == ["✓ Right"] * 3


def test_the_learners_edition_earns_nothing(assigned):
    notebook = nbformat.read(assigned[0] / "learner/09_test.ipynb", 4)
    for left in (3, 2, 1):
        grading = [cell for cell in notebook.cells if "grade(" in cell.source]
        assert len(grading) == left
        with pytest.raises(AssertionError, match="Not attempted: ch"):
            run(notebook)
        notebook.cells.remove(grading[0])
    assert [text[:15] for text in run(notebook)] == ["○ Not attempted"] * 3


@pytest.mark.parametrize("name", every())
def test_a_solution_can_be_cut_out_again(name):
    """As nbgrader does it: the lines between the marks become `...`; what is left is a starter."""
    exercise = find(name)
    code = solved(exercise)
    compile(code, name, "exec")
    cut = re.sub(r"( *)### BEGIN SOLUTION\n.*?### END SOLUTION", r"\1...", code, flags=re.S)
    assert leaks({"cells": [{"source": cut}]}) == []
    assert cut.startswith(exercise.code("starter"))


def test_chapters_are_found_by_number_and_name(tmp_path, built):
    content = nbformat.writes(built).encode()
    both = {"09_test.ipynb": content, "10_more.ipynb": content}
    for number, wanted in enumerate(["9", "09", "ch9", "09_te", "10", "", "all"]):
        found = assign(tmp_path / str(number), wanted, both).points
        assert found == ({"10_more": 6} if wanted == "10" else
                         {"09_test": 6, "10_more": 6} if wanted in ("", "all") else
                         {"09_test": 6})
    with pytest.raises(ValueError, match="no chapter 'x'"):
        assign(tmp_path / "x", "x", both)


def test_a_second_time_changes_nothing(assigned, built):
    folder, _ = assigned
    before = {f: f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    assign(folder, notebooks={"09_test.ipynb": nbformat.writes(built).encode()})
    assert before == {f: f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.mark.parametrize("change", [
    lambda notebook: notebook.cells.append(nbformat.v4.new_markdown_cell("My own question.")),
    lambda notebook: next(cell for cell in notebook.cells if "points" in cell.metadata.get(
        "nbgrader", {})).metadata.nbgrader.update(points=5),
])
def test_what_the_teacher_edited_stays(tmp_path, built, change):
    """The newer edition lies beside it; what was only saved, or run, is not edited."""
    files = {name: nbformat.writes(built).encode() for name in ("08_test.ipynb", "09_test.ipynb")}
    assign(tmp_path, notebooks=files)
    edited, saved = (tmp_path / f"source/{name}/{name}.ipynb" for name in ("09_test", "08_test"))
    for place in (edited, saved):
        notebook = nbformat.read(place, 4)
        if place == edited:
            change(notebook)
        nbformat.write(notebook, place)
    before = edited.read_bytes()
    later = {name: content.replace(b"After.", b"Later.") for name, content in files.items()}
    made = assign(tmp_path, notebooks=later)
    beside = "source/09_test/09_test.new.ipynb"
    assert edited.read_bytes() == before and b"Later." in (tmp_path / beside).read_bytes()
    assert made.beside == {"source/09_test/09_test.ipynb": beside}
    assert b"Later." in saved.read_bytes()


def test_the_chapter_itself_is_not_changed(built):
    notebook = json.loads(nbformat.writes(built))
    before = json.dumps(notebook)
    edition(notebook, teacher=True)
    assert json.dumps(notebook) == before and total(notebook) == 6


# nbgrader in a folder of its own, because nothing else needs it:
# pip install --no-deps --target .venv/nbgrader nbgrader sqlalchemy alembic mako rapidfuzz
NBGRADER = Path(sys.prefix, "nbgrader")


@pytest.mark.slow
def test_nbgrader_itself(assigned, tmp_path):
    """Generate, solve, grade: the solved notebook earns all points, the blank one none."""
    if not NBGRADER.exists():
        pytest.importorskip("nbgrader", reason=f"no nbgrader in {NBGRADER.name}/: see above")
    shutil.copytree(assigned[0], tmp_path, dirs_exist_ok=True)
    programs = [NBGRADER / "bin", Path(sys.executable).parent, os.environ["PATH"]]
    env = {**os.environ, "PATH": os.pathsep.join(map(str, programs)),
           "PYTHONPATH": os.pathsep.join([str(ROOT), str(NBGRADER)])}

    def nbgrader(*command):
        done = subprocess.run([sys.executable, "-m", "nbgrader", *command], cwd=tmp_path, env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr

    nbgrader("generate_assignment", "09_test")
    release = tmp_path / "release/09_test/09_test.ipynb"
    assert leaks(nbformat.read(release, 4)) == []
    for who, file in [("ann", tmp_path / "source/09_test/09_test.ipynb"), ("bob", release)]:
        place = tmp_path / "submitted" / who / "09_test"
        place.mkdir(parents=True)
        shutil.copy(file, place / "09_test.ipynb")
    nbgrader("autograde", "09_test")
    nbgrader("export")
    rows = (tmp_path / "grades.csv").read_text().splitlines()
    columns = rows[0].split(",")
    scores = {row.split(",")[columns.index("student_id")]: float(
        row.split(",")[columns.index("score")]) for row in rows[1:]}
    assert scores == {"ann": 6.0, "bob": 0.0}
