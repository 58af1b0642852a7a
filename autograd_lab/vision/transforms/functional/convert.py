"""Between PIL pictures, arrays and tensors, and between ranges of numbers."""

import numpy as np

from ....core import Tensor
from ....creation import from_numpy
from ....dtypes import uint8


def to_tensor(picture):
    """Turn a PIL picture or an array (H, W, C) into a tensor (C, H, W); bytes become 0 to 1.

    >>> to_tensor(np.full((2, 2, 1), 255, np.uint8)).tolist()
    [[[1.0, 1.0], [1.0, 1.0]]]
    """
    return bytes_to_fractions(to_array(picture))


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
    return to_array(picture)


def to_array(picture):
    """Turn a PIL picture or an array (H, W, C) into a tensor (C, H, W) of the same numbers."""
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
