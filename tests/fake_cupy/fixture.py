"""The fixture: ``from tests.fake_cupy.fixture import pretend_gpu`` in a conftest.py.

With ``AUTOGRAD_LAB_DEVICE=cuda`` in the environment it gives the real CuPy: on a machine with a GPU
the same tests then run there. What counts launches and waits counts nothing then.
"""

import importlib
import os

import pytest

from .installing import forget, installed

REAL = os.environ.get("AUTOGRAD_LAB_DEVICE") == "cuda"


@pytest.fixture
def pretend_gpu():
    """Have a pretend GPU behind ``import cupy`` during one test."""
    if REAL:
        forget()  # so that the test's first array on the GPU tells all who want to know
        yield importlib.import_module("cupy")
        return
    with installed() as gpu:
        yield gpu
