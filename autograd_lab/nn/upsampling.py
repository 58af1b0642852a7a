"""Layers that make signals, pictures and volumes larger or smaller."""

from . import functional as F
from .module import Module


class Upsample(Module):
    r"""Make a signal, picture or volume (N, C, ...) larger or smaller.

    Args:
        size: the new size, one number or one for each dimension; or else
        scale_factor: how many times larger.
        mode: ``"nearest"``, ``"linear"`` (3D input), ``"bilinear"`` or ``"bicubic"`` (4D),
            ``"trilinear"`` (5D).
        align_corners: whether the outermost numbers stay where they are.

    >>> nn.Upsample(scale_factor=2)(torch.tensor([[[1., 2.]]]))
    tensor([[[1., 1., 2., 2.]]])
    """

    def __init__(
        self, size=None, scale_factor=None, mode="nearest", align_corners=None,
        recompute_scale_factor=None,
    ):  # fmt: skip
        super().__init__()
        self.name, self.size = type(self).__name__, size
        if isinstance(scale_factor, tuple):
            self.scale_factor = tuple(float(factor) for factor in scale_factor)
        else:
            self.scale_factor = float(scale_factor) if scale_factor else None
        self.mode, self.align_corners = mode, align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input):
        """Stretch the input."""
        return F.interpolate(
            input, self.size, self.scale_factor, self.mode, self.align_corners,
            recompute_scale_factor=self.recompute_scale_factor,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """Word the settings."""
        by_factor = self.scale_factor is not None
        how = f"scale_factor={self.scale_factor!r}" if by_factor else f"size={self.size!r}"
        return f"{how}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    r"""Make pictures (N, C, H, W) larger by repeating pixels; ``Upsample`` can do more.

    >>> nn.UpsamplingNearest2d(scale_factor=2)(torch.ones(1, 1, 2, 2)).shape
    torch.Size([1, 1, 4, 4])
    """

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    r"""Make pictures (N, C, H, W) larger by mixing neighbours; corners stay where they are.

    >>> nn.UpsamplingBilinear2d(size=(1, 3))(torch.tensor([[[[0., 1.]]]]))
    tensor([[[[0.0000, 0.5000, 1.0000]]]])
    """

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
