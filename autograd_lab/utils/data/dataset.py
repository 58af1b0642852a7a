"""Data sets: what has examples by number, or gives them one after the other."""

import bisect
import itertools
import math
import warnings
from collections.abc import Sequence

import numpy as np

from ...core import Tensor, wrap
from ...random import randperm


class Dataset:
    """Examples by number: a subclass defines ``__getitem__`` and ``__len__``.

    >>> class Squares(torch.utils.data.Dataset):
    ...     def __len__(self):
    ...         return 10
    ...     def __getitem__(self, i):
    ...         return i, i * i
    >>> Squares()[3]
    (3, 9)
    """

    def __class_getitem__(cls, kind):
        return cls  # Dataset[int] in annotations

    def __getitem__(self, index):
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other):
        return ConcatDataset([self, other])


class IterableDataset(Dataset):
    """Examples one after the other: a subclass defines ``__iter__``.

    >>> class Countdown(torch.utils.data.IterableDataset):
    ...     def __iter__(self):
    ...         return iter([3, 2, 1])
    >>> list(torch.utils.data.DataLoader(Countdown(), batch_size=2))
    [tensor([3, 2]), tensor([1])]
    """

    def __iter__(self):
        raise NotImplementedError("Subclasses of IterableDataset should implement __iter__.")

    def __add__(self, other):
        return ChainDataset([self, other])


class ChainDataset(IterableDataset):
    """Several streams, one behind the other.

    >>> class Letters(torch.utils.data.IterableDataset):
    ...     def __iter__(self):
    ...         return iter("ab")
    >>> list(torch.utils.data.ChainDataset([Letters(), Letters()]))
    ['a', 'b', 'a', 'b']
    """

    def __init__(self, datasets):
        self.datasets = datasets

    def __iter__(self):
        for stream in self.datasets:
            _check_stream(stream)
            yield from stream

    def __len__(self):
        for stream in self.datasets:
            _check_stream(stream)
        return sum(map(len, self.datasets))


def _check_stream(dataset):
    if not isinstance(dataset, IterableDataset):
        raise AssertionError("ChainDataset only supports IterableDataset")


def takes_many(dataset) -> bool:
    """Say whether a data set gives many examples at once by ``__getitems__``.

    A subclass that says anew what one example is has thereby changed what many are.

    >>> takes_many(TensorDataset()), takes_many([1, 2])
    (True, False)
    """
    for kind in type(dataset).__mro__:
        if "__getitems__" in vars(kind):
            return True
        if "__getitem__" in vars(kind):
            return False
    return False


class Rows(Sequence):
    """Some rows of several tensors, taken all at once; read one by one they are examples."""

    def __init__(self, tensors):
        self.tensors = tensors

    def __len__(self):
        return len(self.tensors[0])

    def __getitem__(self, index):
        return tuple(tensor[index] for tensor in self.tensors)


class TensorDataset(Dataset):
    """Examples that are rows of tensors.

    >>> data = torch.utils.data.TensorDataset(torch.ones(4, 2), torch.arange(4))
    >>> len(data), data[3]
    (4, (tensor([1., 1.]), tensor(3)))
    """

    def __init__(self, *tensors: Tensor):
        if any(len(tensor) != len(tensors[0]) for tensor in tensors):
            sizes = ", ".join(str(len(tensor)) for tensor in tensors)
            raise AssertionError(f"Size mismatch between tensors. Their lengths are {sizes}")
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(tensor[index] for tensor in self.tensors)

    def __getitems__(self, indices):
        """Take many rows at once: what makes a batch cheap."""
        places = np.asarray(indices)
        return Rows([_rows(tensor, places) for tensor in self.tensors])

    def __len__(self):
        return len(self.tensors[0])


def _rows(tensor, places):
    """Take rows of a tensor; of plain numbers by NumPy, which needs no node of the graph."""
    if tensor.node is None and type(tensor.array) is np.ndarray and places.dtype.kind == "i":
        return wrap(tensor.array.take(places, 0))
    return tensor[places.tolist()]


class StackDataset(Dataset):
    """Examples put together from several data sets, as tuples or, by keyword, as dicts.

    >>> torch.utils.data.StackDataset(image=["cat.png", "dog.png"], label=[0, 1])[1]
    {'image': 'dog.png', 'label': 1}
    """

    def __init__(self, *args, **kwargs):
        if args and kwargs:
            raise ValueError(
                "Supported either ``tuple``- (via ``args``) or``dict``- (via ``kwargs``) like "
                "input/output, but both types are given."
            )
        self.datasets = kwargs or args
        parts = list(kwargs.values() if kwargs else args)
        if not parts:
            raise ValueError("At least one dataset should be passed")
        if any(len(part) != len(parts[0]) for part in parts):
            raise ValueError("Size mismatch between datasets")
        self._length = len(parts[0])

    def __getitem__(self, index):
        if isinstance(self.datasets, dict):
            return {name: part[index] for name, part in self.datasets.items()}
        return tuple(part[index] for part in self.datasets)

    def __getitems__(self, indices):
        """Take many examples at once, from each data set that can."""
        named = isinstance(self.datasets, dict)
        datasets = self.datasets.values() if named else self.datasets
        rows = zip(*(_many(dataset, indices) for dataset in datasets))
        return [dict(zip(self.datasets, row)) for row in rows] if named else list(rows)

    def __len__(self):
        return self._length


def _many(dataset, indices):
    """Take examples of any data set: at once where it can."""
    if takes_many(dataset):
        return dataset.__getitems__(indices)
    return [dataset[i] for i in indices]


class ConcatDataset(Dataset):
    """Several data sets, one behind the other.

    >>> data = torch.utils.data.ConcatDataset(["ab", "cde"])
    >>> len(data), data[2]
    (5, 'c')
    """

    def __init__(self, datasets):
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("datasets should not be an empty iterable")
        if any(isinstance(part, IterableDataset) for part in self.datasets):
            raise AssertionError("ConcatDataset does not support IterableDataset")
        self.cumulative_sizes = list(itertools.accumulate(map(len, self.datasets)))

    def __len__(self):
        return self.cumulative_sizes[-1]

    def __getitem__(self, index):
        if index < 0:
            if -index > len(self):
                raise ValueError("absolute value of index should not exceed dataset length")
            index += len(self)
        part = bisect.bisect_right(self.cumulative_sizes, index)
        before = self.cumulative_sizes[part - 1] if part else 0
        return self.datasets[part][index - before]


class Subset(Dataset):
    """Some examples of a data set, by their numbers.

    >>> torch.utils.data.Subset(["a", "b", "c"], [2, 0])[0]
    'c'
    """

    def __init__(self, dataset, indices):
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index):
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices):
        """Take many examples at once, if the data set can."""
        return _many(self.dataset, [self.indices[i] for i in indices])

    def __len__(self):
        return len(self.indices)


def random_split(dataset, lengths, generator=None):
    """Split a data set at random into parts, as one to train with and one to test.

    Args:
        dataset: what has a length and gives examples by number; nothing of it is copied.
        lengths: how many examples each part gets, together as many as there are; or fractions that
            add up to 1.
        generator: where the random order comes from: with a seed of its own, the split is the same
            in every run.

    Gives a list of Subsets, which have no example in common.

    >>> seeded = torch.Generator().manual_seed(0)
    >>> train, test = torch.utils.data.random_split(range(10), [0.8, 0.2], generator=seeded)
    >>> len(train), len(test)
    (8, 2)
    >>> sorted([*train, *test]) == list(range(10))
    True
    """
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        lengths = _from_fractions(lengths, len(dataset))
    if sum(lengths) != len(dataset):
        raise ValueError(
            "Sum of input lengths does not equal the length of the input dataset! "
            f"{list(lengths)} add up to {sum(lengths)}, the dataset has {len(dataset)}"
        )
    places = randperm(sum(lengths), generator=generator).tolist()
    ends = list(itertools.accumulate(lengths))
    return [Subset(dataset, places[end - n : end]) for end, n in zip(ends, lengths)]


def _from_fractions(fractions, total):
    """Turn fractions into whole numbers; what is left over is dealt out from the first on."""
    for i, fraction in enumerate(fractions):
        if not 0 <= fraction <= 1:
            raise ValueError(f"Fraction at index {i} is not between 0 and 1")
    lengths = [math.floor(total * fraction) for fraction in fractions]
    for i in range(total - sum(lengths)):
        lengths[i % len(lengths)] += 1
    for i, length in enumerate(lengths):
        if length == 0:
            warnings.warn(
                f"Length of split at index {i} is 0. This might result in an empty dataset.",
                stacklevel=3,
            )
    return lengths
