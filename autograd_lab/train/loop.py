"""The training loop, written once: ``train_model`` and ``test_model``.

What the loop does can be watched and steered by callbacks, and interrupted at any moment: a step is
either done or not begun, so the model is always usable.
"""

import inspect
import sys
import warnings
from contextlib import contextmanager

from ..grad_mode import no_grad
from ..notice import Voice
from ..optim import SGD
from ..utils.data import DataLoader, Dataset, IterableDataset
from .callbacks import checked, tell
from .interrupts import interrupts
from .progress import ProgressLine
from .run import Run
from .watched import Watched


def train_model(
    model, train_loader, loss_fn=None, optimizer=None, epochs=1, device=None, val_loader=None,
    metrics=None, callbacks=(), progress=True, scheduler=None, keep=None, steering=None,
    replay=False, scaler=None,
):  # fmt: skip
    """Train a model: go through the data, ``epochs`` times, and follow the gradient.

    Interrupting (the square button, Ctrl-C) ends the training after the batch at hand.

    Args:
        model: what to train; it is left in the mode, train or eval, in which it was.
        train_loader: gives batches ``(inputs, targets)``: a DataLoader, a list, or a Dataset.
        loss_fn: ``loss_fn(output, target)``; by default cross entropy for whole-number targets,
            mean squared error for others.
        optimizer: by default ``SGD(model.parameters(), lr=0.01)``.
        epochs: how often to go through the data.
        device: where to compute; by default where the model is.
        val_loader: data to measure, but not to learn from, after each epoch.
        metrics: ``{"name": function(outputs, targets)}``, computed over whole epochs, as
            ``{"accuracy": autograd_lab.train.accuracy}``; without, only the loss is measured.
        callbacks: objects with any of the methods ``on_train_begin``, ``on_backward_end``,
            ``on_batch_end``, ``on_epoch_end``, ``on_train_end``; each is given the run
            (see ``Run``).
        progress: show a line of text that tells how far it is; of several ranks, rank 0 does.
        scheduler: changes the learning rate: its ``step`` is called after each epoch.
        keep: how much memory may be used to go back in time, such as "50 MB": see ``Steering.go``.
        steering: the ``Steering`` to obey, such as the run of ``start``; callbacks find it as
            ``run.steering``.
        replay: on a GPU, capture a step and replay it, so that it need not be started kernel by
            kernel: small models train several times as fast. On the processor nothing changes.
        scaler: a ``torch.amp.GradScaler()``: compute in half precision on a GPU, with autocast,
            and scale the loss so that small gradients are kept.

    Gives a ``History``: ``history["loss"]`` has one number an epoch, ``history["val_loss"]``
    likewise if there is a ``val_loader``, and so for the metrics; ``history.steps`` has the loss of
    each step.

    >>> x = torch.linspace(-1, 1, 20).reshape(20, 1)
    >>> data = torch.utils.data.TensorDataset(x, 3 * x)
    >>> net = nn.Linear(1, 1)
    >>> history = train_model(net, data, epochs=100, progress=False,
    ...                       optimizer=torch.optim.SGD(net.parameters(), lr=0.5))
    >>> round(net.weight.item(), 3)
    3.0
    """
    if device is not None:
        model.to(device)
    optimizer = optimizer or SGD(model.parameters(), lr=0.01)
    run = Run(model, optimizer, loss_fn, metrics, steering, scaler)
    run.epochs, run.batches = epochs, _loader(train_loader, shuffle=True)
    lines = [ProgressLine()] if progress and not Voice.silent else []
    watchers = [*lines, *checked(callbacks)]
    _warn_of_strangers(model, run.optimizer)
    if replay:
        from .replaying import replaying

        run.learn = replaying(run, watchers)
    loop = Loop(run, watchers, val_loader, scheduler, keep)
    try:
        with interrupts(run):
            loop.run()
    except KeyboardInterrupt:
        run.interrupted = True
        run.optimizer.zero_grad()
    finally:
        run.scaler.forget()  # a step that was broken off is not to be in the way of the next one
        tell(watchers, "on_train_end", run)
    if run.interrupted and not Voice.silent:
        print(f"interrupted: the model is as it was after step {run.step}", file=sys.stderr)
    return run.history


def test_model(model, loader, loss_fn=None, metrics=None, device=None):  # noqa: PT028
    """Measure a model on data that it does not learn from: its loss, and metrics.

    It runs in eval mode, without gradients, and is left in the mode in which it was.

    Args:
        model: what to measure.
        loader: gives batches ``(inputs, targets)``: a DataLoader, a list, or a Dataset.
        loss_fn: ``loss_fn(output, target)``; by default cross entropy for whole-number targets,
            mean squared error for others.
        metrics: ``{"name": function(outputs, targets)}``, each computed once, over all the data.
        device: where to compute; by default where the model is.

    Gives a dictionary: ``"loss"``, the mean over the examples, and each metric by its name. Nothing
    else is measured: for the part of right answers ask for ``accuracy``, as below.

    >>> from autograd_lab.train import accuracy
    >>> data = [(torch.tensor([[2., 0.], [2., 0.]]), torch.tensor([0, 1]))]
    >>> test_model(nn.Identity(), data, nn.CrossEntropyLoss(), metrics={"accuracy": accuracy})
    {'loss': 1.12692..., 'accuracy': 0.5}
    >>> test_model(nn.Identity(), [(torch.ones(3), torch.zeros(3))])
    {'loss': 1.0}
    """
    if device is not None:
        model.to(device)
    run = Run(model, None, loss_fn, metrics)
    with _kept_mode(model, False), no_grad():
        for batch in _loader(loader):
            output, target = run.forward(batch)
            run.seen.add(run.loss_of(output, target).item(), output, target)
    return run.seen.result()


test_model.__test__ = False  # pytest: this is no test


class Loop:
    """The loop of ``train_model``: it can be steered, and run again to go back in time."""

    def __init__(self, run, watchers, val_loader, scheduler, keep):
        self.steps = Watched(run.steering, run.batches, run.epochs, keep)
        self.steps.trains(run.model, run.optimizer, self, (scheduler, run.scaler, run))
        self.steps.loss, self.steps.after_epoch = lambda: run.loss, self.measure
        run.steering.traveller.only_between = bool(run.seen.metrics)  # they need whole epochs
        self.model, self.watchers = run.model, watchers
        self.training, self.val_loader, self.scheduler = run, val_loader, scheduler

    def run(self) -> None:
        """Take every step that is to be taken."""
        run = self.training
        with _kept_mode(self.model, True):
            if run.step == 0:
                tell(self.watchers, "on_train_begin", run)
            if run.stop:
                return
            for batch in self.steps:
                run.learn(batch, self.watchers)
                tell(self.watchers, "on_batch_end", run)
                if run.stop:
                    break

    def ready(self):
        """Give what can be run again to go back in time: the loop itself."""
        return self

    def measure(self) -> bool:
        """Write down what an epoch gave; True means that it shall be the last."""
        run = self.training
        run.epoch += 1
        for name, value in run.seen.result().items():
            run.history.note(name, value)
        if self.val_loader is not None:
            measured = test_model(run.model, self.val_loader, run.loss_fn, run.seen.metrics)
            for name, value in measured.items():
                run.history.note(f"val_{name}", value)
        if self.scheduler is not None:
            _reschedule(self.scheduler, run)
        tell(self.watchers, "on_epoch_end", run)
        if run.epoch < run.epochs:
            run.seen.clear()
        return run.stop


def _reschedule(scheduler, run):
    """Step a scheduler; one that waits for a plateau is told the loss."""
    if "metrics" in inspect.signature(scheduler.step).parameters:
        scheduler.step(run.history.get("val_loss", run.history["loss"])[-1])
    else:
        scheduler.step()


def _warn_of_strangers(model, optimizer):
    """Say so if the optimizer changes no parameter of this model: nothing would be learned."""
    groups = getattr(optimizer, "param_groups", None)
    if groups is None or not any(True for _ in model.parameters()):
        return
    mine = {id(p) for p in model.parameters()}
    if not any(id(p) in mine for group in groups for p in group["params"]):
        warnings.warn(
            "the optimizer holds none of this model's parameters, so the model will not learn: "
            "make it again with optim.SGD(model.parameters(), ...)",
            stacklevel=3,
        )


def _loader(data, shuffle=False):
    """Make batches of a bare data set; what gives batches already stays as it is."""
    if not isinstance(data, Dataset):
        return data
    return DataLoader(data, 32, shuffle and not isinstance(data, IterableDataset))


@contextmanager
def _kept_mode(model, training):
    """Put a model in train or eval mode; at the end every part is in its old mode again."""
    modes = [(module, module.training) for module in model.modules()]
    if not (training and model.training):  # a part that was frozen on purpose stays frozen
        model.train(training)
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
