"""``cupy.cuda.runtime``: the few calls that ask about devices."""

from .. import state
from ..devices import CUDARuntimeError, Device, check_ordinal
from ..state import here, synchronize
from ..surface import describe

is_hip = False
streamCaptureModeRelaxed = 2


def getDeviceCount() -> int:
    return state.DEVICES


def getDevice() -> int:
    return here.device


def setDevice(device: int):
    Device(device).use()


def deviceSynchronize():
    synchronize("deviceSynchronize()")


def getDeviceProperties(device: int) -> dict:
    check_ordinal(device)
    return {
        "name": b"Pretend GPU (NumPy)",
        "totalGlobalMem": 8 << 30,
        "major": 9,
        "minor": 0,
        "multiProcessorCount": 1,
        "warpSize": 32,
        "maxThreadsPerBlock": 1024,
    }


def memGetInfo() -> tuple[int, int]:
    return Device().mem_info


def runtimeGetVersion() -> int:
    return 13000


def driverGetVersion() -> int:
    return 13000


def __getattr__(name):
    describe("cuda.runtime", name)
    raise AttributeError(f"the pretend GPU has no cupy.cuda.runtime.{name}")


__all__ = ["CUDARuntimeError"]
