"""Samples of ops/fourier.py."""

import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, c, f, i

ONLY = ("float32", "int64")
NONE = {"only": (), "near": 1e-7}


def waves(x, dims, back=False, scale=1.0):
    """Take waves apart with PyTorch, without any factor."""
    y = torch.fft.ifftn(x, dim=dims, norm="forward") if back else torch.fft.fftn(x, dim=dims)
    return y * scale


def half(x, dim, back=False, scale=1.0):
    y = torch.fft.ihfft(x, dim=dim, norm="forward") if back else torch.fft.rfft(x, dim=dim)
    return y * scale


def real(x, dim, size, back=True, scale=1.0):
    call = torch.fft.irfft if back else torch.fft.hfft
    return call(x, size, dim=dim, norm="forward" if back else None) * scale




TABLE = {
    "waves": [S(c(4), (0,), torch=waves, **NONE),
              S(c(3, 4), (1, 0), True, 0.5, torch=waves, **NONE)],
    "half_spectrum": [S(f(4), 0, torch=half, **NONE), S(f(3, 5), 1, True, 0.5, torch=half, **NONE)],
    "from_half": [S(c(3), 0, 4, torch=real, **NONE),
                  S(c(3, 2), 0, 5, False, 2.0, torch=real, **NONE),
                  S(c(1), 0, 1, torch=real, **NONE)],
    "fft.fft": [S(f(5), only=ONLY), S(c(2, 4), 3, 0, "ortho", **NONE), R(f(3), 0),
                R(f(3), norm="x")],
    "fft.ifft": [S(f(5), only=ONLY), S(c(2, 4), 6, **NONE)],
    "fft.rfft": [S(f(2, 5), only=ONLY), S(f(4), 6, norm="forward", only=ONLY), R(c(3))],
    "fft.irfft": [S(c(2, 3), **NONE), S(c(3), 5, norm="ortho", **NONE), S(f(3), only=ONLY)],
    "fft.hfft": [S(c(3), **NONE), S(c(3, 2), 5, 0, **NONE)],
    "fft.ihfft": [S(f(5), only=ONLY), R(c(3))],
    "fft.fft2": [S(f(2, 3), only=ONLY), S(c(2, 3, 2), (2, 4), **NONE)],
    "fft.ifft2": [S(f(2, 3), only=ONLY)],
    "fft.rfft2": [S(f(2, 3), only=ONLY)],
    "fft.irfft2": [S(c(2, 3), **NONE)],
    "fft.hfft2": [S(c(2, 3), **NONE)],
    "fft.ihfft2": [S(f(2, 3), only=ONLY)],
    "fft.fftn": [S(f(2, 3, 2), only=ONLY), S(f(2, 3), None, (0,), "ortho", only=ONLY),
                 R(f(2), (1, 2)), R(f(2, 2), (2,), (0, 1))],
    "fft.ifftn": [S(c(2, 3), (3, 2), **NONE)],
    "fft.rfftn": [S(f(2, 3, 4), only=ONLY), R(c(2, 2))],
    "fft.irfftn": [S(c(2, 3), **NONE), S(c(2, 3), (2, 5), (0, 1), "forward", **NONE)],
    "fft.hfftn": [S(c(2, 3), **NONE)],
    "fft.ihfftn": [S(f(2, 3), only=ONLY)],
    "fft.fftshift": [S(f(5)), S(f(2, 4), 1), S(i(3, 2), (0, 1))],
    "fft.ifftshift": [S(f(5)), S(f(2, 4), 1)],
    "stft": [
        S(f(2, 12), 4, 2, 3, f(3, low=0.5), return_complex=True, only=("float32",), near=1e-7),
        S(c(8), 4, center=False, **NONE), S(f(8), 4, return_complex=True, normalized=True,
                                            onesided=False, only=("float32",), near=1e-7),
        R(f(8), 4), R(f(3), 4, center=False, return_complex=True),
    ],
    "istft": [S(c(3, 5), 4, window=f(4, low=0.5), smooth=False, **NONE),
              S(c(2, 3, 5), 4, 2, window=f(4, low=0.5), length=7, smooth=False, **NONE),
              R(f(3, 5), 4)],
}  # fmt: skip
SAMPLES = answered(TABLE)
