"""Universal functions: ``xp.add`` is an object with ``at``, ``reduce`` ... as in CuPy."""

import numpy as np

from . import indexing
from .array import ndarray, operand, wrap
from .state import check_device, here, stats
from .surface import SURFACE
from .tape import writes

SCATTERS = {
    "add": "ilIQefdLq", "subtract": "iI", "maximum": "ilIQfdLq", "minimum": "ilIQfdLq",
    "bitwise_and": "ilIQLq", "bitwise_or": "ilIQLq", "bitwise_xor": "ilIQLq",
}  # fmt: skip


class ufunc:
    """An elementwise function of GPU arrays and numbers: never of lists or host arrays."""

    def __init__(self, host):
        self._host = host
        self.__name__ = self.name = host.__name__
        self.nin, self.nout, self.nargs = host.nin, host.nout, host.nargs
        self.types = host.types
        self.__doc__ = host.__doc__

    def __repr__(self):
        return f"<ufunc '{self.name}'>"

    def __call__(self, *args, **settings):
        stats.launches += 1
        count = len(args)
        if settings:
            if not settings.keys() <= {"out", "dtype", "casting"}:
                raise TypeError(f"Wrong arguments {settings} ({self.name} of CuPy)")
            out = settings.get("out")
            if out is not None:
                return self._into(args, out, settings)
        elif count > self.nin:
            return self._into(args[: self.nin], args[self.nin :], settings)
        host = [
            one._array if type(one) is ndarray and one._device == here.device
            else operand(one, self.name)
            for one in args
        ]  # fmt: skip
        if len(host) != self.nin:
            raise TypeError(f"Wrong number of arguments for {self.name!r}: {count}")
        result = here.run(self._host, *host, order="C", **settings)
        return wrap(result) if self.nout == 1 else tuple([wrap(one) for one in result])

    def _into(self, args, out, settings):
        """Write to the caller's array."""
        outs = out if type(out) is tuple else (out,)
        for one in outs:
            if type(one) is not ndarray:
                raise TypeError(f"{self.name}: Unsupported type {type(one)} as out")
        host = [operand(one, self.name) for one in args]
        hidden = tuple([operand(one, self.name) for one in outs])
        here.run(self._host, *host, **{**settings, "out": hidden})
        return outs[0] if self.nout == 1 else outs

    def at(self, a, indices, b=None):
        """Combine ``b`` into ``a[indices]``, every duplicate counted."""
        if self.name not in SCATTERS:
            raise NotImplementedError(f"`{self.name}.at` is not supported yet")
        if type(a) is not ndarray:
            raise TypeError(f"{self.name}.at: Unsupported type {type(a)}")
        check_device(a._device)
        stats.launches += 1
        b = operand(b, f"{self.name}.at")
        if not indexing.is_basic(indices):
            indices = indexing.host_index(indices)
            if not indexing.has_mask(indices) and a.dtype.char not in SCATTERS[self.name]:
                raise TypeError(f"cupy.{self.name}.at does not support {a.dtype} as data type")
        here.run(combine, a._array, self._host, indices, b)

    def outer(self, A, B, **settings):
        return self(
            A.reshape(A.shape + (1,) * B.ndim), B.reshape((1,) * A.ndim + B.shape), **settings
        )

    def reduce(self, array, axis=0, dtype=None, out=None, keepdims=False):
        method = {"add": "sum", "multiply": "prod"}.get(self.name)
        return self._method(array, method, "reduce")(axis, dtype, out, keepdims)

    def accumulate(self, array, axis=0, dtype=None, out=None):
        method = {"add": "cumsum", "multiply": "cumprod"}.get(self.name)
        return self._method(array, method, "accumulate")(axis, dtype, out)

    def reduceat(self, array, indices, axis=0, dtype=None, out=None):
        if self.name != "add":
            raise NotImplementedError(f"`{self.name}.reduceat` is not supported yet")
        stats.launches += 1
        array, indices = operand(array, "a"), operand(indices, "indices")
        return wrap(here.run(np.add.reduceat, array, indices, axis, dtype))

    def _method(self, array, method, asked):
        if method is None:
            raise NotImplementedError(f"`{self.name}.{asked}` is not supported yet")
        return getattr(array, method)


@writes
def combine(array, host, indices, b):
    """Combine ``b`` into ``array[indices]``, every duplicate counted."""
    b = indexing.fitting(b, array.dtype)
    if indexing.is_basic(indices):
        array[indices] = host(array[indices], b)
    else:
        host.at(array, indexing.wrapped(indices, array.shape), b)


class Ufuncs(dict):
    """Make each ufunc when it is first asked for, by NumPy's name."""

    def __missing__(self, name):
        if SURFACE["modules"][""].get(name) != "ufunc":
            raise TypeError(f"CuPy has no ufunc {name!r}")
        self[name] = made = ufunc(getattr(np, name))
        return made


ufuncs = Ufuncs()
