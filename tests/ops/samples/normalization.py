"""Samples of ops/normalization.py."""

import torch.nn.functional as F

from tests.ops.refusals import R, answered
from tests.ops.samples import S, bare, f, i


def batch_norm(input, mean, var, weight=None, bias=None, *settings):
    """Call PyTorch's, the running numbers in the input's dtype."""
    mean, var = (r if r is None else r.to(input.dtype) for r in (mean, var))
    return F.batch_norm(input, mean, var, weight, bias, *settings)


def running(channels):
    """Make a mean and a variance to normalize by."""
    return bare(f(channels)), bare(f(channels, low=0.5))


FLOAT = {"only": ("float32",)}
GROUP = {"torch": "nn.functional.group_norm", **FLOAT}
BATCH, LAYER = {"torch": batch_norm, **FLOAT}, {"torch": "nn.functional.layer_norm", **FLOAT}
TABLE = {
    "batch_norm": [
        S(f(4, 3), None, None, None, None, True, **BATCH),
        S(f(4, 3), None, None, f(3), f(3), True, **BATCH),
        S(f(2, 3, 2, 2), *running(3), f(3), f(3), True, 0.1, 0.1, **BATCH),
        S(f(2, 3, 4), None, None, f(3), None, True, **BATCH),
        S(f(2, 3, 4), None, None, None, f(3), True, **BATCH),
        S(f(4, 3), *running(3), f(3), f(3), **BATCH),
        S(f(2, 3, 4), *running(3), None, None, False, 0.1, 0.0, **BATCH),
        S(f(0, 3), *running(3), f(3), f(3), True, smooth=False, **BATCH),
        R(f(1, 3), None, None, None, None, True, **BATCH),
        R(f(2, 3), None, None, **BATCH),
        R(f(2, 3), *running(4), **BATCH),
        R(f(2, 3), *running(3), f(2), **BATCH),
        R(f(2, 3), *running(3), f(3), f(2), **BATCH),
        R(f(2, 3), None, None, None, None, True, 0.1, 0.0, **BATCH),
        R(f(2, 3), *running(3), None, None, False, 0.1, -1.0, **BATCH),
        R(i(2, 3), None, None, None, None, True, **BATCH),
        R(f(3), None, None, None, None, True, **BATCH),
    ],
    "group_norm": [
        S(f(2, 4), 2, **GROUP), S(f(3, 4, 2), 2, f(4), f(4), **GROUP),
        S(f(1, 4, 2, 2), 4, f(4), None, 0.1, **GROUP), S(f(2, 6, 3), 1, f(6), **GROUP),
        S(f(0, 4, 2), 2, f(4), f(4), smooth=False, **GROUP),
        R(f(2, 4), 3, **GROUP), R(f(4), 2, **GROUP), R(f(1, 4), 4, **GROUP),
        R(f(2, 4), 2, f(3), **GROUP), R(f(2, 4), 2, None, f(3), **GROUP), R(i(2, 4), 2, **GROUP),
    ],
    "layer_norm": [
        S(f(2, 3), (3,), **LAYER), S(f(2, 3), (3,), f(3), f(3), **LAYER),
        S(f(2, 3, 4), (3, 4), f(3, 4), f(3, 4), 0.1, **LAYER), S(f(4), (4,), f(4), **LAYER),
        S(f(2, 2, 3), [3], None, f(3), **LAYER), S(f(0, 3), (3,), f(3), f(3), **LAYER),
        R(f(2, 3), (2,), **LAYER), R(f(2, 3), (), **LAYER), R(f(2, 3), 3, **LAYER),
        R(f(2, 3), (3,), f(2), **LAYER), R(f(2, 3), (3,), None, f(2), **LAYER),
        R(i(2, 3), (3,), **LAYER), R(f(2, 3), (3,), f(3).astype("float32"), **LAYER),
    ],
}  # fmt: skip
SAMPLES = answered(TABLE)
