"""Samples of ops/convolution.py."""

import torch

from autograd_lab.ops.convolution import plan
from tests.ops.refusals import R, answered
from tests.ops.samples import S, c, f

FLOATS = ("float32",)
STRIDED = plan(1, (2, 4, 9), (6, 2, 3), None, 2, 1, 1, 2)
WIDE = plan(2, (2, 3, 7, 6), (4, 3, 2, 3), None, (2, 1), "valid", (2, 1))


def slid(x, w, slide):
    """Convolve with PyTorch."""
    dims = x.ndim - 2
    return getattr(torch, f"conv{dims}d")(
        x, w, None, slide.stride, slide.before, slide.dilation, slide.groups
    )


def stamped(y, w, slide):
    """Compute PyTorch's gradient of a convolution's input."""
    dims = y.ndim - 2
    shape = (y.shape[0], w.shape[1] * slide.groups, *slide.sizes)
    input_gradient = getattr(torch.nn.grad, f"conv{dims}d_input")
    return input_gradient(shape, w, y, slide.stride, slide.before, slide.dilation, slide.groups)


def compared(x, y, slide):
    """Compute PyTorch's gradient of a convolution's filters."""
    dims = y.ndim - 2
    shape = (y.shape[1], x.shape[1] // slide.groups, *slide.kernel)
    weight_gradient = getattr(torch.nn.grad, f"conv{dims}d_weight")
    return weight_gradient(x, shape, y, slide.stride, slide.before, slide.dilation, slide.groups)


def small(*shape):
    """Draw numbers whose many sums stay small: float32 then has the digits to compare."""
    return f(*shape, low=-0.3, high=0.3)


def samples_of(dims):
    """List convolutions over so many dimensions: plain, with every setting, of one image."""
    sizes, kernel = ((5,), (5, 6), (3, 4, 3))[dims - 1], ((2,), (2, 3), (2, 1, 2))[dims - 1]
    x, w, b = small(2, 4, *sizes), small(6, 4, *kernel), f(6)
    half = w[:, 2:].copy()
    return [
        S(x, w, b, only=FLOATS), S(x, w, only=FLOATS), S(x[0], w, b, only=FLOATS),
        S(x, half, b, 2, 1, 2, 2, only=FLOATS), S(x, half, None, 1, 2, groups=2, only=FLOATS),
        S(x, w, b, padding="same", dilation=2, only=FLOATS), S(x[:0], w, b, only=FLOATS),
        S(f(2, 4, *sizes), f(6, 4, *kernel), b, padding="valid", only=("int64",)),
        S(c(1, 2, *sizes), c(2, 2, *kernel), only=FLOATS),
        R(x, w[:, :3]), R(x, w, b[:5]), R(x, w, b, 0), R(x, w, b, 1, -1), R(x, w, b, 1, 0, 0),
        R(x, w, b, groups=0), R(x, half[:5], None, groups=2), R(x, half[:1], None, groups=2),
        R(x, w, b, padding="middle"), R(x, w, b, 2, "same"), R(x, w, b, (1,) * 4),
        R(x[..., :1], w), R(x[0, 0], w), R(x[None], w), R(x, w[0]), R(x, w[..., :0]),
        R(x > 0, w > 0), R(x, w.astype("float32")), R(x, w, b.astype("float32")), R(x, None),
        R(x, w, b, 1, 1.5),
    ]  # fmt: skip


def transposed_samples_of(dims):
    """List transposed convolutions over so many dimensions."""
    sizes, kernel = (3, 4, 2)[:dims], (2, 3, 2)[:dims]
    x, w, b = small(2, 4, *sizes), small(4, 3, *kernel), f(3)
    return [
        S(x, w, b, only=FLOATS), S(x, w, only=FLOATS), S(x[0], w, b, only=FLOATS),
        S(x, w, f(6), 2, 1, 1, 2, only=FLOATS), S(x, w, b, 1, 0, 1, 1, 2, only=FLOATS),
        S(x[:0], w, b, only=FLOATS),
        S(f(2, 4, *sizes), f(4, 3, *kernel), b, only=("int64",)),
        S(c(1, 2, *sizes), c(2, 2, *kernel), only=FLOATS),
        R(x, w[:3]), R(x, w, b[:2]), R(x, w, b, 0), R(x, w, b, 1, -1), R(x, w, b, 1, 0, 1),
        R(x, w, b, 2, 0, 2), R(x, w, b, 1, 0, -1), R(x, w, b, groups=3), R(x, w, b, padding=9),
        R(x[0, 0], w), R(x, w.astype("float32")),
    ]  # fmt: skip


TABLE = {f"conv{d}d": samples_of(d) for d in (1, 2, 3)}
TABLE |= {f"conv_transpose{d}d": transposed_samples_of(d) for d in (1, 2, 3)}
TABLE |= {
    "slide_filter": [
        S(f(2, 4, 9), f(6, 2, 3), STRIDED, torch=slid, only=FLOATS),
        S(f(2, 3, 7, 6), f(4, 3, 2, 3), WIDE, torch=slid, only=FLOATS),
        S(c(2, 4, 9), c(6, 2, 3), STRIDED, torch=slid, only=FLOATS),
    ],
    "spread_filter": [
        S(f(2, 6, 5), f(6, 2, 3), STRIDED, torch=stamped, only=FLOATS),
        S(f(2, 4, 3, 4), f(4, 3, 2, 3), WIDE, torch=stamped, only=FLOATS),
        S(c(2, 6, 5), c(6, 2, 3), STRIDED, torch=None, only=FLOATS),
    ],
    "compare": [
        S(f(2, 4, 9), f(2, 6, 5), STRIDED, torch=compared, only=FLOATS),
        S(f(2, 3, 7, 6), f(2, 4, 3, 4), WIDE, torch=compared, only=FLOATS),
        S(c(2, 4, 9), c(2, 6, 5), STRIDED, torch=None, only=FLOATS),
    ],
}
SAMPLES = answered(TABLE)
