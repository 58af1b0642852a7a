"""Questions about the GPU, under PyTorch's names: ``torch.cuda``.

On a machine without a GPU the questions have answers too (``is_available()`` is False, memory is
0), so that a program which asks first runs unchanged.
"""

from importlib import import_module as _import_module

from ..device import device_count as device_count
from ..device import is_available as is_available
from . import amp as amp
from .devices import current_device as current_device
from .devices import device as device
from .devices import get_device_capability as get_device_capability
from .devices import get_device_name as get_device_name
from .devices import get_device_properties as get_device_properties
from .devices import init as init
from .devices import is_bf16_supported as is_bf16_supported
from .devices import is_initialized as is_initialized
from .devices import set_device as set_device
from .devices import synchronize as synchronize
from .memory import empty_cache as empty_cache
from .memory import ipc_collect as ipc_collect
from .memory import max_memory_allocated as max_memory_allocated
from .memory import max_memory_reserved as max_memory_reserved
from .memory import mem_get_info as mem_get_info
from .memory import memory_allocated as memory_allocated
from .memory import memory_reserved as memory_reserved
from .memory import memory_stats as memory_stats
from .memory import memory_summary as memory_summary
from .memory import reset_max_memory_allocated as reset_max_memory_allocated
from .memory import reset_peak_memory_stats as reset_peak_memory_stats
from .problems import OutOfMemoryError as OutOfMemoryError
from .random import get_rng_state as get_rng_state
from .random import get_rng_state_all as get_rng_state_all
from .random import initial_seed as initial_seed
from .random import manual_seed as manual_seed
from .random import manual_seed_all as manual_seed_all
from .random import seed as seed
from .random import seed_all as seed_all
from .random import set_rng_state as set_rng_state
from .random import set_rng_state_all as set_rng_state_all
from .streams import Event as Event
from .streams import Stream as Stream
from .streams import current_stream as current_stream
from .streams import default_stream as default_stream
from .streams import stream as stream
from .tensors import BoolTensor as BoolTensor
from .tensors import ByteTensor as ByteTensor
from .tensors import DoubleTensor as DoubleTensor
from .tensors import FloatTensor as FloatTensor
from .tensors import HalfTensor as HalfTensor
from .tensors import IntTensor as IntTensor
from .tensors import LongTensor as LongTensor

_LATER = (
    "CUDAGraph", "graph", "graph_pool_handle", "is_current_stream_capturing",
    "make_graphed_callables", "replayed",
)  # fmt: skip


def __getattr__(name):
    """Load what few programs need when it is asked for: captured steps."""
    if name == "_initialized":  # programs that keep the random numbers of a GPU ask for it
        return is_initialized()
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(_import_module(f"{__name__}.graphs"), name)
    return found


def __dir__():
    """Offer to TAB what is loaded later, too."""
    return sorted({*globals(), *_LATER})
