"""Schedules that a function of your own decides."""

import types

from .scheduler import LRScheduler


class _Functions(LRScheduler):
    """A schedule with one function for each parameter group."""

    hidden = ("lr_lambdas",)

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        count = len(optimizer.param_groups)
        if not isinstance(lr_lambda, list | tuple):
            lr_lambda = [lr_lambda] * count
        if len(lr_lambda) != count:
            raise ValueError(f"Expected {count} lr_lambdas, but got {len(lr_lambda)}")
        self.lr_lambdas = list(lr_lambda)
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict:
        """Collect what to save; of the functions, only what callable objects remember."""
        kept = [
            None if isinstance(f, types.FunctionType) else vars(f).copy() for f in self.lr_lambdas
        ]
        return super().state_dict() | {"lr_lambdas": kept}

    def load_state_dict(self, state_dict: dict) -> None:
        """Go on from what ``state_dict()`` gave."""
        super().load_state_dict({k: v for k, v in state_dict.items() if k != "lr_lambdas"})
        for function, kept in zip(self.lr_lambdas, state_dict["lr_lambdas"]):
            if kept is not None:
                vars(function).update(kept)


class LambdaLR(_Functions):
    """Multiply the first learning rate by what your function says of the epoch.

    Args:
        optimizer: whose learning rates change.
        lr_lambda: a function of the epoch, or a list of one for each parameter group.
        last_epoch: the epoch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
    >>> optimizer.step()
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def get_lr(self) -> list:
        """Compute the next learning rates."""
        self.present()
        return [f(self.last_epoch) * rate for f, rate in zip(self.lr_lambdas, self.base_lrs)]


class MultiplicativeLR(_Functions):
    """Multiply the present learning rate by what your function says of the epoch.

    Args:
        optimizer: whose learning rates change.
        lr_lambda: a function of the epoch, or a list of one for each parameter group.
        last_epoch: the epoch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.MultiplicativeLR(optimizer, lambda epoch: 0.5)
    >>> for epoch in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        for f in lr_lambda if isinstance(lr_lambda, list | tuple) else [lr_lambda]:
            if not callable(f):
                raise TypeError(f"lr_lambda should be a function, but got {type(f).__name__}")
        super().__init__(optimizer, lr_lambda, last_epoch)

    def get_lr(self) -> list:
        """Compute the next learning rates."""
        rates = self.present()
        if self._is_initial:
            return rates
        return [rate * f(self.last_epoch) for f, rate in zip(self.lr_lambdas, rates)]
