"""DistributedSampler: each process of a distributed run takes its own part of the examples."""

import math

from ...random import Generator, randperm
from .sampler import Sampler


class DistributedSampler(Sampler):
    """Take every n-th example, beginning with this process's number.

    All processes shuffle in the same way; ``set_epoch`` gives each epoch an order of its own.

    Args:
        dataset: what has a length.
        num_replicas: how many processes there are; the distributed run knows if None.
        rank: which one this is; the distributed run knows if None.
        shuffle: take them in random order.
        seed: of the order, the same in all processes.
        drop_last: leave out what does not divide evenly, instead of repeating some examples.

    >>> Part = torch.utils.data.DistributedSampler
    >>> [list(Part(range(5), num_replicas=2, rank=r, shuffle=False)) for r in (0, 1)]
    [[0, 2, 4], [1, 3, 0]]
    """

    def __init__(
        self, dataset, num_replicas=None, rank=None, shuffle=True, seed=0, drop_last=False
    ):
        num_replicas = _run().get_world_size() if num_replicas is None else num_replicas
        rank = _run().get_rank() if rank is None else rank
        if not 0 <= rank < num_replicas:
            raise ValueError(
                f"Invalid rank {rank}, rank should be in the interval [0, {num_replicas - 1}]"
            )
        self.dataset, self.num_replicas, self.rank = dataset, num_replicas, rank
        self.shuffle, self.seed, self.drop_last, self.epoch = shuffle, seed, drop_last, 0
        each = len(dataset) / num_replicas
        self.num_samples = math.floor(each) if drop_last else math.ceil(each)
        self.total_size = self.num_samples * num_replicas

    def __iter__(self):
        count = len(self.dataset)
        places = list(range(count))
        if self.shuffle:
            generator = Generator().manual_seed(self.seed + self.epoch)
            places = randperm(count, generator=generator).tolist()
        if places:
            places *= math.ceil(self.total_size / count)  # the first ones again, to divide evenly
        return iter(places[self.rank : self.total_size : self.num_replicas])

    def __len__(self):
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch begins, so that its order differs from the last one's."""
        self.epoch = epoch


def _run():
    """Give the distributed run that this process takes part in."""
    from ... import distributed  # few programs need it

    if not distributed.is_initialized():
        raise ValueError(
            "Default process group has not been initialized, please make sure to call "
            "init_process_group. Or tell num_replicas and rank"
        )
    return distributed
