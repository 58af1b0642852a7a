"""Draw a mistake below its traceback in a notebook: each operand's shape, and where they clash."""

from html import escape
from types import TracebackType

from . import mistakes
from .mistakes import Mistake
from .watching import HOME

# What is raised to tell a learner something. Any other kind may be the lab's own fault, and so may
# an AttributeError of which no mistake is known.
LEARNERS = RuntimeError, TypeError, ValueError, IndexError, AttributeError

STYLE = """<style>
.al-mistake { font: 13px/1.5 var(--jp-ui-font-family, system-ui, sans-serif); margin: 6px 0 2px;
  padding: 10px 14px; border-left: 3px solid #d1495b; max-width: 46em;
  color: var(--jp-ui-font-color1, CanvasText); background: var(--jp-layout-color1, Canvas) }
.al-mistake code { font: 12.5px var(--jp-code-font-family, ui-monospace, monospace);
  background: none !important; color: inherit !important; padding: 0 !important }
.al-mistake .al-line { opacity: .75; margin-bottom: 8px }
.al-mistake .al-why { margin-bottom: 4px }
.al-mistake table { border-collapse: separate !important; border-spacing: 4px !important;
  margin: 0 0 8px -4px !important; font-size: 12.5px !important }
.al-mistake tr { background: none !important }
.al-mistake td, .al-mistake th { text-align: center !important; padding: 2px 9px !important;
  border: 0; font-weight: 400 }
.al-mistake th { text-align: left !important; padding-left: 4px !important }
.al-mistake td.al-size { min-width: 1.6em; border-radius: 4px; font-variant-numeric: tabular-nums;
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent) }
.al-mistake td.al-clash { border: 2px solid #d1495b; font-weight: 700;
  background: color-mix(in srgb, #d1495b 18%, transparent) }
.al-mistake td.al-kind { opacity: .65 }
.al-mistake ul { list-style: none; margin: 2px 0 0 !important;
  padding: 0 !important }
.al-mistake li { padding: 1px 0 }
.al-mistake li::before { content: "✓ "; color: #2a9d62; font-weight: 700 }
.al-mistake .al-gives { opacity: .65; margin-left: .8em }
</style>"""


def picture(mistake: Mistake) -> str:
    """Give the picture as HTML that needs no script; everything in it is escaped.

    >>> shapes = ("x", (3, 2), "float32"), ("<b>", (3,), "float32")
    >>> drawn = picture(Mistake("add", shapes, "In[1], line 1", "x + y", (), True))
    >>> "&lt;b&gt;" in drawn, drawn.count("al-size al-clash")
    (True, 2)
    """
    clashing = mistake.clashing()
    guilty = {i for i, _ in clashing} or range(len(mistake.operands))
    widest = max((len(mistake.operands[i][1]) for i in guilty), default=0)
    rows = "".join(
        f"<tr><th scope='row'><code>{escape(name)}</code></th>"
        + "<td></td>" * (widest - len(shape))
        + "".join(
            f"<td class='al-size{' al-clash' * ((i, len(shape) - at) in clashing)}'>"
            f"{escape(str(size))}</td>"
            for at, size in enumerate(shape)
        )
        + f"<td class='al-kind'>{escape(kind)}</td></tr>"
        for i, (name, shape, kind) in enumerate(mistake.operands)
        if i in guilty
    )
    works = "".join(
        f"<li><code>{escape(written)}</code>"
        + (f"<span class='al-gives'>{escape(told)}</span>" if told else "")
        for written, told in mistake.told
    )
    offer = f"<div>{mistake.offer}:</div><ul>{works}</ul>" if works else ""
    why = f"<div class='al-why'>{escape(mistake.why)}</div>" if mistake.why else ""
    line = f"{escape(mistake.where)}: <code>{escape(mistake.line)}</code>"
    return (
        f"{STYLE}<div class='al-mistake' role='note' aria-label='The shapes of the failed call'>"
        f"<div class='al-line'>{line}</div>{why}<table><tbody>{rows}</tbody></table>{offer}</div>"
    )


def show_mistakes(on: bool = True) -> None:
    """Draw the picture of a mistake below the cell that made it, from now on, or no longer.

    The error then carries no text of its own, because the picture says the same; and its traceback
    shows the learner's lines only. With ``on=False`` it shows the lab's again.
    """
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    events = shell.events
    if (_show in events.callbacks["post_run_cell"]) != on:
        (events.register if on else events.unregister)("post_run_cell", _show)
        shell.set_custom_exc(LEARNERS if on else (), _end_at_the_learner if on else None)
    mistakes.written = not on


def _end_at_the_learner(shell, kind, error, trace, tb_offset=None):
    """Show a traceback without the lab's own lines: they are not what has to be mended."""
    if not isinstance(error, AttributeError) or "mistake" in vars(error):
        trace = _without_ours(trace)
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def _without_ours(trace):
    steps, shorter = [], None
    while trace is not None:
        steps.append(trace)
        trace = trace.tb_next
    for step in reversed(steps):
        if not step.tb_frame.f_code.co_filename.startswith(HOME):
            shorter = TracebackType(shorter, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return shorter


def _show(result):
    from IPython.display import publish_display_data

    mistake = getattr(result.error_in_exec, "mistake", None)
    if isinstance(mistake, Mistake):
        publish_display_data({"text/html": picture(mistake), "text/plain": mistake.text()})
