import pytest

from tests.fake_cupy.fixture import pretend_gpu
from tests.widgets.convolution_view.run_node import runner

__all__ = ["node", "pretend_gpu"]


@pytest.fixture(scope="session")
def node(tmp_path_factory):
    return runner(tmp_path_factory.mktemp("javascript"), "tensor_view")
