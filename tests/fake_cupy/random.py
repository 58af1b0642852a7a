"""``cupy.random``: the methods that the real one has, with other numbers than NumPy's.

The same seed gives different numbers on host and device, as with cuRAND: code that expects equal
numbers is wrong, and fails here.
"""

import inspect

import numpy as np

from .array import ndarray, wrap
from .calls import left_out, unwrap
from .state import here, refuse_capture, stats
from .surface import SURFACE, describe, method

OTHER_STREAM = 0x5EED


def draw(host, owner: str, name: str):
    """Make a method of a generator from NumPy's, with CuPy's parameters and ``dtype``."""
    has = method(owner, name)
    typed = name in ("integers", "randint")  # NumPy must know: the dtype limits the range

    def call(self, *args, **kwargs):
        self._enter()
        unknown = kwargs.keys() - (has.names | {"dtype"} if has.many else has.names)
        if unknown:
            raise TypeError(f"{name}() got an unexpected keyword argument {unknown.pop()!r}")
        if not has.many:
            kwargs, args = dict(zip(has.positional, args, strict=False)) | kwargs, ()
        dtype = kwargs.get("dtype") if typed else kwargs.pop("dtype", None)
        out = kwargs.get("out")
        settings = {key: unwrap(one, name) for key, one in kwargs.items() if one is not None}
        stats.launches += 1
        made = here.run(host, self._host, *args, **settings)
        return wrap(np.asarray(made, dtype)) if out is None else out

    call.__name__ = name
    return call


class RandomState:
    """CuPy's older generator: the one behind the functions of this module."""

    def __init__(self, seed=None, method=None):
        self.seed(seed)

    def seed(self, seed=None):
        mixed = None if seed is None else [OTHER_STREAM, int(seed) % 2**32]
        self._host = np.random.RandomState(mixed)

    def _enter(self):
        refuse_capture("cuRAND")

    def choice(self, a, size=None, replace=True, p=None):
        self._enter()
        stats.launches += 1
        a, p = unwrap(a, "choice"), unwrap(p, "choice")
        return wrap(np.asarray(self._host.choice(a, size, replace, p)))

    def permutation(self, a):
        self._enter()
        stats.launches += 1
        return wrap(self._host.permutation(unwrap(a, "permutation", refuse_list=True)))

    def shuffle(self, a):
        if type(a) is not ndarray:
            raise TypeError("The array must be cupy.ndarray")
        self._enter()
        stats.launches += 1
        self._host.shuffle(unwrap(a, "shuffle"))


class Generator:
    """CuPy's newer generator; it lacks ``normal``, ``permutation``, ``shuffle`` and ``choice``."""

    def __init__(self, seed=None):
        self._host = np.random.default_rng(None if seed is None else [OTHER_STREAM, seed])

    def _enter(self):
        """Its kernels are CuPy's own: a capture may hold them."""


for cls in (RandomState, Generator):
    owner = f"random.{cls.__name__}"
    for name, written in SURFACE["classes"][owner].items():
        host = getattr(getattr(np.random, cls.__name__), name, None)
        if written.startswith("function") and name not in vars(cls):
            known = inspect.isroutine(host)
            setattr(cls, name, draw(host, owner, name) if known else left_out(f"{owner}.{name}"))

states: dict[int, RandomState] = {}


def get_random_state() -> RandomState:
    """Give the generator of the current GPU."""
    return states.setdefault(here.device, RandomState())


def set_random_state(rs):
    states[here.device] = rs


def reset_states():
    states.clear()


def seed(seed=None):
    get_random_state().seed(seed)


def default_rng(seed=None):
    return Generator(seed)


def __getattr__(name):
    describe("random", name)
    name = {"random": "random_sample", "ranf": "random_sample", "sample": "random_sample"}.get(
        name, name
    )
    if not hasattr(RandomState, name):
        return left_out(f"cupy.random.{name}")

    def call(*args, **kwargs):
        return getattr(get_random_state(), name)(*args, **kwargs)

    call.__name__ = name
    return call
