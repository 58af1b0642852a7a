"""What eigenvalues tell of themselves: their settings are PyTorch's, and so are their errors."""

import inspect

import pytest
import torch as theirs

import autograd_lab as ours
from autograd_lab.ops.decompositions import eig_pair, eigh_pair


def test_an_errors_label_is_no_setting():
    assert list(inspect.signature(eigh_pair).parameters) == ["input", "UPLO"]
    assert list(inspect.signature(eig_pair).parameters) == ["input"]


@pytest.mark.parametrize("name", ["eigh", "eigvalsh", "eig", "eigvals"])
@pytest.mark.parametrize("shape", [(2, 3), (3,)])
def test_a_matrix_must_be_square(name, shape):
    said = []
    for torch in (theirs, ours):
        with pytest.raises(RuntimeError) as error:
            getattr(torch.linalg, name)(torch.ones(shape))
        said.append(str(error.value))
    assert said[1].startswith(said[0].rstrip("."))


@pytest.mark.parametrize("name", ["eigh", "eigvalsh", "eig"])
def test_numbers_must_be_finite(name):
    said = []
    for torch in (theirs, ours):
        with pytest.raises(RuntimeError) as error:
            getattr(torch.linalg, name)(torch.full((2, 3, 3), float("nan")))
        said.append(str(error.value))
    assert said[1][:60] == said[0][:60]
