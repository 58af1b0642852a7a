"""What the ranks of the tests run. The same lines for PyTorch (with gloo) and for us."""


def exchanges(torch, dist):
    """Do every exchange once; give everything that this rank holds afterwards, as lists."""
    rank, size = dist.get_rank(), dist.get_world_size()
    held = {}

    def mine(*shape, dtype=None):
        count = 1
        for n in shape:
            count *= n
        x = torch.arange(count, dtype=dtype or torch.float32).reshape(shape)
        return x + 10 * rank + 1

    for op in ("SUM", "PRODUCT", "MIN", "MAX"):
        for dtype in (torch.float32, torch.float64, torch.int64, torch.uint8, torch.float16):
            x = mine(2, dtype=dtype) if op != "PRODUCT" else torch.full((2,), rank + 1, dtype=dtype)
            dist.all_reduce(x, op=getattr(dist.ReduceOp, op))
            held[f"all_reduce {op} {dtype}"] = x.tolist()
    for op in ("BAND", "BOR", "BXOR"):
        x = mine(3, dtype=torch.int32)
        dist.all_reduce(x, op=getattr(dist.ReduceOp, op))
        held[f"all_reduce {op}"] = x.tolist()
    x = mine(2, 3).t()
    work = dist.all_reduce(x, async_op=True)
    work.wait()
    held["all_reduce, transposed, async"] = x.tolist(), work.is_completed()
    x = torch.tensor(float(rank))
    dist.all_reduce(x)
    held["all_reduce of a scalar"] = x.tolist()

    x = mine(2, 2)
    dist.broadcast(x, src=size - 1)
    held["broadcast"] = x.tolist()
    x = mine(2)
    dist.reduce(x, dst=1)
    held["reduce"] = x.tolist() if rank == 1 else "anything"

    parts = [torch.zeros(2, 2) for _ in range(size)]
    dist.all_gather(parts, mine(2, 2))
    held["all_gather"] = [part.tolist() for part in parts]
    whole = torch.zeros(size * 2, 3)
    dist.all_gather_single(whole, mine(2, 3))
    held["all_gather_single"] = whole.tolist()
    parts = [torch.zeros(3) for _ in range(size)] if rank == 0 else None
    dist.gather(mine(3), parts, dst=0)
    held["gather"] = parts and [part.tolist() for part in parts]
    parts = [mine(2) * i for i in range(size)] if rank == 1 else None
    x = torch.zeros(2)
    dist.scatter(x, parts, src=1)
    held["scatter"] = x.tolist()
    x = torch.zeros(2, dtype=torch.bool)
    dist.scatter(x, [torch.tensor([True, False])] * size if rank == 0 else None, src=0)
    held["scatter of bools"] = x.tolist()

    x = torch.zeros(size * 2)
    dist.all_to_all_single(x, mine(size * 2))
    held["all_to_all_single"] = x.tolist()
    out = [(i + rank) % 2 + 1 for i in range(size)]
    give = [(rank + i) % 2 + 1 for i in range(size)]
    x = torch.zeros(sum(out))
    dist.all_to_all_single(x, mine(sum(give)), out, give)
    held["all_to_all_single of sizes"] = x.tolist()

    right, left = (rank + 1) % size, (rank - 1) % size
    x = torch.zeros(2)
    if rank == 0:
        dist.send(mine(2), right)
        source = dist.recv(x, left)
    else:
        source = dist.recv(x)
        dist.send(mine(2), right)
    held["a ring"] = x.tolist(), source
    x = torch.zeros(2)
    works = [dist.isend(mine(2), right, tag=3), dist.irecv(x, left, tag=3)]
    for work in works:
        work.wait()
    held["isend and irecv"] = x.tolist()

    x = torch.zeros(2)
    ops = [dist.P2POp(dist.irecv, x, left), dist.P2POp(dist.isend, mine(2), right)]
    for work in dist.batch_isend_irecv(ops):
        work.wait()
    held["batch_isend_irecv"] = x.tolist()

    objects = [None] * size
    dist.all_gather_object(objects, {"rank": rank, "text": "x" * rank})
    held["all_gather_object"] = list(objects)
    objects = [{"lr": 0.1}, "name", [rank]] if rank == 0 else [None] * 3
    dist.broadcast_object_list(objects, src=0)
    held["broadcast_object_list"] = objects
    objects = [None] * size if rank == 1 else None
    dist.gather_object(rank * rank, objects, dst=1)
    held["gather_object"] = objects
    found = [None]
    dist.scatter_object_list(found, [f"for {i}" for i in range(size)], src=0)
    held["scatter_object_list"] = found

    dist.barrier()
    dist.monitored_barrier()
    last = dist.new_group([size - 1, 0])
    x = mine(2)
    if rank in (0, size - 1):
        dist.all_reduce(x, group=last)
        dist.broadcast(x, src=size - 1, group=last)
        held["ranks of the group"] = dist.get_process_group_ranks(last)
    held["in a group"] = x.tolist(), dist.get_rank(last), dist.get_world_size(last)
    held["backend"] = dist.is_initialized()
    return held


def uneven(torch, dist):
    """Train with other numbers of batches on each rank; give the model that each has then."""
    from_parallel = torch.nn.parallel.DistributedDataParallel
    rank, held = dist.get_rank(), {}
    for divide in (True, False):
        net = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.BatchNorm1d(1, affine=False))
        net[0].load_state_dict({"weight": torch.tensor([[1.0, -2]]), "bias": torch.tensor([0.5])})
        model = from_parallel(net, find_unused_parameters=divide)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.25)
        with model.join(divide_by_initial_world_size=divide):
            for step in range((rank * 3) % 4 + 1):
                optimizer.zero_grad()
                x = torch.tensor([[1.0, rank], [step, 2.0], [0.0, -1.0]])
                (model(x) * torch.tensor([[1.0], [2], [-1]])).sum().backward()
                optimizer.step()
        state = net.state_dict().items()
        held[divide] = [[name, [round(v, 4) for v in t.reshape(-1).tolist()]] for name, t in state]
    return held


def ours():
    """Run the exchanges with autograd_lab, and those that gloo has not."""
    import autograd_lab as torch
    from autograd_lab import distributed as dist

    return {**exchanges(torch, dist), "uneven": uneven(torch, dist)}


def without_gloo():
    """Do the exchanges that PyTorch has for other backends only."""
    import autograd_lab as torch
    from autograd_lab import distributed as dist

    rank, size = dist.get_rank(), dist.get_world_size()
    held = {}
    x = torch.arange(4.0) + rank
    dist.all_reduce(x[::2])
    held["every second element"] = x.tolist()
    x = torch.zeros(size, 1)
    dist.all_gather_into_tensor(x, torch.tensor([float(rank)]))
    held["stacked"] = x.tolist()
    x = torch.tensor([1.0 + rank, 2.0])
    dist.all_reduce(x, op=dist.ReduceOp.AVG)
    held["mean"] = x.tolist()
    x = torch.zeros(2)
    dist.reduce_scatter(x, [torch.full((2,), float(i + rank)) for i in range(size)])
    held["reduce_scatter"] = x.tolist()
    x = torch.zeros(2)
    dist.reduce_scatter_tensor(x, torch.arange(2.0 * size) * (rank + 1))
    held["reduce_scatter_tensor"] = x.tolist()
    out = [torch.zeros(rank + 1) for _ in range(size)]
    dist.all_to_all(out, [torch.full((i + 1,), float(rank)) for i in range(size)])
    held["all_to_all"] = [part.tolist() for part in out]
    out = [torch.zeros(i) for i in range(size)]  # nothing comes from rank 0
    dist.all_to_all(out, [torch.full((rank,), float(rank)) for _ in range(size)])
    held["all_to_all, the first is empty"] = [part.tolist() for part in out]
    x = torch.tensor(0.0)
    dist.reduce_scatter(x, [torch.tensor(float(i + rank)) for i in range(size)])
    held["reduce_scatter of a number"] = x.tolist()
    parts = [torch.tensor(0.0) for _ in range(size)]
    dist.all_gather(parts, torch.tensor(float(rank)))
    held["all_gather of numbers"] = [part.tolist() for part in parts]
    return held


def with_gloo(rank, size, port, folder):
    """Run the exchanges with PyTorch, and write what it holds to a file."""
    import json
    from pathlib import Path

    import torch
    import torch.distributed as dist

    torch.set_num_threads(1)
    dist.init_process_group("gloo", f"tcp://127.0.0.1:{port}", rank=rank, world_size=size)
    held = {**exchanges(torch, dist), "uneven": uneven(torch, dist)}
    Path(folder, f"{rank}.json").write_text(json.dumps(held))
    dist.destroy_process_group()
