"""From free numbers to what a parameter must be: how an optimizer may move what is constrained."""

from . import constraints, transforms


class ConstraintRegistry:
    """Find the transform that leads from any real numbers to what a constraint allows.

    >>> from autograd_lab.distributions.constraint_registry import ConstraintRegistry
    >>> mine = ConstraintRegistry()
    >>> @mine.register(torch.distributions.constraints.simplex)
    ... def to_simplex(constraint):
    ...     return torch.distributions.SoftmaxTransform()
    >>> mine(torch.distributions.constraints.simplex)
    SoftmaxTransform()
    """

    def __init__(self):
        self._registry = {}

    def register(self, constraint, factory=None):
        """Say which function makes the transform for a kind of constraint, as a decorator too."""
        if factory is None:
            return lambda factory: self.register(constraint, factory)
        if isinstance(constraint, constraints.Constraint):
            constraint = type(constraint)
        if not (isinstance(constraint, type) and issubclass(constraint, constraints.Constraint)):
            raise TypeError(
                "Expected constraint to be either a Constraint subclass or instance, but got "
                f"{constraint}"
            )
        self._registry[constraint] = factory
        return factory

    def __call__(self, constraint):
        """Make the transform for a constraint.

        >>> positive = torch.distributions.Normal.arg_constraints["scale"]
        >>> torch.distributions.transform_to(positive)(torch.tensor(0.0))
        tensor(1.)
        """
        factory = self._registry.get(type(constraint))
        if factory is None:
            raise NotImplementedError(f"Cannot transform {type(constraint).__name__} constraints")
        return factory(constraint)


biject_to = ConstraintRegistry()  # one x for each y: what densities are moved by
transform_to = ConstraintRegistry()  # any x for each y: what optimizers search in


def both(*kinds):
    """Register a function in both registries, for several kinds of constraints."""

    def register(factory):
        for kind in kinds:
            biject_to.register(kind, factory)
            transform_to.register(kind, factory)
        return factory

    return register


@both(constraints.real)
def _real(constraint):
    return transforms.identity_transform


@both(constraints.greater_than, constraints.greater_than_eq)
def _above(constraint):
    move = transforms.AffineTransform(constraint.lower_bound, 1)
    return transforms.ComposeTransform([transforms.ExpTransform(), move])


@both(constraints.less_than)
def _below(constraint):
    move = transforms.AffineTransform(constraint.upper_bound, -1)
    return transforms.ComposeTransform([transforms.ExpTransform(), move])


@both(constraints.interval, constraints.half_open_interval)
def _between(constraint):
    low, high = constraint.lower_bound, constraint.upper_bound
    if isinstance(low, int | float) and isinstance(high, int | float) and (low, high) == (0, 1):
        return transforms.SigmoidTransform()
    move = transforms.AffineTransform(low, high - low)
    return transforms.ComposeTransform([transforms.SigmoidTransform(), move])


@biject_to.register(constraints.simplex)
def _sticks(constraint):
    return transforms.StickBreakingTransform()


@transform_to.register(constraints.simplex)
def _softmax(constraint):
    return transforms.SoftmaxTransform()


@transform_to.register(constraints.lower_cholesky)
def _triangle(constraint):
    return transforms.LowerCholeskyTransform()


@transform_to.register(constraints.positive_definite)
def _definite(constraint):
    return transforms.PositiveDefiniteTransform()


@biject_to.register(constraints.independent)
def _bijection_of_parts(constraint):
    each = biject_to(constraint.base_constraint)
    return transforms.IndependentTransform(each, constraint.reinterpreted_batch_ndims)


@transform_to.register(constraints.independent)
def _transform_of_parts(constraint):
    each = transform_to(constraint.base_constraint)
    return transforms.IndependentTransform(each, constraint.reinterpreted_batch_ndims)
