"""Transforms of size and place; the random ones let a model see each picture in many ways."""

import math

from ...nn import Module
from ...random import rand, randint, randn
from . import functional as F
from .chance import WithChance
from .functional import InterpolationMode, two


def _between(low, high) -> float:
    return low + (high - low) * rand(()).item()


def _integer(low, high) -> int:
    return int(randint(low, high + 1, ()).item())


class Resize(Module):
    """Change the size: to (height, width), or the shorter side to a number.

    Takes a PIL picture, or a tensor (..., C, H, W), and gives one of the same kind.

    Args:
        size: ``(height, width)``, whatever becomes of the proportions; or one number for the
            shorter
            side, which keeps them: ``Resize(28)`` makes only square pictures square.
        interpolation: how new pixels are mixed from old ones: ``InterpolationMode.BILINEAR``,
            ``NEAREST``, ``BICUBIC``.
        max_size: the most that the longer side may have, if ``size`` is one number.
        antialias: smooth tensors before they shrink, as PIL always does with pictures.

    >>> from autograd_lab.vision import transforms
    >>> transforms.Resize((2, 2))(torch.ones(3, 8, 8)).shape
    torch.Size([3, 2, 2])
    >>> transforms.Resize(4)(torch.ones(3, 8, 16)).shape
    torch.Size([3, 4, 8])
    """

    def __init__(self, size, interpolation=InterpolationMode.BILINEAR, max_size=None,
                 antialias=True):  # fmt: skip
        super().__init__()
        self.size, self.max_size = size, max_size
        self.interpolation, self.antialias = interpolation, antialias

    def forward(self, img):
        """Draw the picture in its new size."""
        return F.resize(img, self.size, self.interpolation, self.max_size, self.antialias)

    def __repr__(self):
        return (
            f"{type(self).__name__}(size={self.size}, "
            f"interpolation={F.mode_name(self.interpolation)}, max_size={self.max_size}, "
            f"antialias={self.antialias})"
        )


class CenterCrop(Module):
    """Cut out the middle."""

    def __init__(self, size):
        super().__init__()
        self.size = two(size)

    def forward(self, img):
        """Cut."""
        return F.center_crop(img, self.size)

    def __repr__(self):
        return f"{type(self).__name__}(size={self.size})"


class FiveCrop(Module):
    """Cut out the four corners and the middle."""

    def __init__(self, size):
        super().__init__()
        self.size = two(size)

    def forward(self, img):
        """Cut; gives five pictures."""
        return F.five_crop(img, self.size)

    def __repr__(self):
        return f"{type(self).__name__}(size={self.size})"


class TenCrop(FiveCrop):
    """Cut out the four corners and the middle, of the picture and of its mirror image."""

    def __init__(self, size, vertical_flip=False):
        super().__init__(size)
        self.vertical_flip = vertical_flip

    def forward(self, img):
        """Cut; gives ten pictures."""
        return F.ten_crop(img, self.size, self.vertical_flip)

    def __repr__(self):
        return f"{type(self).__name__}(size={self.size}, vertical_flip={self.vertical_flip})"


class Pad(Module):
    """Add a border."""

    def __init__(self, padding, fill=0, padding_mode="constant"):
        super().__init__()
        self.padding, self.fill, self.padding_mode = padding, fill, padding_mode

    def forward(self, img):
        """Add it."""
        return F.pad(img, self.padding, self.fill, self.padding_mode)

    def __repr__(self):
        return (
            f"{type(self).__name__}(padding={self.padding}, fill={self.fill}, "
            f"padding_mode={self.padding_mode})"
        )


class RandomCrop(Module):
    """Cut out a part at a random place, after adding a border if ``padding`` is given."""

    def __init__(self, size, padding=None, pad_if_needed=False, fill=0, padding_mode="constant"):
        super().__init__()
        self.size, self.padding, self.pad_if_needed = two(size), padding, pad_if_needed
        self.fill, self.padding_mode = fill, padding_mode

    @staticmethod
    def get_params(img, output_size) -> tuple:
        """Draw a place: (top, left, height, width)."""
        _, rows, columns = F.get_dimensions(img)
        height, width = output_size
        if rows < height or columns < width:
            raise ValueError(
                f"Required crop size {(height, width)} is larger than input image size "
                f"{(rows, columns)}"
            )
        return _integer(0, rows - height), _integer(0, columns - width), height, width

    def forward(self, img):
        """Draw a place, and cut."""
        if self.padding is not None:
            img = F.pad(img, self.padding, self.fill, self.padding_mode)
        if self.pad_if_needed:
            _, rows, columns = F.get_dimensions(img)
            missing = [max(self.size[1] - columns, 0), max(self.size[0] - rows, 0)]
            if any(missing):
                img = F.pad(img, missing, self.fill, self.padding_mode)
        return F.crop(img, *self.get_params(img, self.size))

    def __repr__(self):
        return f"{type(self).__name__}(size={self.size}, padding={self.padding})"


class RandomHorizontalFlip(WithChance):
    """Mirror left and right, with probability p.

    >>> from autograd_lab.vision import transforms
    >>> transforms.RandomHorizontalFlip(p=1.0)(torch.tensor([[[1, 2]]]))
    tensor([[[2, 1]]])
    """

    def change(self, img):
        """Give the mirrored picture."""
        return F.hflip(img)


class RandomVerticalFlip(WithChance):
    """Mirror top and bottom, with probability p."""

    def change(self, img):
        """Give the mirrored picture."""
        return F.vflip(img)


class RandomResizedCrop(Module):
    """Cut out a part of random size and shape, and bring it to one size.

    C. Szegedy et al., Going Deeper with Convolutions, 2014, https://arxiv.org/abs/1409.4842.
    """

    def __init__(self, size, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3),
                 interpolation=InterpolationMode.BILINEAR, antialias=True):  # fmt: skip
        super().__init__()
        self.size, self.scale, self.ratio = two(size), scale, ratio
        self.interpolation, self.antialias = interpolation, antialias

    @staticmethod
    def get_params(img, scale, ratio) -> tuple:
        """Draw a part: (top, left, height, width); the middle, if ten draws do not fit."""
        _, rows, columns = F.get_dimensions(img)
        for _ in range(10):
            area = rows * columns * _between(*scale)
            shape = math.exp(_between(math.log(ratio[0]), math.log(ratio[1])))
            width, height = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
            if 0 < width <= columns and 0 < height <= rows:
                return _integer(0, rows - height), _integer(0, columns - width), height, width
        shape = min(max(columns / rows, ratio[0]), ratio[1])
        width, height = min(columns, round(rows * shape)), min(rows, round(columns / shape))
        return (rows - height) // 2, (columns - width) // 2, height, width

    def forward(self, img):
        """Draw a part, cut it out, and change its size."""
        part = self.get_params(img, self.scale, self.ratio)
        return F.resized_crop(img, *part, self.size, self.interpolation, self.antialias)

    def __repr__(self):
        return (
            f"{type(self).__name__}(size={self.size}, "
            f"scale={tuple(round(each, 4) for each in self.scale)}, "
            f"ratio={tuple(round(each, 4) for each in self.ratio)}, "
            f"interpolation={F.mode_name(self.interpolation)}, antialias={self.antialias})"
        )


class RandomRotation(Module):
    """Turn by a random angle: between -degrees and degrees, or between two given."""

    def __init__(self, degrees, interpolation=InterpolationMode.NEAREST, expand=False,
                 center=None, fill=0):  # fmt: skip
        super().__init__()
        self.degrees = _span(degrees, "degrees")
        self.interpolation, self.expand = interpolation, expand
        self.center, self.fill = center, fill

    @staticmethod
    def get_params(degrees) -> float:
        """Draw an angle."""
        return _between(*degrees)

    def forward(self, img):
        """Draw an angle, and turn."""
        angle = self.get_params(self.degrees)
        return F.rotate(img, angle, self.interpolation, self.expand, self.center, self.fill)

    def __repr__(self):
        return (
            f"{type(self).__name__}(degrees={self.degrees}, "
            f"interpolation={F.mode_name(self.interpolation)}, expand={self.expand}, "
            f"fill={self.fill})"
        )


def _span(value, name):
    if isinstance(value, int | float):
        if value < 0:
            raise ValueError(f"If {name} is a single number, it must be positive.")
        return [-float(value), float(value)]
    if len(value) != 2:
        raise ValueError(f"{name} should be a sequence of length 2.")
    return [float(each) for each in value]


class RandomAffine(Module):
    """Turn, move, scale and shear at random, all in one step."""

    def __init__(self, degrees, translate=None, scale=None, shear=None,
                 interpolation=InterpolationMode.NEAREST, fill=0, center=None):  # fmt: skip
        super().__init__()
        self.degrees, self.translate, self.scale = _span(degrees, "degrees"), translate, scale
        if translate is not None and not all(0 <= most <= 1 for most in translate):
            raise ValueError("translation values should be between 0 and 1")
        if scale is not None and min(scale) <= 0:
            raise ValueError("scale values should be positive")
        self.shear = (-shear, shear) if isinstance(shear, int | float) else shear
        self.interpolation, self.fill, self.center = interpolation, fill, center

    def forward(self, img):
        """Draw the numbers, and move the pixels."""
        _, height, width = F.get_dimensions(img)
        moved = (0, 0)
        if self.translate is not None:
            far = self.translate[0] * width, self.translate[1] * height
            moved = tuple(round(_between(-most, most)) for most in far)
        scale = 1.0 if self.scale is None else _between(*self.scale)
        shear = [0.0, 0.0]
        if self.shear is not None:
            shear[0] = _between(*self.shear[:2])
            shear[1] = _between(*self.shear[2:]) if len(self.shear) == 4 else 0.0
        angle = _between(*self.degrees)
        return F.affine(img, angle, moved, scale, shear, self.interpolation, self.fill, self.center)

    def __repr__(self):
        said = f"degrees={self.degrees}"
        for name in ("translate", "scale", "shear"):
            value = getattr(self, name)
            said += f", {name}={value}" if value is not None else ""
        return f"{type(self).__name__}({said})"


class RandomErasing(Module):
    """Overwrite a random part of a tensor, with probability p.

    Z. Zhong et al., Random Erasing Data Augmentation, 2017, https://arxiv.org/abs/1708.04896.
    """

    def __init__(self, p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0, inplace=False):
        super().__init__()
        self.p, self.scale, self.ratio, self.value, self.inplace = p, scale, ratio, value, inplace

    def forward(self, img):
        """Toss a coin, draw a part, and overwrite it."""
        if rand(()).item() >= self.p:
            return img
        channels, rows, columns = F.get_dimensions(img)
        for _ in range(10):
            area = rows * columns * _between(*self.scale)
            shape = math.exp(_between(math.log(self.ratio[0]), math.log(self.ratio[1])))
            height, width = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
            if 0 < height < rows and 0 < width < columns:
                top, left = _integer(0, rows - height), _integer(0, columns - width)
                value = self.value
                if value == "random":
                    value = randn(channels, height, width, device=img.device)
                return F.erase(img, top, left, height, width, value, self.inplace)
        return img

    def __repr__(self):
        return (
            f"{type(self).__name__}(p={self.p}, scale={self.scale}, ratio={self.ratio}, "
            f"value={self.value}, inplace={self.inplace})"
        )
