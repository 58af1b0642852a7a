"""Sentences of several lengths in one batch."""

import numpy as np

from ..core import wrap


def collate_padded(batch, padding=(0, -100)):
    """Fill sentences up to the longest one: a ``collate_fn`` for ``DataLoader``.

    Each example is a tuple of lists of numbers, such as (words, tags). Gives one tensor
    (batch, longest) for each of them, filled up with its own ``padding``, and the lengths. -100 is
    what ``cross_entropy`` leaves out.

    >>> words, tags, lengths = collate_padded([([4, 7, 2], [1, 0, 1]), ([5], [2])])
    >>> words
    tensor([[4, 7, 2],
            [5, 0, 0]])
    >>> tags
    tensor([[   1,    0,    1],
            [   2, -100, -100]])
    >>> lengths
    tensor([3, 1])
    """
    lengths = np.array([len(example[0]) for example in batch])
    padded = []
    for column, value in zip(zip(*batch), padding, strict=True):
        rows = np.full((len(batch), lengths.max()), value, np.int64)
        for row, numbers in zip(rows, column):
            row[: len(numbers)] = numbers
        padded.append(wrap(rows))
    return *padded, wrap(lengths)
