"""From a click in the page to the run: what a message may ask for, and how it gets here at all.

A click comes as a message of its own (never as a trait), and while a cell runs it comes on another
thread: nothing here touches the model, it only leaves a note for the run.
"""

import math
import re
import threading

from IPython.core.getipython import get_ipython

LONGEST = 10.0                          # seconds of rest after a step
NAME = re.compile(r"\w[\w -]{0,59}")


def reach(comm) -> None:
    """Let messages of this comm come while a cell runs, with ipykernel 7.4.0 too.

    That version sends messages back to the thread from which the comm was last written to, here the
    busy main one. This one comm is told to go where the page asks for, as in all other versions.
    """
    # There is no public way: the kernel asks the comm for this very method. Where it has another
    # name clicks wait for the end of the cell; the page notices, says so, and Stop interrupts.
    if callable(getattr(comm, "_reply_subshell_for", None)):
        comm._reply_subshell_for = lambda data, subshell_id: subshell_id


def obey(monitor, content) -> None:
    """Do what a page asks for, or raise why not: no click is without an echo."""
    do = content.get("do")
    if do == "hello":
        monitor.answered = True
    elif do == "look":
        monitor.look(bool(content.get("on")), bool(content.get("deep")))
    elif monitor.run is None:
        return
    elif do == "save":
        _save(monitor, content)
    elif isinstance(do, str) and do in COMMANDS and monitor.run is not None:
        COMMANDS[do](monitor.run, content)


def at_rest(do, run, content):
    """Run a loop that is over again: not here, but when the main thread has nothing else to do."""
    shell = get_ipython()
    loop = getattr(getattr(shell, "kernel", None), "io_loop", None)
    if loop is None or not run.over or threading.current_thread() is threading.main_thread():
        return do(run, content)

    def later():
        try:
            do(run, content)
        except (ValueError, RuntimeError, TypeError, LookupError) as problem:
            run.happened("refused", str(problem))

    return loop.add_callback(later)


def _set(run, content):
    run.set(**{str(content.get("name")): numbers(content.get("value"))})


def _delay(run, content):
    run.delay = min(LONGEST, max(0.0, finite(content.get("value"))))


def _go(run, content):
    run.go(int(finite(content.get("step"))))


def _branch(run, content):
    settings = {str(k): numbers(v) for k, v in dict(content.get("settings") or {}).items()}
    name = str(content.get("name") or "").strip()[:40] or None
    run.branch(int(finite(content.get("step"))), name, **settings)


def _save(monitor, content):
    """Save the run beside the notebook; the name is a name, never a path."""
    name = str(content.get("name") or "").strip().removesuffix(".safetensors")
    if not NAME.fullmatch(name):
        raise ValueError("a file's name: letters, figures, spaces, - and _, at most 60")
    monitor.save(f"{name}.safetensors")


def _rename(run, content):
    which = int(finite(content.get("run")))
    if 0 <= which < len(run.branches):
        run.rename(run.branches[which].name, str(content.get("name"))[:40])


COMMANDS = {
    "pause": lambda run, content: run.pause(),
    "resume": lambda run, content: run.resume(),
    "step": lambda run, content: run.advance(),
    "epoch": lambda run, content: run.advance_epoch(),
    "stop": lambda run, content: run.stop(),
    "go": lambda run, content: at_rest(_go, run, content),
    "branch": lambda run, content: at_rest(_branch, run, content),
    "set": _set, "delay": _delay, "rename": _rename,
}  # fmt: skip


def finite(x) -> float:
    """Give a number that came from a page, or refuse it."""
    if isinstance(x, bool) or not isinstance(x, int | float) or not math.isfinite(x):
        raise ValueError(f"{x!r:.40} is no number")
    return x


def numbers(x):
    """Give a number, or a tuple of them."""
    return tuple(map(finite, x)) if isinstance(x, list) else finite(x)
