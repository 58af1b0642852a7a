"""DataLoader: goes through a data set in batches."""

import os
import warnings

from .collate import default_collate, default_convert
from .dataset import IterableDataset
from .fetch import END, fetcher, orders
from .sampler import BatchSampler, RandomSampler, SequentialSampler
from .worker_info import get_worker_info as get_worker_info

FIXED = {"batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"}


class DataLoader:
    """Go through a data set in batches, shuffled if wanted.

    Use it in a loop, ``for inputs, targets in loader:``, once for each epoch; ``len(loader)`` is
    the number of batches. Shuffle what a model learns from, not what it is measured on.

    With ``num_workers=0`` batches are made where they are used. With more, as many processes make
    them ahead of time, in the same order and with the same shuffling. That pays where an example
    takes time (a file to read, an image to turn); of a TensorDataset a whole batch is taken at
    once, which is quicker than another process can hand it over.

    Args:
        dataset: examples by number (``__getitem__`` and ``__len__``), or an IterableDataset.
        batch_size: how many examples a batch has; None gives single examples.
        shuffle: take them in a new random order each time.
        sampler: says in which order instead.
        batch_sampler: gives lists of numbers instead, one list a batch.
        num_workers: how many processes load batches; 0: none but this one.
        collate_fn: makes a batch of a list of examples.
        pin_memory: accepted, for programs that set it; CuPy copies without it.
        drop_last: leave out a last batch that is not full.
        timeout: after how many seconds a worker that gives nothing is an error; 0: never.
        worker_init_fn: called in each worker with its number, before it loads anything.
        multiprocessing_context: how workers are made: "fork" (where it is safe) or "spawn".
        generator: where the random order, and the seeds of the workers, come from.
        prefetch_factor: how many batches each worker makes ahead of time; 2 unless said.
        persistent_workers: keep the processes for the next epoch.
        pin_memory_device: accepted, as pin_memory is.
        in_order: False gives whichever batch is ready first.

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
        self.pin_memory, self.pin_memory_device = pin_memory, pin_memory_device
        self.timeout, self.worker_init_fn, self.in_order = timeout, worker_init_fn, in_order
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.persistent_workers = persistent_workers
        self.multiprocessing_context = multiprocessing_context
        self.drop_last, self.batch_size = drop_last, None if batch_sampler else batch_size
        if sampler is None and not streams:
            sampler = (
                RandomSampler(dataset, generator=generator) if shuffle
                else SequentialSampler(dataset)
            )  # fmt: skip
        if batch_sampler is None and batch_size is not None and not streams:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.sampler, self.batch_sampler = sampler, batch_sampler
        self.batched = batch_sampler is not None or batch_size is not None
        self.collate_fn = collate_fn or (default_collate if self.batched else default_convert)
        self._epoch, self._crew = 0, None
        self._ready = True

    def __setattr__(self, name, value):
        if name in FIXED and vars(self).get("_ready"):
            raise ValueError(
                f"{name} attribute should not be set after {type(self).__name__} is initialized"
            )
        object.__setattr__(self, name, value)

    @property
    def multiprocessing_context(self):
        """Say how worker processes are made; None where there are none."""
        return self._context

    @multiprocessing_context.setter
    def multiprocessing_context(self, wanted):
        if wanted is not None and not self.num_workers:
            raise ValueError(
                "multiprocessing_context can only be used with multi-process loading (num_workers "
                f"> 0), but got num_workers={self.num_workers}"
            )
        self._context = None
        if self.num_workers:
            from .crew import context_of  # multiprocessing is loaded by those who use workers

            self._context = context_of(wanted)

    def __iter__(self):
        if not self.num_workers:
            return self._here()
        from .crew import Crew

        self._epoch += 1
        if self._crew is not None and self._crew.alive:
            return self._crew.again()
        crew = Crew(self, self._epoch)
        self._crew = crew if self.persistent_workers else None
        return crew

    def _here(self):
        """Make the batches in this process."""
        fetch = fetcher(self.dataset, self.collate_fn, self.batched, self.drop_last)
        for order in orders(self):
            batch = fetch(order)
            if batch is END:
                return
            yield batch

    def __len__(self):
        if isinstance(self.dataset, IterableDataset):
            count = len(self.dataset)
            if self.batch_size is None:
                return count
            full, rest = divmod(count, self.batch_size)
            return full + bool(rest and not self.drop_last)
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)


def _check_workers(num_workers, timeout, prefetch_factor, persistent_workers):
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
    if prefetch_factor is not None and prefetch_factor < 0:
        raise ValueError("prefetch_factor option should be non-negative")
    if num_workers == 0 and persistent_workers:
        raise ValueError("persistent_workers option needs num_workers > 0")
    most = _processors()
    if num_workers > most:
        warnings.warn(
            f"This DataLoader will create {num_workers} worker processes in total. Our suggested "
            f"max number of worker in current system is {most}, which is smaller than what this "
            "DataLoader is going to create. Please be aware that excessive worker creation might "
            "get DataLoader running slow or even freeze, lower the worker number to avoid "
            "potential slowness/freeze if necessary.",
            stacklevel=3,
        )


def _processors() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
