"""Matrices that have not what is asked for, and what PyTorch's answers do not tell."""

import numpy as np
import pytest
import torch as oracle

import autograd_lab as lab
from tests.core.oracle import both

SINGULAR = lab.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=lab.float64)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: lab.linalg.inv(SINGULAR), "linalg.inv: The diagonal element 2 is zero"),
    (lambda: lab.linalg.inv(lab.stack([lab.eye(2), lab.diag(lab.tensor([0.0, 1.0]))])),
     r"linalg.inv: \(Batch element 1\): The diagonal element 1 is zero"),
    (lambda: lab.linalg.solve(SINGULAR, lab.ones(2, dtype=lab.float64)),
     "torch.linalg.solve: The solver failed because the input matrix is singular."),
    (lambda: lab.linalg.cholesky(lab.full((2, 2), -1.0)), "the leading minor of order 1"),
    (lambda: lab.linalg.cholesky(lab.diag(lab.tensor([1.0, -1.0]))),
    "the leading minor of order 2"),
    (lambda: lab.linalg.svd(lab.full((2, 2), lab.nan)), "non-finite values"),
    (lambda: lab.linalg.lu_factor_ex(lab.zeros(2, 2), check_errors=True), "is zero"),
])  # fmt: skip
def test_an_error_of_its_own_kind(call, words):
    with pytest.raises(lab.linalg.LinAlgError, match=words):
        call()
    assert issubclass(lab.linalg.LinAlgError, RuntimeError)
    assert issubclass(oracle.linalg.LinAlgError, RuntimeError)


def test_told_by_a_number():
    assert lab.linalg.inv_ex(SINGULAR).info.item() > 0
    assert lab.linalg.solve_ex(SINGULAR, SINGULAR).info.item() > 0
    bad = lab.diag_embed(lab.tensor([[1.0, 1.0], [-1.0, 1.0]]))
    assert lab.linalg.cholesky_ex(bad).info.tolist() == [0, 1]
    assert oracle.linalg.cholesky_ex(oracle.from_numpy(bad.numpy())).info.tolist() == [0, 1]
    assert lab.linalg.lu_factor_ex(lab.zeros(2, 2)).info.item() == 1


def test_the_slope_of_a_determinant_that_is_zero():
    """PyTorch gives 0 here; the true slope is the matrix of cofactors."""
    x = SINGULAR.clone().requires_grad_()
    lab.linalg.det(x).backward()
    np.testing.assert_allclose(x.grad.numpy(), [[4, -2], [-2, 1]], atol=1e-12)


def test_factors_give_the_matrix_back():
    x = lab.tensor(np.random.default_rng(0).standard_normal((2, 5, 3)))
    q, r = lab.linalg.qr(x)
    u, s, vh = lab.linalg.svd(x, full_matrices=False)
    p, low, up = lab.linalg.lu(x)
    for again in (q @ r, u @ lab.diag_embed(s) @ vh, p @ low @ up):
        np.testing.assert_allclose(again.numpy(), x.numpy(), atol=1e-12)
    wide = lab.linalg.qr(x.mT)
    np.testing.assert_allclose((wide.Q @ wide.R).numpy(), x.mT.numpy(), atol=1e-12)
    full = lab.linalg.svd(x)
    assert full.U.shape == (2, 5, 5) and full.Vh.shape == (2, 3, 3)


def test_qr_without_q_has_no_slope():
    r = lab.linalg.qr(lab.ones(2, 2, requires_grad=True), mode="r").R
    with pytest.raises(RuntimeError, match="depends on Q"):
        r.sum().backward()


def test_a_long_chain_is_cut_well():
    """From the left this chain takes 10,000 times as many steps."""
    ones = [lab.ones(200, 1), lab.ones(1, 200), lab.ones(200, 1), lab.ones(1, 200)]
    assert lab.linalg.multi_dot(ones).sum().item() == 200 * 200 * 200


def test_powers_of_e_of_large_matrices():
    x = lab.tensor([[0.0, 100.0], [-100.0, 0.0]], dtype=lab.float64)
    c, s = np.cos(100), np.sin(100)
    np.testing.assert_allclose(lab.linalg.matrix_exp(x).numpy(), [[c, s], [-s, c]], atol=1e-10)


@both
@pytest.mark.parametrize("shape", [(4, 0), (0,), (2, 4, 0)], ids=str)
def test_the_slope_of_a_product_with_an_empty_vector(torch, shape):
    a, b = [torch.zeros(*each, requires_grad=True) for each in (shape, (0,))]
    (a @ b).sum().backward()
    return a.grad, b.grad
