"""How a verdict looks: one block of plain HTML, and the same in words.

Style stands in the elements and borders have literal colours: what a notebook keeps even where
nobody trusts it. Ink is inherited, so it follows every theme; colour is never the only sign.
"""

import re
from html import escape

import numpy as np

from ..html import ABOVE, BELOW, FLEX, MONO, SOFT, ZERO, short
from .checking import NOTHING, RIGHT, WRONG, Verdict
from .comparing import plain, same
from .facts import message
from .progress import States

TONES = {RIGHT: ("#2f9e63", "✓", "Right"), WRONG: ("#d06a12", "✗", "Not yet"),
         NOTHING: ("#808890", "○", "Not attempted")}
MARKS = {RIGHT: "●", WRONG: "◐", NOTHING: "○"}
LEVELS = "a nudge", "the way", "almost there"
CODE = "background:none;color:inherit;padding:0"
CELLS = 120  # a larger result is described, not drawn
WIDTH = 76  # columns of the text


class Feedback:
    """What ``check`` gives: a picture in a notebook, words elsewhere."""

    def __init__(self, verdict: Verdict, states: States | None = None, trouble: str = ""):
        self.verdict, self.states, self.trouble = verdict, states, trouble

    def _repr_html_(self):
        return to_html(self.verdict, self.states, self.trouble)

    def __repr__(self):
        return to_text(self.verdict) + (f"\n  {self.trouble}" if self.trouble else "")


def block(tone: str, inside: str, label: str) -> str:
    """Frame a message as the lab's tensor cards are framed, with a bar of its colour."""
    style = (f"border-left:3px solid {tone};padding:2px 0 3px 12px;margin:4px 0;"
             "line-height:1.5;font-size:13px;max-width:56em")
    return (f'<div class="mathjax_ignore tex2jax_ignore" role="status" '
            f'aria-label="{escape(label)}" style="{style}">{inside}</div>')


def headline(state: str, name: str, text: str) -> str:
    """Write the first line: symbol, word, which exercise, and what was found."""
    tone, mark, word = TONES[state]
    return (f'<div><b><span aria-hidden="true" style="color:{tone};font-size:15px">{mark}</span> '
            f'{word}</b>&emsp;<span style="{MONO};{SOFT}">{escape(name)}</span></div>'
            + (f"<div>{rich(text)}</div>" if text else ""))


def rich(text: str) -> str:
    """Make HTML of a sentence with `code` in backquotes, **stressed** and *slanted* words.

    >>> rich("`x < y`, **not** y")
    '<code style="background:none;color:inherit;padding:0">x &lt; y</code>, <b>not</b> y'
    """
    parts = escape(text, quote=False).split("`")
    for place in range(1, len(parts), 2):
        parts[place] = f'<code style="{CODE}">{parts[place]}</code>'
    for place in range(0, len(parts), 2):
        pieces = parts[place].split("**")
        text = "".join(f"<b>{p}</b>" if i % 2 else p for i, p in enumerate(pieces))
        parts[place] = re.sub(r"\*(\w[^*<>]*)\*", r"<i>\1</i>", text)
    return "".join(parts)


def fold(title: str, inside: str) -> str:
    """Hide something behind a line that opens with a click or with Enter."""
    return (f'<details style="margin-top:3px"><summary style="cursor:pointer">{title}</summary>'
            f'<div style="padding:1px 0 3px 17px">{inside}</div></details>')


def to_html(verdict: Verdict, states: States | None = None, trouble: str = "") -> str:
    """Draw a verdict."""
    exercise, state = verdict.exercise, verdict.state
    parts = [headline(state, exercise.name, "" if state == NOTHING else _sentence(verdict))]
    if state == WRONG:
        parts += [_example(verdict), _facts(verdict), _hints(verdict)]
    elif state == NOTHING:
        # No hints here: a chapter is kept with this output, and the last hint says almost all.
        where = "above" if exercise.widget else "in the cell above"
        how = (f"Write your answer {where}, run it, then run this one. Stuck? "
               f'`hint("{exercise.name}")`')
        parts.append(f'<div style="{SOFT}">{rich(how)}</div>')
    if state == RIGHT and exercise.after:
        parts.append(f"<div>{rich(exercise.after)}</div>")
    if verdict.entries and state == WRONG:
        parts.insert(1, _entries(verdict.entries))
    if state == RIGHT and states:
        parts.append(f'<div style="{SOFT};font-size:12px;margin-top:3px">{dots(states)}</div>')
    if trouble:
        parts.append(f'<div style="{SOFT};font-size:12px;margin-top:3px">{escape(trouble)}</div>')
    return block(TONES[state][0], "".join(parts), f"{TONES[state][2]}: {exercise.name}")


def dots(states: States) -> str:
    """Show a chapter's exercises as dots: "●●◐○○○ 2 of 6"."""
    marks = "".join(MARKS[state] for state in states.values())
    done = sum(state == RIGHT for state in states.values())
    return f'<span aria-hidden="true">{marks}</span>&ensp;{done} of {len(states)} in this chapter'


def _sentence(verdict):
    text = verdict.text[:1].upper() + verdict.text[1:]
    return text if text.endswith(("!", "?")) else text + "."


def _facts(verdict):
    if not verdict.facts:
        return ""
    text = "; ".join(verdict.facts)
    return f'<div style="margin-top:4px"><span style="{SOFT}">Seen:</span> {rich(text)}.</div>'


def _hints(verdict):
    """Fold the hint for this mistake, and the three others one inside the other: no peeping."""
    inner = ""
    for level, hint in reversed([*zip(LEVELS, verdict.exercise.hints)]):
        inner = fold(f"Hint: {level}", f"<div>{rich(hint)}</div>{inner}")
    return (fold("A hint for this mistake", rich(verdict.hint)) if verdict.hint else "") + inner


def _entries(entries):
    """Say of each typed number whether it is right, and give none away."""
    said = {True: ("✓", "#2f9e63"), False: ("≠", "#d06a12"), None: ("…", "#808890")}
    items = "".join(
        f'<span style="white-space:nowrap"><b style="color:{said[right][1]}">{said[right][0]}</b> '
        f'<span style="{MONO}">{escape(str(key))}</span></span>' for key, right in entries.items())
    return f'<div style="{FLEX};gap:2px 18px;margin:4px 0">{items}</div>'


def _example(verdict):
    row = verdict.example
    if row is None:
        return ""
    panels = [_panel(name, value) for name, value in zip(verdict.exercise.labels(), row.case)]
    arrow = f'<div aria-hidden="true" style="{SOFT};font-size:18px;margin-top:13px">→</div>'
    result = verdict.exercise.result
    panels += [arrow, _panel("should be", row.wanted, about=result)]
    if row.got.error is not None:
        panels.append(_titled("yours raises", rich(_raised(verdict))))
    elif row.got.value is not None:
        panels.append(_panel("yours", row.got.value, row.wanted, about=result))
    elif not row.right and row.got.seconds:
        panels.append(_titled("yours", "None"))
    return (f'<div style="{SOFT};margin-top:6px">The smallest input on which it shows</div>'
            f'<div style="{FLEX};gap:4px 22px;align-items:flex-start;margin:2px 0 4px">'
            f'{"".join(panels)}</div>')


def _raised(verdict):
    """Say what an answer raises: its name is enough where the sentence above quotes all of it."""
    error = verdict.example.got.error
    said = message(error)
    return type(error).__name__ if said in verdict.text else said


def _titled(title, inside, about=""):
    shape = f' <span style="{SOFT}">{escape(about)}</span>' if about else ""
    return (f'<div style="max-width:100%;overflow-x:auto"><div style="font-size:12px">'
            f'<b>{escape(title)}</b>{shape}</div>{inside}</div>')


def _panel(title, value, other=None, about=""):
    """Draw a tensor as a table of its numbers; a tuple as several; anything else as its text."""
    found, wanted = plain(value), plain(other)
    if isinstance(found, list) and found and all(isinstance(f, np.ndarray) for f in found):
        found = dict(enumerate(found))
        wanted = dict(enumerate(wanted)) if isinstance(wanted, list) else wanted
    if isinstance(found, dict) and all(isinstance(f, np.ndarray) for f in found.values()):
        given = wanted if isinstance(wanted, dict) else dict.fromkeys(found)
        tables = [_named(key, _table(part, given.get(key, ""))) for key, part in found.items()]
        inside = f'<div style="{FLEX};gap:4px 10px;align-items:flex-start">{"".join(tables)}</div>'
        return _titled(title, inside, about)
    if not isinstance(found, np.ndarray):
        wrong = other is not None and not same(value, other)
        text = f'<span style="{MONO}">{escape(_short(value))}</span>'
        return _titled(title, text + (" <b>≠</b>" if wrong else ""), about)
    shape = " × ".join(map(str, found.shape))
    return _titled(title, _table(found, None if other is None else wanted), about or shape)


def _named(key, table):
    """Write above a table of a dict what it is called."""
    name = f'<div style="{SOFT};{MONO}">{escape(key)}</div>' if isinstance(key, str) else ""
    return f"<div>{name}{table}</div>"


def _short(value):
    """Write what is no tensor on one line: words side by side, everything else as Python does."""
    words = isinstance(value, list) and value and all(type(word) is str for word in value)
    try:
        text = " ".join(value) if words else repr(value)
    except Exception:  # whoever writes a class may get its __repr__ wrong
        text = f"a {type(value).__name__}"
    return text if len(text) <= 200 else text[:199] + "…"


def _table(array, wanted=None):
    """Write numbers on their colours; where one is not what it should be, mark it with ≠."""
    if array.size > CELLS or not array.size:
        return f'<span style="{SOFT}">{"no" if not array.size else array.size} numbers</span>'
    wrong = _wrong(array, wanted)
    top = float(np.abs(np.where(np.isfinite(array), array, 0)).max(initial=0)) or 1.0
    if array.ndim > 2:
        sheets = array.reshape(-1, *array.shape[-2:]), wrong.reshape(-1, *array.shape[-2:])
        pieces = [_grid(sheet, marks, top) for sheet, marks in zip(*sheets)]
        return f'<div style="{FLEX};gap:4px 8px">{"".join(pieces)}</div>'
    return _grid(np.atleast_2d(array), np.atleast_2d(wrong), top)


def _wrong(array, wanted):
    """Mark the cells that are not what they should be; of a wrong shape, all."""
    if wanted is None:
        return np.zeros(array.shape, bool)
    if not isinstance(wanted, np.ndarray) or wanted.shape != array.shape:
        return np.ones(array.shape, bool)
    with np.errstate(all="ignore"):
        near = np.isclose(array.astype(complex), wanted.astype(complex), 1e-4, 1e-6, True)
    return ~near


def _grid(array, wrong, top):
    rows = "".join(
        f'<tr style="background:none">{"".join(map(_cell, row, marks, [top] * len(row)))}</tr>'
        for row, marks in zip(array.tolist(), wrong.tolist()))
    style = f"{MONO};margin:1px 0;border-collapse:separate;border-spacing:1px;border:none"
    return f'<table style="{style}"><tbody>{rows}</tbody></table>'


def _cell(value, wrong, top):
    size = abs(value) if isinstance(value, complex) else value
    fine = np.isfinite(size)
    colour = (ABOVE if size > 0 else BELOW if size < 0 else ZERO) if fine else (168, 45, 190)
    depth = 0.07 + 0.4 * min(1.0, abs(size) / top) if fine else 0.35
    edge = "2px solid #d06a12" if wrong else "2px solid transparent"
    style = (f"padding:0 6px;text-align:right;border:{edge};"
             f"background:rgba({colour[0]},{colour[1]},{colour[2]},{depth:.3g})")
    return f'<td style="{style}">{short(value)}{" ≠" if wrong else ""}</td>'


def to_text(verdict: Verdict) -> str:
    """Say a verdict in words."""
    _, mark, word = TONES[verdict.state]
    lines = [f"{mark} {word}: {verdict.exercise.name}", "  " + _sentence(verdict)]
    if verdict.state == WRONG:
        wrong = [str(key) for key, right in verdict.entries.items() if right is False]
        lines += [f"  Look again at: {', '.join(wrong)}"] if wrong else []
        lines += _example_text(verdict)
        lines += [f"  Seen: {'; '.join(verdict.facts)}."] if verdict.facts else []
        lines += [f"  Hint: {verdict.hint}"] if verdict.hint else []
    if verdict.state == RIGHT and verdict.exercise.after:
        lines.append("  " + verdict.exercise.after)
    if verdict.state != RIGHT:
        lines.append(f'  hint("{verdict.exercise.name}") gives a hint.')
    return "\n".join(lines)


def _example_text(verdict):
    row = verdict.example
    if row is None:
        return []
    shown = [*zip(verdict.exercise.labels(), row.case), ("should be", row.wanted)]
    if row.got.error is not None:
        shown.append(("yours raises", _raised(verdict)))
    elif row.got.seconds:
        shown.append(("yours", row.got.value))
    width = max(len(name) for name, _ in shown)
    lines = []
    for name, value in shown:
        found = plain(value)
        text = value if isinstance(value, str) else (
            np.array2string(found, precision=4, max_line_width=WIDTH, threshold=CELLS)
            if isinstance(found, np.ndarray) else _short(value))
        lines.append(f"    {name:{width}}  " + text.replace("\n", "\n" + " " * (width + 6)))
    return lines

