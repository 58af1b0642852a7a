import signal

import pytest

from tests.fake_cupy.fixture import pretend_gpu

__all__ = ["pretend_gpu"]


@pytest.fixture(autouse=True)
def interrupts_arrive():
    """A process that a shell starts in the background ignores Ctrl-C: here it must arrive."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
