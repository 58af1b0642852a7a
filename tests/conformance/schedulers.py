"""Schedules of the learning rate: twenty steps, with two groups of parameters."""

import torch as theirs

import autograd_lab as ours
from tests.conformance.across import at, same

MADE = {
    "ChainedScheduler": lambda s, o: s.ChainedScheduler(
        [s.LinearLR(o, total_iters=6), s.StepLR(o, step_size=5)]),
    "ConstantLR": lambda s, o: s.ConstantLR(o, factor=0.2, total_iters=6),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, T_max=8, eta_min=0.02),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, T_0=3, T_mult=2),
    "CyclicLR": lambda s, o: s.CyclicLR(o, base_lr=0.02, max_lr=0.2, step_size_up=3),
    "CyclicLR, exp_range": lambda s, o: s.CyclicLR(
        o, base_lr=0.02, max_lr=0.2, step_size_up=3, mode="exp_range", gamma=0.9),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, gamma=0.7),
    "LambdaLR": lambda s, o: s.LambdaLR(o, [lambda n: 0.9**n, lambda n: 1 / (1 + n)]),
    "LinearLR": lambda s, o: s.LinearLR(o, start_factor=0.1, end_factor=0.9, total_iters=9),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, milestones=[2, 5, 5, 11], gamma=0.5),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda n: 1 - 0.02 * n),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, max_lr=0.4, total_steps=25),
    "OneCycleLR, three phases": lambda s, o: s.OneCycleLR(
        o, max_lr=[0.4, 0.2], total_steps=25, anneal_strategy="linear", three_phase=True),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, total_iters=12, power=1.5),
    "ReduceLROnPlateau": lambda s, o: s.ReduceLROnPlateau(o, factor=0.3, patience=2, cooldown=1),
    "SequentialLR": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, total_iters=4), s.ExponentialLR(o, gamma=0.6)], milestones=[7]),
    "StepLR": lambda s, o: s.StepLR(o, step_size=3, gamma=0.4),
}  # fmt: skip


def entries():
    """Name each schedule that our library has, with the check of it."""
    for name, make in MADE.items():
        if at(ours.optim.lr_scheduler, name.split(",")[0]) is not None:
            yield name, lambda make=make: same(_rates(ours, make), _rates(theirs, make), "rates")


def _rates(torch, make):
    weights = [torch.ones(2).requires_grad_(), torch.ones(3).requires_grad_()]
    groups = [{"params": weights[:1], "lr": 0.5}, {"params": weights[1:]}]
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9)
    schedule = make(torch.optim.lr_scheduler, optimizer)
    plateau = isinstance(schedule, torch.optim.lr_scheduler.ReduceLROnPlateau)
    rates = []
    for step in range(20):
        rates += [(group["lr"], group["momentum"]) for group in optimizer.param_groups]
        optimizer.step()
        schedule.step(*([1 / min(step + 1, 4)] if plateau else []))
    return rates
