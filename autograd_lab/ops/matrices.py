"""What the operations on whole matrices share: their checks, and the two triangles."""

import numpy as np

from ..dtypes import legacy_name
from .reduce import conjugate
from .shape import swapped
from .triangle import diag_embed, diagonal, tril

FAILED = np.linalg.LinAlgError  # NumPy's word and CuPy's; learners get the next one, as in PyTorch


class LinAlgError(RuntimeError):
    """A matrix has not what was asked for: no inverse, no root, eigenvalues that will not settle.

    >>> issubclass(torch.linalg.LinAlgError, RuntimeError)
    True
    """


def turned(x):
    """Swap the last two dimensions and conjugate: of arrays and of Tensors."""
    return conjugate(swapped(x))


def check_matrix(name, x, whole=False):
    """Refuse what is no matrix of floats (or, if ``whole``, of integers): arrays and Tensors."""
    if len(x.shape) < 2:
        raise RuntimeError(f"{name}: The input tensor A must have at least 2 dimensions.")
    if not whole:
        check_floating(name, x)


def check_floating(name, x):
    """Refuse whole numbers."""
    if legacy_name(x.dtype) not in ("Float", "Double", "Half", "ComplexFloat", "ComplexDouble"):
        raise RuntimeError(
            f"{name}: Expected a floating point or complex tensor as input. Got "
            f"{legacy_name(x.dtype)}"
        )


def check_square(name, x, whole=False):
    """Refuse what is no square matrix, or stack of such."""
    check_matrix(name, x, whole)
    rows, columns = x.shape[-2:]
    if rows != columns:
        raise RuntimeError(
            f"{name}: A must be batches of square matrices, but they are {rows} by {columns} "
            "matrices"
        )


def first_failing(x, call):
    """Find the first matrix of a stack that a function of NumPy's fails with; and name it."""
    for k, one in enumerate(x.reshape(-1, *x.shape[-2:])):
        try:
            call(one)
        except FAILED:
            return one, f"(Batch element {k}): " if x.ndim > 2 else ""
    return x.reshape(-1, *x.shape[-2:])[0], ""


def halved_diagonal(x):
    """Keep the lower triangle, with half of the diagonal."""
    return tril(x) - diag_embed(diagonal(x, 0, -2, -1)) / 2

