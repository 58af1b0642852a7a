"""PyTorch's ``torch.functional``: the calls that PyTorch writes in Python, as in ``torch`` itself.

>>> torch.functional.einsum is torch.einsum
True
"""

from .missing import explaining as _explaining
from .ops import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    block_diag,
    broadcast_shapes,
    broadcast_tensors,
    cartesian_prod,
    einsum,
    meshgrid,
    norm,
    split,
    tensordot,
    unique,
    unique_consecutive,
    unravel_index,
)
from .ops.chains import chain_matmul
from .ops.decompositions import lu
from .ops.distance import cdist
from .ops.fourier import istft, stft
from .ops.low_rank import pca_lowrank, svd_lowrank

__all__ = [
    "atleast_1d", "atleast_2d", "atleast_3d", "block_diag", "broadcast_shapes",
    "broadcast_tensors", "cartesian_prod", "cdist", "chain_matmul", "einsum", "istft", "lu",
    "meshgrid", "norm", "pca_lowrank", "split", "stft", "svd_lowrank", "tensordot", "unique",
    "unique_consecutive", "unravel_index",
]  # fmt: skip
__getattr__ = _explaining(__name__)
