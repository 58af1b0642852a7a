"""Operators, their reflections, and writing in place: what PyTorch does, side by side."""

import operator

import numpy as np
import pytest
import torch as oracle

import autograd_lab as lab

SIDES = pytest.mark.parametrize("torch", [lab, oracle], ids=["ours", "torch"])
FLOATS, WHOLE = [1.5, -2.0, 3.0], [6, -7, 3]
ARITHMETIC = "add sub mul truediv floordiv mod pow".split()
BITS = "and_ or_ xor".split()


def numbers(x):
    return np.asarray(x.detach()).tolist() if hasattr(x, "detach") else x


@pytest.mark.parametrize("name", ARITHMETIC)
@pytest.mark.parametrize("values", [FLOATS, WHOLE], ids=["floats", "whole"])
def test_operators_with_a_number_on_either_side(name, values):
    act = getattr(operator, name)
    for left, right in ((lambda x: x, lambda x: 2), (lambda x: 2, lambda x: abs(x))):
        mine, theirs = lab.tensor(values), oracle.tensor(values)
        x, y = act(left(mine), right(mine)), act(left(theirs), right(theirs))
        np.testing.assert_allclose(numbers(x), numbers(y), rtol=1e-6)
        assert str(x.dtype) == str(y.dtype)


@pytest.mark.parametrize("name", [*BITS, "lshift", "rshift"])
def test_bits_with_a_number_on_either_side(name):
    act = getattr(operator, name)
    mine, theirs = lab.tensor([6, 7, 3]), oracle.tensor([6, 7, 3])
    assert act(mine, 2).tolist() == act(theirs, 2).tolist()
    assert act(2, mine).tolist() == act(2, theirs).tolist()


@pytest.mark.parametrize("name", [*ARITHMETIC, *BITS, "lshift", "rshift"])
def test_in_place_operators_write_to_the_same_memory(name):
    act = getattr(operator, "i" + name.strip("_"))
    values = WHOLE if name in (*BITS, "lshift", "rshift", "floordiv", "mod") else FLOATS
    mine, theirs = lab.tensor(values), oracle.tensor(values)
    view = mine[1:]
    assert act(mine, 2) is mine
    act(theirs, 2)
    np.testing.assert_allclose(numbers(mine), numbers(theirs), rtol=1e-6)
    assert view.tolist() == mine.tolist()[1:]


@SIDES
def test_what_is_no_number_is_left_to_python(torch):
    x = torch.tensor([1.0])
    for other in (None, "a", [1.0], {}):
        assert (x == other) is False
        assert (x != other) is True
        with pytest.raises(TypeError):
            x < other  # noqa: B015
    for act in (operator.add, operator.mul, operator.pow):
        with pytest.raises(TypeError):
            act(x, None)
        with pytest.raises(TypeError):
            act("a", x)


@SIDES
def test_one_operand(torch):
    x = torch.tensor([1.0, -2.0])
    assert (-x).tolist() == [-1, 2]
    assert (+x).tolist() == [1, -2]
    assert abs(x).tolist() == [1, 2]
    assert (~torch.tensor([True, False])).tolist() == [False, True]
    with pytest.raises(TypeError, match="only implemented on integer and Boolean-type tensors"):
        operator.invert(x)


@SIDES
def test_true_and_false_are_not_subtracted(torch):
    yes = torch.tensor([True])
    with pytest.raises(RuntimeError, match="two bool tensors is not supported"):
        yes - yes
    with pytest.raises(RuntimeError, match="on a bool tensor is not supported"):
        operator.neg(yes)
    assert (yes + yes).tolist() == [True]


@SIDES
@pytest.mark.parametrize("act", ["//", "%", "fmod", "trunc"])
def test_whole_numbers_are_not_divided_by_zero(torch, act):
    x = torch.tensor([1, 2])
    calls = {
        "//": lambda d: x // d, "%": lambda d: x % d, "fmod": lambda d: torch.fmod(x, d),
        "trunc": lambda d: torch.div(x, d, rounding_mode="trunc"),
    }  # fmt: skip
    for zero in (0, torch.tensor([1, 0])):
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            calls[act](zero)


@SIDES
def test_filling_and_copying_cut_the_gradient_off_but_keep_the_graph(torch):
    for write in (lambda h: h.zero_(), lambda h: h.fill_(3), lambda h: h.copy_(torch.ones(2))):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        h = x * 2
        assert write(h) is h
        assert h.requires_grad
        h.sum().backward()
        assert x.grad.tolist() == [0, 0]


@SIDES
def test_copying_converts_repeats_and_lets_the_gradient_through(torch):
    source = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    x = torch.zeros(3, 2)
    x.copy_(source)
    assert x.dtype is torch.float32
    x.sum().backward()
    assert source.grad.tolist() == [3, 3]
    assert source.grad.dtype is torch.float64
    whole = torch.zeros(2, dtype=torch.int64)
    whole.copy_(torch.tensor([1.7, -1.7]))
    assert whole.tolist() == [1, -1]


@SIDES
def test_copying_a_number(torch):
    assert torch.zeros(2).copy_(2.5).tolist() == [2.5, 2.5]
    assert torch.zeros(2, dtype=torch.uint8).copy_(300).tolist() == [44, 44]
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y.copy_(5)
    y.sum().backward()
    assert x.grad.tolist() == [0, 0]
    with pytest.raises(TypeError, match=r"argument 'other' .* must be Tensor, not list"):
        y.copy_([1, 2])


@SIDES
def test_a_result_of_a_higher_kind_is_not_written(torch):
    x = torch.tensor([1, 2])
    with pytest.raises(RuntimeError, match="can't be cast to the desired output type Long"):
        x.mul_(1.5)
    with pytest.raises(RuntimeError, match="can't be cast"):
        x /= 2


@SIDES
def test_real_and_imaginary_parts_are_views(torch):
    x = torch.tensor([1 + 2j, 3 + 4j])
    x.real[0] = 9
    x.imag = torch.tensor([5.0, 6.0])
    assert x.tolist() == [9 + 5j, 3 + 6j]
