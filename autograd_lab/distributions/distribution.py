"""What all distributions share: shapes, checks, expansion, looks."""

import copy
import functools
import warnings
from typing import Any

from ..core import Size, Tensor
from ..creation import arange
from ..grad_mode import no_grad
from .constraints import is_dependent
from .parameters import Missing


class Distribution:
    """Say how likely values are, draw from them, and tell mean, spread and surprise.

    ``batch_shape`` counts distributions, ``event_shape`` is the shape of one draw from one of them:
    ``sample((5,))`` has the shape ``5, *batch_shape, *event_shape``, and ``log_prob`` of it has
    ``5, *batch_shape``. ``rsample`` lets gradients flow from a draw to the parameters.

    A subclass names its parameters in ``arg_constraints`` and keeps them under these names.

    Args:
        batch_shape: how many distributions there are.
        event_shape: the shape of a draw.
        validate_args: whether parameters and values are checked (None: as
            ``set_default_validate_args`` says).

    >>> class Coin(torch.distributions.Distribution):
    ...     arg_constraints = {}
    ...     support = torch.distributions.constraints.boolean
    ...     def log_prob(self, value):
    ...         return torch.full(value.shape, 0.5).log()
    >>> Coin().log_prob(torch.tensor([0., 1.])).exp()
    tensor([0.5000, 0.5000])
    """

    has_rsample: Any = False
    has_enumerate_support: Any = False
    arg_constraints: Any = Missing()  # what each parameter must be
    support: Any = Missing()  # which values can be drawn
    _validate_args = True

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Choose whether distributions check their parameters and values."""
        if value not in (True, False):
            raise ValueError
        Distribution._validate_args = value

    def __init__(self, batch_shape=(), event_shape=(), validate_args=None):
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            self._check_parameters()

    def _check_parameters(self):
        try:
            wanted = self.arg_constraints
        except NotImplementedError:
            self._warn_undefined("arg_constraints", "Please set `arg_constraints = {}` or "
                                 "initialize the distribution")  # fmt: skip
            return
        for name, constraint in wanted.items():
            if is_dependent(constraint) or self._waits(name):
                continue
            value = getattr(self, name)
            if not constraint.check(value).all():
                raise ValueError(
                    f"Expected parameter {name} ({type(value).__name__} of shape "
                    f"{tuple(value.shape)}) of distribution {self!r} to satisfy the constraint "
                    f"{constraint!r}, but found invalid values:\n{value}"
                )

    def _waits(self, name):
        """Say whether a parameter is computed from another one, when it is asked for."""
        made = getattr(type(self), name, None)
        return name not in vars(self) and isinstance(made, functools.cached_property)

    def _warn_undefined(self, what, remedy):
        warnings.warn(
            f"{type(self)} does not define `{what}`{'.' if what == 'arg_constraints' else ''} "
            f"{remedy} with `validate_args=False` to turn off validation.",
            stacklevel=4,
        )

    # --- shapes

    @property
    def batch_shape(self):
        """Give the shape of the batch: one distribution for each place in it."""
        return self._batch_shape

    @property
    def event_shape(self):
        """Give the shape of one draw."""
        return self._event_shape

    def expand(self, batch_shape, _instance=None):
        """Give the same distributions for a larger batch: parameters repeat, without a copy."""
        twin, batch_shape = copy.copy(self), Size(batch_shape)
        for name, constraint in self.arg_constraints.items():
            value = vars(self).get(name)
            if isinstance(value, Tensor):
                event = value.shape[value.ndim - constraint.event_dim :]
                setattr(twin, name, value.expand(batch_shape + event))
        twin._batch_shape = batch_shape
        return twin

    def _extended_shape(self, sample_shape=()):
        return Size(sample_shape) + self._batch_shape + self._event_shape

    # --- what a subclass defines

    @property
    def mean(self):
        """Give the mean."""
        raise NotImplementedError

    @property
    def mode(self):
        """Give the likeliest value."""
        raise NotImplementedError(f"{type(self)} does not implement mode")

    @property
    def variance(self):
        """Give the mean squared distance from the mean."""
        raise NotImplementedError

    @property
    def stddev(self):
        """Give the standard deviation, the root of the variance."""
        return self.variance.sqrt()

    def sample(self, sample_shape=()):
        """Draw values, so many as ``sample_shape`` says of each distribution."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape=()):
        """Draw values that gradients flow through, to the parameters."""
        raise NotImplementedError

    def sample_n(self, n: int):
        """Draw n values: PyTorch's old name for ``sample((n,))``."""
        warnings.warn(
            "`sample_n(n)` will be deprecated. Use `sample((n,))` instead.",
            FutureWarning,
            stacklevel=2,
        )
        return self.sample((n,))

    def log_prob(self, value):
        """Give the logarithm of how likely a value is: of its chance, or its density."""
        raise NotImplementedError

    def cdf(self, value):
        """Give the chance to draw at most this value."""
        raise NotImplementedError

    def icdf(self, value):
        """Give the number that a draw stays below with this chance."""
        raise NotImplementedError

    def enumerate_support(self, expand=True):
        """List all values that can be drawn."""
        raise NotImplementedError

    def entropy(self):
        """Give the mean surprise of a draw."""
        raise NotImplementedError

    def perplexity(self):
        """Give the number of equally likely values that would surprise as much."""
        return self.entropy().exp()

    # --- values

    def _validate_sample(self, value):
        """Raise PyTorch's error for a value that cannot be drawn."""
        if not self._validate_args:
            return
        if not isinstance(value, Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        start = value.ndim - len(self._event_shape)
        if value.shape[max(start, 0) :] != self._event_shape:
            raise ValueError(
                f"The right-most size of value must match event_shape: {value.shape} vs "
                f"{self._event_shape}."
            )
        wanted = self._batch_shape + self._event_shape
        for i, j in zip(reversed(value.shape), reversed(wanted)):
            if 1 not in (i, j) and i != j:
                raise ValueError(
                    "Value is not broadcastable with batch_shape+event_shape: "
                    f"{value.shape} vs {wanted}."
                )
        try:
            support = self.support
        except NotImplementedError:
            self._warn_undefined("support", "to enable sample validation. Please initialize the "
                                 "distribution")  # fmt: skip
            return
        if not support.check(value).all():
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) "
                f"to be within the support ({support!r}) of the distribution {self!r}, but found "
                f"invalid values:\n{value}"
            )

    def _all_whole_numbers(self, last: int, like, expand: bool):
        """List 0 to ``last`` along a new first dimension."""
        values = arange(last + 1, dtype=like.dtype, device=like.device)
        values = values.reshape((-1,) + (1,) * len(self._batch_shape))
        return values.expand((-1, *self._batch_shape)) if expand else values

    def __repr__(self):
        shown = []
        for name in self.arg_constraints:
            value = vars(self).get(name)
            if value is not None:
                shown.append(f"{name}: {value if value.numel() == 1 else value.shape}")
        return f"{type(self).__name__}({', '.join(shown)})"
