"""Find the chapters that the package carries, and copy them into a learner's folder.

The rule is that a learner's work is never lost. A hidden file in the folder remembers the hash of
every chapter as it was copied: a file that still has its hash is ours to update, any other is the
learner's and stays; the newer chapter is then laid beside it as ``NAME.new.ipynb``.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

RECORD = ".autograd-lab.json"


class FolderError(ValueError):
    """Say in one sentence why the chapters cannot be copied into a folder."""


@dataclass
class Copied:
    """List what a copy did, by file name; what was current already is in neither list.

    ``beside`` maps the learner's edited file to the newer chapter that was laid beside it.
    """

    written: list[str] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)


def home() -> Path:
    """Return the folder of the chapters: inside the installed package, or in the checkout."""
    package = Path(__file__).parent
    installed = package / "notebooks"
    return installed if installed.is_dir() else package.parent / "notebooks"


def chapters() -> dict[str, bytes]:
    """Return the chapters that the package carries: file name to content, in order."""
    return {path.name: path.read_bytes() for path in sorted(home().glob("*.ipynb"))}


def meant(chapter: str, names) -> list[str]:
    """Choose chapters: "3", "03", "ch3" and "03_lin" all mean the third, "all" or "" every one.

    >>> meant("ch3", ["03_linear_regression.ipynb", "13_more.ipynb"])
    ['03_linear_regression.ipynb']
    """
    wanted = chapter.lower().removeprefix("ch")
    start = "" if wanted == "all" else wanted.zfill(2) if wanted.isdecimal() else wanted
    found = [name for name in names if name.startswith(start) and (wanted or not chapter)]
    if not found:
        raise FolderError(f"There is no chapter {chapter!r}.")
    return found


def cell_of(wanted: str) -> str | None:
    """Find the source of a cell in the chapters by its id."""
    cells = (cell for content in chapters().values() for cell in json.loads(content)["cells"])
    return next(("".join(cell["source"]) for cell in cells if cell["id"] == wanted), None)


def copy_chapters(folder: Path) -> Copied:
    """Bring ``folder`` up to date with the chapters, and leave edited files alone."""
    report = Copied()
    if folder.samefile(home()):
        return report       # an author at work in the checkout
    place_all(folder, chapters(), report)
    return report


def place_all(folder: Path, files: dict[str, bytes], report: Copied) -> None:
    """Write files into a folder, what was edited there left alone, and remember their hashes."""
    hashes = _read_record(folder)
    try:
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            _place(folder, name, content, hashes, report)
        _write(folder / RECORD, json.dumps({"sha256": hashes}, indent=1).encode())
    except OSError as problem:
        why = _why(problem)
        raise FolderError(f"The files cannot be copied into {folder}: {why}.") from None


def prepare(name: str) -> Path:
    """Make the folder if it is missing, and return where it really lies.

    Its parent must exist: a slip of the finger in a long path should not grow a tree of folders.
    """
    if not name:
        raise FolderError("The name of the folder is empty.")
    try:
        folder = Path(name).expanduser().resolve()
        missing = not folder.parent.is_dir()
        if not missing:
            folder.mkdir(exist_ok=True)
    except FileExistsError:
        raise FolderError(f"{name!r} is not a folder: choose another name.") from None
    except (OSError, RuntimeError, ValueError) as problem:
        raise FolderError(f"{name!r} cannot be used as a folder: {_why(problem)}.") from None
    if missing:
        raise FolderError(f"There is no folder {folder.parent}: make it first.")
    return folder


def _why(problem):
    return getattr(problem, "strerror", None) or str(problem)


def _place(folder, name, content, hashes, report):
    """Write one chapter under the first of its names that is not the learner's own file."""
    new = _hash(content)
    for candidate in _names(name):
        path = folder / candidate
        found, known = _hash_of_file(path), hashes.get(candidate)
        deleted = found is None and candidate == name
        if found == new or (known == new and not deleted):
            hashes[candidate] = new
            return      # it is here, or it was and the learner changed it or threw it away
        if found in (None, known):
            _write(path, content)
            hashes[candidate] = new
            if candidate == name:
                report.written.append(name)
            else:
                report.beside[name] = candidate
            return


def _names(name):
    """Yield 03_x.ipynb, 03_x.new.ipynb, 03_x.new2.ipynb and so on."""
    stem = name.removesuffix(".ipynb")
    yield name
    yield f"{stem}.new.ipynb"
    number = 2
    while True:
        yield f"{stem}.new{number}.ipynb"
        number += 1


def _hash(content):
    """Hash what somebody wrote in a chapter: one that was only run has the same hash.

    Outputs and counts do not count; the cells' text does, and a teacher's marks of points. A file
    that is no notebook counts whole.
    """
    try:
        cells = json.loads(content)["cells"]
        content = json.dumps([_meaning(cell) for cell in cells]).encode()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        pass
    return hashlib.sha256(content).hexdigest()


def _meaning(cell):
    marks = cell.get("metadata", {}).get("nbgrader")
    return [cell["cell_type"], cell["source"], *([marks] if marks else [])]


def _hash_of_file(path):
    """Hash a plain file; None where there is nothing, "" for a link or a folder: not ours."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return ""
    return _hash(path.read_bytes()) if path.exists() else None


def _read_record(folder):
    """Read the hashes of what was copied before; a damaged record knows nothing."""
    path = folder / RECORD
    if path.is_symlink() or not path.is_file():
        return {}
    try:
        hashes = json.loads(path.read_bytes())["sha256"]
        return {str(name): str(value) for name, value in hashes.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


def _write(path, content):
    """Write a file whole or not at all, and never through a link that lies at its place."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        with open(part, "xb") as file:
            file.write(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
