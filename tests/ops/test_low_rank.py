"""The largest singular values by random products: right where there are few of them."""

import numpy as np
import pytest
import torch as oracle

import autograd_lab as torch
from tests.nn.pairs import same_error


def matrix(rows, columns, rank=2):
    draw = np.random.default_rng(rows)
    return draw.standard_normal((rows, rank)) @ draw.standard_normal((rank, columns))


@pytest.mark.parametrize("shape", [(9, 5), (5, 9)])
def test_a_matrix_of_few_directions_is_found_again(shape):
    A = torch.tensor(np.stack([matrix(*shape), 2 * matrix(*shape)]))
    U, S, V = torch.svd_lowrank(A, q=3)
    assert (U.shape, S.shape, V.shape) == ((2, shape[0], 3), (2, 3), (2, shape[1], 3))
    assert torch.allclose(U @ torch.diag_embed(S) @ V.mT, A)
    assert torch.allclose(V.mT @ V, torch.eye(3, dtype=torch.float64))
    assert torch.allclose(S, torch.linalg.svdvals(A)[:, :3])


def test_a_part_can_be_taken_away():
    A, M = torch.tensor(matrix(6, 5)), torch.tensor(matrix(6, 5, 1))
    S = torch.svd_lowrank(A + M, q=2, M=M)[1]
    assert torch.allclose(S, torch.linalg.svdvals(A)[:2])


@pytest.mark.parametrize("center", [True, False])
def test_principal_components(center):
    data = matrix(12, 4) + 7
    mine = torch.pca_lowrank(torch.tensor(data), q=3, center=center)
    its = oracle.pca_lowrank(oracle.tensor(data), q=3, center=center)
    most = 2 if center else 3
    assert np.allclose(mine[1].numpy(), its[1].numpy())
    near = np.abs(np.sum(mine[2].numpy() * its[2].numpy(), 0))[:most]  # up to a sign
    assert np.allclose(near, 1)


def test_so_many_as_there_are_at_most_six():
    assert torch.pca_lowrank(torch.tensor(matrix(9, 4)))[1].shape == (4,)
    assert torch.pca_lowrank(torch.tensor(matrix(9, 8)))[1].shape == (6,)


@pytest.mark.parametrize("settings", [{"q": 5}, {"q": -1}, {"niter": -1}])
def test_what_is_refused(settings):
    same_error(lambda t: t.pca_lowrank(t.tensor(matrix(6, 4)), **settings))


def test_on_the_gpu(gpu):
    A = torch.tensor(matrix(6, 5), device="cuda")
    assert torch.svd_lowrank(A, q=2)[1].device.type == "cuda"
