"""DistributedDataParallel: the same steps as one process with the whole batch."""

import os
import signal

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import distributed as dist
from autograd_lab import multiprocessing as mp
from autograd_lab import nn
from autograd_lab.distributed import collectives
from autograd_lab.distributed.algorithms.join import Join, Joinable, JoinHook
from autograd_lab.nn.parallel import DistributedDataParallel
from autograd_lab.nn.parallel.buckets import fill
from autograd_lab.utils.data import DataLoader, DistributedSampler, TensorDataset
from tests.distributed.ranks import run, run_all

STEPS = 5


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Let two ranks do everything once: a test asks for what its own functions returned."""
    return run_all(
        2, whole=(train, None, False), small=(train, 0.001, False), overlap=(overlap,),
        no_sync=(accumulate, "no_sync"), attribute=(accumulate, "attribute"),
        always=(accumulate, "always"), own=(backward_of_its_own,), unused=(unused, True),
        unlooked=(unused_without_looking,), buffers=(buffers,), others=(other_models,),
        through=(half_way, tmp_path_factory.mktemp("through") / "run.pt"), early=(end_early,),
        counted=(count_together,), not_joined=(join_nothing,),
    )  # fmt: skip


@pytest.fixture(scope="module")
def four():
    """The same on four."""
    return run_all(
        4, whole=(train, None, False), small=(train, 0.001, True),
        sampler=(train_with_a_sampler, 2), of_all=(train_unevenly, True),
        of_those_at_work=(train_unevenly, False),
    )  # fmt: skip


def model(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3)
    )


def data(count=32):
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(count, 6, generator=generator)
    return x, torch.randint(0, 3, (count,), generator=generator)


def descend(net, batches, optimizer="Adam"):
    steps = getattr(torch.optim, optimizer)(net.parameters(), lr=0.01)
    for x, y in batches:
        steps.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        steps.step()
    return [parameter.detach().numpy() for parameter in net.parameters()]


def train(bucket_cap_mb, find_unused):
    rank, size = dist.get_rank(), dist.get_world_size()
    x, y = data()
    # Another start on each rank: the parameters of rank 0 are everybody's.
    net = DistributedDataParallel(
        model(seed=rank), bucket_cap_mb=bucket_cap_mb, find_unused_parameters=find_unused
    )
    return descend(net, [(x[rank::size], y[rank::size])] * STEPS, "SGD"), list(net.state_dict())


@pytest.mark.parametrize("buckets", ["whole", "small"])
@pytest.mark.parametrize("size", ["two", "four"])
def test_equal_to_one_process(size, buckets, request):
    x, y = data()
    alone = descend(model(), [(x, y)] * STEPS, "SGD")
    ranks = request.getfixturevalue(size)[buckets]
    for parameters, names in ranks:
        assert names == [f"module.{name}" for name in model().state_dict()]
        for mine, first, whole in zip(parameters, ranks[0][0], alone, strict=True):
            assert np.array_equal(mine, first)
            assert np.abs(mine - whole).max() <= 2.4e-7


def train_with_a_sampler(epochs):
    dataset = TensorDataset(*data(30))
    sampler = DistributedSampler(dataset, seed=3)
    loader = DataLoader(dataset, batch_size=4, sampler=sampler)
    net = DistributedDataParallel(model())
    seen = []
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
        batches = list(loader)
        seen.append([round(v, 4) for x, _ in batches for v in x[:, 0].tolist()])
        descend(net, batches)
    return seen, [p.detach().numpy() for p in net.parameters()]


def test_a_sampler_gives_each_its_part(four):
    ranks = four["sampler"]
    every = sorted(round(v, 4) for v in data(30)[0][:, 0].tolist())
    for epoch in range(2):
        parts = [seen[epoch] for seen, _ in ranks]
        assert {len(part) for part in parts} == {8}  # 30 examples, filled up to 32
        assert sorted({v for part in parts for v in part}) == every
    assert ranks[0][0][0] != ranks[0][0][1]  # another order in the second epoch
    for _, parameters in ranks:
        assert all(np.array_equal(a, b) for a, b in zip(parameters, ranks[0][1]))


# --- buckets, and the exchange during backward


def test_buckets_are_filled_from_the_end():
    parameters = list(model().parameters())
    order = [id(p) for bucket in fill(parameters, 25 << 20) for p in bucket.parameters]
    assert order == [id(p) for p in reversed(parameters)]
    rows = [len(bucket.parameters) for bucket in fill(parameters, 3000)]
    assert rows == [3, 1, 2]  # 12 + 384 + 128 bytes, 4096 alone, 128 + 768
    mixed = [nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2).double())]
    assert [bucket.flat.dtype for bucket in fill(mixed, 1e6)] == [torch.float64, torch.float32]


def overlap():
    events, begin = [], collectives.Work.__init__

    def noted(self, what, *rest):
        events.append(what.split()[0])
        begin(self, what, *rest)

    net = DistributedDataParallel(model(), bucket_cap_mb=0.001)
    for name, parameter in net.named_parameters():
        parameter.register_post_accumulate_grad_hook(lambda _, name=name: events.append(name))
    x, y = data()
    loss = nn.functional.cross_entropy(net(x), y)
    collectives.Work.__init__ = noted
    loss.backward()
    collectives.Work.__init__ = begin
    return events


def test_the_exchange_begins_while_backward_still_works(two):
    for events in two["overlap"]:
        assert events.count("all_reduce") == 3
        first = events.index("all_reduce")
        assert {"module.2.bias", "module.0.weight", "module.0.bias"} <= set(events[first:])


# --- no_sync, unused parameters, buffers


def accumulate(way):
    rank, size = dist.get_rank(), dist.get_world_size()
    x, y = data()
    net = DistributedDataParallel(model())
    parts = [(x[i::4][rank::size], y[i::4][rank::size]) for i in range(4)]
    for number, (inputs, target) in enumerate(parts):
        last = number == len(parts) - 1
        if way == "attribute":
            net.require_backward_grad_sync = last
        with net.no_sync() if way == "no_sync" and not last else torch.enable_grad():
            loss = nn.functional.cross_entropy(net(inputs), target) / 4
        loss.backward()
        if way != "always" and not last:
            norm = torch.tensor([net.module[0].weight.grad.abs().sum()])
            both = [torch.zeros(1) for _ in range(size)]
            dist.all_gather(both, norm)
            assert both[0].item() != both[1].item(), "gradients were averaged too early"
    return [p.grad.numpy() for p in net.parameters()]


@pytest.mark.parametrize("way", ["no_sync", "attribute", "always"])
def test_gradients_add_up(way, two):
    x, y = data()
    alone = model()
    nn.functional.cross_entropy(alone(x), y).backward()
    for gradients in two[way]:
        for mine, parameter in zip(gradients, alone.parameters(), strict=True):
            assert np.abs(mine - parameter.grad.numpy()).max() <= 2.4e-7


def backward_of_its_own():
    """Once the means are there, a second backward is of this rank alone, as in PyTorch."""
    net = DistributedDataParallel(nn.Linear(2, 1))
    loss = net(torch.ones(1, 2) * (1 + dist.get_rank())).sum()
    loss.backward(retain_graph=True)
    averaged = net.module.weight.grad.tolist()
    net.zero_grad()
    loss.backward()
    net.module(torch.zeros(1, 2)).sum().backward()
    return averaged, net.module.weight.grad.tolist()


def test_only_the_first_backward_of_a_forward_is_averaged(two):
    assert two["own"] == [([[1.5, 1.5]], [[1, 1]]), ([[1.5, 1.5]], [[2, 2]])]


class Forks(nn.Module):
    """A model of which a rank may use one half only."""

    def __init__(self):
        super().__init__()
        self.left, self.right, self.never = (nn.Linear(2, 1) for _ in range(3))

    def forward(self, x, left):
        return {"y": self.left(x) if left else self.right(x)}


def unused(find):
    torch.manual_seed(0)
    net = DistributedDataParallel(Forks(), find_unused_parameters=find)
    for _ in range(2):
        net.zero_grad()
        net(torch.ones(1, 2), dist.get_rank() == 0 if find else True)["y"].sum().backward()
    grads = [None if p.grad is None else p.grad.tolist() for p in net.parameters()]
    return grads


def test_unused_parameters(two):
    for grads in two["unused"]:
        assert grads == [[[0.5, 0.5]], [0.5], [[0.5, 0.5]], [0.5], None, None]


def unused_without_looking():
    with pytest.raises(RuntimeError, match=r"finished reduction in the prior .* rank \d: right.w"):
        unused(False)
    return True


def test_unused_parameters_that_nobody_looked_for(two):
    assert all(two["unlooked"])


def buffers():
    rank = dist.get_rank()
    torch.manual_seed(rank)
    norm = nn.BatchNorm1d(2)
    norm.running_mean += rank
    net = DistributedDataParallel(norm)
    start = net.module.running_mean.tolist()
    for _ in range(2):
        net(torch.randn(4, 2)).sum().backward()
    net.eval()
    net(torch.zeros(1, 2))
    return start, net.module.running_mean.tolist(), net.module.num_batches_tracked.item()


def test_buffers_are_those_of_the_first(two):
    first, second = two["buffers"]
    assert first[0] == [0, 0] and first[1] != [0, 0] and first == second and first[2] == 2


# --- ranks with different numbers of batches

BATCHES = 3, 1, 4, 2


def batches_of(rank):
    x, y = data(8 * 16)
    cuts = [slice(8 * i, 8 * i + 8) for i in range(rank * 4, rank * 4 + BATCHES[rank])]
    return [(x[cut], y[cut]) for cut in cuts]


def train_unevenly(divide_by_all):
    net = DistributedDataParallel(model(seed=dist.get_rank()), bucket_cap_mb=0.001)
    with net.join(divide_by_initial_world_size=divide_by_all):
        descend(net, batches_of(dist.get_rank()), "SGD")
    net.zero_grad()
    left = [parameter.detach().numpy() for parameter in net.parameters()]
    (net(torch.ones(1, 6)) * (1 + dist.get_rank())).sum().backward()  # as if nothing had been
    return left, net.module[4].bias.grad.tolist()


@pytest.mark.parametrize("way", ["of_all", "of_those_at_work"])
def test_uneven_batches(way, four):
    alone = model()
    steps = torch.optim.SGD(alone.parameters(), lr=0.01)
    for step in range(max(BATCHES)):
        steps.zero_grad()
        here = [rank for rank in range(4) if step < BATCHES[rank]]
        for rank in here:
            x, y = batches_of(rank)[step]
            share = nn.functional.cross_entropy(alone(x), y)
            (share / (4 if way == "of_all" else len(here))).backward()
        steps.step()
    for parameters, gradient in four[way]:
        assert gradient == [2.5] * 3
        for mine, first, whole in zip(parameters, four[way][0][0], alone.parameters(), strict=True):
            assert np.array_equal(mine, first)
            assert np.abs(mine - whole.detach().numpy()).max() <= 2.4e-7


def end_early():
    net, steps = DistributedDataParallel(nn.Linear(1, 1)), []

    def learn():
        with net.join(throw_on_early_termination=True):
            for step in range(2 + dist.get_rank()):
                net(torch.ones(1, 1)).sum().backward()
                steps.append(step)

    with pytest.raises(RuntimeError) as error:
        learn()
    net(torch.ones(1, 1)).sum().backward()
    return str(error.value), len(steps)


def test_the_first_without_a_batch_ends_all(two):
    (first, steps), (second, others) = two["early"]
    assert first == "Rank 0 exhausted all inputs." and steps == others == 2
    assert second == "Detected at least one rank that exhausted inputs. Throwing across all ranks."


class Counter(Joinable):
    """Counts the steps of all ranks, which is an exchange in each."""

    join_device, join_process_group = torch.device("cpu"), None

    def __init__(self):
        super().__init__()
        self.total, self.end = torch.zeros(1), []

    def join_hook(self, **kwargs):
        return CounterHook(self)

    def step(self):
        Join.notify_join_context(self)
        self.add(1)

    def add(self, number):
        came = torch.full((1,), float(number))
        dist.all_reduce(came)
        self.total += came


class CounterHook(JoinHook):
    def __init__(self, counter):
        self.counter = counter

    def main_hook(self):
        self.counter.add(0)

    def post_hook(self, is_last_joiner):
        self.counter.end.append(is_last_joiner)


def count_together():
    first, second = Counter(), Counter()
    with Join([first, second]):
        for _ in range(3 + 2 * dist.get_rank()):
            first.step()
            second.step()
    with pytest.raises(ValueError, match="at least one joinable"):
        Join([])
    return first.total.item(), second.total.item(), first.end, Join.notify_join_context(first)


def test_own_exchanges_are_shadowed(two):
    assert two["counted"] == [(8, 8, [False], None), (8, 8, [True], None)]


def join_nothing():
    net, begun = DistributedDataParallel(nn.Linear(1, 1)), collectives.Work.__init__
    exchanges = []

    def noted(self, what, *rest):
        exchanges.append(what.split()[0])
        begun(self, what, *rest)

    collectives.Work.__init__ = noted
    with net.join(enable=False):
        net(torch.ones(1, 1)).sum().backward()
    collectives.Work.__init__ = begun
    return exchanges


def test_join_may_be_switched_off(two):
    assert two["not_joined"] == [["all_reduce"]] * 2


# --- what is refused


def other_models():
    rank, said = dist.get_rank(), []
    for net in (
        nn.Linear(2, 1 + rank),
        nn.Linear(2, 1, bias=rank == 0),
        nn.Sequential(nn.Linear(2, 1)) if rank else nn.Linear(2, 1),
        nn.Linear(2, 1).double() if rank else nn.Linear(2, 1),
        nn.Linear(2, 1).requires_grad_(False),
    ):
        with pytest.raises(RuntimeError) as error:
            DistributedDataParallel(net)
        said.append(str(error.value))
    return said


def test_other_models(two):
    first, second = two["others"]
    assert first == second
    assert "params[0] of rank 1 is weight with sizes [2, 2] (torch.float32)" in first[0]
    assert "Rank 0 has 2 params, while rank 1 has inconsistent 1 params. They differ in bias" in (
        first[1]
    )
    assert "0.weight with sizes" in first[2] and "float64" in first[3]
    assert "not needed when a module doesn't have any parameters" in first[4]


# --- save, and go on


def half_way(path, kill=False):
    """Take six steps, from the checkpoint if there is one; it is written after three."""
    x, y = data()
    net = DistributedDataParallel(model())
    optimizer = torch.optim.Adam(net.parameters())
    rank, size = dist.get_rank(), dist.get_world_size()
    resume = path.exists()
    if resume:
        saved = torch.load(path)
        net.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
    for step in range(saved["step"] if resume else 0, 6):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x[rank::size]), y[rank::size]).backward()
        optimizer.step()
        if kill and step == 4 and rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if step == 2 and not resume:
            if rank == 0:
                state = {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "step": 3}
                torch.save(state, path)
            dist.barrier()
    return [p.detach().numpy() for p in net.parameters()]


def test_a_run_goes_on_after_a_rank_was_killed(tmp_path, two):
    with pytest.raises(mp.ProcessExitedException, match="SIGKILL"):
        mp.start_processes(killed, (tmp_path / "run.pt",), 2, start_method="fork")
    resumed = run(half_way, 2, tmp_path / "run.pt")
    for a, b in zip(two["through"], resumed, strict=True):
        assert all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))


def killed(rank, path):
    dist.init_process_group()
    half_way(path, kill=True)
