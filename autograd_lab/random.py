"""Random tensors that can be repeated: the same seed gives the same numbers, bit for bit."""

import contextlib
import functools
import operator
from contextvars import ContextVar
from typing import Any

import numpy as np

from . import dtypes
from .core import CPP_NAMES, OPS, Tensor, wrap
from .creation import shape_of, size_of
from .device import cpu, device_of, move, resolve
from .limits import check_long
from .out import written
from .tensors_only import tensors_only


class Generator:
    """Hold a source of random numbers with a seed of its own.

    Most functions of chance take one as ``generator=``, and ``DataLoader`` and ``random_split``,
    too; then they do not touch the numbers that ``torch.manual_seed`` starts. The same seed gives
    the same numbers, bit for bit; they are not those that PyTorch makes from this seed.

    >>> g = torch.Generator().manual_seed(0)
    >>> a = torch.rand(2, generator=g)
    >>> bool((a == torch.rand(2, generator=g.manual_seed(0))).all())
    True
    """

    def __init__(self, device="cpu"):
        self.device = resolve(device)
        self.manual_seed(67280421310721)

    def manual_seed(self, seed: int):
        """Start over from this seed; returns the generator."""
        self._seed = int(seed)
        if not -(1 << 63) <= self._seed < 1 << 64:
            raise ValueError("Overflow when unpacking long long: a seed has 64 bits")
        self.numbers = np.random.Generator(np.random.Philox(self._seed % (1 << 64)))
        return self

    def initial_seed(self) -> int:
        """Tell the seed that it started from."""
        return self._seed

    def seed(self) -> int:
        """Start over from a seed that nobody chose, and tell it."""
        self.manual_seed(int(np.random.SeedSequence().generate_state(1, np.uint64)[0]) >> 1)
        return self._seed

    def get_state(self) -> Tensor:
        """Give its present state as a tensor of bytes, for ``set_state``."""
        state = self.numbers.bit_generator.state
        words = [
            *state["state"]["counter"], *state["state"]["key"], *state["buffer"],
            state["buffer_pos"], state["has_uint32"], state["uinteger"], self._seed % (1 << 64),
        ]  # fmt: skip
        return wrap(np.array(words, dtype=np.uint64).view(np.uint8))

    def set_state(self, state: Tensor) -> None:
        """Go back to a state that ``get_state`` gave."""
        words = np.ascontiguousarray(state.array).view(np.uint64)
        if words.size != 14:
            raise RuntimeError(f"RNG state is wrong size: {state.array.size} bytes, not 112")
        self._seed = int(words[13])
        self.numbers.bit_generator.state = {
            "bit_generator": "Philox",
            "state": {"counter": words[:4].copy(), "key": words[4:6].copy()},
            "buffer": words[6:10].copy(), "buffer_pos": int(words[10]),
            "has_uint32": int(words[11]), "uinteger": int(words[12]),
        }  # fmt: skip

    def clone_state(self):
        """Make another generator that will give the same numbers."""
        twin = Generator(self.device)
        twin.set_state(self.get_state())
        return twin


default_generator = Generator()
_own: ContextVar[Generator | None] = ContextVar("own generator", default=None)


def present_generator() -> Generator:
    """Give the generator that draws where none is named: the default one, or a run's own.

    >>> present_generator() is torch.default_generator
    True
    """
    return _own.get() or default_generator


@contextlib.contextmanager
def drawing_from(generator: Generator):
    """Let a block draw from this generator wherever none is named.

    Trainings in the background draw each from their own; so each can be repeated.

    >>> with drawing_from(torch.Generator().manual_seed(5)):
    ...     a = torch.rand(2)
    >>> torch.equal(a, torch.rand(2, generator=torch.Generator().manual_seed(5)))
    True
    """
    token = _own.set(generator)
    try:
        yield generator
    finally:
        _own.reset(token)


def manual_seed(seed: int) -> Generator:
    """Start all random numbers over from this seed: a run can then be repeated.

    The same program gives the same numbers again, bit for bit: random tensors, the first weights of
    layers (call it before you make the model), dropout, the order in which a DataLoader shuffles.
    They are not the numbers that PyTorch makes from this seed: to compare the two, copy the weights
    over. Python's ``random`` and ``numpy.random`` have seeds of their own. Gives the generator.

    >>> _ = torch.manual_seed(0)
    >>> a = torch.randn(3)
    >>> _ = torch.manual_seed(0)
    >>> torch.equal(a, torch.randn(3))
    True
    """
    return present_generator().manual_seed(seed)


def seed() -> int:
    """Start all random numbers over from a seed that nobody chose, and tell it.

    >>> torch.seed() == torch.initial_seed()
    True
    """
    return present_generator().seed()


def initial_seed() -> int:
    """Tell the seed that random numbers started from.

    >>> _ = torch.manual_seed(42)
    >>> torch.initial_seed()
    42
    """
    return present_generator().initial_seed()


def get_rng_state() -> Tensor:
    """Give the state of the default generator, to come back to it later.

    >>> state = torch.get_rng_state()
    >>> a = torch.rand(2)
    >>> torch.set_rng_state(state)
    >>> torch.equal(a, torch.rand(2))
    True
    """
    return present_generator().get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Go back to a state of the default generator that ``get_rng_state`` gave.

    >>> g = torch.Generator().manual_seed(5)
    >>> torch.set_rng_state(g.get_state())
    >>> torch.equal(torch.rand(2), torch.rand(2, generator=g))
    True
    """
    present_generator().set_state(new_state)


def numbers_of(generator) -> np.random.Generator:
    """Give NumPy's generator behind ours (the default one for None)."""
    return (generator or _own.get() or default_generator).numbers


def _finish(array, dtype, device, requires_grad, out=None):
    want = dtypes.as_array_dtype(dtype or dtypes.default)
    place = resolve(device)
    if hasattr(array, "__cuda_array_interface__"):  # it was drawn there
        made = wrap(array.astype(want, copy=False))
    else:
        made = wrap(move(np.asarray(array, dtype=want), place))
    if out is not None:
        return written(out, made)
    return made.requires_grad_() if requires_grad else made


def _on_host(x):
    """Give a tensor's array in main memory, where draws are made; a number as it is."""
    return move(x.array, cpu) if isinstance(x, Tensor) else x


def _precise(dtype):
    """Draw in double precision only where it is asked for."""
    d = dtype or dtypes.default
    return np.float64 if d in (dtypes.float64, dtypes.complex128) else np.float32


def _floating(dtype, kernel):
    if dtype is not None and dtype.rank < dtypes.FLOATING:
        kind = dtypes.legacy_name(dtype)
        raise NotImplementedError(f'"{kernel}" not implemented for \'{kind}\'')


def uniform(shape, dtype=None, generator=None, place=cpu) -> Any:
    """Draw from [0, 1): an array.

    It is in main memory; on the GPU ``place`` only where that can compute the same numbers itself.
    """
    _floating(dtype, "check_uniform_bounds")
    rng, kind = numbers_of(generator), _precise(dtype)
    if place.type == "cuda" and (dtype or dtypes.default) in (dtypes.float32, dtypes.float64):
        from .cuda.philox import draw

        drawn = draw(rng, place, shape, 8 * np.dtype(kind).itemsize)
        if drawn is not None:
            return drawn
    if (dtype or dtypes.default) is dtypes.float16:  # rounding a float32 could give 1
        return (rng.integers(0, 2048, shape) / 2048).astype(np.float16)
    if dtype is not None and dtype.is_complex:
        return rng.random(shape, dtype=kind) + 1j * rng.random(shape, dtype=kind)
    return rng.random(shape, dtype=kind)


def gaussian(shape, dtype=None, generator=None) -> Any:
    """Draw from the normal distribution with mean 0 and variance 1: an array."""
    _floating(dtype, "normal_kernel_cpu")
    rng, kind = numbers_of(generator), _precise(dtype)
    if dtype is not None and dtype.is_complex:
        parts = rng.standard_normal(shape, dtype=kind), rng.standard_normal(shape, dtype=kind)
        return (parts[0] + 1j * parts[1]) * kind(0.5) ** 0.5
    return rng.standard_normal(shape, dtype=kind)


def rand(*size, generator=None, out=None, dtype=None, device=None, requires_grad=False,
         layout=None, pin_memory=False, **sized):  # fmt: skip
    """Draw numbers evenly from [0, 1).

    >>> torch.rand(2, 3).shape
    torch.Size([2, 3])
    """
    shape = shape_of(size_of("rand", size, sized), name="rand")
    array = uniform(shape, dtype, generator, resolve(device))
    return _finish(array, dtype, device, requires_grad, out)


def randn(*size, generator=None, out=None, dtype=None, device=None, requires_grad=False,
          layout=None, pin_memory=False, **sized):  # fmt: skip
    """Draw numbers from the normal distribution (mean 0, variance 1).

    >>> torch.randn(2, 3).shape
    torch.Size([2, 3])
    """
    array = gaussian(shape_of(size_of("randn", size, sized), name="randn"), dtype, generator)
    return _finish(array, dtype, device, requires_grad, out)


def randint(low: Any = 0, high: Any = None, size=None, generator=None, out=None, dtype=None,
            device=None, requires_grad=False, layout=None):  # fmt: skip
    """Draw whole numbers from ``low`` up to, and without, ``high``.

    >>> torch.randint(0, 10, (2, 3)).shape
    torch.Size([2, 3])
    """
    given = [type(x).__name__ for x in (low, high, size) if x is not None]
    ranged = high is not None and size is not None
    if not ranged:
        low, high, size = 0, low, high if size is None else size
    if size is None or isinstance(size, int):
        raise TypeError(_no_sizes(given))
    dtype = dtype or dtypes.int64
    if None in (_whole(low), _whole(high)):
        kinds = [type(each).__name__ for each in (low, high, size)]
        raise TypeError(
            f"randint() received an invalid combination of arguments - got ({', '.join(kinds)}): "
            "low and high must be whole numbers" if ranged else
            f"randint(): argument 'high' (position 1) must be int, not {kinds[1]}"
        )
    array = _between(_whole(low), _whole(high), dtype, shape_of((size,)), generator)
    return _finish(array, dtype, device, requires_grad, out)


def _whole(value):
    """Take a whole number as PyTorch does: Python's, NumPy's, or a tensor of one; else None."""
    if isinstance(value, Tensor) and not value.ndim and value.dtype.rank == dtypes.INTEGER:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return None
    check_long(int(value))
    return int(value)


def _between(low, high, dtype, shape, generator):
    """Draw whole numbers from ``low`` up to, and without, ``high``, if the dtype holds them."""
    if low >= high:
        raise RuntimeError(
            f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        )
    if dtype.is_complex:
        raise RuntimeError(
            "check_random_bounds handles only integral, floating-point and boolean types: draw "
            "real numbers, then x.to(torch.complex64)"
        )
    _check_within(dtype, **{"from": low, "to - 1": high - 1})
    return numbers_of(generator).integers(low, high, shape)


def _check_within(dtype, **bounds):
    if dtype is dtypes.bool:
        lowest, highest = 0, 1
    else:
        limits = (np.finfo if dtype.is_floating_point else np.iinfo)(dtype.array)
        lowest, highest = int(limits.min), int(limits.max)
    for name, value in bounds.items():
        if not lowest <= value <= highest:
            raise RuntimeError(
                f"{name} is out of bounds for {CPP_NAMES[dtype.name]}: {dtype} goes from {lowest} "
                f"to {highest}, and this is {value}"
            )


def _no_sizes(given) -> str:
    """Word that the sizes of what randint draws are missing, or are no tuple."""
    if len(given) == 2:
        return (
            f"randint(): argument 'size' (position 2) must be tuple of ints, not {given[1]}: "
            "torch.randint(0, 5, (3,)) draws three numbers from 0 to 4"
        )
    return (
        f"randint() received an invalid combination of arguments - got ({', '.join(given)}), but "
        "expected one of:\n * (int high, tuple of ints size)\n"
        " * (int low, int high, tuple of ints size)\n"
        "torch.randint(0, 5, (3,)) draws three numbers from 0 to 4"
    )


def randperm(n, generator=None, out=None, dtype=None, device=None, requires_grad=False,
             layout=None, pin_memory=False):  # fmt: skip
    """Put the numbers 0 to n-1 in random order.

    >>> sorted(torch.randperm(3).tolist())
    [0, 1, 2]
    """
    try:
        n = operator.index(n)  # a tensor with one whole number will do
    except TypeError:
        raise TypeError(
            f"randperm(): argument 'n' (position 1) must be int, not {type(n).__name__}"
        ) from None
    if n < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    array = numbers_of(generator).permutation(n)
    return _finish(array, dtype or dtypes.int64, device, requires_grad, out)


def _like(draw, x, dtype, device, requires_grad, generator=None):
    dtype = dtype or x.dtype
    array = draw(x.array.shape, dtype, generator)
    return _finish(array, dtype, device or x.device, requires_grad)


@tensors_only
def rand_like(input, dtype=None, device=None, requires_grad=False, layout=None,
              memory_format=None, generator=None):  # fmt: skip
    """Draw numbers evenly from [0, 1), as many as another tensor has.

    >>> torch.rand_like(torch.ones(2, 3)).shape
    torch.Size([2, 3])
    """
    return _like(uniform, input, dtype, device, requires_grad, generator)


@tensors_only
def randn_like(input, dtype=None, device=None, requires_grad=False, layout=None,
               memory_format=None, generator=None):  # fmt: skip
    """Draw from the normal distribution as many numbers as another tensor has.

    >>> torch.randn_like(torch.ones(2, 3)).shape
    torch.Size([2, 3])
    """
    return _like(gaussian, input, dtype, device, requires_grad, generator)


def randint_like(input, low, high=None, dtype=None, device=None, requires_grad=False,
                 layout=None, memory_format=None, generator=None):  # fmt: skip
    """Draw whole numbers, as many as another tensor has.

    >>> torch.randint_like(torch.zeros(3), 5, 6)
    tensor([5., 5., 5.])
    """
    low, high = (0, low) if high is None else (low, high)
    array = numbers_of(generator).integers(low, high, input.array.shape)
    return _finish(array, dtype or input.dtype, device or input.device, requires_grad)


def normal(mean=0.0, std=1.0, size=None, generator=None, out=None, dtype=None, device=None,
           requires_grad=False, layout=None, pin_memory=False):  # fmt: skip
    """Draw from normal distributions with these means and standard deviations.

    >>> torch.normal(0.0, 1.0, (2,)).shape
    torch.Size([2])
    """
    like = mean if isinstance(mean, Tensor) else std if isinstance(std, Tensor) else None
    if not isinstance(std, Tensor) and std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    if size is None and like is None:
        raise TypeError("normal() needs a size where mean and std are numbers")
    if like is None:
        array = gaussian(shape_of((size,)), dtype, generator) * std + mean
        return _finish(array.astype(_precise(dtype)), dtype, device, requires_grad, out)
    mean_array, std_array = (_on_host(v) for v in (mean, std))
    shape = np.broadcast_shapes(np.shape(mean_array), np.shape(std_array))
    array = gaussian(shape, like.dtype, generator) * std_array + mean_array
    return _untouched_by(
        [v for v in (mean, std) if isinstance(v, Tensor)],
        _finish(array, like.dtype, device or like.device, False, out),
    )


@tensors_only
def bernoulli(input, p=None, *, generator=None, out=None):
    """Draw 1 with the probability that each element says, else 0.

    >>> torch.bernoulli(torch.tensor([0., 1.]))
    tensor([0., 1.])
    """
    if p is None and not input.dtype.is_floating_point:
        kind = dtypes.legacy_name(input.dtype)
        raise NotImplementedError(f"\"bernoulli_tensor_cpu_p_\" not implemented for '{kind}'")
    chance = _on_host(input if p is None else p)
    if p is None and not ((chance >= 0) & (chance <= 1)).all():
        raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.")
    array = uniform(input.array.shape, None, generator) < chance
    return _untouched_by([input], _finish(array, input.dtype, input.device, False, out))


def poisson(input, generator=None):
    """Draw how many things happen where so many, on average, do.

    >>> torch.poisson(torch.tensor([0., 0.]))
    tensor([0., 0.])
    """
    if not input.dtype.is_floating_point:
        kind = dtypes.legacy_name(input.dtype)
        raise NotImplementedError(f"\"poisson_cpu\" not implemented for '{kind}'")
    rate = np.asarray(_on_host(input), np.float64)
    if not (rate >= 0).all():
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    array = numbers_of(generator).poisson(rate)
    return _untouched_by([input], _finish(array, input.dtype, input.device, False))


def binomial(count, prob, generator=None):
    """Draw how many of ``count`` tries succeed, each with the chance ``prob``.

    >>> torch.binomial(torch.tensor([10., 10.]), torch.tensor([0., 1.]))
    tensor([ 0., 10.])
    """
    for name, x in (("count", count), ("prob", prob)):
        if not x.dtype.is_floating_point:
            raise ValueError(
                f"binomial only supports floating-point dtypes for {name}, got: "
                f"{dtypes.legacy_name(x.dtype)}"
            )
    if count.dtype is not prob.dtype:
        found, wanted = (dtypes.legacy_name(x.dtype) for x in (prob, count))
        raise RuntimeError(f"Found dtype {found} but expected {wanted}")
    tries = np.asarray(_on_host(count), np.float64).clip(min=0).astype(np.int64)
    chance = np.asarray(_on_host(prob), np.float64).clip(0, 1)
    array = numbers_of(generator).binomial(tries, chance)
    return _finish(array, count.dtype, count.device, False)


def _untouched_by(sources, drawn):
    """Let gradients of 0 flow back to what chance was told: PyTorch's answer for a draw."""
    for x in sources:
        drawn = drawn + OPS["fill"](x, 0) if x.node is not None else drawn
    return drawn


@tensors_only
def multinomial(input, num_samples, replacement=False, *, generator=None, out=None):
    """Draw indices, each with a probability in proportion to its weight.

    >>> torch.multinomial(torch.tensor([0., 1., 0.]), 1)
    tensor([1])
    """
    _check_weights(input, out)
    weights = np.atleast_2d(np.asarray(_on_host(input), dtype=np.float64))
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if (weights < 0).any() or not np.isfinite(weights).all():
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if not (weights > 0).any(1).all():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    if not replacement and num_samples > weights.shape[1]:
        raise RuntimeError(
            "cannot sample n_sample > prob_dist.size(-1) samples without replacement"
        )
    if not replacement and ((weights > 0).sum(1) < num_samples).any():
        raise RuntimeError("invalid multinomial distribution (not enough non-zero weights)")
    rng = numbers_of(generator)
    drawn = _with_replacement if replacement and num_samples > 1 else _without_replacement
    array = drawn(rng, weights, num_samples).reshape((*input.array.shape[:-1], num_samples))
    return _finish(array, dtypes.int64, input.device, False, out)


def _with_replacement(rng, weights, count):
    """Throw ``count`` darts at each row, where every weight is a stretch as long as it is heavy."""
    ends = (weights / weights.max(1, keepdims=True)).cumsum(1)
    ends /= ends[:, -1:]
    darts = rng.random((len(weights), count))
    return np.array([row.searchsorted(at, "right") for row, at in zip(ends, darts)])


def _without_replacement(rng, weights, count):
    """Let the indices race, the heavier the faster: the first to arrive are the draw.

    The waiting times are exponential, so at each moment the chances of those who still run are in
    proportion to their weights (P. Efraimidis, P. Spirakis, "Weighted random sampling with a
    reservoir", 2006).
    """
    with np.errstate(divide="ignore"):  # the logarithm of no weight: it never arrives
        times = np.log(rng.standard_exponential(weights.shape)) - np.log(weights)
    return times.argsort(1)[:, :count]


def _check_weights(input, out):
    if input.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if not input.dtype.is_floating_point:
        raise RuntimeError(
            "multinomial only supports floating-point dtypes for input, got: "
            f"{dtypes.legacy_name(input.dtype)}. Convert it: weights.float()"
        )
    if out is not None and out.dtype is not dtypes.int64:
        raise RuntimeError(
            f"multinomial expects Long tensor out, got: {dtypes.legacy_name(out.dtype)}"
        )
    if input.shape[-1] > 2**24:
        raise RuntimeError("number of categories cannot exceed 2^24")


@contextlib.contextmanager
def fork_rng(devices=None, enabled=True):
    """Let a block draw random numbers, and go on afterwards as if it had not.

    >>> _ = torch.manual_seed(0)
    >>> with fork_rng():
    ...     a = torch.rand(2)
    >>> torch.equal(a, torch.rand(2))
    True
    """
    before = get_rng_state()
    try:
        yield
    finally:
        if enabled:
            set_rng_state(before)


# --- methods that fill a tensor with random numbers, in its own memory


def _fill(tensor, array):
    place = device_of(tensor.array)
    return tensor.write(wrap(move(np.asarray(array, tensor.array.dtype), place)))


def with_from(to):
    """Let PyTorch's word ``from``, which Python keeps for itself, name the beginning of a range.

    ``to`` is where it ends if nothing else is said.
    """

    def decorate(call):
        @functools.wraps(call)
        def method(*args, **named):
            if "from" in named:
                named = {"to": to, **named, "from_": named["from"]}
                del named["from"]
            return call(*args, **named)

        return method

    return decorate


@with_from(to=1.0)
def uniform_(self, from_=0.0, to=1.0, *, generator=None):
    """Draw every element evenly from [from, to).

    >>> torch.empty(2, 3).uniform_(-1, 1).shape
    torch.Size([2, 3])
    """
    if from_ > to:
        raise RuntimeError(
            "uniform_ expects to return a [from, to) range, but found "
            f"from={from_} > to={to}"
        )
    return _fill(self, from_ + (to - from_) * uniform(self.array.shape, self.dtype, generator))


def normal_(self, mean=0.0, std=1.0, *, generator=None):
    """Draw every element from a normal distribution.

    >>> torch.empty(2, 3).normal_(0, 0.1).shape
    torch.Size([2, 3])
    """
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    return _fill(self, mean + std * gaussian(self.array.shape, self.dtype, generator))


@with_from(to=None)
def random_(self, from_=..., to=..., *, generator=None):
    """Draw whole numbers from ``from`` (0) up to, and without, ``to`` (all that the dtype holds).

    One number alone is ``to``; ``random_(5, None)`` ends where the dtype does.

    >>> torch.empty(3).random_(5, 6)
    tensor([5., 5., 5.])
    """
    low, high = _range(self.dtype, from_, to)
    return _fill(self, _between(low, high, self.dtype, self.array.shape, generator))


def _range(dtype, from_, to):
    """Read the ends that ``random_`` was given; None is one only behind a beginning."""
    if from_ is to is ...:
        if dtype.is_complex:
            raise NotImplementedError(
                "\"random_kernel_cpu\" not implemented for 'ComplexFloat': whole numbers are real"
            )
        return 0, _beyond(dtype)
    given = [v for v in (from_, to) if v is not ...]
    whole = [_whole(v) for v in given]
    if len(given) == 2 and to is None and whole[0] is not None:
        _check_within(dtype, **{"from": whole[0]})
        return whole[0], _beyond(dtype)
    if None in whole:
        raise TypeError(
            "random_() received an invalid combination of arguments - got "
            f"({', '.join([type(v).__name__ for v in given])}), but expected whole numbers: "
            "x.random_(to), x.random_(from, to), or nothing"
        )
    return (0, *whole) if len(whole) == 1 else whole


def _beyond(dtype) -> int:
    """Give the first whole number that a dtype cannot hold, or cannot tell from the next."""
    if dtype.rank >= dtypes.FLOATING:
        return 2 ** (np.finfo(dtype.array).nmant + 1)
    return 2 if dtype is dtypes.bool else min(np.iinfo(dtype.array).max, 2**63 - 2) + 1


def bernoulli_(self, p=0.5, *, generator=None):
    """Draw 1 with probability ``p`` (a number or a tensor), else 0.

    >>> torch.empty(2).bernoulli_(1)
    tensor([1., 1.])
    """
    chance = _on_host(p)
    if not np.all((np.asarray(chance) >= 0) & (np.asarray(chance) <= 1)):
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")
    return _fill(self, uniform(self.array.shape, None, generator) < chance)


def exponential_(self, lambd=1.0, *, generator=None):
    """Draw waiting times: how long until something that happens ``lambd`` times a second.

    >>> bool((torch.empty(5).exponential_() > 0).all())
    True
    """
    if lambd <= 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
    chance = uniform(self.array.shape, dtypes.float64, generator)
    return _fill(self, -np.log1p(-chance) / lambd)


def cauchy_(self, median=0.0, sigma=1.0, *, generator=None):
    """Draw where a ray in a random direction hits a wall at the distance ``sigma``.

    >>> torch.empty(2, 3).cauchy_().shape
    torch.Size([2, 3])
    """
    if not self.dtype.is_floating_point:
        raise RuntimeError(
            "Cauchy distribution is a continuous probability distribution. dtype must be a "
            f"floating point but you specified {self.dtype.name}"
        )
    if sigma <= 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma}")
    turn = uniform(self.array.shape, dtypes.float64, generator)
    return _fill(self, median + sigma * np.tan(np.pi * (turn - 0.5)))


def geometric_(self, p, *, generator=None):
    """Draw how many trials it takes to succeed once, each succeeding with probability ``p``.

    >>> bool((torch.empty(5).geometric_(0.5) >= 1).all())
    True
    """
    if self.dtype is dtypes.bool or self.dtype.is_complex:
        raise NotImplementedError(
            f'"geometric_cpu" not implemented for \'{dtypes.legacy_name(self.dtype)}\''
        )
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p}")
    return _fill(self, numbers_of(generator).geometric(p, self.array.shape))


def log_normal_(self, mean=1.0, std=2.0, *, generator=None):
    """Draw the exponentials of numbers from a normal distribution.

    >>> bool((torch.empty(5).log_normal_() > 0).all())
    True
    """
    _floating(self.dtype, "log_normal_cpu")
    if std <= 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std}")
    return _fill(self, np.exp(mean + std * gaussian(self.array.shape, self.dtype, generator)))
