"""``cupy.lib.stride_tricks``: views with strides of one's own."""

from ..namespace import on_demand

__getattr__ = on_demand("lib.stride_tricks", __name__)
