"""Schedules that bring the learning rate down along half a wave of the cosine."""

import math

from .scheduler import LRScheduler, put, values


class CosineAnnealingLR(LRScheduler):
    r"""Bring the learning rate down along a cosine, slowly at both ends.

    $\gamma_t = \gamma_{\min} + \tfrac12 (\gamma_0 - \gamma_{\min})(1 + \cos(\pi t / T))$
    (I. Loshchilov and F. Hutter, https://arxiv.org/abs/1608.03983). After $T$ it goes up again.

    Args:
        optimizer: whose learning rates change.
        T_max: the number of epochs down, $T$.
        eta_min: the least learning rate.
        last_epoch: the epoch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=4)
    >>> for epoch in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> round(scheduler.get_last_lr()[0], 6)
    0.5
    """

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list:
        """Compute the next learning rates from the present ones, so that schedules can chain."""
        rates, t, least = self.present(), self.last_epoch, self.eta_min
        if self._is_initial:
            return rates
        if self._step_count == 1 and t > 0:
            return self._get_closed_form_lr()
        if (t - 1 - self.T_max) % (2 * self.T_max) == 0:  # at the bottom: up again
            first = (1 - math.cos(math.pi / self.T_max)) / 2
            return [r + (base - least) * first for r, base in zip(rates, self.base_lrs)]
        now, before = (1 + math.cos(math.pi * e / self.T_max) for e in (t, t - 1))
        return [now / before * (rate - least) + least for rate in rates]

    def _get_closed_form_lr(self):
        part = 1 + math.cos(math.pi * self.last_epoch / self.T_max)
        return [self.eta_min + (base - self.eta_min) * part / 2 for base in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    r"""Bring the learning rate down along a cosine, then jump back up and do it again.

    $\gamma_t = \gamma_{\min} + \tfrac12 (\gamma_0 - \gamma_{\min})(1 + \cos(\pi t / T_i))$ where
    $t$ counts from the last jump (I. Loshchilov and F. Hutter, https://arxiv.org/abs/1608.03983).

    Args:
        optimizer: whose learning rates change.
        T_0: the number of epochs until the first jump.
        T_mult: how many times longer each way down is than the one before.
        eta_min: the least learning rate.
        last_epoch: the epoch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=2)
    >>> for epoch in range(4):
    ...     optimizer.step()
    ...     print(round(scheduler.get_last_lr()[0], 2))
    ...     scheduler.step()
    1.0
    0.5
    1.0
    0.5
    """

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1):
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        if not isinstance(eta_min, float | int):
            raise ValueError(
                f"Expected float or int eta_min, but got {eta_min} of type {type(eta_min)}"
            )
        self.T_0, self.T_i, self.T_mult, self.eta_min = T_0, T_0, T_mult, eta_min
        self.T_cur = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list:
        """Compute the next learning rates."""
        self.present()
        part = 1 + math.cos(math.pi * self.T_cur / self.T_i)
        return [self.eta_min + (base - self.eta_min) * part / 2 for base in self.base_lrs]

    def step(self, epoch=None) -> None:
        """Go on to the next epoch, or to any: ``epoch`` may lie between two."""
        if epoch is None and self.last_epoch >= 0:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur, self.T_i = self.T_cur % self.T_i, self.T_i * self.T_mult
        else:
            epoch = 0 if epoch is None else epoch
            self._jump(epoch)
        self.last_epoch = math.floor(epoch)
        with self._during("_get_lr_called_within_step"):
            for group, rate in zip(self.optimizer.param_groups, self.get_lr(), strict=True):
                put(group, rate)
        self._last_lr = values(self.optimizer, "lr")

    def _jump(self, epoch):
        """Find the way down that an epoch lies on: the n-th is T_mult**n times as long."""
        if epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        if epoch < self.T_0:
            self.T_i, self.T_cur = self.T_0, epoch
        elif self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:
            longer = self.T_mult - 1
            n = int(math.log(epoch / self.T_0 * longer + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**n - 1) / longer
            self.T_i = self.T_0 * self.T_mult**n
