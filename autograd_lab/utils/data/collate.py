"""From a list of examples to one batch."""

import copy
from collections.abc import Mapping, MutableMapping, Sequence

import numpy as np

from ... import ops
from ...core import Tensor, wrap
from ...creation import as_tensor, tensor
from ...device import HOST
from ...dtypes import float64
from .dataset import Rows


def default_collate(batch):
    """Stack examples: tensors, arrays and numbers become tensors, in the form that examples have.

    Examples that are dicts make a dict of stacks, named tuples a named tuple; plain tuples make a
    list, as in PyTorch, and texts are listed as they are.

    >>> default_collate([(0, 1.5), (1, 2.5)])
    [tensor([0, 1]), tensor([1.5000, 2.5000], dtype=torch.float64)]
    >>> default_collate([{"x": 0, "name": "a"}, {"x": 1, "name": "b"}])
    {'x': tensor([0, 1]), 'name': ['a', 'b']}
    """
    if type(batch) is Rows:
        return batch.tensors
    first = batch[0]
    if isinstance(first, Tensor):
        return _stacked(batch)
    if isinstance(first, np.ndarray | np.generic):
        if np.asarray(first).dtype.kind not in "biufc":
            raise TypeError(_unknown(first.dtype))
        return _stacked([as_tensor(each) for each in batch])
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


def _stacked(examples):
    """Stack tensors: at once where NumPy can, which is where nobody asks for gradients."""
    arrays = [each.array for each in examples]
    plain = {each.node for each in examples} == {None} and HOST.issuperset(map(type, arrays))
    if len({array.shape for array in arrays}) > 1:
        raise RuntimeError(_sizes_differ(arrays))
    if plain and len({array.dtype for array in arrays}) == 1:
        return wrap(np.array(arrays))
    return ops.stack(list(examples), 0)


def _sizes_differ(arrays):
    first = arrays[0].shape
    place = next(i for i, array in enumerate(arrays) if array.shape != first)
    return (
        f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 and "
        f"{list(arrays[place].shape)} at entry {place}. The examples of a batch need one shape: "
        "make them equal in the dataset, or pad them in a collate_fn "
        "(torch.nn.utils.rnn.pad_sequence)"
    )


def _rebuilt(like, values):
    """Give a collection of the same type, or a plain one where the type does not allow it."""
    try:
        if isinstance(like, MutableMapping):  # a copy: a defaultdict keeps its default
            twin = copy.copy(like)
            twin.update(values)
            return twin
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
