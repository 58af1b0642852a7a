"""Other ways to walk over the same memory: sliding windows, and any strides at all."""


from ..core import Array, Op
from ..dispatch import op
from .dims import along, whole


@op
class unfold(Op):
    r"""Slide a window along a dimension; the windows come last. A view.

    >>> torch.arange(5).unfold(0, 3, 1)
    tensor([[0, 1, 2],
            [1, 2, 3],
            [2, 3, 4]])
    """

    formula, gradient = r"y_{ik} = x_{si + k}", r"\bar x_j = \sum_{si + k = j} \bar y_{ik}"
    view = True

    def forward(self, x: Array, dimension, size, step):
        dim = whole(dimension, x.ndim)
        length = x.shape[dim] if x.ndim else 1
        if size < 0:
            raise RuntimeError(f"size is {size} but must be >= 0")
        if size > length:
            raise RuntimeError(
                f"maximum size for tensor at dimension {dim} is {length} but size is {size}"
            )
        if step <= 0:
            raise RuntimeError(f"step is {step} but must be > 0")
        self.old, self.where = x.shape, (dim, size, step)
        if not x.ndim:
            return x[None][:size]
        count = (length - size) // step + 1
        shape, strides = list(x.shape), list(x.strides)
        shape[dim], strides[dim] = count, x.strides[dim] * step
        return self.xp.lib.stride_tricks.as_strided(
            x, [*shape, size], [*strides, x.strides[dim]]
        )

    def backward(self, g):
        return fold_windows(g, self.old, *self.where)


@op
class fold_windows(Op):
    r"""Add windows up where they overlap: the gradient of sliding a window.

    >>> fold_windows(torch.ones(3, 3), (5,), 0, 3, 1)
    tensor([1., 2., 3., 2., 1.])
    """

    formula, gradient = r"y_j = \sum_{si + k = j} x_{ik}", r"\bar x_{ik} = \bar y_{si + k}"

    def forward(self, x: Array, shape, dim, size, step):
        self.where = (dim, size, step)
        y = self.xp.zeros(shape or (1,), x.dtype)
        count = x.shape[dim] if shape else 1
        for k in range(size):
            y[along(dim, slice(k, k + step * (count - 1) + 1, step))] += x[..., k]
        return y.reshape(shape)

    def backward(self, g):
        return unfold(g, *self.where)
