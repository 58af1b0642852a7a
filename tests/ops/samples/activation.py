"""Samples of ops/activation.py."""

from tests.ops.samples import S, c, f

WIDE = {"low": -4.0, "high": 4.0}
NO = "no nan"  # PyTorch's gradient at nan is another one in the last elements of an array


def functional(name, special=True, near=1e-8, **settings):
    """The usual samples, and one with these settings."""
    path = f"nn.functional.{name}"
    flags = {"torch": path, "only": ("float32",), "special": special, "near": near}
    usual = [S(x, **flags) for x in (f(2, 3, **WIDE), f())]
    return [*usual, S(f(2, 3, **WIDE), **flags, **settings)] if settings else usual


SAMPLES = {
    "celu": functional("celu", NO, alpha=2.0),
    "elu": functional("elu", NO, alpha=2.0),
    "gelu": functional("gelu", approximate="tanh"),
    "hardshrink": functional("hardshrink", NO, lambd=1.0),
    "hardsigmoid": functional("hardsigmoid", near=1e-7),
    "hardswish": functional("hardswish", NO),
    "hardtanh": functional("hardtanh", NO, min_val=-0.5, max_val=2.0),
    "leaky_relu": functional("leaky_relu", negative_slope=0.2),
    "logsigmoid": functional("logsigmoid"),
    "mish": functional("mish"),
    "prelu": [
        S(f(2, 3), f(3), torch="nn.functional.prelu", only=("float32",)),
        S(f(2, 3, 2), f(1), torch="nn.functional.prelu", only=("float32",)),
    ],
    "prelu_kernel": [S(f(2, 3), f(3), torch="_prelu_kernel", only=("float32",))],
    "relu": functional("relu"),
    "relu6": functional("relu6", NO),
    "selu": functional("selu", NO),
    "silu": functional("silu"),
    "softplus": functional("softplus", beta=2.0, threshold=3.0),
    "softshrink": functional("softshrink", NO, lambd=1.0),
    "softsign": [*functional("softsign"), S(c(3), torch="nn.functional.softsign", only=())],
    "tanhshrink": [*functional("tanhshrink"), S(c(3), torch="nn.functional.tanhshrink", only=())],
    "threshold": [
        S(f(2, 3), threshold=0.5, value=9.0, torch="nn.functional.threshold", only=("float32",))
    ],
}
