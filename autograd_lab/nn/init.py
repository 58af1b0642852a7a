"""Fill tensors with the numbers that training starts from."""

import functools
import math
import warnings

from ..core import wrap
from ..device import cpu
from ..grad_mode import no_grad
from ..missing import explaining as _explaining
from ..random import gaussian
from ..random import uniform as evenly


def _fill(tensor, array):
    """Write numbers into a tensor, outside of any graph."""
    place = tensor.device
    with no_grad(), place.active():
        return tensor.write(wrap(place.xp.asarray(array, tensor.array.dtype)))


def calculate_gain(nonlinearity: str, param=None) -> float:
    """Give the factor that keeps the spread of values the same behind a nonlinearity.

    >>> nn.init.calculate_gain("relu")
    1.4142135623730951
    """
    if nonlinearity in ("linear", "sigmoid") or nonlinearity.startswith("conv"):
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(f"negative_slope {slope} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def uniform_(tensor, a: float = 0.0, b: float = 1.0, generator=None):
    """Draw every element evenly from [a, b).

    >>> w = nn.init.uniform_(torch.empty(1000), -2, 2)
    >>> -2 <= w.min().item() < -1.9, 1.9 < w.max().item() < 2
    (True, True)
    """
    return _fill(tensor, a + (b - a) * evenly(tensor.shape, tensor.dtype, generator))


def normal_(tensor, mean: float = 0.0, std: float = 1.0, generator=None):
    """Draw every element from a normal distribution.

    >>> w = nn.init.normal_(torch.empty(10000), mean=1, std=0.1)
    >>> round(w.mean().item(), 1), round(w.std().item(), 2)
    (1.0, 0.1)
    """
    return _fill(tensor, mean + std * gaussian(tensor.shape, tensor.dtype, generator))


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """Draw from the part of a normal distribution that lies in [a, b].

    >>> w = nn.init.trunc_normal_(torch.empty(1000), a=-1, b=1)
    >>> w.abs().max().item() <= 1
    True
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of "
            "values may be incorrect.",
            stacklevel=2,
        )
    even = evenly(tensor.shape, generator=generator)
    return _fill(tensor, _cut_normal(mean, std, a, b, even))


def _cut_normal(mean, std, a, b, even):
    """Turn numbers from 0 to 1 into normal ones between a and b: lay the bell curve out."""
    xp, nearest = cpu.xp, (min(max(mean, a), b) - mean) / std
    reach = std * math.sqrt(nearest**2 + 80)  # beyond, the curve is e^-40 of its height
    x = xp.linspace(max(a, mean - reach), min(b, mean + reach), 10001)
    height = xp.exp((nearest**2 - ((x - mean) / std) ** 2) / 2)
    area = xp.cumsum(height) - height / 2 - height[0] / 2
    return xp.interp(even, area / area[-1], x)


def constant_(tensor, val: float):
    """Set every element to one value.

    >>> nn.init.constant_(torch.empty(2), 0.5)
    tensor([0.5000, 0.5000])
    """
    with no_grad():
        return tensor.fill_(val)


def ones_(tensor):
    """Set every element to 1.

    >>> nn.init.ones_(torch.empty(2))
    tensor([1., 1.])
    """
    return constant_(tensor, 1.0)


def zeros_(tensor):
    """Set every element to 0.

    >>> nn.init.zeros_(torch.empty(2))
    tensor([0., 0.])
    """
    return constant_(tensor, 0.0)


def eye_(tensor):
    """Make a matrix the identity, as far as it is square.

    >>> nn.init.eye_(torch.empty(2, 3))
    tensor([[1., 0., 0.],
            [0., 1., 0.]])
    """
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return _fill(tensor, cpu.xp.eye(*tensor.shape))


def fan_in_and_fan_out(tensor):
    """Count how many inputs feed one output, and how many outputs one input feeds.

    >>> nn.init.fan_in_and_fan_out(nn.Linear(3, 10).weight)
    (3, 10)
    """
    if tensor.ndim < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"
        )
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


_calculate_fan_in_and_fan_out = fan_in_and_fan_out  # the name that PyTorch users know


def xavier_uniform_(tensor, gain: float = 1.0, generator=None):
    r"""Draw evenly from $\pm\, \mathrm{gain}\sqrt{6/(\mathrm{fan_{in}}+\mathrm{fan_{out}})}$.

    >>> w = nn.init.xavier_uniform_(torch.empty(200, 400))
    >>> round(w.max().item(), 3)
    0.1
    """
    bound = gain * math.sqrt(6.0 / sum(fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor, gain: float = 1.0, generator=None):
    r"""Draw normally, with deviation $\sqrt{2/(\mathrm{fan_{in}}+\mathrm{fan_{out}})}$.

    >>> w = nn.init.xavier_normal_(torch.empty(50, 150))
    >>> round(w.std().item(), 2)
    0.1
    """
    spread = gain * math.sqrt(2.0 / sum(fan_in_and_fan_out(tensor)))
    return normal_(tensor, 0.0, spread, generator)


def _spread(tensor, a, mode, nonlinearity):
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(
            f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']"
        )
    fan = fan_in_and_fan_out(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    r"""Draw evenly from $\pm\, \mathrm{gain}\sqrt{3/\mathrm{fan}}$.

    >>> w = nn.init.kaiming_uniform_(torch.empty(200, 600), nonlinearity="relu")
    >>> round(w.max().item(), 3)
    0.1
    """
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    bound = math.sqrt(3.0) * _spread(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    r"""Draw normally, with deviation $\mathrm{gain}/\sqrt{\mathrm{fan}}$.

    >>> w = nn.init.kaiming_normal_(torch.empty(50, 200), nonlinearity="relu")
    >>> round(w.std().item(), 2)
    0.1
    """
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    return normal_(tensor, 0.0, _spread(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor, gain: float = 1, generator=None):
    """Draw a matrix that turns vectors without stretching them: its rows are at right angles.

    >>> w = nn.init.orthogonal_(torch.empty(3, 5))
    >>> torch.allclose(w @ w.T, torch.eye(3), atol=1e-6)
    True
    """
    if tensor.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if 0 in tensor.shape:
        return tensor
    rows, columns = tensor.shape[0], tensor.numel() // tensor.shape[0]
    tall = gaussian((max(rows, columns), min(rows, columns)), tensor.dtype, generator)
    q, r = cpu.xp.linalg.qr(tall)
    q *= cpu.xp.sign(r.diagonal())  # of the many such matrices, none is more likely
    return _fill(tensor, gain * (q if rows >= columns else q.T).reshape(tensor.shape))


def sparse_(tensor, sparsity: float, std: float = 0.01, generator=None):
    """Draw a matrix from a normal distribution, with a share of zeros in every column.

    >>> w = nn.init.sparse_(torch.empty(10, 4), sparsity=0.3)
    >>> (w == 0).sum(0)
    tensor([3, 3, 3, 3])
    """
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    drawn = std * gaussian(tensor.shape, tensor.dtype, generator)
    order = evenly(tensor.shape, tensor.dtype, generator).argsort(0)
    drawn[order < math.ceil(sparsity * tensor.shape[0])] = 0
    return _fill(tensor, drawn)


def dirac_(tensor, groups: int = 1):
    """Make the filters of a convolution give every channel back unchanged, as far as they can.

    >>> nn.init.dirac_(torch.empty(2, 2, 3))
    tensor([[[0., 1., 0.],
             [0., 0., 0.]],
    <BLANKLINE>
            [[0., 0., 0.],
             [0., 1., 0.]]])
    """
    if tensor.ndim not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    if tensor.shape[0] % groups:
        raise ValueError("dim 0 must be divisible by groups")
    filters, middle = cpu.xp.zeros(tensor.shape), tuple([n // 2 for n in tensor.shape[2:]])
    size = tensor.shape[0] // groups
    for channel in range(min(size, tensor.shape[1])):
        for group in range(groups):
            filters[(group * size + channel, channel, *middle)] = 1
    return _fill(tensor, filters)


# --- old names


def _old(new):
    name = new.__name__.rstrip("_")

    @functools.wraps(new)
    def call(*args, **kwargs):
        warnings.warn(
            f"`nn.init.{name}` is now deprecated in favor of `nn.init.{new.__name__}`.",
            FutureWarning,
            stacklevel=2,
        )
        return new(*args, **kwargs)

    return call


constant, dirac, eye, normal = _old(constant_), _old(dirac_), _old(eye_), _old(normal_)
kaiming_normal, kaiming_uniform = _old(kaiming_normal_), _old(kaiming_uniform_)
orthogonal, sparse, uniform = _old(orthogonal_), _old(sparse_), _old(uniform_)
xavier_normal, xavier_uniform = _old(xavier_normal_), _old(xavier_uniform_)

__getattr__ = _explaining(__name__)
