import sys

import pytest

from tests.fake_cupy.fixture import pretend_gpu

__all__ = ["pretend_gpu"]


@pytest.fixture(autouse=True)
def pytorch_checks():
    """PyTorch stops checking its distributions' arguments once anything was compiled."""
    if "torch.distributions" in sys.modules:
        sys.modules["torch.distributions"].Distribution.set_default_validate_args(True)
