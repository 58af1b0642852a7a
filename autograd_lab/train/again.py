"""Run the ``for`` statement of a watched loop again, after its end, from its source."""

import ast
import contextlib
import io
import threading

from .source import loop_at, span

NAME = "__the_watched_batches__"


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
                _run(code, names)
        finally:
            names.pop(NAME)
            if before is not None:
                names[NAME] = before

    def statement(self):
        """Find the statement, ready to be run, and where it stands; a LookupError says why not."""
        for spot in self.iterated:
            found = loop_at(spot)
            if found is not None:
                return self._prepared(found, spot), spot
        raise LookupError("its source is not known")

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


def _run(code, names) -> None:
    """Run a statement of the learner's own again: the one place where the library runs source.

    It is safe because nothing new is run. The statement was found in the text that Python knows
    for this code, and ``loop_at`` has compared what the two do, instruction by instruction; only
    the call of ``watch`` was replaced, by the batches that it gave.
    """
    exec(code, names)


class _Replace(ast.NodeTransformer):
    """Put a name in the place of the call that stands at one of some places."""

    def __init__(self, places):
        self.places, self.done = places, False

    def visit_Call(self, node):
        if span(node) in self.places:
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
