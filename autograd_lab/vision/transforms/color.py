"""Transforms of brightness and colour."""

from ...nn import Module
from ...random import rand, randperm
from . import functional as F
from .chance import WithChance
from .functional import two


class ColorJitter(Module):
    """Change brightness, contrast, saturation and hue at random.

    Each is a number, for a factor between max(0, 1 - number) and 1 + number, or a (low, high) of
    the factor; hue is at most 0.5, and its factors lie around 0.
    """

    def __init__(self, brightness=0, contrast=0, saturation=0, hue=0):
        super().__init__()
        self.brightness = _span(brightness, "brightness")
        self.contrast = _span(contrast, "contrast")
        self.saturation = _span(saturation, "saturation")
        self.hue = _span(hue, "hue", center=0.0, bound=(-0.5, 0.5))

    def forward(self, img):
        """Draw the factors and an order, and apply."""
        changes = [
            (F.adjust_brightness, self.brightness), (F.adjust_contrast, self.contrast),
            (F.adjust_saturation, self.saturation), (F.adjust_hue, self.hue),
        ]  # fmt: skip
        for place in randperm(4).tolist():
            change, span = changes[place]
            if span is not None:
                img = change(img, span[0] + (span[1] - span[0]) * rand(()).item())
        return img

    def __repr__(self):
        return (
            f"{type(self).__name__}(brightness={self.brightness}, contrast={self.contrast}, "
            f"saturation={self.saturation}, hue={self.hue})"
        )


def _span(value, name, center=1.0, bound=(0.0, float("inf"))):
    """Give (low, high) of a factor; None where it would change nothing."""
    if isinstance(value, int | float):
        if value < 0:
            raise ValueError(f"If {name} is a single number, it must be non negative.")
        value = [center - value, center + value]
        value[0] = max(value[0], 0.0) if center else value[0]
    low, high = map(float, value)
    if not bound[0] <= low <= high <= bound[1]:
        raise ValueError(f"{name} values should be between {bound}, but got {value}.")
    return None if low == high == center else (low, high)


class Grayscale(Module):
    """Take the colour away."""

    def __init__(self, num_output_channels=1):
        super().__init__()
        self.num_output_channels = num_output_channels

    def forward(self, img):
        """Weigh red, green and blue."""
        return F.rgb_to_grayscale(img, self.num_output_channels)

    def __repr__(self):
        return f"{type(self).__name__}(num_output_channels={self.num_output_channels})"


class RandomGrayscale(WithChance):
    """Take the colour away, with probability p; the number of channels stays."""

    def __init__(self, p=0.1):
        super().__init__(p)

    def change(self, img):
        """Give the picture without its colour."""
        channels, _, _ = F.get_dimensions(img)
        return F.rgb_to_grayscale(img, channels)


class GaussianBlur(Module):
    """Blur with a bell curve of random width."""

    def __init__(self, kernel_size, sigma=(0.1, 2.0)):
        super().__init__()
        self.kernel_size = two(kernel_size)
        self.sigma = (float(sigma),) * 2 if isinstance(sigma, int | float) else tuple(sigma)

    def forward(self, img):
        """Draw a width, and blur."""
        low, high = self.sigma
        width = low + (high - low) * rand(()).item()
        return F.gaussian_blur(img, self.kernel_size, width)

    def __repr__(self):
        return f"{type(self).__name__}(kernel_size={self.kernel_size}, sigma={self.sigma})"


class RandomInvert(WithChance):
    """Turn light into dark, with probability p."""

    def change(self, img):
        """Give the changed picture."""
        return F.invert(img)


class RandomAutocontrast(WithChance):
    """Stretch the shades from black to white, with probability p."""

    def change(self, img):
        """Give the changed picture."""
        return F.autocontrast(img)


class RandomEqualize(WithChance):
    """Make all shades about equally frequent, with probability p."""

    def change(self, img):
        """Give the changed picture."""
        return F.equalize(img)


class RandomSolarize(WithChance):
    """Turn what is lighter than a threshold into dark, with probability p.

    >>> RandomSolarize(threshold=128, p=1.0)(torch.tensor([[[100, 200]]], dtype=torch.uint8))
    tensor([[[100,  55]]], dtype=torch.uint8)
    """

    def __init__(self, threshold, p=0.5):
        super().__init__(p)
        self.threshold = threshold

    def change(self, img):
        """Give the changed picture."""
        return F.solarize(img, self.threshold)

    def options(self) -> dict:
        """Give what the transform was made with."""
        return {"threshold": self.threshold, "p": self.p}


class RandomPosterize(WithChance):
    """Leave few shades, with probability p: each byte keeps its first bits."""

    def __init__(self, bits, p=0.5):
        super().__init__(p)
        self.bits = bits

    def change(self, img):
        """Give the changed picture."""
        return F.posterize(img, self.bits)

    def options(self) -> dict:
        """Give what the transform was made with."""
        return {"bits": self.bits, "p": self.p}


class RandomAdjustSharpness(WithChance):
    """Blur or sharpen, with probability p: 0 is blurred, 1 the picture, 2 twice as sharp."""

    def __init__(self, sharpness_factor, p=0.5):
        super().__init__(p)
        self.sharpness_factor = sharpness_factor

    def change(self, img):
        """Give the changed picture."""
        return F.adjust_sharpness(img, self.sharpness_factor)

    def options(self) -> dict:
        """Give what the transform was made with."""
        return {"sharpness_factor": self.sharpness_factor, "p": self.p}
