"""One model on several devices, or in several processes."""

from ...missing import explaining as _explaining
from .data_parallel import DataParallel as DataParallel
from .data_parallel import data_parallel as data_parallel
from .data_parallel import parallel_apply as parallel_apply
from .replicate import replicate as replicate
from .scatter_gather import gather as gather
from .scatter_gather import scatter as scatter

_explain = _explaining(__name__)


def __getattr__(name):
    if name != "DistributedDataParallel":
        _explain(name)
    from .distributed import DistributedDataParallel  # with all that processes need

    globals()[name] = DistributedDataParallel
    return DistributedDataParallel


def __dir__():
    return sorted({*globals(), "DistributedDataParallel"})
