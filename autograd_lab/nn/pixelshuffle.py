"""Layers that turn channels into pixels, and back."""

from . import functional as F
from .module import Module


class PixelShuffle(Module):
    r"""Lay channels out as pixels: $(N, C r^2, H, W)$ becomes $(N, C, H r, W r)$.

    >>> nn.PixelShuffle(3)(torch.randn(1, 9, 4, 4)).shape
    torch.Size([1, 1, 12, 12])
    """

    def __init__(self, upscale_factor: int):
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input):
        """Lay the channels out."""
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        """Word the settings."""
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    r"""Gather pixels as channels: $(N, C, H r, W r)$ becomes $(N, C r^2, H, W)$.

    >>> nn.PixelUnshuffle(3)(torch.randn(1, 1, 12, 12)).shape
    torch.Size([1, 9, 4, 4])
    """

    def __init__(self, downscale_factor: int):
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input):
        """Gather the pixels."""
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        """Word the settings."""
        return f"downscale_factor={self.downscale_factor}"
