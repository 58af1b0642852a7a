"""Merge learners' progress files: who stands where, and which misconceptions are about.

The name of a file is all that is known of a learner. What fewer than three have met is not shown.
"""

import ast
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from string import ascii_lowercase

from ..chapters import chapters
from ..exercises.exercise import UnknownExercise, every, find
from ..exercises.feedback import MARKS, rich
from ..exercises.progress import FILE, read, states

LEAST = 3  # learners, before anything is said of a mistake
MOST = 500  # names of exercises that are not ours
CHAPTERS = "autograd-lab-chapters"  # where a learner's notebooks lie on a hub


@dataclass
class Collected:
    """What a class has done: for each learner the state of each exercise; for each mistake, who."""

    learners: dict[str, dict[str, str]] = field(default_factory=dict)
    met: dict[tuple, set] = field(default_factory=lambda: defaultdict(set))
    asked: dict[str, set] = field(default_factory=lambda: defaultdict(set))  # for hints
    empty: list[str] = field(default_factory=list)  # files in which nothing could be read

    def chapters(self) -> dict[str, list[str]]:
        """List exercises by chapter: ours in order, then others that somebody has tried."""
        tried = {name for found in self.learners.values() for name in found}
        ours = every()
        known = ours + sorted(tried - set(ours))[:MOST]
        found = defaultdict(list)
        for name in known:
            chapter = name.partition(".")[0]
            if any(other.partition(".")[0] == chapter for other in tried):
                found[chapter].append(name)
        return dict(found)

    def tried(self, name) -> list[str]:
        """List who has tried an exercise."""
        return [who for who, found in self.learners.items() if name in found]

    def done(self, name) -> list[str]:
        """List who has got an exercise right."""
        return [who for who, found in self.learners.items() if found.get(name) == "right"]

    def mistakes(self, name) -> list[tuple]:
        """List (mistake, learners, share) of an exercise, the commonest first; of few, nothing."""
        tried = len(self.tried(name))
        counts = [(m, len(who)) for (n, m), who in self.met.items() if n == name]
        return [(m, n, n / tried) for m, n in sorted(counts, key=lambda pair: (-pair[1], pair[0]))
                if n >= LEAST]


def collect(places) -> Collected:
    """Read progress files, and all that lie in folders; links are not followed."""
    found = Collected()
    for file in _files(places):
        events = read(file)
        if not events:
            found.empty.append(file.name)
            continue
        who, number = _name(file), 2
        while who in found.learners:
            who, number = f"{_name(file)} ({number})", number + 1
        found.learners[who] = states(events)
        for event in events:
            if event["state"] == "wrong" and event["mistake"]:
                found.met[event["exercise"], event["mistake"]].add(who)
            if event["state"] in ("hint", "solution"):
                found.asked[event["exercise"]].add(who)
    return found


def _files(places):
    files = []
    for place in map(Path, places):
        inside = sorted(place.rglob("*.jsonl")) if place.is_dir() else [place]
        files += [file for file in inside if file.is_file() and not file.is_symlink()]
    return list(dict.fromkeys(files))


def _name(file):
    """Call a learner by the file; where all files have our name, by the folder; or by the home."""
    folder = file.parent.parent if file.parent.name == CHAPTERS else file.parent
    name = folder.name if file.name == FILE else file.stem
    return "".join(c if c.isprintable() else "�" for c in name)[:60] or "nameless"


def title(name: str, mistake: str) -> str:
    """Say in words what a mistake is, or which option of a question was chosen.

    >>> title("ch1.mean", "said c")
    'said c, (1, 8, 8)'
    """
    if option := options().get(name, {}).get(mistake.removeprefix("said ")):
        return f"{mistake}, {option}"
    try:
        return find(name).mistakes()[mistake].misconception
    except (UnknownExercise, KeyError, ImportError):
        return mistake


@cache
def options() -> dict[str, dict[str, str]]:
    """Give the options of each question in the chapters, by their letters."""
    found = {}
    for notebook in map(json.loads, chapters().values()):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code" and "question" in cell["metadata"].get("lab", {}):
                asked = ast.parse("".join(cell["source"])).body[0].value
                name, texts = map(ast.literal_eval, asked.args)
                found[name] = dict(zip(ascii_lowercase, texts))
    return found


def text(found: Collected) -> str:
    """Write both tables for a terminal."""
    chapters = found.chapters()
    width = max([7, *map(len, found.learners)])
    lines = [f"{'learner':{width}}  " + "  ".join(f"{c[:8]:8}" for c in chapters)]
    for who, states_ in found.learners.items():
        marks = ["".join(MARKS.get(states_.get(n, "not attempted"), "?") for n in names)
                 for names in chapters.values()]
        lines.append(f"{who:{width}}  " + "  ".join(f"{m:8}" for m in marks))
    lines += ["", "● right   ◐ tried   ○ not yet", ""]
    rows = [(name, *row) for names in chapters.values() for name in names
            for row in found.mistakes(name)]
    for name, mistake, count, share in rows:
        lines.append(f"{share:4.0%}  {name}: {title(name, mistake)} ({count})")
    if not rows:
        lines.append(f"No mistake was met by {LEAST} learners or more.")
    return "\n".join(lines)


STYLE = """
:root { color-scheme: light dark; --soft: light-dark(#59636d, #9aa6b2);
  --line: light-dark(#dde2e7, #343c45); --hot: 216, 106, 18 }
body { font: 14px/1.5 system-ui, "DejaVu Sans", sans-serif; margin: 32px auto; max-width: 1100px;
  padding: 0 20px; background: light-dark(#fff, #111418); color: light-dark(#1b2229, #e6eaee) }
h1 { font-size: 22px; margin: 0 0 4px } h2 { font-size: 16px; margin: 28px 0 6px }
p, .soft, caption { color: var(--soft); margin: 0 0 8px }
.wide { overflow-x: auto }
table { border-collapse: collapse } th { font-weight: 600; text-align: left }
th, td { padding: 3px 14px 3px 0; vertical-align: top; border-top: 1px solid var(--line) }
thead th { border: 0; color: var(--soft); font-weight: 400 }
td.marks { letter-spacing: 3px; white-space: nowrap } td.number { text-align: right }
code { font: .92em ui-monospace, "DejaVu Sans Mono", monospace }
ul { list-style: none; margin: 0; padding: 0 } li { margin: 0 0 3px; border-radius: 5px;
  padding: 1px 9px; background: rgba(var(--hot), var(--share)) }
li b { display: inline-block; min-width: 3em }
"""


def page(found: Collected) -> str:
    """Make one page of HTML, without scripts, that can be sent to a colleague."""
    count = len(found.learners)
    chapters = found.chapters()
    head = "".join(f"<th scope='col'>{escape(c)}</th>" for c in chapters)
    body = "".join(_learner(who, states_, chapters) for who, states_ in found.learners.items())
    rows = "".join(_exercise(found, name) for names in chapters.values() for name in names)
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Progress of a class</title>"
        f"<meta name='viewport' content='width=device-width'><style>{STYLE}</style><main>"
        f"<h1>Progress of a class</h1><p>{count} learner{'s' * (count != 1)}. "
        "Anybody can write into these files: they are for teaching, never for marks.</p>"
        "<h2>Who stands where</h2><p>● right &ensp; ◐ tried &ensp; ○ not yet</p>"
        f"<div class='wide'><table><thead><tr><th scope='col'>learner</th>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div><h2>Which misconceptions are about</h2>"
        f"<p>Share of those who tried; the stronger the colour, the more. What fewer than {LEAST} "
        "learners have met is not shown. In a small class even a share may tell who it was.</p>"
        "<div class='wide'><table><thead><tr><th scope='col'>exercise</th>"
        "<th scope='col'>tried</th><th scope='col'>right</th><th scope='col'>asked for hints</th>"
        f"<th scope='col'>mistakes</th></tr></thead><tbody>{rows}</tbody></table></div></main>"
        "</html>\n")


def _learner(who, states_, chapters):
    cells = "".join(_marks([states_.get(name, "not attempted") for name in names])
                    for names in chapters.values())
    return f"<tr><th scope='row'>{escape(who)}</th>{cells}</tr>"


def _marks(found):
    done = Counter(found)["right"]
    marks = "".join(MARKS.get(state, "?") for state in found)
    return f"<td class='marks' aria-label='{done} of {len(found)}'>{marks}</td>"


def _exercise(found, name):
    tried = len(found.tried(name))
    if not tried:
        return ""
    chips = "".join(
        f"<li style='--share:{0.08 + 0.6 * share:.2f}'><b>{share:.0%}</b> "
        f"{rich(title(name, mistake))} <span class='soft'>({count})</span></li>"
        for mistake, count, share in found.mistakes(name))
    return (f"<tr><th scope='row'><code>{escape(name)}</code></th><td class='number'>{tried}</td>"
            f"<td class='number'>{len(found.done(name))}</td>"
            f"<td class='number'>{len(found.asked[name])}</td><td><ul>{chips}</ul></td></tr>")
