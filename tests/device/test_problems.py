"""No GPU, an old driver, a CuPy that does not fit, no memory: each sentence says what to do."""

import gc
import sys
import types
from pathlib import Path

import pytest

import autograd_lab as torch
from autograd_lab.cuda import problems, products
from tests import fake_cupy
from tests.fake_cupy import cublas, state
from tests.fake_cupy.devices import CUDARuntimeError
from tests.fake_cupy.installing import forget


@pytest.fixture
def machine(monkeypatch):
    """Make a machine: which CUDA its driver knows, and what importing or asking CuPy does."""

    def make(driver, count=None, importing=None):
        def find(name, *_):
            if name == "cupy" and importing is not None:
                raise importing
            return None

        runtime = types.SimpleNamespace(getDeviceCount=count, runtimeGetVersion=lambda: 13020)
        module = types.ModuleType("cupy")
        module.cuda = types.SimpleNamespace(runtime=runtime)
        monkeypatch.setattr(problems, "driver", lambda: driver)
        if importing is None:
            monkeypatch.setitem(sys.modules, "cupy", module)
        else:
            monkeypatch.delitem(sys.modules, "cupy", raising=False)
            finder = types.SimpleNamespace(find_spec=find)
            monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
        forget()

    yield make
    forget()


def fails(words):
    def count():
        raise CUDARuntimeError(words)

    return count


TOO_OLD = "cudaErrorInsufficientDriver: the driver version is insufficient for the runtime version"
MACHINES = {
    "no driver": (
        (None, fails(TOO_OLD)), ["Found no NVIDIA driver on your system.", 'keep device="cpu"']),
    "no driver, no CuPy": (
        (None, None, ModuleNotFoundError("No module named 'cupy'", name="cupy")),
        ["Found no NVIDIA driver", 'pip install "cupy-cuda13x[ctk]>=14"']),
    "no CuPy": (
        ((12, 4), None, ModuleNotFoundError("No module named 'cupy'", name="cupy")),
        ["CuPy is not installed (the driver knows CUDA 12.4)", "cupy-cuda12x", "restart"]),
    "an old driver": (
        ((12, 4), fails(TOO_OLD)),
        ["too old: the driver knows CUDA 12.4, and this CuPy was built for CUDA 13.2",
         "pip install cupy-cuda12x"]),
    "a CuPy for another CUDA": (
        ((12, 4), None, ImportError("libcudart.so.13: cannot open shared object file")),
        ["cannot load CUDA", "libcudart.so.13", 'pip install "cupy-cuda12x[ctk]>=14"']),
    "no GPU": (((13, 0), lambda: 0), ["No CUDA GPUs are available", "CUDA_VISIBLE_DEVICES"]),
    "a hidden GPU": (
        ((13, 0), fails("cudaErrorNoDevice: no CUDA-capable device is detected")),
        ["No CUDA GPUs are available", "nvidia-smi"]),
}  # fmt: skip


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_without_a_usable_gpu(machine, name):
    made, words = MACHINES[name]
    machine(*made)
    assert not torch.cuda.is_available()
    for ask in (lambda: torch.ones(2).to("cuda"), lambda: torch.zeros(2, device="cuda")):
        with pytest.raises(RuntimeError) as told:
            ask()
        assert all(each in str(told.value) for each in words)
    assert torch.ones(2).sum().item() == 2.0  # the processor goes on


def test_the_driver_of_this_machine():
    known = problems.driver()
    assert known is None or known >= (11, 0)


def test_a_second_gpu_that_is_not_there(gpu):
    for ask in (lambda: torch.ones(2, device="cuda:7"), lambda: torch.ones(2).to("cuda:2"),
                lambda: torch.cuda.set_device(5)):  # fmt: skip
        with pytest.raises(RuntimeError, match=r"invalid device ordinal: cuda:\d of 2 devices"):
            ask()


def test_tensors_in_two_places(gpu):
    here, there, other = [torch.ones(2, device=d) for d in ("cpu", "cuda", "cuda:1")]
    for a, b, names in ((here, there, "cuda:0 and cpu"), (there, other, "cuda:1 and cuda:0")):
        with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device, but "
                           f"found at least two devices, {names}!"):  # fmt: skip
            a + b
    net = torch.nn.Linear(2, 1).to("cuda")
    with pytest.raises(RuntimeError, match="on the same device"):
        net(here)
    assert (there + 1).tolist() == [2.0, 2.0]


# --- memory


SIDE = 500
FULL = 4 * SIDE * SIDE  # bytes of one matrix


@pytest.fixture
def small(gpu, monkeypatch):
    """One GPU, with room for four matrices and a half."""
    monkeypatch.setattr(state, "DEVICES", 1)
    gc.collect()
    pool = gpu.get_default_memory_pool()
    pool.set_limit(pool.used_bytes() + 9 * FULL // 2)
    return pool


def matrix(**settings):
    return torch.ones(SIDE, SIDE, device="cuda", **settings)


def too_deep():
    y = matrix(requires_grad=True)
    for _ in range(9):
        y = y * matrix()


def too_far_back():
    x = matrix(requires_grad=True)
    y = (x * x).exp()
    y.sum().backward()


def too_much_state():
    x = matrix(requires_grad=True)
    x.grad = matrix()
    torch.optim.Adam([x], amsgrad=True).step()


def too_long_a_step():
    x, y, z = matrix(requires_grad=True), matrix(), matrix()
    x.grad = y * z
    torch.optim.SGD([x]).step()


EATERS = {
    "forward": too_deep, "backward": too_far_back, "optimizer": too_much_state,
    "step": too_long_a_step,
    "made": lambda: torch.zeros(3 * SIDE, 3 * SIDE, device="cuda"),
    "moved": lambda: torch.ones(3 * SIDE, 3 * SIDE).to("cuda"),
}  # fmt: skip


@pytest.mark.parametrize("name", EATERS)
def test_memory_that_is_full_is_said_and_given_back(small, name):
    before = small.used_bytes()
    with pytest.raises(torch.cuda.OutOfMemoryError) as told:
        EATERS[name]()
    text = str(told.value)
    assert text.startswith("CUDA out of memory. Out of memory allocating")
    assert "smaller batches" in text and "8.00 GiB" in text
    del told
    gc.collect()
    assert small.used_bytes() == before
    assert (matrix() + matrix()).sum().item() == 2 * SIDE * SIDE  # the kernel goes on


def test_memory_that_is_full_while_a_step_is_captured(small, monkeypatch):
    monkeypatch.setattr(products, "load", cublas.Library)
    monkeypatch.setattr(products, "WORKSPACE", 512)
    before, graph = small.used_bytes(), torch.cuda.CUDAGraph()

    def capture():
        with torch.cuda.graph(graph):
            too_deep()

    with pytest.raises(torch.cuda.OutOfMemoryError, match="smaller batches"):
        capture()
    assert graph.pool() is None and not torch.cuda.is_current_stream_capturing()
    gc.collect()
    assert small.used_bytes() == before
    assert (matrix() + matrix()).sum().item() == 2 * SIDE * SIDE


def test_it_is_pytorchs_error():
    assert issubclass(torch.OutOfMemoryError, RuntimeError)
    assert torch.OutOfMemoryError is torch.cuda.OutOfMemoryError


@pytest.mark.parametrize("error", [
    RuntimeError("CuPy failed to load libcublas.so.13: OSError: no such file"),
    ImportError("libcublas.so.13: cannot open shared object file: No such file or directory"),
])  # fmt: skip
def test_a_library_that_is_missing_shows_at_the_first_product(gpu, monkeypatch, error):
    def missing(*args, **settings):
        raise error

    x = torch.ones(2, 2, 2, device="cuda")
    monkeypatch.setattr(gpu, "matmul", missing)
    with pytest.raises(RuntimeError, match=r"cannot load CUDA.*cupy-cuda13x\[ctk\]"):
        x @ x


def test_an_error_of_the_learner_stays_as_it_is(gpu):
    with pytest.raises(RuntimeError, match="must match the size"):
        torch.ones(2, device="cuda") + torch.ones(3, device="cuda")
    with pytest.raises(ZeroDivisionError), torch.device("cuda:0").active():
        1 / 0  # noqa: B018
    with pytest.raises(FileNotFoundError), torch.device("cuda:0").active():
        Path("/no/such/data.source").read_text()
    assert fake_cupy.get_default_memory_pool().limit == 0
