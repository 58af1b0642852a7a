"""Fill a module on demand with what the real CuPy has there, and nothing else."""

import importlib
import sys

import numpy as np

from .calls import LIBRARY, function, left_out
from .surface import Parameters, describe, parameters
from .ufuncs import ufuncs

MATMUL = parameters("function(x1, x2, out, *, casting, axes, dtype, order)")
ONE = Parameters(("x",), frozenset({"x"}), False, False)
HELPERS = ("r_", "c_", "mgrid", "ogrid", "vectorize", "poly1d", "broadcast", "flatiter")


def find(module: str, name: str):
    """Make ``cupy.<module>.<name>`` if CuPy has it."""
    kind = describe(module, name)
    if kind == "module":
        return importlib.import_module(f".{name}", __package__)
    host = getattr(numpy_module(module), name, None)
    if kind == "ufunc" and isinstance(host, np.ufunc):
        return ufuncs[name]
    if kind == "gufunc":
        return function(np.matmul, "matmul", MATMUL)
    if host is None or name in HELPERS:
        return left_out(f"cupy.{module}.{name}".replace("..", "."))
    if kind == "ufunc":  # CuPy's ufuncs fix, i0 and sinc are plain functions in NumPy
        return function(host, name, ONE)
    if kind.startswith("function"):
        return function(host, name, parameters(kind))
    return host


def numpy_module(module: str):
    """Give NumPy's module of the same name."""
    return importlib.import_module(f"numpy.{module}".rstrip("."))


def on_demand(module: str, package: str):
    """Make a module's ``__getattr__``, which keeps what it finds."""

    def __getattr__(name):
        found = find(module, name)
        setattr(sys.modules[package], name, found)
        return found

    return __getattr__


def solvers(names, library="cuSOLVER"):
    """Name functions that run in a library, which a capture refuses."""
    LIBRARY.update(dict.fromkeys(names, library))
