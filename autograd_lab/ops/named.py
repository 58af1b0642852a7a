"""Results with names: ``x.max(0).values``, ``x.sort().indices``."""

import functools
from collections import namedtuple


@functools.cache
def kind(name: str, fields: tuple):
    """Make the class of an operation's results: a tuple that shows its fields."""

    def show(self):
        lines = ",\n".join(f"{field}={value!r}" for field, value in zip(fields, self))
        return f"torch.return_types.{name}(\n{lines})"

    cls = namedtuple(name, fields)
    return type(name, (cls,), {"__slots__": (), "__repr__": show, "__doc__": cls.__doc__})


def named(name: str, **fields):
    """Give a tuple whose parts have names.

    >>> named("max", values=5, indices=2).values
    5
    """
    return kind(name, tuple(fields))(*fields.values())
