"""PyTorch's other spellings of a call: ``out=``, and NumPy's words for dim and keepdim."""

import functools

from ..core import OPS
from ..dispatch import written


def with_out(call):
    """Let a function write its result into ``out=``."""

    @functools.wraps(call)
    def method(*args, out=None, **named):
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
