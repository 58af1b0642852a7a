"""Worker processes of a DataLoader: order, seeds, errors, and that none is left behind."""

import collections
import gc
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import notice
from autograd_lab.processor import THREADS
from autograd_lab.utils.data import DataLoader, Dataset, IterableDataset, get_worker_info
from tests.data.datasets import Squares, Stream

pytestmark = [
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),  # a small machine
    pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork"),
]


class Items(Dataset):
    """A data set of one function."""

    def __init__(self, item, count=8):
        self.item, self.count = item, count

    def __len__(self):
        return self.count

    def __getitem__(self, i):
        return self.item(i)


@pytest.fixture(autouse=True)
def nobody_is_left():
    """No test leaves a process or a piece of shared memory behind."""
    before = shared_memory()
    yield
    if multiprocessing.active_children():
        gc.collect()
    assert not multiprocessing.active_children()
    assert shared_memory() == before


def shared_memory():
    return set(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else set()


def test_a_worker_computes_with_one_thread_and_says_nothing(monkeypatch, capfd):
    """Even where NumPy's BLAS cannot be told: nobody asked for it in this program."""
    for name, value in {"count": 2, "tells_blas": False, "set_blas": None}.items():
        monkeypatch.setattr(THREADS, name, value)
    monkeypatch.setattr(notice, "_said", set())
    loader = DataLoader(Items(lambda i: torch.get_num_threads()), batch_size=8, num_workers=1)
    assert [batch.tolist() for batch in loader] == [[1] * 8]
    assert torch.get_num_threads() == 2
    assert capfd.readouterr().err == ""


def plain(batches):
    return [[part.tolist() for part in batch] for batch in batches]


# --- the same batches, in the same order


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("batch_size", [None, 1, 3, 20])
def test_batches_are_those_without_workers(workers, batch_size):
    def loaded(workers):
        loader = DataLoader(Squares(), batch_size, num_workers=workers)
        return [tuple(map(str, batch)) for batch in loader]

    assert loaded(workers) == loaded(0)


def test_shuffling_does_not_depend_on_workers():
    def story(workers):
        torch.manual_seed(3)
        loader = DataLoader(range(30), 4, shuffle=True, num_workers=workers)
        return [[b.tolist() for b in loader] for _ in range(2)], torch.rand(1).item()

    assert story(2) == story(0)


@pytest.mark.parametrize("in_order", [True, False])
def test_order_is_kept_whoever_is_slow(in_order):
    """Example 0 is ready only when somebody has example 1."""
    done = multiprocessing.get_context("fork").Event()

    def slow(i):
        if i == 0:
            assert done.wait(60)
        if i == 1 and in_order:
            done.set()
        return i

    batches = iter(DataLoader(Items(slow), 1, num_workers=2, in_order=in_order))
    found = [next(batches).item()]
    done.set()
    found += [batch.item() for batch in batches]
    assert (found == list(range(8))) == in_order and sorted(found) == list(range(8))


@pytest.mark.parametrize("width", [5, 500])
def test_kinds_of_batches_travel(width):
    """Small batches go through the pipe, large ones through a file in memory."""

    def example(i):
        return {
            "image": torch.full((40, width), float(i)), "label": i, "name": f"nr {i}", "raw": b"x",
            "half": np.float16(i), "turned": torch.arange(6.0).reshape(2, 3).t() + i,
            "nothing": torch.zeros(0), "pair": (i, [True, 2.5]),
        }  # fmt: skip

    direct = list(DataLoader(Items(example), 4))
    for there, here in zip(DataLoader(Items(example), 4, num_workers=2), direct):
        assert there.keys() == here.keys()
        assert torch.equal(there["image"], here["image"]) and there["name"] == here["name"]
        assert str(there) == str(here)
        assert width == 5 or there["turned"].data_ptr() % 64 == 0
        there["image"] += 1  # a batch is the learner's own
    many = DataLoader(Items(lambda i: torch.full((3, 100, 100), i)), 4, num_workers=1)
    kept = list(many)
    del many
    assert [b[:, 0, 0, 0].tolist() for b in kept] == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_neither_long_orders_nor_long_answers_block():
    """Both are larger than what a pipe holds: whoever waits for the other waits for ever."""
    loader = DataLoader(Items(lambda i: "a" * 200, 40_000), 20_000, num_workers=1, timeout=60)
    assert [len(batch) for batch in loader] == [20_000, 20_000]


def test_two_loaders_at_once():
    loader = DataLoader(Squares(), 5, num_workers=1)
    pairs = [(a.tolist(), b.tolist()) for a, _ in loader for b, _ in loader]
    assert len(pairs) == 4


def test_length_and_iteration():
    batches = iter(DataLoader(Squares(), 4, num_workers=1))
    assert len(batches) == 3 and iter(batches) is batches
    assert len(list(batches)) == 3
    assert list(batches) == []


def test_batches_of_several_at_once():
    class Many(Squares):
        def __getitems__(self, indices):
            return [sum(indices)]

    batches = DataLoader(Many(), 5, num_workers=2, collate_fn=list)
    assert list(batches) == [[10], [35]]


# --- streams


def test_a_stream_is_shared_out():
    loader = DataLoader(Stream([5, 2, 4]), 2, num_workers=3)
    found = [b.tolist() for b in loader]
    assert found == [[0, 1], [100, 101], [200, 201], [2, 3], [202, 203], [4]]
    found = [b.tolist() for b in DataLoader(Stream([5, 2, 4]), 2, num_workers=3, drop_last=True)]
    assert [4] not in found and len(found) == 5


def test_a_stream_without_batches():
    loader = DataLoader(Stream([2, 1]), None, num_workers=2, persistent_workers=True)
    for _ in range(2):
        assert list(loader) == [0, 100, 1]


# --- workers know about themselves


def test_workers_know_who_they_are():
    def about(i):
        me = get_worker_info()
        return me.id, me.num_workers, me.seed, os.getpid(), type(me.dataset).__name__

    torch.manual_seed(1)
    seen = list(DataLoader(Items(about), None, num_workers=2))
    assert [me[0] for me in seen] == [0, 1] * 4
    assert {me[1] for me in seen} == {2} and {me[4] for me in seen} == {"Items"}
    assert seen[1][2] == seen[0][2] + 1
    assert len({me[3] for me in seen}) == 2 and os.getpid() not in {me[3] for me in seen}
    assert get_worker_info() is None


def noise(i):
    return random.random(), np.random.rand(), torch.rand(1).item()


def test_chance_in_workers_can_be_repeated():
    def epochs(generator=None, persistent=False):
        loader = DataLoader(Items(noise), None, num_workers=2, generator=generator,
                            persistent_workers=persistent)  # fmt: skip
        return [list(loader) for _ in range(2)]

    torch.manual_seed(7)
    first = epochs()
    torch.manual_seed(7)
    assert epochs() == first
    drawn = [number for epoch in first for example in epoch for number in example]
    assert len(set(drawn)) == len(drawn)  # other workers, other epochs: other numbers
    torch.manual_seed(8)
    assert epochs() != first
    assert epochs(torch.Generator().manual_seed(1)) == epochs(torch.Generator().manual_seed(1))
    torch.manual_seed(7)
    kept = epochs(persistent=True)
    assert kept[0] == first[0] and kept[1] != kept[0]


def test_a_function_of_one_s_own_begins_each_worker():
    class Counted(IterableDataset):
        start = 0

        def __iter__(self):
            return iter(range(self.start, self.start + 2))

    def begin(number):
        get_worker_info().dataset.start = 10 * (number + 1)

    data = Counted()
    loader = DataLoader(data, None, num_workers=2, worker_init_fn=begin, persistent_workers=True)
    for _ in range(2):
        assert list(loader) == [10, 20, 11, 21]
    assert data.start == 0


# --- processes that stay, and that do not


def pids(loader):
    return {pid for batch in loader for pid in batch.tolist()}


def test_persistent_workers_stay():
    data = Items(lambda i: os.getpid())
    stays = DataLoader(data, 1, num_workers=2, persistent_workers=True)
    first = pids(stays)
    next(iter(stays))  # an epoch that is broken off
    assert pids(stays) == first and len(first) == 2
    assert len(list(stays)) == 8
    assert len(multiprocessing.active_children()) == 2
    goes = DataLoader(data, 1, num_workers=2)
    assert pids(goes).isdisjoint(pids(goes))


def test_breaking_off_ends_the_workers():
    for _ in DataLoader(Squares(), 1, num_workers=2):
        break
    gc.collect()
    assert not multiprocessing.active_children()


def test_a_slow_worker_is_ended_too(monkeypatch):
    from autograd_lab.utils.data import crew

    monkeypatch.setattr(crew, "PATIENCE", 0.2)
    batches = iter(DataLoader(Items(lambda i: time.sleep(100 * i)), 1, num_workers=1,
                              collate_fn=list))  # fmt: skip
    next(batches)
    del batches
    gc.collect()
    assert not multiprocessing.active_children()


# --- errors


class Odd(Exception):
    """An error that wants two arguments."""

    def __init__(self, a, b):
        super().__init__(a, b)


def failing(error):
    def item(i):
        if i == 5:
            raise error()
        return i

    return Items(item)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: ValueError("seven"), ValueError),
        (lambda: KeyError("seven"), KeyError),
        (lambda: Odd("seven", 1), RuntimeError),
        (lambda: type("Local", (Exception,), {})("seven"), RuntimeError),
        (lambda: StopIteration("seven"), RuntimeError),  # PyTorch's loop ends without a word
    ],
)
def test_an_error_comes_with_the_worker_s_traceback(make, kind):
    batches = iter(DataLoader(failing(make), 1, num_workers=2))
    assert [next(batches).item() for _ in range(5)] == list(range(5))
    with pytest.raises(kind) as said:
        next(batches)
    text = str(said.value)
    name = type(make()).__name__
    assert text.startswith(f"Caught {name} in DataLoader worker process 1.\nOriginal Traceback")
    assert "raise error()" in text and "seven" in text
    assert not multiprocessing.active_children()


def test_an_error_when_a_worker_begins():
    def begin(number):
        raise ValueError("no file")

    with pytest.raises(ValueError, match="Caught ValueError in DataLoader worker process 0"):
        list(DataLoader(Squares(), num_workers=2, worker_init_fn=begin))


def test_a_batch_that_cannot_travel():
    loader = DataLoader(Items(lambda i: lambda: i), 1, num_workers=1, collate_fn=list)
    with pytest.raises(Exception, match="in DataLoader worker process 0") as said:
        list(loader)
    assert "pickle" in str(said.value)


@pytest.mark.parametrize(
    ("end", "how"),
    [
        (lambda i: os._exit(3), "exit code 3"),
        (lambda i: os.kill(os.getpid(), signal.SIGKILL), "killed by signal 9"),
    ],
)
def test_a_worker_that_dies_is_noticed(end, how):
    with pytest.raises(RuntimeError, match=r"DataLoader worker \(pid\(s\) \d+\) exited unexp") as s:
        list(DataLoader(Items(end), 1, num_workers=2))
    assert how in str(s.value)


def test_after_an_error_the_next_epoch_begins_anew():
    loader = DataLoader(failing(lambda: ValueError("x")), 1, num_workers=2, persistent_workers=True)
    for _ in range(2):
        with pytest.raises(ValueError, match="Caught"):
            list(loader)


@pytest.mark.parametrize("in_order", [True, False])
def test_time_runs_out(in_order, monkeypatch):
    from autograd_lab.utils.data import crew

    monkeypatch.setattr(crew, "PATIENCE", 0.1)
    slow = Items(lambda i: time.sleep(100))
    loader = DataLoader(slow, num_workers=1, timeout=0.3, in_order=in_order)
    with pytest.raises(RuntimeError, match=r"DataLoader timed out after 0\.3 seconds"):
        next(iter(loader))


# --- ways to make processes


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_workers_that_are_not_forked(method):
    loader = DataLoader(Squares(), 5, num_workers=1, multiprocessing_context=method)
    assert plain(loader) == plain(DataLoader(Squares(), 5))
    assert loader.multiprocessing_context.get_start_method() == method


def test_a_sampler_that_fails_leaves_no_worker():
    def places():
        yield 0
        raise ValueError("no more places")

    with pytest.raises(ValueError, match="no more places"):
        iter(DataLoader(Squares(), 1, sampler=places(), num_workers=2))
    assert not multiprocessing.active_children()


def test_a_worker_without_work_begins_all_the_same():
    """In the first epoch only one of the two is asked for anything."""
    told = multiprocessing.get_context("fork").SimpleQueue()
    places = [0]
    loader = DataLoader(Squares(), 1, sampler=places, num_workers=2, persistent_workers=True,
                        worker_init_fn=told.put, prefetch_factor=0)  # fmt: skip
    assert len(list(loader)) == 1
    places += [1, 2]
    assert len(list(loader)) == 3
    assert sorted([told.get(), told.get()]) == [0, 1] and told.empty()
    told.close()


def test_what_cannot_be_spawned_says_why():
    loader = DataLoader(Items(lambda i: i), num_workers=1, multiprocessing_context="spawn")
    with pytest.raises(RuntimeError, match="must be picklable") as said:
        iter(loader)
    assert "num_workers=0" in str(said.value)


CELL = """
import autograd_lab as torch
class InACell(torch.utils.data.Dataset):
    def __len__(self):
        return 4
    def __getitem__(self, i):
        return i * i
"""


def run(code, **settings):
    return subprocess.run(
        [sys.executable, "-c", CELL + code], capture_output=True, text=True, timeout=100, **settings
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere forking is not safe")
def test_classes_of_a_notebook_work_by_fork():
    done = run("print([b.tolist() for b in torch.utils.data.DataLoader(InACell(), 2, "
               "num_workers=2)])")  # fmt: skip
    assert done.stdout.strip() == "[[0, 1], [4, 9]]" and not done.stderr


def test_classes_of_a_notebook_cannot_be_spawned():
    done = run("list(torch.utils.data.DataLoader(InACell(), 2, num_workers=1, "
               "multiprocessing_context='spawn'))")  # fmt: skip
    assert "exited unexpectedly" in done.stderr and "notebook's cell" in done.stderr


# --- when this process is stopped

ENDLESS = """
import os, sys, time
class Slow(InACell):
    def __len__(self):
        return 10_000
    def __getitem__(self, i):
        if i < 4:
            os.write(1, b"worker %d\\n" % os.getpid())  # in one piece
        time.sleep(0.02)
        return i
for batch in torch.utils.data.DataLoader(Slow(), 2, num_workers=2):
    pass
"""


@pytest.fixture
def endless():
    """A program that loads for ever, in a process group of its own; and its workers."""
    program = subprocess.Popen(
        [sys.executable, "-c", CELL + ENDLESS], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip
    assert program.stdout is not None
    workers = set()
    while len(workers) < 2:
        workers.add(int(program.stdout.readline().split()[1]))
    yield program, workers
    program.kill()
    program.communicate()


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_for(what, seconds=30):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_an_interrupt_ends_everything_quietly(endless):
    program, workers = endless
    os.killpg(program.pid, signal.SIGINT)  # as Ctrl-C does, and Jupyter's square
    _, said = program.communicate(timeout=60)
    assert said.rstrip().endswith("KeyboardInterrupt") and said.count("Traceback") == 1
    wait_for(lambda: all(map(gone, workers)))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_do_not_outlive_a_killed_program(endless):
    program, workers = endless
    program.kill()
    wait_for(lambda: all(map(gone, workers)))


def test_multiprocessing_is_loaded_by_those_who_use_workers():
    done = run("list(torch.utils.data.DataLoader(InACell(), 2)); import sys; "
               "print('multiprocessing' in sys.modules)")  # fmt: skip
    assert done.stdout.strip() == "False"


def test_counts_of_files_stay():
    """Every mapped batch is given back."""
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("looks into /proc")
    loader = DataLoader(Items(lambda i: torch.zeros(20_000)), 2, num_workers=2)
    list(loader)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        collections.deque(loader, maxlen=0)
    assert len(os.listdir("/proc/self/fd")) == before
