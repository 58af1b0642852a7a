"""PyTorch's other spellings of a call: ``out=``, ``input=``, NumPy's words for dim and keepdim."""

import functools

from ..kind import NUMPY_WORDS
from ..out import refuse_dtype, refuse_overlap, written
from ..tensors_only import blamed


def in_words_of(call, named):
    """Say dim for NumPy's axis, keepdim for its keepdims, and input as the function does."""
    if not named:
        return named
    words = {NUMPY_WORDS.get(name, (name,))[0]: value for name, value in named.items()}
    first = call.__code__.co_varnames[0]
    if "input" in words and "input" not in call.__code__.co_varnames:
        words[first] = words.pop("input")
    return words


def with_numpy_words(call):
    """Let a function be called with NumPy's words for dim and keepdim."""

    @functools.wraps(call)
    def method(*args, **named):
        try:
            return call(*args, **in_words_of(call, named))
        except Exception as error:
            raise blamed(call, args, named, error) from error.__cause__

    return method


def with_out(call=None, *, exact=False, apart=False):
    """Let a function write its result into ``out=``.

    ``exact``: into tensors of just the right dtypes; ``apart``: which are no part of what it reads.
    """
    if call is None:
        return functools.partial(with_out, exact=exact, apart=apart)

    @functools.wraps(call)
    def method(*args, out=None, **named):
        rooms = out if isinstance(out, (tuple, list)) else () if out is None else (out,)
        if apart:
            for room in rooms:
                refuse_overlap(room, args)
        try:
            result = call(*args, **in_words_of(call, named))
        except Exception as error:
            raise blamed(call, args, named, error) from error.__cause__
        if exact:
            for room, part in zip(rooms, result):
                refuse_dtype(room, part)
        return result if out is None else written(out, result, call.__name__)

    return method
