"""Say once that something a program asked for is accepted, and does nothing here."""

import contextlib
import sys
import warnings

from .watching import HOME

WITHIN = (HOME, contextlib.__file__)  # where a ``with`` block begins, the learner is further out
NO_BFLOAT16 = (
    "bfloat16: NumPy has no such numbers; autograd_lab uses float32 (the same range, more digits, "
    "twice the memory)"
)
COMPILES_NOTHING = (
    "torch.compile: autograd_lab compiles nothing; the code runs as it is, and every step stays "
    "visible"
)
_said = set()


class Voice:
    """Whether this process says anything: of several that train one model, rank 0 speaks for all.

    >>> Voice.silent
    False
    """

    silent = False


def as_it_is(function):
    """Give back what a decorator would have changed.

    >>> as_it_is(len)([1, 2])
    2
    """
    return function


def say_once(text: str) -> None:
    """Warn with this text, the first time in a process only.

    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as heard:
    ...     warnings.simplefilter("always")
    ...     say_once("an example: said once"), say_once("an example: said once")
    (None, None)
    >>> len(heard)
    1
    """
    if text not in _said and not Voice.silent:
        _said.add(text)
        warnings.warn(text, stacklevel=_levels())


def _levels():
    """Count the frames from ``say_once`` out to the first that is not the library's."""
    frame, levels = sys._getframe(1), 1
    while frame.f_back and frame.f_code.co_filename.startswith(WITHIN):
        frame, levels = frame.f_back, levels + 1
    return levels
