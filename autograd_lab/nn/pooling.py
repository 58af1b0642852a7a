"""Layers that make images smaller: the largest or the mean of each window."""

from ..ops.dims import spread
from . import functional as F
from .module import Module


class _MaxPool(Module):
    """What all layers that keep the largest have in common."""

    def __init__(
        self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False,
        ceil_mode=False,
    ):  # fmt: skip
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, input):
        """Keep the largest number of each window."""
        return self.function(
            input, self.kernel_size, self.stride, self.padding, self.dilation,
            ceil_mode=self.ceil_mode, return_indices=self.return_indices,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """Word the settings."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    r"""Keep the largest number of each window that slides along sequences.

    The settings are those of ``MaxPool2d``.

    >>> nn.MaxPool1d(3, stride=2)(torch.randn(20, 16, 50)).shape
    torch.Size([20, 16, 24])
    """

    function = staticmethod(F.max_pool1d)


class MaxPool2d(_MaxPool):
    """Keep the brightest pixel of each window that slides over images.

    Each channel by itself; nothing is learned. The gradient goes to the pixels that were kept.

    Args:
        kernel_size: the size of the window: one number, or two (height, width).
        stride: how far it moves each time; None: by its own size, so that windows do not overlap.
        padding: the width of a border that never wins; at most half the window.
        dilation: the distance between two pixels that the window sees.
        return_indices: whether to give also where in the image each of them stood.
        ceil_mode: whether a last window may reach beyond the edge.

    Shape:
        input (N, C, H, W) or (C, H, W).
        output (N, C, rows, columns), with
        rows = floor((H + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1 (rounded up
        with ceil_mode), and columns likewise from W.

    >>> nn.MaxPool2d(2)(torch.tensor([[[1., 2., 5., 0.], [3., 4., 0., 0.]]]))
    tensor([[[4., 5.]]])
    >>> nn.MaxPool2d(2)(torch.randn(20, 16, 32, 32)).shape
    torch.Size([20, 16, 16, 16])
    """

    function = staticmethod(F.max_pool2d)


class MaxPool3d(_MaxPool):
    r"""Keep the largest number of each box that moves through volumes.

    The settings are those of ``MaxPool2d``.

    >>> nn.MaxPool3d((1, 2, 2))(torch.randn(20, 16, 5, 8, 8)).shape
    torch.Size([20, 16, 5, 4, 4])
    """

    function = staticmethod(F.max_pool3d)


class _MaxUnpool(Module):
    """What all ways back from keeping the largest have in common."""

    dims = 2

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size = spread(kernel_size, self.dims)
        self.stride = spread(kernel_size if stride is None else stride, self.dims)
        self.padding = spread(padding, self.dims)

    def forward(self, input, indices, output_size=None):
        """Put the numbers back where they stood."""
        return self.function(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )

    def extra_repr(self) -> str:
        """Word the settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    r"""Put the largest numbers back where ``MaxPool1d`` found them; the rest is 0.

    >>> pool, unpool = nn.MaxPool1d(2, return_indices=True), nn.MaxUnpool1d(2)
    >>> unpool(*pool(torch.tensor([[[1., 3., 2., 5.]]])))
    tensor([[[0., 3., 0., 5.]]])
    """

    dims, function = 1, staticmethod(F.max_unpool1d)


class MaxUnpool2d(_MaxUnpool):
    r"""Put the brightest pixels back where ``MaxPool2d`` found them; the rest is 0.

    >>> pool, unpool = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)
    >>> unpool(*pool(torch.arange(4.).reshape(1, 1, 2, 2)))
    tensor([[[[0., 0.],
              [0., 3.]]]])
    """

    function = staticmethod(F.max_unpool2d)


class MaxUnpool3d(_MaxUnpool):
    r"""Put the largest numbers back where ``MaxPool3d`` found them; the rest is 0.

    >>> pool, unpool = nn.MaxPool3d(2, return_indices=True), nn.MaxUnpool3d(2)
    >>> unpool(*pool(torch.randn(1, 1, 4, 4, 4))).shape
    torch.Size([1, 1, 4, 4, 4])
    """

    dims, function = 3, staticmethod(F.max_unpool3d)


class _AvgPool(Module):
    """What all layers that take means have in common."""

    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
        divisor_override=None,
    ):  # fmt: skip
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, input):
        """Take the mean of each window."""
        return self.function(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
            self.count_include_pad, self.divisor_override,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """Word the settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPool):
    r"""Take the mean of each window that slides along sequences.

    >>> nn.AvgPool1d(3, stride=2)(torch.tensor([[[1., 2., 3., 4., 5., 6., 7.]]]))
    tensor([[[2., 4., 6.]]])
    """

    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True
    ):
        super().__init__(
            spread(kernel_size, 1), spread(kernel_size if stride is None else stride, 1),
            spread(padding, 1), ceil_mode, count_include_pad,
        )  # fmt: skip

    def forward(self, input):
        """Take the mean of each window."""
        return F.avg_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
            self.count_include_pad,
        )  # fmt: skip


class AvgPool2d(_AvgPool):
    r"""Take the mean of each window that slides over images.

    Args:
        kernel_size: the size of the window: one number, or two.
        stride: how far it moves each time; by its own size, if nothing is said.
        padding: how wide the border of zeros is.
        ceil_mode: whether a last window may reach beyond the edge.
        count_include_pad: whether the zeros of the border count.
        divisor_override: what to divide by, instead of the number of pixels.

    >>> nn.AvgPool2d((3, 2), stride=(2, 1))(torch.randn(20, 16, 50, 32)).shape
    torch.Size([20, 16, 24, 31])
    """

    function = staticmethod(F.avg_pool2d)


class AvgPool3d(_AvgPool):
    r"""Take the mean of each box that moves through volumes.

    The settings are those of ``AvgPool2d``.

    >>> nn.AvgPool3d((3, 2, 2), stride=(2, 1, 2))(torch.randn(2, 16, 50, 44, 31)).shape
    torch.Size([2, 16, 24, 43, 15])
    """

    function = staticmethod(F.avg_pool3d)


class _LPPool(Module):
    """What all layers that take norms have in common."""

    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        super().__init__()
        self.norm_type, self.kernel_size = norm_type, kernel_size
        self.stride, self.ceil_mode = stride, ceil_mode

    def forward(self, input):
        """Take the norm of each window."""
        return self.function(
            input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode
        )

    def extra_repr(self) -> str:
        """Word the settings."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPool):
    r"""Take the p-norm of each window along sequences: sum (1) to largest (inf).

    >>> nn.LPPool1d(2, 3, stride=2)(torch.randn(20, 16, 50)).shape
    torch.Size([20, 16, 24])
    """

    function = staticmethod(F.lp_pool1d)


class LPPool2d(_LPPool):
    r"""Take the p-norm of each window over images: sum (1) to largest (inf).

    >>> nn.LPPool2d(2, 3, stride=2)(torch.randn(20, 16, 50, 32)).shape
    torch.Size([20, 16, 24, 15])
    """

    function = staticmethod(F.lp_pool2d)


class LPPool3d(_LPPool):
    r"""Take the p-norm of each box in volumes: sum (1) to largest (inf).

    >>> nn.LPPool3d(2, 3, stride=2)(torch.randn(2, 16, 50, 44, 31)).shape
    torch.Size([2, 16, 24, 21, 15])
    """

    function = staticmethod(F.lp_pool3d)


class _AdaptiveAvgPool(Module):
    """What all layers with a given output size that take means have in common."""

    def __init__(self, output_size):
        super().__init__()
        self.output_size = output_size

    def forward(self, input):
        """Pool to the size asked for."""
        return self.function(input, self.output_size)

    def extra_repr(self) -> str:
        """Word the settings."""
        return f"output_size={self.output_size}"


class _AdaptiveMaxPool(_AdaptiveAvgPool):
    """What all layers with a given output size that keep the largest have in common."""

    def __init__(self, output_size, return_indices=False):
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, input):
        """Pool to the size asked for."""
        return self.function(input, self.output_size, self.return_indices)


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    r"""Take means so that sequences of a given size are left.

    >>> nn.AdaptiveAvgPool1d(5)(torch.randn(1, 64, 8)).shape
    torch.Size([1, 64, 5])
    """

    function = staticmethod(F.adaptive_avg_pool1d)


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    r"""Take means so that images of a given size are left.

    >>> nn.AdaptiveAvgPool2d((5, 7))(torch.randn(1, 64, 10, 9)).shape
    torch.Size([1, 64, 5, 7])
    """

    function = staticmethod(F.adaptive_avg_pool2d)


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    r"""Take means so that volumes of a given size are left.

    >>> nn.AdaptiveAvgPool3d((5, 7, 9))(torch.randn(1, 64, 8, 9, 10)).shape
    torch.Size([1, 64, 5, 7, 9])
    """

    function = staticmethod(F.adaptive_avg_pool3d)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    r"""Keep the largest numbers so that sequences of a given size are left.

    >>> nn.AdaptiveMaxPool1d(5)(torch.randn(1, 64, 8)).shape
    torch.Size([1, 64, 5])
    """

    function = staticmethod(F.adaptive_max_pool1d)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    r"""Keep the largest numbers so that images of a given size are left.

    >>> nn.AdaptiveMaxPool2d((None, 7))(torch.randn(1, 64, 10, 9)).shape
    torch.Size([1, 64, 10, 7])
    """

    function = staticmethod(F.adaptive_max_pool2d)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    r"""Keep the largest numbers so that volumes of a given size are left.

    >>> nn.AdaptiveMaxPool3d((5, 7, 9))(torch.randn(1, 64, 8, 9, 10)).shape
    torch.Size([1, 64, 5, 7, 9])
    """

    function = staticmethod(F.adaptive_max_pool3d)


class _FractionalMaxPool(Module):
    """What all layers that shrink by any ratio have in common."""

    dims = 2

    def __init__(
        self, kernel_size, output_size=None, output_ratio=None, return_indices=False,
        _random_samples=None,
    ):  # fmt: skip
        super().__init__()
        name = type(self).__name__
        self.kernel_size, self.return_indices = spread(kernel_size, self.dims), return_indices
        self.output_size = None if output_size is None else spread(output_size, self.dims)
        self.output_ratio = None if output_ratio is None else spread(output_ratio, self.dims)
        self.register_buffer("_random_samples", _random_samples)
        if output_size is None and output_ratio is None:
            raise ValueError(
                f"{name} requires specifying either an output size, or a pooling ratio"
            )
        if output_size is not None and output_ratio is not None:
            raise ValueError("only one of output_size and output_ratio may be specified")
        if self.output_ratio and not all(0 < r < 1 for r in self.output_ratio):
            raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")

    def forward(self, input):
        """Keep the largest numbers of windows at random steps."""
        return self.function(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices,
            self._random_samples,
        )  # fmt: skip


class FractionalMaxPool2d(_FractionalMaxPool):
    r"""Keep the brightest pixels of windows at random steps: shrink by any ratio.

    Args:
        kernel_size: the size of the window.
        output_size, output_ratio: how large the result is, or which part of the input: one of
            the two.
        return_indices: whether to give also where in the image each pixel stood.

    >>> nn.FractionalMaxPool2d(3, output_ratio=(0.5, 0.5))(torch.randn(20, 16, 50, 32)).shape
    torch.Size([20, 16, 25, 16])
    """

    function = staticmethod(F.fractional_max_pool2d)


class FractionalMaxPool3d(_FractionalMaxPool):
    r"""Keep the largest numbers of boxes at random steps: shrink by any ratio.

    >>> nn.FractionalMaxPool3d(3, output_size=(13, 12, 11))(torch.randn(2, 16, 50, 32, 16)).shape
    torch.Size([2, 16, 13, 12, 11])
    """

    dims, function = 3, staticmethod(F.fractional_max_pool3d)
