"""Windows: weights that let the pieces of a signal fade in and out.

>>> torch.signal.windows.hann(5)
tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
"""

import math

from .. import dtypes
from ..core import wrap
from ..device import device as named_device
from ..ops.bessel import i0

__all__ = [
    "bartlett", "blackman", "cosine", "exponential", "gaussian", "general_cosine",
    "general_hamming", "hamming", "hann", "kaiser", "nuttall",
]  # fmt: skip


def _window(name, M, sym, shape, dtype, layout, device, requires_grad):
    """Compute ``shape(place, last)`` at M places: of M + 1, unless symmetric."""
    kind = dtype or dtypes.default
    if M < 0:
        raise ValueError(f"{name} requires non-negative window length, got M={M}")
    if str(layout or "torch.strided") != "torch.strided":
        raise ValueError(f"{name} is implemented for strided tensors only, got: {layout}")
    if kind not in (dtypes.float32, dtypes.float64):
        raise ValueError(f"{name} expects float32 or float64 dtypes, got: {kind}")
    place = named_device(device or "cpu")
    with place.active():
        xp = place.xp
        if M <= 1:
            y = xp.ones(M)
        else:
            y = shape(xp, xp.arange(float(M)), M - 1 if sym else M)
    return wrap(y.astype(kind.array)).requires_grad_(requires_grad)


def exponential(
    M, *, center=None, tau=1.0, sym=True, dtype=None, layout=None, device=None, requires_grad=False,
):  # fmt: skip
    """Fade out exponentially on both sides of a centre.

    >>> torch.signal.windows.exponential(3)
    tensor([0.3679, 1.0000, 0.3679])
    """
    if tau <= 0:
        raise ValueError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")

    def shape(xp, k, last):
        return xp.exp(-abs(k - (last / 2 if center is None else center)) / tau)

    return _window("exponential", M, sym, shape, dtype, layout, device, requires_grad)


def cosine(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """Fade in and out like half a wave.

    >>> torch.signal.windows.cosine(3)
    tensor([0.5000, 1.0000, 0.5000])
    """

    def shape(xp, k, last):
        return xp.sin((k + 0.5) * (math.pi / (last + 1)))

    return _window("cosine", M, sym, shape, dtype, layout, device, requires_grad)


def gaussian(M, *, std=1.0, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """Fade in and out like the bell curve of deviation ``std``.

    >>> torch.signal.windows.gaussian(3)
    tensor([0.6065, 1.0000, 0.6065])
    """
    if std <= 0:
        raise ValueError(f"Standard deviation must be positive, got: {std} instead.")

    def shape(xp, k, last):
        return xp.exp(-(((k - last / 2) / std) ** 2) / 2)

    return _window("gaussian", M, sym, shape, dtype, layout, device, requires_grad)


def kaiser(M, *, beta=12.0, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """Fade in and out with little leakage: the larger ``beta``, the narrower the window.

    >>> torch.signal.windows.kaiser(3, beta=1.0)
    tensor([0.7898, 1.0000, 0.7898])
    """
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")

    def shape(xp, k, last):
        inside = xp.maximum(0, 1 - (2 * k / last - 1) ** 2)
        y = i0(wrap(beta * xp.sqrt(inside))).array
        return y / i0(wrap(xp.asarray(float(beta)))).array

    return _window("kaiser", M, sym, shape, dtype, layout, device, requires_grad)


def general_cosine(
    M, *, a, sym=True, dtype=None, layout=None, device=None, requires_grad=False, name=None,
):  # fmt: skip
    """Add waves up: ``a`` says how much of each.

    >>> torch.signal.windows.general_cosine(3, a=[0.5, 0.5])
    tensor([0., 1., 0.])
    """
    if not isinstance(a, (list, tuple)):
        raise TypeError("Coefficients must be a list/tuple")
    if not a:
        raise ValueError("Coefficients cannot be empty")

    def shape(xp, k, last):
        angle = k * (2 * math.pi / last)
        return sum((-1) ** i * each * xp.cos(i * angle) for i, each in enumerate(a))

    return _window(
        name or "general_cosine", M, sym, shape, dtype, layout, device, requires_grad
    )


def general_hamming(
    M, *, alpha=0.54, sym=True, dtype=None, layout=None, device=None, requires_grad=False,
):  # fmt: skip
    """Lift a wave: ``alpha`` says how high.

    >>> torch.signal.windows.general_hamming(3, alpha=0.5)
    tensor([0., 1., 0.])
    """
    return general_cosine(
        M, a=[alpha, 1 - alpha], sym=sym, dtype=dtype, layout=layout, device=device,
        requires_grad=requires_grad,
    )  # fmt: skip


def hamming(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """Fade in and out like a wave that stays a little above 0.

    >>> torch.signal.windows.hamming(3)
    tensor([0.0800, 1.0000, 0.0800])
    """
    return general_hamming(
        M, sym=sym, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad
    )


def hann(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """Fade in and out like a wave that begins and ends at 0.

    >>> torch.signal.windows.hann(3)
    tensor([0., 1., 0.])
    """
    return general_hamming(
        M, alpha=0.5, sym=sym, dtype=dtype, layout=layout, device=device,
        requires_grad=requires_grad,
    )  # fmt: skip


def blackman(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """Fade in and out with little leakage: two waves.

    >>> torch.signal.windows.blackman(3)[1]
    tensor(1.)
    """
    return general_cosine(
        M, a=[0.42, 0.5, 0.08], sym=sym, dtype=dtype, layout=layout, device=device,
        requires_grad=requires_grad, name="blackman",
    )  # fmt: skip


def nuttall(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """Fade in and out with hardly any leakage: three waves.

    >>> torch.signal.windows.nuttall(3)[1]
    tensor(1.)
    """
    return general_cosine(
        M, a=[0.3635819, 0.4891775, 0.1365995, 0.0106411], sym=sym, dtype=dtype, layout=layout,
        device=device, requires_grad=requires_grad, name="nuttall",
    )  # fmt: skip


def bartlett(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """Fade in and out along straight lines.

    >>> torch.signal.windows.bartlett(5)
    tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """

    def shape(xp, k, last):
        return 1 - abs(2 * k / last - 1)

    return _window("bartlett", M, sym, shape, dtype, layout, device, requires_grad)


# --- the older names: torch.hann_window(M, periodic=True)


def hann_window(
    window_length, periodic=True, *, dtype=None, layout=None, device=None, requires_grad=False
):
    """Make the window ``hann``; periodic: ready to be laid side by side.

    >>> torch.hann_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return hann(
        window_length, sym=not periodic, dtype=dtype, device=device, requires_grad=requires_grad
    )


def hamming_window(
    window_length, periodic=True, alpha=0.54, beta=0.46, *, dtype=None, layout=None, device=None,
    requires_grad=False,
):  # fmt: skip
    """Make the window ``hamming``; periodic: ready to be laid side by side.

    >>> torch.hamming_window(4)
    tensor([0.0800, 0.5400, 1.0000, 0.5400])
    """
    return general_cosine(
        window_length, a=[alpha, beta], sym=not periodic, dtype=dtype, device=device,
        requires_grad=requires_grad,
    )  # fmt: skip


def blackman_window(
    window_length, periodic=True, *, dtype=None, layout=None, device=None, requires_grad=False
):
    """Make the window ``blackman``; periodic: ready to be laid side by side.

    >>> torch.blackman_window(4)[1:]
    tensor([0.3400, 1.0000, 0.3400])
    """
    return blackman(
        window_length, sym=not periodic, dtype=dtype, device=device, requires_grad=requires_grad
    )


def bartlett_window(
    window_length, periodic=True, *, dtype=None, layout=None, device=None, requires_grad=False
):
    """Make the window ``bartlett``; periodic: ready to be laid side by side.

    >>> torch.bartlett_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return bartlett(
        window_length, sym=not periodic, dtype=dtype, device=device, requires_grad=requires_grad
    )


def kaiser_window(
    window_length, periodic=True, beta=12.0, *, dtype=None, layout=None, device=None,
    requires_grad=False,
):  # fmt: skip
    """Make the window ``kaiser``; periodic: ready to be laid side by side.

    >>> torch.kaiser_window(4, beta=1.0)
    tensor([0.7898, 0.9450, 1.0000, 0.9450])
    """
    return kaiser(
        window_length, beta=beta, sym=not periodic, dtype=dtype, device=device,
        requires_grad=requires_grad,
    )  # fmt: skip
