"""One step of a training, and what callbacks look at."""

from contextlib import nullcontext

from ..amp import GradScaler, autocast
from ..core import Tensor
from ..nn import functional as F
from .callbacks import tell
from .history import History
from .seen import Seen
from .steering import Steering


class Run:
    """A training under way: what callbacks look at, and steer.

    ``step`` and ``epoch`` count what is done, ``loss`` is the last batch's, ``loss_tensor`` the
    same with the graph behind it, ``batch`` its data; ``history`` grows by epochs. Values and
    gradients belong together in ``on_backward_end``: the parameters change after it.
    Set ``learning_rate`` to change it, set ``stop = True`` to end after this batch; ``steering``
    pauses, steps and rewinds.

    >>> class Enough:
    ...     def on_batch_end(self, run):
    ...         run.stop = run.step == 3
    >>> data = [(torch.ones(1, 1), torch.ones(1, 1))] * 10
    >>> history = torch.train_model(nn.Linear(1, 1), data, callbacks=[Enough()], progress=False)
    >>> history
    History: no whole epoch, 3 steps
    """

    def __init__(self, model, optimizer, loss_fn, metrics, steering=None, scaler=None):
        self.model, self.optimizer, self.loss_fn = model, optimizer, loss_fn
        self.scaler = scaler or GradScaler(enabled=False)
        self.history, self.step, self.epoch, self.loss = History(), 0, 0, None
        self.batch = self.loss_tensor = None
        self.stop = self.interrupted = False
        self.replayed = None  # the captured step: see replaying.py
        self.phase = "between steps"  # "computing", "changing the model": may it be interrupted?
        self.epochs, self.batches = 1, ()
        self.seen, self.steering = Seen(metrics), steering or Steering()

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
        output, target = self.gradients(batch)
        tell(watchers, "on_backward_end", self)
        self.phase = "changing the model"
        self.change()
        self.step, self.loss = self.step + 1, self.loss_tensor.item()
        self.phase = "between steps"
        self.history.steps.append(self.loss)
        self.seen.add(self.loss, output.detach(), target)

    def gradients(self, batch):
        """Compute the loss and the gradients; give the output and the targets."""
        self.optimizer.zero_grad()
        with autocast("cuda") if self.scaler.is_enabled() else nullcontext():
            output, target = self.forward(batch)
            self.loss_tensor = self.loss_of(output, target)
        self.scaler.scale(self.loss_tensor).backward()
        self.scaler.unscale_(self.optimizer)
        return output, target

    def change(self) -> None:
        """Let the optimizer change the model."""
        self.scaler.step(self.optimizer)
        self.scaler.update()

    def state_dict(self) -> dict:
        """Say what is in the books: for going back in time."""
        return {"step": self.step, "epoch": self.epoch, "loss": self.loss,
                "series": dict(self.history), "seen": self.seen.state_dict()}  # fmt: skip

    def load_state_dict(self, state: dict) -> None:
        """Make the books as they were at another moment."""
        self.step, self.epoch, self.loss = state["step"], state["epoch"], state["loss"]
        self.history.steps[:] = self.steering.history.losses[: self.step]
        self.history.clear()
        self.history.update(state["series"])
        self.seen.load_state_dict(state["seen"])
