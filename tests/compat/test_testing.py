"""assert_close says what PyTorch's says, word for word."""

import pytest

import autograd_lab
from tests.core.oracle import both, oracle

DIFFERENT = {
    "numbers apart": lambda t: (t.tensor([1.0, 2.0]), t.tensor([1.0, 3.0])),
    "whole numbers": lambda t: (t.tensor([2, 3]), t.tensor([2, 2])),
    "shapes": lambda t: (t.ones(2), t.ones(3)),
    "dtypes": lambda t: (t.ones(2), t.ones(2, dtype=t.float64)),
    "two floats": lambda t: (1.0, 1.1),
    "two integers": lambda t: (1, 2),
    "an integer and a float": lambda t: (1, 1.0),
    "in a list": lambda t: ([t.ones(2), t.ones(2)], [t.ones(2), t.zeros(2)]),
    "in a dict": lambda t: ({"a": t.ones(2)}, {"a": t.zeros(2)}),
    "other keys": lambda t: ({"a": 1}, {"b": 1}),
    "other lengths": lambda t: ([1], [1, 2]),
    "0-d": lambda t: (t.tensor(1.0), t.tensor(2.0)),
    "nan": lambda t: (t.tensor([float("nan")]), t.tensor([float("nan")])),
    "truth": lambda t: (t.tensor([True, False]), t.tensor([True, True])),
    "a matrix": lambda t: (t.tensor([[1.0, 2.0], [3.0, 4.0]]), t.tensor([[1.0, 2.5], [3.0, 9.0]])),
    "nothing": lambda t: (None, 1),
    "infinity": lambda t: (t.tensor([float("inf")]), t.tensor([1.0])),
    "complex": lambda t: (t.tensor([1 + 1j]), t.tensor([1 + 2j])),
    "a greater difference that is allowed": lambda t: (t.tensor([1e6, 1.0]),
                                                       t.tensor([1e6 + 0.5, 1.1])),
    "bytes": lambda t: (t.tensor([1], dtype=t.uint8), t.tensor([2], dtype=t.uint8)),
}


def said(torch, case, **settings):
    with pytest.raises(AssertionError) as caught:
        torch.testing.assert_close(*case(torch), **settings)
    return str(caught.value)


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_differs(name):
    assert said(autograd_lab, DIFFERENT[name]) == said(oracle(), DIFFERENT[name])


@both
def test_what_is_close(torch):
    close = torch.testing.assert_close
    close(torch.tensor([1.0]), torch.tensor([1.0 + 1e-6]))
    close(torch.tensor([1e-6]), torch.tensor([0.0]))
    close({"a": [1, (2.0, None)]}, {"a": [1, (2.0 + 1e-9, None)]})
    close(torch.tensor([float("nan")]), torch.tensor([float("nan")]), equal_nan=True)
    close(torch.ones(2), torch.ones(2, dtype=torch.float64), check_dtype=False)
    close(torch.ones(1, dtype=torch.float64), torch.ones(1) + 1e-6, check_dtype=False)
    close(torch.tensor([1.0]), torch.tensor([1.4]), rtol=0.5, atol=0)
    close(torch.zeros(0), torch.zeros(0))
    close(torch.ones(2, requires_grad=True) * 1, torch.ones(2))


def test_own_words():
    case = DIFFERENT["numbers apart"]
    assert said(autograd_lab, case, msg="mine") == "mine"
    assert said(autograd_lab, case, msg=lambda m: f"see: {m[:6]}") == "see: Tensor"


def test_strides():
    x = autograd_lab.ones(2, 2)
    autograd_lab.testing.assert_close(x, x.T)
    assert "stride()" in said(autograd_lab, lambda t: (x, x.T), check_stride=True)


def test_refusals():
    with pytest.raises(TypeError, match="No comparison pair was able to handle"):
        autograd_lab.testing.assert_close(autograd_lab.ones(1), 1.0)
    with pytest.raises(ValueError, match="both be specified"):
        autograd_lab.testing.assert_close(1.0, 1.0, rtol=1e-3)


def test_on_a_gpu(gpu):
    a = autograd_lab.ones(2, device="cuda")
    autograd_lab.testing.assert_close(a, a + 0)
    assert "'device'" in said(autograd_lab, lambda t: (a, a.cpu()))
    autograd_lab.testing.assert_close(a, a.cpu(), check_device=False)
