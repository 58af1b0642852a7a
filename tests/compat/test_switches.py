"""PyTorch's switches and compilers: accepted in silence, accepted and said once, or refused."""

import operator
from importlib import metadata

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.processor import THREADS
from autograd_lab.torch_version import TorchVersion
from tests.core.oracle import both, refused


def double(x):
    return 2 * x


@pytest.mark.parametrize(("words", "use"), [
    ("torch.compile: autograd_lab compiles nothing", lambda: torch.compile(double)),
    ("torch.compile", lambda: torch.compile(mode="max-autotune", fullgraph=True)(double)),
    ("torch.compile", lambda: torch.compiler.compile(double)),
    ("torch.jit: autograd_lab translates nothing", lambda: torch.jit.script(double)),
    ("torch.jit", lambda: torch.jit.trace(double, torch.ones(1))),
    ("torch.jit", lambda: torch.jit.trace_module(double, {"forward": 1})),
])  # fmt: skip
def test_what_was_to_be_compiled_runs_as_it_is(words, use):
    with pytest.warns(UserWarning, match=words):
        assert use() is double
    assert use() is double  # a second warning would be an error here


def test_a_compiled_model_is_the_model():
    model = torch.nn.Linear(2, 1)
    with pytest.warns(UserWarning, match="torch.compile"):
        assert torch.compile(model, dynamic=True) is model
    assert torch.compile(model, disable=True) is model
    assert torch.compiler.disable(double) is torch.compiler.disable()(double) is double
    assert torch.compiler.allow_in_graph(double) is double
    assert not torch.compiler.is_compiling() and torch.compiler.reset() is None
    with torch.compiler.set_stance("force_eager"):
        pass


def test_script_modules_are_modules():
    class Double(torch.jit.ScriptModule):
        @torch.jit.script_method
        def forward(self, x):
            return x * 2 if not torch.jit.is_scripting() else None

    assert Double()(torch.ones(1)).item() == 2 and isinstance(Double(), torch.nn.Module)
    assert torch.jit.ignore(double) is torch.jit.export(double) is double


@pytest.mark.parametrize(("words", "use"), [
    ("torch.save(model.state_dict(), path)", lambda: torch.jit.save(double, "x.pt")),
    ("load_state_dict", lambda: torch.jit.load("x.pt")),
    ("load them in PyTorch and export there", lambda: torch.onnx.export(double, 1, "x.onnx")),
    ("fetches neither code nor weights", lambda: torch.hub.load("pytorch/vision", "resnet18")),
    ("fetches neither", lambda: torch.hub.load_state_dict_from_url("http://x")),
    ("y.grad_fn.saved", lambda: __import__("autograd_lab.autograd.graph").autograd.graph
        .saved_tensors_hooks(double, double)),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_with_a_way_out(words, use):
    with pytest.raises(NotImplementedError) as caught:
        use()
    assert words in str(caught.value)


@both
def test_switches_keep_what_they_are_set_to(torch):
    torch.backends.cudnn.benchmark = torch.backends.cudnn.deterministic = True
    told = [torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic]
    with torch.backends.cudnn.flags(enabled=False, deterministic=False):
        told += [torch.backends.cudnn.enabled, torch.backends.cudnn.deterministic]
    told += [torch.backends.cudnn.enabled, torch.backends.cudnn.deterministic]
    torch.backends.cudnn.benchmark = torch.backends.cudnn.deterministic = False
    torch.backends.cuda.matmul.allow_tf32 = True
    told.append(torch.backends.cuda.matmul.allow_tf32)
    torch.backends.cuda.matmul.allow_tf32 = False
    told += [torch.backends.mps.is_available(), torch.version.cuda, torch.xpu.is_available()]
    return told, torch.mps.device_count()


@both
def test_cudnn_without_cudnn(torch):
    return torch.backends.cudnn.version(), torch.backends.cudnn.is_available()


@both
def test_settings(torch):
    told = [torch.get_default_device(), torch.get_float32_matmul_precision()]
    torch.set_float32_matmul_precision("medium")
    told.append(torch.get_float32_matmul_precision())
    torch.set_float32_matmul_precision("highest")
    torch.use_deterministic_algorithms(True, warn_only=True)
    told += [torch.are_deterministic_algorithms_enabled(), torch.get_deterministic_debug_mode(),
             torch.is_deterministic_algorithms_warn_only_enabled()]
    torch.set_deterministic_debug_mode("error")
    told.append(torch.get_deterministic_debug_mode())
    torch.use_deterministic_algorithms(False)
    told.append(torch.get_deterministic_debug_mode())
    return told


@both
def test_default_tensor_type(torch):
    try:
        torch.set_default_tensor_type(torch.DoubleTensor)
        made = [torch.zeros(1).dtype, torch.tensor(1.5).dtype]
        torch.set_default_tensor_type("torch.FloatTensor")
        return [*made, torch.zeros(1).dtype]
    finally:
        torch.set_default_dtype(torch.float32)


@both
@pytest.mark.parametrize("what", [
    lambda t: t.tensor([1.0], dtype=t.float64), lambda t: t.float64, lambda t: 5, lambda t: None,
    lambda t: t.Tensor, lambda t: float, lambda t: t.LongTensor,
])  # fmt: skip
def test_default_tensor_type_is_a_type(torch, what):
    with pytest.raises(TypeError) as said:
        torch.set_default_tensor_type(what(torch))
    return str(said.value), torch.get_default_dtype()


@refused("set_num_threads expects a positive integer")
def test_no_threads(torch):
    torch.set_num_threads(0)


@both
@pytest.mark.parametrize("n", [True, 2.0, "2", None], ids=repr)
def test_a_number_of_threads_is_a_whole_number(torch, n):
    with pytest.raises(RuntimeError, match="expects an int, but got") as said:
        torch.set_num_threads(n)
    return str(said.value)


@both
@pytest.mark.parametrize("n", [np.int64(2), np.uint8(2)], ids=repr)
def test_a_number_of_threads_of_numpy(torch, n):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(n)
        return torch.get_num_threads(), type(torch.get_num_threads())
    finally:
        torch.set_num_threads(before)


def test_threads_can_be_set(monkeypatch):
    monkeypatch.setattr(THREADS, "count", torch.get_num_threads())
    monkeypatch.setattr(THREADS, "tells_blas", True)
    torch.set_num_threads(3)
    assert torch.get_num_threads() == 3


def test_a_blas_that_cannot_be_told_keeps_its_threads(monkeypatch):
    monkeypatch.setattr(THREADS, "count", 2)
    monkeypatch.setattr(THREADS, "tells_blas", False)
    torch.set_num_threads(2)
    with pytest.warns(UserWarning, match="before Python starts"):
        torch.set_num_threads(4)
    assert torch.get_num_threads() == 4


def test_a_default_device(gpu):
    torch.set_default_device("cuda:1")
    try:
        made = [torch.zeros(2), torch.rand(2), torch.tensor([1.0]), torch.arange(3)]
        assert {str(t.device) for t in made} == {"cuda:1"}
        assert str(torch.get_default_device()) == "cuda:1"
        assert torch.zeros(2, device="cpu").device.type == "cpu"
        torch.set_default_device("cuda")
        assert torch.nn.Linear(2, 1)(torch.ones(3, 2)).is_cuda
    finally:
        torch.set_default_device(None)
    assert torch.zeros(2).device.type == "cpu"


def test_versions_agree():
    assert torch.version.__version__ == torch.__version__
    assert torch.__version__.endswith("+lab" + metadata.version("autograd_lab"))
    assert torch.__version__.split("+")[0] == pytest.importorskip("torch").__version__.split("+")[0]


@pytest.mark.parametrize("version", ["2.2", "2.13", "2.13.0", "2.13.1", "2.14", "10", "1.99.9",
                                     (2, 2), (2, 13), (2, 13, 0), (2, 13, 1), (3,)])
def test_a_version_is_compared_as_versions_are(version):
    its = pytest.importorskip("torch").torch_version.TorchVersion("2.13.0")
    mine = TorchVersion("2.13.0")
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        assert compare(mine, version) == compare(its, version)
        assert compare(TorchVersion("2.13.0+lab0.1.0"), version) == compare(mine, version)


@both
def test_branches_and_loops_as_functions(torch):
    x = torch.tensor([0.5], requires_grad=True)
    y = torch.cond(x.sum() > 0, torch.sin, torch.cos, (x,))
    y.backward()
    return y, x.grad, torch.cond(False, lambda: torch.ones(1), lambda: torch.zeros(1))
