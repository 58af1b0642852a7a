"""What all schedules share: counting epochs, and handing learning rates to the optimizer."""

import contextlib
import warnings

from ...core import Tensor
from ..optimizer import Optimizer

HOW_TO = "https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"


class LRScheduler:
    """Change the learning rates of an optimizer as training goes on; a subclass says how.

    A subclass defines ``get_lr``: the next learning rate of every parameter group, from
    ``self.last_epoch`` and the present rates, so that several schedules can work on one optimizer.
    Call ``step()`` once an epoch (or a batch), after ``optimizer.step()``.

    Args:
        optimizer: whose learning rates change.
        last_epoch: the epoch to go on from; -1 starts anew.

    >>> class Halve(torch.optim.lr_scheduler.LRScheduler):
    ...     def get_lr(self):
    ...         return [rate * 0.5 ** self.last_epoch for rate in self.base_lrs]
    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = Halve(optimizer)
    >>> for epoch in range(3):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.125]
    """

    _get_lr_called_within_step = False
    _is_initial = False
    hidden: tuple = ()  # attributes that are not part of the state

    def __init__(self, optimizer, last_epoch=-1):
        check_optimizer(optimizer)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", own(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming "
                    "scheduler with last_epoch >= 0.\nThis typically happens when:\n"
                    "1. You're trying to resume training from a checkpoint but haven't properly "
                    "loaded the optimizer state\n"
                    "2. You're using last_epoch >= 0 for a fresh training run (not recommended)"
                )
        self.base_lrs = values(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        self._initial_step()

    def _initial_step(self):
        """Set the rates of the first epoch."""
        self._step_count = 0
        with self._during("_is_initial"):
            self.step()

    def get_last_lr(self) -> list:
        """Give the learning rates that were set last."""
        return self._last_lr

    def get_lr(self) -> list:
        """Compute the next learning rates: what a subclass defines."""
        raise NotImplementedError(f"{type(self).__name__} defines no get_lr()")

    def step(self, epoch=None) -> None:
        """Go on to the next epoch, and set its learning rates."""
        if self._step_count == 1:
            self._warn_of_order()
        self._step_count += 1
        if epoch is not None:
            warn_of_epoch()
        self._update_lr(epoch)

    def _update_lr(self, epoch=None):
        with self._during("_get_lr_called_within_step"):
            self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
            closed = None if epoch is None else getattr(self, "_get_closed_form_lr", None)
            rates = self.get_lr() if closed is None else closed()
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            put(group, rate)
        self._last_lr = values(self.optimizer, "lr")

    def present(self) -> list:
        """List the learning rates as they are."""
        if not self._get_lr_called_within_step:
            warnings.warn(
                "To get the last learning rate computed by the scheduler, please use "
                "`get_last_lr()`.",
                stacklevel=3,
            )
        return values(self.optimizer, "lr")

    @contextlib.contextmanager
    def _during(self, name):
        setattr(self, name, True)
        try:
            yield
        finally:
            setattr(self, name, False)

    def _warn_of_order(self):
        if not self.optimizer._opt_called:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch "
                "1.1.0 and later, you should call them in the opposite order: `optimizer.step()` "
                "before `lr_scheduler.step()`.  Failure to do this will result in PyTorch skipping "
                "the first value of the learning rate schedule. See more details at " + HOW_TO,
                stacklevel=3,
            )

    def state_dict(self) -> dict:
        """Collect what to save to go on later: everything but the optimizer."""
        return {k: v for k, v in vars(self).items() if k not in ("optimizer", *self.hidden)}

    def load_state_dict(self, state_dict: dict) -> None:
        """Go on from what ``state_dict()`` gave."""
        vars(self).update(state_dict)


class _LRScheduler(LRScheduler):
    """The name that PyTorch had for LRScheduler before version 2."""


def check_optimizer(optimizer) -> None:
    """Raise PyTorch's error for what is not an optimizer."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")


def own(value):
    """Give a learning rate that nobody else can change: a tensor is copied."""
    return value.clone() if isinstance(value, Tensor) else value


def values(optimizer, key) -> list:
    """List one setting of all parameter groups."""
    return [own(group[key]) for group in optimizer.param_groups]


def put(group, rate) -> None:
    """Set the learning rate of a group; one that is a tensor is changed in its own memory."""
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(float(rate))
    else:
        group["lr"] = rate


def each(name, optimizer, value) -> list:
    """Give every parameter group its value, from one for all or from a list of them."""
    groups = optimizer.param_groups
    if not isinstance(value, list | tuple):
        return [own(value) for _ in groups]
    if len(value) != len(groups):
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. {name} has {len(value)} "
            f"values, param_groups has {len(groups)}."
        )
    return [own(v) for v in value]


def put_momentum(group, momentum) -> None:
    """Set the momentum of a group: Adam and its kin call it the first of the betas."""
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum


def start_momentum(optimizer, base, most, anew: bool) -> tuple:
    """Let every group know between which values its momentum will go."""
    if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
        raise ValueError(
            "optimizer must support momentum or beta1 with `cycle_momentum` option enabled"
        )
    base, most = each("base_momentum", optimizer, base), each("max_momentum", optimizer, most)
    for group, low, high in zip(optimizer.param_groups, base, most):
        if anew:
            put_momentum(group, high)
            group["max_momentum"], group["base_momentum"] = high, low
    return base, most


def warn_of_epoch() -> None:
    """Give PyTorch's warning about ``step(epoch)``."""
    warnings.warn(
        "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where "
        "possible. Please use `scheduler.step()` to step the scheduler. During the deprecation, if "
        "epoch is different from None, the closed form is used instead of the new chainable form, "
        "where available. Please open an issue if you are unable to replicate your use case: "
        "https://github.com/pytorch/pytorch/issues/new/choose.",
        stacklevel=3,
    )
