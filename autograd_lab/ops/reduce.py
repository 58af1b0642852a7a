"""Many numbers in, few out: sums, means, extremes."""

import numpy as np

from ..core import Array, Op
from ..dispatch import op
from .shape import expand, reshape


@op
class sum(Op):
    r"""Add up the elements: all of them, or along some dimensions.

    >>> torch.sum(torch.tensor([[1., 2.], [3., 4.]]), dim=0)
    tensor([4., 6.])
    """

    formula, gradient = r"y = \sum_i x_i", r"\bar x_i = \bar y"

    def forward(self, x: Array, dim=None, keepdim=False):
        self.old, self.kept = x.shape, shape_kept(x.shape, dim)
        wide = None if x.dtype.kind in "fc" else "int64"
        return self.xp.add.reduce(x, axis=dim, keepdims=keepdim, dtype=wide)

    def backward(self, g):
        return expand(reshape(g, self.kept) if self.kept else g, self.old)


def shape_kept(shape, dim):
    """Give the shape that a reduction would have if it kept its dimensions as 1."""
    if dim is None:
        return ()
    dims = {d % len(shape) for d in ((dim,) if type(dim) is int else dim)}
    return tuple(1 if i in dims else n for i, n in enumerate(shape))
