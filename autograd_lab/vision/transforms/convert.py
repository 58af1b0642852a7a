"""Transforms between PIL pictures, arrays and tensors, and between ranges of numbers."""

from ... import dtypes
from ...nn import Module
from . import functional as F


class ToTensor:
    """Turn a picture or an array (H, W, C) into a tensor (C, H, W), with 0 to 1.

    Takes a PIL picture, or a NumPy array (H, W, C) or (H, W). The channels come first in the
    tensor. Bytes, 0 to 255, become float32 from 0 to 1; numbers of other dtypes stay as they are.

    >>> from autograd_lab.vision import transforms
    >>> x = transforms.ToTensor()(np.full((4, 6, 3), 255, np.uint8))
    >>> x.shape, x.dtype, x.max()
    (torch.Size([3, 4, 6]), torch.float32, tensor(1.))
    """

    def __call__(self, picture):
        return F.to_tensor(picture)

    def __repr__(self):
        return "ToTensor()"


class PILToTensor:
    """Turn a PIL picture into a tensor (C, H, W) of the same numbers, 0 to 255."""

    def __call__(self, picture):
        return F.pil_to_tensor(picture)

    def __repr__(self):
        return "PILToTensor()"


class ToPILImage:
    """Turn a tensor (C, H, W) or an array (H, W, C) into a PIL picture."""

    def __init__(self, mode=None):
        self.mode = mode

    def __call__(self, picture):
        return F.to_pil_image(picture, self.mode)

    def __repr__(self):
        return f"ToPILImage({'' if self.mode is None else f'mode={self.mode}'})"


class ConvertImageDtype(Module):
    """Change the dtype, and the range with it: bytes are 0 to 255, fractions 0 to 1."""

    def __init__(self, dtype=dtypes.float32):
        super().__init__()
        self.dtype = dtype

    def forward(self, picture):
        """Change the dtype."""
        return F.convert_image_dtype(picture, self.dtype)


class Normalize(Module):
    """Subtract a mean from each channel, and divide by a standard deviation.

    Takes a float tensor (..., C, H, W): put it after ``ToTensor``. With means and deviations of the
    data at hand, each channel gets mean 0 and spread 1; with 0.5 and 0.5 what was 0 to 1 becomes
    -1 to 1. A model wants its pictures normalized as those that it learned from.

    Args:
        mean: one number for each channel, as ``(0.5, 0.5, 0.5)``; for gray pictures ``(0.5,)``.
        std: likewise; none may be 0.
        inplace: change the tensor itself.

    >>> from autograd_lab.vision import transforms
    >>> transforms.Normalize((0.5,), (0.25,))(torch.ones(1, 1, 2))
    tensor([[[2., 2.]]])
    """

    def __init__(self, mean, std, inplace=False):
        super().__init__()
        self.mean, self.std, self.inplace = mean, std, inplace

    def forward(self, tensor):
        """Shift and scale each channel."""
        return F.normalize(tensor, self.mean, self.std, self.inplace)

    def __repr__(self):
        return f"{type(self).__name__}(mean={self.mean}, std={self.std})"
