"""Names for kinds of arguments, to write in signatures."""

import os
from typing import IO

from .core import Size, Tensor
from .device import device

Number = int | float | bool
Device = device | str | int | None
FileLike = str | os.PathLike | IO[bytes]

_Number = (int, float, bool)
_TensorOrTensors = Tensor | tuple[Tensor, ...] | list[Tensor]
_size = Size | list[int] | tuple[int, ...]
_bool, _bytes, _complex, _float, _int, _str = bool, bytes, complex, float, int, str

__all__ = ["Device", "FileLike", "Number"]
