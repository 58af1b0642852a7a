"""Read and write pictures as tensors (C, H, W) of bytes."""

from .transforms.functional import pil_to_tensor, to_pil_image


def read_image(path):
    """Read a picture file as a tensor (C, H, W) of uint8."""
    from PIL import Image

    with Image.open(path) as picture:
        return pil_to_tensor(picture.convert("RGB") if picture.mode == "P" else picture)


decode_image = read_image


def write_png(input, filename, compression_level=6) -> None:
    """Write a tensor (C, H, W) of uint8 as a PNG file."""
    to_pil_image(input).save(filename, format="PNG", compress_level=compression_level)


def write_jpeg(input, filename, quality=75) -> None:
    """Write a tensor (C, H, W) of uint8 as a JPEG file."""
    to_pil_image(input).save(filename, format="JPEG", quality=quality)
