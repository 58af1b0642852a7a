import pytest

from autograd_lab import notice
from tests.fake_cupy.fixture import pretend_gpu

__all__ = ["pretend_gpu"]


@pytest.fixture(autouse=True)
def nothing_said_yet(monkeypatch):
    """What is said once in a process is said again in every test."""
    monkeypatch.setattr(notice, "_said", set())


@pytest.fixture
def gpu(pretend_gpu):
    """Give the pretend CuPy, and take the fast roads again afterwards."""
    from autograd_lab import roads

    before = roads.special
    yield pretend_gpu
    roads.special = before
