"""Layers that put a border around their input.

``padding`` is one width for all sides, or (left, right, top, bottom, front, back): from the last
dimension to the first. A negative width cuts off.
"""

from . import functional as F
from .module import Module


class _Pad(Module):
    """A border of one kind; subclasses say around how many dimensions."""

    dims, mode = 1, "constant"

    def __init__(self, padding):
        super().__init__()
        sides = 2 * self.dims
        self.padding = tuple(padding) if hasattr(padding, "__iter__") else (padding,) * sides

    def forward(self, input):
        """Put the border around the input."""
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        """Word the settings."""
        return f"{self.padding}"


class _ConstantPad(_Pad):
    """A border of one number."""

    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    def forward(self, input):
        """Put the border around the input."""
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """Word the settings."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    r"""Put numbers of your choice before and after signals (N, C, L).

    >>> nn.ConstantPad1d(1, 9.)(torch.tensor([[1., 2.]]))
    tensor([[9., 1., 2., 9.]])
    """


class ConstantPad2d(_ConstantPad):
    r"""Put a frame of one number around pictures (N, C, H, W).

    >>> nn.ConstantPad2d((1, 0, 0, 1), 9.)(torch.ones(1, 1, 2))
    tensor([[[9., 1., 1.],
             [9., 9., 9.]]])
    """

    dims = 2


class ConstantPad3d(_ConstantPad):
    r"""Put a hull of one number around volumes (N, C, D, H, W).

    >>> nn.ConstantPad3d(1, 9.)(torch.ones(1, 1, 2, 3, 4)).shape
    torch.Size([1, 1, 4, 5, 6])
    """

    dims = 3


class _ZeroPad(_Pad):
    """A border of zeros."""

    value = 0.0


class ZeroPad1d(_ZeroPad):
    r"""Put zeros before and after signals (N, C, L).

    >>> nn.ZeroPad1d((2, 0))(torch.tensor([[1., 2.]]))
    tensor([[0., 0., 1., 2.]])
    """


class ZeroPad2d(_ZeroPad):
    r"""Put a frame of zeros around pictures (N, C, H, W).

    >>> nn.ZeroPad2d((1, 1, 0, 1))(torch.ones(1, 1, 2))
    tensor([[[0., 1., 1., 0.],
             [0., 0., 0., 0.]]])
    """

    dims = 2


class ZeroPad3d(_ZeroPad):
    r"""Put a hull of zeros around volumes (N, C, D, H, W).

    >>> nn.ZeroPad3d(1)(torch.ones(1, 1, 2, 3, 4)).shape
    torch.Size([1, 1, 4, 5, 6])
    """

    dims = 3


class _ReflectionPad(_Pad):
    """A border that mirrors the input."""

    mode = "reflect"


class ReflectionPad1d(_ReflectionPad):
    r"""Mirror signals (N, C, L) at their ends.

    >>> nn.ReflectionPad1d(2)(torch.tensor([[0., 1., 2.]]))
    tensor([[2., 1., 0., 1., 2., 1., 0.]])
    """


class ReflectionPad2d(_ReflectionPad):
    r"""Mirror pictures (N, C, H, W) at their borders.

    >>> nn.ReflectionPad2d((1, 0, 0, 1))(torch.tensor([[[0., 1.], [2., 3.]]]))
    tensor([[[1., 0., 1.],
             [3., 2., 3.],
             [1., 0., 1.]]])
    """

    dims = 2


class ReflectionPad3d(_ReflectionPad):
    r"""Mirror volumes (N, C, D, H, W) at their faces.

    >>> nn.ReflectionPad3d(1)(torch.ones(1, 1, 2, 3, 4)).shape
    torch.Size([1, 1, 4, 5, 6])
    """

    dims = 3


class _ReplicationPad(_Pad):
    """A border that repeats the outermost numbers."""

    mode = "replicate"


class ReplicationPad1d(_ReplicationPad):
    r"""Repeat the first and the last number of signals (N, C, L).

    >>> nn.ReplicationPad1d(2)(torch.tensor([[0., 1., 2.]]))
    tensor([[0., 0., 0., 1., 2., 2., 2.]])
    """


class ReplicationPad2d(_ReplicationPad):
    r"""Repeat the outermost pixels of pictures (N, C, H, W).

    >>> nn.ReplicationPad2d((1, 0, 0, 1))(torch.tensor([[[0., 1.], [2., 3.]]]))
    tensor([[[0., 0., 1.],
             [2., 2., 3.],
             [2., 2., 3.]]])
    """

    dims = 2


class ReplicationPad3d(_ReplicationPad):
    r"""Repeat the outermost numbers of volumes (N, C, D, H, W).

    >>> nn.ReplicationPad3d(1)(torch.ones(1, 1, 2, 3, 4)).shape
    torch.Size([1, 1, 4, 5, 6])
    """

    dims = 3


class _CircularPad(_Pad):
    """A border that goes round: what is left of the left end is the right end."""

    mode = "circular"

    def forward(self, input):
        """Put the border around the input."""
        if input.ndim not in (self.dims + 1, self.dims + 2):
            raise ValueError(
                f"expected {self.dims + 1}D or {self.dims + 2}D input (got {input.ndim}D input)"
            )
        return super().forward(input)


class CircularPad1d(_CircularPad):
    r"""Let signals (N, C, L) go round.

    >>> nn.CircularPad1d(1)(torch.tensor([[0., 1., 2.]]))
    tensor([[2., 0., 1., 2., 0.]])
    """


class CircularPad2d(_CircularPad):
    r"""Let pictures (N, C, H, W) go round, in both directions.

    >>> nn.CircularPad2d((1, 0, 0, 1))(torch.tensor([[[0., 1.], [2., 3.]]]))
    tensor([[[1., 0., 1.],
             [3., 2., 3.],
             [1., 0., 1.]]])
    """

    dims = 2


class CircularPad3d(_CircularPad):
    r"""Let volumes (N, C, D, H, W) go round, in all directions.

    >>> nn.CircularPad3d(1)(torch.ones(1, 1, 2, 3, 4)).shape
    torch.Size([1, 1, 4, 5, 6])
    """

    dims = 3
