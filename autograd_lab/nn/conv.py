"""Layers that slide filters over sequences, images and volumes, and the way back."""

import math

from ..creation import empty
from ..grad_mode import no_grad
from ..ops.dims import spread
from . import functional as F
from . import init
from .lazy import LazyModuleMixin
from .module import Module
from .parameter import Parameter, UninitializedParameter

MODES = ("zeros", "reflect", "replicate", "circular")


class _Convolution(Module):
    """What all convolutions have in common: filters, a bias, and how they move."""

    dims, transposed = 2, False

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1,
        bias=True, padding_mode="zeros", device=None, dtype=None,
    ):  # fmt: skip
        super().__init__()
        _check(in_channels, out_channels, stride, padding, groups, padding_mode, self.dims)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = spread(kernel_size, self.dims)
        self.stride, self.dilation = spread(stride, self.dims), spread(dilation, self.dims)
        self.padding = padding if isinstance(padding, str) else spread(padding, self.dims)
        self.output_padding = (0,) * self.dims
        self.groups, self.padding_mode = groups, padding_mode
        self._make_parameters(bias, device, dtype)

    def _make_parameters(self, bias, device, dtype):
        self.weight = Parameter(empty(self._weight_shape(), device=device, dtype=dtype))
        self.register_parameter(
            "bias",
            Parameter(empty(self.out_channels, device=device, dtype=dtype)) if bias else None,
        )
        self.reset_parameters()

    def _weight_shape(self):
        """Give the shape of the filters; those of a transposed convolution stand the other way."""
        ways = (self.out_channels, self.in_channels)
        wide, deep = ways[::-1] if self.transposed else ways
        return (wide, deep // self.groups, *self.kernel_size)

    def reset_parameters(self) -> None:
        """Draw new weights, the smaller the more numbers a filter adds up."""
        if 0 in self.weight.shape:
            return
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(math.prod(self.weight.shape[1:]))
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        """Word the settings, as far as they are not the usual ones."""
        words = [f"{self.in_channels}, {self.out_channels}", f"kernel_size={self.kernel_size}"]
        words.append(f"stride={self.stride}")
        usual = {"padding": 0, "dilation": 1, "output_padding": 0}
        for name, value in usual.items():
            if getattr(self, name) != (value,) * self.dims:
                words.append(f"{name}={getattr(self, name)}")
        words += [f"groups={self.groups}"] if self.groups != 1 else []
        words += ["bias=False"] if self.bias is None else []
        words += [f"padding_mode={self.padding_mode}"] if self.padding_mode != "zeros" else []
        return ", ".join(words)


def _check(in_channels, out_channels, stride, padding, groups, padding_mode, dims):
    """Raise PyTorch's errors for settings that fit no convolution."""
    if groups <= 0:
        raise ValueError("groups must be a positive integer")
    if in_channels % groups:
        raise ValueError("in_channels must be divisible by groups")
    if out_channels % groups:
        raise ValueError("out_channels must be divisible by groups")
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise ValueError(
                f"Invalid padding string {padding!r}, should be one of {{'valid', 'same'}}"
            )
        if padding == "same" and any(s != 1 for s in spread(stride, dims)):
            raise ValueError("padding='same' is not supported for strided convolutions")
    if padding_mode not in MODES:
        raise ValueError(f"padding_mode must be one of {MODES}, but got {padding_mode=}")


class _Sliding(_Convolution):
    """A convolution from an image to what its filters find in it."""

    def forward(self, input):
        """Slide the filters over the input."""
        return self._conv_forward(input, self.weight, self.bias)

    def _conv_forward(self, input, weight, bias):
        conv = getattr(F, f"conv{self.dims}d")
        settings = self.dilation, self.groups
        if self.padding_mode == "zeros":
            return conv(input, weight, bias, self.stride, self.padding, *settings)
        input = F.pad(input, self._border(), mode=self.padding_mode)
        return conv(input, weight, bias, self.stride, 0, *settings)

    def _border(self):
        """Give the width of the border, from the last dimension to the first, as F.pad takes it."""
        widths = []
        for d in reversed(range(self.dims)):
            if isinstance(self.padding, str):
                total = self.dilation[d] * (self.kernel_size[d] - 1) * (self.padding == "same")
                widths += [total // 2, total - total // 2]
            else:
                widths += [self.padding[d]] * 2
        return tuple(widths)


class Conv1d(_Sliding):
    r"""Slide filters along sequences and write down what each finds at each place.

    Args:
        in_channels, out_channels: how many channels come in; how many filters there are.
        kernel_size: how wide a filter is.
        stride: how far it moves each time.
        padding: how many zeros stand at each end ("same": as many as keep the length).
        dilation: the distance between two numbers that a filter sees.
        groups: into how many parts the channels fall that see nothing of each other.
        bias: whether each filter learns a number to add.
        padding_mode: what stands in the border: "zeros", "reflect", "replicate" or "circular".

    Shape:
        input (N, in_channels, L) or (in_channels, L), output (N, out_channels, places), weight
        (out_channels, in_channels / groups, kernel_size), bias (out_channels). At first all are
        drawn evenly from $\pm 1 / \sqrt{k}$, where k counts the numbers in one filter.

    >>> nn.Conv1d(16, 33, 3, stride=2)(torch.randn(20, 16, 50)).shape
    torch.Size([20, 33, 24])
    """

    dims = 1


class Conv2d(_Sliding):
    """Slide filters over images and write down what each finds at each place.

    At each place a filter is multiplied with what lies under it, in all channels, and summed to one
    number; the filters are learned.

    Args:
        in_channels: how many channels the images have (3 for red, green, blue).
        out_channels: how many filters there are, and so how many channels come out.
        kernel_size: the height and width of a filter: one number, or two.
        stride: how far the filter moves each time; 2 halves the size.
        padding: how wide a border of zeros is put around; "same" keeps the size, "valid" is 0.
        dilation: the distance between two pixels that a filter sees; 1: neighbours.
        groups: into how many parts the channels fall that see nothing of each other; both numbers
            of channels must be multiples of it.
        bias: whether each filter learns a number to add.
        padding_mode: what stands in the border: "zeros", "reflect", "replicate" or "circular".

    stride, padding and dilation are one number, or two: downwards and to the right.

    Shape:
        input (N, in_channels, H, W), or one image (in_channels, H, W).
        output (N, out_channels, rows, columns), with
        rows = floor((H + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1, and columns
        likewise from W. A kernel_size of 3 with padding 1 keeps the size.
        weight (out_channels, in_channels / groups, height, width), bias (out_channels). At first
        both are drawn evenly from -1/sqrt(k) to 1/sqrt(k), where k counts the numbers in one
        filter.

    >>> layer = nn.Conv2d(3, 6, 5)
    >>> layer(torch.randn(20, 3, 32, 32)).shape
    torch.Size([20, 6, 28, 28])
    >>> layer.weight.shape
    torch.Size([6, 3, 5, 5])
    >>> nn.Conv2d(3, 6, 3, stride=2, padding=1)(torch.randn(20, 3, 32, 32)).shape
    torch.Size([20, 6, 16, 16])
    """


class Conv3d(_Sliding):
    r"""Slide filters through volumes and write down what each finds at each place.

    The settings are those of ``Conv2d``, with three numbers instead of two.

    Shape:
        input (N, in_channels, D, H, W) or without N, weight (out_channels, in_channels / groups,
        depth, height, width), bias (out_channels).

    >>> nn.Conv3d(16, 33, (3, 5, 2), padding=(4, 2, 0))(torch.randn(2, 16, 10, 20, 30)).shape
    torch.Size([2, 33, 16, 20, 29])
    """

    dims = 3


class _Stamping(_Convolution):
    """A convolution backwards, from what filters found to an image."""

    transposed = True

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0,
        groups=1, bias=True, dilation=1, padding_mode="zeros", device=None, dtype=None,
    ):  # fmt: skip
        if padding_mode != "zeros":
            raise ValueError(
                f'Only "zeros" padding mode is supported for {type(self).__name__}'
            )
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias,
            padding_mode, device, dtype,
        )  # fmt: skip
        self.output_padding = spread(output_padding, self.dims)

    def forward(self, input, output_size=None):
        """Stamp the filters, each as strongly as the input says.

        With ``stride`` several output sizes lead to the same input size: say which one is meant.
        """
        conv = getattr(F, f"conv_transpose{self.dims}d")
        more = self.output_padding if output_size is None else self._more(input, output_size)
        return conv(
            input, self.weight, self.bias, self.stride, self.padding, more, self.groups,
            self.dilation,
        )  # fmt: skip

    def _more(self, input, output_size):
        """Find the output padding that leads to the size asked for."""
        dims, given = self.dims, list(output_size)
        if len(given) in (dims + 1, dims + 2) and len(given) == input.ndim:
            given = given[-dims:]
        if len(given) != dims:
            raise ValueError(
                f"ConvTranspose{dims}D: for {input.ndim}D input, output_size must have {dims} or "
                f"{input.ndim} elements (got {len(output_size)})"
            )
        smallest = [
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, s, p, d, k in zip(
                input.shape[-dims:], self.stride, self.padding, self.dilation, self.kernel_size
            )
        ]
        largest = [n + s - 1 for n, s in zip(smallest, self.stride)]
        if not all(a <= n <= b for a, n, b in zip(smallest, given, largest)):
            raise ValueError(
                f"requested an output size of {given}, but valid sizes range from {smallest} to "
                f"{largest} (for an input of {input.shape[2:]})"
            )
        return tuple([n - a for n, a in zip(given, smallest)])


class ConvTranspose1d(_Stamping):
    r"""Stamp filters along a longer sequence, each as strongly as the input says.

    Args:
        stride: how far apart the stamps are: the output is about so many times longer.
        padding: how much is cut off at both ends.
        output_padding: how much more is left at the end.

    Shape:
        input (N, in_channels, L), weight (in_channels, out_channels / groups, kernel_size).

    >>> nn.ConvTranspose1d(16, 33, 3, stride=2)(torch.randn(20, 16, 50)).shape
    torch.Size([20, 33, 101])
    """

    dims = 1


class ConvTranspose2d(_Stamping):
    """Stamp filters on a larger image, each as strongly as the input says.

    The way back of ``Conv2d``, as far as sizes go: what a Conv2d with the same settings makes
    smaller, this makes larger again; it does not undo the numbers. Where stamps overlap, they add
    up.

    Args:
        in_channels: how many channels the input has.
        out_channels: how many channels come out.
        kernel_size: the height and width of a stamp: one number, or two.
        stride: how far apart the stamps are: the output is about so many times larger.
        padding: how wide a border is cut off.
        output_padding: how much more is left below and to the right; less than stride or dilation.
        groups: into how many parts the channels fall that see nothing of each other.
        bias: whether each channel that comes out learns a number to add.
        dilation: the distance between two pixels of a stamp.
        padding_mode: only "zeros".

    Shape:
        input (N, in_channels, H, W), or one image (in_channels, H, W).
        output (N, out_channels, rows, columns), with rows = (H - 1) * stride - 2 * padding +
        dilation * (kernel_size - 1) + output_padding + 1, and columns likewise from W.
        weight (in_channels, out_channels / groups, height, width): in_channels comes first, unlike
        in Conv2d; bias (out_channels).

    >>> layer = nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1)  # twice as large
    >>> layer(torch.randn(1, 16, 12, 12)).shape
    torch.Size([1, 8, 24, 24])
    """


class ConvTranspose3d(_Stamping):
    r"""Stamp filters into a larger volume, each as strongly as the input says.

    >>> nn.ConvTranspose3d(16, 8, 2, stride=2)(torch.randn(1, 16, 3, 4, 5)).shape
    torch.Size([1, 8, 6, 8, 10])
    """

    dims = 3


# --- layers that count the channels of their first input


class _LazyConvolution(LazyModuleMixin):
    """What all convolutions have in common that wait for their first input."""

    def _make_parameters(self, bias, device, dtype):
        self.weight = UninitializedParameter(device=device, dtype=dtype)
        self.register_parameter(
            "bias", UninitializedParameter(device=device, dtype=dtype) if bias else None
        )

    def reset_parameters(self) -> None:
        """Draw new weights, as soon as there are some."""
        if not self.has_uninitialized_params():
            super().reset_parameters()

    def initialize_parameters(self, input, *_):
        """Give the filters the depth of the first input."""
        if not self.has_uninitialized_params():
            return
        name, dims = type(self).__name__, self.dims
        if input.ndim not in (dims + 1, dims + 2):
            raise RuntimeError(
                f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to {name}, but "
                f"got input of size: {input.shape}"
            )
        self.in_channels = input.shape[-dims - 1]
        if self.in_channels % self.groups:
            raise ValueError("in_channels must be divisible by groups")
        with no_grad():
            self.weight.materialize(self._weight_shape())
            if self.bias is not None:
                self.bias.materialize((self.out_channels,))
            self.reset_parameters()


class _LazySliding(_LazyConvolution):
    def __init__(
        self, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        padding_mode="zeros", device=None, dtype=None,
    ):  # fmt: skip
        super().__init__(
            0, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode,
            device, dtype,
        )  # fmt: skip


class _LazyStamping(_LazyConvolution):
    def __init__(
        self, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
        bias=True, dilation=1, padding_mode="zeros", device=None, dtype=None,
    ):  # fmt: skip
        super().__init__(
            0, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation,
            padding_mode, device, dtype,
        )  # fmt: skip


class LazyConv1d(_LazySliding, Conv1d):
    r"""Be a Conv1d that counts the channels of its first input.

    >>> layer = nn.LazyConv1d(4, 3)
    >>> layer(torch.randn(2, 5, 8)).shape, layer.in_channels
    (torch.Size([2, 4, 6]), 5)
    """

    cls_to_become = Conv1d


class LazyConv2d(_LazySliding, Conv2d):
    r"""Be a Conv2d that counts the channels of its first input.

    >>> layer = nn.LazyConv2d(4, 3)
    >>> layer(torch.randn(2, 5, 8, 8)).shape, layer.in_channels
    (torch.Size([2, 4, 6, 6]), 5)
    """

    cls_to_become = Conv2d


class LazyConv3d(_LazySliding, Conv3d):
    r"""Be a Conv3d that counts the channels of its first input.

    >>> layer = nn.LazyConv3d(4, 3)
    >>> layer(torch.randn(2, 5, 8, 8, 8)).shape, layer.in_channels
    (torch.Size([2, 4, 6, 6, 6]), 5)
    """

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyStamping, ConvTranspose1d):
    r"""Be a ConvTranspose1d that counts the channels of its first input.

    >>> layer = nn.LazyConvTranspose1d(4, 3)
    >>> layer(torch.randn(2, 5, 8)).shape, layer.in_channels
    (torch.Size([2, 4, 10]), 5)
    """

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyStamping, ConvTranspose2d):
    r"""Be a ConvTranspose2d that counts the channels of its first input.

    >>> layer = nn.LazyConvTranspose2d(4, 3)
    >>> layer(torch.randn(2, 5, 8, 8)).shape, layer.in_channels
    (torch.Size([2, 4, 10, 10]), 5)
    """

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyStamping, ConvTranspose3d):
    r"""Be a ConvTranspose3d that counts the channels of its first input.

    >>> layer = nn.LazyConvTranspose3d(4, 3)
    >>> layer(torch.randn(2, 5, 8, 8, 8)).shape, layer.in_channels
    (torch.Size([2, 4, 10, 10, 10]), 5)
    """

    cls_to_become = ConvTranspose3d
