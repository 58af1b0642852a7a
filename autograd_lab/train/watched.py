"""Watched batches: the iterable of a plain ``for`` loop, through which the loop can be steered."""

import operator
import sys
import threading
import time
import weakref

from ..backward import listeners
from ..device import HOST
from ..optim import Optimizer
from .again import Loop, chain, here, sort_out
from .chance import Chance
from .edge import living
from .interrupts import Gently
from .place import END, Place
from .snapshots import Things
from .steering import Steering
from .travel import Traveller

NAN = float("nan")
FIRST = 8  # steps in which it is seen whether gradients are cleared


def watch(
    loader, model=None, optimizer=None, *, epochs=1, keep="50 MB", also=(), loss=None, name="",
    run=None, show=None,
):  # fmt: skip
    """Give the batches of a loader to a loop that can be paused, stepped, changed and rewound.

    ``for batch in watch(loader, model=net, optimizer=optimizer):`` is an ordinary loop; its
    ``Steering`` (``batches.run``) obeys between two steps. Where ``watch`` stands in the inner one
    of two loops, all its rounds are one run; Stop then ends them all. Where ``break`` or an error
    leaves the body, its step counts if an optimizer has taken it.

    Args:
        loader: a DataLoader, a list, or anything else that gives batches.
        model: what is trained, or several; by default the models that the loop's code names.
        optimizer: what changes it, or several; by default those that the loop's code names.
        epochs: how often to go through the loader.
        keep: how much memory may be used to go back in time, such as "50 MB"; None: no way back.
        also: what else has a state (``state_dict``) that steps depend on; schedulers that the
            loop's code names are found.
        loss: a function without arguments that gives the loss of the step just done. By default it
            is the last scalar whose ``backward()`` was called; ``run.note(loss=...)`` says another.
        name: a name for the run.
        run: the run to which the loop belongs, if there is one already.
        show: called with a new run, before its first step.

    >>> net = nn.Linear(1, 1)
    >>> optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    >>> for x in watch([torch.ones(1)] * 3, model=net, optimizer=optimizer, epochs=2):
    ...     optimizer.zero_grad()
    ...     net(x).square().sum().backward()
    ...     optimizer.step()
    """
    epochs, (model, optimizer) = _whole(epochs), _each_in_its_place(model, optimizer)
    _can_be_gone_through(loader)
    spots = here(2)
    named = sort_out([x for spot in spots for x in spot.mentioned()])
    models, optimizers = _several(model) or named[0], _several(optimizer) or named[1]
    call = _Call(sys._getframe(1), (*models, *optimizers))
    before = call.run() if run is None else run
    run = before or Steering(name)
    call.remember(run)
    watched = Watched(run, loader, epochs, keep, spots)
    watched.given, watched.loss = (models, optimizers, tuple(also)), loss
    run.models, run.optimizers = models, optimizers
    if before is None and show is not None:
        show(run)
    return watched


class Watched:
    """The batches of a loader, and between two of them the will of whoever steers."""

    def __init__(self, run, loader, epochs, keep, called=()):
        self.run, self.loader, self.epochs = run, loader, epochs
        self.called, self.loss, self.loop, self.gently = called, None, None, True
        self.given, self.after_epoch = ((), (), ()), None
        if run.traveller is None:
            run.traveller = Traveller(run, keep)

    def trains(self, model, optimizer, loop, also) -> None:
        """Note what a loop of the library trains, and that it takes care of interrupts itself."""
        also = [x for x in also if hasattr(x, "state_dict") and hasattr(x, "load_state_dict")]
        self.given, self.loop, self.gently = ((model,), (optimizer,), tuple(also)), loop, False
        self.run.models, self.run.optimizers = (model,), (optimizer,)

    def __len__(self):
        return len(self.loader) * self.epochs

    def __iter__(self):
        run, spots = self.run, here(2)
        if run.repeating:  # the statement is run again: see travel.py
            return self._batches(spots)
        if run.asked_to_end and run.traveller.loop is not None:  # the next round of an outer loop
            return iter(())
        if self.epochs < 1:
            return iter(())
        run.models, run.optimizers, also, generators = self._trained(spots)
        make_way(run, lambda other: not {*map(id, run.models)}.isdisjoint(map(id, other.models)))
        place = Place(self.loader, Chance(self.loader, generators))
        run.steps_an_epoch, run.epochs = place.length, run.epoch + self.epochs
        loop = self.loop or Loop(self, self.called, spots)
        run.traveller.enter(Things(run.models, run.optimizers, also), place, loop)
        try:
            place.begin_epoch(run.steps)
        except Exception as error:  # the loader gives no batches at all
            run.end("failed", error)
            raise
        if run.reopened is not None:
            run.reopened.hand_over(run)
            run.reopened = None  # only now: another model may fit better
        return self._batches(spots)

    def _trained(self, spots):
        """Give models, optimizers, what else has a state, and generators: as told, or as named."""
        models, optimizers, also = self.given
        if self.loop is not None:
            return models, optimizers, also, ()
        named = sort_out([x for spot in spots for x in spot.mentioned() if x is not self.loader])
        also = tuple({id(x): x for x in (*also, *named[2])}.values())
        return models or named[0], optimizers or named[1], also, named[3]

    def _batches(self, spots):
        """Hand out batches; what happens between them happens here."""
        run, traveller = self.run, self.run.traveller
        place, history = traveller.place, run.history
        run.heard = heard = Heard(self.loss, history, run.optimizers)
        losses, steps, batches = history.losses, run.steps, place.batches
        run.begin()
        with heard, Gently(self, spots):
            try:
                while True:
                    if steps >= run.look_at:
                        if not run.obey():
                            break
                        steps, batches = run.steps, place.batches  # it may have been a journey
                    if run.pulses:
                        run.beat(time.perf_counter())
                    batch = next(batches, END)
                    if batch is END:
                        if not self._next_epoch(place):
                            break
                        run.look_at = 0
                        continue
                    run.in_body, changes = True, heard.changes
                    yield batch
                    root = heard.root
                    if root is None or history.said is not None:
                        loss = heard.loss()
                        if loss is NAN and steps == len(losses):
                            history.missing.append(steps)
                    else:
                        loss, heard.root = root.item(), None
                    if steps == len(losses):
                        losses.append(loss)
                    else:
                        traveller.compare(loss)
                    run.steps = steps = steps + 1
                    run.in_body = False
            except GeneratorExit:  # the body was left: by break, or by an error
                run.in_body, run.left_at = False, _line(spots)
                if heard.changes > changes:  # the step of this body was taken
                    self._count(heard, steps)
                if not run.open_ended:
                    run.end("stopped")
                raise
            except KeyboardInterrupt:
                run.interrupt()
                if not self.gently:
                    run.end()
                    raise
            except Exception as error:
                run.end("failed", error)
                raise
            if not run.open_ended or run.thread is None and run.asked_to_end:
                run.end()

    def _count(self, heard, steps):
        """Count the step of a body that was left after it had changed the model."""
        run = self.run
        root = heard.root
        loss = heard.loss() if root is None or run.history.said is not None else root.item()
        if steps == len(run.history.losses):
            run.history.losses.append(loss)
        run.steps = steps + 1

    def _next_epoch(self, place) -> bool:
        """Go on with the next epoch, if there is one."""
        self.run.epoch += 1
        if self.after_epoch is not None and self.after_epoch():
            return False
        if place.epoch + 1 >= self.epochs:
            return False
        place.epoch += 1
        place.begin_epoch(self.run.steps)
        return True


class Heard:
    """Listen for the loss of a step: the last scalar whose ``backward()`` was called.

    ``changes`` counts the steps of the optimizers, ``piled`` how often in a row a gradient was
    added to the one before it though that had been used already.
    """

    def __init__(self, given, history, optimizers=()):
        self.optimizers, self.handles = optimizers, []
        self.changes = self.piled = self.since = 0
        self.given, self.history, self.root, self.before = given, history, None, None
        self.tensor = lambda: None  # gives the tensor whose backward() was called, while it lives
        self.key = threading.get_ident()

    def __enter__(self):
        if self.given is None:
            self.before = listeners.get(self.key)
            listeners[self.key] = self._hear
        self.handles = [o.register_step_post_hook(self._stepped) for o in self.optimizers]
        return self

    def __exit__(self, *_):
        for handle in self.handles:
            handle.remove()
        if self.given is None and listeners.get(self.key) == self._hear:
            if self.before is None:
                del listeners[self.key]
            else:
                listeners[self.key] = self.before

    def _stepped(self, *_):
        self.changes += 1

    def _hear(self, roots):
        if self.changes < FIRST and len(self.optimizers) == 1:
            self._look_for_piles()
        if len(roots) == 1 and roots[0].array.size == 1:
            self.history.known = True
            self.root, self.tensor = roots[0].array, weakref.ref(roots[0])

    def _look_for_piles(self):
        """See whether gradients are never cleared: in the first steps only, one backward a step."""
        if self.changes == self.since:  # several backwards before a step: they are meant to add up
            self.piled = 0
        elif self.changes == self.since + 1:
            first = next(iter(self.optimizers[0].param_groups[0]["params"]), None)
            left = None if first is None or first.grad is None else first.grad.array
            there = type(left) in HOST and bool(left.reshape(-1)[:64].any())
            self.piled = self.piled + 1 if there else 0
        self.since = self.changes

    def loss(self) -> float:
        """Give the loss of the step just done as it was told; nan if nobody knows it."""
        history, self.root = self.history, None
        if history.said is not None:
            value, history.said = history.said, None
        elif self.given is not None:
            value = float(self.given())
        else:
            return NAN
        history.known = True
        return value


class _Call:
    """A place in a program where ``watch`` is called: called there again, its run goes on."""

    known: list = []

    def __init__(self, frame, trained):
        self.chain, self.trained = chain(frame), [weakref.ref(x) for x in trained]
        while str(frame.f_globals.get("__name__", "")).startswith("autograd_lab."):
            frame = frame.f_back
        top = frame.f_code.co_name == "<module>"
        self.frame = id(frame) if top and not trained else None
        self.reference = None

    def run(self):
        """Give the run that began here, if this is another round of the same loop."""
        self.known[:] = [call for call in self.known if call.reference() is not None]
        return next((call.reference() for call in self.known if call.same(self)), None)

    def same(self, other) -> bool:
        """Say whether two calls are rounds of one loop: same place, and the same is trained."""
        if not self.trained and self.frame is None or self.frame != other.frame:
            return False
        mine, its = [r() for r in self.trained], [r() for r in other.trained]
        if len(mine) != len(its) or any(a is not b or a is None for a, b in zip(mine, its)):
            return False
        same = len(self.chain) == len(other.chain)
        return same and all(a is b and i == j for (a, i), (b, j) in zip(self.chain, other.chain))

    def remember(self, run) -> None:
        """Note that a run began here."""
        self.reference = weakref.ref(run)
        self.known[:] = [call for call in self.known if not call.same(self)] + [self]


def make_way(run, is_the_same) -> None:
    """Stop background runs that another one takes the place of, and wait for them."""
    for other in tuple(living):
        mine = other is run or other.thread in (None, threading.current_thread())
        if mine or not other.thread.is_alive() or not is_the_same(other):
            continue
        other.stop()
        other.thread.join(10)
        left = ", but it still runs" if other.thread.is_alive() else ""
        print(f"the run before was stopped after step {other.steps}{left}", file=sys.stderr)


def _whole(epochs) -> int:
    """Give a number of epochs, or say why it is none."""
    try:
        return operator.index(epochs)
    except TypeError:
        raise TypeError(f"epochs is a whole number, not {epochs!r}") from None


def _each_in_its_place(model, optimizer) -> tuple:
    """Give model and optimizer, also where they were told the other way round."""
    if any(isinstance(x, Optimizer) for x in _several(model)):
        if all(isinstance(x, Optimizer) for x in _several(model)):
            return optimizer, model
        raise TypeError("model holds an optimizer, too: watch(loader, model=…, optimizer=…)")
    return model, optimizer


def _can_be_gone_through(loader) -> None:
    """Raise a TypeError if this gives no batches."""
    if not hasattr(loader, "__iter__") and not hasattr(loader, "__getitem__"):
        kind = type(loader).__name__
        raise TypeError(
            f"watch takes what a for loop can go through, such as a DataLoader or a list of "
            f"batches, not {loader!r:.60} ({kind})"
        )


def _line(spots):
    """Say in which code, and at which line, the body of the loop is just left."""
    codes, frame = {spot.code for spot in spots}, sys._getframe(2)
    while codes and frame is not None and frame.f_code not in codes:
        frame = frame.f_back
    return None if frame is None else (frame.f_code, frame.f_lineno)


def _several(things) -> tuple:
    """Give one thing, or several, as a tuple."""
    if things is None:
        return ()
    return tuple(things) if isinstance(things, list | tuple) else (things,)
