"""Ranks that are not in the same exchange all hear at once who is in what."""

import time

import pytest

import autograd_lab as torch
from autograd_lab import distributed as dist
from autograd_lab import multiprocessing as mp
from autograd_lab.distributed import meeting
from tests.distributed.ranks import LIMIT, run, run_all

AT_ONCE = 12  # seconds until all have heard of it: a busy machine needs more than the usual 2
MAX = dist.ReduceOp.MAX


def ones(count, dtype=torch.float32):
    return torch.ones(count, dtype=dtype)


# Of each pair, rank 0 begins the first and rank 1 the second; then what both hear.
PAIRS = {
    "other exchanges": (
        lambda g: dist.barrier(g),
        lambda g: dist.all_reduce(ones(3), group=g),
        "rank 0 is in barrier(), rank 1 is in all_reduce of a float32 tensor of 3 elements: every "
        "rank must call the same exchanges in the same order",
    ),
    "other dtypes": (
        lambda g: dist.all_reduce(ones(2), group=g),
        lambda g: dist.all_reduce(ones(2, torch.float64), group=g),
        "rank 0 is in all_reduce of a float32 tensor of 2 elements, rank 1 is in all_reduce of a "
        "float64 tensor of 2 elements: in one exchange all ranks have tensors of one dtype",
    ),
    "dtypes of one size": (
        lambda g: dist.all_reduce(ones(2), group=g),
        lambda g: dist.all_reduce(ones(2, torch.int32), group=g),
        "float32 tensor of 2 elements, rank 1 is in all_reduce of an int32 tensor",
    ),
    "other sizes": (
        lambda g: dist.all_reduce(ones(100_000), group=g),
        lambda g: dist.all_reduce(ones(1), group=g),
        "float32 tensor of 100000 elements, rank 1 is in all_reduce of a float32 tensor of 1 elem",
    ),
    "other ops": (
        lambda g: dist.all_reduce(ones(2), group=g),
        lambda g: dist.all_reduce(ones(2), MAX, group=g),
        "rank 1 is in all_reduce (MAX) of a",
    ),
    "other roots": (
        lambda g: dist.broadcast(ones(2), 0, group=g),
        lambda g: dist.broadcast(ones(2), 1, group=g),
        "rank 0 is in broadcast from rank 0 of a float32 tensor of 2 elements, rank 1 is in "
        "broadcast from rank 1",
    ),
    "broadcast of other sizes": (
        lambda g: dist.broadcast(ones(2), 0, group=g),
        lambda g: dist.broadcast(ones(1), 0, group=g),
        "rank 1 is in broadcast from rank 0 of a float32 tensor of 1 element: ",
    ),
    "broadcast of much less": (
        lambda g: dist.broadcast(ones(100_000), 0, group=g),
        lambda g: dist.broadcast(ones(1, torch.int64), 0, group=g),
        "rank 1 is in broadcast from rank 0 of an int64 tensor of 1 element: ",
    ),
    "reduce": (
        lambda g: dist.reduce(ones(2), 0, group=g),
        lambda g: dist.reduce(ones(3), 0, group=g),
        "rank 1 is in reduce to rank 0 of a float32 tensor of 3 elements",
    ),
    "all_gather, uneven": (
        lambda g: dist.all_gather([ones(2)] * 2, ones(2), g),
        lambda g: dist.all_gather([ones(3)] * 2, ones(3), g),
        "rank 1 is in all_gather of a float32 tensor of 3 elements",
    ),
    "all_gather_into_tensor, uneven": (
        lambda g: dist.all_gather_into_tensor(ones(4), ones(2), g),
        lambda g: dist.all_gather_into_tensor(ones(2), ones(1), g),
        "rank 1 is in all_gather_into_tensor of a float32 tensor of 1 element",
    ),
    "reduce_scatter": (
        lambda g: dist.reduce_scatter(ones(2), [ones(2)] * 2, group=g),
        lambda g: dist.reduce_scatter_tensor(ones(1), ones(2), group=g),
        "rank 1 is in reduce_scatter of a float32 tensor of 1 element",
    ),
    "gather": (
        lambda g: dist.gather(ones(2), [ones(2)] * 2, 0, g),
        lambda g: dist.gather(ones(2, torch.int64), None, 0, g),
        "rank 1 is in gather to rank 0 of an int64 tensor of 2 elements",
    ),
    "scatter": (
        lambda g: dist.scatter(ones(2), [ones(2)] * 2, 0, g),
        lambda g: dist.scatter(ones(3), None, 0, g),
        "rank 1 is in scatter from rank 0 of a float32 tensor of 3 elements",
    ),
    "all_to_all": (
        lambda g: dist.all_to_all([ones(1), ones(1)], [ones(1), ones(3)], g),
        lambda g: dist.all_to_all([ones(2), ones(1)], [ones(1), ones(1)], g),
        "all_to_all: rank 0 gives rank 1 3 elements, where that one takes 2",
    ),
    "all_to_all_single": (
        lambda g: dist.all_to_all_single(torch.ones(2, 3), torch.ones(4, 3), [1, 1], [1, 3], g),
        lambda g: dist.all_to_all_single(torch.ones(2, 3), torch.ones(2, 3), group=g),
        "all_to_all_single: rank 0 gives rank 1 9 elements, where that one takes 3",
    ),
    "all_to_all of other dtypes": (
        lambda g: dist.all_to_all_single(ones(2), ones(2), group=g),
        lambda g: dist.all_to_all_single(ones(2, torch.int32), ones(2, torch.int32), group=g),
        "rank 1 is in all_to_all_single of int32 tensors",
    ),
    "objects": (
        lambda g: dist.all_gather_object([None] * 2, "x", g),
        lambda g: dist.broadcast_object_list([None], 0, g),
        "rank 0 is in all_gather_object(), rank 1 is in broadcast_object_list from rank 0: every",
    ),
    "objects and tensors": (
        lambda g: dist.gather_object(1, [None] * 2, 0, g),
        lambda g: dist.broadcast(ones(3), 0, g),
        "rank 0 is in gather_object to rank 0, rank 1 is in broadcast from rank 0 of a float32",
    ),
    "one waits later": (
        lambda g: dist.all_reduce(ones(3), group=g, async_op=True).wait(),
        lambda g: dist.all_gather([ones(3)] * 2, ones(3), g),
        "rank 0 is in all_reduce of a float32 tensor of 3 elements, rank 1 is in all_gather of",
    ),
    "both wait later": (
        lambda g: dist.all_reduce(ones(300_000), group=g, async_op=True).wait(),
        lambda g: dist.broadcast(ones(3), 0, g, async_op=True).wait(),
        "rank 0 is in all_reduce of a float32 tensor of 300000 elements, rank 1 is in broadcast",
    ),
}
# What rank 0 sends, what rank 1 would receive, and what it hears.
MESSAGES = {
    "too long": (ones(5), ones(3), "sent a float32 tensor of 5 elements, and the tensor to be"),
    "much too long": (ones(100_000), ones(3), "sent a float32 tensor of 100000 elements"),
    "too short": (ones(1), ones(3), "sent a float32 tensor of 1 element, and the tensor to be"),
    "of another kind": (ones(3, torch.int32), ones(3), "filled is a float32 tensor of 3 elements"),
    "as many bytes": (ones(2), ones(1, torch.float64), "sent a float32 tensor of 2 elements"),
}


def disagree():
    """Begin all pairs, each in a group of its own; give what was heard, and after how long."""
    heard, rank = {}, dist.get_rank()
    for why, pair in PAIRS.items():
        group = dist.new_group()
        heard[why] = hear(pair[rank], group)
        heard[f"{why}, afterwards"] = hear(dist.barrier, group)
    for why, (sent, room, _) in MESSAGES.items():
        for source in (0, None):
            name = f"{why} {source}"
            if rank == 0:
                dist.isend(sent, 1)
            else:
                heard[name] = hear(dist.recv, room, source)
            dist.barrier()
    return heard


def hear(call, *args):
    began = time.monotonic()
    try:
        call(*args)
    except RuntimeError as error:
        return str(error), time.monotonic() - began
    return "nothing", 0


def test_who_is_in_what():
    heard = run(disagree, 2)
    for why, (_, _, said) in PAIRS.items():
        for text, seconds in (of_rank[why] for of_rank in heard):
            assert said in text and seconds < AT_ONCE, (why, text, seconds)
        for text, _ in (of_rank[f"{why}, afterwards"] for of_rank in heard):
            assert "cannot be used any more" in text and said in text
    for why, (_, _, said) in MESSAGES.items():
        for source in (0, None):
            text, seconds = heard[1][f"{why} {source}"]
            assert "recv by rank 1: rank 0 sent" in text and said in text, (why, text)
            assert seconds < AT_ONCE


def go_on_and_end(rank):
    """Rank 0 gives what it has, and is done; rank 1 is in another exchange."""
    dist.init_process_group()
    if rank:
        dist.all_reduce(ones(2))
    else:
        dist.broadcast(ones(2), 0)


def test_one_that_goes_on_and_ends():
    began = time.monotonic()
    with pytest.raises(mp.ProcessRaisedException, match="rank 1 is in all_reduce of a float32"):
        mp.start_processes(go_on_and_end, nprocs=2, start_method="fork")
    assert time.monotonic() - began < LIMIT  # it lasted until the group's patience was over


def agree():
    """Do what looks unlike and is alike: none of it is refused."""
    rank, x = dist.get_rank(), torch.arange(6.0)
    dist.all_reduce(x.reshape(2, 3) if rank else x)
    work = dist.all_reduce(ones(2), async_op=True) if rank else dist.all_reduce(ones(2))
    if work is not None:
        work.wait()
    parts = [ones(2), ones(3)] if rank else [ones(1), ones(2)]
    dist.all_to_all(parts, [ones(1 + rank), ones(2 + rank)])
    if rank == 0:
        for dtype in (torch.float32, torch.int32):
            dist.isend(ones(3, dtype), 1)
        return [part.tolist() for part in parts]
    rooms = ones(3), ones(3, torch.int32)
    for work in reversed([dist.irecv(room, 0) for room in rooms]):  # labels keep their order
        work.wait()
    return [part.tolist() for part in parts]


def mix():
    """Receive from a named rank and from any, the later one first: labels may be swapped."""
    if dist.get_rank() == 0:
        dist.isend(ones(3), 1)
        dist.isend(ones(5), 1)
        return None
    rooms = ones(3), ones(5)
    works = [dist.irecv(room) for room in rooms]
    for work in reversed(works):
        work.wait()
    return None


def test_what_is_alike():
    found = run_all(2, agree=(agree,), mix=(mix,))
    assert found["agree"] == [[[1.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0, 1.0]]]


def come_late(late):
    dist.barrier()
    meeting.SILENCE = 1
    if dist.get_rank() == late:
        time.sleep(3)
    dist.all_reduce(ones(3))
    if dist.get_rank() == late:
        time.sleep(3)
        dist.send(ones(3), 0, tag=4)
    if dist.get_rank() == 0:
        dist.recv(ones(3), late, tag=4)


def test_who_waits_for_long_says_in_what_and_for_whom(capfd):
    run(come_late, 2, 1)
    said = capfd.readouterr().err
    what = "waits in all_reduce of a float32 tensor of 3 elements"
    assert said.count(f"rank 0 {what}, and has not heard of rank 1 there") == 1
    what = "waits in recv of a float32 tensor of 3 elements from rank 1 with tag 4"
    assert said.count(f"rank 0 {what}") == 1
    run(come_late, 4, 3)
    said = capfd.readouterr().err
    what = "waits in all_reduce of a float32 tensor of 3 elements"
    for rank in (0, 1):
        assert f"rank {rank} {what}, and has not heard of ranks 2 and 3 there" in said
    assert f"rank 2 {what}" in said  # it has heard of none of the others, and names nobody
    assert f"rank 2 {what}, and" not in said and f"rank 3 {what}" not in said
