"""What each op is tried with: one line an op, in the file named like the op's own file.

``SAMPLES = {"mul": [S(f(2, 3), f(2, 3)), S(f(2, 3), f(3))]}``: arrays become tensors, on the CPU,
on the pretend GPU and in PyTorch; everything else is passed as it stands.
"""

import importlib
import math
import pkgutil
import zlib

import numpy as np

ARRAYS = (np.ndarray, np.generic)
_draw = np.random.default_rng(0)


class S:
    """One way to call an op, and what must hold there.

    ``torch`` names PyTorch's function if its name is another one, or is a function of our
    arguments as torch tensors; None says that PyTorch has no such function.
    ``smooth=False``: finite differences say nothing here (a kink that is meant to be hit).
    ``special=False``: leave the sweep's own nan, inf and zeros out; "no nan": only nan.
    ``only``: the dtypes of the sweep to try besides float64.
    ``near``: how far from PyTorch's numbers (relative) ours may be in float64.
    ``waits``: on a GPU the host must wait for the result, to know its shape.
    """

    def __init__(self, *args, torch="", smooth=True, special=True, only=("float32", "int64"),
                 near=1e-8, waits=False, **kwargs):  # fmt: skip
        self.args, self.kwargs, self.torch = args, kwargs, torch
        self.smooth, self.special, self.only = smooth, special, only
        self.near, self.waits = near, waits

    def __repr__(self):
        words = [_shown(x) for x in self.args]
        words += [f"{k}={_shown(v)}" for k, v in self.kwargs.items()]
        return f"S({', '.join(words)})"

    def mapped(self, change):
        """Give the arguments with ``change`` done to every array in them."""
        return mapped(self.args, change), mapped(self.kwargs, change)


class bare:
    """An array that stays an array (of the device's own kind): a setting that is no tensor."""

    def __init__(self, array):
        self.array = array

    def __repr__(self):
        return f"bare({_shown(self.array)})"


def f(*shape, low=-2.0, high=2.0):
    """Floats between low and high, all well apart: no finite difference steps over a tie."""
    count = math.prod(shape)
    steps = (_draw.permutation(count) + _draw.uniform(0.25, 0.75, count)) / max(count, 1)
    return np.asarray(low + (high - low) * steps).reshape(shape)


def i(*shape, low=-5, high=5):
    """Whole numbers from low up to, and without, high."""
    return np.asarray(_draw.integers(low, high, shape))


def b(*shape):
    """True and False."""
    return np.asarray(_draw.random(shape) < 0.5)


def c(*shape):
    """Complex numbers."""
    return f(*shape) + 1j * f(*shape)


def mapped(x, change):
    """Do ``change`` to every array in tuples, lists and dicts."""
    if isinstance(x, (tuple, list)):
        return type(x)([mapped(each, change) for each in x])
    if isinstance(x, dict):
        return {k: mapped(each, change) for k, each in x.items()}
    return change(x) if isinstance(x, (*ARRAYS, bare)) else x


def _shown(x):
    if isinstance(x, ARRAYS):
        return f"{x.dtype}{list(x.shape)}"
    return f"[{', '.join(map(_shown, x))}]" if isinstance(x, list) else repr(x)


def files():
    """Import all files of samples, whoever asks first; each draws numbers of its own."""
    found = []
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        own = np.random.default_rng(zlib.crc32(info.name.encode()))  # a sample more, and only
        _draw.bit_generator.state = own.bit_generator.state  # those below it have other numbers
        found.append(importlib.import_module(f"{__name__}.{info.name}"))
    return found


def collected():
    """Gather the samples of all files: name of the op -> list of samples."""
    found = {}
    for file in files():
        for name, samples in file.SAMPLES.items():
            assert name not in found, f"{file.__name__}: {name} has samples in another file, too"
            found[name] = samples
    return found
