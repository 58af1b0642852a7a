"""Samples of ops/shape.py."""

import torch

import autograd_lab as lab
from autograd_lab.ops import pick
from tests.ops.refusals import R, answered
from tests.ops.samples import S, c, f


def laid(x, shape, view, args):
    """Lay values into zeros with PyTorch: only for the views that the samples take."""
    y = torch.zeros(shape, dtype=x.dtype)
    y[args[0]] = x
    return y


class Here:
    """The device on which something is already: tests/device moves things about."""

    def __eq__(self, device):
        return True


expanded = torch.Tensor.expand
TABLE = {
    "adjoint": [S(f(2, 3, 4)), S(c(2, 3), only=())],
    "atleast_1d": [S(f()), S(f(2))],
    "atleast_2d": [S(f()), S(f(2)), S(f(2, 2))],
    "atleast_3d": [S(f()), S(f(2)), S(f(2, 2)), S(f(2, 2, 2))],
    "broadcast_tensors": [S(f(2, 1), f(3)), S(f(3))],
    "broadcast_to": [S(f(2, 1), (4, 2, 3))],
    "clone": [S(f(2, 3)), S(f())],
    "expand": [
        S(f(2, 1), (4, 2, 3), torch=expanded), S(f(3), (2, -1), torch=expanded),
        S(f(), (2,), torch=expanded), S(f(2, 3), (1, 2, 3), torch=expanded),
        R(f(2, 3), (2, 4), torch=expanded), R(f(3), (-1, 3), torch=expanded),
    ],
    "flatten": [S(f(2, 3, 4)), S(f(2, 3, 4), 1), S(f()), R(f(2, 3), 1, 0), S(f(2, 3, 4), 0, 1)],
    "meshgrid": [
        S(f(2), f(3), f(4), indexing="ij"), S([f(2), f(3)], indexing="xy"), S(f(), f(2),
        indexing="ij"),
    ],
    "movedim": [S(f(2, 3, 4), 0, -1), S(f(2, 3, 4), (0, 1), (2, 0)), R(f(2, 3), (0, 0), (0, 1))],
    "permute": [S(f(2, 3, 4), (2, 0, 1)), S(f(), ()), R(f(2, 3), (0, 0)), R(f(2, 3), (0,))],
    "put_back": [
        S(f(2), (4,), pick, (slice(1, 3),), torch=laid),
        S(f(3), (2, 3), pick, (1,), torch=laid),
        S(f(2, 2), (4, 2), pick, (slice(None, None, 2),), torch=laid),
    ],
    "ravel": [S(f(2, 3)), S(f())],
    "reshape": [
        S(f(2, 6), (3, 4)), S(f(2, 6), (4, -1)), S(f(), (1, 1)), R(f(2, 3), (4, -1)),
        R(f(2, 3), (-1, -1)), R(f(0, 3), (0, -1)), S(f(0, 3), (-1, 3)), R(f(2, 3), (-2, 3)),
    ],
    "squeeze": [S(f(1, 3, 1)), S(f(1, 3, 1), 0), S(f(1, 3, 1), 1), S(f(1, 3, 1), (0, -1)), S(f())],
    "sum_to": [S(f(4, 2, 3), (2, 1), torch="sum_to_size"), S(f(2), (), torch="sum_to_size")],
    "t": [S(f(2, 3)), S(f(3)), S(f()), R(f(1, 2, 3))],
    "to": [
        S(f(2, 3), dtype, torch=lambda x, d: x.to(getattr(torch, d.name)), only=(), smooth=smooth)
        for dtype, smooth in ((lab.float32, False), (lab.complex128, True), (lab.int64, False))
    ],
    "to_device": [S(f(2, 3), Here(), torch=lambda x, here: x.to(x.device))],
    "transpose": [S(f(2, 3, 4), 0, -1), S(f(), 0, -1), R(f(2, 3), 0, 2)],
    "unflatten": [S(f(2, 12), 1, (3, -1)), R(f(2, 12), 1, (5, -1))],
    "view_as_dtype": [
        S(f(2, 4), dtype, torch=lambda x, d: x.view(getattr(torch, d.name)), only=(), smooth=False)
        for dtype in (lab.uint8, lab.int64, lab.complex128)
    ],
    "unsqueeze": [S(f(2, 3), 0), S(f(2, 3), -1), S(f(), 0), R(f(2, 3), 3)],
}  # fmt: skip
SAMPLES = answered(TABLE)
