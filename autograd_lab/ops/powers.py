"""Powers of a matrix, and its exponential."""

import math

from ..core import Array, Op, wrap
from ..dispatch import op
from .compare import zeros_for
from .join import cat
from .linalg import matmul
from .matrices import check_square, turned
from .reduce import precise
from .solving import inv
from .spelling import with_out
from .table import pick


@with_out
def matrix_power(A, n):
    """Multiply a square matrix by itself, ``n`` times; a negative ``n`` takes the inverse.

    >>> torch.linalg.matrix_power(torch.tensor([[1., 1.], [0., 1.]]), 3)
    tensor([[1., 3.],
            [0., 1.]])
    """
    check_square("linalg.matrix_power", A, whole=True)
    if n == 0:
        return zeros_for(A) + wrap(A.device.xp.eye(A.shape[-1], dtype=A.array.dtype))
    if n < 0:
        A, n = inv(A), -n
    power, result = A, None
    while n:
        if n & 1:
            result = power if result is None else matmul(result, power)
        n >>= 1
        power = matmul(power, power) if n else power
    return result * 1 if result is A else result


# N. J. Higham, The scaling and squaring method for the matrix exponential revisited,
# SIAM J. Matrix Anal. Appl. 26 (2005), 1179-1193: the fraction of degree 13, good up to norm 5.37.
FRACTION = (
    64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0,
    129060195264000.0, 10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0,
    960960.0, 16380.0, 182.0, 1.0,
)  # fmt: skip


@op
class matrix_exp(Op):
    r"""Raise $e$ to a matrix: $1 + x + x^2/2 + x^3/6 + \ldots$.

    >>> torch.linalg.matrix_exp(torch.tensor([[0., 1.], [0., 0.]]))
    tensor([[1., 1.],
            [0., 1.]])
    """

    formula = r"y = e^x"
    gradient = r"e^{\begin{pmatrix} x^H & \bar y \\ 0 & x^H \end{pmatrix}} = "
    gradient += r"\begin{pmatrix} y^H & \bar x \\ 0 & y^H \end{pmatrix}"
    torch_name = "LinalgMatrixExpBackward0"

    def forward(self, A: Array):
        xp = self.xp
        check_square("linalg.matrix_exp", A)
        if not A.size:
            return A.copy()
        length = float(xp.absolute(precise(A)).sum(axis=-2).max())
        halvings = max(0, math.ceil(math.log2(length / 5.37))) if 0 < length < math.inf else 0
        a = precise(A) / 2**halvings
        one, square = xp.eye(A.shape[-1], dtype=a.dtype), xp.matmul(a, a)
        even, odd, power = one * FRACTION[0], one * FRACTION[1], one
        for k in range(2, 14, 2):
            power = xp.matmul(power, square)
            even = even + power * FRACTION[k]
            odd = odd + power * FRACTION[k + 1]
        odd = xp.matmul(a, odd)
        y = xp.linalg.solve(even - odd, even + odd)
        for _ in range(halvings):
            y = xp.matmul(y, y)
        return y.astype(A.dtype, copy=False)

    def backward(self, g, A):
        n, back = A.shape[-1], turned(A)
        above, below = cat([back, g], -1), cat([zeros_for(g), back], -1)
        both = matrix_exp(cat([above, below], -2))
        return pick(both, (..., slice(n), slice(n, None)))
