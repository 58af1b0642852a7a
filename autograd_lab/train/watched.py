"""Watched batches: the iterable of a plain ``for`` loop, through which the loop can be steered."""

import operator
import sys
import time

from .. import writes
from ..optim import Optimizer
from .again import Loop
from .chance import Chance
from .heard import Heard
from .interrupts import Gently
from .place import END, Place
from .rounds import Call, chain_from, make_way, same_chain
from .snapshots import Things
from .spot import here, outwards, sort_out
from .steering import Steering
from .travel import Traveller

NO_MODEL = (
    "an optimizer stands in the place of the model, and this code names no model: watch(loader, "
    "net, optimizer), or without a model watch(loader, optimizer=optimizer)"
)


def watch(
    loader, model=None, optimizer=None, *, epochs=1, keep="50 MB", also=(), loss=None, name="",
    run=None, show=None,
):  # fmt: skip
    """Give the batches of a loader to a loop that can be paused, stepped, changed and rewound.

    ``for batch in watch(loader, model=net, optimizer=optimizer):`` is an ordinary loop; its
    ``Steering`` (``batches.run``) obeys between two steps. Where ``watch`` stands in the inner one
    of two loops, all its rounds are one run; Stop then ends them all. Executed anew, the loop goes
    on. Where ``break`` or an error leaves the body, its step counts if it has changed a parameter.

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
    epochs, alone = _whole(epochs), optimizer is None and isinstance(model, Optimizer)
    model, optimizer = _each_in_its_place(model, optimizer)
    _can_be_gone_through(loader)
    spots = here(2)
    named = sort_out([x for spot in spots for x in spot.mentioned()])
    models, optimizers = _several(model) or named[0], _several(optimizer) or named[1]
    if alone and not models:
        raise TypeError(NO_MODEL)
    call = Call(sys._getframe(1), (*models, *optimizers))
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
        self.called = called  # where in the learner's code
        self.given = (), (), ()  # models, optimizers, and what else has a state, as we were told
        self.loss = None  # gives the loss of the step just done, if we were told
        self.loop = None  # runs the loop again; None: that is done from its source
        self.gently = True  # is it we who take care of interrupts?
        self.after_epoch = None  # is called after each epoch; True: it was the last
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
        chain = chain_from(sys._getframe(1))
        another_round = not run.over or same_chain(chain, run.traveller.chain)
        if run.asked_to_end and run.traveller.loop is not None and another_round:
            return iter(())  # Stop ends all rounds of an outer loop
        if self.epochs < 1:
            return iter(())
        run.models, run.optimizers, also, generators = self._trained(spots)
        make_way(run, lambda other: not {*map(id, run.models)}.isdisjoint(map(id, other.models)))
        place = Place(self.loader, Chance(self.loader, generators))
        run.steps_an_epoch, run.epochs = place.length, run.epoch + self.epochs
        loop = self.loop or Loop(self, self.called, spots)
        run.traveller.enter(Things(run.models, run.optimizers, also), place, loop, chain)
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
        run.heard = heard = Heard(run, self.loss)
        onlookers, clock = run.onlookers, time.perf_counter
        losses, steps, batches = history.losses, run.steps, place.batches
        run.begin()
        with heard, Gently(self, spots):
            try:
                while True:
                    if steps >= run.look_at:
                        if not run.obey():
                            break
                        steps, batches = run.steps, place.batches  # it may have been a journey
                    if (now := clock()) >= onlookers.due:
                        onlookers.beat(run, now)
                    batch = next(batches, END)
                    if batch is END:
                        if not self._next_epoch(place):
                            break
                        run.look_at = 0
                        continue
                    run.in_body, written = True, writes.last_write
                    yield batch
                    loss = heard.loss()
                    if steps == len(losses):
                        history.add(loss)
                    else:
                        traveller.compare(loss)
                    run.steps = steps = steps + 1
                    run.in_body = False
            except GeneratorExit:  # the body was left: by break, or by an error
                run.in_body, run.left_at = False, _line(spots)
                if heard.learned_since(written):  # the step of this body was taken
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
        run, loss = self.run, heard.loss()
        if steps == len(run.history.losses):
            run.history.add(loss)
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
    codes = {spot.code for spot in spots}
    found = (f for f in outwards(sys._getframe(1)) if f.f_code in codes)
    return next(((f.f_code, f.f_lineno) for f in found), None)


def _several(things) -> tuple:
    """Give one thing, or several, as a tuple."""
    if things is None:
        return ()
    return tuple(things) if isinstance(things, list | tuple) else (things,)
