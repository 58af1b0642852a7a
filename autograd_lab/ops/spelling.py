"""PyTorch's other spellings of a call: ``out=``, and NumPy's words for dim and keepdim."""

import functools

from ..core import OPS
from ..dtypes import legacy_name
from ..out import refuse_overlap, written


def with_out(call):
    """Let a function write its result into ``out=``."""

    @functools.wraps(call)
    def method(*args, out=None, **named):
        result = call(*args, **named)
        return result if out is None else written(out, result)

    return method


def with_exact_out(call):
    """Let a function write its result into ``out=`` tensors of just the right dtypes."""

    @functools.wraps(call)
    def method(*args, out=None, **named):
        result = call(*args, **named)
        for o, r in zip(out or (), result):
            if o.dtype is not r.dtype:
                names = [legacy_name(x.dtype).lower() for x in (r, o)]
                raise RuntimeError(
                    f"Expected out tensor to have dtype {names[0]}, but got {names[1]} instead"
                )
        return result if out is None else written(out, result)

    return method


def with_apart_out(call):
    """Let a function write its result into ``out=``, which may not be part of what it reads."""

    @functools.wraps(call)
    def method(*args, out=None, **named):
        if out is not None:
            for o in out if isinstance(out, (tuple, list)) else (out,):
                refuse_overlap(o, args)
        result = call(*args, **named)
        return result if out is None else written(out, result)

    return method


def numpy_words(name):
    """Let an operation be called with NumPy's words: axis for dim, keepdims for keepdim."""

    def also(*args, axis=None, keepdims=None, **named):
        if axis is None and keepdims is None:
            raise TypeError(
                f"{name}() got unexpected arguments: {len(args)} by position, and "
                f"{sorted(named) or 'none'} by name"
            )
        if axis is not None:
            named["dim"] = axis
        if keepdims is not None:
            named["keepdim"] = keepdims
        return OPS[name](*args, **named)

    return staticmethod(also)
