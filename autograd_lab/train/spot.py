"""Where in the learner's code something is called from, and what is named there."""

import random
import sys

import numpy as np

from ..nn.module import Module
from ..optim import Optimizer
from ..random import Generator
from ..watching import learner_frame

GENERATOR = 0x20  # the flag of a generator function's code
DEEPEST = 4  # so many generators, one in another, are looked through


class Spot:
    """A place in the learner's code: a frame, and where it is in it."""

    def __init__(self, frame):
        self.code, self.lasti = frame.f_code, frame.f_lasti
        self.globals, self.at_top = frame.f_globals, frame.f_locals is frame.f_globals
        self.locals = frame.f_globals if self.at_top else dict(frame.f_locals)

    @property
    def place(self) -> tuple:
        """Give (line, end line, column, end column) of what is being done there."""
        return list(self.code.co_positions())[self.lasti // 2]

    def mentioned(self) -> list:
        """List the objects that the names in this code stand for."""
        code = self.code
        names = (*code.co_names, *code.co_varnames, *code.co_freevars, *code.co_cellvars)
        names = dict.fromkeys(names)
        spaces = (self.locals, self.globals)
        found = [next((s[name] for s in spaces if name in s), None) for name in names]
        return list({id(x): x for x in found if x is not None}.values())


def here(depth: int = 1) -> list[Spot]:
    """Give the learner's place from which this is called; a generator's, and who drives it."""
    frame, found = sys._getframe(depth), []
    while frame is not None and len(found) < DEEPEST:
        frame = learner_frame(frame)
        found.append(Spot(frame))
        frame = frame.f_back if frame.f_code.co_flags & GENERATOR else None
    return found


def outwards(frame):
    """Go through a frame and all that called it."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def sort_out(objects) -> tuple:
    """Pick out models, optimizers, what else has a state, and generators.

    >>> net = nn.Linear(1, 1)
    >>> optimizer = torch.optim.SGD(net.parameters())
    >>> schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    >>> models, optimizers, others, generators = sort_out([net, 3, schedule, optimizer])
    >>> models == (net,), optimizers == (optimizer,), others == (schedule,), generators
    (True, True, True, ())
    """
    models = tuple(x for x in objects if isinstance(x, Module) and [*x.parameters()])
    inner = {id(m) for model in models for m in model.modules() if m is not model}
    models = tuple(m for m in models if id(m) not in inner)
    optimizers = tuple(x for x in objects if isinstance(x, Optimizer))
    others = tuple(
        x for x in objects
        if not isinstance(x, Module | Optimizer | type)
        and hasattr(type(x), "state_dict") and hasattr(type(x), "load_state_dict")
    )  # fmt: skip
    kinds = Generator | np.random.Generator | random.Random
    return models, optimizers, others, tuple(x for x in objects if isinstance(x, kinds))
