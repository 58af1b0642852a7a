"""The fixture: ``from tests.fake_cupy.fixture import pretend_gpu`` in a conftest.py."""

import pytest

from .installing import installed


@pytest.fixture
def pretend_gpu():
    """Have a pretend GPU behind ``import cupy`` during one test."""
    with installed() as gpu:
        yield gpu
