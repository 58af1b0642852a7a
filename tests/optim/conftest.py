"""PyTorch's threads, which wait for each other, are slow on a busy machine: one is enough here."""

import pytest
import torch

from tests.fake_cupy.fixture import pretend_gpu

__all__ = ["one_thread", "pretend_gpu"]


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
