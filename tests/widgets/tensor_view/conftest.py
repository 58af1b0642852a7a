from tests.fake_cupy.fixture import pretend_gpu

__all__ = ["pretend_gpu"]
