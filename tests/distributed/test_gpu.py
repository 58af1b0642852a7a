"""Tensors of a pretend GPU: through main memory by MPI, and straight by a pretend NCCL."""

import json
import time
from types import SimpleNamespace

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import distributed as dist
from autograd_lab import multiprocessing as mp
from autograd_lab import nn, roads
from tests.distributed import programs
from tests.distributed.ranks import LIMIT, run
from tests.distributed.test_data_parallel import STEPS, data, descend, model
from tests.fake_cupy.fixture import pretend_gpu
from tests.fake_cupy.installing import installed

__all__ = ["pretend_gpu"]


def on_the_gpu():
    with installed(), torch.device("cuda"):
        assert torch.zeros(1).device.type == "cuda"
        return programs.ours()


def test_by_mpi():
    for on_gpu, on_cpu in zip(run(on_the_gpu, 2), run(programs.ours, 2), strict=True):
        assert json.dumps(on_gpu) == json.dumps(on_cpu)


# --- NCCL


def some_exchanges(place):
    """Do what NCCL can; with the CPU's tensors, MPI does it."""
    rank, size = dist.get_rank(), dist.get_world_size()
    x = (torch.arange(4.0) + 10 * rank).to(place)
    held = {}

    def new(*shape):
        return torch.zeros(*shape, device=place)

    for op in (dist.ReduceOp.SUM, dist.ReduceOp.AVG, dist.ReduceOp.MAX):
        y = x.clone()
        dist.all_reduce(y, op)
        held[str(op)] = y
    y = x.clone()
    work = dist.all_reduce(y, async_op=True)
    assert work.wait() and work.is_completed()
    held["async"] = y
    y = x[::2]
    dist.all_reduce(y)
    held["strided"] = y
    y = x.clone()
    dist.reduce(y, 1)
    held["reduce"] = y if rank == 1 else new(1)
    y = x > 5
    dist.broadcast(y, 1)
    held["broadcast"] = y
    parts = [new(4) for _ in range(size)]
    dist.all_gather(parts, x)
    held["all_gather"] = torch.stack(parts)
    y = new(4 * size)
    dist.all_gather_into_tensor(y, x)
    held["all_gather_into_tensor"] = y
    y = new(2)
    dist.reduce_scatter_tensor(y, x[: 2 * size])
    held["reduce_scatter"] = y
    parts = [new(4) for _ in range(size)] if rank == 0 else None
    dist.gather(x, parts)
    held["gather"] = torch.stack(parts) if parts else new(1)
    y = new(4)
    dist.scatter(y, [x * i for i in range(size)] if rank == 1 else None, src=1)
    held["scatter"] = y
    y = new(2, 2)
    dist.all_to_all_single(y, x.reshape(2, 2))
    held["all_to_all_single"] = y
    parts = [new(rank + 1) for _ in range(size)]
    dist.all_to_all(parts, [x[: i + 1].clone() for i in range(size)])
    held["all_to_all"] = torch.cat(parts)
    y = new(4)
    messages = [dist.P2POp(dist.irecv, y, 1 - rank), dist.P2POp(dist.isend, x, 1 - rank)]
    works = dist.batch_isend_irecv(messages)
    assert all(getattr(work.request, "event", "of MPI") for work in works)
    for work in works:
        work.wait()
    held["a batch of messages"] = y
    y = new(4)
    works = [dist.isend(x, 1 - rank), dist.irecv(y, 1 - rank)]
    for work in works:
        work.wait()
    held["send and receive"] = y
    if rank:
        assert dist.recv(y, 0) == 0
    else:
        dist.send(x + 1, 1)
    held["receive"] = y
    return {name: tensor.tolist() for name, tensor in held.items()}


def by_nccl(rank, queue):
    with installed() as gpu:
        torch.cuda.set_device(rank)
        from autograd_lab.distributed import start
        from autograd_lab.distributed.meeting import Here, join, joined

        join(Here.place, LIMIT)
        start.load_mpi()
        joined()
        from tests.distributed import pretend_nccl

        gpu.cuda.nccl = pretend_nccl
        dist.init_process_group("nccl")
        held = some_exchanges("cuda"), some_exchanges("cpu")
        refused = []
        x = torch.ones(2, device="cuda")
        for wrong in (
            lambda: dist.recv(x),
            lambda: dist.all_reduce(x.int(), dist.ReduceOp.BOR),
            lambda: dist.all_reduce(x.short()),
            lambda: dist.all_gather([torch.ones(2)] * 2, x),
        ):
            with pytest.raises((TypeError, ValueError)) as error:
                wrong()
            refused.append(str(error.value))
        wait = gpu.cuda.Stream.wait_event
        note_waits(gpu.cuda.Stream, pretend_nccl.calls)
        net = nn.parallel.DistributedDataParallel(
            model().cuda(), device_ids=[rank], bucket_cap_mb=0.001
        )
        pretend_nccl.calls.clear()
        inputs, target = data()
        batch = inputs[rank::2], target[rank::2].cuda()  # the inputs are moved by the model
        descended = descend_on_gpu(net, batch)
        counted = list(pretend_nccl.calls)
        gpu.cuda.Stream.wait_event = wait
        backend = dist.get_backend()
        dist.destroy_process_group()
    queue.put((rank, held, refused, descended, counted, backend))


def note_waits(stream, calls):
    """Note when the work of the model waits for an exchange."""

    def wait_event(self, event):
        assert event is not None
        if self.null:
            calls.append("wait")

    stream.wait_event = wait_event


def descend_on_gpu(net, batch):
    steps = torch.optim.SGD(net.parameters(), lr=0.01)
    for _ in range(STEPS):
        steps.zero_grad()
        nn.functional.cross_entropy(net(batch[0]), batch[1]).backward()
        steps.step()
    return [parameter.detach().cpu().numpy() for parameter in net.parameters()]


def test_by_nccl():
    queue = mp.get_context("fork").Queue()
    together = mp.start_processes(by_nccl, (queue,), 2, join=False, start_method="fork")
    try:
        found, end = [], time.monotonic() + LIMIT
        while len(found) < 2 and time.monotonic() < end:
            together.join(0.01)
            while not queue.empty():
                found.append(queue.get())
        assert len(found) == 2, f"the ranks do not finish in {LIMIT} s"
        assert together.join(LIMIT)
    finally:
        for process in together.processes:
            process.kill()
    alone = descend(model(), [data()] * STEPS, "SGD")
    for _, (on_gpu, on_cpu), refused, descended, counted, backend in found:
        assert on_gpu == on_cpu and backend == "nccl"
        assert "say src" in refused[0] and "Cannot use ReduceOp.BOR with NCCL" in refused[1]
        assert "cannot reduce int16" in refused[2] and "one device" in refused[3]
        # the GPU's own work waits at the end of each backward, and never before
        assert counted == [*["allReduce"] * 3, *["wait"] * 3] * STEPS
        for mine, whole in zip(descended, alone, strict=True):
            assert np.abs(mine - whole).max() <= 2.4e-7


def test_nccl_without_a_gpu(monkeypatch):
    from autograd_lab.distributed import start

    monkeypatch.setattr(start, "is_nccl_available", lambda: False)
    host = SimpleNamespace(rank=0, comm=SimpleNamespace(allgather=lambda gpu: [gpu]))
    with pytest.warns(UserWarning, match="this process has none"):
        assert start._nccl(host, True, True) is None


@pytest.mark.parametrize(
    ("others", "why"), [(["mine"], "several use the same"), ([None], "another has none")]
)
def test_nccl_where_not_every_process_has_a_gpu_of_its_own(others, why, monkeypatch):
    from autograd_lab.distributed import start

    monkeypatch.setattr(start, "is_nccl_available", lambda: True)
    monkeypatch.setattr(start, "_gpu", lambda: "mine")
    host = SimpleNamespace(rank=0, comm=SimpleNamespace(allgather=lambda gpu: [gpu, *others]))
    assert start._nccl(host, True, False) is None
    with pytest.warns(UserWarning, match=why):
        assert start._nccl(host, True, True) is None


# --- one process, two GPUs


def test_data_parallel_on_two_gpus(pretend_gpu, monkeypatch):
    monkeypatch.setattr(roads, "special", False)
    alone, net = model(), nn.DataParallel(model().cuda())
    assert net.device_ids == [0, 1] and net.output_device == 0
    x, y = data(5)
    seen = []
    net.module[0].register_forward_hook(lambda m, i, out: seen.append((str(out.device), len(out))))
    out = net(x.cuda())
    assert seen == [("cuda:0", 3), ("cuda:1", 2)] and str(out.device) == "cuda:0"
    nn.functional.cross_entropy(out, y.cuda()).backward()
    nn.functional.cross_entropy(alone(x), y).backward()
    for p, q in zip(net.parameters(), alone.parameters(), strict=True):
        assert str(p.device) == str(p.grad.device) == "cuda:0"
        assert np.abs(p.grad.cpu().numpy() - q.grad.numpy()).max() <= 2.4e-7
    assert net(x[:1].cuda()).shape == (1, 3)
    with pytest.raises(RuntimeError, match="parameters and buffers on device cuda:0"):
        nn.DataParallel(model())(x)
    functional = nn.parallel.data_parallel(net.module, x.cuda(), output_device=1)
    assert str(functional.device) == "cuda:1"
    assert np.allclose(functional.detach().cpu().numpy(), out.detach().cpu().numpy())


def test_what_is_cut_and_joined(pretend_gpu):
    x = torch.arange(4.0, device="cuda")
    nested = {"x": [x, (x + 1, "mean")], "n": 3}
    first, second = nn.parallel.scatter(nested, [0, 1])
    assert str(second["x"][0].device) == "cuda:1" and second["n"] == 3
    assert second["x"][1][0].tolist() == [3, 4] and first["x"][1][1] == "mean"
    joined = nn.parallel.gather([first, second], 0)
    assert joined["x"][0].tolist() == x.tolist() and joined["x"][1][0].tolist() == [1, 2, 3, 4]
    assert nn.parallel.gather([x.sum(), x.sum()], 0).tolist() == [6, 6]
