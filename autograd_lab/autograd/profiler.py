"""The older import path of the profiler: ``torch.autograd.profiler``."""

from .. import profiler
from ..profiler import record_function


class profile(profiler.profile):
    """Measure a ``with`` block: see ``torch.profiler.profile``."""

    def __init__(self, enabled=True, **settings):
        super().__init__(**settings)
        self.enabled = enabled

    def start(self) -> None:
        """Begin to measure."""
        if self.enabled:
            super().start()


__all__ = ["profile", "record_function"]
