"""Give the same numbers another shape, another dtype, another place."""

import numpy as np

from ..device import device_of, move
from .. import dtypes
from ..core import Array, Op
from ..dispatch import op


@op
class to(Op):
    r"""Convert to another dtype; gradients come back in the operand's own.

    >>> torch.tensor([1, 2]).to(torch.float32)
    tensor([1., 2.])
    """

    formula, gradient = r"y = x", r"\bar x = \bar y"
    torch_name = "ToCopyBackward0"

    def forward(self, x: Array, dtype):
        self.old = x.dtype
        return x.astype(dtypes.as_array_dtype(dtype))

    def backward(self, g):
        return to(g, self.old)


@op
class to_device(Op):
    r"""Copy to another device; gradients travel back.

    >>> torch.tensor([1., 2.]).to("cpu")
    tensor([1., 2.])
    """

    formula, gradient = r"y = x", r"\bar x = \bar y"
    torch_name = "ToCopyBackward0"

    def forward(self, x: Array, device):
        self.old = device_of(x)
        return move(x, device)

    def backward(self, g):
        return to_device(g, self.old)


@op
class expand(Op):
    r"""Repeat a tensor along new or length-1 dimensions, without copying.

    >>> torch.tensor([1., 2.]).expand(2, 2)
    tensor([[1., 2.],
            [1., 2.]])
    """

    formula, gradient = r"y_{ij} = x_j", r"\bar x_j = \sum_i \bar y_{ij}"
    view = True

    def forward(self, x: Array, shape):
        self.old = x.shape
        return self.xp.broadcast_to(x, shape)

    def backward(self, g):
        return sum_to(g, self.old)


@op
class sum_to(Op):
    r"""Add up what broadcasting had repeated.

    >>> sum_to(torch.ones(2, 3), (3,))
    tensor([2., 2., 2.])
    """

    formula, gradient = r"y_j = \sum_i x_{ij}", r"\bar x_{ij} = \bar y_j"

    def forward(self, x: Array, shape):
        self.old = x.shape
        lead = x.ndim - len(shape)
        axes = tuple(range(lead)) + tuple(
            i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1
        )
        return x.sum(axis=axes, keepdims=True).reshape(shape) if shape else x.sum()

    def backward(self, g):
        return expand(g, self.old)


@op
class reshape(Op):
    r"""Give the same elements another shape.

    >>> torch.arange(4).reshape(2, 2)
    tensor([[0, 1],
            [2, 3]])
    """

    formula, gradient = r"y = x", r"\bar x = \bar y"
    view = "perhaps"
    torch_name = "ViewBackward0"

    def forward(self, x: Array, shape):
        self.old = x.shape
        return x.reshape(shape)

    def backward(self, g):
        return reshape(g, self.old)


@op
class clone(Op):
    r"""Copy; gradients flow through the copy.

    >>> torch.clone(torch.tensor([1., 2.]))
    tensor([1., 2.])
    """

    formula, gradient = r"y = x", r"\bar x = \bar y"

    def forward(self, x: Array, contiguous=False):
        return x.copy(order="C" if contiguous else "K")

    def backward(self, g):
        return g
