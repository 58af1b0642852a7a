"""An operation is one object under all its names, and `??` shows the whole of it."""

import inspect

import autograd_lab as torch
from autograd_lab import ops
from autograd_lab.nn import functional as F


def test_one_object_under_all_names():
    assert torch.tanh is F.tanh
    assert torch.tanh is torch.Tensor.tanh
    assert torch.tanh is ops.tanh
    for name in ("relu", "sigmoid", "softplus", "linear", "mse_loss"):
        assert getattr(F, name).__name__ == name
    for name in ("exp", "mul", "sum", "matmul", "tril", "cumsum"):
        assert getattr(torch, name) is getattr(torch.Tensor, name) is getattr(ops, name)


def test_the_source_is_the_whole_class():
    for call in (torch.tanh, torch.Tensor.mul, torch.Tensor.__mul__, F.softplus, torch.matmul):
        source = inspect.getsource(inspect.unwrap(call))
        assert source.startswith(("@op", "class ")), source[:60]
        assert "def forward(self" in source and "def backward" in source
        assert "formula" in source and "gradient" in source


def test_in_ipython_too():
    """What a learner types: torch.tanh??"""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    try:
        shell.user_ns["torch"] = torch
        found = shell.object_inspect("torch.tanh", detail_level=1)
        assert "class tanh" in found["source"] and "def backward(self, g, y)" in found["source"]
        wants = found["definition"].replace("autograd_lab.core.", "")
        assert wants.startswith("torch.tanh(input: Tensor")
    finally:
        shell.history_manager.end_session()
