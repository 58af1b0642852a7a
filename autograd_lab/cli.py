"""The command `autograd-lab`: lay out the chapters in a folder and open JupyterLab there.

`autograd-lab assign`, `collect` and `export` are a teacher's, `hub` is for JupyterHub: see
`classroom`. `autograd-lab run` runs a program as several processes: see `multiprocessing.command`.
"""

import argparse
import difflib
import os
import sys
from importlib import metadata
from pathlib import Path

from .chapters import Copied, FolderError, copy_chapters, prepare

FOLDER = "autograd-lab-chapters"
COMMANDS = "assign", "collect", "export", "hub", "run"
# Switches one extension off: the one that asks for Jupyter's news and looks for updates.
SETTINGS = Path(__file__).parent / "jupyter"


def main(arguments: list[str] | None = None) -> int:
    """Copy the chapters, say what changed, open JupyterLab; return the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] in (["assign"], ["collect"], ["export"]):
        from .classroom import commands  # a teacher's: only when asked for

        return commands.main(arguments)
    if arguments[:1] == ["run"]:
        from .multiprocessing import command

        return command.main(arguments[1:])
    if arguments[:1] == ["hub"]:
        return serve(arguments[1:])
    options, rest = parser().parse_known_args(arguments)
    try:
        refuse_mistyped(arguments, rest)
        folder = lay_out(options.folder)
    except FolderError as problem:
        print(f"autograd-lab: {problem}", file=sys.stderr)
        return 2
    if not options.copy_only:
        open_lab(folder, options.port, options.browser)
    return 0


def refuse_mistyped(arguments: list[str], rest: list[str]) -> None:
    """Make no folder of a command that was mistyped; name the command that is nearest.

    >>> refuse_mistyped(["foo", "x"], ["x"])
    Traceback (most recent call last):
    autograd_lab.chapters.FolderError: There is no command 'foo': assign, collect, export, hub, run.
    """
    word = arguments[0] if arguments else ""
    named = word.startswith("-") or os.path.dirname(word) or os.path.exists(word)
    if word and not named:
        more = any(not each.startswith("-") for each in rest)   # one folder is all it takes
        near = difflib.get_close_matches(word, COMMANDS, 1, 0.6 if more else 0.8)
        if near:
            raise FolderError(f"There is no command {word!r}. Did you mean {near[0]!r}? "
                              f"(For a folder of that name: ./{word})")
        if more:
            raise FolderError(f"There is no command {word!r}: {', '.join(COMMANDS)}.")
    if rest:
        raise FolderError(f"{' '.join(rest)!r} is not understood: see autograd-lab --help.")


def lay_out(name: str) -> Path:
    """Bring the chapters in a folder up to date, and say what changed."""
    folder = prepare(name)
    report = copy_chapters(folder)
    trust([folder / name for name in (*report.written, *report.beside.values())])
    print(*describe(report, folder), sep="\n", flush=True)
    return folder


def serve(arguments: list[str]) -> int:
    """Bring a learner's chapters up to date, then become her server under JupyterHub.

    What she edited stays. Chapters that cannot be copied or signed (a full disk, say) are a line in
    the server's log: the server starts anyway.
    """
    from .classroom import hub

    if {"-h", "--help"} & set(arguments):
        print(hub.HELP)
        return 0
    try:
        lay_out(str(Path.home() / FOLDER))
    except (FolderError, OSError) as problem:     # OSError: Jupyter's own folder is of no use
        print(f"autograd-lab: {problem}", file=sys.stderr, flush=True)
    return hub.become_server(arguments, with_settings(os.environ))


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    command = argparse.ArgumentParser(
        prog="autograd-lab",
        description="Copy the chapters into a folder and open JupyterLab there. "
                    "Files that you edited are never overwritten.",
        epilog="For teachers: `autograd-lab assign --help`, and the same for collect and export. "
               "For programs of several processes: `autograd-lab run --help`. "
               "For a class on JupyterHub: `autograd-lab hub --help`.",
    )
    command.add_argument("folder", nargs="?", default=FOLDER, metavar="DIR",
                         help="where the chapters go (default: ./%(default)s)")
    command.add_argument("--port", type=port, default=8888,
                         help="port of JupyterLab; if it is taken, the next free one is used")
    command.add_argument("--no-browser", dest="browser", action="store_false",
                         help="print the address and open no browser")
    command.add_argument("--copy-only", action="store_true", help="copy, and open nothing")
    version = f"autograd_lab {metadata.version('autograd_lab')}"
    command.add_argument("--version", action="version", version=version)
    return command


def port(text: str) -> int:
    """Read a port number."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number from 1 to 65535")
    return int(text)


def describe(report: Copied, folder: Path) -> list[str]:
    """Say in a few lines what the copy did."""
    count = len(report.written)
    lines = [f"{count} chapter{'s' * (count != 1)} copied."] if count else []
    for kept, new in report.beside.items():
        lines.append(f"You edited {kept}: it stays, and the newer chapter is {new} beside it.")
    return [*lines, f"The chapters are in {folder}"]


def trust(chapters: list[Path]) -> None:
    """Sign our own chapters, so that JupyterLab shows their pictures before they are run."""
    if not chapters:
        return
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    for chapter in chapters:
        notary.sign(nbformat.read(chapter, as_version=4))


def with_settings(environment) -> dict[str, str]:
    """Add our settings of JupyterLab to an environment."""
    places = [str(SETTINGS), environment.get("JUPYTER_CONFIG_PATH", "")]
    return {**environment, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, places))}


def open_lab(folder: Path, port: int, browser: bool) -> None:
    """Run JupyterLab on the folder, in this process, until it is stopped."""
    from jupyterlab.labapp import LabApp  # takes a second: only when needed

    os.environ.update(with_settings(os.environ))
    arguments = [f"--ServerApp.root_dir={folder}", f"--ServerApp.port={port}"]
    chapters = sorted(path.name for path in folder.glob("[0-9][0-9]_*.ipynb"))
    if chapters:
        arguments.append(f"--LabApp.default_url=/lab/tree/{chapters[0]}")
    if not browser:
        arguments.append("--no-browser")
    if getattr(os, "geteuid", lambda: 1)() == 0:
        arguments.append("--allow-root")    # in a container there is often nobody else
    LabApp.launch_instance(arguments)
