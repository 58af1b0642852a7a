"""Samples of ops/join.py."""

import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, f, i


def padded(x, widths, value=0):
    """Pad with PyTorch, whose functional it is."""
    return torch.nn.functional.pad(x, widths, value=value)


TABLE = {
    "block_diag": [S(f(2, 3), f(1, 2), f(3), f())],
    "cartesian_prod": [S(f(2), f(3)), S(f(3))],
    "cat": [
        S([f(2, 3), f(1, 3)]), S([f(2, 3), f(2, 1)], -1), S([f(2), f(0)]), S([f(3), i(2)]),
        R([f(2, 3), f(2, 2)]), R([f(2), f(2, 2)]), R([f(), f()]), R([f(2)], 1),
    ],
    "chunk": [S(f(5, 2), 2), S(f(2, 4), 3, 1), R(f(5), 0), R(f(), 1)],
    "column_stack": [S([f(2), f(2, 3)]), S([f(), f()])],
    "dsplit": [S(f(1, 2, 4), 2), R(f(2, 2), 2)],
    "dstack": [S([f(2), f(2)])],
    "flip": [S(f(2, 3), (0,)), S(f(2, 3), (0, -1)), S(f(), ()), R(f(2, 3), (1, 1))],
    "fliplr": [S(f(2, 3)), R(f(3))],
    "flipud": [S(f(2, 3)), R(f())],
    "hsplit": [S(f(4), 2), S(f(2, 4), [1, 3]), R(f(3), 2)],
    "hstack": [S([f(2), f(3)]), S([f(2, 1), f(2, 2)])],
    "pad": [
        S(f(2, 3), (1, 2), torch=padded), S(f(2, 3), (1, 0, 0, 2), 1.5, torch=padded),
        S(f(2, 4), (-1, 1), torch=padded), S(f(2, 4), (-1, -1, 1, -1), torch=padded),
        R(f(2), (1,), torch=padded), R(f(2), (-2, -1), torch=padded), R(f(2),
        (1, 1) * 2, torch=padded),
    ],
    "repeat": [S(f(2, 3), (2, 1)), S(f(2), (3, 2)), S(f(), ()), S(f(2), (0,)), R(f(2, 3), (2,))],
    "roll": [S(f(2, 3), 1), S(f(2, 3), (1, -1), (0, 1)), S(f(4), 2, 0), R(f(2, 3), (1, 1), 0)],
    "rot90": [S(f(2, 3), k) for k in (-1, 0, 1, 2, 3)] + [S(f(2, 3, 4), 1, (1, 2)), R(f(3))],
    "split": [S(f(5, 2), 2), S(f(2, 4), [1, 3], 1), R(f(5), [2, 2]), R(f(), 1), R(f(2), -1)],
    "stack": [
        S([f(2, 3), f(2, 3)]), S([f(2), f(2)], -1), S([f(), f()]), S([f(2), i(2)]), R([f(2), f(3)]),
    ],
    "tensor_split": [S(f(5, 2), 3), S(f(5), (1, 3)), S(f(5), (3, 1)), S(f(2, 4), 2, 1), R(f(2), 0)],
    "tile": [S(f(2, 3), (2,)), S(f(2), (2, 2))],
    "unbind": [S(f(2, 3)), S(f(2, 3), -1), S(f(0, 3)), R(f())],
    "vsplit": [S(f(4, 2), 2), R(f(4), 2)],
    "vstack": [S([f(2), f(2)]), S([f(1, 2), f(2, 2)])],
}  # fmt: skip
SAMPLES = answered(TABLE)
