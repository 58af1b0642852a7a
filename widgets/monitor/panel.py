"""What the page is told of a run besides its curves, as plain data; and a run in one line."""

import math
from dataclasses import asdict
from numbers import Number

import numpy as np

from .._paper import label, number

SIGNS = {"spike": "▲", "nan": "✕", "vanishing": "▽", "exploding": "△", "dead": "○",
         "piled": "+", "still": "="}
MARKED = ("set", "branch", "edited")    # events that stand in the curve, too
SAID = ("refused", "other past", "given up", "jumped", "thinned", "edited", "interrupted",
        "saved")  # fmt: skip
NOTES = 60
KEPT = 400                              # ticks of kept steps


def of(run, turns, ill) -> dict:
    """Describe a run: its state, how far it is, its settings, what is kept, what happened.

    >>> from autograd_lab.train import Steering
    >>> told = of(Steering(), [], set())
    >>> told["state"], told["step"], told["settings"], told["steered"]
    ('ready', 0, [], True)
    """
    known = len(run.history.losses)
    loss = run.loss
    return {
        "state": run.state,
        "step": run.steps,
        "last": max(known, run.steps),
        "here": run.steps if run.steps < known else None,
        "going": bool(run.replaying),
        "epoch": run.epoch,
        "epochs": run.epochs,
        "loss": None if loss is None else safe(loss),
        "settings": settings_of(run),
        "groups": sum(len(o.param_groups) for o in run.optimizers),
        "delay": run.delay,
        "remark": remark(run),
        "kept": kept(run),
        "travel": run.traveller is not None,
        "turns": notes(run, turns),
        "ill": sorted(ill),
        "runs": branches(run),
        "steered": True,
        "background": run.thread is not None,
    }


def safe(x):
    """Give a number as JSON can hold it."""
    return x if math.isfinite(x) else "nan" if x != x else "inf" if x > 0 else "-inf"


def settings_of(run) -> list:
    """List the numbers among the optimizer's settings, the learning rate first.

    >>> from autograd_lab.train import Steering
    >>> import autograd_lab as torch
    >>> run = Steering()
    >>> run.optimizers = (torch.optim.Adam([torch.ones(1, requires_grad=True)], lr=0.5),)
    >>> settings_of(run)[:2]
    [['lr', 0.5], ['betas', [0.9, 0.999]]]
    """
    if not run.optimizers:
        return []
    found = [[name, plain(value)] for name, value in run.settings().items()]
    found = [[name, value] for name, value in found if value is not None]
    return sorted(found, key=lambda pair: pair[0] != "lr")


def plain(value):
    """Give a setting as a number or a list of numbers; None if it is something else."""
    if isinstance(value, tuple | list) and value:
        several = [plain(one) for one in value]
        return None if None in several else several
    value = value.item() if getattr(value, "size", 0) == 1 or hasattr(value, "node") else value
    if isinstance(value, bool) or not isinstance(value, Number) or isinstance(value, complex):
        return None
    return safe(float(value)) if isinstance(value, float) else int(value)


def kept(run) -> list:
    """List the steps whose state is kept, oldest first."""
    steps = list(run.traveller.shelf.steps) if run.traveller is not None else []
    return steps[:: max(1, len(steps) // KEPT)]


def remark(run) -> str:
    """Say the last thing that a learner should know: why something was refused or is different."""
    if run.error is not None:
        return label(f"{type(run.error).__name__}: {run.error}", 300)
    event = run.events[-1] if run.events else None
    if event is not None and event.kind in SAID:
        return label(event.text, 300)
    if run.over and not run.steps and run.state == "finished":
        return "the loader gave no batch"
    if not run.steps or run.history.known:
        return ""
    return f"no loss was computed in this loop (no backward(){'' if run.over else ' yet'})"


def left_by(run, error) -> bool:
    """Say whether this error is what left the body of the loop."""
    place = error.__traceback__ if error is not None and run.left_at else None
    while place is not None:
        if (place.tb_frame.f_code, place.tb_lineno) == run.left_at:
            return True
        place = place.tb_next
    return False


def notes(run, turns) -> list:
    """List what turned and what was done, in the order of the steps."""
    told = [{key: value if key == "step" else label(value, 160) for key, value in
             asdict(turn).items()} for turn in turns]
    told += [{"step": event.step, "kind": "event", "words": label(text_of(event), 160),
              "detail": "", "where": ""} for event in run.events]
    return sorted(told, key=lambda note: note["step"])[-NOTES:]


def marks(turns, events) -> list:
    """List the words that stand at steps of the curve."""
    found = [(turn.step, f"{SIGNS[turn.kind]} {turn.words}") for turn in turns]
    found += [(event.step, text_of(event)) for event in events if event.kind in MARKED]
    return sorted(found)


def text_of(event) -> str:
    """Word an event that stands at its step."""
    return event.text.removeprefix(f"step {event.step}: ")


def branches(run) -> list:
    """Compare the branches: where each left, how long it is, its last and its lowest loss."""
    if len(run.branches) < 2:
        return []
    found = []
    for branch in run.branches:
        now = branch is run.current
        losses = np.array(run.history.losses[branch.step :] if now else branch.losses)
        fine = losses[np.isfinite(losses)]
        found.append({
            "name": label(branch.name),
            "from": branch.step,
            "steps": len(losses),
            "last": safe(float(losses[-1])) if losses.size else None,
            "low": float(fine.min()) if fine.size else None,
            "settings": {label(k): plain(v) for k, v in branch.settings.items()},
            "now": now,
        })
    return found


def ghosts(run, journal) -> None:
    """Put the curves of the other branches into the journal, from where they leave this one."""
    present = np.array(run.history.losses[:])    # the loop may write meanwhile
    for branch in run.branches[:-1]:
        losses = np.array(branch.losses)
        if losses.size:
            shared = present[branch.step : branch.step + losses.size]
            differ = np.flatnonzero(shared != losses[: shared.size])
            first = max(0, int(differ[0]) - 1 if differ.size else shared.size - 1)
            journal.begin(branch.name).extend(branch.step + first + 1, losses[first:])


def summary(run) -> str:
    """Say in one line what a run does and how far it is.

    >>> from autograd_lab.train import Steering
    >>> summary(Steering())
    'Monitor: ready, no step yet'
    """
    if not run.steps:
        return f"Monitor: {run.state}, no step yet"
    loss = "" if run.loss is None else f", loss {number(run.loss)}"
    fine = [x for x in run.history.losses if math.isfinite(x)]
    low = f" (min {number(min(fine))})" if fine else ""
    others = len(run.branches) - 1
    more = f", {others} other branch{'es' * (others > 1)}" if others else ""
    past = f" of {len(run.history.losses)}" if run.steps < len(run.history.losses) else ""
    plural = "s" * (run.steps != 1)
    return f"Monitor: {run.state} after {run.steps}{past} step{plural}{loss}{low}{more}"
