"""Several schedules for one optimizer: one after the other, or all at once."""

from bisect import bisect_right

from .plateau import ReduceLROnPlateau
from .scheduler import LRScheduler, put, values


class _Several(LRScheduler):
    """A schedule made of others."""

    hidden = ("_schedulers",)

    def state_dict(self) -> dict:
        """Collect what to save, of every schedule."""
        return super().state_dict() | {"_schedulers": [s.state_dict() for s in self._schedulers]}

    def load_state_dict(self, state_dict: dict) -> None:
        """Go on from what ``state_dict()`` gave."""
        super().load_state_dict({k: v for k, v in state_dict.items() if k != "_schedulers"})
        for scheduler, kept in zip(self._schedulers, state_dict["_schedulers"]):
            scheduler.load_state_dict(kept)

    def _check(self, optimizer, schedulers):
        me = type(self).__name__
        for i, scheduler in enumerate(schedulers):
            if not hasattr(scheduler, "optimizer"):
                raise TypeError(f"{me} at index {i} should have `optimizer` as its attribute.")
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(
                    f"{me} does not support `ReduceLROnPlateau` scheduler as it requires "
                    "additional kwargs to be specified when calling `step`, but got one at index "
                    f"{i} in the given schedulers sequence."
                )
            if scheduler.optimizer is not optimizer:
                raise ValueError(
                    f"{me} expects all schedulers to belong to the same optimizer, but got "
                    f"scheduler {type(scheduler).__name__} at index {i} has "
                    f"{scheduler.optimizer}, which is different from {type(optimizer).__name__}."
                )


class SequentialLR(_Several):
    """Follow one schedule, and from a milestone on the next.

    Args:
        optimizer: whose learning rates change.
        schedulers: the schedules, in order.
        milestones: the epochs at which the next one takes over: one fewer than schedules.
        last_epoch: the epoch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> warm_up = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> fall = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.25)
    >>> scheduler = torch.optim.lr_scheduler.SequentialLR(optimizer, [warm_up, fall], [2])
    >>> for epoch in range(4):
    ...     print(*scheduler.get_last_lr())
    ...     optimizer.step()
    ...     scheduler.step()
    0.5
    0.5
    1.0
    0.25
    """

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        if not schedulers:
            raise ValueError(
                f"{type(self).__name__} expects at least one scheduler, but got no scheduler."
            )
        self._check(optimizer, schedulers)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "Sequential Schedulers expects number of schedulers provided to be one more than "
                "the number of milestone points, but got number of schedulers "
                f"{len(schedulers)} and the number of milestones to be equal to {len(milestones)}"
            )
        self._schedulers, self._milestones = schedulers, milestones
        self.last_epoch, self.optimizer = last_epoch + 1, optimizer
        for group in optimizer.param_groups:
            put(group, group["initial_lr"])
        take_back(self)  # every schedule has made its first step already
        schedulers[bisect_right(milestones, 0)]._initial_step()
        self._last_lr = schedulers[bisect_right(milestones, 0)].get_last_lr()

    def step(self) -> None:
        """Go on to the next epoch of the schedule whose turn it is."""
        self.last_epoch += 1
        turn = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[turn]
        if turn > 0 and self._milestones[turn - 1] == self.last_epoch:
            scheduler._update_lr(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


def take_back(scheduler) -> None:
    """Take back the first step of a schedule, or of all that it is made of."""
    parts = getattr(scheduler, "_schedulers", None)
    if parts is None:
        scheduler.last_epoch -= 1
    else:
        for part in parts:
            take_back(part)


class ChainedScheduler(_Several):
    """Follow several schedules at once: each changes the rates that the others leave.

    Args:
        schedulers: the schedules, in order.
        optimizer: whose learning rates change (None: that of the first schedule).

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> warm_up = torch.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> fall = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler = torch.optim.lr_scheduler.ChainedScheduler([warm_up, fall])
    >>> for epoch in range(3):
    ...     print(*scheduler.get_last_lr())
    ...     optimizer.step()
    ...     scheduler.step()
    0.5
    0.25
    0.25
    """

    def __init__(self, schedulers, optimizer=None):
        if not schedulers:
            raise ValueError(
                f"{type(self).__name__} expects at least one scheduler to be chained, but got no "
                "scheduler."
            )
        optimizer = optimizer or schedulers[0].optimizer
        self._check(optimizer, schedulers)
        self._schedulers, self.optimizer = schedulers, optimizer
        self._last_lr = values(optimizer, "lr")

    def step(self) -> None:
        """Go on to the next epoch of every schedule."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = values(self.optimizer, "lr")
