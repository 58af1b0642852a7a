"""Triangles and diagonals of matrices."""

from ..core import Array, Op
from ..core import wrap as as_tensor
from ..dispatch import op
from .dims import whole
from .shape import put_back, reshape
from .spelling import with_out
from .table import laid_into


@op
class tril(Op):
    r"""Keep the lower triangle of each matrix, zeros elsewhere.

    >>> torch.tril(torch.ones(2, 2))
    tensor([[1., 0.],
            [1., 1.]])
    """

    formula = r"y_{ij} = x_{ij}\, [j \le i + k]"
    gradient = r"\bar x_{ij} = \bar y_{ij}\, [j \le i + k]"

    def forward(self, x: Array, diagonal=0):
        self.diagonal = diagonal
        _check_matrix(x, "tril")
        return self.xp.tril(x, diagonal)

    def backward(self, g):
        return tril(g, self.diagonal)


@op
class triu(Op):
    r"""Keep the upper triangle of each matrix, zeros elsewhere.

    >>> torch.triu(torch.ones(2, 2))
    tensor([[1., 1.],
            [0., 1.]])
    """

    formula = r"y_{ij} = x_{ij}\, [j \ge i + k]"
    gradient = r"\bar x_{ij} = \bar y_{ij}\, [j \ge i + k]"

    def forward(self, x: Array, diagonal=0):
        self.diagonal = diagonal
        _check_matrix(x, "triu")
        return self.xp.triu(x, diagonal)

    def backward(self, g):
        return triu(g, self.diagonal)


def _check_matrix(x, name):
    if x.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")


@op
class diagonal(Op):
    r"""Take the diagonal of each matrix. A view.

    >>> torch.diagonal(torch.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """

    formula, gradient = r"y_i = x_{i, i+k}", r"\bar x_{i, i+k} = \bar y_i"
    view = True

    def forward(self, x: Array, offset=0, dim1=0, dim2=1):
        first, second = whole(dim1, x.ndim), whole(dim2, x.ndim)
        if first == second:
            raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
        self.old, self.where = x.shape, (offset, first, second)
        rows, columns = x.shape[first] + min(offset, 0), x.shape[second] - max(offset, 0)
        count = max(min(rows, columns), 0)
        row, column = x.strides[first], x.strides[second]
        corner = [slice(None)] * x.ndim
        corner[first], corner[second] = slice(max(-offset, 0), None), slice(max(offset, 0), None)
        rest = [i for i in range(x.ndim) if i not in (first, second)]
        return self.xp.lib.stride_tricks.as_strided(
            x[tuple(corner)],
            [x.shape[i] for i in rest] + [count],
            [x.strides[i] for i in rest] + [row + column],
        )

    def backward(self, g):
        return put_back(g, self.old, diagonal, self.where)


def diagonal_scatter(input, src, offset=0, dim1=0, dim2=1):
    """Give ``input`` with ``src`` laid into its diagonal.

    >>> torch.diagonal_scatter(torch.zeros(2, 2), torch.tensor([1., 2.]))
    tensor([[1., 0.],
            [0., 2.]])
    """
    return laid_into(input, src, "diagonal_scatter", lambda x: diagonal(x, offset, dim1, dim2))


def fill_diagonal_(self, fill_value, wrap=False):
    """Write one number to the diagonal.

    >>> torch.zeros(2, 2).fill_diagonal_(5)
    tensor([[5., 0.],
            [0., 5.]])
    """
    if self.ndim < 2:
        raise RuntimeError("dimensions must larger than 1")
    if self.ndim > 2:
        if len(set(self.shape)) > 1:
            raise RuntimeError("all dimensions of input must be of equal length")
        y = self.array.copy()
        y[tuple(self.device.xp.arange(n) for n in self.shape)] = fill_value
        return self.copy_(as_tensor(y))
    diagonal(self).fill_(fill_value)
    rows, columns = self.shape
    if wrap and rows > columns:  # the diagonal begins again below the square, one row left out
        for start in range(columns + 1, rows, columns + 1):
            diagonal(self[start:]).fill_(fill_value)
    return self


@op
class diag_embed(Op):
    r"""Lay vectors onto the diagonals of matrices of zeros.

    >>> torch.diag_embed(torch.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """

    formula, gradient = r"y_{i, i+k} = x_i", r"\bar x_i = \bar y_{i, i+k}"

    def forward(self, x: Array, offset=0, dim1=-2, dim2=-1):
        ndim = x.ndim + 1
        first, second = whole(dim1, ndim), whole(dim2, ndim)
        if first == second:
            raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
        if not x.ndim:
            raise RuntimeError("diag_embed(): Expected a tensor with at least one dimension")
        self.where = (offset, first, second)
        size = x.shape[-1] + abs(offset)
        shape = list(x.shape[:-1])
        for d in sorted((first, second)):
            shape.insert(d, size)
        y = self.xp.zeros(shape, x.dtype)
        diagonal(y, *self.where)[...] = x
        return y

    def backward(self, g):
        return diagonal(g, *self.where)


@with_out
def diag(input, diagonal=0):
    """Make a diagonal matrix from a vector, or take the diagonal of a matrix.

    >>> torch.diag(torch.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    >>> torch.diag(torch.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    if input.ndim not in (1, 2):
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input.ndim}D")
    return diag_embed(input, diagonal) if input.ndim == 1 else _diagonal_copy(input, diagonal)


def _diagonal_copy(input, offset):
    return diagonal(input, offset).clone()


def diagflat(input, offset=0):
    """Lay all elements onto the diagonal of a matrix of zeros.

    >>> torch.diagflat(torch.tensor([[1, 2]]))
    tensor([[1, 0],
            [0, 2]])
    """
    return diag_embed(reshape(input, (-1,)), offset)
