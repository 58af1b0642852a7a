"""What a parameter or a sample must be: positive, between two bounds, a simplex ..."""

from ..core import Tensor
from ..creation import full
from ..dtypes import bool as boolean_dtype
from ..dtypes import finfo
from ..ops import cat as join_tensors


class Constraint:
    """Tell which values are allowed; ``check`` says it for every event of a batch.

    >>> torch.distributions.constraints.positive.check(torch.tensor([-1., 2.]))
    tensor([False,  True])
    """

    is_discrete = False
    event_dim = 0  # how many of the last dimensions belong to one event

    def check(self, value) -> Tensor:
        """Say of every event whether it is allowed."""
        raise NotImplementedError

    def __repr__(self):
        shown = ", ".join(f"{k}={v}" for k, v in vars(self).items())
        return f"{type(self).__name__.lstrip('_')}({shown})"


class _Dependent(Constraint):
    """A constraint that other parameters decide: nobody can check it alone."""

    def check(self, value):
        raise ValueError("Cannot determine validity of dependent constraint")

    def __repr__(self):
        return "Dependent()"


class IndependentConstraint(Constraint):
    """Take the last dimensions together: an event is allowed if all of its parts are."""

    def __init__(self, base_constraint, reinterpreted_batch_ndims):
        self.base_constraint = base_constraint
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        self.is_discrete = base_constraint.is_discrete
        self.event_dim = base_constraint.event_dim + reinterpreted_batch_ndims

    def check(self, value):
        """Say of every event whether it is allowed."""
        each, count = self.base_constraint.check(value), self.reinterpreted_batch_ndims
        if each.ndim < count:
            raise ValueError(f"Expected value.dim() >= {self.event_dim} but got {value.ndim}")
        return each.reshape((*each.shape[: each.ndim - count], -1)).all(-1)

    def __repr__(self):
        return f"IndependentConstraint({self.base_constraint}, {self.reinterpreted_batch_ndims})"


class _Boolean(Constraint):
    is_discrete = True

    def check(self, value):
        return (value == 0) | (value == 1)


class _OneHot(Constraint):
    is_discrete, event_dim = True, 1

    def check(self, value):
        return ((value == 0) | (value == 1)).all(-1) & (value.sum(-1) == 1)


class _Real(Constraint):
    def check(self, value):
        return value == value  # not so for nan


class _Bounded(Constraint):
    """A constraint with bounds, shown by their names."""

    def __init__(self, lower_bound=None, upper_bound=None):
        if lower_bound is not None:
            self.lower_bound = lower_bound
        if upper_bound is not None:
            self.upper_bound = upper_bound


class Interval(_Bounded):
    """From the lower to the upper bound, both included."""

    def check(self, value):
        """Say of every number whether it is allowed."""
        return (value >= self.lower_bound) & (value <= self.upper_bound)


class HalfOpenInterval(_Bounded):
    """From the lower bound up to, and without, the upper one."""

    def check(self, value):
        """Say of every number whether it is allowed."""
        return (value >= self.lower_bound) & (value < self.upper_bound)


class GreaterThan(_Bounded):
    """Above the bound."""

    def check(self, value):
        """Say of every number whether it is allowed."""
        return value > self.lower_bound


class GreaterThanEq(_Bounded):
    """The bound, or above it."""

    def check(self, value):
        """Say of every number whether it is allowed."""
        return value >= self.lower_bound


class LessThan(_Bounded):
    """Below the bound."""

    def __init__(self, upper_bound):
        super().__init__(upper_bound=upper_bound)

    def check(self, value):
        """Say of every number whether it is allowed."""
        return value < self.upper_bound


class IntegerInterval(Interval):
    """The whole numbers from the lower to the upper bound, both included."""

    is_discrete = True

    def check(self, value):
        """Say of every number whether it is allowed."""
        return (value % 1 == 0) & super().check(value)


class IntegerGreaterThan(GreaterThanEq):
    """The whole numbers from the bound on."""

    is_discrete = True

    def check(self, value):
        """Say of every number whether it is allowed."""
        return (value % 1 == 0) & super().check(value)


class _Simplex(Constraint):
    event_dim = 1

    def check(self, value):
        return (value >= 0).all(-1) & ((value.sum(-1) - 1).abs() < 1e-6)


class Multinomial(Constraint):
    """Counts that add up to no more than the bound."""

    is_discrete, event_dim = True, 1

    def __init__(self, upper_bound):
        self.upper_bound = upper_bound

    def check(self, value):
        """Say of every list of counts whether it is allowed."""
        return (value >= 0).all(-1) & (value.sum(-1) <= self.upper_bound)

    def __repr__(self):
        return "Multinomial()"


class _LowerTriangular(Constraint):
    event_dim = 2

    def check(self, value):
        return (value.tril() == value).all(-1).all(-1)


class _LowerCholesky(_LowerTriangular):
    def check(self, value):
        return super().check(value) & (value.diagonal(dim1=-2, dim2=-1) > 0).all(-1)


class _CorrCholesky(_LowerCholesky):
    def check(self, value):
        near = 10 * value.shape[-1] * finfo(value.dtype).eps
        lengths = value.square().sum(-1).sqrt()
        return super().check(value) & ((lengths - 1).abs() <= near).all(-1)


class _Square(Constraint):
    event_dim = 2

    def check(self, value):
        rows, columns = value.shape[-2:]
        return full(value.shape[:-2], rows == columns, dtype=boolean_dtype, device=value.device)


class _Symmetric(_Square):
    def check(self, value):
        square = super().check(value)
        if value.shape[-1] != value.shape[-2]:
            return square
        return value.isclose(value.mT, atol=1e-6).all(-1).all(-1)


class _PositiveDefinite(_Symmetric):
    def check(self, value):
        from ..linalg import cholesky_ex  # linear algebra is loaded when somebody needs it

        symmetric = super().check(value)
        return symmetric if not symmetric.all() else cholesky_ex(value).info == 0


class Cat(Constraint):
    """Parts that lie side by side along a dimension, each with a constraint of its own."""

    def __init__(self, cseq, dim=0, lengths=None):
        self.cseq, self.dim = list(cseq), dim
        self.lengths = [1] * len(self.cseq) if lengths is None else list(lengths)
        self.is_discrete = any(c.is_discrete for c in self.cseq)
        self.event_dim = max(c.event_dim for c in self.cseq)

    def check(self, value):
        """Say of every event whether it is allowed."""
        parts = value.split(self.lengths, self.dim)
        return join_tensors([c.check(part) for c, part in zip(self.cseq, parts)], self.dim)

    def __repr__(self):
        return "Cat()"


def is_dependent(constraint) -> bool:
    """Say whether other parameters decide what is allowed.

    >>> is_dependent(dependent), is_dependent(real)
    (True, False)
    """
    return isinstance(constraint, _Dependent)


dependent = _Dependent()
independent = IndependentConstraint
boolean = _Boolean()
one_hot = _OneHot()
real = _Real()
real_vector = independent(real, 1)
positive = GreaterThan(0.0)
nonnegative = GreaterThanEq(0.0)
greater_than = GreaterThan
greater_than_eq = GreaterThanEq
less_than = LessThan
interval = Interval
half_open_interval = HalfOpenInterval
unit_interval = Interval(0.0, 1.0)
integer_interval = IntegerInterval
nonnegative_integer = IntegerGreaterThan(0)
positive_integer = IntegerGreaterThan(1)
multinomial = Multinomial
simplex = _Simplex()
lower_triangular = _LowerTriangular()
lower_cholesky = _LowerCholesky()
corr_cholesky = _CorrCholesky()
square = _Square()
symmetric = _Symmetric()
positive_definite = _PositiveDefinite()
cat = Cat
