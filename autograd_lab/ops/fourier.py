"""Fourier's transform: a signal as a sum of waves, and back; short pieces of it for spectrograms.

Three operations do all of it: complex to complex, real to half of a spectrum, and back from there.
The others prepare for them: lengths, dimensions and factors.
"""

import math

from .. import dtypes
from ..core import OPS, Array, Op, wrap
from ..device import device as named_device
from ..dispatch import op
from ..dtypes import legacy_name
from .borders import pad_with
from .complex_numbers import real
from .dims import along, distinct, whole
from .join import cat, pad, roll
from .shape import reshape, to, transpose, unsqueeze
from .spelling import with_out
from .strided import fold_windows, unfold
from .table import narrow, pick


@op
class waves(Op):
    r"""Take a signal apart into waves, along some dimensions; or put it together.

    >>> waves(torch.tensor([1 + 0j, 1, 1, 1]), (0,))
    tensor([4.+0.j, 0.+0.j, 0.+0.j, 0.+0.j])
    """

    formula = r"y_k = c \sum_n x_n e^{\mp 2 \pi i k n / N}"
    gradient = r"\bar x_n = c \sum_k \bar y_k e^{\pm 2 \pi i k n / N}"
    torch_name = "FftC2CBackward0"

    def forward(self, x: Array, dims, back=False, scale=1.0):
        self.settings = dims, not back, scale
        return _scaled(_waves(self.xp, x, dims, back), scale)

    def backward(self, g):
        return waves(g, *self.settings)


def _waves(xp, x, dims, back):
    """Transform without any factor, one dimension after the other."""
    for dim in dims:
        x = xp.fft.ifft(x, axis=dim, norm="forward") if back else xp.fft.fft(x, axis=dim)
    return x


def _scaled(x, scale):
    return x if scale == 1 else x * x.real.dtype.type(scale)


@op
class half_spectrum(Op):
    r"""Take a real signal apart into waves, along one dimension: half of them do.

    >>> half_spectrum(torch.tensor([1., 1., 1., 1.]), 0)
    tensor([4.+0.j, 0.+0.j, 0.+0.j])
    """

    formula = r"y_k = c \sum_n x_n e^{\mp 2 \pi i k n / N},\ k \le N/2"
    gradient = r"\bar x_n = c\, \mathrm{Re} \sum_{k \le N/2} \bar y_k e^{\pm 2 \pi i k n / N}"
    torch_name = "FftR2CBackward0"

    def forward(self, x: Array, dim, back=False, scale=1.0):
        self.size, self.settings = x.shape[dim], (dim, back, scale)
        y = self.xp.fft.rfft(x, axis=dim)
        return _scaled(y.conj() if back else y, scale)

    def backward(self, g):
        dim, back, scale = self.settings
        widths = [0, 0] * (len(g.shape) - dim)
        widths[-1] = self.size - g.shape[dim]
        return real(waves(pad(g, widths), (dim,), not back, scale))


@op
class from_half(Op):
    r"""Put a real signal together from the first half of its waves.

    >>> from_half(torch.tensor([4 + 0j, 0, 0]), 0, 4)
    tensor([4., 4., 4., 4.])
    """

    formula = r"y_n = c \sum_k x_k e^{\pm 2 \pi i k n / N},\quad x_{N-k} = x_k^*"
    gradient = r"\bar x_k = c\, w_k \sum_n \bar y_n e^{\mp 2 \pi i k n / N},\ w_k = 1, 2, \ldots"
    torch_name = "FftC2RBackward0"

    def forward(self, x: Array, dim, size, back=True, scale=1.0):
        self.size, self.settings = size, (dim, not back, scale)
        y = self.xp.fft.irfft(x if back else x.conj(), size, axis=dim, norm="forward")
        return _scaled(y, scale)

    def backward(self, g):
        dim = self.settings[0]
        y = half_spectrum(g, *self.settings)
        end = y.shape[dim] - (self.size % 2 == 0)  # all stand for two waves, but the first, and
        once = pick(y, along(dim, slice(0, 1)))  # the last of an even size
        twice = pick(y, along(dim, slice(1, end))) * 2
        return cat([once, twice, pick(y, along(dim, slice(end, None)))], dim)


# --- PyTorch's spellings


def factor(norm, count, back):
    """Say what a transform of ``count`` numbers is multiplied by."""
    if norm not in (None, "forward", "backward", "ortho"):
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    if norm == "ortho":
        return 1 / math.sqrt(count)
    return 1 / count if (norm == "forward") != back else 1.0


def _resized(x, size, dim):
    """Cut a dimension off, or fill it up with zeros."""
    if size is None or size == -1:
        size = x.shape[dim]
    if size < 1:
        raise RuntimeError(f"Invalid number of data points ({size}) specified")
    if size < x.shape[dim]:
        return narrow(x, dim, 0, size)
    widths = [0, 0] * (x.ndim - dim)
    widths[-1] = size - x.shape[dim]
    return pad(x, widths) if size > x.shape[dim] else x


def _floating(x):
    """Turn whole numbers into floats."""
    return x if x.dtype.is_floating_point or x.dtype.is_complex else to(x, dtypes.default)


def _complex(x):
    """Turn real numbers into complex ones."""
    x = _floating(x)
    if x.dtype.is_complex:
        return x
    return to(x, dtypes.complex64 if x.dtype is dtypes.float32 else dtypes.complex128)


def _one_dim(x, n, dim):
    """Prepare for a transform along one dimension."""
    if not x.ndim:
        raise IndexError("Dimension specified as -1 but tensor has no dimensions")
    dim = whole(dim, x.ndim)
    return _resized(x, n, dim), dim


def _real_only(x, name):
    if x.dtype.is_complex:
        raise RuntimeError(f"{name} expects a real input tensor, but got {legacy_name(x.dtype)}")
    return _floating(x)


def _several_dims(x, s, dim):
    """Prepare for a transform along several dimensions: say along which, and resize them."""
    if dim is not None:
        dims = distinct([dim] if isinstance(dim, int) else dim, x.ndim)
    elif s is not None:
        count = 1 if isinstance(s, int) else len(s)
        if count > x.ndim:
            raise RuntimeError(
                f"Got shape with {count} values but input tensor only has {x.ndim} dimensions."
            )
        dims = tuple(range(x.ndim - count, x.ndim))
    else:
        dims = tuple(range(x.ndim))
    s = [None] * len(dims) if s is None else [s] if isinstance(s, int) else list(s)
    if len(s) != len(dims):
        raise RuntimeError("When given, dim and shape arguments must have the same length")
    return dims, s


def _count(x, dims):
    return math.prod([x.shape[d] for d in dims])


@with_out
def fft(input, n=None, dim=-1, norm=None):
    """Take a signal apart into waves.

    >>> torch.fft.fft(torch.tensor([1., 1., 1., 1.]))
    tensor([4.+0.j, 0.+0.j, 0.+0.j, 0.+0.j])
    """
    x, dim = _one_dim(_complex(input), n, dim)
    return waves(x, (dim,), False, factor(norm, x.shape[dim], False))


@with_out
def ifft(input, n=None, dim=-1, norm=None):
    """Put a signal together from its waves.

    >>> torch.fft.ifft(torch.tensor([4., 0., 0., 0.]))
    tensor([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j])
    """
    x, dim = _one_dim(_complex(input), n, dim)
    return waves(x, (dim,), True, factor(norm, x.shape[dim], True))


@with_out
def rfft(input, n=None, dim=-1, norm=None):
    """Take a real signal apart into waves: half of them, the others are their mirror image.

    >>> torch.fft.rfft(torch.tensor([1., 1., 1., 1.]))
    tensor([4.+0.j, 0.+0.j, 0.+0.j])
    """
    x, dim = _one_dim(_real_only(input, "rfft"), n, dim)
    return half_spectrum(x, dim, False, factor(norm, x.shape[dim], False))


@with_out
def irfft(input, n=None, dim=-1, norm=None):
    """Put a real signal together from half of its waves.

    >>> torch.fft.irfft(torch.tensor([4., 0., 0.]))
    tensor([1., 1., 1., 1.])
    """
    return _from_half(_complex(input), n, dim, norm, True)


def _from_half(x, n, dim, norm, back):
    dim = whole(dim, x.ndim)
    size = 2 * (x.shape[dim] - 1) if n is None else n
    if size < 1:
        raise RuntimeError(f"Invalid number of data points ({size}) specified")
    x = _resized(x, size // 2 + 1, dim)
    return from_half(x, dim, size, back, factor(norm, size, back))


@with_out
def hfft(input, n=None, dim=-1, norm=None):
    """Take a signal apart whose second half mirrors the first: its waves are real.

    >>> torch.fft.hfft(torch.tensor([1., 0., 0.]))
    tensor([1., 1., 1., 1.])
    """
    return _from_half(_complex(input), n, dim, norm, False)


@with_out
def ihfft(input, n=None, dim=-1, norm=None):
    """Put a signal together from real waves: half of it, the other mirrors it.

    >>> torch.fft.ihfft(torch.tensor([1., 1., 1., 1.])).real
    tensor([1., 0., 0.])
    """
    x, dim = _one_dim(_real_only(input, "ihfft"), n, dim)
    return half_spectrum(x, dim, True, factor(norm, x.shape[dim], True))


@with_out
def fftn(input, s=None, dim=None, norm=None):
    """Take a signal of several dimensions apart into waves.

    >>> torch.fft.fftn(torch.ones(2, 2))
    tensor([[4.+0.j, 0.+0.j],
            [0.+0.j, 0.+0.j]])
    """
    return _along_all(input, s, dim, norm, False)


@with_out
def ifftn(input, s=None, dim=None, norm=None):
    """Put a signal of several dimensions together from its waves.

    >>> torch.fft.ifftn(torch.tensor([[4., 0.], [0., 0.]]))
    tensor([[1.+0.j, 1.+0.j],
            [1.+0.j, 1.+0.j]])
    """
    return _along_all(input, s, dim, norm, True)


def _along_all(input, s, dim, norm, back):
    x = _complex(input)
    dims, sizes = _several_dims(x, s, dim)
    for d, size in zip(dims, sizes):
        x = _resized(x, size, d)
    return waves(x, dims, back, factor(norm, _count(x, dims), back))


@with_out
def rfftn(input, s=None, dim=None, norm=None):
    """Take a real signal of several dimensions apart: half of the waves along the last of them.

    >>> torch.fft.rfftn(torch.ones(2, 2))
    tensor([[4.+0.j, 0.+0.j],
            [0.+0.j, 0.+0.j]])
    """
    return _half_along_last(_real_only(input, "rfftn"), s, dim, norm, False)


def _half_along_last(x, s, dim, norm, back):
    dims, sizes = _several_dims(x, s, dim)
    if not dims:
        raise RuntimeError("rfftn must transform at least one axis")
    for d, size in zip(dims, sizes):
        x = _resized(x, size, d)
    scale = factor(norm, _count(x, dims), back)
    return waves(half_spectrum(x, dims[-1], back, scale), dims[:-1], back)


@with_out
def irfftn(input, s=None, dim=None, norm=None):
    """Put a real signal of several dimensions together from half of its waves.

    >>> torch.fft.irfftn(torch.tensor([[4., 0.], [0., 0.]]))
    tensor([[1., 1.],
            [1., 1.]])
    """
    return _real_along_last(_complex(input), s, dim, norm, True)


def _real_along_last(x, s, dim, norm, back):
    dims, sizes = _several_dims(x, s, dim)
    if not dims:
        raise RuntimeError("irfftn must transform at least one axis")
    last = dims[-1]
    size = 2 * (x.shape[last] - 1) if sizes[-1] in (None, -1) else sizes[-1]
    if size < 1:
        raise RuntimeError(f"Invalid number of data points ({size}) specified")
    for d, n in zip(dims, [*sizes[:-1], size // 2 + 1]):
        x = _resized(x, n, d)
    scale = factor(norm, _count(x, dims[:-1]) * size, back)
    return from_half(waves(x, dims[:-1], back), last, size, back, scale)


@with_out
def hfftn(input, s=None, dim=None, norm=None):
    """Take a signal of several dimensions apart that mirrors itself: its waves are real.

    >>> torch.fft.hfftn(torch.tensor([[1., 0.], [0., 0.]]))
    tensor([[1., 1.],
            [1., 1.]])
    """
    return _real_along_last(_complex(input), s, dim, norm, False)


@with_out
def ihfftn(input, s=None, dim=None, norm=None):
    """Put a signal of several dimensions together from real waves: half of it.

    >>> torch.fft.ihfftn(torch.ones(2, 2)).real
    tensor([[1., 0.],
            [0., 0.]])
    """
    return _half_along_last(_real_only(input, "ihfftn"), s, dim, norm, True)


def in_two_dims(call):
    """Make the form of a transform that works along the last two dimensions."""

    def method(input, s=None, dim=(-2, -1), norm=None, *, out=None):
        return call(input, s, dim, norm, out=out)

    method.__name__ = method.__qualname__ = call.__name__[:-1] + "2"
    method.__doc__ = call.__doc__.replace("several dimensions", "two dimensions").replace(
        f"fft.{call.__name__}", f"fft.{method.__name__}"
    )
    return method


fft2, ifft2, rfft2, irfft2, hfft2, ihfft2 = (
    in_two_dims(call) for call in (fftn, ifftn, rfftn, irfftn, hfftn, ihfftn)
)


def fftshift(input, dim=None):
    """Put the slowest wave, which stands first, in the middle.

    >>> torch.fft.fftshift(torch.tensor([0, 1, -2, -1]))
    tensor([-2, -1,  0,  1])
    """
    return _shifted(input, dim, lambda n: n // 2)


def ifftshift(input, dim=None):
    """Put the slowest wave from the middle back to the start.

    >>> torch.fft.ifftshift(torch.tensor([-2, -1, 0, 1]))
    tensor([ 0,  1, -2, -1])
    """
    return _shifted(input, dim, lambda n: (n + 1) // 2)


def _shifted(x, dim, steps):
    dims = range(x.ndim) if dim is None else [dim] if isinstance(dim, int) else dim
    dims = tuple(whole(d, x.ndim) for d in dims)
    return roll(x, tuple(steps(x.shape[d]) for d in dims), dims) if dims else x


def _frequencies(count, n, d, dtype, device, requires_grad, start):
    kind = dtype or dtypes.default
    place = wrap(_arange(start, start + count, device))
    made = to(place, kind) * (1.0 / (n * d))
    return made.requires_grad_(requires_grad)


def _arange(start, stop, device):
    place = named_device(device or "cpu")
    with place.active():
        return place.xp.arange(start, stop)


def fftfreq(n, d=1.0, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """List the frequencies of the waves that ``fft`` gives, ``d`` being the time between samples.

    >>> torch.fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    found = _frequencies(n, n, d, dtype, device, False, -(n // 2))
    found = roll(found, -(n // 2), 0).requires_grad_(requires_grad)
    return found if out is None else out.copy_(found)


def rfftfreq(n, d=1.0, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """List the frequencies of the waves that ``rfft`` gives.

    >>> torch.fft.rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])
    """
    found = _frequencies(n // 2 + 1, n, d, dtype, device, requires_grad, 0)
    return found if out is None else out.copy_(found)


# --- piece by piece


def stft(input, n_fft, hop_length=None, win_length=None, window=None, center=True,
         pad_mode="reflect", normalized=False, onesided=None, return_complex=None,
         align_to_window=None):  # fmt: skip
    """Take a signal apart piece by piece: which waves there are at which time.

    >>> torch.stft(torch.ones(8), 4, window=torch.ones(4), return_complex=True).shape
    torch.Size([3, 9])
    """
    hop, length = hop_length or n_fft // 4, win_length or n_fft
    is_complex = input.dtype.is_complex
    if return_complex is None:
        if not is_complex and (window is None or not window.dtype.is_complex):
            raise RuntimeError(
                "stft requires the return_complex parameter be given for real inputs, and will "
                "further require that return_complex=True in a future PyTorch release."
            )
        return_complex = True
    if input.ndim not in (1, 2):
        raise RuntimeError(
            f"stft({_described(input)}): expected a 1D or 2D tensor"
        )
    x = unsqueeze(input, 0) if input.ndim == 1 else input
    if center:
        x = _centred(x, n_fft // 2, pad_mode)
    _check_pieces(x, input, n_fft, hop, length, window)
    window = _full_window(window, length, n_fft, input)
    pieces = unfold(x, -1, n_fft, hop)
    pieces = pieces * window
    both = pieces.dtype.is_complex
    onesided = (not both) if onesided is None else onesided
    if onesided and both:
        raise RuntimeError("Cannot have onesided output if window or input is complex")
    norm = "ortho" if normalized else None
    y = transpose((rfft if onesided else fft)(pieces, None, -1, norm), 1, 2)
    y = y if input.ndim == 2 else reshape(y, tuple(y.shape[1:]))
    return y if return_complex else OPS["view_as_real"](y)


def _described(x):
    return f"{x.dtype}{list(x.shape)}"


def _centred(x, width, mode):
    if mode == "constant":
        return pad(x, (width, width))
    return pad_with(x, (width, width), mode)


def _check_pieces(x, input, n_fft, hop, length, window):
    size = x.shape[-1]
    name = f"stft({_described(input)}, n_fft={n_fft}, hop_length={hop}, win_length={length})"
    if not 0 < n_fft <= size:
        raise RuntimeError(f"{name}: expected 0 < n_fft < {size}, but got n_fft={n_fft}")
    if hop <= 0:
        raise RuntimeError(f"{name}: expected hop_length > 0, but got hop_length={hop}")
    if not 0 < length <= n_fft:
        raise RuntimeError(f"{name}: expected 0 < win_length <= n_fft, but got win_length={length}")
    if window is not None and (window.ndim != 1 or window.shape[0] != length):
        raise RuntimeError(
            f"{name}: expected a 1D window tensor of size equal to win_length={length}, but got "
            f"window with size {list(window.shape)}"
        )


def _full_window(window, length, n_fft, like):
    """Give the window, in the middle of ``n_fft`` places."""
    if window is None:
        xp, kind = like.device.xp, like.array.real.dtype
        window = wrap(xp.ones(length, kind if kind.kind == "f" else dtypes.default.array))
    left = (n_fft - length) // 2
    return pad(window, (left, n_fft - length - left)) if length < n_fft else window


def istft(input, n_fft, hop_length=None, win_length=None, window=None, center=True,
          normalized=False, onesided=None, length=None, return_complex=False):  # fmt: skip
    """Put a signal together again from its pieces: they are laid over one another and added up.

    >>> x = torch.arange(8.)
    >>> torch.istft(torch.stft(x, 4, window=torch.ones(4), return_complex=True), 4,
    ...             window=torch.ones(4))
    tensor([0., 1., 2., 3., 4., 5., 6., 7.])
    """
    hop, width = hop_length or n_fft // 4, win_length or n_fft
    if not input.dtype.is_complex:
        raise RuntimeError(
            "istft requires a complex-valued input tensor matching the output from stft with "
            "return_complex=True."
        )
    _check_spectrogram(input, n_fft, hop, width, window)
    x = unsqueeze(input, 0) if input.ndim == 2 else input
    onesided = x.shape[-2] != n_fft if onesided is None else onesided
    kind = dtypes.float32 if input.dtype is dtypes.complex64 else dtypes.float64
    like = wrap(input.device.xp.empty(0, kind.array))
    window = _full_window(window, width, n_fft, like)
    if return_complex and onesided:
        raise RuntimeError(
            "cannot have onesided output if window or input is complex: istft(return_complex=True)"
        )
    norm = "ortho" if normalized else None
    spectra = transpose(x, 1, 2)
    if return_complex:
        pieces = ifft(spectra, None, -1, norm)
    elif onesided:
        pieces = irfft(spectra, n_fft, -1, norm)
    else:
        pieces = irfft(narrow(spectra, -1, 0, n_fft // 2 + 1), n_fft, -1, norm)
    count = pieces.shape[1]
    size = n_fft + hop * (count - 1)
    y = _laid_over(pieces * window, hop, size)
    weights = _laid_over(
        reshape(window * window, (1, 1, n_fft)).expand((1, count, n_fft)), hop, size
    )
    start = n_fft // 2 if center else 0
    end = size - n_fft // 2 if center else size
    if length is not None:
        end = start + length
    found, missing = min(end, size), max(end - size, 0)
    y, weights = narrow(y, 1, start, found - start), narrow(weights, 1, start, found - start)
    if float(abs(weights.array).min()) < 1e-11:
        raise RuntimeError(
            "window overlap add min: 1: the windows leave places of the signal out: choose a "
            "window and a hop_length that overlap everywhere"
        )
    y = pad(y / weights, (0, missing))
    return y if input.ndim == 3 else reshape(y, tuple(y.shape[1:]))


def _check_spectrogram(input, n_fft, hop, width, window):
    name = f"istft({_described(input)}, n_fft={n_fft}, hop_length={hop}, win_length={width})"
    if not input.numel():
        raise RuntimeError(f"{name}: input tensor cannot be empty.")
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"{name}: expected a tensor with 3 or 4 dimensions, but got {input.ndim + 1}"
        )
    if not 0 < hop <= width:
        raise RuntimeError(f"{name}: expected 0 < hop_length <= win_length")
    if not 0 < width <= n_fft:
        raise RuntimeError(f"{name}: expected 0 < win_length <= n_fft")
    if window is not None and (window.ndim != 1 or window.shape[0] != width):
        raise RuntimeError(
            f"{name}: Invalid window shape. window has to be 1D and length of `win_length`"
        )


def _laid_over(pieces, hop, size):
    """Add pieces up, each ``hop`` places after the one before: what unfold does, undone."""
    batch = pieces.shape[0]
    return fold_windows(pieces, (batch, size), 1, pieces.shape[-1], hop)
