"""Our own kernels compute what plain CuPy computes, in fewer launches.

The pretend GPU compiles their CUDA for the processor, so this is the source that a GPU would run.
With ``AUTOGRAD_LAB_DEVICE=cuda`` a real one does, and these tests say whether it computes the same.
"""

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.backends import cuda as switches
from tests.device.test_graphs import Step, Tagger, blas, mlp, scaled, walk
from tests.device.test_steps import STEPS
from tests.fake_cupy import counting, kernels, no_sync, state
from tests.fake_cupy.fixture import REAL

__all__ = ["blas"]
nn = torch.nn
COMPILED = REAL or kernels.testable()  # else there is nothing to test: no skip

NETS = {
    "LSTM": lambda: nn.LSTM(3, 4),
    "both ways, deep": lambda: nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True),
    "without bias": lambda: nn.LSTM(3, 5, bias=False),
    "projected": lambda: nn.LSTM(3, 4, proj_size=2),  # takes the plain road
}


def learned(make, dtype, packed):
    """Give the output and all gradients of a recurrent layer."""
    torch.manual_seed(0)
    net = make().to("cuda", dtype)
    x = torch.randn(5, 6, 3, dtype=dtype).to("cuda").requires_grad_()
    given = x
    if packed:
        lengths = torch.tensor([5, 5, 3, 2, 2, 1][: x.shape[0 if net.batch_first else 1]])
        given = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=net.batch_first)
    y, (h, c) = net(given)
    y = y.data if packed else y
    weights = torch.linspace(-1, 1, y.numel(), dtype=dtype, device="cuda").reshape(y.shape)
    ((y * weights).sum() + h.sum() + (c * c).sum()).backward()
    found = [y, h, c, x.grad, *[p.grad for p in net.parameters()]]
    return [t.detach().cpu().numpy() for t in found]


def stepped(optimizer, **options):
    """Give the parameters and the state after four steps; one gradient lies column by column."""
    draw, rule = np.random.default_rng(0), getattr(torch.optim, optimizer)
    parameters = [torch.tensor(draw.standard_normal((4, 70)).astype("float32")).to("cuda")
                  .requires_grad_() for _ in range(2)]  # fmt: skip
    optimizer = rule(parameters, lr=0.1, **options)
    for _ in range(4):
        for p in parameters:
            p.grad = torch.tensor(draw.standard_normal((4, 70)).astype("float32")).to("cuda")
        parameters[0].grad = parameters[0].grad.T.contiguous().T
        optimizer.step()
    states = [v for s in optimizer.state.values() for v in s.values() if v is not None]
    return [t.detach().cpu().numpy() for t in (*parameters, *states)]


RULES = [
    ("Adam", {}), ("Adam", {"amsgrad": True, "weight_decay": 0.1}), ("AdamW", {"maximize": True}),
    ("SGD", {"momentum": 0.9}), ("SGD", {"weight_decay": 0.1, "maximize": True}),
    ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"momentum": 0.5, "dampening": 0.3}),
]

# name: how many kernels one step starts with our own: lower a number when you can
FEWER = {"MLP": 58, "BiLSTM tagger": 488, "the same, momentum": 125, "the same, AdamW": 125}

if COMPILED:

    def both(monkeypatch, call):
        """Give what a call gives on the plain road, and with our own kernels."""
        plain = call()
        monkeypatch.setattr(switches, "own_kernels", True)
        with counting() as cost:
            own = call()
        return plain, own, cost

    @pytest.mark.parametrize("packed", [False, True])
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    @pytest.mark.parametrize("name", NETS)
    def test_an_lstm(gpu, monkeypatch, name, dtype, packed):
        plain, own, _ = both(monkeypatch, lambda: learned(NETS[name], dtype, packed))
        near = 1e-5 if dtype is torch.float32 else 1e-12
        for a, b in zip(own, plain, strict=True):
            np.testing.assert_allclose(a, b, rtol=near, atol=near)

    @pytest.mark.parametrize(("optimizer", "options"), RULES)
    def test_an_optimizer(gpu, monkeypatch, optimizer, options):
        plain, own, _ = both(monkeypatch, lambda: stepped(optimizer, **options))
        for a, b in zip(own, plain, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)

    @pytest.mark.parametrize("name", ["MLP", "tagger"])
    def test_they_are_captured(blas, monkeypatch, name):
        monkeypatch.setattr(switches, "own_kernels", True)
        make = {"MLP": lambda: mlp(lr=0.1, momentum=0.9), "tagger":
                lambda: Step(Tagger(), (3, 5), 2, optimizer="Adam")}[name]  # fmt: skip
        (losses, last, _), (expected, expected_state, _) = walk(make, True), walk(make, False)
        np.testing.assert_allclose(losses, expected, rtol=1e-5)
        for a, b in zip(last, expected_state, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)

    @pytest.mark.parametrize("optimizer", ["AdamW", "SGD"])
    def test_a_step_that_overflows_is_left_out(blas, monkeypatch, optimizer):
        options = {"momentum": 0.9} if optimizer == "SGD" else {}
        plain = scaled(False, optimizer, **options)
        monkeypatch.setattr(switches, "own_kernels", True)
        for captured in (True, False):
            own = scaled(captured, optimizer, **options)
            assert own[:2] == plain[:2]
            for a, b in zip(own[2], plain[2], strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)

    @pytest.mark.parametrize("name", FEWER)
    def test_a_step_starts_fewer(gpu, monkeypatch, name):
        monkeypatch.setattr(switches, "own_kernels", True)
        monkeypatch.setattr(state, "DEVICES", 1)
        monkeypatch.setattr(torch.Tensor, "item", lambda loss: loss)
        with torch.device("cuda"):
            step = STEPS[name][0]()
            step(), step()
            with no_sync(), counting() as cost:
                step()
        assert cost.launches <= FEWER[name] or REAL
