"""The layer of all layers: multiply by a weight matrix, add a bias."""

import math

from ..backends.cuda import kernels, ours
from ..core import Array, Op
from ..dispatch import op
from ..dtypes import legacy_name
from . import products
from .linalg import mismatch, product, unlike
from .shape import sum_to


@op
class linear(Op):
    r"""Multiply by a weight matrix and add a bias: what a fully connected layer does.

    ``input`` may have any number of dimensions; the last one holds the features.

    >>> F.linear(torch.tensor([[1., 2.]]), torch.tensor([[3., 4.], [5., 6.]]), torch.ones(2))
    tensor([[12., 18.]])
    """

    formula = r"y = x W^\top + b"
    gradient = r"\bar x = \bar y\, W,\quad \bar W = \bar y^\top x,\quad \bar b = \sum_i \bar y_i"
    torch_name = "AddmmBackward0"

    def forward(self, input: Array, weight: Array, bias: Array | None = None):
        self.old, self.outputs = input.shape, weight.shape[:-1]
        self.bias_shape = None if bias is None else bias.shape
        if input.dtype != weight.dtype:
            raise _unlike(input, weight, bias)
        if not self.old or weight.ndim != 2:
            _check(input, weight, bias)
        rows = input if len(self.old) == 2 else as_rows(input)
        try:
            y = products.product(rows, weight.T)
        except ValueError:
            raise mismatch(self.old, weight.shape[::-1]) from None
        if bias is not None:
            if bias.ndim > 1 and len(self.old) > 2:
                y = y.reshape(self.old[:-1] + self.outputs)
            y = add_bias(y, bias)
        return y if rows is input else y.reshape(self.old[:-1] + self.outputs)

    def backward_input(self, g, weight):
        if len(self.old) == 2 == weight.ndim:
            return product(g, weight.conj())
        weight = weight.reshape(-1, self.old[-1])
        g = g.reshape(math.prod(self.old[:-1]), weight.shape[0])
        return product(g, weight.conj()).reshape(self.old)

    def backward_weight(self, g, input):
        if len(self.old) == 2 and self.outputs:
            return product(g.T, input.conj())
        rows = input.reshape(math.prod(self.old[:-1]), self.old[-1])
        g = g.reshape(rows.shape[0], math.prod(self.outputs))
        found = product(g.T, rows.conj())
        return found if self.outputs else found.reshape(self.old[-1])

    def backward_bias(self, g):
        if type(g) is not self.xp.ndarray or self.bias_shape != g.shape[-1:] or not g.size:
            rows = g if len(self.old) > 1 else g.reshape(1, -1)
            return sum_to(rows, self.bias_shape)
        rows = g if g.ndim == 2 else g.reshape(-1, g.shape[-1])
        if ours(rows):
            return kernels().column_sums(rows)
        return products.ones(self.xp, len(rows), g.dtype).dot(rows)


def _unlike(input, weight, bias):
    """Word that input, weight and bias are of different dtypes."""
    if bias is None:
        return unlike(input, weight.T)
    first, second = ("mat1", input) if bias.dtype == weight.dtype else ("self", bias)
    return RuntimeError(
        f"{first} and mat2 must have the same dtype, but got {legacy_name(second.dtype)} and "
        f"{legacy_name(weight.dtype)}. Bring them together: x.to(weight.dtype), or "
        "layer.to(x.dtype)"
    )


def _check(input, weight, bias):
    """Refuse what PyTorch does not multiply: one number, a stack of matrices, some vectors."""
    if not (input.ndim and weight.ndim):
        raise RuntimeError(
            "both arguments to linear need to be at least 1D, but they are "
            f"{input.ndim}D and {weight.ndim}D"
        )
    if weight.ndim > 2:
        raise RuntimeError(
            f"t() expects a tensor with <= 2 dimensions, but self is {weight.ndim}D: a weight has "
            "one row for each output; x @ w.mT multiplies by a stack of matrices"
        )
    if weight.ndim == 1 and bias is not None and (input.ndim == 2 or bias.ndim == 1):
        raise RuntimeError(
            "mat2 must be a matrix, got 1-D tensor: weight.unsqueeze(0) is the matrix of one row"
        )


def as_rows(input):
    """Lay everything but the last dimension out as rows of one matrix."""
    return input.reshape(math.prod(input.shape[:-1]), input.shape[-1])


def add_bias(y, bias):
    """Add the bias to every row, in the memory of ``y``."""
    if y.dtype != bias.dtype:
        raise _unlike(y, y, bias)
    try:
        y += bias
    except ValueError:
        raise _misfit(y.shape, bias.shape) from None
    return y


def _misfit(whole, given):
    """Word that a bias of a given shape does not fit the whole result."""
    hint = "The bias needs one number for each row of weight."
    if len(given) > len(whole):
        return RuntimeError(
            f"expand(torch.FloatTensor{{{list(given)}}}, size={list(whole)}): the number of sizes "
            f"provided ({len(whole)}) must be greater or equal to the number of dimensions in the "
            f"tensor ({len(given)}). {hint}"
        )
    pairs = list(enumerate(zip(whole, (1,) * (len(whole) - len(given)) + given)))
    dim, (a, b) = next((i, pair) for i, pair in reversed(pairs) if pair[1] not in (1, pair[0]))
    if len(whole) > 2:
        return RuntimeError(
            f"The size of tensor a ({a}) must match the size of tensor b ({b}) at non-singleton "
            f"dimension {dim}. {hint}"
        )
    return RuntimeError(
        f"The expanded size of the tensor ({a}) must match the existing size ({b}) at "
        f"non-singleton dimension {dim}.  Target sizes: {list(whole)}.  Tensor sizes: "
        f"{list(given)}. {hint}"
    )
