"""Captured steps: replayed on the pretend GPU they compute what the same steps compute eagerly."""

import threading

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.backends import cuda as switches
from autograd_lab.cuda import products
from autograd_lab.cuda.graphs import KERNEL
from autograd_lab.train import accuracy, train_model
from autograd_lab.watching import remember, watch_operations
from autograd_lab.widgets import GraphView
from tests.fake_cupy import counting, cublas, no_sync
from tests.fake_cupy.fixture import REAL
from tests.speed import workloads

nn, F = torch.nn, torch.nn.functional


@pytest.fixture
def blas(gpu, monkeypatch):
    """Have a pretend cuBLAS where ctypes would find the real one."""
    library = cublas.Library()
    if not REAL:
        monkeypatch.setattr(products, "load", lambda: library)
    return library


class Step:
    """One step of a training on one static batch."""

    def __init__(self, net, shape, classes, optimizer="SGD", clip=False, **options):
        self.net = workloads.filled(torch, net).to("cuda")
        self.x = torch.zeros(shape, device="cuda")
        self.y = torch.zeros(shape[0], dtype=torch.int64, device="cuda")
        self.optimizer = getattr(torch.optim, optimizer)(net.parameters(), **options)
        self.classes, self.clip = classes, clip

    def load(self, number):
        """Bring the batch with this number to where the step reads."""
        draw = np.random.default_rng(number)
        self.x.copy_(torch.tensor(draw.standard_normal(self.x.shape).astype("float32")))
        self.y.copy_(torch.tensor(draw.integers(0, self.classes, self.y.shape)))

    def __call__(self):
        self.optimizer.zero_grad()
        loss = F.cross_entropy(self.net(self.x), self.y)
        loss.backward()
        if self.clip:
            nn.utils.clip_grad_norm_(self.net.parameters(), 0.1)
        self.optimizer.step()
        return loss

    def state(self):
        state = [*self.net.parameters(), *self.net.buffers()]
        for each in self.optimizer.state.values():
            state += [v for v in each.values() if isinstance(v, torch.Tensor)]
        return [t.detach().cpu().numpy().copy() for t in state]


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.lstm = nn.LSTM(4, 3, num_layers=2, bidirectional=True, batch_first=True, dropout=0.2)
        self.tag = nn.Linear(6, 2)

    def forward(self, x):
        return self.tag(self.lstm(self.embedding((abs(x) * 4).long()))[0])[:, -1]


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attend = nn.MultiheadAttention(6, 2, dropout=0.1, batch_first=True)
        self.norm, self.up, self.down = nn.LayerNorm(6), nn.Linear(6, 12), nn.Linear(12, 6)

    def forward(self, x):
        x = x + self.attend(x, x, x, need_weights=False)[0]
        return (x + self.down(F.gelu(self.up(self.norm(x))))).mean(1)


def mlp(**options):
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3))
    return Step(net, (5, 4), 3, **options)


def cnn(**options):
    net = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4, 3),
    )  # fmt: skip
    return Step(net, (4, 2, 6, 6), 3, **options)


STEPS = {
    "MLP, SGD": lambda: mlp(lr=0.1),
    "MLP, momentum": lambda: mlp(lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True),
    "MLP, Adam": lambda: mlp(optimizer="Adam", amsgrad=True),
    "MLP, AdamW, clipped": lambda: mlp(optimizer="AdamW", clip=True),
    "CNN": lambda: cnn(lr=0.1),
    "tagger": lambda: Step(Tagger(), (3, 5), 2, optimizer="Adam"),
    "Transformer block": lambda: Step(Block(), (3, 5, 6), 6, lr=0.1),
}


def walk(make, replayed):
    """Take ten steps, the learning rate halved on the way; tell the losses and the last state."""
    torch.manual_seed(0)
    step, losses, graph = make(), [], torch.cuda.CUDAGraph()
    for number in range(10):
        step.load(number)
        if number == 6:
            step.optimizer.param_groups[0]["lr"] /= 2
        if replayed and number == 3:
            before = step.state()
            with torch.cuda.graph(graph):
                loss = step()
            for a, b in zip(before, step.state()):
                np.testing.assert_array_equal(a, b)  # a capture computes nothing
        if replayed and number >= 3:
            with no_sync(), counting() as cost:
                graph.replay()
            assert cost.launches == 1 or REAL
        else:
            loss = step()
        losses.append(loss.item())
    return losses, step.state(), torch.rand(3).tolist()


@pytest.mark.parametrize("name", STEPS)
def test_a_replayed_step_is_an_eager_step(name, blas):
    (losses, state, chance), (expected, expected_state, as_chance) = [
        walk(STEPS[name], replayed) for replayed in (True, False)
    ]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    for a, b in zip(state, expected_state):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    assert chance == as_chance  # the stream of random numbers has come to the same place
    assert blas.called or REAL


def test_a_replayed_loop_takes_a_smaller_last_batch_as_it_is(blas):
    def train(make_fast):
        torch.manual_seed(0)
        step = mlp(optimizer="Adam")
        x, y = torch.randn(23, 4, device="cuda"), torch.arange(23, device="cuda") % 3

        def one(x, y):
            step.optimizer.zero_grad()
            loss = F.cross_entropy(step.net(x), y)
            loss.backward()
            step.optimizer.step()
            return loss

        one = torch.cuda.replayed(one) if make_fast else one
        losses = [one(x[i : i + 5], y[i : i + 5]).item() for _ in range(3) for i in range(0, 23, 5)]
        return losses, step.state()

    (losses, state), (expected, expected_state) = train(True), train(False)
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    for a, b in zip(state, expected_state):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_graphed_callables(blas):
    def slopes(graphed):
        torch.manual_seed(0)
        net = workloads.filled(torch, nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)))
        net.to("cuda")
        x = torch.randn(5, 4, device="cuda", requires_grad=True)
        call = torch.cuda.make_graphed_callables(net, (x,)) if graphed else net
        for scale in (1.0, 2.0, 3.0):  # the gradients of three calls add up
            (call(x * scale) ** 2).sum().backward()
        return [t.grad.cpu().numpy() for t in (x, *net.parameters())]

    for a, b in zip(slopes(True), slopes(False)):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_several_graphed_callables(blas):
    double, both = torch.cuda.make_graphed_callables(
        (lambda x: x * 2, lambda x, y: (x + y, x * y)),
        ((torch.ones(2, device="cuda", requires_grad=True),),
         (torch.ones(2, device="cuda", requires_grad=True), torch.ones(2, device="cuda"))),
    )  # fmt: skip
    x = torch.tensor([1.0, 2.0], device="cuda")
    assert double(x).tolist() == [2.0, 4.0]
    assert [y.tolist() for y in both(x, x + 1)] == [[3.0, 5.0], [2.0, 6.0]]


@pytest.mark.parametrize(("args", "given"), [
    ([(1, 4)], r"\(1, 4\) torch.float32"), ([], "no tensors"),
    ([(5, 4), (8, 4)], r"\(5, 4\) torch.float32, \(8, 4\) torch.float32"),
])  # fmt: skip
def test_a_graphed_callable_takes_no_other_shapes(blas, args, given):
    net = nn.Linear(4, 8).to("cuda")
    call = torch.cuda.make_graphed_callables(net, (torch.ones(5, 4, device="cuda"),))
    with pytest.raises(RuntimeError, match=rf"captured for \(5, 4\) .*is given {given}: "):
        call(*[torch.ones(shape, device="cuda") for shape in args])


def test_graphed_callables_are_captured_in_the_order_in_which_they_run(blas):
    """Else a forward in a common pool takes the memory that an earlier backward gives free."""
    order = []

    def model(number):
        def forward(x):
            order.append(f"forward {number}")
            y = x * x
            y.register_hook(lambda g: order.append(f"backward {number}"))
            return y * 2

        return forward

    x = torch.ones(2, device="cuda", requires_grad=True)
    torch.cuda.make_graphed_callables((model(1), model(2)), ((x,), (x,)), num_warmup_iters=0)
    assert order == ["forward 1", "forward 2", "backward 2", "backward 1"]


# --- mixed precision: a GradScaler in a captured step


def scaled(captured, optimizer, **options):
    """Take twelve scaled steps, two of them on data that overflow; one between is not replayed."""
    torch.manual_seed(0)
    step = mlp(optimizer=optimizer, lr=0.05, **options)
    scaler = torch.amp.GradScaler(init_scale=2.0**10, growth_interval=3)
    graph, seen = torch.cuda.CUDAGraph(), []

    def one():
        step.optimizer.zero_grad()
        with torch.autocast("cuda"):
            loss = F.cross_entropy(step.net(step.x), step.y)
        scaler.scale(loss).backward()
        scaler.unscale_(step.optimizer)
        nn.utils.clip_grad_norm_(step.net.parameters(), 0.5)
        scaler.step(step.optimizer)
        scaler.update()
        return loss

    for number in range(12):
        step.load(number)
        if number in (1, 7):
            step.x[0, 0] = float("inf")
        if number == 6:
            step.optimizer.param_groups[0]["lr"] /= 2
        if captured and number == 3:
            before = scaler.state_dict(), step.state()
            with torch.cuda.graph(graph):
                one()
            assert before[0] == scaler.state_dict()
            for a, b in zip(before[1], step.state()):
                np.testing.assert_array_equal(a, b)
        if captured and number >= 3 and number != 9:
            with no_sync(), counting() as cost:
                graph.replay()
            assert cost.launches == 1 or REAL
        else:
            one()
        seen.append([scaler.get_scale(), *scaler.state_dict().values()])
    steps = [float(state["step"]) for state in step.optimizer.state.values() if "step" in state]
    return seen, steps, step.state()


@pytest.mark.parametrize(("optimizer", "options"), [
    ("SGD", {"momentum": 0.9}), ("SGD", {}), ("Adam", {"amsgrad": True}), ("AdamW", {}),
])  # fmt: skip
def test_a_replayed_scaled_step_leaves_out_what_overflows(blas, optimizer, options):
    (seen, steps, state), (expected, expected_steps, expected_state) = [
        scaled(captured, optimizer, **options) for captured in (True, False)
    ]
    assert seen == expected and steps == expected_steps
    scales = [scale / 2**10 for scale, *_ in seen]  # halved twice, and three good steps double it
    assert scales == [1, 0.5, 0.5, 0.5, 1, 1, 1, 0.5, 0.5, 0.5, 1, 1]
    assert set(steps) <= {10.0}  # of the twelve
    for a, b in zip(state, expected_state):
        assert np.isfinite(a).all()
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_a_scale_on_the_gpu_can_be_set_saved_and_loaded(blas):
    x, scaler = torch.ones(2, device="cuda"), torch.amp.GradScaler(init_scale=8.0)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        y = scaler.scale(x)
    saved = scaler.state_dict()
    assert (saved["scale"], saved["_growth_tracker"]) == (8.0, 0)
    for change, scale in ((lambda: scaler.update(4.0), 4.0),
                          (lambda: scaler.update(torch.tensor(2.0)), 2.0),
                          (lambda: scaler.load_state_dict(saved), 8.0)):  # fmt: skip
        change()
        graph.replay()
        assert (scaler.get_scale(), y.tolist()) == (scale, [scale, scale])


# --- products by our own call of cuBLAS


LAYOUTS = {
    "matrices": ((3, 4), (4, 2)), "a vector on the right": ((3, 4), (4,)),
    "a vector on the left": ((4,), (4, 2)), "two vectors": ((4,), (4,)),
    "a stack and a matrix": ((5, 3, 4), (4, 2)), "two stacks": ((5, 3, 4), (5, 4, 2)),
    "a matrix and a stack": ((3, 4), (5, 4, 2)), "stacks of stacks": ((2, 5, 3, 4), (2, 5, 4, 2)),
    "broadcast stacks": ((2, 1, 3, 4), (5, 4, 2)), "a vector and a stack": ((4,), (5, 4, 2)),
    "a row": ((1, 4), (4, 1)), "a column": ((4, 1), (1, 3)), "nothing inside": ((3, 0), (0, 2)),
    "no rows": ((0, 4), (4, 2)),
}  # fmt: skip


def turned(x):
    """Give the same numbers, laid out column by column."""
    return x.swapaxes(-1, -2).copy().swapaxes(-1, -2) if x.ndim > 1 else x


def spaced(x):
    """Give the same numbers as a view of a wider array."""
    wide = np.full((*x.shape[:-1], x.shape[-1] + 3), 7, x.dtype)
    wide[..., : x.shape[-1]] = x
    return wide


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("shapes", LAYOUTS.values(), ids=LAYOUTS)
def test_our_products_are_numpys(blas, gpu, shapes, dtype):
    ours, draw = products.Products(products.Blas()), np.random.default_rng(0)
    a, b = [draw.integers(-4, 5, shape).astype(dtype) for shape in shapes]
    expected = np.matmul(a, b)
    for left in (a, turned(a)):
        for right in (b, turned(b)):
            x, w = gpu.asarray(left), gpu.asarray(right)
            np.testing.assert_array_equal(ours.product(x, w).get(), expected)
    x = gpu.asarray(spaced(a))[..., : a.shape[-1]]
    w = gpu.asarray(spaced(b))[..., : b.shape[-1]]
    np.testing.assert_array_equal(ours.product(x, w).get(), expected)
    for out in (gpu.empty(expected.shape, dtype), gpu.empty((*expected.shape, 2), dtype)[..., 0]):
        assert ours.product(x, w, out) is out
        np.testing.assert_array_equal(out.get(), expected)


def test_tf32_reaches_our_products(blas, gpu, monkeypatch):
    ours = products.Products(products.Blas())
    x = gpu.ones((2, 2), np.float32)
    ours.product(x, x)
    monkeypatch.setattr(switches.matmul, "allow_tf32", True)
    ours.product(x, x), ours.product(x.astype(np.float64), x.astype(np.float64))
    assert blas.called == [products.IN_32, products.IN_TF32, products.IN_64] or REAL


# --- what cannot be captured


def uncapturable(x, w, optimizer):
    scaler = torch.amp.GradScaler("cuda", enabled=x is not None)
    return {
        "a scale that is read": (lambda: [scaler.scale(x), scaler.get_scale()], "float"),
        "an optimizer's first scaled step": (lambda: scaler.step(optimizer), "first step"),
        "item": (lambda: x.sum().item(), "item"),
        "an if": (lambda: 1 if x.sum() > 0 else 0, "item"),
        "a mask": (lambda: x[x > 0], "mask"),
        "data from main memory": (lambda: x + torch.tensor([1.0, 2.0]).to("cuda"), "H2D"),
        "numbers drawn in main memory": (lambda: torch.randn(2, device="cuda"), "H2D"),
        "a solver": (lambda: torch.linalg.inv(x.diag()), "inv.*cuSOLVER"),
        "an optimizer's first step": (lambda: optimizer.step(), "first step"),
        "an optimizer that cannot": (torch.optim.RMSprop([w]).step, "RMSprop cannot"),
        "matrices that do not fit": (
            lambda: torch.ones(3, 4, device="cuda") @ torch.ones(6, 2, device="cuda"),
            "matmul: .*shapes cannot be multiplied"),
        "a layer that does not fit": (
            lambda: F.linear(torch.ones(3, 4, device="cuda"), torch.ones(2, 3, device="cuda")),
            "linear: .*shapes cannot be multiplied"),
        "a capture within": (lambda: torch.cuda.CUDAGraph().capture_begin(), "cannot be nested"),
    }


NAMES = list(uncapturable(None, torch.ones(1, requires_grad=True), None))


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_cannot_be_captured_and_where(blas, gpu, name):
    x, w = torch.ones(2, device="cuda"), torch.ones(2, device="cuda", requires_grad=True)
    optimizer = torch.optim.Adam([w])
    (w * x).sum().backward()
    call, why = uncapturable(x, w, optimizer)[name]
    matmul, graph = gpu.matmul, torch.cuda.CUDAGraph()
    refused = pytest.raises(RuntimeError, match=f"(?s)this step cannot be captured: .*{why}")
    with refused as told, torch.cuda.graph(graph):
        call()
    assert "test_graphs.py, line " in str(told.value)
    with pytest.raises(RuntimeError, match="holds no step"):
        graph.replay()
    assert gpu.matmul is matmul and not torch.cuda.is_current_stream_capturing()
    assert (x.sum().item(), x.tolist()) == (2.0, [1.0, 1.0])  # the GPU goes on


def test_the_default_stream_cannot_be_captured(blas):
    with pytest.raises(RuntimeError, match="non-default stream"):
        torch.cuda.CUDAGraph().capture_begin()


def test_a_capture_that_cannot_begin_leaves_nothing_open(blas, gpu, monkeypatch):
    matmul = gpu.matmul
    monkeypatch.delattr(gpu.cuda.runtime, "streamCaptureModeRelaxed")
    with pytest.raises(AttributeError), torch.cuda.graph(torch.cuda.CUDAGraph()):
        raise AssertionError
    assert gpu.matmul is matmul and not torch.cuda.is_current_stream_capturing()


def test_an_interrupted_capture_is_no_step(blas):
    graph = torch.cuda.CUDAGraph()
    with pytest.raises(KeyboardInterrupt), torch.cuda.graph(graph):
        raise KeyboardInterrupt
    with pytest.raises(RuntimeError, match="holds no step"):
        graph.replay()


def test_a_capture_that_cannot_end_says_so(blas, monkeypatch):
    graph, end = torch.cuda.CUDAGraph(), torch.cuda.CUDAGraph.capture_end

    def unjoined(graph):
        end(graph)
        raise ValueError("unjoined work")

    monkeypatch.setattr(torch.cuda.CUDAGraph, "capture_end", unjoined)
    refused = pytest.raises(RuntimeError, match="cannot be captured: ValueError: unjoined work")
    with refused, torch.cuda.graph(graph):
        torch.ones(2, device="cuda")
    with pytest.raises(RuntimeError, match="holds no step"):
        graph.replay()


def test_an_error_mode_that_is_not_known(blas):
    with torch.cuda.graph(torch.cuda.CUDAGraph(), capture_error_mode="thread_local"):
        torch.ones(2, device="cuda")
    graph = torch.cuda.graph(torch.cuda.CUDAGraph(), capture_error_mode="loud")
    with pytest.raises(RuntimeError, match=r"Unknown capture error mode.*got loud"), graph:
        raise AssertionError


def test_a_captured_step_can_be_drawn(blas, tmp_path):
    x, graph = torch.ones(2, device="cuda"), torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        assert torch.cuda.is_current_stream_capturing()
        y = (x * 2).exp()
    graph.debug_dump(tmp_path / "graph.dot")
    drawn = (tmp_path / "graph.dot").read_text()
    assert drawn.startswith("digraph") and "multiply" in drawn and "exp" in drawn
    x.fill_(0.5)
    graph.replay()
    assert torch.allclose(y.cpu(), torch.tensor(1.0).exp())
    graph.reset()
    with pytest.raises(RuntimeError, match="holds no step"):
        graph.dot()


def test_the_graph_widget_shows_a_captured_step(blas):
    step, graph = mlp(optimizer="Adam"), torch.cuda.CUDAGraph()
    fast = torch.cuda.replayed(lambda x, y: step())
    for number in range(4):
        step.load(number)
        result = fast(step.x, step.y)
    with watch_operations(remember), torch.cuda.graph(graph):
        loss = step()
    for captured, kept in ((fast, result), (graph, loss)):
        data = captured.drawn({"loss": kept, "step": step})
        ops = [node["op"] for node in data["nodes"] if node["kind"] == "op"]
        assert ops[0] == "linear" and ops[-1] == "cross_entropy"
        static = [node["static"] for node in data["nodes"]]
        assert static == [n["kind"] != "op" or n["name"] == "loss" for n in data["nodes"]]
        told = GraphView(captured, names={"x": step.x, "loss": kept}).scene
        kernels = fast.graph.dot().count("label=")
        assert told["stale"].startswith(f"one launch replays {kernels} kernels: these operations, "
                                        "their backward pass, the optimizer's step; ")
    cards = {card["head"]: card.get("title") for card in told["cards"]}
    assert cards["loss = cross_entropy"] == "static" and cards["x"] == "given · static"
    assert cards["relu"] == "1"


def test_what_cannot_be_drawn_of_a_captured_step_is_said(blas):
    graph, fast = torch.cuda.CUDAGraph(), torch.cuda.replayed(lambda x: x)
    x = torch.ones(2, device="cuda")
    for call, why in ((lambda: GraphView(graph), "holds no step"),
                      (lambda: GraphView(fast), "not captured yet: .* after 3 calls, .* and 0 ")):
        with pytest.raises(RuntimeError, match=why):
            call()
    with torch.cuda.graph(graph):
        y = x * 2
    with pytest.raises(RuntimeError, match="keep its result in a variable"):
        GraphView(graph)
    assert y.is_cuda


KERNELS = '''digraph dot {
subgraph cluster_1 {
label="graph_1" graph[style="dashed"];
"graph_1_node_0"[style="bold" shape="octagon" label="0
cupy_multiply__float32_float32_float32
"];
"graph_1_node_1"[style="bold" shape="octagon" label="1
cupy_sum
"];
"graph_1_node_0" -> "graph_1_node_1" [label="x"];
}
}
'''


def test_the_kernels_of_cudas_own_text_are_counted():
    assert len(KERNEL.findall(KERNELS)) == 2


def test_the_shape_that_comes_most_often_is_captured(blas):
    sizes = []

    def step(x):
        sizes.append(len(x))
        return x * 2

    fast = torch.cuda.replayed(step)
    for size in (5, 5, 5, 2, 5, 5, 2, 5, 5):  # the fourth is short
        y = fast(torch.ones(size, device="cuda"))
    assert sizes == [5, 5, 5, 2, 5, 2] and len(y) == 5


def test_a_step_is_captured_anew_where_its_memory_has_moved(blas):
    step = mlp(optimizer="Adam", lr=0.1)

    def one(x, y):
        return Step.__call__(step)

    def tensors():
        states = step.optimizer.state.values()
        return [v for state in states for v in state.values() if v.is_cuda]

    fast = torch.cuda.replayed(one, holds=tensors)
    for number in range(5):
        step.load(number)
        fast(step.x, step.y)
    graph = fast.graph
    step.optimizer.load_state_dict(step.optimizer.state_dict())
    moments = [t.clone() for t in tensors()]
    fast(step.x, step.y)
    assert graph is not None and fast.graph is not graph
    assert not any(torch.equal(a, b) for a, b in zip(moments, tensors()))


# --- train_model(replay=True)


def trained(device, replay, callbacks=(), scaler=None):
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3)
    )
    draw = np.random.default_rng(0)
    x = torch.tensor(draw.standard_normal((22, 6)).astype("float32"))
    data = torch.utils.data.TensorDataset(x, torch.arange(22) % 3)
    loader = torch.utils.data.DataLoader(data, 4, shuffle=True)
    optimizer = torch.optim.Adam(net.parameters(), 0.05)
    history = train_model(
        net, loader, optimizer=optimizer, epochs=4, device=device, progress=False, replay=replay,
        metrics={"right": accuracy}, val_loader=loader, callbacks=callbacks,
        scheduler=torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.1), scaler=scaler,
    )  # fmt: skip
    state = [t.detach().cpu().numpy() for t in net.state_dict().values()]
    return dict(history), history.steps, state


def test_train_model_replays_its_steps(blas):
    results = [trained(*how) for how in (("cuda", True), ("cuda", False), ("cpu", True))]
    assert blas.called or REAL
    for history, steps, state in results[1:]:
        np.testing.assert_allclose(results[0][1], steps, rtol=1e-4)
        assert results[0][0].keys() == history.keys()
        for name, values in history.items():
            np.testing.assert_allclose(results[0][0][name], values, rtol=1e-4)
        for a, b in zip(results[0][2], state):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def test_train_model_replays_steps_in_half_precision(blas):
    scalers = [torch.amp.GradScaler(init_scale=2.0**9, growth_interval=8) for _ in "ab"]
    (_, losses, state), (_, expected, expected_state) = [
        trained("cuda", replay, scaler=scaler) for replay, scaler in zip((True, False), scalers)
    ]
    assert blas.called.count(products.IN_32) or REAL
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    for a, b in zip(state, expected_state):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
    assert scalers[0].state_dict() == scalers[1].state_dict()
    assert scalers[0].get_scale() > 2.0**9


def test_a_callback_that_must_see_gradients_cannot_be_replayed(blas):
    class Norms:
        def on_backward_end(self, run):
            raise AssertionError

    with pytest.raises(ValueError, match="Norms has an on_backward_end"):
        trained("cuda", True, [Norms()])


def test_a_stream_has_its_priority(gpu):
    queues = [torch.cuda.Stream(**how).queue for how in ({}, {"priority": -1})]
    assert [queue.priority for queue in queues] == [0, -1]


def test_other_threads_compute_while_one_captures(blas, gpu):
    made, x = [], torch.ones(2, 2, device="cuda")

    def compute():
        w = torch.ones(2, 2, device="cuda", requires_grad=True)
        (x @ w).sum().backward()
        torch.optim.Adam([w], 0.5).step()  # its first step
        made.append(w.detach().cpu())

    with torch.cuda.graph(torch.cuda.CUDAGraph()):
        thread = threading.Thread(target=compute)
        thread.start()
        thread.join()
        x @ x  # ours
    assert len(blas.called) == 1 or REAL
    assert torch.allclose(made[0], torch.full((2, 2), 0.5))
