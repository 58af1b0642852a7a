"""What the buttons say is what the lab's own tensors do: shape, strides, offset, view or copy."""

import re

import numpy as np

import autograd_lab as torch

rng = np.random.default_rng(0)


def apply(x, words):
    """Do to a tensor what a button says: one of a few known forms."""
    if words == ".t()":
        return x.t()
    if words == ".contiguous()":
        return x.contiguous()
    if words in ("[::2]", "[1:]"):
        return x[::2] if words == "[::2]" else x[1:]
    if words == "[:, 1]":
        return x[:, 1]
    name, sizes = re.fullmatch(r"\.(reshape|expand)\((.*)\)", words).groups()
    return getattr(x, name)(*(int(size) for size in sizes.split(",") if size.strip()))


def test_random_walks(node):
    walks = [
        {"shape": rng.integers(1, 5, rng.integers(0, 4)).tolist(), "picks": rng.integers(0, 99, 4)}
        for _ in range(150)
    ]
    starts = [torch.arange(float(np.prod(walk["shape"]))).reshape(walk["shape"]) for walk in walks]
    found = node("answers.mjs", [
        {"view": {"shape": list(x.shape), "strides": list(x.stride()), "offset": 0},
         "picks": walk["picks"].tolist()}
        for x, walk in zip(starts, walks, strict=True)
    ])  # fmt: skip
    copies = 0
    for x, steps in zip(starts, found, strict=True):
        for step in steps:
            before, x = x, apply(x, step["words"])
            assert list(x.shape) == step["view"]["shape"], step
            copied = x.untyped_storage().data_ptr() != before.untyped_storage().data_ptr()
            assert copied == step["copies"] or x.numel() == 0, (step, before.shape)
            copies += copied
            big = [d for d, size in enumerate(x.shape) if size > 1]
            assert [x.stride()[d] for d in big] == [step["view"]["strides"][d] for d in big], step
            assert x.storage_offset() == step["view"]["offset"], step
    assert copies > 10
