"""Where a tensor's numbers live, and which array module computes there.

A device owns its array module: ``cpu.xp`` is NumPy, ``cuda.xp`` is CuPy. This is the only file
that imports CuPy, and it does so when somebody first asks for a GPU.
"""

import contextlib
import functools
import threading

import numpy as np

HOST = frozenset({np.ndarray, *np.sctypeDict.values()})  # array types that live in main memory
NOWHERE = contextlib.nullcontext()
on_first_gpu_array = []  # called once, with CuPy, before the first array reaches a GPU


class device:
    """Name a place for tensors: ``device("cpu")``, ``device("cuda")``, ``device("cuda:1")``.

    >>> import autograd_lab as torch
    >>> torch.device("cuda:0")
    device(type='cuda', index=0)
    >>> with torch.device("cpu"):  # what is made in the block is made there
    ...     torch.ones(2).device
    device(type='cpu')
    """

    __slots__ = ("index", "type")

    def __init__(self, type, index: int | None = None):
        if isinstance(type, device):
            type, index = type.type, type.index
        elif isinstance(type, int):
            type, index = "cuda", type
        name, _, number = str(type).partition(":")
        if name not in ("cpu", "cuda", "meta", "mps", "xpu") or (number and not number.isdecimal()):
            raise RuntimeError(
                f"Expected one of cpu, cuda device type at start of device string: {type}"
            )
        if number and index is not None:
            raise RuntimeError(f"type (string) must not include an index: {type}")
        self.type = name
        self.index = int(number) if number else index

    def __repr__(self):
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __str__(self):
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other):
        if not isinstance(other, device):
            return NotImplemented
        return (self.type, self.index) == (other.type, other.index)

    def __hash__(self):
        return hash((self.type, self.index))

    def __reduce__(self):
        return device, (self.type, self.index)

    @property
    def xp(self):
        """Give the module that computes here: NumPy or CuPy."""
        return np if self.type == "cpu" else cupy()

    def __enter__(self):
        """Make new tensors here, for a ``with`` block."""
        blocks.places.append(resolve(self))
        return self

    def __exit__(self, *error):
        blocks.places.pop()

    def active(self):
        """Make this the GPU that new arrays go to, for a ``with`` block."""
        if self.type == "cpu":
            return NOWHERE
        return Active(cupy(), current() if self.index is None else self.index)


class Active:
    """Make a GPU the current one, for a ``with`` block; explain what CuPy raises there."""

    def __init__(self, module, index):
        self.cupy, self.device = module, module.cuda.Device(index)

    def __enter__(self):
        self.device.__enter__()
        return self

    def __exit__(self, kind, error, trace):
        self.device.__exit__(kind, error, trace)
        if error is not None:
            raise_explained(error, self.cupy)


def raise_explained(error, module=None) -> None:
    """Raise an error of CuPy's in words that say what to do, if it is one that we know."""
    from .cuda.problems import explained, is_ours

    if is_ours(error):
        raise explained(error, module or cupy()) from None


cpu = device("cpu")
default = cpu  # where new tensors are made, unless a call says otherwise


class _Blocks(threading.local):
    """The ``with device`` blocks that this thread is in."""

    def __init__(self):
        self.places = []


blocks = _Blocks()


@functools.cache
def cuda(index: int) -> device:
    """Give the GPU with this number."""
    return device("cuda", index)


def several_gpus() -> bool:
    """Say whether arrays may lie on more than one GPU, so that the right one must be chosen."""
    return cupy.cache_info().currsize > 0 and device_count() > 1


@functools.cache
def cupy():
    """Import CuPy, or explain in PyTorch's words that there is no GPU, and how to get one."""
    module = None
    try:
        import cupy as module  # the only import of CuPy in the project

        count = module.cuda.runtime.getDeviceCount()
    except Exception as error:
        from .cuda.problems import no_gpu

        raise no_gpu(error, module) from None
    if not count:
        from .cuda.problems import no_devices

        raise no_devices()
    for listener in on_first_gpu_array:
        listener(module)
    return module


def is_available() -> bool:
    """Say whether a GPU can be used."""
    try:
        return bool(cupy())
    except RuntimeError:
        return False


def device_count() -> int:
    """Count the GPUs."""
    return cupy().cuda.runtime.getDeviceCount() if is_available() else 0


def current() -> int:
    """Tell which GPU ``"cuda"`` means now."""
    return cupy().cuda.runtime.getDevice()


def device_of(array) -> device:
    """Tell where an array lives."""
    return cpu if type(array) in HOST else cuda(array.device.id)


def beside(array):
    """Make the GPU that an array lies on the current one, for a ``with`` block that writes to it.

    >>> with beside(np.ones(2)):  # nothing to do for main memory
    ...     pass
    """
    return NOWHERE if type(array) in HOST else device_of(array).active()


def on_host(x) -> bool:
    """Say whether an array lies in main memory, or whether an array module computes there.

    >>> on_host(np.ones(2)), on_host(np)
    (True, True)
    """
    return x is np or type(x) in HOST


def resolve(place) -> device:
    """Turn what a user passes (None, a string, a number, a device) into a device."""
    if place is None:
        return default_device()
    place = place if isinstance(place, device) else device(place)
    if place.type == "cpu":
        return cpu
    if place.type != "cuda":
        raise RuntimeError(f"autograd_lab has no {place.type} device: use cpu or cuda")
    cupy()
    index = current() if place.index is None else place.index
    if not 0 <= index < device_count():
        raise RuntimeError(
            f"CUDA error: invalid device ordinal: cuda:{index} of {device_count()} devices"
        )
    return cuda(index)


def default_device() -> device:
    """Tell where new tensors are made."""
    return blocks.places[-1] if blocks.places else default


def set_default(place) -> None:
    """Set where new tensors are made; None means the processor."""
    global default
    default = cpu if place is None else resolve(place)


def move(array, to: device):
    """Copy an array to a device (the same array if it is there already)."""
    if device_of(array) == to:
        return array
    if to.type == "cpu":
        return array.get()
    with to.active():
        return cupy().asarray(array)


def memory(array):
    """Give the object that stands for an array's memory: shared by all views of it."""
    if type(array) in HOST:
        while getattr(array, "base", None) is not None:
            array = array.base
        return array
    return array if array.base is None else array.base
