"""Samples of ops/linalg.py and ops/einsum.py."""

from tests.ops.samples import S, c, f, i


def as_einsum(tensors, inputs, result):
    import torch

    return torch.einsum(",".join(inputs) + "->" + result, *tensors)


SAMPLES = {
    "matmul": [
        S(f(2, 3), f(3, 4)), S(f(3), f(3)), S(f(2, 3), f(3)), S(f(3), f(3, 4)),
        S(f(2, 3, 4), f(4)), S(f(4), f(2, 4, 3)), S(f(2, 3, 4), f(4, 5)), S(f(3, 4), f(2, 4, 5)),
        S(f(2, 3, 4), f(2, 4, 5)), S(f(2, 1, 3, 4), f(5, 4, 2)), S(f(0, 3), f(3, 2)),
        S(f(2, 0), f(0, 3)), S(i(2, 3), i(3, 2)), S(c(2, 3), c(3, 2), only=()),
        S(c(2, 2, 3), c(3), only=()),
    ],
    "contract": [
        S([f(2, 3), f(3, 4)], ("ij", "jk"), "ik", torch=as_einsum),
        S([f(2, 3), f(3, 2)], ("ij", "ji"), "", torch=as_einsum),
        S([f(5, 2, 3), f(5, 3, 4)], ("bij", "bjk"), "kbi", torch=as_einsum),
        S([f(2), f(3), f(2, 3)], ("i", "j", "ij"), "j", torch=as_einsum),
        S([f(2, 3), f(4)], ("ij", "k"), "ki", torch=as_einsum),
        S([f(2, 3), f(2, 3)], ("ij", "ij"), "ij", torch=as_einsum),
        S([c(2, 3), c(3)], ("ij", "j"), "i", torch=as_einsum, only=()),
    ],
}  # fmt: skip
