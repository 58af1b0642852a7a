"""DataLoader: goes through a data set in batches."""

import warnings

from .collate import default_collate, default_convert
from .dataset import IterableDataset
from .sampler import BatchSampler, RandomSampler, SequentialSampler

_told = False  # the word about num_workers is said once


def get_worker_info():
    """Tell which worker process runs this: None, there are no others.

    >>> print(torch.utils.data.get_worker_info())
    None
    """
    return None


class DataLoader:
    """Go through a data set in batches, shuffled if wanted.

    Batches are loaded where they are used: ``num_workers`` is accepted, and 0 is what happens.

    Args:
        dataset: examples by number (``__getitem__`` and ``__len__``), or an IterableDataset.
        batch_size: how many examples a batch has; None gives single examples.
        shuffle: take them in a new random order each time.
        sampler: says in which order instead.
        batch_sampler: gives lists of numbers instead, one list a batch.
        collate_fn: makes a batch of a list of examples.
        drop_last: leave out a last batch that is not full.
        generator: where the random order comes from.

    >>> data = torch.utils.data.TensorDataset(torch.arange(5))
    >>> for (x,) in torch.utils.data.DataLoader(data, batch_size=2):
    ...     print(x)
    tensor([0, 1])
    tensor([2, 3])
    tensor([4])
    """

    def __init__(
        self, dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None, num_workers=0,
        collate_fn=None, pin_memory=False, drop_last=False, timeout=0, worker_init_fn=None,
        multiprocessing_context=None, generator=None, *, prefetch_factor=None,
        persistent_workers=False, pin_memory_device="", in_order=True,
    ):  # fmt: skip
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        streams = isinstance(dataset, IterableDataset)
        _check_order(streams, batch_size, shuffle, sampler, batch_sampler, drop_last)
        self.dataset, self.num_workers, self.generator = dataset, num_workers, generator
        self.pin_memory, self.timeout, self.worker_init_fn = pin_memory, timeout, worker_init_fn
        self.drop_last, self.batch_size = drop_last, None if batch_sampler else batch_size
        if sampler is None and not streams:
            sampler = (
                RandomSampler(dataset, generator=generator) if shuffle
                else SequentialSampler(dataset)
            )  # fmt: skip
        if batch_sampler is None and batch_size is not None and not streams:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.sampler, self.batch_sampler = sampler, batch_sampler
        batched = batch_sampler is not None or batch_size is not None
        self.collate_fn = collate_fn or (default_collate if batched else default_convert)

    def __iter__(self):
        if isinstance(self.dataset, IterableDataset):
            return self._stream()
        if self.batch_sampler is None:
            return (self.collate_fn(self.dataset[i]) for i in self.sampler)
        return self._batches()

    def _batches(self):
        many = getattr(self.dataset, "__getitems__", None)
        for indices in self.batch_sampler:
            rows = many(indices) if callable(many) else [self.dataset[i] for i in indices]
            yield self.collate_fn(rows)

    def _stream(self):
        if self.batch_size is None:
            yield from map(self.collate_fn, self.dataset)
            return
        rows = []
        for example in self.dataset:
            rows.append(example)
            if len(rows) == self.batch_size:
                yield self.collate_fn(rows)
                rows = []
        if rows and not self.drop_last:
            yield self.collate_fn(rows)

    def __len__(self):
        if isinstance(self.dataset, IterableDataset):
            count = len(self.dataset)
            if self.batch_size is None:
                return count
            full, rest = divmod(count, self.batch_size)
            return full + bool(rest and not self.drop_last)
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)


def _check_workers(num_workers, timeout, prefetch_factor, persistent_workers):
    global _told
    if num_workers < 0:
        raise ValueError(
            "num_workers option should be non-negative; use num_workers=0 to disable "
            "multiprocessing."
        )
    if timeout < 0:
        raise ValueError("timeout option should be non-negative")
    if num_workers == 0 and prefetch_factor is not None:
        raise ValueError(
            "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 "
            "to enable multiprocessing, otherwise set prefetch_factor to None."
        )
    if num_workers == 0 and persistent_workers:
        raise ValueError("persistent_workers option needs num_workers > 0")
    if num_workers and not _told:
        _told = True
        warnings.warn(
            f"num_workers={num_workers}: autograd_lab loads batches in this process, as with "
            "num_workers=0, so that a run can be repeated bit for bit. (This is said once.)",
            stacklevel=3,
        )


def _check_order(streams, batch_size, shuffle, sampler, batch_sampler, drop_last):
    if streams:
        if shuffle not in (False, None):
            raise ValueError(
                "DataLoader with IterableDataset: expected unspecified shuffle option, but got "
                f"shuffle={shuffle}"
            )
        for name, given in (("sampler", sampler), ("batch_sampler", batch_sampler)):
            if given is not None:
                raise ValueError(
                    f"DataLoader with IterableDataset: expected unspecified {name} option, but got "
                    f"{name}={given}"
                )
    if sampler is not None and shuffle:
        raise ValueError("sampler option is mutually exclusive with shuffle")
    if batch_sampler is not None:
        if batch_size != 1 or shuffle or sampler is not None or drop_last:
            raise ValueError(
                "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and "
                "drop_last"
            )
    elif batch_size is None and drop_last:
        raise ValueError(
            "batch_size=None option disables auto-batching and is mutually exclusive with "
            "drop_last"
        )
