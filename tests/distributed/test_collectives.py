"""Every exchange, on two and on four ranks: equal to PyTorch's gloo, or to what it must be."""

import json
import multiprocessing
import warnings
from datetime import timedelta
from types import SimpleNamespace

import pytest

import autograd_lab as torch
from autograd_lab import distributed as dist
from autograd_lab.distributed import groups
from autograd_lab.distributed.work import Work, unfinished
from tests.core.oracle import oracle
from tests.distributed import programs
from tests.distributed.ranks import LIMIT, free_port, run


@pytest.fixture(params=[2, 4])
def size(request):
    return request.param


def gloo(size, folder):
    """Give what PyTorch's ranks hold."""
    oracle()
    port = free_port()
    context = multiprocessing.get_context("fork")
    ranks = [
        context.Process(target=programs.with_gloo, args=(rank, size, port, str(folder)))
        for rank in range(size)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks, where threads are about
        for process in ranks:
            process.start()
    for process in ranks:
        process.join(LIMIT)
        process.kill()
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(size)]


def test_the_same_as_pytorch_with_gloo(size, tmp_path):
    for ours, theirs in zip(run(programs.ours, size), gloo(size, tmp_path), strict=True):
        assert json.loads(json.dumps(ours)) == theirs


def test_what_gloo_has_not(size):
    for rank, held in enumerate(run(programs.without_gloo, size)):
        total = sum(range(size))
        assert held == {
            "every second element": [total, 1 + rank, total + 2 * size, 3 + rank],
            "stacked": [[i] for i in range(size)],
            "mean": [1 + total / size, 2],
            "reduce_scatter": [total + size * rank] * 2,
            "reduce_scatter_tensor": [
                (2 * rank + i) * (total + size) for i in range(2)
            ],
            "all_to_all": [[float(i)] * (rank + 1) for i in range(size)],
            "all_to_all, the first is empty": [[float(i)] * i for i in range(size)],
            "reduce_scatter of a number": total + size * rank,
            "all_gather of numbers": list(range(size)),
        }


def refusals():
    rank, size = dist.get_rank(), dist.get_world_size()
    x, said = torch.ones(2), {}
    wrong = {
        "twice": lambda: dist.init_process_group(),
        "no tensor": lambda: dist.all_reduce([1]),
        "no op": lambda: dist.all_reduce(x, op="sum"),
        "bits of floats": lambda: dist.all_reduce(x, op=dist.ReduceOp.BXOR),
        "mean of integers": lambda: dist.all_reduce(torch.ones(1).long(), op=dist.ReduceOp.AVG),
        "order of complex": lambda: dist.all_reduce(torch.ones(1) * 1j, op=dist.ReduceOp.MAX),
        "too short a list": lambda: dist.all_gather([x], x),
        "another shape": lambda: dist.all_gather([torch.ones(3)] * size, x),
        "another dtype": lambda: dist.all_gather([torch.ones(2).double()] * size, x),
        "another size": lambda: dist.all_gather_into_tensor(torch.ones(3), x),
        "to itself": lambda: dist.send(x, rank),
        "no such rank": lambda: dist.broadcast(x, src=size),
        "no root": lambda: dist.broadcast(x),
        "group of strangers": lambda: dist.new_group([0, size]),
        "uneven": lambda: dist.all_to_all_single(x, torch.ones(size + 1)),
        "wrong splits": lambda: dist.all_to_all_single(x, x, [1] * size, [3] + [0] * (size - 1)),
    }
    for why, call in wrong.items():
        try:
            call()
        except (TypeError, ValueError, RuntimeError) as error:
            said[why] = f"{type(error).__name__}: {error}"
    assert set(said) == set(wrong), set(wrong) - set(said)
    group = dist.new_group([0])
    late = timedelta(milliseconds=300)
    if rank:
        with pytest.warns(UserWarning, match="does not belong to the given group"):
            assert dist.all_reduce(x, group=group) is None
        dist.barrier()
    else:
        try:
            dist.monitored_barrier(timeout=late)
        except RuntimeError as error:
            said["late"] = str(error)
        dist.barrier()
    held = torch.ones(1)
    if rank == 0:
        try:
            dist.irecv(held, 1).wait(late)
        except RuntimeError as error:
            said["waiting"] = str(error)
    dist.barrier()
    if rank == 1:
        dist.isend(held, 0)
    dist.barrier()
    return said


def test_what_is_refused():
    first, second = run(refusals, 2)
    assert "twice!" in first["twice"] and "torch.Tensor" in first["no tensor"]
    assert "ReduceOp.SUM" in first["no op"] and "non-integral" in first["bits of floats"]
    assert "1 tensors, and there are 2 ranks" in first["too short a list"]
    assert "(3,), where (2,) is exchanged" in first["another shape"]
    assert "2 is not part of group [0, 1]" in first["no such rank"]
    assert first["late"] == "Rank 1 failed to pass monitoredBarrier in 300 ms"
    assert "recv by rank 0 did not finish within 0.3 seconds" in first["waiting"]
    assert "late" not in second


def test_the_end_waits_neither_for_other_groups_nor_again_in_vain(monkeypatch):
    never = SimpleNamespace(Test=lambda: False)
    host = SimpleNamespace(rank=0, size=1, close=lambda: None)
    whole, other = (groups.ProcessGroup([0], host, "mpi", 0, number=0) for _ in range(2))
    monkeypatch.setattr(groups.Present, "world", whole)
    monkeypatch.setattr(groups.Present, "others", [other])
    late = Work("late", never, None, 0.05, group=whole)
    try:
        dist.destroy_process_group(other)
        with pytest.raises(RuntimeError, match="late did not finish"):
            dist.destroy_process_group()
        assert dist.is_initialized()
        dist.destroy_process_group()
    finally:
        unfinished.discard(late)
    assert not dist.is_initialized()


def test_before_it_began():
    for call in (dist.get_rank, dist.get_world_size, dist.barrier, dist.destroy_process_group):
        with pytest.raises(ValueError, match="Default process group has not been initialized"):
            call()
    assert not dist.is_initialized() and dist.is_available() and dist.group.WORLD is None


def test_backends(monkeypatch):
    with pytest.raises(ValueError, match="mpi for the CPU and nccl for GPUs"):
        dist.init_process_group("pigeon")
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.warns(UserWarning, match="gloo's work is done by MPI"), \
            pytest.raises(ValueError, match=r"RANK expected, but not set.*autograd-lab run -n 2"):
        dist.init_process_group("gloo")
    with pytest.raises(RuntimeError, match="No rendezvous handler for pigeon://here"):
        dist.init_process_group("mpi", "pigeon://here", rank=0, world_size=2)
    with pytest.raises(ValueError, match="ranks count from 0"):
        dist.init_process_group("mpi", "tcp://127.0.0.1:1", rank=2, world_size=2)
