"""The bytes of numbers, read as numbers of another dtype: PyTorch's numbers, shapes and words."""

import pytest
import torch as oracle

import autograd_lab as lab

NAMES = "float32 float64 int8 uint8 int32 int64 bool complex64 float16".split()
SHAPES = {
    "row": lambda torch: torch.arange(8), "odd row": lambda torch: torch.arange(3),
    "number": lambda torch: torch.tensor(1), "rows": lambda torch: torch.arange(32).reshape(4, 8),
    "turned": lambda torch: torch.arange(16).reshape(4, 4).t(),
    "empty": lambda torch: torch.zeros(0),
}


def seen(torch, shape, source, wanted):
    x = SHAPES[shape](torch).to(getattr(torch, source))
    try:
        y = x.view(getattr(torch, wanted))
    except RuntimeError as error:
        return str(error)
    return str(y.dtype), tuple(y.shape), str(y.tolist())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("source", NAMES)
def test_bytes_are_pytorch_s(shape, source):
    for wanted in NAMES:
        assert seen(lab, shape, source, wanted) == seen(oracle, shape, source, wanted)


def test_the_memory_is_one():
    for torch in (oracle, lab):
        x = torch.ones(2)
        y = x.view(dtype=torch.int32)
        y[0] = 0
        x[1] = 2.0
        assert x.tolist() == [0.0, 2.0] and y.tolist() == [0, 1 << 30]
        assert not x.requires_grad_().view(torch.int32).requires_grad
