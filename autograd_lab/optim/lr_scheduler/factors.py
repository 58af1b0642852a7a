"""Schedules that multiply the learning rate by a factor, from time to time or at every step.

Each says the same thing twice, as PyTorch does: ``get_lr`` from the rate before, so that schedules
can be chained; ``_get_closed_form_lr`` from the first rate, for a jump to some epoch.
"""

from bisect import bisect_right
from collections import Counter

from .scheduler import LRScheduler


class _Factor(LRScheduler):
    """A schedule that multiplies every group's learning rate by the same number."""

    def get_lr(self) -> list:
        """Compute the next learning rates."""
        rates, change = self.present(), self.change(self.last_epoch)
        return rates if change is None else [rate * change for rate in rates]

    def _get_closed_form_lr(self):
        return [rate * self.level(self.last_epoch) for rate in self.base_lrs]

    def change(self, epoch):
        """Give what to multiply the rate of the epoch before by; None leaves it."""
        raise NotImplementedError

    def level(self, epoch):
        """Give what to multiply the first rate by."""
        raise NotImplementedError


class StepLR(_Factor):
    """Multiply the learning rate by ``gamma`` every ``step_size`` epochs.

    Call ``scheduler.step()`` once an epoch, at its end, after its last ``optimizer.step()``. The
    rate in epoch t is lr * gamma ** (t // step_size). (Called after every batch, it counts
    batches.)

    Args:
        optimizer: whose learning rates change.
        step_size: the number of epochs from one change to the next.
        gamma: what the rate is multiplied by.
        last_epoch: the epoch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for epoch in range(4):
    ...     optimizer.step()  # in a training: for every batch
    ...     scheduler.step()
    ...     print(scheduler.get_last_lr())
    [1.0]
    [0.5]
    [0.5]
    [0.25]
    """

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def change(self, epoch):
        """Give what to multiply the rate of the epoch before by."""
        return self.gamma if epoch != 0 and epoch % self.step_size == 0 else None

    def level(self, epoch):
        """Give what to multiply the first rate by."""
        return self.gamma ** (epoch // self.step_size)


class MultiStepLR(_Factor):
    """Multiply the learning rate by ``gamma`` at the epochs that you name.

    Args:
        optimizer: whose learning rates change.
        milestones: the epochs at which it does.
        gamma: the factor.
        last_epoch: the epoch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [1, 3], gamma=0.5)
    >>> for epoch in range(4):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def change(self, epoch):
        """Give what to multiply the rate of the epoch before by."""
        times = self.milestones.get(epoch, 0)
        return self.gamma**times if times else None

    def level(self, epoch):
        """Give what to multiply the first rate by."""
        return self.gamma ** bisect_right(sorted(Counter(self.milestones).elements()), epoch)


class ConstantLR(_Factor):
    """Multiply the learning rate by ``factor`` for the first ``total_iters`` epochs.

    Args:
        optimizer: whose learning rates change.
        factor: the factor, from 0 to 1.
        total_iters: how many epochs it holds.
        last_epoch: the epoch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> scheduler.get_last_lr()
    [0.5]
    >>> for epoch in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [1.0]
    """

    def __init__(self, optimizer, factor=1.0 / 3, total_iters=5, last_epoch=-1):
        if not 0 <= factor <= 1.0:
            raise ValueError("Constant multiplicative factor expected to be between 0 and 1.")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def change(self, epoch):
        """Give what to multiply the rate of the epoch before by."""
        if epoch == 0:
            return self.factor
        return 1.0 / self.factor if epoch == self.total_iters else None

    def _get_closed_form_lr(self):
        over = self.last_epoch >= self.total_iters
        return [rate * (self.factor + over * (1 - self.factor)) for rate in self.base_lrs]


class LinearLR(_Factor):
    """Bring the learning rate from one factor to another on a straight line.

    Args:
        optimizer: whose learning rates change.
        start_factor: the factor of the first epoch.
        end_factor: the factor after ``total_iters`` epochs, and from then on.
        total_iters: how many epochs the way takes.
        last_epoch: the epoch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 0.5, total_iters=2)
    >>> optimizer.step()
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.75]
    """

    def __init__(
        self, optimizer, start_factor=1.0 / 3, end_factor=1.0, total_iters=5, last_epoch=-1
    ):
        if start_factor > 1.0 or start_factor <= 0:
            raise ValueError(
                "Starting multiplicative factor expected to be greater than 0 and less or equal "
                "to 1."
            )
        if end_factor > 1.0 or end_factor < 0:
            raise ValueError("Ending multiplicative factor expected to be between 0 and 1.")
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def change(self, epoch):
        """Give what to multiply the rate of the epoch before by."""
        if epoch == 0:
            return self.start_factor
        if self._is_initial or epoch > self.total_iters:
            return None
        rise = self.end_factor - self.start_factor
        return 1.0 + rise / (self.total_iters * self.start_factor + (epoch - 1) * rise)

    def level(self, epoch):
        """Give what to multiply the first rate by."""
        rise = self.end_factor - self.start_factor
        return self.start_factor + rise * min(self.total_iters, epoch) / self.total_iters


class ExponentialLR(_Factor):
    r"""Multiply the learning rate by ``gamma`` at every epoch: $\gamma_t = \gamma_0\, g^t$.

    Args:
        optimizer: whose learning rates change.
        gamma: the factor $g$.
        last_epoch: the epoch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> for epoch in range(3):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.125]
    """

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def change(self, epoch):
        """Give what to multiply the rate of the epoch before by."""
        return None if self._is_initial else self.gamma

    def level(self, epoch):
        """Give what to multiply the first rate by."""
        return self.gamma**epoch


class PolynomialLR(_Factor):
    r"""Bring the learning rate down to 0: $\gamma_t = \gamma_0\, (1 - t / T)^p$.

    Args:
        optimizer: whose learning rates change.
        total_iters: after how many epochs it is 0, $T$.
        power: the power $p$; 1 is a straight line.
        last_epoch: the epoch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=4, power=2)
    >>> for epoch in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer, total_iters=5, power=1.0, last_epoch=-1):
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def change(self, epoch):
        """Give what to multiply the rate of the epoch before by."""
        if self._is_initial or epoch > self.total_iters:
            return None
        now, before = (1.0 - e / self.total_iters for e in (epoch, epoch - 1))
        return (now / before) ** self.power

    def level(self, epoch):
        """Give what to multiply the first rate by."""
        return (1.0 - min(self.total_iters, epoch) / self.total_iters) ** self.power
