"""The ``for`` statement in which a run's loop stands: what it mentions, and how to run it again."""

import ast
import contextlib
import io
import linecache
import random
import sys
import threading

import numpy as np

from ..nn.module import Module
from ..optim import Optimizer
from ..random import Generator

GENERATOR = 0x20  # the flag of a generator function's code
NAME = "__the_watched_batches__"


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


def spots(frame) -> list[Spot]:
    """Give the learner's frame and, if it is a generator's, those that drive it."""
    found = []
    while frame is not None and len(found) < 4:
        if not str(frame.f_globals.get("__name__", "")).startswith("autograd_lab."):
            found.append(Spot(frame))
            if not frame.f_code.co_flags & GENERATOR:
                break
        frame = frame.f_back
    return found


def chain(frame) -> list:
    """Say where a call stands: all frames, outwards. The same again in the next round of a loop."""
    found = []
    while frame is not None:
        found.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return found


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


class Loop:
    """A ``for`` statement over watched batches, which can be run again from its source."""

    def __init__(self, watched, called, iterated):
        self.watched, self.called, self.iterated = watched, called, iterated

    def ready(self):
        """Give the loop if it can be run again; a LookupError says why not."""
        self.statement()
        return self

    def run(self) -> None:
        """Run the statement again, with ``watched`` in the place of the call of ``watch``."""
        statement, spot = self.statement()
        tree = ast.fix_missing_locations(ast.Module([statement], []))
        code = compile(tree, spot.code.co_filename, "exec")
        names = spot.globals if spot.at_top else {**spot.globals, **spot.locals}
        before = names.get(NAME)
        names[NAME] = self.watched
        try:
            with _held_output():
                exec(code, names)
        finally:
            names.pop(NAME)
            if before is not None:
                names[NAME] = before

    def statement(self):
        """Find the statement, ready to be run, and where it stands; a LookupError says why not."""
        for spot in self.iterated:
            found = self._find(spot)
            if found is not None:
                return self._prepared(found, spot), spot
        raise LookupError("its source is not known")

    def _find(self, spot):
        """Find the innermost ``for`` whose iterable is where the iteration was asked for."""
        source = "".join(linecache.getlines(spot.code.co_filename, spot.globals))
        try:
            tree = ast.parse(source)
        except SyntaxError:
            return None
        loops = [n for n in ast.walk(tree) if isinstance(n, ast.For)]
        here = [n for n in loops if _span(n) == spot.place]  # so Python 3.11 says where it iterates
        inside = [n for n in loops if _holds(_span(n.iter), spot.place)]
        return (here or sorted(inside, key=lambda n: n.end_lineno - n.lineno) or [None])[0]

    def _prepared(self, loop, spot):
        kinds = (ast.Return, ast.Yield, ast.YieldFrom, ast.Await, ast.Nonlocal)
        if not spot.at_top and any(isinstance(n, kinds) for n in ast.walk(loop)):
            raise LookupError("it stands in a function that it can leave")
        calls = {c.place for c in self.called if c.code is spot.code}
        replace = _Replace(calls)
        loop.iter = replace.visit(loop.iter)
        if not replace.done and not self._named(loop.iter, spot):
            raise LookupError("its batches come from a place that cannot be found again")
        return loop

    def _named(self, tree, spot):
        """Say whether the watched batches have a name in it, as in ``enumerate(batches)``."""
        loads = [n for n in ast.walk(tree) if isinstance(n, ast.Name)]
        names = [n.id for n in loads if isinstance(n.ctx, ast.Load)]
        return any(spot.locals.get(name) is self.watched for name in names)


def _span(node) -> tuple:
    """Give (line, end line, column, end column) of a piece of source."""
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _holds(outer, inner) -> bool:
    """Say whether one span lies within another."""
    (a, b, c, d), (line, end, column, end_column) = outer, inner
    return (a, c) <= (line, column) and (end, end_column) <= (b, d)


class _Replace(ast.NodeTransformer):
    """Put a name in the place of the call that stands at one of some places."""

    def __init__(self, places):
        self.places, self.done = places, False

    def visit_Call(self, node):
        if _span(node) in self.places:
            self.done = True
            return ast.copy_location(ast.Name(NAME, ast.Load()), node)
        return self.generic_visit(node)


@contextlib.contextmanager
def _held_output():
    """Hold back what is printed: it was printed the first time."""
    if threading.current_thread() is not threading.main_thread():
        yield  # the output belongs to the whole process
        return
    with contextlib.redirect_stdout(io.StringIO()):
        yield


def here(depth: int = 1) -> list[Spot]:
    """Say where in the learner's code this is called from."""
    return spots(sys._getframe(depth))
