"""One climb and one long way down: fast training with large learning rates."""

import math

from .scheduler import LRScheduler, check_optimizer, each, put_momentum, start_momentum


class OneCycleLR(LRScheduler):
    """Let the learning rate climb once and then fall far below where it began.

    Call ``scheduler.step()`` after every batch, right after ``optimizer.step()``, not once an
    epoch: ``total_steps`` counts batches. (``train_model`` steps its scheduler once an epoch: give
    it ``total_steps=epochs`` there.) Momentum goes the other way. The optimizer's own lr does not
    matter: the rate starts from max_lr / div_factor. See L. Smith and N. Topin,
    https://arxiv.org/abs/1708.07120.

    Args:
        optimizer: whose learning rates change.
        max_lr: the top, one for all groups or a list.
        total_steps: the number of batches in all; or give ``epochs`` and ``steps_per_epoch``, which
            is ``len(loader)``. One step more is an error.
        pct_start: which part of it is spent climbing.
        anneal_strategy: ``"cos"`` or ``"linear"``: the form of the ways.
        cycle_momentum: whether momentum changes too, between ``base_momentum`` and
            ``max_momentum``.
        div_factor: how many times the first rate is below the top.
        final_div_factor: how many times the last rate is below the first.
        three_phase: falls back to the first rate as fast as it climbed, before the end.
        last_epoch: the batch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0, momentum=0.9)
    >>> scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.5, total_steps=10)
    >>> for batch in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(
        self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None,
        pct_start=0.3, anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85,
        max_momentum=0.95, div_factor=25.0, final_div_factor=1e4, three_phase=False,
        last_epoch=-1,
    ):  # fmt: skip
        check_optimizer(optimizer)
        self.total_steps = count_steps(total_steps, epochs, steps_per_epoch)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self._schedule_phases = phases(self.total_steps, pct_start, three_phase)
        self._anneal_func_type = anneal_strategy
        tops = each("max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, top in zip(optimizer.param_groups, tops):
                first = top / div_factor
                group.update(initial_lr=first, max_lr=top, min_lr=first / final_div_factor)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            start_momentum(optimizer, base_momentum, max_momentum, last_epoch == -1)
            self.use_beta1 = "betas" in optimizer.defaults
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list:
        """Compute the next learning rates; sets the momentum too."""
        self.present()
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(
                f"Tried to step {step} times. The specified number of total steps is "
                f"{self.total_steps}"
            )
        begin = 0.0
        for phase in self._schedule_phases[:-1]:
            if step <= phase["end_step"]:
                break
            begin = phase["end_step"]
        else:
            phase = self._schedule_phases[-1]
        done = (step - begin) / (phase["end_step"] - begin)
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                ends = group[phase["start_momentum"]], group[phase["end_momentum"]]
                put_momentum(group, self.on_the_way(*ends, done))
        return [
            self.on_the_way(group[phase["start_lr"]], group[phase["end_lr"]], done)
            for group in self.optimizer.param_groups
        ]

    def on_the_way(self, start, end, done):
        """Give the value of which a part ``done`` of the way from start to end is behind."""
        if self._anneal_func_type == "linear":
            return (end - start) * done + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * done) + 1)


def phases(total, part_up, three) -> list:
    """List the ways up and down: where each ends, and between which settings of a group it leads.

    >>> [phase["end_lr"] for phase in phases(100, 0.3, True)]
    ['max_lr', 'initial_lr', 'min_lr']
    """
    low, high = "base_momentum", "max_momentum"
    ways = [(float(part_up * total) - 1, "initial_lr", "max_lr", high, low)]
    if three:
        ways += [
            (float(2 * part_up * total) - 2, "max_lr", "initial_lr", low, high),
            (total - 1, "initial_lr", "min_lr", high, high),
        ]
    else:
        ways += [(total - 1, "max_lr", "min_lr", low, high)]
    names = "end_step", "start_lr", "end_lr", "start_momentum", "end_momentum"
    return [dict(zip(names, way)) for way in ways]


def count_steps(total_steps, epochs, steps_per_epoch) -> int:
    """Tell how many steps there will be in all.

    >>> count_steps(None, 3, 10)
    30
    """
    if total_steps is None and (epochs is None or steps_per_epoch is None):
        raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
    if total_steps is None:
        counts = {"epochs": epochs, "steps_per_epoch": steps_per_epoch}
    else:
        counts = {"total_steps": total_steps}
    for name, count in counts.items():
        if not isinstance(count, int) or count <= 0:
            raise ValueError(f"Expected positive integer {name}, but got {count}")
    return math.prod(counts.values())
