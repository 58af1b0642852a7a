"""The pretend GPUs: which one is current, and how to make another one current."""

from . import state
from .state import here, synchronize


class CUDARuntimeError(RuntimeError):
    """CuPy's error for what the CUDA runtime refuses."""


def check_ordinal(index: int):
    """Refuse the number of a GPU that is not there."""
    if not 0 <= index < state.DEVICES:
        raise CUDARuntimeError("cudaErrorInvalidDevice: invalid device ordinal")


class Device:
    """One GPU: ``with Device(1): ...`` makes it the current one."""

    def __init__(self, device=None):
        self.id = here.device if device is None else int(device)
        self._before = []

    def __enter__(self):
        check_ordinal(self.id)
        self._before.append(here.device)
        here.device = self.id
        return self

    def __exit__(self, *error):
        here.device = self._before.pop()

    def __int__(self):
        return self.id

    def __eq__(self, other):
        return isinstance(other, Device) and self.id == other.id

    def __hash__(self):
        return self.id

    def __repr__(self):
        return f"<CUDA Device {self.id}>"

    def use(self):
        check_ordinal(self.id)
        here.device = self.id

    def synchronize(self):
        synchronize("Device.synchronize()")

    @property
    def pci_bus_id(self) -> str:
        return f"0000:{self.id:02X}:00.0"

    @property
    def compute_capability(self) -> str:
        return "90"

    @property
    def mem_info(self) -> tuple[int, int]:
        from .memory import pool

        total = 8 << 30
        with self:
            return total - pool.total_bytes(), total
