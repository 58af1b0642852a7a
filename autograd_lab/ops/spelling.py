"""PyTorch's other spellings of a call: ``out=``, and NumPy's words for dim and keepdim."""

import functools

from ..kind import NUMPY_WORDS
from ..out import refuse_dtype, refuse_overlap, written


def in_our_words(named):
    """Say dim for NumPy's axis, and keepdim for its keepdims."""
    if not named:
        return named
    return {NUMPY_WORDS.get(name, (name,))[0]: value for name, value in named.items()}


def with_numpy_words(call):
    """Let a function be called with NumPy's words for dim and keepdim."""

    @functools.wraps(call)
    def method(*args, **named):
        return call(*args, **in_our_words(named))

    return method


def with_out(call):
    """Let a function write its result into ``out=``."""

    @functools.wraps(call)
    def method(*args, out=None, **named):
        result = call(*args, **in_our_words(named))
        return result if out is None else written(out, result)

    return method


def with_exact_out(call):
    """Let a function write its result into ``out=`` tensors of just the right dtypes."""

    @functools.wraps(call)
    def method(*args, out=None, **named):
        result = call(*args, **in_our_words(named))
        for o, r in zip(out or (), result):
            refuse_dtype(o, r)
        return result if out is None else written(out, result)

    return method


def with_apart_out(call):
    """Let a function write its result into ``out=``, which may not be part of what it reads."""

    @functools.wraps(call)
    def method(*args, out=None, **named):
        if out is not None:
            for o in out if isinstance(out, (tuple, list)) else (out,):
                refuse_overlap(o, args)
        result = call(*args, **in_our_words(named))
        return result if out is None else written(out, result)

    return method
