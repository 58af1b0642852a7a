"""Make assignments of the chapters: for the teacher with solutions, for learners without.

The teacher's edition has the cell metadata of nbgrader (https://nbgrader.readthedocs.io): solution
cells, and locked cells with points that grade them. It does no harm where nbgrader is not there.
"""

import copy
import hashlib
import json
from dataclasses import dataclass, field

from ..chapters import Copied, FolderError, chapters, meant, place_all, prepare
from ..exercises.exercise import find
from .cells import cell, solved

SCHEMA = 3
HIDDEN = "gives-away"       # the tag of a chapter's cell that solves one of its exercises
UNSEEN = """# Here the chapter shows code that would give a solution away. It runs unseen.
from autograd_lab.exercises import given

given("{}")"""
CONFIG = '''"""nbgrader: `nbgrader generate_assignment NAME` in this folder, hand out release/."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "autograd-lab"
c.ClearSolutions.code_stub = {"python": "..."}
c.ExecutePreprocessor.timeout = 120    # an endless loop costs its own cell, not the notebook
'''


@dataclass
class Assigned(Copied):
    """List the points of each assignment, and which files the teacher had edited."""

    points: dict[str, int] = field(default_factory=dict)


def assign(out, chapter: str = "", notebooks: dict[str, bytes] | None = None) -> Assigned:
    """Write the assignments into a folder, each edited file left alone; say what was done.

    ``out/source/NAME/NAME.ipynb`` is the teacher's edition, ``out/learner/NAME.ipynb`` the one to
    hand out where there is no nbgrader.
    """
    known, files = chapters() if notebooks is None else notebooks, {}
    made = Assigned()
    for file in meant(chapter, known):
        name, notebook = file.removesuffix(".ipynb"), json.loads(known[file])
        made.points[name] = total(notebook)
        if made.points[name]:
            files[f"source/{name}/{file}"] = _written(edition(notebook, teacher=True))
            files[f"learner/{file}"] = _written(edition(notebook, teacher=False))
    if not files:
        raise FolderError(f"There is nothing to assign: {', '.join(made.points)} has no exercises.")
    folder = prepare(str(out))
    place_all(folder, files, made)
    if not (folder / "nbgrader_config.py").exists():
        (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    return made


def _written(notebook):
    """Write it as Jupyter does, the text in lines: to save it there is not to edit it."""
    for made in notebook["cells"]:
        made["source"] = "".join(made["source"]).splitlines(keepends=True)
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    return (text + "\n").encode()


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
    if HIDDEN in old["metadata"].get("tags", ()):
        old["source"] = UNSEEN.format(old["id"])
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
