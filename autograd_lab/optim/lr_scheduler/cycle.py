"""A learning rate that goes up and down, again and again."""

import math
import types

from .scheduler import LRScheduler, check_optimizer, each, put, put_momentum, start_momentum


class CyclicLR(LRScheduler):
    """Let the learning rate climb and fall between two bounds; call ``step`` after every batch.

    See L. Smith, https://arxiv.org/abs/1506.01186. Momentum goes the other way.

    Args:
        optimizer: whose learning rates change.
        base_lr: the lower bound, one for all groups or a list.
        max_lr: the upper bound.
        step_size_up: the number of batches on the way up.
        step_size_down: the number of batches on the way down (None: as many).
        mode: ``"triangular"``; ``"triangular2"``: half as high each time; ``"exp_range"``:
            ``gamma ** batches`` as high.
        gamma: for ``"exp_range"``.
        scale_fn: a function of your own that says how high, instead of ``mode``.
        scale_mode: whether ``scale_fn`` is told the ``"cycle"`` or the ``"iterations"``.
        cycle_momentum: whether momentum changes too, between the bounds
            ``base_momentum`` and ``max_momentum``.
        last_epoch: the batch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0, momentum=0.9)
    >>> scheduler = torch.optim.lr_scheduler.CyclicLR(optimizer, 1.0, 3.0, step_size_up=2)
    >>> for batch in range(5):
    ...     print(*scheduler.get_last_lr())
    ...     optimizer.step()
    ...     scheduler.step()
    1.0
    2.0
    3.0
    2.0
    1.0
    """

    hidden = ("_scale_fn_custom",)

    def __init__(
        self, optimizer, base_lr, max_lr, step_size_up=2000, step_size_down=None,
        mode="triangular", gamma=1.0, scale_fn=None, scale_mode="cycle", cycle_momentum=True,
        base_momentum=0.8, max_momentum=0.9, last_epoch=-1,
    ):  # fmt: skip
        check_optimizer(optimizer)
        base_lrs = each("base_lr", optimizer, base_lr)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, base_lrs):
                put(group, rate)
        self.max_lrs = each("max_lr", optimizer, max_lr)
        up = float(step_size_up)
        self.total_size = up + (up if step_size_down is None else float(step_size_down))
        self.step_ratio = up / self.total_size
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError("mode is invalid and scale_fn is None")
        self.mode, self.gamma, self.scale_mode = mode, gamma, scale_mode
        self._scale_fn_custom = scale_fn
        if scale_fn is None:
            self.scale_mode = "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = start_momentum(
                optimizer, base_momentum, max_momentum, last_epoch == -1
            )
            self.use_beta1 = "betas" in optimizer.defaults
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x) -> float:
        """Tell how high the climb goes, 1 being the upper bound."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "triangular2":
            return 1 / (2.0 ** (x - 1))
        return self.gamma**x if self.mode == "exp_range" else 1.0

    def get_lr(self) -> list:
        """Compute the next learning rates; sets the momentum too."""
        self.present()
        turns = self.last_epoch / self.total_size
        cycle = math.floor(1 + turns)
        x = 1.0 + turns - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            bounds = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums)
            for group, low, high in bounds:
                put_momentum(group, high - (high - low) * height * scale)
        bounds = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * height * scale for low, high in bounds]

    def state_dict(self) -> dict:
        """Collect what to save; of ``scale_fn``, only what a callable object remembers."""
        own = self._scale_fn_custom
        forgets = own is None or isinstance(own, types.FunctionType)
        return super().state_dict() | {"_scale_fn_custom": None if forgets else vars(own).copy()}

    def load_state_dict(self, state_dict: dict) -> None:
        """Go on from what ``state_dict()`` gave."""
        kept = state_dict["_scale_fn_custom"]
        super().load_state_dict({k: v for k, v in state_dict.items() if k != "_scale_fn_custom"})
        if kept is not None:
            vars(self._scale_fn_custom).update(kept)
