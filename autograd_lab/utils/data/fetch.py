"""From the numbers of some examples to one batch: the same steps here and in a worker process."""

import itertools

from .collate import default_collate
from .dataset import IterableDataset, Rows, takes_many

END = object()  # what is fetched from a stream that has no more


class ByNumber:
    """Make batches of a data set that has its examples by number.

    >>> ByNumber(["a", "b", "c"], default_collate, batched=True)([2, 0])
    ['c', 'a']
    """

    def __init__(self, dataset, collate, batched):
        self.dataset, self.collate, self.batched = dataset, collate, batched
        self.many = takes_many(dataset)

    def __call__(self, indices):
        """Give the batch of these examples (the example of this number, where none is made)."""
        if not self.batched:
            return self.collate(self.dataset[indices])
        if not self.many:
            return self.collate([self.dataset[i] for i in indices])
        rows = self.dataset.__getitems__(indices)
        if type(rows) is Rows and self.collate is not default_collate:
            rows = list(rows)  # one's own collate_fn gets a list of examples, as in PyTorch
        return self.collate(rows)


class InOrder:
    """Make batches of a stream, which gives its examples one after the other.

    >>> fetch = InOrder(iter([1, 2, 3]), list, batched=True, drop_last=False)
    >>> fetch(2), fetch(2)
    ([1, 2], [3])
    """

    def __init__(self, dataset, collate, batched, drop_last):
        self.examples = iter(dataset)
        self.collate, self.batched, self.drop_last = collate, batched, drop_last

    def __call__(self, count):
        """Give the batch of the next ``count`` examples, or END."""
        if not self.batched:
            example = next(self.examples, END)
            return END if example is END else self.collate(example)
        rows = list(itertools.islice(self.examples, count))
        too_few = not rows or (self.drop_last and len(rows) < count)
        return END if too_few else self.collate(rows)


def fetcher(dataset, collate, batched, drop_last):
    """Give what makes batches of a data set of either kind."""
    if isinstance(dataset, IterableDataset):
        return InOrder(dataset, collate, batched, drop_last)
    return ByNumber(dataset, collate, batched)


def orders(loader):
    """List what batches to make: numbers of examples, or how many of a stream."""
    if isinstance(loader.dataset, IterableDataset):
        return itertools.repeat(loader.batch_size)
    return iter(loader.sampler if loader.batch_sampler is None else loader.batch_sampler)
