"""The transforms as functions: each takes a PIL picture or a tensor (..., C, H, W), and gives one.

A PIL picture stays one and a tensor stays one, except where the name says otherwise.
"""

import math
from enum import Enum

import numpy as np

from ... import ops
from ...core import Tensor
from ...creation import from_numpy, tensor
from ...dtypes import float32, uint8
from ...nn import functional as F


class InterpolationMode(Enum):
    """How pixels between pixels are computed."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"  # this one and the next two: for PIL pictures only
    HAMMING = "hamming"
    LANCZOS = "lanczos"


PIL_MODES = {  # PIL.Image.Resampling's numbers
    "nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5,
    "nearest-exact": 0,
}  # fmt: skip


def is_tensor(picture) -> bool:
    """Tell a tensor from a PIL picture; anything else is an error.

    >>> is_tensor(torch.zeros(3, 4, 4))
    True
    """
    if isinstance(picture, Tensor):
        if picture.ndim < 2:
            raise TypeError("Tensor is not a torch image.")
        return True
    if not hasattr(picture, "convert"):
        raise TypeError(f"img should be PIL Image or Tensor. Got {type(picture)}")
    return False


def get_dimensions(picture) -> list:
    """Give [channels, height, width].

    >>> get_dimensions(torch.zeros(3, 4, 5))
    [3, 4, 5]
    """
    if is_tensor(picture):
        channels = picture.shape[-3] if picture.ndim > 2 else 1
        return [channels, *picture.shape[-2:]]
    return [len(picture.getbands()), picture.height, picture.width]


def get_image_size(picture) -> list:
    """Give [width, height], as PIL does."""
    _, height, width = get_dimensions(picture)
    return [width, height]


# --- between PIL pictures, arrays and tensors


def to_tensor(picture):
    """Turn a PIL picture or an array (H, W, C) into a tensor (C, H, W); bytes become 0 to 1.

    >>> to_tensor(np.full((2, 2, 1), 255, np.uint8)).tolist()
    [[[1.0, 1.0], [1.0, 1.0]]]
    """
    return bytes_to_fractions(_to_array(picture))


def bytes_to_fractions(picture):
    """Turn bytes into numbers from 0 to 1; other numbers stay as they are.

    >>> bytes_to_fractions(torch.tensor([0, 255], dtype=torch.uint8)).tolist()
    [0.0, 1.0]
    """
    return picture.float() / 255 if picture.dtype is uint8 else picture


def pil_to_tensor(picture):
    """Turn a PIL picture into a tensor (C, H, W) of the same numbers."""
    if not hasattr(picture, "convert"):
        raise TypeError(f"pic should be PIL Image. Got {type(picture)}")
    return _to_array(picture)


def _to_array(picture):
    if not (hasattr(picture, "convert") or isinstance(picture, np.ndarray)):
        already = ": it is a tensor already" if isinstance(picture, Tensor) else ""
        raise TypeError(f"pic should be PIL Image or ndarray. Got {type(picture)}{already}")
    if isinstance(picture, np.ndarray) and picture.ndim not in (2, 3):
        raise ValueError(f"pic should be 2/3 dimensional. Got {picture.ndim} dimensions.")
    if getattr(picture, "mode", "") == "1":
        picture = picture.convert("L")
    pixels = np.asarray(picture)
    if pixels.dtype == np.uint16:  # PIL's 16 bits: no tensor has this dtype
        pixels = pixels.astype(np.int32)
    pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
    return from_numpy(np.array(pixels.transpose(2, 0, 1), order="C"))  # PIL's memory is read-only


def to_pil_image(picture, mode=None):
    """Turn a tensor (C, H, W) or an array (H, W, C) into a PIL picture.

    Floating-point numbers are taken to lie between 0 and 1.
    """
    from PIL import Image

    if isinstance(picture, Tensor):
        if picture.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {picture.ndim} dimensions.")
        pixels = picture.detach().cpu().numpy()
        pixels = pixels.transpose(1, 2, 0) if pixels.ndim == 3 else pixels
        if pixels.dtype.kind == "f" and mode != "F":
            pixels = (pixels * 255).astype(np.uint8)
    elif isinstance(picture, np.ndarray):
        if picture.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {picture.ndim} dimensions.")
        pixels = picture
    else:
        raise TypeError(f"pic should be Tensor or ndarray. Got {type(picture)}.")
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.ndim == 3 and pixels.shape[2] > 4:
        raise ValueError(
            f"pic should not have > 4 channels. Got {pixels.shape[2]} channels."
        )
    drawn = Image.fromarray(np.ascontiguousarray(pixels))
    return drawn if mode in (None, drawn.mode) else drawn.convert(mode)


def convert_image_dtype(picture, dtype):
    """Change the dtype, and the range with it: bytes are 0 to 255, fractions 0 to 1.

    >>> convert_image_dtype(torch.tensor([[0.0, 1.0]]), torch.uint8).tolist()
    [[0, 255]]
    """
    was, most = picture.dtype, {"uint8": 255, "int8": 127, "int16": 32767, "int32": 2**31 - 1}
    if was is dtype:
        return picture
    if was.is_floating_point == dtype.is_floating_point:
        if was.is_floating_point:
            return picture.to(dtype)
        return (picture.double() / most[was.name] * most[dtype.name]).to(dtype)
    if dtype.is_floating_point:
        return picture.to(dtype) / most[was.name]
    return (picture * (most[dtype.name] + 1 - 1e-3)).to(dtype)


def normalize(picture, mean, std, inplace=False):
    """Subtract a mean from each channel, and divide by a standard deviation.

    >>> normalize(torch.ones(1, 1, 2), [0.5], [0.25]).tolist()
    [[[2.0, 2.0]]]
    """
    if not isinstance(picture, Tensor):
        said = f"img should be Tensor Image. Got {type(picture)}. Put ToTensor() before Normalize"
        raise TypeError(said)
    if not picture.is_floating_point():
        raise TypeError(
            f"Input tensor should be a float tensor. Got {picture.dtype}. Put ToTensor() before it"
        )
    if picture.ndim < 3:
        raise ValueError(
            "Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = "
            f"{tuple(picture.shape)}"
        )
    mean, std = _per_channel(mean, picture), _per_channel(std, picture)
    if not std.all():
        raise ValueError(f"std evaluated to zero after conversion to {picture.dtype}")
    channels = max((1, *mean.shape[-3:-2], *std.shape[-3:-2]))
    if picture.shape[-3] == 1 < channels:
        wide = [*picture.shape[:-3], channels, *picture.shape[-2:]]
        raise RuntimeError(
            f"output with shape {list(picture.shape)} doesn't match the broadcast shape {wide}: "
            "give one mean and one std for each channel of the picture"
        )
    mean, std = (from_numpy(each).to(picture.device) for each in (mean, std))
    return picture.sub_(mean).div_(std) if inplace else (picture - mean) / std


def _per_channel(values, picture):
    values = values.cpu().numpy() if isinstance(values, Tensor) else values
    values = np.array(values, picture.dtype.array)
    return values.reshape(-1, 1, 1) if values.ndim == 1 else values


# --- sizes and places


def resize(picture, size, interpolation=InterpolationMode.BILINEAR, max_size=None, antialias=True):
    """Change the size: to (height, width), or the shorter side to a number.

    >>> resize(torch.zeros(3, 8, 4), 2).shape
    torch.Size([3, 4, 2])
    """
    mode = _mode(interpolation)
    _, height, width = get_dimensions(picture)
    height, width = _new_size(size, height, width, max_size)
    if not is_tensor(picture):
        return picture.resize((width, height), PIL_MODES[mode])
    pixels = picture.float() if not picture.is_floating_point() else picture
    batch = pixels.reshape(1, *pixels.shape) if pixels.ndim == 3 else pixels
    if mode in ("box", "hamming", "lanczos"):
        raise NotImplementedError(f"{mode} is for PIL pictures: resize before ToTensor()")
    smooth = mode in ("bilinear", "bicubic")
    options = {"align_corners": False, "antialias": antialias} if smooth else {}
    drawn = F.interpolate(batch, (height, width), mode=mode, **options)
    drawn = drawn[0] if pixels.ndim == 3 else drawn
    return drawn if picture.is_floating_point() else drawn.round().clamp(0, 255).to(picture.dtype)


def _mode(interpolation):
    if isinstance(interpolation, InterpolationMode):
        return interpolation.value
    names = list(PIL_MODES)  # in the order of their numbers
    return names[interpolation] if isinstance(interpolation, int) else interpolation


def _new_size(size, height, width, max_size=None):
    if isinstance(size, int) or size is not None and len(size) == 1:
        short = size if isinstance(size, int) else size[0]
        if max_size is not None and max_size <= short:
            raise ValueError(
                f"max_size = {max_size} must be strictly greater than the requested size for the "
                f"smaller edge size = {size}"
            )
        long = int(short * max(height, width) / min(height, width))
        if max_size is not None and long > max_size:
            short, long = int(max_size * short / long), max_size
        return (short, long) if height <= width else (long, short)
    if size is None:
        scale = max_size / max(height, width)
        return int(height * scale), int(width * scale)
    return tuple(size)


def crop(picture, top, left, height, width):
    """Cut out a part; what lies outside the picture is 0.

    >>> crop(torch.arange(9).reshape(1, 3, 3), 1, 1, 2, 2).tolist()
    [[[4, 5], [7, 8]]]
    """
    if not is_tensor(picture):
        return picture.crop((left, top, left + width, top + height))
    _, rows, columns = get_dimensions(picture)
    inside = picture[
        ..., max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)
    ]
    missing = [
        max(-left, 0), max(left + width - columns, 0), max(-top, 0), max(top + height - rows, 0),
    ]  # fmt: skip
    return F.pad(inside, missing) if any(missing) else inside


def center_crop(picture, output_size):
    """Cut out the middle.

    >>> center_crop(torch.arange(9).reshape(1, 3, 3), 1).tolist()
    [[[4]]]
    """
    height, width = two(output_size)
    _, rows, columns = get_dimensions(picture)
    high, wide = max(height - rows, 0), max(width - columns, 0)
    if high or wide:
        picture = pad(picture, [wide // 2, high // 2, (wide + 1) // 2, (high + 1) // 2])
        rows, columns = rows + high, columns + wide
    return crop(picture, round((rows - height) / 2), round((columns - width) / 2), height, width)


def resized_crop(picture, top, left, height, width, size, interpolation=InterpolationMode.BILINEAR,
                 antialias=True):  # fmt: skip
    """Cut out a part and change its size."""
    cut = crop(picture, top, left, height, width)
    return resize(cut, size, interpolation, antialias=antialias)


def five_crop(picture, size) -> tuple:
    """Cut out the four corners and the middle."""
    height, width = two(size)
    _, rows, columns = get_dimensions(picture)
    if width > columns or height > rows:
        raise ValueError(
            f"Requested crop size {(height, width)} is bigger than input size {(rows, columns)}"
        )
    corners = [(0, 0), (0, columns - width), (rows - height, 0), (rows - height, columns - width)]
    parts = [crop(picture, top, left, height, width) for top, left in corners]
    return (*parts, center_crop(picture, size))


def ten_crop(picture, size, vertical_flip=False) -> tuple:
    """Cut out the corners and the middle of a picture and of its mirror image.

    >>> len(ten_crop(torch.zeros(3, 8, 8), 4))
    10
    """
    mirrored = vflip(picture) if vertical_flip else hflip(picture)
    return five_crop(picture, size) + five_crop(mirrored, size)


def pad(picture, padding, fill=0, padding_mode="constant"):
    """Add a border: one width, (left and right, top and bottom), or (left, top, right, bottom).

    >>> pad(torch.ones(1, 1, 1), 1).shape
    torch.Size([1, 3, 3])
    """
    sides = [padding] * 4 if isinstance(padding, int) else list(padding)
    if len(sides) not in (1, 2, 4):
        raise ValueError(
            "Padding must be an int or a 1, 2, or 4 element tuple, not a "
            f"{len(sides)} element tuple"
        )
    sides = sides * (4 // len(sides))
    left, top, right, bottom = sides
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ValueError(
            "Padding mode should be either constant, edge, reflect or symmetric"
        )
    if is_tensor(picture) and padding_mode == "constant":
        return F.pad(picture, [left, right, top, bottom], value=fill)
    if not is_tensor(picture) and padding_mode == "constant":
        from PIL import ImageOps

        return ImageOps.expand(picture, (left, top, right, bottom), _colour(picture, fill))
    _, height, width = get_dimensions(picture)  # which row and column each new pixel copies:
    rows = np.pad(np.arange(height), (top, bottom), mode=padding_mode)
    columns = np.pad(np.arange(width), (left, right), mode=padding_mode)
    if is_tensor(picture):
        return picture[..., rows.tolist(), :][..., columns.tolist()]
    return to_pil_image(np.asarray(picture)[rows][:, columns], picture.mode)


def _colour(picture, fill):
    bands = len(picture.getbands())
    values = [fill] if isinstance(fill, int | float) else list(fill)
    values = [int(v) for v in values * (bands // len(values) if len(values) == 1 else 1)]
    return tuple(values) if bands > 1 else values[0]


def hflip(picture):
    """Mirror left and right.

    >>> hflip(torch.tensor([[[1, 2]]])).tolist()
    [[[2, 1]]]
    """
    return ops.flip(picture, [-1]) if is_tensor(picture) else picture.transpose(0)


def vflip(picture):
    """Mirror top and bottom."""
    return ops.flip(picture, [-2]) if is_tensor(picture) else picture.transpose(1)


def rotate(picture, angle, interpolation=InterpolationMode.NEAREST, expand=False, center=None,
           fill=0):  # fmt: skip
    """Turn against the clock by an angle in degrees, about the middle.

    >>> rotate(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]), 90).tolist()
    [[[2.0, 4.0], [1.0, 3.0]]]
    """
    if not is_tensor(picture):
        return picture.rotate(angle, PIL_MODES[_mode(interpolation)], expand, center,
                              fillcolor=_colour(picture, fill))  # fmt: skip
    _, height, width = get_dimensions(picture)
    offset = (0.0, 0.0) if center is None or expand else _offset(center, width, height)
    matrix = _inverse_affine(-angle, (0, 0), 1.0, (0.0, 0.0), offset)
    size = _turned_size(matrix, height, width) if expand else (height, width)
    return _drawn(picture, matrix, size, interpolation, fill)


def affine(picture, angle, translate, scale, shear, interpolation=InterpolationMode.NEAREST,
           fill=0, center=None):  # fmt: skip
    """Turn (clockwise, degrees), move (pixels), scale and shear (degrees) in one step.

    >>> affine(torch.tensor([[[1.0, 2.0, 3.0]]]), 0, (1, 0), 1.0, (0, 0)).tolist()
    [[[0.0, 1.0, 2.0]]]
    """
    _, height, width = get_dimensions(picture)
    shear = (float(shear), 0.0) if isinstance(shear, int | float) else tuple(shear)
    middle = (width * 0.5, height * 0.5) if center is None else center
    if not is_tensor(picture):
        matrix = _inverse_affine(angle, translate, scale, shear, middle)
        return picture.transform(
            picture.size, 0, matrix, PIL_MODES[_mode(interpolation)],
            fillcolor=_colour(picture, fill),
        )  # fmt: skip
    offset = _offset(middle, width, height)
    matrix = _inverse_affine(angle, translate, scale, shear, offset)
    return _drawn(picture, matrix, (height, width), interpolation, fill)


def _offset(center, width, height):
    return center[0] - width * 0.5, center[1] - height * 0.5


def _turned_size(matrix, height, width):
    """Give the height and width that hold the whole picture after a turn."""
    a, b, _, d, e, _ = matrix
    corners = np.array([(-width, -height), (-width, height), (width, height), (width, -height)]) / 2
    moved = corners @ np.array([(a, d), (b, e)]) + (width / 2, height / 2)
    moved = np.trunc(moved / 1e-4) * 1e-4  # a corner that is a hair beyond a pixel is not beyond it
    wide, high = np.ceil(moved.max(0)) - np.floor(moved.min(0))
    return int(high), int(wide)


def _drawn(picture, matrix, size, interpolation, fill):
    """Look up each pixel of a new picture in the old one."""
    (_, height, width), (rows, columns) = get_dimensions(picture), size
    a, b, c, d, e, f = matrix
    theta = [  # grid_sample counts from -1 to 1 over each picture
        [a * columns / width, b * rows / width, 2 * c / width],
        [d * columns / height, e * rows / height, 2 * f / height],
    ]
    pixels = picture if picture.is_floating_point() else picture.float()
    batch = pixels.reshape(-1, *pixels.shape[-3:])
    theta = tensor([theta] * len(batch), dtype=batch.dtype, device=batch.device)
    grid = F.affine_grid(theta, [*batch.shape[:2], rows, columns], align_corners=False)
    drawn = F.grid_sample(batch, grid, _mode(interpolation), "zeros", align_corners=False)
    if fill:
        inside = F.grid_sample(
            batch.new_ones(batch.shape), grid, _mode(interpolation), "zeros", align_corners=False
        )
        colour = tensor(fill, dtype=batch.dtype, device=batch.device).reshape(-1, 1, 1)
        if _mode(interpolation) == "nearest":
            drawn = ops.where(inside < 0.5, colour, drawn)
        else:
            drawn = colour + inside * (drawn - colour)
    drawn = drawn.reshape(*picture.shape[:-2], rows, columns)
    return drawn if picture.is_floating_point() else drawn.round().to(picture.dtype)


def _inverse_affine(angle, translate, scale, shear, center):
    """Give the six numbers that say, for a new pixel, where it lay in the old picture.

    The picture is moved to the centre, turned and sheared (M = R Sy Sx), scaled, and moved back;
    this is the inverse of that.
    """
    turn, sx, sy = (math.radians(v) for v in (angle, *shear))
    (cx, cy), (tx, ty) = center, translate
    a = math.cos(turn - sy) / math.cos(sy)
    b = -math.cos(turn - sy) * math.tan(sx) / math.cos(sy) - math.sin(turn)
    c = math.sin(turn - sy) / math.cos(sy)
    d = -math.sin(turn - sy) * math.tan(sx) / math.cos(sy) + math.cos(turn)
    m = [d / scale, -b / scale, 0.0, -c / scale, a / scale, 0.0]
    m[2] = m[0] * (-cx - tx) + m[1] * (-cy - ty) + cx
    m[5] = m[3] * (-cx - tx) + m[4] * (-cy - ty) + cy
    return m


def erase(picture, top, left, height, width, value, inplace=False):
    """Overwrite a part with a value."""
    if not isinstance(picture, Tensor):
        raise TypeError(f"img should be Tensor. Got {type(picture)}")
    if isinstance(value, list | tuple):  # a colour
        value = tensor(value, dtype=picture.dtype, device=picture.device).reshape(-1, 1, 1)
    drawn = picture if inplace else picture.clone()
    drawn[..., top : top + height, left : left + width] = value
    return drawn


# --- brightness and colour


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
    return (1.0 if picture.is_floating_point() else 255) - picture


def _enhanced(picture, kind, factor):
    from PIL import ImageEnhance

    if factor < 0:
        raise ValueError(f"factor ({factor}) is not non-negative.")
    return getattr(ImageEnhance, kind)(picture).enhance(factor)


def _blend(picture, other, factor):
    if factor < 0:
        raise ValueError(f"factor ({factor}) is not non-negative.")
    most = 1.0 if picture.is_floating_point() else 255
    mixed = (float(factor) * picture + (1.0 - factor) * other).clamp(0, most)
    return mixed.to(picture.dtype)


def two(size) -> tuple:
    """Give (height, width) for a number or a pair.

    >>> two(3), two((2, 4))
    ((3, 3), (2, 4))
    """
    if isinstance(size, int | float):
        return size, size
    if len(size) == 1:
        return size[0], size[0]
    if len(size) != 2:
        raise ValueError("Please provide only two dimensions (h, w) for size.")
    return tuple(size)
