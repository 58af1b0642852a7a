"""The older import path of mixed precision: ``torch.cuda.amp``."""

from .. import amp
from ..amp import custom_bwd, custom_fwd


class autocast(amp.autocast):
    """Mark code that may compute in lower precision: see ``torch.amp.autocast``."""

    def __init__(self, enabled=True, dtype=None, cache_enabled=True):
        super().__init__("cuda", dtype, enabled, cache_enabled)


class GradScaler(amp.GradScaler):
    """Scale the loss up, and the gradients down again: see ``torch.amp.GradScaler``."""

    def __init__(
        self, init_scale=2.0**16, growth_factor=2.0, backoff_factor=0.5, growth_interval=2000,
        enabled=True,
    ):  # fmt: skip
        super().__init__(
            "cuda", init_scale, growth_factor, backoff_factor, growth_interval, enabled
        )


__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd"]
