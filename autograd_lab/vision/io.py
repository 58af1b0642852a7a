"""Read and write pictures as tensors (C, H, W) of bytes."""

from enum import Enum
from io import BytesIO

from ..core import Tensor
from .transforms.functional import pil_to_tensor, to_pil_image


class ImageReadMode(Enum):
    """Which channels a picture is read with."""

    UNCHANGED = ""
    GRAY = "L"
    GRAY_ALPHA = "LA"
    RGB = "RGB"
    RGB_ALPHA = "RGBA"


def decode_image(input, mode=ImageReadMode.UNCHANGED):
    """Read a picture as a tensor (C, H, W) of uint8: from its file, or a tensor of its bytes."""
    from PIL import Image

    mode = ImageReadMode[mode] if isinstance(mode, str) else mode
    source = BytesIO(input.numpy().tobytes()) if isinstance(input, Tensor) else input
    with Image.open(source) as picture:
        wanted = mode.value or ("RGB" if picture.mode == "P" else picture.mode)
        return pil_to_tensor(picture.convert(wanted))


def read_image(path, mode=ImageReadMode.UNCHANGED):
    """Read a picture file as a tensor (C, H, W) of uint8."""
    return decode_image(path, mode)


def write_png(input, filename, compression_level=6) -> None:
    """Write a tensor (C, H, W) of uint8 as a PNG file."""
    to_pil_image(input).save(filename, format="PNG", compress_level=compression_level)


def write_jpeg(input, filename, quality=75) -> None:
    """Write a tensor (C, H, W) of uint8 as a JPEG file."""
    to_pil_image(input).save(filename, format="JPEG", quality=quality)
