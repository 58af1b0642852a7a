"""StrideView: how shape, strides and offset read a tensor out of its memory."""

import sys
from pathlib import Path

import numpy as np
import traitlets

from autograd_lab.core import Tensor
from autograd_lab.device import cpu, move

from .._called import called
from .._esm import pack
from .._kept import Kept
from .._paper import clean, short
from . import picture
from .memory import memory_of

HERE = Path(__file__).parent
MOST = 256  # cells of a tensor, and of a memory, that are drawn


class StrideView(Kept):
    """Show a tensor beside its memory: which cell lies where, and what a view does to that.

    Buttons transpose, slice, reshape and expand: a view only reads the same memory in another
    way, a copy moves the numbers. The pointer (or the arrow keys) shows the sum
    ``offset + i * stride[0] + j * stride[1]``.

    >>> import autograd_lab as torch
    >>> StrideView(torch.arange(6).reshape(2, 3).t())
    StrideView: shape (3, 2), stride (1, 3), offset 0 in a memory of 6 numbers, not contiguous
    """

    _pack = pack(HERE / "index.js", HERE / "style.css")
    data = traitlets.Dict().tag(sync=True)

    def __init__(self, x=None, *, name=None):
        x = np.arange(6.0, dtype=np.float32).reshape(2, 3) if x is None else x
        word = short(clean(name or called(x, sys._getframe(1)) or "x"), 24) or "x"
        super().__init__(data=_told(_array(x), word))

    def flush(self) -> None:
        """Nothing is left to send."""

    def to_svg(self) -> str:
        """Return the picture as SVG text: complete in itself, for any page or paper."""
        return picture.draw(self.data, repr(self))

    def __repr__(self):
        return f"StrideView: {picture.summary(self.data)}"


def _array(x):
    """Take the learner's own array, with its own strides; nothing is copied."""
    if isinstance(x, Tensor):
        array = x.array
    elif isinstance(x, np.ndarray) or hasattr(x, "__cuda_array_interface__"):
        array = x
    else:
        try:
            array = np.asarray(x)
        except ValueError as error:
            raise ValueError(
                "the rows of this list have different lengths; a tensor is rectangular"
            ) from error
    array = np.asarray(array) if isinstance(array, np.generic) else array
    if array.dtype.kind not in "buifc":
        raise TypeError(
            f"StrideView shows a tensor, an array or a list of numbers, not a {type(x).__name__}"
        )
    if array.ndim > 4:
        raise ValueError(
            f"StrideView draws up to 4 axes, not {array.ndim}; look at a part: StrideView(x[0])"
        )
    return array


def _told(array, word):
    found = memory_of(array, MOST)
    data = {
        "name": word, "shape": list(array.shape), "strides": found.strides, "offset": found.offset,
        "total": found.total, "dtype": str(array.dtype), "at": found.at, "values": [],
        "of": f"{id(array)} {array.shape}",
    }  # fmt: skip
    if array.size > MOST:
        corner = ", ".join([":8"] * array.ndim)
        data["why"] = (
            f"{array.size:,} numbers are too many to draw cell by cell; look at a corner: "
            f"StrideView({word}[{corner}])"
        )
    elif array.size == 0:
        data["why"] = "this tensor has no elements: its memory is not read at all"
    else:
        values = found.numbers
        if values.dtype.kind == "c":
            values = np.abs(values)
            data["dtype"] += ", its size drawn"
        values = move(values, cpu).astype(float).tolist()
        data["values"] = [v if np.isfinite(v) else str(v) for v in values]
    return data
