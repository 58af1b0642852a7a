"""The mean loss of an epoch, and metrics over all of its examples."""

from .. import ops
from ..core import Tensor
from ..grad_mode import no_grad


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

    def state_dict(self) -> dict:
        """Say how much was seen."""
        return {"total": self.total, "count": self.count, "batches": len(self.outputs)}

    def load_state_dict(self, state: dict) -> None:
        """Go back to when that much was seen."""
        self.total, self.count = state["total"], state["count"]
        del self.outputs[state["batches"] :], self.targets[state["batches"] :]


def accuracy(outputs, targets) -> float:
    """Tell which part of the answers is right, from 0 to 1.

    ``outputs`` holds scores (N, C), and the answer is the place of the largest; ``targets`` holds
    the right places (N,). Made to be passed to train_model or test_model:
    ``metrics={"accuracy": accuracy}``.

    >>> accuracy(torch.tensor([[0.1, 0.9], [0.8, 0.2]]), torch.tensor([1, 1]))
    0.5
    """
    return (ops.argmax(outputs, 1).array == targets.array).mean().item()
