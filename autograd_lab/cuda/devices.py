"""Which GPU there is, and which one ``"cuda"`` means now."""

from dataclasses import dataclass

from ..device import cupy, current, is_available, resolve
from ..device import device as place


def place_of(device) -> place:
    """Turn what a program passes (None, a number, a name, a device) into one GPU."""
    return resolve("cuda" if device is None else place(device))


def init() -> None:
    """Find the GPU now, or say why there is none."""
    cupy()


def is_initialized() -> bool:
    """Say whether a GPU has been used in this process.

    >>> torch.cuda.is_initialized() and not torch.cuda.is_available()
    False
    """
    return cupy.cache_info().currsize > 0


def current_device() -> int:
    """Tell the number of the GPU that ``"cuda"`` means now.

    >>> torch.cuda.current_device() if torch.cuda.is_available() else 0
    0
    """
    return current()


def set_device(device) -> None:
    """Choose the GPU that ``"cuda"`` means from now on."""
    cupy().cuda.Device(place_of(device).index).use()


class device:
    """Choose the GPU that ``"cuda"`` means in a ``with`` block: ``with torch.cuda.device(1):``."""

    def __init__(self, device):
        self.index = None if device is None or device == -1 else place_of(device).index

    def __enter__(self):
        self.before = None if self.index is None else current()
        if self.index is not None:
            set_device(self.index)
        return self

    def __exit__(self, *_):
        if self.before is not None:
            set_device(self.before)


@dataclass(frozen=True)
class Properties:
    """What a GPU says about itself."""

    name: str
    major: int
    minor: int
    total_memory: int
    multi_processor_count: int
    warp_size: int
    max_threads_per_block: int


def get_device_properties(device=None) -> Properties:
    """Ask a GPU for its name, its memory in bytes, and how many processors it has."""
    told = cupy().cuda.runtime.getDeviceProperties(place_of(device).index)
    name = told["name"]
    return Properties(
        name=name.decode() if isinstance(name, bytes) else name,
        major=told["major"],
        minor=told["minor"],
        total_memory=told["totalGlobalMem"],
        multi_processor_count=told["multiProcessorCount"],
        warp_size=told["warpSize"],
        max_threads_per_block=told["maxThreadsPerBlock"],
    )


def get_device_name(device=None) -> str:
    """Name the GPU."""
    return get_device_properties(device).name


def get_device_capability(device=None) -> tuple[int, int]:
    """Tell the generation of the GPU, as NVIDIA counts: ``(9, 0)``."""
    told = get_device_properties(device)
    return told.major, told.minor


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Say no: neither NumPy nor CuPy has bfloat16 numbers.

    >>> torch.cuda.is_bf16_supported()
    False
    """
    return False


def synchronize(device=None) -> None:
    """Wait until the GPU has finished what it was given.

    >>> if torch.cuda.is_available():
    ...     torch.cuda.synchronize()
    """
    cupy().cuda.Device(place_of(device).index).synchronize()


__all__ = [
    "Properties", "current_device", "device", "get_device_capability", "get_device_name",
    "get_device_properties", "init", "is_available", "is_bf16_supported", "is_initialized",
    "place_of", "set_device", "synchronize",
]  # fmt: skip
