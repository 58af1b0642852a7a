"""A teacher's commands: `autograd-lab assign`, `autograd-lab collect`, `autograd-lab export`."""

import argparse
import sys
from pathlib import Path

from ..chapters import FolderError
from .assign import assign
from .collect import collect, page, text

COMMANDS = "assign", "collect", "export"


def parser() -> argparse.ArgumentParser:
    """Describe them."""
    command = argparse.ArgumentParser(prog="autograd-lab")
    kinds = command.add_subparsers(dest="command", required=True)
    give = kinds.add_parser("assign", help="make assignments of the chapters",
                            description="Make assignments of the chapters, ready for nbgrader.")
    give.add_argument("chapter", nargs="?", default="all", metavar="CHAPTER",
                      help="3, ch3, all, or the beginning of a name: 03_lin "
                           "(default: %(default)s)")
    give.add_argument("--out", default="autograd-lab-assignments", metavar="DIR",
                      help="where they go (default: ./%(default)s)")
    take = kinds.add_parser("collect", help="merge progress files",
                            description="Merge learners' progress files into one table.")
    take.add_argument("places", nargs="+", metavar="FILE_OR_DIR",
                      help="progress files, or folders in which they lie")
    take.add_argument("--html", metavar="FILE", help="write both tables into a page as well")
    still = kinds.add_parser("export", help="write a chapter as a page to be read anywhere",
                             description="Write a chapter as one HTML file that needs no kernel, "
                                         "no server and no network.")
    still.add_argument("chapter", metavar="CHAPTER", help="a notebook's file; or 3; or all")
    still.add_argument("--out", default="", metavar="FILE_OR_DIR",
                       help="where it goes (default: CHAPTER.html here)")
    still.add_argument("--live", action="store_true",
                       help="run the chapter anew, and keep the walks of step(...) playable")
    return command


def main(arguments: list[str]) -> int:
    """Run one of them; return the exit code."""
    options = parser().parse_args(arguments)
    try:
        return {"assign": _assign, "collect": _collect, "export": _export}[options.command](options)
    except (FolderError, OSError) as problem:
        print(f"autograd-lab: {getattr(problem, 'strerror', None) or problem}", file=sys.stderr)
        return 2


def _assign(options):
    if not options.chapter:
        raise FolderError("The chapter is empty: write 3, ch3, 03_lin or all.")
    made = assign(options.out, options.chapter)
    points = made.points
    for name, count in points.items():
        print(f"{name}: {count} points" if count else f"{name}: no exercises, left out")
    for kept, new in made.beside.items():
        print(f"You edited {kept}: it stays, and the newer one is {new} beside it.")
    print(f"With solutions, for nbgrader: {Path(options.out, 'source')}\n"
          f"To hand out as it is:         {Path(options.out, 'learner')}")
    return 0


def _collect(options):
    missing = [place for place in options.places if not place or not Path(place).exists()]
    if "" in missing:
        raise FolderError("The name of a file or folder is empty.")
    if missing:
        raise FolderError(f"There is no {missing[0]}.")
    found = collect(options.places)
    if found.empty:
        names = ", ".join(repr(name) for name in found.empty[:5]) + ", ..." * (len(found.empty) > 5)
        print(f"autograd-lab: no events, left out: {names}", file=sys.stderr)
    if not found.learners:
        raise FolderError("No progress file was found: their names end in .jsonl.")
    if options.html:
        _write(options.html, page(found))
    print(text(found))
    return 0


def _write(file, text):
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as problem:
        why = problem.strerror or problem
        raise FolderError(f"{file!r} cannot be written: {why}.") from None


def _export(options):
    from .export import export  # nbconvert takes seconds: only when needed

    for file in export(options.chapter, options.out, options.live):
        print(f"{file}: {file.stat().st_size / 1e6:.1f} MB")
    return 0
