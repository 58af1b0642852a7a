"""Remember what was tried: one line of JSON per check, in a plain file beside the notebook.

The file is the learner's: it holds no name and no code, and nobody sees it unless it is handed
over. It is for learning, never for marks: anybody can write a line into it.
``LAB_PROGRESS=off`` keeps nothing, ``LAB_PROGRESS=path`` writes elsewhere.
"""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

FILE = "autograd-lab-progress.jsonl"
FOLDER = Path.cwd()  # where the notebook lies: cells may change the folder later
RUN = secrets.token_hex(4)
MOST = 1 << 24  # bytes that are read of a file
States = dict[str, str]
_numbers = count(1)
_unwritten: dict[Path, str] = {}  # why not; "" once it was told


def headless() -> bool:
    """Say whether no learner is there: a test or a build runs the notebook."""
    asked = os.environ.get("LAB_HEADLESS", "").lower()
    if asked:
        return asked not in {"0", "no", "off", "false"}
    if {"PYTEST_VERSION", "NBGRADER_EXECUTION"} & os.environ.keys():
        return True
    return os.environ.get("CI", "").lower() in {"1", "true"}


def path() -> Path | None:
    """Name the file; None where nothing is to be kept."""
    wanted = os.environ.get("LAB_PROGRESS", "")
    if wanted.lower() in {"off", "0", "no"} or (not wanted and headless()):
        return None
    return Path(wanted) if wanted else FOLDER / FILE


def record(exercise: str, state: str, mistake: str = "") -> None:
    """Add one line. Several kernels may write at once; a full disk is no reason to fail."""
    file = path()
    if file is None:
        return
    event = {"v": 1, "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"), "run": RUN,
             "n": next(_numbers), "exercise": exercise, "state": state}
    if mistake:
        event["mistake"] = mistake
    line = json.dumps(event, separators=(",", ":")).encode() + b"\n"
    try:
        _append(file, line)
    except OSError as problem:
        _unwritten.setdefault(file, problem.strerror or str(problem))


def _append(file, line):
    """Write a line at the end, and first end the last one: an editor may have left it open."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(file, flags, 0o600)
    try:
        with suppress(OSError):  # not every file system knows locks
            if fcntl:
                fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_size:
            os.lseek(handle, -1, os.SEEK_END)
            line = line if os.read(handle, 1) == b"\n" else b"\n" + line
        if os.write(handle, line) < len(line):
            raise OSError("no room for the whole line")
    finally:
        os.close(handle)


def trouble() -> str:
    """Say, once for each file, that and why it cannot be written; "" where all is well."""
    told = [f"Your progress is not kept: {file} cannot be written ({why})."
            for file, why in _unwritten.items() if why]
    _unwritten.update(dict.fromkeys(_unwritten, ""))
    return " ".join(told)


def read(file: Path) -> list[dict]:
    """Read the events of a file in order; skip what is torn, and what stands there twice."""
    seen = {}
    try:
        with open(file, encoding="utf-8-sig", errors="replace") as text:
            lines = text.read(MOST).splitlines()
    except OSError:
        return []
    for event in _events(lines):
        seen[event["run"], event["n"]] = event
    return sorted(seen.values(), key=lambda event: event["at"])  # stable: n stays in order


def _events(lines) -> Iterator[dict]:
    for line in lines:
        try:
            event = json.loads(line)
            event["n"], event["mistake"] = int(event["n"]), str(event.get("mistake") or "")[:200]
            texts = [event[key] for key in ("at", "run", "exercise", "state", "mistake")]
            # Printable: in a teacher's terminal other characters could be commands.
            if all(type(t) is str and len(t) <= 200 and t.isprintable() for t in texts):
                yield event
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            continue


def typed(exercise: str) -> dict[str, str]:
    """Give what was last typed into each field of an exercise that is played: "typed" events."""
    file = path()
    events = read(file) if file else []
    told = [event["mistake"].partition("=") for event in events
            if event["exercise"] == exercise and event["state"] == "typed"]
    return {name: text for name, _, text in told}


def states(events) -> States:
    """Sum events up: once right stays right."""
    found: States = {}
    for event in events:
        if found.get(event["exercise"]) != "right" and event["state"] in ("right", "wrong"):
            found[event["exercise"]] = event["state"]
    return found


def chapter_states(names) -> States | None:
    """Say how far the learner is with these exercises; None where nothing is kept."""
    file = path()
    if file is None:
        return None
    known = states(read(file))
    return {name: known.get(name, "not attempted") for name in names}
