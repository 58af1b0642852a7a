"""What distributions share that are one shape, moved and stretched."""

from . import constraints
from .distribution import Distribution
from .parameters import broadcast_all


class LocationScale(Distribution):
    """Spread values around ``loc``, as wide as ``scale`` says, symmetric or not.

    Args:
        loc: where the values are likeliest.
        scale: how wide they spread.
        validate_args: whether parameters and values are checked.

    >>> torch.distributions.Laplace(3.0, 1.0).mode
    tensor(3.)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mode(self):
        """Give the likeliest value."""
        return self.loc
