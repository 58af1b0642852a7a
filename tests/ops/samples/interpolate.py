"""Samples of ops/interpolate.py: PyTorch has no such op, tests/ops/test_interpolate.py compares."""

from autograd_lab.ops.interpolate import table
from tests.ops.samples import S, f

FLOAT = {"torch": None, "only": ("float32",)}

SAMPLES = {
    "resample": [
        S(f(2, 3), [table(3, 5, "linear")], **FLOAT),
        S(f(2, 3, 4), [table(3, 2, "bicubic"), table(4, 7, "bicubic", True)], **FLOAT),
        S(f(2, 5), [table(5, 3, "area")], **FLOAT),
        S(f(1, 4), [table(4, 4, "nearest")], **FLOAT),
        S(f(1, 8), [table(8, 3, "bilinear", False, None, True)], **FLOAT),
    ],
}
