"""``cupyx``: scattered updates, and the switch that makes linear algebra check its errors."""

import contextlib
import warnings

from .array import ndarray
from .surface import describe
from .ufuncs import ufuncs


def scatter(name: str):
    """Make one of the deprecated spellings of ``xp.<ufunc>.at``."""

    def call(a: ndarray, slices, value):
        warnings.warn(f"use cupy.{name}.at instead", DeprecationWarning, stacklevel=2)
        ufuncs[name].at(a, slices, value)

    return call


scatter_add, scatter_max, scatter_min = map(scatter, ("add", "maximum", "minimum"))


def rsqrt(x):
    """Give 1 / sqrt(x) in one kernel."""
    return 1 / ufuncs["sqrt"](x)


@contextlib.contextmanager
def errstate(*, divide=None, over=None, under=None, invalid=None, linalg=None):
    """Accept what a GPU program may set; the pretend GPU's linear algebra always checks."""
    yield


def __getattr__(name):
    describe("cupyx", name)
    raise AttributeError(f"the pretend GPU has no cupyx.{name}")
