"""The safetensors form: a flat dict of tensors and nothing else."""

import json
from collections import OrderedDict

import numpy as np
import safetensors
from safetensors import numpy as of_numpy

from ..core import Tensor
from .problem import LoadError
from .storage import NAMES, Numbers, Storage, view

KINDS = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64",
    "I32": "int32", "I16": "int16", "I8": "int8", "U8": "uint8", "BOOL": "bool", "C64": "complex64",
    "C128": "complex128",
}  # fmt: skip
ALIGNMENT = 8  # a tensor is used where it lies in the file if it begins at a multiple of this
assert set(KINDS.values()) == set(NAMES.values())


class FlatDict(OrderedDict):
    """A state_dict with a word about it: ``metadata``, text by name, which is saved with it.

    >>> state = FlatDict(w=torch.ones(2))
    >>> state.metadata = {"trained on": "digits"}
    >>> torch.save(state, "w.safetensors")
    >>> torch.load("w.safetensors").metadata
    {'trained on': 'digits'}
    """

    metadata: dict[str, str] = {}


def packed_flat(state) -> bytes:
    """Make the bytes of a safetensors file of a flat dict of tensors."""
    if not isinstance(state, dict) or not all(isinstance(key, str) for key in state):
        raise TypeError(
            "a .safetensors file holds a flat dict of tensors by name, such as model.state_dict(); "
            "save other things to a .pth file"
        )
    for name, tensor in state.items():
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"a .safetensors file holds tensors only, but {name!r} is a "
                f"{type(tensor).__name__}: save it to a .pth file"
            )
    arrays = {name: _in_order(tensor) for name, tensor in state.items()}
    metadata = getattr(state, "metadata", {})
    return of_numpy.save(arrays, metadata={str(k): str(v) for k, v in metadata.items()})


def _in_order(tensor):
    """Give an array in reading order: of another one, safetensors would write wrong numbers."""
    return np.array(tensor.detach().cpu().array, order="C")


def read_flat(file, places, path=None) -> FlatDict:
    """Read an open safetensors file; with its path, the numbers stay in the file until used."""
    try:
        raw = _mapped(path) if path else _checked(file.read())
    except Exception as error:
        raise LoadError(f"it is no sound safetensors file ({error})") from None
    start = 8 + int.from_bytes(raw[:8].tobytes(), "little")
    header = json.loads(raw[8:start].tobytes())
    state = FlatDict()
    state.metadata = header.pop("__metadata__", {})
    for name, about in sorted(header.items(), key=lambda each: each[1]["data_offsets"]):
        first, last = about["data_offsets"]
        part = raw[start + first : start + last]
        aligned = path and part.ctypes.data % ALIGNMENT == 0
        state[name] = _tensor(name, about, part if aligned else part.copy(), places)
    return state


def _checked(raw):
    """Look at the bytes of a file that is sound: the header says where which numbers lie."""
    safetensors.deserialize(raw)
    return np.frombuffer(raw, np.uint8)


def _mapped(path):
    """Look at a sound file without reading it: what is written to it stays in memory."""
    with safetensors.safe_open(path, framework="np"):
        return np.memmap(path, np.uint8, "c").view(np.ndarray)


def _tensor(name, about, part, places):
    kind = KINDS.get(about["dtype"])
    if kind is None:
        raise LoadError(f"tensor {name!r} has {about['dtype']} numbers, which NumPy does not have")
    shape = tuple(about["shape"])
    steps = [int(np.prod(shape[i + 1 :])) for i in range(len(shape))]
    return view(Numbers(places(Storage(part), "cpu"), kind), 0, shape, steps)
