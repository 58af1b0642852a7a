"""Brightness, colour and sharpness."""

import numpy as np

from .... import ops
from ....creation import tensor
from ....dtypes import float32, uint8
from ....nn import functional as F
from .convert import convert_image_dtype, pil_to_tensor, to_pil_image
from .picture import get_dimensions, is_tensor, two


def adjust_brightness(picture, factor):
    """Make brighter: 0 is black, 1 the picture, 2 twice as bright."""
    if is_tensor(picture):
        return _blend(picture, picture.new_zeros(()), factor)
    return _enhanced(picture, "Brightness", factor)


def adjust_contrast(picture, factor):
    """Change the contrast: 0 is grey, 1 the picture."""
    if not is_tensor(picture):
        return _enhanced(picture, "Contrast", factor)
    grey = rgb_to_grayscale(picture) if picture.shape[-3] == 3 else picture
    grey = grey if grey.is_floating_point() else grey.float()
    return _blend(picture, grey.mean((-3, -2, -1), keepdim=True), factor)


def adjust_saturation(picture, factor):
    """Change how strong the colours are: 0 is grey, 1 the picture."""
    if not is_tensor(picture):
        return _enhanced(picture, "Color", factor)
    return picture if picture.shape[-3] == 1 else _blend(picture, rgb_to_grayscale(picture), factor)


def adjust_hue(picture, factor):
    """Turn the circle of colours by a factor between -0.5 and 0.5 of it."""
    if not -0.5 <= factor <= 0.5:
        raise ValueError(f"hue_factor ({factor}) is not in [-0.5, 0.5].")
    if is_tensor(picture):
        if picture.shape[-3] == 1:
            return picture
        fraction = convert_image_dtype(picture, float32)
        hue, saturation, value = _to_hsv(*fraction.unbind(-3))
        return convert_image_dtype(_to_rgb((hue + factor) % 1, saturation, value), picture.dtype)
    if picture.mode in ("L", "1", "I", "F"):
        return picture
    from PIL import Image

    hue, saturation, value = picture.convert("HSV").split()
    turned = (np.asarray(hue).astype(np.int16) + int(factor * 255)).astype(np.uint8)
    return Image.merge("HSV", (to_pil_image(turned), saturation, value)).convert(picture.mode)


def _to_hsv(red, green, blue):
    """Give hue, saturation and value, each from 0 to 1 (A. R. Smith, 1978)."""
    value = ops.maximum(ops.maximum(red, green), blue)
    span = value - ops.minimum(ops.minimum(red, green), blue)
    grey = span == 0
    saturation = ops.where(grey, 0.0, span / ops.where(grey, 1.0, value))
    r, g, b = ((value - each) / ops.where(grey, 1.0, span) for each in (red, green, blue))
    hue = ops.where(value == red, b - g, ops.where(value == green, 2 + r - b, 4 + g - r))
    return (hue / 6 + 1) % 1, saturation, value


def _to_rgb(hue, saturation, value):
    """Undo ``_to_hsv``: each colour's share falls off with its distance on the circle."""
    colours = [(hue * 6 + turn) % 6 for turn in (5, 3, 1)]
    share = [ops.minimum(place, 4 - place).clamp(0, 1) for place in colours]
    return ops.stack([value - value * saturation * part for part in share], -3)


def adjust_gamma(picture, gamma, gain=1):
    """Raise the brightness, as a fraction, to a power."""
    if gamma < 0:
        raise ValueError("Gamma should be a non-negative real number")
    if not is_tensor(picture):
        table = [int(min(255.0, 255.999 * gain * (v / 255) ** gamma)) for v in range(256)]
        return picture.point(table * len(picture.getbands()))
    fraction = convert_image_dtype(picture, float32)
    return convert_image_dtype((gain * fraction**gamma).clamp(0, 1), picture.dtype)


def rgb_to_grayscale(picture, num_output_channels=1):
    """Weigh red, green and blue as the eye does (ITU-R 601-2).

    >>> rgb_to_grayscale(torch.ones(3, 1, 1)).item()
    0.9999...
    """
    if not is_tensor(picture):
        grey = picture.convert("L")
        return grey if num_output_channels == 1 else grey.convert("RGB")
    channels, _, _ = get_dimensions(picture)
    if channels not in (1, 3):
        raise TypeError(
            f"Input image tensor permitted channel values are 1 or 3, but found {channels}"
        )
    grey = picture
    if channels == 3:
        red, green, blue = picture.unbind(-3)
        grey = (0.2989 * red + 0.587 * green + 0.114 * blue).to(picture.dtype).unsqueeze(-3)
    return grey if num_output_channels == 1 else ops.cat([grey] * num_output_channels, -3)


to_grayscale = rgb_to_grayscale


def gaussian_blur(picture, kernel_size, sigma=None):
    """Blur with a bell curve; ``sigma`` is its width in pixels."""
    if not is_tensor(picture):
        return to_tensor_to_pil(picture, lambda t: gaussian_blur(t, kernel_size, sigma))
    sizes = two(kernel_size)
    widths = [0.3 * ((size - 1) * 0.5 - 1) + 0.8 for size in sizes] if sigma is None else two(sigma)
    columns, rows = (_bell(size, width) for size, width in zip(sizes, widths))
    pixels = picture if picture.is_floating_point() else picture.float()
    weight = tensor(np.outer(rows, columns), dtype=pixels.dtype, device=pixels.device)
    batch = pixels.reshape(-1, 1, *pixels.shape[-2:])
    half = [sizes[0] // 2] * 2 + [sizes[1] // 2] * 2
    drawn = F.conv2d(F.pad(batch, half, mode="reflect"), weight[None, None]).reshape(picture.shape)
    return drawn if picture.is_floating_point() else drawn.round().to(picture.dtype)


def _bell(size, width):
    if size % 2 == 0 or size <= 0:
        raise ValueError(f"kernel_size should have odd and positive integers. Got {size}")
    x = np.arange(size) - (size - 1) / 2
    bell = np.exp(-0.5 * (x / width) ** 2)
    return bell / bell.sum()


def to_tensor_to_pil(picture, change):
    """Do to a PIL picture what is written for tensors."""
    return to_pil_image(change(pil_to_tensor(picture)), picture.mode)


def invert(picture):
    """Turn light into dark."""
    if not is_tensor(picture):
        from PIL import ImageOps

        return ImageOps.invert(picture)
    return _most(picture) - picture


def _most(picture):
    """Give the number that stands for white."""
    return 1.0 if picture.is_floating_point() else 255


def solarize(picture, threshold):
    """Turn what is lighter than a threshold into dark.

    >>> solarize(torch.tensor([[[0.25, 0.75]]]), 0.5).tolist()
    [[[0.25, 0.25]]]
    """
    if not is_tensor(picture):
        from PIL import ImageOps

        return ImageOps.solarize(picture, threshold)
    return ops.where(picture >= threshold, invert(picture), picture)


def posterize(picture, bits):
    """Leave few shades: each byte keeps its first bits.

    >>> posterize(torch.tensor([[[7, 130]]], dtype=torch.uint8), 1).tolist()
    [[[0, 128]]]
    """
    if not is_tensor(picture):
        from PIL import ImageOps

        return ImageOps.posterize(picture, bits)
    if picture.dtype is not uint8:
        raise TypeError(f"Only torch.uint8 image tensors are supported, but found {picture.dtype}")
    return picture & (256 - 2 ** (8 - bits))


def autocontrast(picture):
    """Stretch each channel: its darkest number becomes black, its lightest white."""
    if not is_tensor(picture):
        from PIL import ImageOps

        return ImageOps.autocontrast(picture)
    pixels = picture if picture.is_floating_point() else picture.float()
    low, high = pixels.amin((-2, -1), keepdim=True), pixels.amax((-2, -1), keepdim=True)
    flat = low == high  # a channel of one number stays as it is
    scale = _most(picture) / ops.where(flat, 1.0, high - low)
    stretched = ops.where(flat, pixels, (pixels - low) * scale)
    return stretched.clamp(0, _most(picture)).to(picture.dtype)


def equalize(picture):
    """Spread the shades so that each is about as frequent as the others."""
    if not is_tensor(picture):
        from PIL import ImageOps

        return ImageOps.equalize(picture)
    if picture.dtype is not uint8:
        raise TypeError(f"Only torch.uint8 image tensors are supported, but found {picture.dtype}")
    channels = picture.reshape(-1, *picture.shape[-2:])
    return ops.stack([_spread(each) for each in channels], 0).reshape(picture.shape)


def _spread(channel):
    """Look each shade up in a table that grows with how many pixels are darker."""
    counts = ops.bincount(channel.flatten().long(), minlength=256)
    step = (counts.sum() - counts[channel.max().item()]).item() // 255
    if step == 0:
        return channel
    darker = counts.cumsum(0) - counts
    return ((darker + step // 2) // step).clamp(0, 255).to(channel.dtype)[channel.long()]


def adjust_sharpness(picture, sharpness_factor):
    """Change the sharpness: 0 is blurred, 1 the picture, 2 twice as sharp."""
    if not is_tensor(picture):
        return _enhanced(picture, "Sharpness", sharpness_factor)
    if min(picture.shape[-2:]) <= 2:
        return picture
    pixels = picture if picture.is_floating_point() else picture.float()
    weight = pixels.new_ones((1, 1, 3, 3))
    weight[..., 1, 1] = 5.0
    batch = pixels.reshape(-1, 1, *pixels.shape[-2:])
    inside = F.conv2d(batch, weight / 13)
    smooth = batch.clone()  # the border stays as it is
    smooth[..., 1:-1, 1:-1] = inside if picture.is_floating_point() else inside.round()
    smooth = smooth.reshape(picture.shape)
    return _blend(picture, smooth, sharpness_factor)


def _enhanced(picture, kind, factor):
    from PIL import ImageEnhance

    if factor < 0:
        raise ValueError(f"factor ({factor}) is not non-negative.")
    return getattr(ImageEnhance, kind)(picture).enhance(factor)


def _blend(picture, other, factor):
    if factor < 0:
        raise ValueError(f"factor ({factor}) is not non-negative.")
    mixed = (float(factor) * picture + (1.0 - factor) * other).clamp(0, _most(picture))
    return mixed.to(picture.dtype)
