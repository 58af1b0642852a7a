"""The rule of broadcasting as the still picture needs it; shapes.js is the page's."""

import numpy as np

OPS = {
    "add": ("+", np.add), "sub": ("−", np.subtract), "mul": ("·", np.multiply),
    "div": ("/", np.divide), "pow": ("**", np.power), "maximum": ("max", np.maximum),
    "minimum": ("min", np.minimum), "eq": ("==", np.equal), "gt": (">", np.greater),
    "lt": ("<", np.less),
}  # fmt: skip


def align(a, b) -> list:
    """Pair the sizes of two shapes from the right: (axis, of a, of b, of the result).

    A size is None where a shape has no such axis, and the result's where two sizes clash.

    >>> align((3, 1), (4,))
    [(-2, 3, None, 3), (-1, 1, 4, 4)]
    """
    count = max(len(a), len(b))
    pairs = []
    for axis in range(-count, 0):
        x = a[axis] if -axis <= len(a) else None
        y = b[axis] if -axis <= len(b) else None
        clash = x is not None and y is not None and x != y and 1 not in (x, y)
        out = None if clash else (y if y is not None else 1) if x in (None, 1) else x
        pairs.append((axis, x, y, out))
    return pairs


def result_shape(a, b):
    """Give the shape of the result, None where shapes clash.

    >>> result_shape((3, 1), (4,)), result_shape((3,), (4,))
    ((3, 4), None)
    """
    sizes = tuple(out for *_, out in align(a, b))
    return None if None in sizes else sizes


def complaint(a, b) -> str:
    """Say where two shapes clash; "" where they go together."""
    clashes = [(axis, x, y) for axis, x, y, out in align(a, b) if out is None]
    if not clashes:
        return ""
    axis, x, y = clashes[-1]
    return f"{x} and {y} clash at axis −{-axis}"


def numbers(operand, which):
    """Give the numbers of an operand: its own, or 1, 2, 3, ... for a and 10, 20, ... for b."""
    shape = operand["shape"]
    if operand["values"] is not None:
        return np.array([float(v) for v in operand["values"]]).reshape(shape)
    return (np.arange(1.0, int(np.prod(shape)) + 1) * (10 if which == "b" else 1)).reshape(shape)
