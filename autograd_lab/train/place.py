"""The place in the data at which a run is: which epoch, which batch."""

import itertools

from ..utils.data import DataLoader, IterableDataset
from ..utils.data.fetch import fetcher, orders

END = object()  # what comes after the last batch


class Place:
    """Go through a loader, epoch after epoch, and come back to any place in it.

    The order of an epoch is made again from the state that the generators had at its start; it need
    not be stored.

    >>> from autograd_lab.train.chance import Chance
    >>> loader = torch.utils.data.DataLoader(range(6), 2, shuffle=True)
    >>> place = Place(loader, Chance(loader))
    >>> place.begin_epoch(0)
    >>> batches = list(place.batches)
    >>> place.put_back(0, 0, place.start, 1)
    >>> torch.equal(next(place.batches), batches[1])
    True
    """

    def __init__(self, loader, chance):
        self.loader, self.chance = loader, chance
        self.epoch, self.first = 0, 0  # of the epoch: its number here, the step it began with
        self.start, self.batches = None, iter(())

    @property
    def length(self) -> int | None:
        """Count the batches of an epoch, if that is known."""
        try:
            return len(self.loader)
        except TypeError:  # a stream: nobody knows
            return None

    @property
    def one_way(self) -> bool:
        """Say whether the loader can be gone through only once."""
        return iter(self.loader) is self.loader if hasattr(self.loader, "__next__") else False

    def begin_epoch(self, step: int) -> None:
        """Start at the first batch."""
        self.start, self.first = self.chance.states(), step
        self.batches = iter(self.loader)

    def put_back(self, epoch: int, first: int, start, step: int | None = None) -> None:
        """Go to an epoch that began with the step ``first``, in the state ``start``.

        There the batch of ``step`` comes next. The generators are left as they are after it: they
        have to be put back, too.
        """
        step = first if step is None else step
        self.epoch, self.first, self.start = epoch, first, start
        self.chance.put_back(start)
        self.batches = _after(self.loader, step - first)


def _after(loader, count):
    """Go through a loader from its batch ``count`` on; if possible, no batch before is made."""
    plain = type(loader) is DataLoader and not loader.num_workers
    if plain and not isinstance(loader.dataset, IterableDataset):
        make = fetcher(loader.dataset, loader.collate_fn, loader.batched, loader.drop_last)
        wanted = orders(loader)
        _skip(wanted, count)
        return map(make, wanted)
    batches = iter(loader)
    _skip(batches, count)
    return batches


def _skip(things, count):
    for _ in itertools.islice(things, count):
        pass
