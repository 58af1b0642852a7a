"""Put the pretend GPU where the project looks for CuPy, and take it away again."""

import contextlib
import importlib
import sys

from . import state
from .memory import pool

PARTS = (
    "", ".cuda", ".cuda.runtime", ".random", ".linalg", ".fft", ".lib", ".lib.stride_tricks",
)  # fmt: skip


def forget():
    """Make the project look for CuPy again, and start from the first GPU with clean counters."""
    device = sys.modules.get("autograd_lab.device")
    if device is not None:
        device.cupy.cache_clear()
    state.here.device = 0
    pool.set_limit()
    state.stats.reset()


def install():
    """Make ``import cupy`` give the pretend GPU; call what is returned to undo it."""
    modules = {f"cupy{part}": importlib.import_module(__package__ + part) for part in PARTS}
    modules["cupyx"] = importlib.import_module(f"{__package__}.cupyx")
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    forget()

    def undo():
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
        forget()

    return undo


@contextlib.contextmanager
def installed():
    """Have a pretend GPU inside the block: ``with installed() as gpu: ...``."""
    undo = install()
    try:
        yield sys.modules["cupy"]
    finally:
        undo()
