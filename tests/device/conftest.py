import pytest

from autograd_lab import roads
from tests.fake_cupy.fixture import pretend_gpu

__all__ = ["pretend_gpu"]


@pytest.fixture
def gpu(pretend_gpu, monkeypatch):
    """A pretend GPU; afterwards operations take their short roads again."""
    monkeypatch.setattr(roads, "special", False)
    return pretend_gpu
