"""Samples of ops/loss.py."""

import numpy as np

from tests.ops.samples import S, b, bare, f, i

CHANCE = {"low": 0.1, "high": 0.9}
FLOAT = {"only": ("float32",)}


def of(name):
    """Call PyTorch's loss with our order of arguments."""
    def loss(input, target, *rest, **named):
        import torch
        import torch.nn.functional as F

        rest = [torch.from_numpy(x) if isinstance(x, np.ndarray) else x for x in rest]
        rest = [x.to(input.dtype) if isinstance(x, torch.Tensor) else x for x in rest]
        return getattr(F, name)(input.contiguous(), target, **dict(zip(ORDER[name], rest)), **named)

    return loss


ORDER = {
    "mse_loss": ("reduction",), "smooth_l1_loss": ("reduction", "beta"),
    "huber_loss": ("reduction", "delta"), "binary_cross_entropy": ("weight", "reduction"),
    "binary_cross_entropy_with_logits": ("weight", "pos_weight", "reduction"),
    "nll_loss": ("weight", "reduction", "ignore_index"),
    "cross_entropy": ("weight", "reduction", "ignore_index"),
}  # fmt: skip


def classes(*shape, count=3, ignored=None):
    """Class numbers, the first of them the one to be ignored."""
    drawn = i(*shape, low=0, high=count)
    if ignored is not None:
        drawn.reshape(-1)[0] = ignored
    return drawn


def weights(count):
    """Weights that no gradient is asked for: PyTorch has none, either."""
    return bare(f(count, low=0.5))


def weights32(count):
    """The same, in the dtype that changes no other."""
    return bare(f(count, low=0.5).astype(np.float32))


def distances(name, *setting):
    """One number for each element: the reductions, and settings."""
    torch = of(name)
    return [
        S(f(2, 3), f(2, 3), torch=torch, **FLOAT),
        S(f(2, 3), f(2, 3), "sum", *setting, torch=torch, **FLOAT),
        S(f(2, 3), f(2, 3), "none", *setting, torch=torch, **FLOAT),
        S(f(), f(), torch=torch, **FLOAT),
        S(f(0, 3), f(0, 3), torch=torch, smooth=False, **FLOAT),
    ]


def kinds(name, low=-2.0, high=2.0):
    """One class of several: shapes, weights, ignored targets."""
    torch, x = of(name), {"low": low, "high": high}
    return [
        S(f(4, 3, **x), classes(4), torch=torch, **FLOAT),
        S(f(4, 3, **x), classes(4, ignored=-100), weights(3), torch=torch, **FLOAT),
        S(f(4, 3, **x), classes(4), weights(3), "sum", torch=torch, **FLOAT),
        S(f(4, 3, **x), np.array([1, 0, 1, 2]), None, "none", 1, torch=torch, **FLOAT),
        S(f(2, 3, 2, 2, **x), classes(2, 2, 2), None, "none", torch=torch, **FLOAT),
        S(f(2, 3, 2, **x), classes(2, 2, ignored=-100), torch=torch, **FLOAT),
        S(f(3, **x), classes(), torch=torch, **FLOAT),
    ]  # fmt: skip


SAMPLES = {
    "softmax": [
        S(f(2, 3), 1, **FLOAT), S(f(2, 3), 0, **FLOAT), S(f(2, 3, 2), -2, **FLOAT),
        S(f(), 0, **FLOAT),
        S(f(0, 3), 1, **FLOAT), S(f(2, 0), 1, **FLOAT),
        S(f(3, 4, low=-900, high=900), 1, smooth=False, **FLOAT),
        S(f(3, 4, low=-900, high=-800), 1, smooth=False, **FLOAT),
    ],
    "log_softmax": [
        S(f(2, 3), 1, **FLOAT), S(f(2, 3), 0, **FLOAT), S(f(2, 3, 2), -2, **FLOAT),
        S(f(), 0, **FLOAT),
        S(f(0, 3), 1, **FLOAT), S(f(2, 0), 1, **FLOAT),
        S(f(3, 4, low=-900, high=900), 1, smooth=False, **FLOAT),
        S(f(3, 4, low=-900, high=-800), 1, smooth=False, **FLOAT),
    ],
    "mse_loss": distances("mse_loss"),
    "smooth_l1_loss": distances("smooth_l1_loss", 0.7),
    "huber_loss": distances("huber_loss", 0.7),
    "binary_cross_entropy": [
        S(f(2, 3, **CHANCE), f(2, 3, **CHANCE), torch=of("binary_cross_entropy"), special=False,
          **FLOAT),
        S(f(4, **CHANCE), f(4, **CHANCE), weights32(4), "sum", torch=of("binary_cross_entropy"),
          special=False, **FLOAT),
        S(f(4, **CHANCE), b(4).astype(float), None, "none", torch=of("binary_cross_entropy"),
          special=False, **FLOAT),
    ],
    "binary_cross_entropy_with_logits": [
        S(f(2, 3), f(2, 3, **CHANCE), torch=of("binary_cross_entropy_with_logits"), **FLOAT),
        S(f(2, 3), f(2, 3, **CHANCE), weights32(3), weights32(3), "sum",
          torch=of("binary_cross_entropy_with_logits"), **FLOAT),
        S(f(4), b(4).astype(float), None, weights32(4), "none",
          torch=of("binary_cross_entropy_with_logits"), **FLOAT),
    ],
    "nll_loss": kinds("nll_loss"),
    "cross_entropy": kinds("cross_entropy"),
}  # fmt: skip
