"""Functions that turn draws of one distribution into draws of another."""

import functools
import math
import operator
from typing import Any

from ..core import Size, Tensor
from ..creation import full_like, zeros_like
from ..dtypes import finfo
from ..nn.functional import logsigmoid, pad, softplus
from ..ops import broadcast_shapes
from . import constraints
from .parameters import Missing, broadcast_all, sum_last


class Transform:
    """Turn x into y and back, and tell how much room the turn takes.

    A subclass defines ``_call``, ``_inverse`` and ``log_abs_det_jacobian``, and names ``domain``
    and ``codomain``: where x and y live. With ``cache_size=1`` the last pair is kept, so that the
    way back of a draw is exact.

    >>> t = torch.distributions.transforms.ExpTransform()
    >>> t(torch.tensor(0.0)), t.inv(torch.tensor(1.0))
    (tensor(1.), tensor(0.))
    """

    bijective: Any = False
    domain: Any = constraints.real
    codomain: Any = constraints.real
    sign: Any = Missing()  # 1 if y grows with x, -1 if it falls

    def __init__(self, cache_size=0):
        if cache_size not in (0, 1):
            raise ValueError("cache_size must be 0 or 1")
        self._cache_size, self._pair, self._back = cache_size, (None, None), None

    @property
    def event_dim(self) -> int:
        """Count the dimensions of one x, if it is as many as of one y."""
        if self.domain.event_dim != self.codomain.event_dim:
            raise ValueError("Please use either .domain.event_dim or .codomain.event_dim")
        return self.domain.event_dim

    @property
    def inv(self):
        """Give the way back."""
        if self._back is None:
            self._back = _Inverse(self)
        return self._back

    def with_cache(self, cache_size=1):
        """Give the same transform with another size of the cache."""
        if self._cache_size == cache_size:
            return self
        twin = object.__new__(type(self))
        vars(twin).update(vars(self) | {
            "_cache_size": cache_size, "_pair": (None, None), "_back": None,
        })  # fmt: skip
        return twin

    def __call__(self, x):
        if self._cache_size and x is self._pair[0]:
            return self._pair[1]
        y = self._call(x)
        self._keep(x, y)
        return y

    def _inv_call(self, y):
        if self._cache_size and y is self._pair[1]:
            return self._pair[0]
        x = self._inverse(y)
        self._keep(x, y)
        return x

    def _keep(self, x, y):
        if self._cache_size:
            self._pair = (x, y)

    def _call(self, x):
        raise NotImplementedError

    def _inverse(self, y):
        raise NotImplementedError

    def log_abs_det_jacobian(self, x, y):
        """Give the logarithm of how much a small piece of room around x grows."""
        raise NotImplementedError

    def forward_shape(self, shape):
        """Give the shape of y for a shape of x."""
        return shape

    def inverse_shape(self, shape):
        """Give the shape of x for a shape of y."""
        return shape

    def _settings(self):
        return {k: v for k, v in vars(self).items() if k not in ("_cache_size", "_pair", "_back")}

    def __eq__(self, other):
        if type(self) is not type(other):
            return False
        mine, its = self._settings(), other._settings()
        return mine.keys() == its.keys() and all(_same(mine[k], its[k]) for k in mine)

    __hash__ = object.__hash__

    def __repr__(self):
        return f"{type(self).__name__}()"


def _same(a, b):
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        return bool((a == b).all())
    return a == b


class _Inverse(Transform):
    """The way back of another transform."""

    def __init__(self, forth):
        super().__init__(forth._cache_size)
        self._back = forth

    @property
    def domain(self):
        return self._back.codomain

    @property
    def codomain(self):
        return self._back.domain

    @property
    def bijective(self):
        return self._back.bijective

    @property
    def sign(self):
        return self._back.sign

    def with_cache(self, cache_size=1):
        return self._back.with_cache(cache_size).inv

    def __call__(self, x):
        return self._back._inv_call(x)

    def _inv_call(self, y):
        return self._back(y)

    def log_abs_det_jacobian(self, x, y):
        return -self._back.log_abs_det_jacobian(y, x)

    def forward_shape(self, shape):
        return self._back.inverse_shape(shape)

    def inverse_shape(self, shape):
        return self._back.forward_shape(shape)

    def __eq__(self, other):
        return isinstance(other, _Inverse) and self._back == other._back

    __hash__ = object.__hash__

    def __repr__(self):
        return f"_InverseTransform({self._back!r})"


class ComposeTransform(Transform):
    """Do one transform after the other.

    Args:
        parts: the transforms, in order.
        cache_size: 1 keeps the last pair of each.

    >>> half = torch.distributions.AffineTransform(0.0, 0.5)
    >>> t = torch.distributions.ComposeTransform([half, torch.distributions.ExpTransform()])
    >>> t(torch.tensor(0.0))
    tensor(1.)
    """

    def __init__(self, parts, cache_size=0):
        super().__init__(cache_size)
        self.parts = [part.with_cache(1) for part in parts] if cache_size else parts

    @property
    def domain(self):
        """Say where x lives: with as many dimensions as any part needs."""
        return self._where(self.parts, "domain")

    @property
    def codomain(self):
        """Say where y lives: with as many dimensions as any part needs."""
        return self._where([part.inv for part in reversed(self.parts)], "domain")

    def _where(self, parts, end):
        if not parts:
            return constraints.real
        count = parts[-1].codomain.event_dim
        for part in reversed(parts):
            count += part.domain.event_dim - part.codomain.event_dim
            count = max(count, part.domain.event_dim)
        first = getattr(parts[0], end)
        more = count - first.event_dim
        return constraints.independent(first, more) if more else first

    @property
    def bijective(self):
        """Say whether there is exactly one x for every y."""
        return all(part.bijective for part in self.parts)

    @property
    def sign(self):
        """Give 1 if y grows with x, -1 if it falls."""
        return functools.reduce(operator.mul, [part.sign for part in self.parts], 1)

    @property
    def inv(self):
        """Give the way back."""
        if self._back is None:
            self._back = ComposeTransform([part.inv for part in reversed(self.parts)])
            self._back._back = self
        return self._back

    def with_cache(self, cache_size=1):
        """Give the same transform with another size of the cache."""
        same = self._cache_size == cache_size
        return self if same else ComposeTransform(self.parts, cache_size)

    def __call__(self, x):
        for part in self.parts:
            x = part(x)
        return x

    def log_abs_det_jacobian(self, x, y):
        """Give the logarithm of how much a small piece of room around x grows."""
        if not self.parts:
            return zeros_like(x)
        places = [x]
        for part in self.parts[:-1]:
            places.append(part(places[-1]))
        places.append(y)
        total, count = 0.0, self.domain.event_dim
        for part, before, after in zip(self.parts, places, places[1:]):
            grown = part.log_abs_det_jacobian(before, after)
            total = total + sum_last(grown, count - part.domain.event_dim)
            count += part.codomain.event_dim - part.domain.event_dim
        return total

    def forward_shape(self, shape):
        """Give the shape of y for a shape of x."""
        for part in self.parts:
            shape = part.forward_shape(shape)
        return shape

    def inverse_shape(self, shape):
        """Give the shape of x for a shape of y."""
        for part in reversed(self.parts):
            shape = part.inverse_shape(shape)
        return shape

    def __repr__(self):
        return "ComposeTransform(\n    " + ",\n    ".join(map(repr, self.parts)) + "\n)"


identity_transform = ComposeTransform([])


class IndependentTransform(Transform):
    """Take the last dimensions of a transform as one event.

    Args:
        base_transform: the transform.
        reinterpreted_batch_ndims: how many dimensions become part of the event.
        cache_size: 1 keeps the last pair.

    >>> t = torch.distributions.transforms.ExpTransform()
    >>> x = torch.ones(2, 3)
    >>> torch.distributions.IndependentTransform(t, 1).log_abs_det_jacobian(x, t(x))
    tensor([3., 3.])
    """

    def __init__(self, base_transform, reinterpreted_batch_ndims, cache_size=0):
        super().__init__(cache_size)
        self.base_transform = base_transform.with_cache(cache_size)
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims

    @property
    def domain(self):
        """Say where x lives."""
        return constraints.independent(self.base_transform.domain, self.reinterpreted_batch_ndims)

    @property
    def codomain(self):
        """Say where y lives."""
        return constraints.independent(self.base_transform.codomain, self.reinterpreted_batch_ndims)

    @property
    def bijective(self):
        """Say whether there is exactly one x for every y."""
        return self.base_transform.bijective

    @property
    def sign(self):
        """Give 1 if y grows with x, -1 if it falls."""
        return self.base_transform.sign

    def _call(self, x):
        if x.ndim < self.domain.event_dim:
            raise ValueError("Too few dimensions on input")
        return self.base_transform(x)

    def _inverse(self, y):
        if y.ndim < self.codomain.event_dim:
            raise ValueError("Too few dimensions on input")
        return self.base_transform.inv(y)

    def log_abs_det_jacobian(self, x, y):
        """Give the logarithm of how much a small piece of room around x grows."""
        return sum_last(
            self.base_transform.log_abs_det_jacobian(x, y), self.reinterpreted_batch_ndims
        )

    def forward_shape(self, shape):
        """Give the shape of y for a shape of x."""
        return self.base_transform.forward_shape(shape)

    def inverse_shape(self, shape):
        """Give the shape of x for a shape of y."""
        return self.base_transform.inverse_shape(shape)

    def __repr__(self):
        return f"IndependentTransform({self.base_transform!r}, {self.reinterpreted_batch_ndims})"


class ReshapeTransform(Transform):
    """Give the numbers of an event another shape.

    Args:
        in_shape: the shape of x.
        out_shape: the shape of y, with as many numbers.
        cache_size: 1 keeps the last pair.

    >>> torch.distributions.ReshapeTransform((2, 3), (6,))(torch.ones(5, 2, 3)).shape
    torch.Size([5, 6])
    """

    bijective = True

    def __init__(self, in_shape, out_shape, cache_size=0):
        super().__init__(cache_size)
        self.in_shape, self.out_shape = Size(in_shape), Size(out_shape)
        if self.in_shape.numel() != self.out_shape.numel():
            raise ValueError("in_shape, out_shape have different numbers of elements")

    @property
    def domain(self):
        """Say where x lives."""
        return constraints.independent(constraints.real, len(self.in_shape))

    @property
    def codomain(self):
        """Say where y lives."""
        return constraints.independent(constraints.real, len(self.out_shape))

    def _call(self, x):
        return x.reshape(x.shape[: x.ndim - len(self.in_shape)] + self.out_shape)

    def _inverse(self, y):
        return y.reshape(y.shape[: y.ndim - len(self.out_shape)] + self.in_shape)

    def log_abs_det_jacobian(self, x, y):
        """Nothing grows."""
        return x.new_zeros(x.shape[: x.ndim - len(self.in_shape)])

    def forward_shape(self, shape):
        """Give the shape of y for a shape of x."""
        return _exchange(shape, self.in_shape, self.out_shape)

    def inverse_shape(self, shape):
        """Give the shape of x for a shape of y."""
        return _exchange(shape, self.out_shape, self.in_shape)


def _exchange(shape, old, new):
    if len(shape) < len(old):
        raise ValueError("Too few dimensions on input")
    cut = len(shape) - len(old)
    if tuple(shape[cut:]) != tuple(old):
        raise ValueError(f"Shape mismatch: expected {shape[cut:]} but got {old}")
    return shape[:cut] + new


class ExpTransform(Transform):
    """Turn x into $e^x$: all numbers into positive ones.

    >>> torch.distributions.ExpTransform()(torch.tensor(0.0))
    tensor(1.)
    """

    codomain = constraints.positive
    bijective = True
    sign = 1

    def _call(self, x):
        return x.exp()

    def _inverse(self, y):
        return y.log()

    def log_abs_det_jacobian(self, x, y):
        """Give the logarithm of how much a small piece of room around x grows."""
        return x


class PowerTransform(Transform):
    """Turn a positive x into its power.

    Args:
        exponent: the power.
        cache_size: 1 keeps the last pair.

    >>> torch.distributions.PowerTransform(2.0)(torch.tensor(3.0))
    tensor(9.)
    """

    domain = codomain = constraints.positive
    bijective = True

    def __init__(self, exponent, cache_size=0):
        super().__init__(cache_size)
        (self.exponent,) = broadcast_all(exponent)

    @property
    def sign(self):
        """Give 1 if y grows with x, -1 if it falls."""
        return self.exponent.sign()

    def _call(self, x):
        return x**self.exponent

    def _inverse(self, y):
        return y ** (1 / self.exponent)

    def log_abs_det_jacobian(self, x, y):
        """Give the logarithm of how much a small piece of room around x grows."""
        return (self.exponent * y / x).abs().log()

    def forward_shape(self, shape):
        """Give the shape of y for a shape of x."""
        return broadcast_shapes(shape, self.exponent.shape)

    inverse_shape = forward_shape


class SigmoidTransform(Transform):
    r"""Turn x into $\sigma(x)$: all numbers into chances.

    >>> torch.distributions.SigmoidTransform()(torch.tensor(0.0))
    tensor(0.5000)
    """

    codomain = constraints.unit_interval
    bijective = True
    sign = 1

    def _call(self, x):
        return _inside(x.sigmoid())

    def _inverse(self, y):
        y = _inside(y)
        return y.log() - (-y).log1p()

    def log_abs_det_jacobian(self, x, y):
        """Give the logarithm of how much a small piece of room around x grows."""
        return -softplus(-x) - softplus(x)


def _inside(chance):
    """Keep a chance away from 0 and 1, where the way back would be infinite."""
    kind = finfo(chance.dtype)
    return chance.clamp(min=kind.tiny, max=1.0 - kind.eps)


class SoftplusTransform(Transform):
    r"""Turn x into $\log(1 + e^x)$: all numbers into positive ones.

    >>> torch.distributions.SoftplusTransform()(torch.tensor(0.0))
    tensor(0.6931)
    """

    codomain = constraints.positive
    bijective = True
    sign = 1

    def _call(self, x):
        return softplus(x)

    def _inverse(self, y):
        return (-(-y).expm1()).log() + y

    def log_abs_det_jacobian(self, x, y):
        """Give the logarithm of how much a small piece of room around x grows."""
        return -softplus(-x)


class TanhTransform(Transform):
    r"""Turn x into $\tanh x$: all numbers into those between -1 and 1.

    >>> torch.distributions.TanhTransform()(torch.tensor(0.0))
    tensor(0.)
    """

    codomain = constraints.interval(-1.0, 1.0)
    bijective = True
    sign = 1

    def _call(self, x):
        return x.tanh()

    def _inverse(self, y):
        return y.atanh()

    def log_abs_det_jacobian(self, x, y):
        """Give the logarithm of how much a small piece of room around x grows."""
        return 2.0 * (math.log(2.0) - x - softplus(-2.0 * x))


class AbsTransform(Transform):
    """Turn x into its size.

    >>> torch.distributions.AbsTransform()(torch.tensor(-2.0))
    tensor(2.)
    """

    codomain = constraints.positive

    def _call(self, x):
        return x.abs()

    def _inverse(self, y):
        return y


class AffineTransform(Transform):
    """Turn x into ``loc + scale * x``.

    Args:
        loc: what is added.
        scale: what x is multiplied by.
        event_dim: how many dimensions one x has.
        cache_size: 1 keeps the last pair.

    >>> torch.distributions.AffineTransform(1.0, 2.0)(torch.tensor(3.0))
    tensor(7.)
    """

    bijective = True

    def __init__(self, loc, scale, event_dim=0, cache_size=0):
        super().__init__(cache_size)
        self.loc, self.scale, self._event_dim = loc, scale, event_dim

    @property
    def event_dim(self):
        """Count the dimensions of one x."""
        return self._event_dim

    @property
    def domain(self):
        """Say where x lives."""
        count = self._event_dim
        return constraints.independent(constraints.real, count) if count else constraints.real

    @property
    def codomain(self):
        """Say where y lives."""
        return self.domain

    @property
    def sign(self):
        """Give 1 if y grows with x, -1 if it falls."""
        if isinstance(self.scale, Tensor):
            return self.scale.sign()
        return (self.scale > 0) - (self.scale < 0)

    def _call(self, x):
        return self.loc + self.scale * x

    def _inverse(self, y):
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x, y):
        """Give the logarithm of how much a small piece of room around x grows."""
        if isinstance(self.scale, Tensor):
            each = self.scale.abs().log().expand(x.shape)
        else:
            each = full_like(x, math.log(abs(self.scale)))
        return sum_last(each, self._event_dim)

    def forward_shape(self, shape):
        """Give the shape of y for a shape of x."""
        more = [v.shape for v in (self.loc, self.scale) if isinstance(v, Tensor)]
        return broadcast_shapes(shape, *more)

    inverse_shape = forward_shape


class SoftmaxTransform(Transform):
    """Turn a vector into chances that add up to 1.

    >>> torch.distributions.SoftmaxTransform()(torch.zeros(2))
    tensor([0.5000, 0.5000])
    """

    domain = constraints.real_vector
    codomain = constraints.simplex

    def _call(self, x):
        return x.softmax(-1)

    def _inverse(self, y):
        return y.log()

    def forward_shape(self, shape):
        """Give the shape of y for a shape of x."""
        if len(shape) < 1:
            raise ValueError("Too few dimensions on input")
        return shape

    inverse_shape = forward_shape


class StickBreakingTransform(Transform):
    """Turn n numbers into n + 1 chances that add up to 1: each breaks a part off what is left.

    >>> torch.distributions.StickBreakingTransform()(torch.zeros(2))
    tensor([0.3333, 0.3333, 0.3333])
    """

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = True

    def _parts_left(self, like, count):
        """How many parts the stick still has to make: so that x = 0 breaks it evenly."""
        return count + 1 - like.new_ones(count).cumsum(-1)

    def _call(self, x):
        broken = _inside((x - self._parts_left(x, x.shape[-1]).log()).sigmoid())
        left = (1 - broken).cumprod(-1)
        return pad(broken, [0, 1], value=1) * pad(left, [1, 0], value=1)

    def _inverse(self, y):
        parts = y[..., :-1]
        left = (1 - parts.cumsum(-1)).clamp(min=finfo(y.dtype).tiny)
        return parts.log() - left.log() + self._parts_left(y, parts.shape[-1]).log()

    def log_abs_det_jacobian(self, x, y):
        """Give the logarithm of how much a small piece of room around x grows."""
        x = x - self._parts_left(x, x.shape[-1]).log()
        return (logsigmoid(x) - x + y[..., :-1].log()).sum(-1)

    def forward_shape(self, shape):
        """Give the shape of y for a shape of x."""
        if len(shape) < 1:
            raise ValueError("Too few dimensions on input")
        return (*shape[:-1], shape[-1] + 1)

    def inverse_shape(self, shape):
        """Give the shape of x for a shape of y."""
        if len(shape) < 1:
            raise ValueError("Too few dimensions on input")
        return (*shape[:-1], shape[-1] - 1)


class LowerCholeskyTransform(Transform):
    """Turn a matrix into a lower triangle with a positive diagonal.

    >>> torch.distributions.LowerCholeskyTransform()(torch.zeros(2, 2))
    tensor([[1., 0.],
            [0., 1.]])
    """

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.lower_cholesky

    def _call(self, x):
        return x.tril(-1) + x.diagonal(dim1=-2, dim2=-1).exp().diag_embed()

    def _inverse(self, y):
        return y.tril(-1) + y.diagonal(dim1=-2, dim2=-1).log().diag_embed()


class PositiveDefiniteTransform(Transform):
    """Turn a matrix into a positive definite one: a triangle, times itself turned round.

    >>> torch.distributions.PositiveDefiniteTransform()(torch.zeros(2, 2))
    tensor([[1., 0.],
            [0., 1.]])
    """

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.positive_definite

    def _call(self, x):
        triangle = LowerCholeskyTransform()(x)
        return triangle @ triangle.mT

    def _inverse(self, y):
        from ..linalg import cholesky  # linear algebra is loaded when somebody needs it

        return LowerCholeskyTransform().inv(cholesky(y))
