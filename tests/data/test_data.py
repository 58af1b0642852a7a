"""Data sets, samplers and the loader, against PyTorch's."""

import collections
import itertools

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours

BOTH = pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])
Point = collections.namedtuple("Point", "x y")


def plain(x):
    """Turn batches into numbers, keeping the kind of every collection."""
    if hasattr(x, "tolist"):
        return str(x.dtype), x.tolist()
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (tuple, list)):
        return type(x).__name__, [plain(v) for v in x]
    return x


def data_of(torch):
    return torch.utils.data


def pairs(torch):
    return data_of(torch).TensorDataset(torch.arange(10.0).reshape(5, 2), torch.arange(5))


class Words(list):
    """A data set that is nothing but a list."""


def stream(torch):
    class Stream(data_of(torch).IterableDataset):
        def __iter__(self):
            return iter(range(5))

        def __len__(self):
            return 5

    return Stream()


def loaded(make, **settings):
    def story(torch):
        return plain(list(data_of(torch).DataLoader(make(torch), **settings)))
    return story


def collated(*examples):
    def story(torch):
        return plain(data_of(torch).default_collate([
            e(torch) if callable(e) else e for e in examples
        ]))
    return story


STORIES = {
    "tensors": loaded(pairs, batch_size=2),
    "dropping the last": loaded(pairs, batch_size=2, drop_last=True),
    "one by one": loaded(pairs),
    "no batches": loaded(pairs, batch_size=None),
    "own sampler": loaded(pairs, batch_size=2, sampler=[4, 0, 3]),
    "own batches": loaded(pairs, batch_sampler=[[0, 1], [4]]),
    "own collate": loaded(pairs, batch_size=3, collate_fn=lambda rows: len(rows)),
    "collate sees examples":
        loaded(pairs, batch_size=3, collate_fn=lambda rows: [len(row) for row in rows]),
    "words": loaded(lambda t: Words(["a", "b", "c"]), batch_size=2),
    "stream": loaded(stream, batch_size=2),
    "stream without a rest": loaded(stream, batch_size=2, drop_last=True),
    "stream, one by one": loaded(stream, batch_size=None),
    "subset": loaded(lambda t: data_of(t).Subset(pairs(t), [3, 1, 2]), batch_size=2),
    "together": loaded(lambda t: pairs(t) + pairs(t), batch_size=4),
    "stacked": loaded(
        lambda t: data_of(t).StackDataset(a=list(range(4)), b=list("wxyz")), batch_size=3),
    "chained": loaded(lambda t: stream(t) + stream(t), batch_size=4),
    "default dict": collated(*[collections.defaultdict(list, a=1)] * 2),
    "ordered dict": collated(*[collections.OrderedDict(b=1, a=2)] * 2),
    "bytes": collated(b"a", b"b"),
    "list subclass": collated(Words([1, 2]), Words([3, 4])),
    "ranges": collated(range(2), range(2)),
    "short whole numbers": collated(np.array([1], "int16"), np.array([2], "int16")),
    "mixed numbers": collated(1, 2.5),
    "empty lists": collated([], []),
    "tensors of no dimension": collated(lambda t: t.tensor(1), lambda t: t.tensor(2)),
    "converted": lambda t: plain(data_of(t).default_convert(
        {"a": np.ones(2), "b": (np.float32(1), "x"), "c": [np.arange(2)]})),
    "floats": collated(1.5, 2.5),
    "whole numbers": collated(1, 2),
    "truths": collated(True, False),
    "arrays": collated(np.zeros((2, 2), "float32"), np.ones((2, 2), "float32")),
    "array numbers": collated(np.float32(1), np.float32(2)),
    "dicts": collated({"a": 1, "b": "x"}, {"a": 2, "b": "y"}),
    "named": collated(Point(1, 2.0), Point(3, 4.0)),
    "tuples": collated((1, "a"), (2, "b")),
    "lists": collated([1, 2], [3, 4]),
    "nested": collated((0, {"a": [1, 2]}), (5, {"a": [3, 4]})),
    "lengths": lambda t: [len(data_of(t).DataLoader(pairs(t), b, drop_last=d))
                          for b, d in itertools.product((1, 2, 3, 5, 7), (False, True))],
    "length of a stream": lambda t: len(data_of(t).DataLoader(stream(t), 2)),
    "last example": lambda t: plain(pairs(t)[-1]),
    "slice": lambda t: plain(pairs(t)[1:3]),
    "concat from behind": lambda t: plain((pairs(t) + pairs(t))[-6]),
    "fractions": lambda t: [len(s) for s in data_of(t).random_split(range(11), [0.5, 0.3, 0.2])],
    "batches": lambda t: list(data_of(t).BatchSampler(range(5), 2, False)),
    "sequential": lambda t: list(data_of(t).SequentialSampler("abc")),
}  # fmt: skip


@pytest.mark.parametrize("what", STORIES)
def test_it_gives_what_pytorch_gives(what):
    assert STORIES[what](ours) == STORIES[what](theirs)


REFUSALS = {
    "sizes": lambda t: data_of(t).TensorDataset(t.ones(2), t.ones(3)),
    "lengths": lambda t: data_of(t).random_split(range(5), [1, 2]),
    "batch size": lambda t: data_of(t).DataLoader([1], batch_size=0),
    "workers": lambda t: data_of(t).DataLoader([1], num_workers=-1),
    "prefetch": lambda t: data_of(t).DataLoader([1], prefetch_factor=2),
    "sampler and shuffle": lambda t: data_of(t).DataLoader([1], sampler=[0], shuffle=True),
    "two batchings": lambda t: data_of(t).DataLoader([1], batch_size=2, batch_sampler=[[0]]),
    "shuffled stream": lambda t: data_of(t).DataLoader(stream(t), shuffle=True),
    "no batch to drop": lambda t: data_of(t).DataLoader([1], batch_size=None, drop_last=True),
    "nothing to draw": lambda t: data_of(t).RandomSampler([]),
    "replacement": lambda t: data_of(t).RandomSampler([1], replacement=1),
    "weights": lambda t: data_of(t).WeightedRandomSampler([[1.0]], 1),
    "objects": lambda t: data_of(t).default_collate([object()]),
    "uneven": lambda t: data_of(t).default_collate([[1], [1, 2]]),
    "no getitem": lambda t: data_of(t).Dataset()[0],
    "no stream": lambda t: list(data_of(t).ChainDataset([[1]])),
    "context without workers":
        lambda t: data_of(t).DataLoader([1], multiprocessing_context="fork"),
    "no such context":
        lambda t: data_of(t).DataLoader([1], num_workers=1, multiprocessing_context="a"),
    "context": lambda t: data_of(t).DataLoader([1], num_workers=1, multiprocessing_context=3),
    "prefetch below 0": lambda t: data_of(t).DataLoader([1], num_workers=1, prefetch_factor=-1),
    "timeout": lambda t: data_of(t).DataLoader([1], timeout=-1),
    "no distributed run": lambda t: data_of(t).DistributedSampler([1]),
    "rank": lambda t: data_of(t).DistributedSampler([1], num_replicas=2, rank=2),
    "different shapes": lambda t: data_of(t).default_collate([t.ones(2), t.ones(3)]),
    "different arrays": lambda t: data_of(t).default_collate([np.ones(2), np.ones(3)]),
    "nothing": lambda t: data_of(t).default_collate([None]),
    "text arrays": lambda t: data_of(t).default_collate([np.array("a")]),
    "other keys": lambda t: data_of(t).default_collate([{"a": 1}, {"b": 1}]),
    "empty concat": lambda t: data_of(t).ConcatDataset([]),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_it_refuses_in_pytorch_s_words(what):
    with pytest.raises(Exception) as its:  # noqa: PT011
        REFUSALS[what](theirs)
    with pytest.raises(type(its.value)) as mine:
        REFUSALS[what](ours)
    assert str(mine.value).startswith(str(its.value)[:40])


@BOTH
def test_shuffling_gives_every_example_once_in_a_new_order(torch):
    torch.manual_seed(0)
    loader = data_of(torch).DataLoader(range(100), batch_size=7, shuffle=True)
    first, second = ([x for b in loader for x in b.tolist()] for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(100))
    assert first != second
    torch.manual_seed(0)
    assert [x for b in loader for x in b.tolist()] == first


@BOTH
def test_a_generator_of_one_s_own_decides_the_order(torch):
    def order(seed):
        generator = torch.Generator().manual_seed(seed)
        loader = data_of(torch).DataLoader(range(20), 20, shuffle=True, generator=generator)
        return next(iter(loader)).tolist()

    assert order(1) == order(1) != order(2)


@BOTH
def test_samplers_draw_as_asked(torch):
    torch.manual_seed(0)
    data = data_of(torch)
    drawn = list(data.WeightedRandomSampler([0.0, 3.0, 1.0], 4000))
    assert 0 not in drawn
    assert drawn.count(1) / 4000 == pytest.approx(0.75, abs=0.03)
    assert len(list(data.RandomSampler(range(3), num_samples=8))) == 8
    assert len(set(data.RandomSampler(range(1000), replacement=True))) < 1000
    assert sorted(data.SubsetRandomSampler([5, 7])) == [5, 7]


@BOTH
def test_a_split_is_a_partition_and_repeatable(torch):
    def split():
        parts = data_of(torch).random_split(
            range(10), [7, 3], torch.Generator().manual_seed(0)
        )
        return [list(part) for part in parts]

    one, other = split()
    assert sorted(one + other) == list(range(10))
    assert split() == [one, other]


@BOTH
def test_an_empty_part_is_warned_about(torch):
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        data_of(torch).random_split(range(1), [0.9, 0.1])


def test_a_batch_of_rows_is_taken_at_once(monkeypatch):
    data = pairs(ours)
    monkeypatch.setattr(type(data), "__getitem__", None)
    (x, y), *_ = data_of(ours).DataLoader(data, batch_size=3, sampler=[4, 4, 0])
    assert y.tolist() == [4, 4, 0]
    assert x.shape == (3, 2)


@BOTH
def test_a_collate_fn_of_one_s_own_gets_a_list(torch):
    got = []

    def collate(rows):
        got.append((type(rows), type(rows[0]), len(rows)))
        rows.sort(key=lambda row: -row[1])
        return rows[0][1].item()

    assert list(data_of(torch).DataLoader(pairs(torch), 2, collate_fn=collate)) == [1, 3, 4]
    assert got[0] == (list, tuple, 2)


@BOTH
def test_a_subclass_that_changes_its_examples_is_heard(torch):
    class Doubled(data_of(torch).TensorDataset):
        def __getitem__(self, i):
            return super().__getitem__(i)[1] * 2

    data = Doubled(torch.ones(5, 2), torch.arange(5))
    subset = data_of(torch).Subset(data, [3, 1])
    for source, wanted in ((data, [0, 2, 4]), (subset, [6, 2])):
        assert next(iter(data_of(torch).DataLoader(source, 3))).tolist() == wanted


@BOTH
@pytest.mark.parametrize("kind", [int, np.int64, "tensor"])
def test_numbers_of_examples_may_be_of_any_kind(torch, kind):
    places = torch.tensor([3, 0]) if kind == "tensor" else [kind(3), kind(0)]
    x, y = next(iter(data_of(torch).DataLoader(pairs(torch), 2, sampler=places)))
    assert y.tolist() == [3, 0] and x.tolist() == [[6, 7], [0, 1]]


@BOTH
def test_an_example_that_is_not_there(torch):
    with pytest.raises(IndexError):
        list(data_of(torch).DataLoader(pairs(torch), 2, sampler=[1, 5]))


def test_rows_of_tensors_with_gradients():
    x = ours.ones(3, 2, requires_grad=True)
    (batch,) = next(iter(data_of(ours).DataLoader(data_of(ours).TensorDataset(x), 2)))
    batch.sum().backward()
    assert x.grad.tolist() == [[1, 1], [1, 1], [0, 0]]


def test_a_batch_is_a_copy():
    data = pairs(ours)
    x, _ = next(iter(data_of(ours).DataLoader(data, 2)))
    x += 100
    assert data.tensors[0][0].tolist() == [0, 1]


def test_gradients_go_through_a_batch():
    x = ours.ones(2, requires_grad=True)
    data_of(ours).default_collate([x, x * 2]).sum().backward()
    assert x.grad.tolist() == [3, 3]


@BOTH
def test_settings_of_a_loader_stay(torch):
    loader = data_of(torch).DataLoader(range(3))
    for name in ("batch_size", "sampler", "dataset", "drop_last"):
        with pytest.raises(ValueError, match=f"{name} attribute should not be set after"):
            setattr(loader, name, None)
    loader.worker_init_fn = print


@BOTH
def test_many_workers_are_warned_about(torch):
    with pytest.warns(UserWarning, match="will create 5000 worker processes in total"):
        data_of(torch).DataLoader([1], num_workers=5000)


@BOTH
def test_parts_of_a_distributed_run(torch):
    def parts(**settings):
        samplers = [
            data_of(torch).DistributedSampler(range(10), num_replicas=3, rank=r, **settings)
            for r in range(3)
        ]
        assert {len(sampler) for sampler in samplers} == {len(list(samplers[0]))}
        return samplers, [list(sampler) for sampler in samplers]

    assert parts(shuffle=False)[1] == [[0, 3, 6, 9], [1, 4, 7, 0], [2, 5, 8, 1]]
    assert parts(shuffle=False, drop_last=True)[1] == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]
    samplers, found = parts(seed=5)
    assert {i for part in found for i in part} == set(range(10))
    assert parts(seed=5)[1] == found != parts(seed=6)[1]
    samplers[0].set_epoch(1)
    assert list(samplers[0]) != found[0]


def test_examples_on_a_gpu_stay_there(pretend_gpu):
    data = data_of(ours).TensorDataset(ours.arange(5).cuda())
    for source in (data, [data[i] for i in range(5)]):
        (x,) = next(iter(data_of(ours).DataLoader(source, 3)))
        assert x.device.type == "cuda" and x.tolist() == [0, 1, 2]
