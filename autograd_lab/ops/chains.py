"""Products of several matrices in the cheapest order, and Vandermonde's matrix."""

from itertools import pairwise

from ..core import wrap
from ..dtypes import legacy_name
from .join import cat
from .linalg import matmul
from .scan import cumprod
from .shape import expand, reshape, unsqueeze
from .spelling import with_out


@with_out
def multi_dot(tensors):
    """Multiply a chain of matrices in the order that takes the fewest steps.

    >>> torch.linalg.multi_dot([torch.ones(2, 3), torch.ones(3, 4), torch.ones(4)])
    tensor([12., 12.])
    """
    if len(tensors) < 2:
        raise RuntimeError(
            f"multi_dot(): expected at least 2 tensors but got {len(tensors)}"
        )
    _check_chain(tensors)
    if len(tensors) == 2:
        return matmul(*tensors)
    sizes = [1 if tensors[0].ndim == 1 else tensors[0].shape[0]]
    sizes += [x.shape[0] for x in tensors[1:]]
    sizes += [1 if tensors[-1].ndim == 1 else tensors[-1].shape[1]]
    return _product(tensors, _cuts(sizes), 0, len(tensors) - 1)


def chain_matmul(*matrices, out=None):
    """Multiply a chain of matrices in the order that takes the fewest steps.

    >>> torch.chain_matmul(torch.ones(2, 3), torch.ones(3, 1))
    tensor([[3.],
            [3.]])
    """
    for x in matrices:
        if x.ndim != 2:
            raise RuntimeError(f"Tensor dimension is {x.ndim}, expected 2 instead.")
    return matrices[0].clone() if len(matrices) == 1 else multi_dot(list(matrices), out=out)


def _check_chain(tensors):
    last = len(tensors) - 1
    for place, x in enumerate(tensors):
        at_end = place in (0, last)
        if x.ndim != 2 and not (at_end and x.ndim == 1):
            which = "the first and last tensors" if at_end else f"tensor {place}"
            ranks = "1D or 2D" if at_end else "2D"
            raise RuntimeError(f"multi_dot(): {which} must be {ranks} but got {x.ndim}D")
        if x.dtype is not tensors[0].dtype:
            raise RuntimeError(
                "multi_dot(): all tensors must have be the same dtype but tensor 0 is "
                f"{legacy_name(tensors[0].dtype)} and tensor {place} {legacy_name(x.dtype)}"
            )
    for a, b in pairwise(tensors):
        if a.shape[-1] != b.shape[0]:
            raise RuntimeError(
                f"multi_dot(): tensors of shapes {list(a.shape)} and {list(b.shape)} cannot be "
                "multiplied"
            )


def _cuts(sizes):
    """Find where to cut each part of a chain in two so that it costs the fewest multiplications."""
    count = len(sizes) - 1
    cost, cut = {(i, i): 0 for i in range(count)}, {}
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            choices = [
                (cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            ]
            cost[i, j], cut[i, j] = min(choices)
    return cut


def _product(tensors, cut, i, j):
    if i == j:
        return tensors[i]
    k = cut[i, j]
    return matmul(_product(tensors, cut, i, k), _product(tensors, cut, k + 1, j))


@with_out
def linalg_vander(x, *, N=None):
    """List the powers of each number: 1, x, x squared, ...

    >>> torch.linalg.vander(torch.tensor([2, 3]))
    tensor([[1, 2],
            [1, 3]])
    """
    x = x if x.ndim else reshape(x, (1,))
    count = x.shape[-1] if N is None else N
    if count <= 1:
        raise RuntimeError("N must be greater than 1.")
    rows = expand(unsqueeze(x, -1), (*x.shape, count - 1))
    ones = wrap(x.device.xp.ones((*x.shape, 1), x.array.dtype))
    return cat([ones, cumprod(rows, -1)], -1)


def vander(x, N=None, increasing=False):
    """List the powers of each number, the highest first.

    >>> torch.vander(torch.tensor([2, 3]))
    tensor([[2, 1],
            [3, 1]])
    """
    if x.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    count = x.shape[0] if N is None else N
    if count < 0:
        raise RuntimeError("N must be non-negative.")
    powers = wrap(x.device.xp.arange(count))
    return unsqueeze(x, -1) ** (powers if increasing else powers.flip(0))
