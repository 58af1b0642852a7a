"""The one place that words errors: PyTorch's sentence first, then what helps to mend it."""

import numpy as np

from .watching import describe


def explain_written(node, name, array, version, site):
    """Word that a saved value was overwritten before backward could use it."""
    where = f" {node.name()} was made here: {describe(site)}." if site else ""
    return RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace "
        f"operation: {node.name()} saved {name!r}, an array of shape {list(array.shape)}, and its "
        f"memory was written to afterwards (it is at version {version}).{where} Hint: use the form "
        "that makes a new tensor (x = x + 1 instead of x += 1), or clone() before writing."
    )


def explain(name, operands, tensors, error):
    """Turn NumPy's complaint into PyTorch's sentence, with the shapes and what to try."""
    shapes = [tuple(t.shape) for t in tensors if hasattr(t, "shape")]
    text = str(error)
    if "could not be broadcast" in text and len(shapes) >= 2:
        order = -1 if name == "masked_fill" else 1  # PyTorch names the mask's size first
        return RuntimeError(sizes_differ(name, shapes[::order]) or f"{name}: {text}")
    if name == "copy" and "could not broadcast" in text:
        return RuntimeError(sizes_differ("copy_", shapes) or _too_wide(*shapes))
    return error


def _too_wide(shape, source):
    """Word that what is written needs more room than there is."""
    wide = list(np.broadcast_shapes(shape, source))
    return f"output with shape {list(shape)} doesn't match the broadcast shape {wide}"


def sizes_differ(name, shapes):
    """Find the first dimension, from the right, in which two shapes disagree."""
    rank = max(map(len, shapes))
    for back in range(1, rank + 1):
        sizes = [s[-back] for s in shapes if len(s) >= back]
        real = [n for n in sizes if n != 1]
        if len(set(real)) > 1:
            a, b = real[0], next(n for n in real if n != real[0])
            listed = " and ".join(str(list(s)) for s in shapes)
            return (
                f"The size of tensor a ({a}) must match the size of tensor b ({b}) at "
                f"non-singleton dimension {rank - back} ({name} of shapes {listed}; shapes are "
                "aligned from the right, and a size of 1 is stretched)"
            )
    return None
