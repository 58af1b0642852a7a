"""Our own kernels compute what plain CuPy computes, in fewer launches.

The pretend GPU compiles their CUDA for the processor, so this is the source that a GPU would run.
With ``AUTOGRAD_LAB_DEVICE=cuda`` a real one does, and these tests say whether it computes the same.
"""

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.backends import cuda as switches
from autograd_lab.cuda.kernels.kernel import Kernel
from autograd_lab.ops import columns
from tests.device import test_graphs, test_steps
from tests.device.test_graphs import blas, scaled, walk
from tests.fake_cupy import counting, kernels, no_sync, state
from tests.fake_cupy.fixture import REAL
from tests.ops.samples import collected
from tests.ops.test_every_op import check_gpu

__all__ = ["blas"]
nn, F = torch.nn, torch.nn.functional
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
FEWER = {
    "MLP, hinge loss": 30, "MLP": 23, "LeNet": 50, "wide convolutions": 36,
    "BiLSTM tagger": 279, "Transformer block": 52, "the same, momentum": 31,
    "the same, AdamW": 31, "clipped gradients": 49,
}  # fmt: skip
# what has kernels of its own: it runs through all samples of the sweep, second gradients included
OPS = """
    relu gelu softmax log_softmax cross_entropy nll_loss mse_loss layer_norm batch_norm max_pool
    max_pool_indices to_largest from_largest avg_pool spread_mean adaptive_avg_pool
    adaptive_spread_mean embedding add_rows linear conv1d conv2d conv3d conv_transpose2d
    slide_filter spread_filter compare lstm_layer
""".split()
SAMPLES = collected()


def drawn(*shape):
    """Draw numbers that are the same in every dtype: few digits."""
    numbers = np.random.default_rng(len(shape)).standard_normal(shape)
    return torch.tensor(np.round(numbers * 16) / 16)


def scores(x, **options):
    """Give the cross entropy of rows, some of which are left out."""
    target = torch.tensor([2, 0, -100, 1] * (x.shape[0] // 4) or [1], device="cuda")
    return F.cross_entropy(x, target[: len(x)], ignore_index=-100, **options)


def pixels(x):
    target = torch.arange(2 * 35, device="cuda").reshape(2, 5, 7) % 3
    return F.cross_entropy(x, target, torch.tensor([1.0, 0.5, 2.0]).to("cuda", x.dtype))


def looked_up(w):
    index = torch.tensor([[0, 5, 5], [2, 0, 5]], device="cuda")
    return F.embedding(index, w, padding_idx=2) * 2


def chosen(x):
    """Pool numbers of which some are equal, missing or infinite."""
    x = torch.where(x > 1.5, float("inf"), torch.where(x < -1.5, float("nan"), x.round()))
    return torch.nan_to_num(F.max_pool2d(x, 3, 2, 1), 7.0, 8.0, -8.0)


# name: a function of a tensor, the shape of that, and how many kernels it starts with our own
CASES = {
    "cross entropy": (scores, (8, 600), 3),
    "of a sum": (lambda x: scores(x, reduction="sum"), (4, 3), 3),
    "of each": (lambda x: scores(x, reduction="none"), (4, 3), 3),
    "of pixels": (pixels, (2, 3, 5, 7), 9),
    "smoothed": (lambda x: scores(x, label_smoothing=0.1), (4, 3), 40),
    "softmax": (lambda x: F.softmax(x, -1), (2, 5, 70), 2),
    "log_softmax": (lambda x: F.log_softmax(x, 1), (5, 1030), 2),
    "layer norm": (lambda x: F.layer_norm(x, (33,)), (3, 40, 33), 9),
    "batch norm": (lambda x: nn.BatchNorm2d(3).to("cuda", x.dtype)(x), (4, 3, 5, 9), 9),
    "relu": (F.relu, (3, 300), 2),
    "gelu": (F.gelu, (3, 300), 2),
    "gelu, roughly": (lambda x: F.gelu(x, approximate="tanh"), (3, 300), 2),
    "max_pool2d": (chosen, (2, 3, 9, 10), 40),
    "max_pool1d": (lambda x: F.max_pool1d(x, 3, 2, dilation=2), (3, 2, 17), 2),
    "avg_pool2d": (lambda x: F.avg_pool2d(x, 3, 2, 1, True, False), (2, 3, 8, 9), 2),
    "adaptive_avg_pool2d": (lambda x: F.adaptive_avg_pool2d(x, (3, 4)), (2, 3, 8, 9), 2),
    "embedding": (looked_up, (6, 40), 6),
    "mse_loss": (lambda x: F.mse_loss(x, x.detach() * 0.5), (3, 50), 5),
    "convolution": (lambda x: F.conv2d(x, x[:1].detach(), x[0, :1, 0, 0].detach(), 2, 1),
                    (3, 2, 7, 8), 12),
}  # fmt: skip


GRAD = 5  # launches of ``autograd.grad`` itself, which copies what it is given


def followed(case, dtype):
    """Give what a case computes, and the gradient of its operand."""
    call, shape, _ = CASES[case]
    x = drawn(*shape).to("cuda", dtype).requires_grad_()
    with counting() as forward, no_sync():
        y = call(x)
    g = torch.ones_like(y) * (1 + (y.detach() > 0))
    with counting() as back, no_sync():
        (dx,) = torch.autograd.grad(y, x, g)
    found = [t.detach().double().cpu().numpy() for t in (y, dx)]
    return found, forward.launches + back.launches


def learned_filters():
    """Give what a convolution computes, and the gradients of its filters and images."""
    x, w = drawn(7, 2, 9, 9).to("cuda").float(), drawn(3, 2, 3, 3).to("cuda").float()
    y = F.conv2d(x.requires_grad_(), w.requires_grad_(), stride=2, padding=1)
    (y * y).sum().backward()
    return [t.detach().cpu().numpy() for t in (y, x.grad, w.grad)]


def half_steps():
    """Give the losses of a training in half precision."""
    torch.manual_seed(0)
    step = test_graphs.cnn(optimizer="AdamW", lr=0.01)
    losses = []
    for number in range(4):
        step.load(number)
        step.optimizer.zero_grad()
        with torch.autocast("cuda"):
            loss = F.cross_entropy(step.net(step.x), step.y)
        loss.backward()
        step.optimizer.step()
        losses.append(loss.item())
    return losses


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

    @pytest.mark.parametrize("name", OPS)
    @pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
    def test_an_operation(gpu, monkeypatch, name):
        monkeypatch.setattr(switches, "own_kernels", True)
        for sample in SAMPLES[name]:
            check_gpu(name, sample)

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
    @pytest.mark.parametrize("case", CASES)
    def test_a_case(gpu, monkeypatch, case, dtype):
        """In float16 the numbers are those of float32, rounded."""
        plain, before = followed(case, torch.float32)
        monkeypatch.setattr(switches, "own_kernels", True)
        own, cost = followed(case, dtype)
        near = 2e-5 if dtype is torch.float32 else 4e-3
        for a, b in zip(own, plain, strict=True):
            np.testing.assert_allclose(a, b, rtol=near, atol=near)
        if dtype is torch.float32 and not REAL:
            assert cost - GRAD <= CASES[case][2] and cost < before

    def test_an_lstm_in_half_precision(gpu, monkeypatch):
        monkeypatch.setattr(switches, "own_kernels", True)
        half, full = [learned(NETS["LSTM"], d, False) for d in (torch.float16, torch.float32)]
        assert half[0].dtype == "float16"
        for a, b in zip(half, full, strict=True):
            np.testing.assert_allclose(a, b, rtol=3e-2, atol=3e-2)

    def test_a_wide_lstm_leaves_products_to_cublas(gpu, monkeypatch):
        monkeypatch.setattr("autograd_lab.cuda.kernels.recurrent.NARROW", 3)
        plain, own, cost = both(monkeypatch, lambda: learned(NETS["LSTM"], torch.float64, True))
        for a, b in zip(own, plain, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
        assert cost.gemms > 2 * 5 or REAL

    def test_a_convolution_of_a_few_images_at_a_time(gpu, monkeypatch):
        monkeypatch.setitem(columns.ENOUGH, "cupy", 4000)
        plain, own, _ = both(monkeypatch, learned_filters)
        for a, b in zip(own, plain, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)

    def test_a_step_in_half_precision(gpu, monkeypatch):
        plain, own, _ = both(monkeypatch, half_steps)
        np.testing.assert_allclose(own, plain, rtol=2e-2)

    def test_running_numbers(gpu, monkeypatch):
        def run():
            norm, x = nn.BatchNorm1d(3, momentum=0.3).to("cuda"), drawn(4, 3, 5).to("cuda").float()
            norm(x), norm(x * 2 + 1)
            return [b.cpu().numpy() for b in norm.buffers()]

        plain, own, _ = both(monkeypatch, run)
        for a, b in zip(own, plain, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5)

    def test_running_numbers_that_lie_apart(gpu, monkeypatch):
        def run():
            wide = torch.zeros(3, 2, device="cuda")
            F.batch_norm(drawn(4, 3, 5).to("cuda").float(), wide[:, 0], wide[:, 1], training=True)
            return wide.cpu().numpy()

        plain, own, _ = both(monkeypatch, run)
        np.testing.assert_allclose(own, plain, rtol=1e-5)

    def test_settings_that_numpy_made(gpu, monkeypatch):
        told = dict(zip(("eps", "weight_decay"), np.array([1e-6, 0.01])))
        plain, own, _ = both(monkeypatch, lambda: stepped("AdamW", **told))
        for a, b in zip(own, plain, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)

    def test_rows_that_are_all_left_out_have_no_gradient(gpu, monkeypatch):
        def run():
            x = drawn(4, 3).to("cuda").requires_grad_()
            loss = F.cross_entropy(x, torch.full((4,), -100, device="cuda"))
            loss.backward()
            return [loss.item(), x.grad.tolist()]

        plain, own, _ = both(monkeypatch, run)
        np.testing.assert_array_equal(own[0], plain[0])
        assert own[1] == plain[1] == [[0.0] * 3] * 4

    def test_a_class_that_does_not_exist_is_seen_in_the_loss(gpu, monkeypatch):
        monkeypatch.setattr(switches, "own_kernels", True)
        loss = F.cross_entropy(drawn(2, 3).to("cuda"), torch.tensor([0, 3], device="cuda"))
        assert np.isnan(loss.item())

    @pytest.mark.parametrize("count", [19, 85])  # more than one table has room for
    def test_parameters_of_all_kinds_in_one_go(gpu, monkeypatch, count):
        monkeypatch.setattr(state, "DEVICES", 1)
        few = count < 80

        def train():
            shapes = [(), (5,), (3,), (70, 9)] * (count // 4 + 1)
            kinds = [torch.float64 if few and k % 5 == 0 else torch.float32 for k in range(count)]
            parameters = [drawn(*s).to("cuda", k).requires_grad_() for s, k in zip(shapes, kinds)]
            optimizer = torch.optim.AdamW(parameters, lr=0.1)
            for number in range(4):
                for k, p in enumerate(parameters):  # some begin later than others
                    late = k % 3 if few else 0
                    p.grad = torch.sin(p.detach() + k) if number >= late else None
                with counting() as cost:
                    optimizer.step()
            return [p.detach().cpu().numpy() for p in parameters], cost

        plain, _ = train()
        monkeypatch.setattr(switches, "own_kernels", True)
        own, cost = train()
        for a, b in zip(own, plain, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
        assert cost.launches == (6 if few else 2) or REAL  # three numbers of steps, two dtypes

    @pytest.mark.parametrize(("optimizer", "options"), RULES)
    def test_an_optimizer(gpu, monkeypatch, optimizer, options):
        monkeypatch.setattr("autograd_lab.cuda.kernels.optimizers.BLOCKS", 1)  # threads go on
        plain, own, _ = both(monkeypatch, lambda: stepped(optimizer, **options))
        for a, b in zip(own, plain, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)

    @pytest.mark.parametrize("name", test_graphs.STEPS)
    def test_they_are_captured(blas, monkeypatch, name):
        monkeypatch.setattr(switches, "own_kernels", True)
        make = test_graphs.STEPS[name]
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
            step = test_steps.STEPS[name][0]()
            step(), step()
            with no_sync(), counting() as cost:
                step()
        assert cost.launches <= FEWER[name] or REAL

    # --- the pretend GPU itself

    def test_threads_that_do_not_wait_for_each_other(gpu):
        turned = """
        __global__ void turned(const real *x, real *y) {
            __shared__ number seen[64];
            seen[threadIdx.x] = x[threadIdx.x];
            MEET
            y[threadIdx.x] = seen[63 - threadIdx.x];
        }
        """
        x, y = gpu.arange(64.0), gpu.empty(64)
        right = np.arange(64.0)[::-1]
        Kernel(turned.replace("MEET", "__syncthreads();")).start((1,), 64, (x, y))
        np.testing.assert_array_equal(y.get(), right)
        if not REAL:
            Kernel(turned.replace("MEET", "")).start((1,), 64, (x, y))
            assert (y.get() != right).any()

    def test_threads_that_wait_for_ever(gpu):
        apart = Kernel("""
        __global__ void apart(real *y) {
            if (threadIdx.x < 3) __syncthreads();
        }
        """)
        if not REAL:  # there it would hang, or not
            with pytest.raises(RuntimeError, match="apart: some threads of a block wait"):
                apart.start((1,), 8, (gpu.empty(8),))

    def test_half_precision_rounds_as_numpy_does(gpu):
        rounded = Kernel("""
        __global__ void rounded(const real *x, const float *number_of, float *y, real *z, int64 n) {
            int64 i = thread();
            if (i < n) { y[i] = x[i]; z[i] = number_of[i]; }
        }
        """)
        bits = np.arange(65536, dtype=np.uint16)
        numbers = np.random.default_rng(0).standard_normal(65536) * 10.0 ** (bits % 16 - 9.0)
        x, given = gpu.asarray(bits.view(np.float16)), gpu.asarray(numbers.astype("float32"))
        y, z = gpu.empty(65536, "float32"), gpu.empty(65536, "float16")
        rounded.each(65536, x, given, y, z)
        np.testing.assert_array_equal(y.get(), bits.view(np.float16).astype("float32"))
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(z.get(), given.get().astype("float16"))
