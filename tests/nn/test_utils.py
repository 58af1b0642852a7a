"""The small helpers of nn.utils: layers that need no start, memory orders, other parameters."""

import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import numbers, same, same_error

BOTH = pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])


@BOTH
def test_skip_init(torch):
    layer = torch.nn.utils.skip_init(torch.nn.Linear, 3, 2, bias=False)
    assert repr(layer) == "Linear(in_features=3, out_features=2, bias=False)"


@pytest.mark.parametrize("call", [
    lambda t: t.nn.utils.skip_init(int), lambda t: t.nn.utils.skip_init(t.nn.ReLU),
])  # fmt: skip
def test_errors(call):
    if call.__code__.co_names[-1] == "ReLU":
        same_error(call)
    else:
        with pytest.raises(RuntimeError, match="Expected a Module; got"):
            call(ours)


@BOTH
def test_memory_formats(torch):
    layer = torch.nn.Conv2d(1, 1, 1)
    assert torch.nn.utils.convert_conv2d_weight_memory_format(layer, torch.channels_last) is layer
    layer = torch.nn.Conv3d(1, 1, 1)
    call = torch.nn.utils.convert_conv3d_weight_memory_format
    assert call(layer, torch.channels_last_3d) is layer


def test_other_parameters():
    x, w, b = numbers(4, 3), numbers(2, 3, seed=1), numbers(2, seed=2)
    found = []
    for torch in (ours, theirs):
        given = {"weight": torch.tensor(w), "bias": torch.tensor(b)}
        layer = torch.nn.Linear(3, 2)
        found.append(torch.func.functional_call(layer, given, torch.tensor(x)).numpy())
    assert ours.nn.utils.stateless.functional_call(
        ours.nn.Linear(3, 2), {"weight": ours.tensor(w), "bias": ours.tensor(b)}, ours.tensor(x)
    ).shape == (4, 2)
    same(*found)
