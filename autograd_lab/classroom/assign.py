"""Make assignments of the chapters: for the teacher with solutions, for learners without.

The teacher's edition has the cell metadata of nbgrader (https://nbgrader.readthedocs.io): solution
cells, and locked cells with points that grade them. It does no harm where nbgrader is not there.
"""

import copy
import hashlib
import json

from ..chapters import FolderError, chapters, prepare
from ..exercises.exercise import find
from .cells import cell, solved

SCHEMA = 3
CONFIG = '''"""nbgrader: `nbgrader generate_assignment NAME` in this folder, hand out release/."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "autograd-lab"
c.ClearSolutions.code_stub = {"python": "..."}
c.ExecutePreprocessor.timeout = 120    # an endless loop costs its own cell, not the notebook
'''


def assign(out, chapter: str = "", notebooks: dict[str, bytes] | None = None) -> dict[str, int]:
    """Write the assignments into a folder; give the points of each, by its name.

    ``out/source/NAME/NAME.ipynb`` is the teacher's edition, ``out/learner/NAME.ipynb`` the one to
    hand out where there is no nbgrader.
    """
    folder = prepare(str(out))
    points = {}
    for file, content in (chapters() if notebooks is None else notebooks).items():
        name = file.removesuffix(".ipynb")
        if not _meant(name, chapter):
            continue
        notebook = json.loads(content)
        points[name] = total(notebook)
        if points[name]:
            _write(folder / "source" / name / file, edition(notebook, teacher=True))
            _write(folder / "learner" / file, edition(notebook, teacher=False))
    if not points:
        raise FolderError(f"There is no chapter {chapter!r}.")
    if any(points.values()) and not (folder / "nbgrader_config.py").exists():
        (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    return points


def _meant(name, chapter):
    """Say whether a chapter is asked for: "3", "03", "ch3" and "03_linear" all mean the third."""
    wanted = chapter.lower().removeprefix("ch")
    return name.startswith(wanted.zfill(2) if wanted.isdecimal() else wanted)


def _write(path, notebook):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def total(notebook: dict) -> int:
    """Add up the points of a chapter's exercises."""
    return sum(find(lab["exercise"]).points for lab in map(_lab, notebook["cells"])
               if lab.get("part") == "starter")


def edition(notebook: dict, teacher: bool) -> dict:
    """Make a chapter into an assignment: no outputs, and a grading cell after each check."""
    made = copy.deepcopy(notebook)
    made["cells"] = [new for old in made["cells"] for new in _cells(old, teacher)]
    made["metadata"].pop("widgets", None)
    return made


def _lab(old):
    lab = old.get("metadata", {}).get("lab", {})
    return lab if isinstance(lab, dict) else {}


def _cells(old, teacher):
    """Give what becomes of a cell."""
    if old["cell_type"] == "code":
        old["outputs"], old["execution_count"] = [], None
    lab = _lab(old)
    name, part = lab.get("exercise"), lab.get("part")
    if part == "starter":
        exercise = find(name)
        old["source"] = solved(exercise) if teacher else exercise.code("starter")
        old["metadata"]["nbgrader"] = _marks(name, solution=True)
        yield old
    elif part == "check":
        yield old
        yield _grading(name)
    else:
        yield old


def _grading(name):
    """Import anew in the locked cell: a learner may have given `grade` another meaning."""
    exercise = find(name)
    code = (f"from autograd_lab.exercises import grade\n\n"
            f'grade("{name}", {exercise.variable()})')
    made = cell("code", code, exercise=name, part="grade")
    made["id"] = hashlib.sha1(f"grade\n{name}".encode()).hexdigest()[:12]
    made["metadata"]["nbgrader"] = _marks(name + ".test", grade=True, locked=True,
                                          points=exercise.points)
    return made


def _marks(name, grade=False, locked=False, solution=False, **more):
    return {"schema_version": SCHEMA, "grade_id": name.replace(".", "-"), "grade": grade,
            "locked": locked, "solution": solution, "task": False, **more}
