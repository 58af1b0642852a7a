"""Kept states: within their memory, dense of late and sparse long ago, and whole."""

import random

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.train import due, watch
from autograd_lab.train.chance import Chance
from autograd_lab.train.place import Place
from autograd_lab.train.shelf import Shelf, room_for, room_of
from autograd_lab.train.snapshots import Snapshot, Things, copied, size_of
from tests.train.programs import Program, nn


@pytest.fixture
def every_step(monkeypatch):
    """Take a snapshot before each step, however long that takes."""
    monkeypatch.setattr(due, "SHARE", 1e9)


def taken(things, loader=(), step=0, **settings):
    chance = Chance(loader)
    place = Place(loader, chance)
    place.begin_epoch(step)
    return things.take(step, 0, place, chance, **settings), chance


@pytest.mark.parametrize("optimizer", ["SGD", "Adam", "RMSprop", "Adagrad", "AdamW", "LBFGS"])
def test_everything_comes_back(optimizer):
    program = Program("mlp", "SGD")
    net = program.net
    kind = getattr(torch.optim, optimizer)
    rule = kind(net.parameters(), lr=0.01, **({"momentum": 0.9} if optimizer == "SGD" else {}))

    def step():
        def closure():
            rule.zero_grad()
            loss = nn.functional.cross_entropy(net(x), y)
            loss.backward()
            return loss

        rule.step(closure)

    x, y = next(iter(program.loader))
    for _ in range(3):
        step()
    things = Things((net,), (rule,))
    net[0].weight.requires_grad_(False)
    net[4].eval()
    snapshot, chance = taken(things)
    drawn = torch.rand(2).tolist(), np.random.rand(), random.random()
    here = [t.array.tobytes() for t in things.tensors()], repr(rule.state_dict())
    memory = net[0].bias.data
    net[0].weight.requires_grad_(True)
    net.train()
    for _ in range(2):
        step()
    rule.param_groups[0]["lr"] = 7
    rule.add_param_group({"params": [torch.ones(1, requires_grad=True)]})
    assert repr(rule.state_dict()) != here[1]
    things.put_back(snapshot)
    chance.put_back(snapshot.chance)
    assert [t.array.tobytes() for t in things.tensors()] == here[0]
    assert repr(rule.state_dict()) == here[1]
    assert drawn == (torch.rand(2).tolist(), np.random.rand(), random.random())
    assert not net[4].training and not net[0].weight.requires_grad
    assert torch.equal(memory, net[0].bias)  # what shares their memory sees it
    before = copied(snapshot.tensors[0][1])
    net.requires_grad_(True)
    for _ in range(2):
        step()
    assert (snapshot.tensors[0][1] == before).all()  # the snapshot itself does not change


def test_a_fingerprint_sees_any_change():
    program = Program()
    for batch in program.loader:
        program.step(batch)
    net, optimizer = program.net, program.optimizer
    things = Things((net,), (optimizer,))
    prints = [things.fingerprint()]

    def changed(change):
        change()
        prints.append(things.fingerprint())
        assert prints[-1] not in prints[:-1]

    assert things.fingerprint() == prints[0]
    changed(lambda: net[0].weight.data[0, 0].add_(1e-3))
    changed(lambda: net[1].running_mean.add_(1))
    changed(lambda: optimizer.state[net[0].bias]["exp_avg"].add_(1))
    changed(lambda: optimizer.param_groups[0].update(lr=3))
    changed(net.eval)


def test_the_shelf_holds_its_limit_and_thins_what_is_old():
    for count in (2, 3, 8, 50):
        steps = room_for(count, 1000)
        assert len(steps) == count and steps[-1] == 999
        assert steps[0] == 0 or count == 2
    gaps = np.diff(room_for(20, 2000))
    assert gaps[0] > 20 * gaps[-1]
    assert (np.sort(gaps[:-3])[::-1] / gaps[:-3] < 4).all()


def test_edited_states_stay_longest():
    shelf = Shelf(5)
    for step in range(100):
        snapshot = Snapshot(step, 0, (0, 0, []), [], [], [], [], [], [], edited=step == 7)
        snapshot.nbytes = 1
        shelf.add(snapshot)
    assert 7 in shelf.steps and len(shelf.steps) == 5


def test_the_memory_that_was_set_is_held(every_step):
    program = Program()
    batches = program.watched(30, keep="100 kB")
    shelf = batches.run.traveller.shelf
    for batch in batches:
        program.step(batch)
        assert shelf.size <= 100e3
    held = sum(s.nbytes for s in shelf.snapshots.values())
    assert held == shelf.size and len(shelf.steps) > 3
    arrays = [[a, g] for s in shelf.snapshots.values() for _, a, g, _ in s.tensors]
    states = [s.states for s in shelf.snapshots.values()]
    assert size_of([arrays, states]) <= shelf.size
    run = batches.run
    assert run.kept().startswith(f"{len(shelf.steps)} states are kept, ")
    assert f"of 0.1 MB, from step 0 to {shelf.steps[-1]}, at most {shelf.gap()} " in run.kept()


def test_little_room_is_said_in_words(every_step):
    for keep, rest in [("17 kB", "holds 1"), ("1 kB", "holds 0"), ("30 kB", "holds 2")]:
        program = Program()
        batches = program.watched(1, keep=keep)
        for batch in batches:
            program.step(batch)
        (event,) = batches.run.events
        assert event.kind == "thinned" and rest in event.text and "would hold 8" in event.text
    batches = Program().watched(1, keep="1 kB")
    for _ in batches:
        pass
    with pytest.raises(ValueError, match="step 2 cannot be reached: nothing is kept"):
        batches.run.go(2)


def test_snapshots_take_a_small_part_of_the_time(monkeypatch):
    clock, spent = [0.0], []
    take = Things.take

    def slow(self, *args, **settings):
        clock[0] += 0.0002
        spent.append(0.0002)
        return take(self, *args, **settings)

    monkeypatch.setattr(Things, "take", slow)
    monkeypatch.setattr(due.time, "perf_counter", lambda: clock[0])
    program = Program()
    for _ in program.watched(100):
        clock[0] += 0.001
    assert 0.002 < sum(spent) / clock[0] < 0.005


def test_a_place_in_the_data_comes_back():
    class Backwards(torch.utils.data.Sampler):
        def __iter__(self):
            return iter([5, 3, 1])

        def __len__(self):
            return 3

    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self):
            return iter(np.random.rand(7).tolist())

    data, load = list(range(7)), torch.utils.data.DataLoader
    generator = torch.Generator().manual_seed(3)
    for loader in (
        load(data, 2, shuffle=True), load(data, 2, shuffle=True, generator=generator),
        load(data, 1, sampler=Backwards()), load(Stream(), 2), load(data, None),
        load(data, 2, shuffle=True, num_workers=1),
        load(data, 3, sampler=torch.utils.data.RandomSampler(data, replacement=True)), data,
    ):  # fmt: skip
        place = Place(loader, Chance(loader))
        list(loader)
        place.begin_epoch(10)
        batches = [str(b) for b in place.batches]
        place.put_back(0, 10, place.start, 12)
        assert [str(b) for b in place.batches] == batches[2:]


def test_batches_that_are_passed_over_are_not_made():
    made = []

    class Data(torch.utils.data.Dataset):
        def __getitem__(self, i):
            made.append(i)
            return i

        def __len__(self):
            return 6

    loader = torch.utils.data.DataLoader(Data(), 1)
    place = Place(loader, Chance(loader))
    place.begin_epoch(0)
    place.put_back(0, 0, place.start, 4)
    assert next(place.batches).item() == 4 and made == [4]


def test_how_much_memory_is_read_from_words():
    assert [room_of(x) for x in ("50 MB", "1kb", "2 GB", "10", 5, None)] == [
        50e6, 1e3, 2e9, 10, 5, 0]  # fmt: skip
    for wrong in ("much", "-3 MB", -1, True, float("nan")):
        with pytest.raises(ValueError, match="such as '50 MB'"):
            watch([], keep=wrong)
