"""The commands `autograd-lab assign` and `autograd-lab collect`."""

import argparse
import sys
from pathlib import Path

from ..chapters import FolderError
from .assign import assign
from .collect import collect, page, text

COMMANDS = "assign", "collect"


def parser() -> argparse.ArgumentParser:
    """Describe both."""
    command = argparse.ArgumentParser(prog="autograd-lab")
    kinds = command.add_subparsers(dest="command", required=True)
    give = kinds.add_parser("assign", help="make assignments of the chapters",
                            description="Make assignments of the chapters, ready for nbgrader.")
    give.add_argument("chapter", nargs="?", default="", metavar="CHAPTER",
                      help="3, or the beginning of a name: 03_lin (default: all)")
    give.add_argument("--out", default="autograd-lab-assignments", metavar="DIR",
                      help="where they go (default: ./%(default)s)")
    take = kinds.add_parser("collect", help="merge progress files",
                            description="Merge learners' progress files into one table.")
    take.add_argument("places", nargs="+", metavar="FILE_OR_DIR")
    take.add_argument("--html", metavar="FILE", help="write a page as well")
    return command


def main(arguments: list[str]) -> int:
    """Run one of them; return the exit code."""
    options = parser().parse_args(arguments)
    try:
        return _assign(options) if options.command == "assign" else _collect(options)
    except (FolderError, OSError) as problem:
        print(f"autograd-lab: {getattr(problem, 'strerror', None) or problem}", file=sys.stderr)
        return 2


def _assign(options):
    points = assign(options.out, options.chapter)
    for name, count in points.items():
        print(f"{name}: {count} points" if count else f"{name}: no exercises, left out")
    if any(points.values()):
        print(f"With solutions, for nbgrader: {Path(options.out, 'source')}\n"
              f"To hand out as it is:         {Path(options.out, 'learner')}")
    return 0


def _collect(options):
    missing = [place for place in options.places if not Path(place).exists()]
    if missing:
        raise FolderError(f"There is no {missing[0]}.")
    found = collect(options.places)
    if not found.learners:
        raise FolderError("No progress file was found: their names end in .jsonl.")
    if options.html:
        Path(options.html).write_text(page(found), encoding="utf-8")
    print(text(found))
    return 0
