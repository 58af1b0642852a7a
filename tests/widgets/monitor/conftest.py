import pytest

from tests.widgets.convolution_view.run_node import runner


@pytest.fixture(scope="session")
def node(tmp_path_factory):
    return runner(tmp_path_factory.mktemp("javascript"), "monitor")
