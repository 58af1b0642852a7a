"""TF32, and float16 under autocast: on a GPU they change the numbers, on the processor nothing."""

import numpy as np
import pytest

import autograd_lab as torch
from tests.fake_cupy import compute
from tests.fake_cupy.installing import forget

nn, F = torch.nn, torch.nn.functional
matmul = torch.backends.cuda.matmul


@pytest.fixture
def exact(gpu):
    """Leave the switch as it was; what CuPy is told can be read on the pretend GPU only."""
    compute.compute_types.clear()
    yield
    matmul.allow_tf32 = False
    compute.compute_types.clear()


def test_tf32_is_handed_to_cupy(gpu, exact):
    torch.ones(1, device="cuda")
    assert compute.compute_types == {}
    matmul.allow_tf32 = True
    assert compute.compute_types == {"float32": compute.COMPUTE_TYPE_TF32}
    assert matmul.fp32_precision == "tf32"
    matmul.fp32_precision = "ieee"
    assert compute.compute_types == {"float32": compute.COMPUTE_TYPE_DEFAULT}
    torch.set_float32_matmul_precision("high")
    assert matmul.allow_tf32
    torch.set_float32_matmul_precision("highest")
    assert not matmul.allow_tf32
    with pytest.raises(RuntimeError, match="Invalid fp32_precision"):
        matmul.fp32_precision = "low"


def test_a_switch_set_before_the_gpu_is_used_is_kept(gpu, exact):
    matmul.allow_tf32 = True
    assert compute.compute_types == {}
    forget()
    torch.ones(1, device="cuda")
    assert compute.compute_types == {"float32": compute.COMPUTE_TYPE_TF32}


# --- autocast


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3)
        self.lstm, self.tag = nn.LSTM(12, 4, batch_first=True), nn.Linear(4, 2)

    def forward(self, x):
        x = self.norm(self.conv(x)).relu()
        return self.tag(self.lstm(x.flatten(2))[0][:, -1])


def test_products_are_half_and_sums_full(gpu):
    x, w = torch.ones(2, 3, device="cuda"), torch.ones(4, 3, device="cuda")
    with torch.autocast("cuda"):
        assert torch.is_autocast_enabled() and torch.get_autocast_dtype("cuda") is torch.float16
        y = F.linear(x, w)
        made = [y, y.relu(), y.exp(), y.softmax(1), y.sum(), y + x[:, :1], x @ w.T,
                F.cross_entropy(y, torch.tensor([0, 1], device="cuda"))]  # fmt: skip
        with torch.autocast("cuda", enabled=False):
            assert (x @ w.T).dtype is torch.float32 and not torch.is_autocast_enabled()
        assert (x @ w.T).dtype is torch.float16
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.float32  # on the processor
    half, full = torch.float16, torch.float32
    assert [y.dtype for y in made] == [half, half, full, full, full, full, half, full]
    assert (x @ w.T).dtype is full and not torch.is_autocast_enabled()


def test_bfloat16_computes_in_float32(gpu):
    x = torch.ones(2, 2, device="cuda")
    with pytest.warns(UserWarning, match="bfloat16"), torch.autocast("cuda", torch.bfloat16):
        assert (x @ x).dtype is torch.float32


def walk(device, mixed):
    torch.manual_seed(0)
    draw = np.random.default_rng(0)
    x = torch.tensor(draw.standard_normal((4, 1, 3, 4)).astype("float32")).to(device)
    y = (torch.arange(4) % 2).to(device)
    net = Net().to(device)
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    scaler, losses = torch.amp.GradScaler(device, enabled=mixed), []
    for _ in range(8):
        optimizer.zero_grad()
        with torch.autocast(device, enabled=mixed):
            loss = F.cross_entropy(net(x), y)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        losses.append(loss.item())
    kinds = {p.dtype for p in net.parameters()} | {p.grad.dtype for p in net.parameters()}
    return losses, kinds


def test_a_training_in_half_precision_is_nearly_the_training(gpu):
    (mixed, kinds), (full, _) = walk("cuda", True), walk("cpu", False)
    assert kinds == {torch.float32}
    np.testing.assert_allclose(mixed, full, rtol=2e-2)
    assert mixed != full


def test_a_step_that_overflows_is_left_out_and_the_scale_halved(gpu):
    w = torch.ones(2, device="cuda", requires_grad=True)
    optimizer, scaler = torch.optim.SGD([w], 0.1), torch.amp.GradScaler(init_scale=8.0)
    for factor, scale, value in ((1.0, 8.0, 0.9), (float("inf"), 4.0, 0.9), (1.0, 4.0, 0.8)):
        optimizer.zero_grad()
        scaler.scale((w * factor).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        assert scaler.get_scale() == scale
        np.testing.assert_allclose(w.detach().cpu().numpy(), value, rtol=1e-6)


def test_parameters_on_two_gpus(gpu):
    here, there = [torch.ones(2, device=d, requires_grad=True) for d in ("cuda:0", "cuda:1")]
    optimizer, scaler = torch.optim.SGD([here, there], 0.1), torch.amp.GradScaler(init_scale=8.0)
    for factor, scale in ((1.0, 8.0), (float("inf"), 4.0)):
        optimizer.zero_grad()
        for w, by in ((here, 1.0), (there, factor)):
            scaler.scale((w * by).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        assert scaler.get_scale() == scale
    for w in (here, there):  # the second step is left out on both
        np.testing.assert_allclose(w.detach().cpu().numpy(), 0.9, rtol=1e-6)


def product(**how):
    """Make a product of one's own; its forward and its backward tell in what they computed."""
    seen = []

    class Product(torch.autograd.Function):
        @staticmethod
        @torch.amp.custom_fwd(device_type="cuda", **how)
        def forward(ctx, x, w):
            ctx.save_for_backward(x, w)
            y = x @ w
            seen.extend([x.dtype, y.dtype])
            return y

        @staticmethod
        @torch.amp.custom_bwd(device_type="cuda")
        def backward(ctx, g):
            x, w = ctx.saved_tensors
            dx = g.float() @ w.float().T
            seen.append(dx.dtype)
            return dx.to(x.dtype), None

    return Product, seen


@pytest.mark.parametrize(("how", "kinds"), [
    ({}, "float32 float16 float16"), ({"cast_inputs": torch.float32}, "float32 float32 float32"),
    ({"cast_inputs": torch.float16}, "float16 float16 float32"),
])  # fmt: skip
def test_a_function_of_ones_own_chooses_its_precision(gpu, how, kinds):
    Product, seen = product(**how)
    x, w = [torch.ones(2, 2, device="cuda", requires_grad=True) for _ in "xw"]
    with torch.autocast("cuda"):
        y = Product.apply(x, w)
    y.float().sum().backward()
    assert [str(kind) for kind in seen] == [f"torch.{kind}" for kind in kinds.split()]
    assert x.grad.dtype is torch.float32 and x.grad.tolist() == [[2.0, 2.0]] * 2
    seen.clear()
    Product.apply(x, w).sum().backward()  # outside of a block: as it is
    assert seen == [torch.float32] * 3
