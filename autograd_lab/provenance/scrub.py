"""Change one number and compute again what follows: what the gradient predicts, what happens.

The record is replayed with another number in one place of a leaf or of the data; everything that
depends on it is new, and so are all gradients. Nothing of the learner's is touched.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..core import Tensor
from ..device import cpu, device_of, move
from ..replay import Replay, inputs_of, operation_name, told_operands
from .answer import number, signed, subscript
from .walk import exact, key_of, place_in

POSITIONS = 41  # of the slider; the one in the middle is where the number stands
WORK = 400_000  # numbers that a curve may compute
CASTS = {"b": bool, "i": int, "u": int}


@dataclass(frozen=True)
class Change:
    """One number was changed: what the loss did, and what its gradient said it would do."""

    name: str
    index: tuple
    before: float
    after: float
    loss_before: float
    loss_after: float
    slope: float | None  # the gradient; None for data without one
    note: str = ""

    @property
    def real(self) -> float:
        """Tell how much the loss changed."""
        return self.loss_after - self.loss_before

    @property
    def predicted(self) -> float | None:
        """Tell how much it would have changed along the tangent: gradient times step."""
        return None if self.slope is None else self.slope * (self.after - self.before)

    def __str__(self):
        what = f"{self.name or 'the number'}{subscript(self.index)}"
        step = f"{what}: {number(self.before)} → {number(self.after)}"
        told = "" if self.predicted is None else f"gradient predicted {signed(self.predicted)} · "
        ends = f"{number(self.loss_before)} → {number(self.loss_after)}"
        really = f"really {signed(self.real)}" if told else f"{signed(self.real)}"
        return "\n".join(filter(None, [f"{step}; the loss: {told}{really} ({ends})", self.note]))


def scrub(tensor: Tensor, index, value, loss: Tensor) -> Change:
    """Tell what the loss would be with another number in one place.

    >>> import autograd_lab as torch
    >>> torch.remember_lines()
    >>> w = torch.tensor(2.0, requires_grad=True)
    >>> loss = (w * 3 - 5) ** 2
    >>> print(scrub(w, (), 2.1, loss))
    the number: 2 → 2.1; the loss: gradient predicted +0.6 · really +0.69 (1 → 1.69)
    >>> torch.remember_lines(False)
    """
    return Scrub(Replay(loss), tensor, index).to(value)


class Scrub:
    """One number of a leaf or of data behind a loss, ready to be changed again and again."""

    def __init__(self, replay: Replay, tensor: Tensor, index, name=""):
        if replay.reason:
            raise ValueError(f"nothing can be computed again: {replay.reason}")
        if not isinstance(tensor, Tensor):
            raise TypeError(f"only a number of a Tensor can be changed, not {tensor!r:.60}")
        if not tensor.is_leaf:
            raise ValueError(
                "this was computed, so it follows from others: change a number of a leaf or of "
                "the data instead"
            )
        if not _used(replay, tensor):
            raise ValueError("this tensor has no part in this loss, so changing it changes nothing")
        if replay.result.size != 1:
            raise ValueError(
                "where the result is many numbers there is no one change to tell: begin with its "
                "sum or its mean"
            )
        self.replay, self.tensor, self.name = replay, tensor, name
        self.kind = tensor.array.dtype.kind
        if self.kind == "c":
            raise ValueError("a complex number has two parts: change its .real or .imag instead")
        self.index = place_in(tensor.array.shape, index, name)
        self.array = replay.taken(tensor)
        self.before = float(exact(self.array)[self.index])
        if not math.isfinite(self.before):
            raise ValueError(f"this number is {self.before}: there is no way to go on from it")
        self.step = self._step()

    @property
    def loss(self) -> float:
        """Give the loss as it was computed."""
        return float(exact(self.replay.result).reshape(-1)[0])

    @property
    def slope(self) -> float | None:
        """Give the gradient of the number; None for data that has none."""
        if self.tensor.node is None:
            return None
        g = self.replay.gradients.get(key_of(self.tensor.node)[0])
        return 0.0 if g is None else float(exact(g)[self.index])

    @property
    def range(self) -> tuple[int, int]:
        """Give the first and the last position of the slider; 0 is where the number stands."""
        half = POSITIONS // 2
        if self.kind == "b":
            return (0, 1) if not self.before else (-1, 0)
        low = -int(min(half, self.before)) if self.kind == "u" else -half
        return low, half

    def value_at(self, place: int) -> float:
        """Give the number at a position of the slider."""
        return float(f"{self.before + place * self.step:.12g}")

    def replayed(self, value) -> Replay:
        """Compute everything with this number instead."""
        array = np.array(move(self.array, cpu), copy=True)
        array[self.index] = self._fitting(value)
        array = device_of(self.array).xp.asarray(array)
        try:
            with np.errstate(all="ignore"):
                return self.replay.with_changed(self.tensor, array)
        except Exception as error:
            raise ValueError(
                f"with {number(float(value))} in this place the computation fails: {error}"
            ) from None

    def to(self, value) -> Change:
        """Tell what changes with this number instead."""
        return self.change(self.replayed(value), value)

    def change(self, after: Replay, value) -> Change:
        """Compare the loss with that of a replay which `replayed` gave."""
        loss = float(exact(after.result).reshape(-1)[0])
        value = float(self._fitting(value))
        return Change(
            self.name, self.index, self.before, value, self.loss, loss, self.slope, self.note(loss)
        )

    def note(self, loss=0.0) -> str:
        """Say what a reader should know of this number."""
        told = []
        if self.kind in "iu":
            told.append("This is a whole number: it changes in steps of 1.")
        elif self.kind == "b":
            told.append("This is true or false: it has just one other value.")
        if self.tensor.node is None and self.kind == "f":
            told.append("It does not require grad, so no gradient predicts the change.")
        if not math.isfinite(loss):
            told.append("The loss is not a finite number here.")
        if self.tensor.node is not None and _frozen(self.replay):
            told.append("Masks and places that were computed without a gradient stay as they were.")
        return " ".join(told)

    def curve(self) -> list[tuple[int, float]]:
        """Compute the loss at positions of the slider: (position, loss), as many as are cheap."""
        low, high = self.range
        count = sum(v.size for v in self.replay.values.values()) + 300 * len(self.replay.ops)
        every = next((n for n in (1, 2, 4, 5, 10) if count * POSITIONS / n <= WORK), 20)
        found = []
        for place in range(low, high + 1):
            if place % every and place not in (low, high):
                continue
            try:
                result = self.replayed(self.value_at(place)).result
            except ValueError:
                continue
            found.append((place, float(exact(result).reshape(-1)[0])))
        return found

    def _step(self):
        """Choose a round step, so that the slider spans about twice the number's usual size."""
        if self.kind in "iub":
            return 1.0
        usual = float(np.sqrt(np.mean(exact(self.array) ** 2)))
        size = max(abs(self.before), usual if math.isfinite(usual) else 0.0) or 1.0
        wanted = 2 * size / (POSITIONS // 2)
        power = 10.0 ** math.floor(math.log10(wanted))
        return float(f"{next(n for n in (1, 2, 5, 10) if n * power >= wanted * 0.999) * power:.6g}")

    def _fitting(self, value):
        try:
            value = float(value)
        except (TypeError, ValueError):
            raise ValueError(f"a number is needed here, not {value!r:.40}") from None
        if not math.isfinite(value):
            raise ValueError("a finite number is needed here")
        return CASTS.get(self.kind, float)(round(value) if self.kind in "iu" else value)


def _used(replay, tensor):
    """Say whether a computation began with this tensor."""
    for node in replay.ops:
        if any(m is tensor.node for _, m in inputs_of(node)) or any(
            x is tensor for x in _tensors(told_operands(node))
        ):
            return True
    return tensor is replay.root


def _tensors(operands):
    for x in operands:
        if isinstance(x, (list, tuple)):
            yield from _tensors(x)
        elif isinstance(x, Tensor):
            yield x


def _frozen(replay):
    """Say whether masks or places that were computed apart steer this computation."""
    for node in replay.ops:
        taken = operation_name(node) in {"where", "masked_fill", "look_up", "gather"}
        if taken and any(x.array.dtype.kind in "bi" for x in _tensors(told_operands(node))):
            return True
    return False


