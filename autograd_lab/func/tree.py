"""Nested lists, tuples and dicts of tensors: taken apart into a list, and put together again."""

from collections import OrderedDict, defaultdict


def parts_of(value):
    """Give what a container holds and a function that makes such a container; None for a leaf."""
    if type(value) in (dict, OrderedDict, defaultdict):
        return list(value.values()), lambda parts: type(value)(zip(value, parts))
    if type(value) is list:
        return list(value), list
    if isinstance(value, tuple):
        named = hasattr(value, "_fields")
        return list(value), lambda parts: type(value)(*parts) if named else tuple(parts)
    return None


def leaves(value) -> list:
    """List what a nested container holds in the end.

    >>> leaves({"a": 1, "b": [2, (3, None)]})
    [1, 2, 3, None]
    """
    inner = parts_of(value)
    return [value] if inner is None else [leaf for part in inner[0] for leaf in leaves(part)]


def rebuild(value, new: list):
    """Make a container of the same form around other leaves.

    >>> rebuild({"a": 1, "b": [2, 3]}, [10, 20, 30])
    {'a': 10, 'b': [20, 30]}
    """
    return _rebuild(value, iter(new))


def _rebuild(value, new):
    inner = parts_of(value)
    if inner is None:
        return next(new)
    parts, make = inner
    return make([_rebuild(part, new) for part in parts])


def map_leaves(function, value):
    """Apply a function to every leaf.

    >>> map_leaves(lambda n: n + 1, (1, [2, 3]))
    (2, [3, 4])
    """
    return rebuild(value, [function(leaf) for leaf in leaves(value)])


def spread(prefix, value, what="in_dims") -> list:
    """Give one entry of ``prefix`` for each leaf of ``value``: an entry may stand for many leaves.

    >>> spread((0, None), ([1, 2], 3))
    [0, 0, None]
    """
    inner, given = parts_of(value), parts_of(prefix)
    if given is None:
        return [prefix] * len(leaves(value))
    if inner is None or len(inner[0]) != len(given[0]):
        raise ValueError(
            f"vmap: {what} is not compatible with the structure of what it describes: {what} is "
            f"{prefix!r}"
        )
    if isinstance(prefix, dict):
        given = [prefix[key] for key in value], None
    return [entry for p, v in zip(given[0], inner[0]) for entry in spread(p, v, what)]
