"""The training loop, written once: ``train_model`` and ``test_model``.

What the loop does can be watched and steered by callbacks, and interrupted at any moment: a step is
either done or not begun, so the model is always usable.
"""

import inspect
import signal
import sys
import threading
import time
import warnings
from contextlib import contextmanager

from . import ops
from .core import Tensor
from .grad_mode import no_grad
from .nn import functional as F
from .optim import SGD
from .utils.data import DataLoader, Dataset, IterableDataset
from .watching import in_notebook


def train_model(
    model, train_loader, loss_fn=None, optimizer=None, epochs=1, device=None, val_loader=None,
    metrics=None, callbacks=(), progress=True, scheduler=None,
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
        progress: show a line of text that tells how far it is.
        scheduler: changes the learning rate: its ``step`` is called after each epoch.

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
    run = Run(model, optimizer or SGD(model.parameters(), lr=0.01), loss_fn, metrics)
    run.epochs, run.batches = epochs, _loader(train_loader, shuffle=True)
    watchers = [*([ProgressLine()] if progress else []), *_checked(callbacks)]
    _warn_of_strangers(model, run.optimizer)
    try:
        with _kept_mode(model, True), _interrupts(run):
            _tell(watchers, "on_train_begin", run)
            while run.epoch < epochs and not run.stop:
                _epoch(run, watchers, val_loader, scheduler)
    except KeyboardInterrupt:
        run.interrupted = True
        run.optimizer.zero_grad()
    finally:
        _tell(watchers, "on_train_end", run)
    if run.interrupted:
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


def accuracy(outputs, targets) -> float:
    """Tell which part of the answers is right, from 0 to 1.

    ``outputs`` holds scores (N, C), and the answer is the place of the largest; ``targets`` holds
    the right places (N,). Made to be passed to train_model or test_model:
    ``metrics={"accuracy": accuracy}``.

    >>> accuracy(torch.tensor([[0.1, 0.9], [0.8, 0.2]]), torch.tensor([1, 1]))
    0.5
    """
    return (ops.argmax(outputs, 1).array == targets.array).mean().item()


class History(dict):
    """What was measured in each epoch: ``history["loss"]``, and of each step: ``history.steps``.

    >>> net, data = nn.Linear(1, 1), [(torch.zeros(1, 1), torch.zeros(1, 1))]
    >>> history = train_model(net, data, epochs=2, progress=False)
    >>> history["loss"] == history.steps, len(history.steps)
    (True, 2)
    """

    def __init__(self):
        self.steps = []

    def note(self, name: str, value: float) -> None:
        """Add a value to a series."""
        self.setdefault(name, []).append(value)

    def __repr__(self):
        epochs = max(map(len, self.values()), default=0)
        if not epochs:
            return f"History: no whole epoch, {len(self.steps)} steps"
        names = ["epoch", *self]
        rows = [[str(i + 1), *(_short(self[n], i) for n in self)] for i in range(epochs)]
        if epochs > 8:
            rows[4:-3] = [["..."] * len(names)]
        table = [names, *rows]
        wide = [max(len(row[k]) for row in table) for k in range(len(names))]
        return "\n".join("  ".join(c.rjust(w) for c, w in zip(row, wide)) for row in table)


def _short(series, i):
    return f"{series[i]:.4g}" if i < len(series) else ""


class Run:
    """A training under way: what callbacks look at, and steer.

    ``step`` and ``epoch`` count what is done, ``loss`` is the last batch's, ``loss_tensor`` the
    same with the graph behind it, ``batch`` its data; ``history`` grows by epochs. Values and
    gradients belong together in ``on_backward_end``: the parameters change after it.
    Set ``learning_rate`` to change it, set ``stop = True`` to end after this batch.

    >>> class Enough:
    ...     def on_batch_end(self, run):
    ...         run.stop = run.step == 3
    >>> data = [(torch.ones(1, 1), torch.ones(1, 1))] * 10
    >>> history = train_model(nn.Linear(1, 1), data, callbacks=[Enough()], progress=False)
    >>> history
    History: no whole epoch, 3 steps
    """

    def __init__(self, model, optimizer, loss_fn, metrics):
        self.model, self.optimizer, self.loss_fn = model, optimizer, loss_fn
        self.history, self.step, self.epoch, self.loss = History(), 0, 0, None
        self.batch = self.loss_tensor = None
        self.stop = self.interrupted = False
        self.phase = "between steps"  # "computing", "changing the model": may it be interrupted?
        self.epochs, self.batches = 1, ()
        self.seen = Seen(metrics)

    @property
    def learning_rate(self) -> float:
        """Give the learning rate (of the first group of parameters); set it for all groups."""
        return self.optimizer.param_groups[0]["lr"]

    @learning_rate.setter
    def learning_rate(self, rate: float):
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    @property
    def steps_an_epoch(self) -> int | None:
        """Count the steps of an epoch, if that is known."""
        try:
            return len(self.batches)
        except TypeError:  # a stream: nobody knows
            return None

    def forward(self, batch):
        """Give the model's output for a batch, and the targets."""
        if not isinstance(batch, tuple | list) or len(batch) < 2:
            raise TypeError(
                "a batch must be (inputs, targets), as a TensorDataset(x, y) gives it; this one is "
                f"{'a sequence of one' if isinstance(batch, tuple | list) else type(batch)}"
            )
        first = next(iter(self.model.parameters()), None)
        place = None if first is None else first.device
        *inputs, target = [
            b.to(place) if isinstance(b, Tensor) and place else b for b in batch
        ]
        return self.model(*inputs), target

    def loss_of(self, output, target):
        """Give the loss of an output."""
        if self.loss_fn is None:
            if not isinstance(target, Tensor):
                raise TypeError(
                    "no loss_fn was given, and the data has targets that are a "
                    f"{type(target).__name__}, not a tensor: make them numbers, or pass a loss_fn "
                    "that takes them as they are"
                )
            whole = not (target.dtype.is_floating_point or target.dtype.is_complex)
            self.loss_fn = F.cross_entropy if whole else F.mse_loss
        return self.loss_fn(output, target)

    def learn(self, batch, watchers=()) -> None:
        """Take one step: forward, backward, and change the parameters."""
        self.phase, self.batch = "computing", batch
        self.loss_tensor = None  # the old graph gives its memory back
        self.optimizer.zero_grad()
        output, target = self.forward(batch)
        self.loss_tensor = self.loss_of(output, target)
        self.loss_tensor.backward()
        _tell(watchers, "on_backward_end", self)
        self.phase = "changing the model"
        self.optimizer.step()
        self.step, self.loss = self.step + 1, self.loss_tensor.item()
        self.phase = "between steps"
        self.history.steps.append(self.loss)
        self.seen.add(self.loss, output.detach(), target)


class Seen:
    """What was measured so far in an epoch."""

    def __init__(self, metrics):
        self.metrics = dict(metrics or {})
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.total, self.count, self.outputs, self.targets = 0.0, 0, [], []

    def add(self, loss, output, target) -> None:
        """Add a batch."""
        size = len(target) if isinstance(target, Tensor) and target.ndim else 1
        self.total, self.count = self.total + loss * size, self.count + size
        if self.metrics:
            self.outputs.append(output)
            self.targets.append(target)

    def result(self) -> dict:
        """Give the mean loss of the examples, and the metrics over all of them."""
        if not self.count:
            raise ValueError("there was not a single batch: the loader is empty")
        found = {"loss": self.total / self.count}
        if self.metrics:
            outputs, targets = ops.cat(self.outputs), ops.cat(self.targets)
            with no_grad():
                for name, metric in self.metrics.items():
                    found[name] = float(metric(outputs, targets))
        return found


def _epoch(run, watchers, val_loader, scheduler):
    """Go through the data once, then measure."""
    run.seen.clear()
    for batch in run.batches:
        run.learn(batch, watchers)
        _tell(watchers, "on_batch_end", run)
        if run.stop:
            return
    run.epoch += 1
    for name, value in run.seen.result().items():
        run.history.note(name, value)
    if val_loader is not None:
        measured = test_model(run.model, val_loader, run.loss_fn, run.seen.metrics)
        for name, value in measured.items():
            run.history.note(f"val_{name}", value)
    if scheduler is not None:
        _reschedule(scheduler, run)
    _tell(watchers, "on_epoch_end", run)


def _reschedule(scheduler, run):
    """Step a scheduler; one that waits for a plateau is told the loss."""
    if "metrics" in inspect.signature(scheduler.step).parameters:
        scheduler.step(run.history.get("val_loss", run.history["loss"])[-1])
    else:
        scheduler.step()


MOMENTS = ("on_train_begin", "on_backward_end", "on_batch_end", "on_epoch_end", "on_train_end")


def _checked(callbacks):
    """Take one callback or several, and refuse what has nothing to be called."""
    one = any(hasattr(callbacks, moment) for moment in MOMENTS)
    several = [callbacks] if one else list(callbacks)
    for callback in several:
        if not any(hasattr(callback, moment) for moment in MOMENTS):
            raise TypeError(
                f"{type(callback).__name__} is no callback: it has none of the methods "
                f"{', '.join(MOMENTS)}"
            )
    return several


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


def _tell(callbacks, what, run):
    for callback in callbacks:
        if hasattr(callback, what):
            getattr(callback, what)(run)


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


@contextmanager
def _interrupts(run):
    """Let an interrupt end the training at once between steps, and after the step within one.

    A second interrupt breaks off the computation too, but never the change of the model.
    """
    def handle(*_):
        again, run.stop, run.interrupted = run.interrupted, True, True
        if run.phase == "between steps" or (again and run.phase == "computing"):
            raise KeyboardInterrupt

    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class ProgressLine:
    """A callback that tells in one line of text how far the training is."""

    def __init__(self):
        self.shown, self.handle, self.drawn = "", None, 0.0

    def on_train_begin(self, run) -> None:
        """Start the clock."""
        self.drawn = time.monotonic()

    def on_batch_end(self, run) -> None:
        """Draw the line, ten times a second at most."""
        if time.monotonic() - self.drawn > 0.1:
            self.draw(run)

    def on_train_end(self, run) -> None:
        """Draw the line for the last time."""
        self.draw(run, last=True)

    def line(self, run) -> str:
        """Word where the run is: it says no times, so that a repeated run says the same."""
        each = run.steps_an_epoch
        done = run.step / (each * run.epochs) if each and run.epochs else run.epoch / run.epochs
        bar = "█" * round(20 * done)
        said = [f"epoch {run.epoch}/{run.epochs} {bar:░<20}"]
        if not run.epoch and run.loss is not None:
            said.append(f"loss {run.loss:.4g}")
        said += [f"{name} {series[-1]:.4g}" for name, series in run.history.items()]
        return "  ".join(said)

    def draw(self, run, last=False) -> None:
        """Show the line: in a notebook, a terminal, or (only the last) a file."""
        text, before = self.line(run), self.shown
        self.shown, self.drawn = text, time.monotonic()
        if in_notebook():
            self._display(text)
        elif sys.stdout.isatty():
            print(f"\r{text:<{len(before)}}", end="\n" if last else "", flush=True)
        elif last:
            print(text)

    def _display(self, text):
        from IPython.display import display

        if self.handle is None:
            self.handle = display(Line(text), display_id=True)
        else:
            self.handle.update(Line(text))


class Line(str):
    """Text that a notebook shows without quotes."""

    def __repr__(self):
        return str(self)
