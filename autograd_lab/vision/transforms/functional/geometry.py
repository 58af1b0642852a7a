"""Sizes and places: cut, stretch, mirror and turn."""

import math

import numpy as np

from .... import ops
from ....core import Tensor
from ....creation import tensor
from ....nn import functional as F
from .convert import to_pil_image
from .picture import PIL_MODES, InterpolationMode, get_dimensions, is_tensor, mode_name, two


def resize(picture, size, interpolation=InterpolationMode.BILINEAR, max_size=None, antialias=True):
    """Change the size: to (height, width), or the shorter side to a number.

    >>> resize(torch.zeros(3, 8, 4), 2).shape
    torch.Size([3, 4, 2])
    """
    mode = mode_name(interpolation)
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
        return picture.rotate(angle, PIL_MODES[mode_name(interpolation)], expand, center,
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
            picture.size, 0, matrix, PIL_MODES[mode_name(interpolation)],
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
    drawn = F.grid_sample(batch, grid, mode_name(interpolation), "zeros", align_corners=False)
    if fill:
        ones = batch.new_ones(batch.shape)
        inside = F.grid_sample(ones, grid, mode_name(interpolation), "zeros", align_corners=False)
        colour = tensor(fill, dtype=batch.dtype, device=batch.device).reshape(-1, 1, 1)
        if mode_name(interpolation) == "nearest":
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
