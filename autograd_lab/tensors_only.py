"""What is no tensor, where a tensor belongs: PyTorch's error, which names the argument.

Nobody pays for it who passes tensors: a function that trips over an argument is asked afterwards
whether that was one.
"""

import functools

import numpy as np

from .core import TENSORS, Tensor
from .mistakes import note_stranger

# PyTorch's names of arguments that are tensors, and of nothing but tensors where one is required.
NAMES = frozenset(
    "input self other target tensor mat1 mat2 vec vec1 vec2 batch1 batch2 x1 x2 A B L mask query "
    "key value input1 input2 boundaries sorted_sequence grid".split()
)


def check_tensors(function, **operands):
    """Raise PyTorch's error for an argument that is no tensor."""
    for place, (name, value) in enumerate(operands.items(), 1):
        if type(value) not in TENSORS:
            raise no_tensor(function, name, place, value)


def no_tensor(function, name, place, value):
    """Word that an argument is no tensor."""
    where = f" (position {place})" if place else ""
    return TypeError(f"{function}(): argument '{name}'{where} must be Tensor, not {kind_of(value)}")


def no_element(value, place, argument=0):
    """Word that an element of a list of tensors is none."""
    return TypeError(
        f"expected Tensor as element {place} in argument {argument}, but got {kind_of(value)}"
    )


def check_elements(values, argument=0):
    """Raise PyTorch's error for an element of a list of tensors that is none."""
    for place, value in enumerate(values):
        if not isinstance(value, Tensor):
            raise no_element(value, place, argument)


def kind_of(value) -> str:
    """Call the type of a value as PyTorch does."""
    return "numpy.ndarray" if type(value) is np.ndarray else type(value).__name__


def tensors_only(call=None, *, asks="", name=""):
    """Let a function that failed say which of its arguments was no tensor.

    ``asks``: the attribute that PyTorch's own function, written in Python, misses first; ``name``:
    under which PyTorch's function is known in errors.
    """
    if call is None:
        return functools.partial(tensors_only, asks=asks, name=name)

    @functools.wraps(call)
    def checked(*args, **named):
        __tracebackhide__ = True
        try:
            return call(*args, **named)
        except Exception as error:
            raise blamed(call, args, named, error, asks, name) from error.__cause__

    return checked


def blamed(call, args, named, error, asks="", name=""):
    """Give the error of a call, or PyTorch's about the first argument that is no tensor."""
    code = call.__code__
    required = code.co_varnames[: code.co_argcount - len(call.__defaults__ or ())]
    given = {**dict(zip(code.co_varnames, args)), **named}
    for place, word in enumerate(required):
        if word in NAMES and word in given and not isinstance(given[word], Tensor):
            value = given[word]
            explained = no_tensor(name or call.__name__, word, word not in named and place + 1,
                                  value)  # fmt: skip
            if asks:
                explained = AttributeError(
                    f"'{kind_of(value)}' object has no attribute '{asks}': {explained}"
                )
            if word in named:
                return explained

            def attempt(x, place=place):
                return call(*args[:place], x, *args[place + 1 :], **named)

            note_stranger(explained, call.__name__, args, place, attempt)
            return explained
    return error
