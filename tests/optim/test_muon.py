"""Muon walks as PyTorch's does, as exact as bfloat16 is."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as torch
from autograd_lab.optim.muon import orthogonal, to_bfloat16
from tests.optim.oracle import check_refusals, make, start, steps

SHAPES = [(4, 6), (6, 4), (5, 5)]
MODES = [{}, {"lr": 0.1, "momentum": 0.5, "nesterov": False}, {"weight_decay": 0.5},
         {"adjust_lr_fn": "match_rms_adamw"}, {"ns_steps": 3}]  # fmt: skip


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_path(mode):
    ends = []
    for library in (torch, theirs):
        parameters = start(library, "float32", SHAPES)
        optimizer = make(library, "Muon", parameters, mode)
        ends.append(steps(library, parameters, optimizer, range(4)))
    for a, b in zip(*ends):  # one unit of bfloat16 in a step's length
        np.testing.assert_allclose(a, b, atol=0.02 * mode.get("lr", 1e-3))


def test_rounding_is_pytorch_s():
    x = np.random.default_rng(0).standard_normal(1000).astype("float32")
    x[:2] = [1 + 2**-8, 1 + 3 * 2**-8]  # half-way: to the even one
    expected = theirs.tensor(x).bfloat16().float().numpy()
    assert np.array_equal(to_bfloat16(np, x), expected)


def test_directions_become_equally_strong():
    matrix = np.random.default_rng(0).standard_normal((20, 10)).astype("float32")
    strengths = np.linalg.svd(orthogonal(np, matrix, (3.4445, -4.775, 2.0315), 5, 1e-7))[1]
    assert strengths.shape == (10,)
    assert strengths.min() > 0.5
    assert strengths.max() < 1.5


def test_refusals():
    check_refusals("Muon", [
        {"lr": -1}, {"momentum": -1}, {"weight_decay": -1}, {"adjust_lr_fn": "x"},
    ], (2, 2))  # fmt: skip
    check_refusals("Muon", [{}], (2,))


@pytest.mark.parametrize(("settings", "words"), [
    ({"ns_steps": 100}, "less than 100"), ({"ns_coefficients": (1, 2)}, "exactly 3 values"),
])  # fmt: skip
def test_refusals_in_a_step(settings, words):
    p = torch.ones(2, 2).requires_grad_()
    p.sum().backward()
    with pytest.raises(ValueError, match=words):
        torch.optim.Muon([p], **settings).step()
