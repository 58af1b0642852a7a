"""Older names and the memory itself, beside PyTorch."""

import re

import numpy as np
import pytest
import torch as oracle

import autograd_lab as lab

BOTH = pytest.mark.parametrize("home", [lab, oracle], ids=["ours", "theirs"])


@BOTH
@pytest.mark.filterwarnings("ignore:torch.range is deprecated")
def test_facts(home):
    x = home.zeros(2, 3)
    assert x[1:].storage_offset() == 3 and x.get_device() == -1 and x.is_cpu
    assert x.untyped_storage().nbytes() == 24
    assert x.untyped_storage().data_ptr() == x[1].untyped_storage().data_ptr()
    assert x.is_set_to(x.detach()) and not x.is_set_to(x.clone())
    assert x.is_same_size(home.ones(2, 3)) and not home.is_same_size(x, x[0])
    assert not (home.is_conj(x) or home.is_neg(x) or x.is_sparse or x.is_quantized or x.is_pinned())
    assert home.can_cast(home.int32, home.float32) and not home.can_cast(home.float32, home.int32)
    assert x.new([1, 2]).dtype == home.float32 and x.new(2, 2).shape == (2, 2)
    assert home.range(1, 2, 0.5).tolist() == [1, 1.5, 2] and home.scalar_tensor(2).item() == 2
    assert home.empty_strided((2, 3), (1, 2)).stride() == (1, 2)
    assert home.empty_permuted((2, 3, 4), (2, 0, 1)).stride() == (3, 1, 6)
    assert x.new_empty_strided((2,), (3,)).stride() == (3,)
    assert x.to_dense() is x or home is oracle


@BOTH
def test_resizing(home):
    x = home.arange(6)
    y = x.view(2, 3)
    assert y.resize_(2, 2).tolist() == [[0, 1], [2, 3]]
    y[0, 0] = 9
    assert x[0] == 9, "the memory is still shared"
    assert x[2:].resize_(2).tolist() == [2, 3]
    assert home.ones(2).resize_(5).shape == (5,)
    assert home.ones(4).resize_as_(home.ones(2, 2)).shape == (2, 2)
    with pytest.raises(RuntimeError, match="cannot resize variables that require grad"):
        home.ones(2, requires_grad=True).resize_(3)


@BOTH
@pytest.mark.parametrize(("size", "stride", "said"), [
    ((3, 2), (4, -1), "Storage size calculation overflowed with sizes=[3, 2] and strides=[4, -1]"),
    ((-3, 2), (4, 1), "Trying to create tensor with negative dimension -3: [-3, 2]"),
    ((3, 2), (4,), "dimensionality of sizes (2) must match dimensionality of strides (1)"),
])  # fmt: skip
def test_a_layout_stays_in_its_memory(home, size, stride, said):
    for make in (home.empty_strided, home.ones(1).new_empty_strided):
        with pytest.raises(RuntimeError, match=re.escape(said)):
            make(size, stride)
    assert home.empty_strided((3, 0), (4, -1)).shape == (3, 0)
    assert home.empty_strided((1,), (-1,)).fill_(2).tolist() == [2]
    with pytest.raises(RuntimeError, match="numel: integer multiplication overflow"):
        home.ones(3).resize_(-2)


@BOTH
def test_detaching_in_place(home):
    x = home.ones(2, requires_grad=True)
    assert not (x * 2).detach_().requires_grad
    with pytest.raises(RuntimeError, match="Can't detach views in-place"):
        (x * 2)[0].detach_()


@BOTH
@pytest.mark.parametrize("shape", [(3, 3), (7, 2), (2, 5), (3, 3, 3)])
def test_diagonals(home, shape):
    expected = oracle.zeros(*shape).fill_diagonal_(5.0, wrap=True).tolist()
    assert home.zeros(*shape).fill_diagonal_(5.0, wrap=True).tolist() == expected


@BOTH
def test_one_element_after_the_other(home):
    x = home.tensor([1.0, 2.0])
    assert x.apply_(lambda v: v * 10).tolist() == [10, 20]
    assert x.map_(home.tensor([1.0, 2.0]), lambda a, b: a - b).tolist() == [9, 18]


@BOTH
def test_steps_of_ones_own_write_through(home):
    x = home.zeros(2, 3)
    home.as_strided(x.T, (3,), (2,), 1).fill_(1)
    assert x.tolist() == [[0, 1, 0], [1, 0, 1]]
    base = home.zeros(6)[1:4]
    assert base.as_strided((2,), (1,)).storage_offset() == 1
    assert base.as_strided((2,), (1,), 4).storage_offset() == 4
    with pytest.raises(RuntimeError, match="out of bounds for storage of size"):
        base.as_strided((3,), (1,), 4)


def test_copies_share_nothing():
    x = lab.zeros(2, 2)
    y = lab.diagonal_copy(x)
    y += 1
    assert not x.any() and not np.shares_memory(x.numpy(), y.numpy())
