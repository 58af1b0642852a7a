"""A learning rate that falls when training no longer gets better."""

import math

from .scheduler import LRScheduler, check_optimizer, put, values, warn_of_epoch


class ReduceLROnPlateau(LRScheduler):
    """Multiply the learning rate by ``factor`` when a measure has not improved.

    Call ``scheduler.step(measure)`` once an epoch, at its end, with what shall improve: best the
    loss on data that the model does not learn from. It needs that argument, unlike other
    schedulers.

    Args:
        optimizer: whose learning rates change.
        mode: ``"min"`` if less is better (a loss), ``"max"`` if more is (an accuracy).
        factor: what the rate is multiplied by, less than 1.
        patience: how many epochs without improvement are let pass.
        threshold: how much better counts as better.
        threshold_mode: whether that is a part of the best so far, ``"rel"``, or ``"abs"``.
        cooldown: how many epochs after a fall do not count.
        min_lr: the least rate, one for all groups or a list.
        eps: falls smaller than this are left out.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     optimizer.step()  # in a training: for every batch
    ...     scheduler.step(loss)
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(
        self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4,
        threshold_mode="rel", cooldown=0, min_lr=0, eps=1e-8,
    ):  # fmt: skip
        if factor >= 1.0:
            raise ValueError("Factor should be < 1.0.")
        check_optimizer(optimizer)
        groups = len(optimizer.param_groups)
        if isinstance(min_lr, list | tuple):
            if len(min_lr) != groups:
                raise ValueError(f"expected {groups} min_lrs, got {len(min_lr)}")
            self.default_min_lr, self.min_lrs = None, list(min_lr)
        else:
            self.default_min_lr, self.min_lrs = min_lr, [min_lr] * groups
        if mode not in ("min", "max"):
            raise ValueError(f"mode {mode} is unknown!")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold mode {threshold_mode} is unknown!")
        self.optimizer, self.factor, self.patience = optimizer, factor, patience
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.cooldown, self.eps, self.last_epoch = cooldown, eps, 0
        self.mode_worse = self.best = math.inf if mode == "min" else -math.inf
        self.cooldown_counter = self.num_bad_epochs = 0
        self._last_lr = values(optimizer, "lr")

    def step(self, metrics, epoch=None) -> None:
        """Look at the measure of one more epoch, and lower the learning rates if it is time."""
        measure = float(metrics)
        if epoch is not None:
            warn_of_epoch()
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self.is_better(measure):
            self.best, self.num_bad_epochs = measure, 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._lower()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = values(self.optimizer, "lr")

    @property
    def in_cooldown(self) -> bool:
        """Say whether epochs do not count yet, after a fall."""
        return self.cooldown_counter > 0

    def is_better(self, measure) -> bool:
        """Say whether a measure is better than the best so far, by enough."""
        relative, least = self.threshold_mode == "rel", self.threshold
        if self.mode == "min":
            return measure < (self.best * (1.0 - least) if relative else self.best - least)
        return measure > (self.best * (1.0 + least) if relative else self.best + least)

    def _lower(self):
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise RuntimeError(
                    f"The number of param groups in the `optimizer` ({len(groups)}) differs from "
                    f"when `ReduceLROnPlateau` was initialized ({len(self.min_lrs)}), usually due "
                    "to a new param group being added to the optimizer. Please modify the "
                    "`min_lrs` field to match the length of the `optimizer` param groups."
                )
            self.min_lrs = [self.default_min_lr] * len(groups)
        for group, least in zip(groups, self.min_lrs):
            before = float(group["lr"])
            after = max(before * self.factor, least)
            if before - after > self.eps:
                put(group, after)
