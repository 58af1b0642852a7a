"""torchvision's newer spellings of the transforms."""

from ....core import Tensor
from ....dtypes import float32
from ....nn import Module
from .. import functional as functional
from ..color import ColorJitter as ColorJitter
from ..color import GaussianBlur as GaussianBlur
from ..color import Grayscale as Grayscale
from ..color import RandomAdjustSharpness as RandomAdjustSharpness
from ..color import RandomAutocontrast as RandomAutocontrast
from ..color import RandomEqualize as RandomEqualize
from ..color import RandomGrayscale as RandomGrayscale
from ..color import RandomInvert as RandomInvert
from ..color import RandomPosterize as RandomPosterize
from ..color import RandomSolarize as RandomSolarize
from ..compose import Compose as Compose
from ..compose import Lambda as Lambda
from ..compose import RandomApply as RandomApply
from ..compose import RandomChoice as RandomChoice
from ..compose import RandomOrder as RandomOrder
from ..convert import ConvertImageDtype as ConvertImageDtype
from ..convert import Normalize as Normalize
from ..convert import PILToTensor as PILToTensor
from ..convert import ToPILImage as ToPILImage
from ..convert import ToTensor as ToTensor
from ..functional import InterpolationMode as InterpolationMode
from ..geometry import CenterCrop as CenterCrop
from ..geometry import FiveCrop as FiveCrop
from ..geometry import Pad as Pad
from ..geometry import RandomAffine as RandomAffine
from ..geometry import RandomCrop as RandomCrop
from ..geometry import RandomErasing as RandomErasing
from ..geometry import RandomHorizontalFlip as RandomHorizontalFlip
from ..geometry import RandomResizedCrop as RandomResizedCrop
from ..geometry import RandomRotation as RandomRotation
from ..geometry import RandomVerticalFlip as RandomVerticalFlip
from ..geometry import Resize as Resize
from ..geometry import TenCrop as TenCrop


class ToPureTensor(Module):
    """Leave a picture as it is: here every tensor is a plain one."""

    def forward(self, picture):
        """Give it back."""
        return picture


class ToImage(Module):
    """Turn a PIL picture or an array into a tensor of the same numbers; ToDtype scales it.

    >>> from autograd_lab.vision.transforms import v2
    >>> v2.ToImage()(np.zeros((4, 6, 3), np.uint8)).shape
    torch.Size([3, 4, 6])
    """

    def forward(self, picture):
        """Turn it."""
        return picture if isinstance(picture, Tensor) else functional.to_array(picture)


class ToDtype(Module):
    """Change the dtype; with ``scale`` the range, too: 0 to 255 becomes 0 to 1.

    >>> from autograd_lab.vision.transforms import v2
    >>> v2.ToDtype(torch.float32, scale=True)(torch.tensor([[255]], dtype=torch.uint8))
    tensor([[1.]])
    """

    def __init__(self, dtype=float32, scale=False):
        super().__init__()
        self.dtype, self.scale = dtype, scale

    def forward(self, picture):
        """Change it."""
        if self.scale:
            return functional.convert_image_dtype(picture, self.dtype)
        return picture.to(self.dtype)

    def extra_repr(self) -> str:
        return f"scale={self.scale}"
