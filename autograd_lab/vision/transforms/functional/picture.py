"""What every function of pictures asks first: what it was given, and how large it is."""

from enum import Enum

from ....core import Tensor


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


def mode_name(interpolation) -> str:
    """Name a way between pixels: of the enum, or of PIL by its number.

    >>> mode_name(InterpolationMode.BILINEAR), mode_name(0)
    ('bilinear', 'nearest')
    """
    if isinstance(interpolation, InterpolationMode):
        return interpolation.value
    names = list(PIL_MODES)  # in the order of their numbers
    return names[interpolation] if isinstance(interpolation, int) else interpolation


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
