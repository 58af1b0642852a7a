"""Layers that take images apart into patches, and put patches together again."""

from . import functional as F
from .module import Module


class Unfold(Module):
    r"""List the patches of images under a sliding window, one column a patch.

    Args:
        kernel_size: the size of the window.
        dilation: the distance between two pixels that it sees.
        padding: how wide the border of zeros is.
        stride: how far the window moves each time.

    Shape:
        input (N, C, H, W), output (N, C * pixels in a window, windows).

    >>> nn.Unfold(kernel_size=(2, 3))(torch.randn(2, 5, 3, 4)).shape
    torch.Size([2, 30, 4])
    """

    def __init__(self, kernel_size, dilation=1, padding=0, stride=1):
        super().__init__()
        self.kernel_size, self.dilation = kernel_size, dilation
        self.padding, self.stride = padding, stride

    def forward(self, input):
        """Take the images apart."""
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """Word the settings."""
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, "
            f"stride={self.stride}"
        )


class Fold(Module):
    r"""Put patches back where ``Unfold`` took them, and add up where they overlap.

    Args:
        output_size: the height and width of the images.
        kernel_size, dilation, padding, stride: as in ``Unfold``.

    Shape:
        input (N, C * pixels in a window, windows), output (N, C, height, width).

    >>> nn.Fold(output_size=(4, 5), kernel_size=(2, 2))(torch.randn(1, 3 * 4, 12)).shape
    torch.Size([1, 3, 4, 5])
    """

    def __init__(self, output_size, kernel_size, dilation=1, padding=0, stride=1):
        super().__init__()
        self.output_size, self.kernel_size = output_size, kernel_size
        self.dilation, self.padding, self.stride = dilation, padding, stride

    def forward(self, input):
        """Add the patches up."""
        return F.fold(
            input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride
        )

    def extra_repr(self) -> str:
        """Word the settings."""
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, "
            f"dilation={self.dilation}, padding={self.padding}, stride={self.stride}"
        )
