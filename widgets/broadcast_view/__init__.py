"""BroadcastView: which element of which operand feeds which cell of the result."""

import sys
from pathlib import Path

import numpy as np
import traitlets

from autograd_lab.core import Tensor
from autograd_lab.device import HOST, cpu, move

from .._called import called
from .._esm import pack
from .._kept import Kept
from .._paper import clean, short
from . import picture
from .rule import OPS, complaint, result_shape

HERE = Path(__file__).parent
MOST = 4096  # numbers of an operand that travel; of a larger one only its shape does


class BroadcastView(Kept):
    """Show how two shapes go together, cell by cell: ``a[i, j] + b[j]`` with live numbers.

    ``a`` and ``b`` are tensors, arrays, lists or numbers; a tuple is a shape, filled with numbers
    to play with. The sizes can be changed in the page; what does not go together is explained.

    >>> BroadcastView((3, 1), (4,))
    BroadcastView: (3, 1) and (4,) give (3, 4); a is stretched along axis −1, b along axis −2
    >>> BroadcastView((4, 3), (4,), op="sub")
    BroadcastView: (4, 3) and (4,) do not go together: 3 and 4 clash at axis −1
    """

    _pack = pack(HERE / "index.js", HERE.parent / "grid.css", HERE / "style.css")
    data = traitlets.Dict().tag(sync=True)

    def __init__(self, a=(3, 1), b=(4,), op="add", *, names=None):
        if op not in OPS:
            raise ValueError(f"op is one of {', '.join(OPS)}, not {op!r}")
        if names is not None and len(tuple(names)) != 3:
            raise ValueError('names are three words, of a, of b and of the result: ("x", "w", "y")')
        frame = sys._getframe(1)
        words = names or (called(a, frame) or "a", called(b, frame) or "b", "c")
        words = [short(clean(word), 16) or "?" for word in words]
        operands = [_operand(x, word) for x, word in zip((a, b), words, strict=False)]
        super().__init__(data={"a": operands[0], "b": operands[1], "c": words[2], "op": op})

    def flush(self) -> None:
        """Nothing is left to send."""

    def to_svg(self) -> str:
        """Return the picture as SVG text: complete in itself, for any page or paper."""
        return picture.draw(self.data, repr(self))

    def __repr__(self):
        a, b = (tuple(self.data[which]["shape"]) for which in "ab")
        if complaint(a, b):
            return f"BroadcastView: {a} and {b} do not go together: {complaint(a, b)}"
        said = f"BroadcastView: {a} and {b} give {result_shape(a, b)}"
        stretched = [
            f"{self.data[which]['name']} {'' if k else 'is stretched '}along axis {axes}"
            for k, (which, axes) in enumerate(picture.stretches(a, b))
        ]
        return said + ("; " + ", ".join(stretched) if stretched else "; nothing is stretched")


def _operand(x, word):
    """Take shape and numbers of an operand; a tuple of sizes is a shape without numbers."""
    if isinstance(x, tuple):
        if not all(isinstance(size, int) and not isinstance(size, bool) for size in x):
            raise TypeError(f"{word}: a tuple is a shape and holds whole numbers, not {x!r:.60}")
        if any(size < 0 for size in x):
            raise ValueError(f"{word}: a size is 0 or more, not {min(x)}")
        return {"name": word, "shape": list(x), "values": None}
    array = x.array if isinstance(x, Tensor) else x
    try:
        array = np.asarray(
            move(array, cpu) if type(array) not in HOST and _device(array) else array
        )
    except ValueError as error:
        raise ValueError(
            f"{word}: the rows of this list have different lengths; a tensor is rectangular"
        ) from error
    if array.dtype.kind == "c":
        raise TypeError(f"{word}: BroadcastView draws real numbers; take x.real, x.imag or x.abs()")
    if array.dtype.kind not in "buif":
        raise TypeError(f"{word}: a tensor, an array, a list or a shape, not a {type(x).__name__}")
    numbers = array.astype(float).reshape(-1).tolist() if array.size <= MOST else None
    told = numbers and [v if np.isfinite(v) else str(v) for v in numbers]
    return {"name": word, "shape": list(array.shape), "values": told}


def _device(array):
    return hasattr(array, "__cuda_array_interface__")
