"""Which tensors are shared when they are passed to a process, and what they still are there."""

import multiprocessing
import pickle
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import multiprocessing as mp
from autograd_lab import nn
from autograd_lab.multiprocessing import sharing
from tests.core.oracle import both, refused
from tests.multiprocessing import functions

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no files to hand over")
FORK = mp.get_context("fork")
# PyTorch 2.13, measured: these tensors are copies; all others are shared, also a view's whole
# memory. What was moved with share_memory_() is shared in every way.
COPIED = {("fork", "arguments"), ("fork", "mp.spawn")}


def through(*tensors, library=mp):
    """Send tensors through a pipe, from this process to this process."""
    one, other = library.get_context("fork").Pipe()
    one.send(tensors)
    return other.recv()


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_what_pytorch_shares_is_shared(method):
    context = mp.get_context(method)
    ways = "arguments", "mp.spawn", "queue", "pipe", "pool"
    given = {way: (torch.zeros(2), torch.zeros(2).share_memory_(), torch.zeros(3)) for way in ways}
    passed = {way: [plain, moved, whole[1:]] for way, (plain, moved, whole) in given.items()}
    queue, (here, there) = context.Queue(), context.Pipe()
    process = context.Process(target=functions.write_all, args=(passed["arguments"], queue, there))
    process.start()
    queue.put(passed["queue"])
    here.send(passed["pipe"])
    assert here.recv() == "done"
    process.join(60)
    mp.start_processes(functions.write_with_number, (passed["mp.spawn"],), 1, start_method=method)
    with context.Pool(1) as pool:
        pool.map(functions.write, [passed["pool"]])
    for way, found in given.items():
        plain, moved, whole = [x.tolist() for x in found]
        hope = 0 if (method, way) in COPIED else 7
        assert (way, plain, moved, whole) == (way, [hope, 0], [7, 0], [0, hope, 0])


def test_a_function_of_a_cell_is_forked_and_given_what_is_shared():
    code = (
        "import autograd_lab as torch, autograd_lab.multiprocessing as mp\n"
        "def train(rank, t, model):\n"
        "    t[rank] = rank + 1\n"
        "    with torch.no_grad(): model.weight.fill_(5)\n"
        "t, model = torch.zeros(4), torch.nn.Linear(1, 1)\n"
        "mp.spawn(train, (t, model), nprocs=2)\n"
        "print(t.tolist(), model.weight.item())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert (done.stdout, done.stderr) == ("[1.0, 2.0, 0.0, 0.0] 5.0\n", "")


@both
def test_a_parameter_stays_one(torch):
    p = torch.nn.Parameter(torch.ones(2))
    p.grad = torch.ones(2)
    (q,) = through(p, library=torch.multiprocessing)
    with torch.no_grad():
        q.fill_(3)
    return p, type(q).__name__, q.requires_grad, q.grad, p.is_shared(), p.grad.is_shared()


@both
def test_views_of_one_memory_stay_views_of_one_memory(torch):
    x = torch.arange(6.0)
    v, m = x[1:4], x.view(2, 3).t()
    a, b, c = through(x, v, m, library=torch.multiprocessing)
    (d,) = through(x, library=torch.multiprocessing)
    a[2], d[5] = 9, 10
    return x, v, m, a, b, c, d, b.data_ptr() - a.data_ptr(), c.stride(), v._base is x, \
        d.data_ptr() == a.data_ptr() == x.data_ptr()


@pytest.mark.parametrize("dtype", ["bool", "int8", "complex64", "float16"])
@both
def test_unusual_tensors(torch, dtype):
    x, empty, number = torch.ones(2), torch.zeros(0, 3), torch.tensor(3.0)
    send = torch.multiprocessing
    made = through(x.to(getattr(torch, dtype)), empty, number, x[:1].expand(4), library=send)
    return *made, [t.is_shared() for t in (x, empty, number, *made)]


@both
def test_those_on_the_same_memory_move_along(torch):
    x = torch.arange(4.0)
    same, view = x.detach(), x[1:]
    view.share_memory_()
    x[1] = 8
    return x.is_shared(), same, same.is_shared(), view, x.clone().is_shared()


@both
def test_a_model_moves_with_its_gradients(torch):
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    model[0].bias = model[1].bias  # two names of one parameter
    loss = model(torch.ones(3, 2)).sum()  # its graph holds what it needs of the parameters
    loss.backward(retain_graph=True)
    model.share_memory()
    (twin,) = through(model, library=torch.multiprocessing)
    twin[1].running_mean.fill_(4)
    twin[0].weight.data.fill_(5)
    shared = [t.is_shared() for t in (*model.state_dict().values(), model[0].weight.grad)]
    return shared, model[1].running_mean, model[0].weight, twin[0].bias is twin[1].bias, \
        list(twin.state_dict())


@refused(
    "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not "
    "support crossing process boundaries.  If you just want to transfer the data, call detach() on "
    "the tensor before serializing (e.g., putting it on the queue)."
)
def test_results_that_need_their_graph_are_refused(torch):
    through(torch.ones(2, requires_grad=True) * 2, library=torch.multiprocessing)


@both
def test_gradients_of_views_are_right_after_the_move(torch):
    leaf = torch.ones(4, requires_grad=True)
    x = leaf * 3
    view = x[1:3]
    x.share_memory_()
    view.mul_(2)
    x.sum().backward()
    return leaf.grad, x.is_shared(), view.is_shared()


def test_a_write_to_what_was_received_is_noticed():
    x = torch.arange(4.0)
    whole, view = through(x, x[1:])
    loss = (torch.ones(3, requires_grad=True) * view).sum()
    whole.add_(1)  # PyTorch does not notice: its copies of ``x`` and ``x[1:]`` count for themselves
    with pytest.raises(RuntimeError, match="has been modified by an inplace operation"):
        loss.backward()


def test_a_subclass_made_later():
    class Named(torch.Tensor):
        pass

    try:
        x = Named([1.0, 2.0])
        sharing.share([x])
        assert sharing._reduce(x)[1][0] is Named and x.is_shared()
        assert Named in multiprocessing.reduction.ForkingPickler._extra_reducers
    finally:
        multiprocessing.reduction.ForkingPickler._extra_reducers.pop(Named, None)


class Measured(torch.Tensor):
    """A tensor with a unit, which knows how it is pickled."""

    def __reduce__(self):
        return measured, (self.tolist(), self.unit)


def measured(numbers, unit):
    made = Measured(numbers)
    made.unit = unit
    return made


def test_a_subclass_that_is_pickled_in_its_own_way_is_sent_so():
    (x,) = through(measured([1.0, 2.0], "m"))
    assert type(x) is Measured and x.unit == "m" and x.tolist() == [1, 2]


def test_all_tensors_are_looked_through_only_where_others_may_lie_on_the_same_memory(monkeypatch):
    looked, look = [], sharing._families
    monkeypatch.setattr(sharing, "_families", lambda: looked.append(1) or look())
    whole, base = torch.zeros(3), torch.zeros(3)
    view = base[1:]
    sharing.share([whole, torch.arange(6.0)[1:4], torch.arange(6.0).view(2, 3).t(), view])
    sharing.share([whole, whole[1:], base])  # they are shared already
    through(whole, whole[1:])
    assert looked == [] and base.is_shared() and view.is_shared()
    for number, make in enumerate([others_of_the_whole, others_of_a_view, others_of_both], 1):
        family = make(torch.zeros(3))
        family[0].share_memory_()
        assert len(looked) == number and all(t.is_shared() for t in family)


def others_of_the_whole(x):
    return x[1:], x, x[:2]


def others_of_a_view(x):
    view = x[1:]
    return view, x, view.detach()


def others_of_both(x):
    return x, x[1:], x.detach()


def test_the_memory_of_a_shared_tensor_can_be_looked_at():
    x = torch.zeros(3).share_memory_()
    assert x.untyped_storage().nbytes() == 12 and x[1:].storage_offset() == 1


def test_numpy_keeps_what_it_has():
    x = torch.zeros(2)
    array = x.numpy()
    x.share_memory_().add_(1)
    assert x.tolist() == [1, 1] and array.tolist() == [0, 0]
    y = torch.from_numpy(np.frombuffer(bytearray(8), np.float32))
    assert y.share_memory_().is_shared() and y.tolist() == [0, 0]


@pytest.mark.parametrize("size", [4, 100_000])
@pytest.mark.parametrize("way", ["queue", "pipe"])
def test_a_process_may_end_before_its_tensor_is_taken(way, size):
    queue, (here, there) = FORK.Queue(), FORK.Pipe()
    send, receive = (queue.put, queue.get) if way == "queue" else (there.send, here.recv)
    process = FORK.Process(target=functions.send_ones, args=(send, size), daemon=True)
    process.start()
    process.join(60 if size == 4 else 0.5)
    assert process.is_alive() is (size > 4)  # it waits, as for a queue's pipe that is full
    assert receive().sum() == size
    process.join(60)
    assert process.exitcode == 0


def test_a_sender_that_was_killed():
    here, there = FORK.Pipe()
    process = FORK.Process(target=functions.send_ones_and_die, args=(there,))
    process.start()
    process.join(60)
    with pytest.raises(RuntimeError, match="the process that sent this tensor has ended"):
        here.recv()


def test_a_process_that_waits_in_vain_says_so_and_ends(monkeypatch, capfd):
    monkeypatch.setattr(sharing, "PATIENCE", 0.1)
    monkeypatch.setattr(sharing, "LONGEST", 0.5)
    _here, there = FORK.Pipe()
    process = FORK.Process(target=functions.send_ones, args=(there.send, 100_000), daemon=True)
    process.start()
    process.join(20)
    assert process.exitcode == 0
    assert capfd.readouterr().err.splitlines() == [
        "torch.multiprocessing: this process waits until a tensor that it has sent is taken: "
        "call get() before join()",
        "torch.multiprocessing: this process ends: for 0.5 seconds nobody has taken a tensor that "
        "it has sent",
    ]


def test_a_process_waits_on_while_its_tensors_are_taken_one_by_one(monkeypatch):
    untaken, slept = dict.fromkeys(range(3)), []

    def sleep(_):
        slept.append(1)
        if len(slept) % 50 == 0:  # each is taken within the minute, all within three
            untaken.popitem()

    clock = SimpleNamespace(monotonic=lambda: len(slept), sleep=sleep)
    monkeypatch.setattr(sharing, "time", clock)
    monkeypatch.setattr(sharing, "parent_process", multiprocessing.current_process)
    monkeypatch.setattr(sharing, "_untaken", untaken)
    assert sharing._are_taken(60, []) and not untaken


def test_a_queue_that_is_not_to_be_joined_holds_no_process_up(monkeypatch):
    monkeypatch.setattr(sharing, "PATIENCE", 1000)
    queue = FORK.Queue()
    process = FORK.Process(target=send_too_much, args=(queue,), daemon=True)
    process.start()
    process.join(20)
    assert process.exitcode == 0


def send_too_much(queue):
    queue.put(torch.ones(100_000))
    queue.put(bytes(1 << 20))  # more than the pipe takes: its thread is stuck
    queue.cancel_join_thread()
    while queue.empty():
        time.sleep(0.01)


def test_a_process_hands_over_what_it_was_asked_for_before_it_ends(monkeypatch):
    hand_over = multiprocessing.reduction.send_handle

    def slowly(*args):
        time.sleep(0.3)
        hand_over(*args)

    monkeypatch.setattr(multiprocessing.reduction, "send_handle", slowly)
    here, there = FORK.Pipe()
    process = FORK.Process(target=functions.send_ones, args=(there.send, 100_000), daemon=True)
    process.start()
    assert here.recv().sum() == 100_000
    process.join(60)
    assert process.exitcode == 0


def test_files_are_given_back_and_their_limit_is_raised():
    import resource

    files = Path("/proc/self/fd" if sys.platform == "linux" else "/dev/fd")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = len(list(files.iterdir()))
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
        many = [torch.zeros(2).share_memory_() for _ in range(200)]
        assert len(list(files.iterdir())) > 256
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    del many
    assert len(list(files.iterdir())) <= before + 9  # 400 were open; others may come and go


def test_what_a_forked_process_is_given():
    model, deep, own = nn.Linear(1, 1), torch.zeros(2), torch.zeros(2)
    lock, lazy = threading.Lock(), nn.LazyLinear(2)
    sharing.share_within((lambda: own, lock, lazy, {"a": [model, (deep[1:], np.ones(2))]}))
    assert model.weight.is_shared() and deep.is_shared() and not own.is_shared()
    with pytest.raises(RuntimeError, match="Cowardly refusing"):
        sharing.share_within([torch.ones(1, requires_grad=True).exp()])


def test_a_widget_does_not_carry_the_notebook_along():
    traitlets = pytest.importorskip("traitlets")

    class Page(traitlets.HasTraits):
        kernel = traitlets.Any()

    x = torch.zeros(2)
    sharing.share_within([Page(kernel=[x])])
    assert not x.is_shared()


def test_pickle_alone_still_copies():
    x = torch.zeros(2).share_memory_()
    y = pickle.loads(pickle.dumps(x))
    y += 1
    assert x.tolist() == [0, 0] and not y.is_shared()
