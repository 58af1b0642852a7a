"""Every schedule sets PyTorch's learning rates, is saved and loaded, and refuses alike."""

import copy
import warnings

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours

BOTH = pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])


class Remembers:
    """A function of the epoch that has a state of its own."""

    def __init__(self, base):
        self.base = base

    def __call__(self, epoch):
        return self.base**epoch


SCHEDULES = {
    "lambda": lambda s, o: s.LambdaLR(o, lambda t: 0.95**t),
    "lambdas": lambda s, o: s.LambdaLR(o, [lambda t: 0.95**t, Remembers(0.5)]),
    "multiplicative": lambda s, o: s.MultiplicativeLR(o, [lambda t: 0.9, lambda t: 1 / t]),
    "step": lambda s, o: s.StepLR(o, 3, gamma=0.3),
    "steps": lambda s, o: s.MultiStepLR(o, [3, 9, 9, 15], gamma=0.2),
    "constant": lambda s, o: s.ConstantLR(o, factor=0.5, total_iters=4),
    "linear": lambda s, o: s.LinearLR(o, 0.25, 0.75, total_iters=7),
    "linear to 0": lambda s, o: s.LinearLR(o, 1.0, 0.0, total_iters=5),
    "exponential": lambda s, o: s.ExponentialLR(o, gamma=0.8),
    "polynomial": lambda s, o: s.PolynomialLR(o, total_iters=10, power=2.0),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, T_max=5, eta_min=0.01),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, T_0=3, T_mult=2, eta_min=0.02),
    "restarts alike": lambda s, o: s.CosineAnnealingWarmRestarts(o, 4),
    "cycle": lambda s, o: s.CyclicLR(o, 0.01, 0.1, step_size_up=4),
    "cycle, lower": lambda s, o: s.CyclicLR(o, [0.01, 0.1], [0.1, 1], 3, 2, mode="triangular2"),
    "cycle, falling": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 3, mode="exp_range", gamma=0.9),
    "cycle, own": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 3, scale_fn=Remembers(0.5),
                                          cycle_momentum=False, scale_mode="iterations"),
    "one cycle": lambda s, o: s.OneCycleLR(o, max_lr=0.3, total_steps=30),
    "one cycle, linear": lambda s, o: s.OneCycleLR(
        o, [0.3, 3], epochs=3, steps_per_epoch=10, anneal_strategy="linear", three_phase=True),
    "in turn": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1, 3), s.CosineAnnealingLR(o, 4), s.ExponentialLR(o, 0.9)], [3, 9]),
    "in turn, nested": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1), s.SequentialLR(
            o, [s.ConstantLR(o), s.ExponentialLR(o, 0.9)], [2])], [30]),
    "together": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 5), s.ExponentialLR(o, 0.9)]),
}  # fmt: skip


def begin(torch, make, name="SGD", **settings):
    a, b = (torch.ones(2).requires_grad_() for _ in range(2))
    settings = {"momentum": 0.9} | settings if name == "SGD" else settings
    groups = [{"params": [a], "lr": 0.5}, {"params": [b]}]
    optimizer = getattr(torch.optim, name)(groups, lr=0.1, **settings)
    return optimizer, make(torch.optim.lr_scheduler, optimizer)


def walk(optimizer, scheduler, steps):
    path = []
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
        rates = [float(group["lr"]) for group in optimizer.param_groups]
        assert [float(rate) for rate in scheduler.get_last_lr()] == rates
        more = [group.get("momentum", group.get("betas")) for group in optimizer.param_groups]
        path.append([rates, np.ravel(more).tolist()])
    return path


def same(a, b):
    assert len(a) == len(b)
    for x, y in zip(a, b):
        np.testing.assert_allclose(np.hstack(x), np.hstack(y), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates(name):
    paths = [walk(*begin(torch, SCHEDULES[name]), 25) for torch in (ours, theirs)]
    same(*paths)


@pytest.mark.parametrize("name", ["cycle", "one cycle"])
def test_momentum_of_adam(name):
    same(*[walk(*begin(torch, SCHEDULES[name], "Adam"), 12) for torch in (ours, theirs)])


@pytest.mark.parametrize("name", ["step", "cosine", "in turn"])
@BOTH
def test_a_rate_that_is_a_tensor_keeps_its_memory(torch, name):
    optimizer, scheduler = begin(torch, SCHEDULES[name])
    first = walk(optimizer, scheduler, 5)
    optimizer, _ = begin(torch, lambda s, o: None)
    for group in optimizer.param_groups:
        group["lr"] = torch.tensor(group["lr"], dtype=torch.float64)
    kept = optimizer.param_groups[0]["lr"]
    scheduler = SCHEDULES[name](torch.optim.lr_scheduler, optimizer)
    same(walk(optimizer, scheduler, 5), first)
    assert optimizer.param_groups[0]["lr"] is kept


@pytest.mark.parametrize("name", SCHEDULES)
def test_saved_states_are_pytorch_s_and_go_on_in_either(name):
    for first, second in ((ours, ours), (ours, theirs), (theirs, ours)):
        optimizer, scheduler = begin(first, SCHEDULES[name])
        walk(optimizer, scheduler, 7)
        other, fresh = begin(second, SCHEDULES[name])
        saved = copy.deepcopy(scheduler.state_dict())
        assert list(saved["_schedulers"][0] if "_schedulers" in saved else saved)
        assert set(fresh.state_dict()) == set(saved)
        fresh.load_state_dict(saved)
        for group, old in zip(other.param_groups, optimizer.param_groups):
            group.update({k: v for k, v in old.items() if k != "params"})
        other._opt_called = True
        same(walk(other, fresh, 9), walk(optimizer, scheduler, 9))


@pytest.mark.parametrize("name", [n for n in SCHEDULES if "gether" not in n and "turn" not in n])
def test_a_new_scheduler_goes_on_from_an_epoch(name):
    if name in ("one cycle", "one cycle, linear", "cycle, own"):
        return
    paths = []
    for torch in (ours, theirs):
        optimizer, scheduler = begin(torch, SCHEDULES[name])
        walk(optimizer, scheduler, 4)
        sure = SCHEDULES[name]
        schedulers = torch.optim.lr_scheduler
        fresh = sure(_Late(schedulers), optimizer)
        paths.append(walk(optimizer, fresh, 6))
    same(*paths)


class _Late:
    """The schedules, each told that four epochs are over."""

    def __init__(self, schedulers):
        self.schedulers = schedulers

    def __getattr__(self, name):
        def make(*args, **kwargs):
            return getattr(self.schedulers, name)(*args, last_epoch=4, **kwargs)

        return make


@pytest.mark.parametrize("name", ["step", "steps", "constant", "linear", "exponential",
                                  "polynomial", "cosine", "restarts", "lambda"])  # fmt: skip
def test_a_jump_to_an_epoch(name):
    ends = []
    for torch in (ours, theirs):
        optimizer, scheduler = begin(torch, SCHEDULES[name])
        optimizer.step()
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            for epoch in (2, 7, 3, 13):
                scheduler.step(epoch)
        words = {str(w.message) for w in said if "epoch parameter" in str(w.message)}
        ends.append([scheduler.get_last_lr(), words])
    np.testing.assert_allclose(ends[0][0], ends[1][0], rtol=1e-12)
    assert ends[0][1] == ends[1][1]


def test_restarts_between_epochs():
    ends = []
    for torch in (ours, theirs):
        _optimizer, scheduler = begin(torch, SCHEDULES["restarts"])
        path = []
        for epoch in (0.5, 2.9, 3.0, 8.5, 10, 30.2):
            scheduler.step(epoch)
            path.append(scheduler.get_last_lr())
        ends.append(path)
    np.testing.assert_allclose(*ends, rtol=1e-12)


PLATEAUS = [
    {}, {"patience": 1}, {"factor": 0.5, "patience": 0, "cooldown": 2}, {"mode": "max"},
    {"mode": "max", "threshold_mode": "abs", "threshold": 0.5, "patience": 1},
    {"threshold_mode": "abs", "threshold": 0.5, "patience": 1}, {"min_lr": [0.2, 0.0],
     "patience": 0}, {"patience": 0, "eps": 0.05}, {"threshold": 0.2, "patience": 1},
]  # fmt: skip


@pytest.mark.parametrize("settings", PLATEAUS, ids=str)
def test_plateau(settings):
    losses = [5, 4, 4.5, 4, 3.9, 3.9, 3.9, 3.9, 3.9, 1, 1, 1, 2, 2, 2, 0.99, 0.99, 0.98, 7, 7] * 2
    paths = []
    for torch in (ours, theirs):
        optimizer, scheduler = begin(
            torch, lambda s, o: s.ReduceLROnPlateau(o, **settings)
        )
        path = []
        for loss in losses:
            scheduler.step(torch.tensor(loss))
            path.append([group["lr"] for group in optimizer.param_groups])
            assert scheduler.get_last_lr() == path[-1]
        state = {k: v for k, v in scheduler.state_dict().items() if not callable(v)}
        paths.append((path, state))
    np.testing.assert_allclose(paths[0][0], paths[1][0], rtol=1e-12)
    assert paths[0][1] == paths[1][1]


def test_a_group_that_comes_later():
    for torch in (ours, theirs):
        optimizer, scheduler = begin(
            torch, lambda s, o: s.ReduceLROnPlateau(o, patience=0, factor=0.5)
        )
        optimizer.add_param_group({"params": [torch.ones(1).requires_grad_()]})
        scheduler.step(1)
        scheduler.step(1)
        assert scheduler.get_last_lr() == [0.25, 0.05, 0.05]
        optimizer, scheduler = begin(
            torch, lambda s, o: s.ReduceLROnPlateau(o, patience=0, min_lr=[0, 0])
        )
        optimizer.add_param_group({"params": [torch.ones(1).requires_grad_()]})
        scheduler.step(1)
        with pytest.raises(RuntimeError, match="differs from when `ReduceLROnPlateau` was init"):
            scheduler.step(1)


REFUSALS = {
    "no optimizer": lambda s, o: s.StepLR(3, 1),
    "no optimizer, cycle": lambda s, o: s.CyclicLR(3, 1, 2),
    "no optimizer, one cycle": lambda s, o: s.OneCycleLR(3, 1),
    "no optimizer, plateau": lambda s, o: s.ReduceLROnPlateau(3),
    "resumed without a start": lambda s, o: s.StepLR(o, 1, last_epoch=3),
    "lambdas": lambda s, o: s.LambdaLR(o, [lambda t: t]),
    "no function": lambda s, o: s.MultiplicativeLR(o, 3),
    "factor": lambda s, o: s.ConstantLR(o, factor=2),
    "start": lambda s, o: s.LinearLR(o, start_factor=0),
    "end": lambda s, o: s.LinearLR(o, end_factor=2),
    "T_0": lambda s, o: s.CosineAnnealingWarmRestarts(o, 0),
    "T_mult": lambda s, o: s.CosineAnnealingWarmRestarts(o, 1, 0.5),
    "eta_min": lambda s, o: s.CosineAnnealingWarmRestarts(o, 1, 1, "a"),
    "negative": lambda s, o: s.CosineAnnealingWarmRestarts(o, 1).step(-1),
    "mode": lambda s, o: s.CyclicLR(o, 1, 2, mode="a"),
    "bounds": lambda s, o: s.CyclicLR(o, [1], 2),
    "steps": lambda s, o: s.OneCycleLR(o, 1),
    "no steps": lambda s, o: s.OneCycleLR(o, 1, total_steps=0),
    "no epochs": lambda s, o: s.OneCycleLR(o, 1, epochs=-1, steps_per_epoch=3),
    "no batches": lambda s, o: s.OneCycleLR(o, 1, epochs=1, steps_per_epoch=0.5),
    "part": lambda s, o: s.OneCycleLR(o, 1, 10, pct_start=3.0),
    "strategy": lambda s, o: s.OneCycleLR(o, 1, 10, anneal_strategy="a"),
    "plateau factor": lambda s, o: s.ReduceLROnPlateau(o, factor=1),
    "plateau mode": lambda s, o: s.ReduceLROnPlateau(o, "a"),
    "plateau threshold": lambda s, o: s.ReduceLROnPlateau(o, threshold_mode="a"),
    "plateau bounds": lambda s, o: s.ReduceLROnPlateau(o, min_lr=[1]),
    "nothing in turn": lambda s, o: s.SequentialLR(o, [], []),
    "nothing together": lambda s, o: s.ChainedScheduler([]),
    "milestones": lambda s, o: s.SequentialLR(o, [s.StepLR(o, 1)], [3]),
    "plateau in turn": lambda s, o: s.SequentialLR(o, [s.ReduceLROnPlateau(o)], []),
    "plateau together": lambda s, o: s.ChainedScheduler([s.ReduceLROnPlateau(o)]),
    "no scheduler": lambda s, o: s.SequentialLR(o, [3], []),
    "get_lr": lambda s, o: s.LRScheduler(o) and None,
}


@pytest.mark.parametrize("what", REFUSALS)
def test_it_refuses_in_pytorch_s_words(what):
    said = []
    for torch in (theirs, ours):
        with pytest.raises(Exception) as error:  # noqa: PT011
            begin(torch, REFUSALS[what])
        said.append((error.type, str(error.value)))
    assert said[0][0] is said[1][0]
    if what != "get_lr":
        assert said[0][1] == said[1][1]


def test_momentum_is_asked_for():
    for torch in (theirs, ours):
        with pytest.raises(ValueError, match="optimizer must support momentum or beta1"):
            begin(torch, SCHEDULES["cycle"], "Adagrad")


def test_another_optimizer_is_refused():
    for torch in (theirs, ours):
        other = begin(torch, SCHEDULES["step"])[1]
        with pytest.raises(ValueError, match="expects all schedulers to belong to the same optim"):
            begin(torch, lambda s, o, other=other: s.ChainedScheduler([s.StepLR(o, 1), other]))


@BOTH
def test_too_many_steps_of_one_cycle(torch):
    optimizer, scheduler = begin(torch, lambda s, o: s.OneCycleLR(o, 1.0, total_steps=2))
    optimizer.step()
    scheduler.step()
    scheduler.step()
    with pytest.raises(ValueError, match="Tried to step 3 times"):
        scheduler.step()


@BOTH
def test_the_wrong_order_is_warned_about(torch):
    optimizer, scheduler = begin(torch, SCHEDULES["step"])
    with pytest.warns(UserWarning, match=r"Detected call of `lr_scheduler.step\(\)` before `opt"):
        scheduler.step()
    optimizer, scheduler = begin(torch, SCHEDULES["step"])
    optimizer.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scheduler.step()


@BOTH
def test_an_optimizer_of_one_s_own_counts_as_called(torch):
    class Mine(torch.optim.Optimizer):
        def step(self, closure=None):
            return None

    optimizer = Mine([torch.ones(1).requires_grad_()], {"lr": 0.1})
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    optimizer.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scheduler.step()


@BOTH
def test_get_lr_is_not_for_looking(torch):
    _, scheduler = begin(torch, SCHEDULES["step"])
    with pytest.warns(UserWarning, match=r"please use `get_last_lr\(\)`"):
        scheduler.get_lr()


@BOTH
def test_a_schedule_of_one_s_own(torch):
    class Falls(torch.optim.lr_scheduler.LRScheduler):
        def get_lr(self):
            return [rate / (1 + self.last_epoch) for rate in self.base_lrs]

    optimizer, scheduler = begin(torch, lambda s, o: Falls(o))
    assert walk(optimizer, scheduler, 1)[0][0] == [0.25, 0.05]
    assert issubclass(torch.optim.lr_scheduler._LRScheduler, torch.optim.lr_scheduler.LRScheduler)
