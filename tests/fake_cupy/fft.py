"""``cupy.fft``: cuFFT may be captured, so nothing is special here."""

from .namespace import on_demand

__getattr__ = on_demand("fft", __name__)
