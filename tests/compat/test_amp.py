"""Mixed precision: programs that ask for it run, and get full precision."""

import pytest

import autograd_lab as torch
from autograd_lab.amp import GradScaler, autocast, custom_bwd, custom_fwd
from tests.core.oracle import both, oracle, refused


@pytest.mark.parametrize("block", [
    lambda: torch.autocast("cuda"), lambda: torch.autocast(device_type="cpu", dtype=torch.float16),
    lambda: autocast("cuda", torch.bfloat16), lambda: torch.cuda.amp.autocast(),
    lambda: torch.cuda.amp.autocast(True, torch.float16),
])  # fmt: skip
def test_nothing_is_cast_and_that_is_said_once(block):
    x = torch.ones(2, 2)
    with pytest.warns(UserWarning, match="autograd_lab casts nothing"), block():
        assert (x @ x).dtype is torch.float32 and not torch.is_autocast_enabled()
    with block(), block():  # a second warning would be an error here
        pass


def test_switched_off_it_is_silent():
    with torch.autocast("cuda", enabled=False), torch.cuda.amp.autocast(enabled=False):
        pass


def test_as_a_decorator():
    @torch.autocast("cpu", enabled=False)
    def double(x, times=2):
        """Say what it does."""
        return times * x

    assert double(3, times=4) == 12 and double.__doc__ == "Say what it does."


@refused("Expected one of cpu, cuda")
def test_a_device_that_does_not_exist(torch):
    torch.autocast("gpu")


@refused("missing 1 required positional argument: 'device_type'")
def test_a_device_that_is_not_told(torch):
    torch.autocast()


@refused("Expected `device_type` of type `str`")
def test_a_device_that_is_no_name(torch):
    torch.autocast(torch.device("cpu"))


def test_in_a_function_of_ones_own():
    class Double(torch.autograd.Function):
        @staticmethod
        @custom_fwd(device_type="cuda", cast_inputs=torch.float32)
        def forward(ctx, x):
            return x * 2

        @staticmethod
        @custom_bwd
        def backward(ctx, g):
            return g * 2

    x = torch.ones(1, requires_grad=True)
    Double.apply(x).backward()
    assert x.grad.tolist() == [2.0]


# --- bfloat16


def test_bfloat16_is_a_name_for_float32_and_says_so():
    assert isinstance(torch.bfloat16, torch.dtype) and torch.bfloat16.is_floating_point
    assert repr(torch.bfloat16) == "torch.bfloat16" and torch.bfloat16.itemsize == 2
    assert {"bfloat16": torch.bfloat16}["bfloat16"] is not torch.float32
    x = torch.ones(2)
    with pytest.warns(UserWarning, match="bfloat16: NumPy has no such numbers.*float32"):
        y = x.to(torch.bfloat16)
    assert y.dtype is torch.float32
    made = [torch.zeros(2, dtype=torch.bfloat16), torch.tensor([1], dtype=torch.bfloat16),
            torch.nn.Linear(2, 1).to(torch.bfloat16).weight,
            torch.nn.Linear(2, 1, dtype=torch.bfloat16).weight]  # fmt: skip
    assert {t.dtype for t in made} == {torch.float32}


def test_bfloat16_is_one_object_after_a_copy():
    import copy
    import pickle

    assert copy.deepcopy({"dtype": torch.bfloat16})["dtype"] is torch.bfloat16
    assert pickle.loads(pickle.dumps(torch.bfloat16)) is torch.bfloat16


# --- GradScaler


def train(torch, scaler, gradients, growth_interval=2):
    """Run steps whose gradients are given; tell the weight, the scale and the answers of step."""
    w = torch.tensor([1.0], requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
    told = []
    for g in gradients:
        optimizer.zero_grad()
        scaler.scale((w * g).sum()).backward()
        answer = scaler.step(optimizer)
        scaler.update()
        told.append((w.item(), scaler.get_scale(), answer is None))
    return told, scaler.state_dict()


@both
def test_scales_skips_and_grows(torch):
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=2)
    return train(torch, scaler, [1.0, 2.0, float("inf"), 3.0, float("nan"), 4.0, 5.0, 6.0])


@both
def test_clipping_after_unscale(torch):
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=1.0)
    scaler = torch.amp.GradScaler("cpu")
    scaler.scale((w * w).sum()).backward()
    scaler.unscale_(optimizer)
    torch.nn.utils.clip_grad_norm_([w], 1.0)
    scaler.step(optimizer)
    scaler.update()
    return w, w.grad


@both
def test_several_losses_and_a_saved_state(torch):
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    a, b = scaler.scale([torch.ones(1), torch.ones(2)])
    other = torch.amp.GradScaler("cpu")
    other.load_state_dict(scaler.state_dict())
    scaler.update(16.0)
    other.scale(torch.ones(1))
    other.update(2.0)
    return a, b, other.get_scale(), scaler.get_scale(), other.is_enabled(), [
        scaler.get_growth_factor(), scaler.get_backoff_factor(), scaler.get_growth_interval()]


def test_without_a_gpu_it_does_nothing():
    with pytest.warns(UserWarning, match="CUDA is not available"):
        scaler = torch.cuda.amp.GradScaler()
    told, state = train(torch, scaler, [1.0])
    assert told[0][0] == pytest.approx(0.9) and told[0][1] == 1.0 and state == {}
    scaler.load_state_dict({})
    assert not scaler.is_enabled() and scaler.scale(3) == 3


def test_on_a_gpu(gpu):
    w = torch.tensor([1.0], device="cuda", requires_grad=True)
    optimizer, scaler = torch.optim.SGD([w], lr=0.1), GradScaler()
    scaler.scale((w * 3).sum()).backward()
    scaler.step(optimizer)
    scaler.update()
    assert scaler.is_enabled() and w.item() == pytest.approx(0.7)


@refused("unscale_() has already been called on this optimizer")
def test_unscale_twice(torch):
    w = torch.tensor([1.0], requires_grad=True)
    optimizer, scaler = torch.optim.SGD([w], lr=0.1), torch.amp.GradScaler("cpu")
    scaler.scale(w.sum()).backward()
    scaler.unscale_(optimizer)
    scaler.unscale_(optimizer)


def test_an_optimizer_that_is_gone_is_not_taken_for_the_next():
    w = torch.tensor([1.0], requires_grad=True)
    scaler = torch.amp.GradScaler("cpu")
    scaler.scale(w.sum()).backward()
    for _ in range(20):  # the next one may well get the id of the last
        scaler.unscale_(torch.optim.SGD([w], lr=0.1))
    scaler.update()


def test_errors_that_pytorch_words_as_assertions():
    oracle()
    with pytest.raises(ValueError, match="growth factor must be > 1"):
        GradScaler("cpu", growth_factor=1.0)
    with pytest.raises(RuntimeError, match="No inf checks were recorded"):
        GradScaler("cpu").update()
    with pytest.raises(RuntimeError, match="Closure use is not currently supported"):
        GradScaler("cpu").step(None, closure=print)
    with pytest.raises(RuntimeError, match="source state dict is empty"):
        GradScaler("cpu").load_state_dict({})
