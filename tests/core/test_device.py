"""Devices: names, the sentence where there is no GPU, and (on a pretend one) what lives where."""

import copy
import pickle
import sys
import threading

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import cuda
from tests.core.oracle import both, refused
from tests.fake_cupy import no_sync
from tests.fake_cupy.fixture import pretend_gpu
from tests.fake_cupy.installing import forget

__all__ = ["pretend_gpu"]


# --- names


@both
def test_names(torch):
    made = [torch.device(*n) for n in [("cpu",), ("cuda",), ("cuda:1",), ("cuda", 2)]]
    return [(str(d), repr(d), d.type, d.index) for d in made], torch.device(made[2]) == made[2]


@both
def test_equality(torch):
    device = torch.device
    return (device("cpu") == device("cpu"), device("cuda") == device("cuda:0"),
            device("cpu") != device("cuda"), len({device("cuda:1"), device("cuda:1")}),
            torch.ones(1).device == device("cpu"), device("cpu") == "cpu")  # fmt: skip


@refused("device")
def test_a_wrong_name(torch):
    torch.device("gpu")


@refused("nvalid device string", ours="device string")
def test_a_wrong_number(torch):
    torch.device("cuda:x")


@both
def test_everything_on_the_cpu(torch):
    x = torch.ones(2, device="cpu", requires_grad=True)
    return (x.to("cpu") is x, x.cpu() is x, x.device, x.is_cuda, x.to(torch.device("cpu")) is x,
            torch.zeros(2, device=torch.device("cpu")),
            torch.tensor(1.0, device="cpu"))  # fmt: skip


# --- no GPU


@pytest.fixture
def no_gpu(monkeypatch):
    """Hide a real CuPy, if there is one."""
    monkeypatch.setitem(sys.modules, "cupy", None)
    forget()
    yield
    forget()


REQUESTS = {
    "to": lambda: torch.ones(2).to("cuda"), "cuda": lambda: torch.ones(2).cuda(),
    "made": lambda: torch.ones(2, device="cuda"),
    "tensor": lambda: torch.tensor([1.0], device="cuda:0"),
    "random": lambda: torch.rand(2, device="cuda"), "current": lambda: cuda.current_device(),
}  # fmt: skip


@pytest.mark.parametrize("request_", REQUESTS)
def test_without_a_gpu(no_gpu, request_):
    with pytest.raises(RuntimeError) as told:
        REQUESTS[request_]()
    text = str(told.value)
    assert text.startswith("Found no NVIDIA driver on your system.")
    assert 'pip install "cupy-cuda13x[ctk]>=14"' in text


def test_asking_costs_nothing(no_gpu):
    assert cuda.is_available() is False and cuda.device_count() == 0
    assert cuda.memory_allocated() == 0
    cuda.empty_cache()
    assert str("cuda" if cuda.is_available() else "cpu") == "cpu"


# --- a pretend GPU


@pytest.fixture
def gpu(pretend_gpu):
    """Give CuPy, and take the fast roads again afterwards."""
    from autograd_lab import roads

    before = roads.special
    yield pretend_gpu
    roads.special = before


def test_there_is_a_gpu(gpu):
    assert cuda.is_available() and cuda.device_count() == 2 and cuda.current_device() == 0
    assert isinstance(cuda.get_device_name(), str)
    cuda.synchronize()


def test_there_and_back(gpu):
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    for y in (x.to("cuda"), x.cuda(), x.to(torch.device("cuda:0")), x.to("cuda:0"), x.cuda(0),
              torch.tensor(x.tolist(), device="cuda"),
              x.to(torch.ones(1, device="cuda"))):  # fmt: skip
        assert y.device == torch.device("cuda:0") and y.is_cuda and type(y.array) is gpu.ndarray
        assert y.to("cuda") is y and y.cuda() is y
        back = y.cpu()
        assert back.device.type == "cpu" and back.tolist() == x.tolist() and not back.is_cuda
        assert y.to("cpu").tolist() == y.tolist() == x.tolist()


def test_dtype_and_device_at_once(gpu):
    y = torch.arange(3).to("cuda", torch.float64)
    assert y.dtype is torch.float64 and y.is_cuda
    z = torch.ones(2).to(y)
    assert z.dtype is torch.float64 and z.is_cuda


def test_creation(gpu):
    for make in (torch.zeros, torch.ones, torch.rand, torch.randn, torch.empty):
        assert make(2, 3, device="cuda").device == torch.device("cuda:0")
    assert torch.arange(3, device="cuda").tolist() == [0, 1, 2]
    assert torch.full((2,), 3.0, device="cuda").tolist() == [3.0, 3.0]
    x = torch.ones(2, device="cuda")
    for y in (torch.zeros_like(x), torch.rand_like(x), x.new_zeros(2), x * 2, x.clone()):
        assert y.device == x.device


def test_random_numbers_are_those_of_the_cpu(gpu):
    torch.manual_seed(0)
    a = torch.randn(5)
    torch.manual_seed(0)
    assert torch.randn(5, device="cuda").tolist() == a.tolist()


def test_operations_stay_on_the_gpu(gpu):
    x = torch.tensor([[0.5, 1.5], [2.5, 3.5]], device="cuda", requires_grad=True)
    with no_sync():
        y = ((x * 2 + 1).tanh() / x).exp()
        z = (y @ y.t()).sum(0)[0] + y.mean()
        z.backward()
    assert z.is_cuda and x.grad.is_cuda
    c = torch.tensor(x.tolist(), requires_grad=True)
    y = ((c * 2 + 1).tanh() / c).exp()
    ((y @ y.t()).sum(0)[0] + y.mean()).backward()
    np.testing.assert_allclose(x.grad.tolist(), c.grad.tolist(), rtol=1e-5)


def test_devices_do_not_mix(gpu):
    a, b = torch.ones(2), torch.ones(2, device="cuda")
    for work in (lambda: a + b, lambda: b * a, lambda: torch.cat([a, b]), lambda: b @ a):
        with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device"):
            work()
    with pytest.raises(RuntimeError, match=r"cuda:0 and cpu|cpu and cuda:0"):
        a + b


def test_a_0d_tensor_of_the_cpu_may_join(gpu):
    b, s = torch.ones(2, device="cuda"), torch.tensor(3.0, requires_grad=True)
    y = b * s + s
    assert y.is_cuda and y.tolist() == [6.0, 6.0]
    y.sum().backward()
    assert s.grad.item() == 4.0 and s.grad.device.type == "cpu"


def test_a_0d_tensor_of_the_gpu_may_not(gpu):
    with pytest.raises(RuntimeError, match="same device"):
        torch.ones(2) * torch.tensor(3.0, device="cuda")


def test_gradients_travel(gpu):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    w = torch.tensor([3.0, 4.0], device="cuda", requires_grad=True)
    h = (x * 2).to("cuda")
    loss = (h * w).cpu().sum()
    loss.backward()
    assert x.grad.tolist() == [6.0, 8.0] and x.grad.device.type == "cpu"
    assert w.grad.tolist() == [2.0, 4.0] and w.grad.is_cuda


def test_second_order(gpu):
    x = torch.tensor([1.0, 2.0], device="cuda", requires_grad=True)
    (g,) = torch.autograd.grad((x * x * x).sum(), x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x)
    assert g.is_cuda and h.tolist() == [6.0, 12.0]


def test_the_second_gpu(gpu):
    x = torch.tensor([1.0, 2.0], device="cuda:1", requires_grad=True)
    y = (x * 2).tanh().sum()
    y.backward()
    assert [t.device.index for t in (x, y, x.grad)] == [1, 1, 1]
    assert cuda.current_device() == 0
    z = x.to("cuda:0")
    assert z.device.index == 0
    (z * 3).sum().backward()
    assert x.grad.device.index == 1
    with pytest.raises(RuntimeError, match="same device"):
        x + torch.ones(2, device="cuda:0")
    with pytest.raises(RuntimeError, match="invalid device ordinal"):
        torch.ones(2, device="cuda:7")


def test_choosing_a_gpu(gpu):
    cuda.set_device(1)
    try:
        assert torch.ones(2, device="cuda").device.index == 1
        assert torch.ones(2, device="cuda:0").device.index == 0
    finally:
        cuda.set_device(0)


def test_writes_and_views(gpu):
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], device="cuda", requires_grad=True)
    y = x * 1
    y[0] *= 2
    y.t()[1].add_(10)
    y[:, 0] = 5.0
    (y * y).sum().backward()
    assert y.tolist() == [[5.0, 14.0], [5.0, 14.0]]
    assert x.grad.tolist() == [[0.0, 56.0], [0.0, 28.0]]


def test_versions(gpu):
    x = torch.ones(2, device="cuda", requires_grad=True)
    y = x * 1
    z = y * y
    y.add_(1)
    assert y._version == 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()


def test_accumulation(gpu):
    x = torch.ones(2, device="cuda", requires_grad=True)
    for _ in range(2):
        (x * 3).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    assert x.grad is first and first.tolist() == [9.0, 9.0]


def test_a_gradient_of_another_device(gpu):
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="device"):
        x.grad = torch.ones(2, device="cuda")


def test_numpy_is_refused(gpu):
    x = torch.ones(2, device="cuda")
    for work in (x.numpy, lambda: np.asarray(x)):
        with pytest.raises(TypeError, match=r"can't convert cuda:0 device type tensor to numpy"):
            work()
    assert x.cpu().numpy().tolist() == [1.0, 1.0]
    assert x.sum().item() == 2.0


def test_pickle_and_copies(gpu):
    x = torch.ones(2, device="cuda", requires_grad=True)
    y = copy.deepcopy(x)
    assert y.is_cuda and y.requires_grad and y.tolist() == [1.0, 1.0]
    z = pickle.loads(pickle.dumps(x))
    assert z.tolist() == [1.0, 1.0] and z.requires_grad and z.is_cuda


def test_functions_of_the_learner(gpu):
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x, x * 3

        @staticmethod
        def backward(ctx, g, h):
            (x,) = ctx.saved_tensors
            return g * 2 * x + h * 3

    x = torch.tensor([1.0, 2.0], device="cuda", requires_grad=True)
    a, _b = Double.apply(x)
    a.sum().backward()
    assert a.is_cuda and x.grad.tolist() == [2.0, 4.0]


def test_gradcheck(gpu):
    x = torch.tensor([0.5, 1.5], dtype=torch.float64, device="cuda", requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: (x * x).tanh(), (x,))


def test_printing(gpu):
    assert "device='cuda:0'" in repr(torch.ones(2, device="cuda"))


# --- with torch.device(...):


@both
def test_a_block_on_the_cpu(torch):
    cpu = torch.device("cpu")
    with cpu as place, cpu:
        made = torch.ones(2), torch.tensor(1.5), torch.get_default_device()
    return place is cpu, made, torch.get_default_device()


def test_a_block_on_a_gpu(gpu):
    with torch.device("cuda:1"):
        net = torch.nn.Linear(3, 2)
        made = [torch.ones(2), torch.tensor(1.5), torch.tensor([1]), torch.randn(2), net.weight,
                torch.as_tensor(np.ones(2)), torch.arange(3), torch.eye(2)]  # fmt: skip
        with torch.device("cpu"):
            assert torch.zeros(1).device.type == "cpu"
        assert torch.get_default_device() == torch.device("cuda:1")
    assert {str(x.device) for x in made} == {"cuda:1"}
    assert torch.zeros(1).device.type == "cpu" and torch.tensor(1.0).device.type == "cpu"


def test_a_block_ends_with_an_error(gpu):
    with pytest.raises(KeyError), torch.device("cuda"):
        raise KeyError
    with pytest.raises(RuntimeError, match="no meta device"), torch.device("meta"):
        pass
    assert torch.zeros(1).device.type == "cpu"


def test_a_block_is_of_one_thread(gpu):
    found = []
    with torch.device("cuda"):
        thread = threading.Thread(target=lambda: found.append(torch.zeros(1).device.type))
        thread.start()
        thread.join()
    assert found == ["cpu"]


# --- the second GPU, while the first one is the current one


WRITES = {
    "add_": lambda x: x.add_(1), "zero_": lambda x: x.zero_(), "fill_": lambda x: x.fill_(2),
    "row": lambda x: x.__setitem__(0, 5.0), "mask": lambda x: x.__setitem__(x > 1, 2.0),
    "list": lambda x: x.__setitem__([0, 1], x[:1] * 3), "relu_": lambda x: x.relu_(),
    "data": lambda x: x.data.sub_(x * 0.5), "copy_": lambda x: x.copy_(torch.ones(3, 3)),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
def test_writing_on_the_second_gpu(name, gpu):
    here = torch.arange(9.0).reshape(3, 3) - 2
    there = here.to("cuda:1")
    for x in (here, there):
        WRITES[name](x)
    assert str(there.device) == "cuda:1" and torch.equal(there.cpu(), here)
    assert torch.equal(there[[0, 2]], there[torch.tensor([0, 2], device="cuda:1")])


def test_a_model_on_the_second_gpu(gpu):
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.ReLU())
    net.to("cuda:1")
    net(torch.randn(5, 3, device="cuda:1")).sum().backward()
    assert str(net[0].weight.grad.device) == "cuda:1" and net[1].num_batches_tracked.item() == 1
