"""What a worker process of a DataLoader can know about itself."""

from typing import Any, NamedTuple


class WorkerInfo(NamedTuple):
    """Which worker this is, of how many, with which seed.

    ``dataset`` is this process's own copy: what is changed in it, the others do not see.

    >>> WorkerInfo(id=0, num_workers=2, seed=7, dataset="abc")
    WorkerInfo(id=0, num_workers=2, seed=7, dataset='abc')
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any


class Here:
    """What kind of process this is."""

    worker: WorkerInfo | None = None


def get_worker_info():
    """Tell, in a worker process of a DataLoader, which one it is; elsewhere give None.

    >>> print(torch.utils.data.get_worker_info())
    None
    """
    return Here.worker
