"""torch.cuda: questions have answers without a GPU, and true ones on a (pretend) GPU."""

import pytest

import autograd_lab as torch
from autograd_lab import cuda


def test_without_a_gpu():
    assert not cuda.is_available() and cuda.device_count() == 0 and not cuda.is_bf16_supported()
    numbers = [cuda.memory_allocated(), cuda.memory_reserved(), cuda.max_memory_allocated()]
    assert numbers == [0, 0, 0] and cuda.memory_stats()["allocated_bytes.all.current"] == 0
    cuda.empty_cache(), cuda.reset_peak_memory_stats(), cuda.ipc_collect()
    assert not torch.accelerator.is_available() and torch.accelerator.device_count() == 0
    assert torch.accelerator.current_accelerator() is None
    torch.accelerator.synchronize()
    with cuda.stream(None), cuda.device(None):
        pass


@pytest.mark.parametrize("ask", [
    cuda.synchronize, cuda.init, cuda.get_device_name, cuda.current_device, cuda.mem_get_info,
    lambda: cuda.set_device(0), lambda: cuda.FloatTensor(2), lambda: cuda.device(0),
    lambda: torch.ones(2).type(cuda.FloatTensor),
])  # fmt: skip
def test_what_needs_a_gpu_says_how_to_get_one(ask):
    with pytest.raises(RuntimeError, match=r"Found no NVIDIA driver.*pip install"):
        ask()


def test_seeds_are_those_of_the_processor():
    cuda.manual_seed_all(3)
    a = torch.rand(2)
    state = cuda.get_rng_state()
    b = torch.rand(2)
    cuda.set_rng_state(state)
    assert torch.equal(torch.rand(2), b)
    torch.manual_seed(3)
    assert torch.equal(torch.rand(2), a)


def test_events_measure_without_a_gpu():
    start, middle, end = (cuda.Event(enable_timing=True) for _ in range(3))
    for event in (start, middle, end):
        event.record()
    end.synchronize()
    whole = start.elapsed_time(end)
    assert whole == pytest.approx(start.elapsed_time(middle) + middle.elapsed_time(end))
    assert whole >= 0 and end.query()
    with pytest.raises(ValueError, match="enable_timing=True"):
        start.elapsed_time(cuda.Event())
    with pytest.raises(ValueError, match="must be recorded"):
        start.elapsed_time(cuda.Event(enable_timing=True))


def test_on_a_gpu(gpu):
    assert cuda.get_device_name(1) == cuda.get_device_properties("cuda:1").name
    assert cuda.get_device_capability() == (9, 0)
    assert cuda.get_device_properties().total_memory == 8 << 30
    assert cuda.is_initialized() and torch.accelerator.current_accelerator().type == "cuda"
    with cuda.device(1):
        assert cuda.current_device() == 1 and torch.ones(1, device="cuda").device.index == 1
    assert cuda.current_device() == 0
    with torch.accelerator.device_index(1):
        assert torch.accelerator.current_device_index() == 1


def test_memory_on_a_gpu(gpu):
    before = cuda.memory_allocated()
    x = torch.zeros(1000, 1000, device="cuda")
    held = cuda.memory_allocated()
    assert held - before >= 4_000_000 and cuda.max_memory_allocated() >= held
    other = torch.zeros(2000, device="cuda:1")
    assert 8000 <= cuda.memory_allocated(1) < held and cuda.memory_allocated(0) == held
    del x, other
    cuda.reset_peak_memory_stats()
    assert cuda.max_memory_allocated() < held and "held by tensors" in cuda.memory_summary()


def test_events_and_streams_on_a_gpu(gpu):
    start, end = cuda.Event(enable_timing=True), cuda.Event(enable_timing=True)
    side = cuda.Stream()
    with cuda.stream(side):
        assert gpu.cuda.get_current_stream() is side.queue
        start.record(side)
        y = torch.ones(3, device="cuda") * 2
        side.record_event(end)
    assert gpu.cuda.get_current_stream() is not side.queue
    cuda.current_stream().wait_stream(side)
    end.wait()
    end.synchronize()
    side.synchronize()
    assert start.elapsed_time(end) >= 0 and side.query() and end.query()
    assert y.tolist() == [2.0, 2.0, 2.0] and cuda.default_stream().query()


def test_old_types_on_a_gpu(gpu):
    x = cuda.FloatTensor([1.0, 2.0])
    assert x.is_cuda and x.dtype is torch.float32 and cuda.LongTensor(2, 3).shape == (2, 3)
    assert isinstance(x, cuda.FloatTensor) and not isinstance(x, cuda.LongTensor)
    assert not isinstance(torch.ones(1), cuda.FloatTensor) and not isinstance(3, cuda.FloatTensor)
    assert torch.ones(2).type(cuda.LongTensor).dtype is torch.int64
    assert repr(cuda.HalfTensor) == "torch.cuda.HalfTensor"


@pytest.mark.parametrize("name", ["cuda", "xpu", "mps"])
def test_seeding_gives_nothing_that_a_cell_would_show(name):
    device = getattr(torch, name)
    for seed in {device.manual_seed, getattr(device, "manual_seed_all", device.manual_seed)}:
        assert seed(3) is None and torch.initial_seed() == 3
    assert device.seed() is None and torch.initial_seed() != 3
