"""Samples of ops/distance.py."""

from tests.ops.samples import S, f


def euclidean(a, b):
    import torch

    return torch.cdist(a, b, compute_mode="use_mm_for_euclid_dist")


SAMPLES = {
    "euclidean": [
        S(f(4, 3), f(5, 3, low=3, high=5), torch=euclidean, special=False, only=("float32",)),
        S(f(2, 4, 3), f(2, 2, 3, low=3, high=5), torch=euclidean, special=False,
          only=("float32",)),
    ],
}  # fmt: skip
