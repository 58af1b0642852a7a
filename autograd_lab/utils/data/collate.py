"""From a list of examples to one batch."""

from collections.abc import Mapping, Sequence

import numpy as np

from ... import ops
from ...core import Tensor
from ...creation import as_tensor, tensor
from ...dtypes import float64
from .dataset import Rows


def default_collate(batch):
    """Stack examples: tensors, arrays and numbers become tensors, dicts and tuples keep their form.

    >>> default_collate([(0, 1.5), (1, 2.5)])
    [tensor([0, 1]), tensor([1.5000, 2.5000], dtype=torch.float64)]
    """
    if type(batch) is Rows:
        return batch.tensors
    first = batch[0]
    if isinstance(first, Tensor):
        return ops.stack(list(batch), 0)
    if isinstance(first, np.ndarray | np.generic):
        if np.asarray(first).dtype.kind not in "biufc":
            raise TypeError(_unknown(f"array of {first.dtype}"))
        return ops.stack([as_tensor(each) for each in batch], 0)
    if isinstance(first, float):
        return tensor(batch, dtype=float64)
    if isinstance(first, int):
        return tensor(batch)
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        return _rebuilt(first, {key: default_collate([b[key] for b in batch]) for key in first})
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(default_collate(column) for column in zip(*batch)))
    if isinstance(first, Sequence):
        if any(len(each) != len(first) for each in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        columns = [default_collate(column) for column in zip(*batch)]
        return columns if isinstance(first, tuple) else _rebuilt(first, columns)
    raise TypeError(_unknown(type(first)))


def _rebuilt(like, values):
    """Give a collection of the same type, or a plain one where the type does not allow it."""
    try:
        return type(like)(values)
    except TypeError:
        return values


def _unknown(found):
    return (
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; "
        f"found {found}. Return one of these from the dataset's __getitem__, or give the "
        "DataLoader a collate_fn"
    )


def default_convert(data):
    """Turn NumPy arrays into tensors, leave the rest: what a loader without batches does.

    >>> default_convert(np.array([0, 1]))
    tensor([0, 1])
    """
    if isinstance(data, np.ndarray | np.generic) and np.asarray(data).dtype.kind in "biufc":
        return as_tensor(data)
    if isinstance(data, Mapping):
        return _rebuilt(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(value) for value in data))
    if isinstance(data, tuple):
        return [default_convert(value) for value in data]
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return _rebuilt(data, [default_convert(value) for value in data])
    return data
