"""Padding layers against PyTorch."""

import pytest

import autograd_lab as ours
from tests.nn.pairs import agree, alike_on_the_gpu, numbers, pair, same_error

SHAPES = {1: (2, 3, 5), 2: (2, 3, 5, 4), 3: (1, 2, 5, 4, 3)}
WIDTHS = {1: (2, 1), 2: (2, 1, 0, 3), 3: (2, 1, 0, 3, 1, 1)}
KINDS = ["Zero", "Constant", "Reflection", "Replication", "Circular"]
CASES = [(kind, n) for kind in KINDS for n in SHAPES]


def settings(kind, n, width):
    return (f"{kind}Pad{n}d", width, *((3.5,) if kind == "Constant" else ()))


@pytest.mark.parametrize(("kind", "n"), CASES)
def test_values_and_gradients(kind, n):
    x = numbers(*SHAPES[n])
    for width in (1, WIDTHS[n], list(WIDTHS[n])):
        if max(WIDTHS[n]) < 3 or kind not in ("Reflection", "Circular") or width == 1:
            agree(*pair(*settings(kind, n, width)), x)
            agree(*pair(*settings(kind, n, width)), x[0])
    agree(*pair(*settings(kind, n, (-1, 1) + (0, 0) * (n - 1))), x)


@pytest.mark.parametrize(("kind", "n"), CASES)
def test_on_the_gpu(gpu, kind, n):
    name, *rest = settings(kind, n, 1)
    alike_on_the_gpu(getattr(ours.nn, name)(*rest), numbers(*SHAPES[n]))


@pytest.mark.parametrize("call", [
    lambda t: t.nn.ReflectionPad1d(5)(t.ones(1, 1, 3)),
    lambda t: t.nn.CircularPad1d(1)(t.ones(1, 1, 3, 3)),
    lambda t: t.nn.CircularPad2d(1)(t.ones(3, 3)),
    lambda t: t.nn.CircularPad3d(1)(t.ones(3, 3)),
    lambda t: t.nn.CircularPad1d(4)(t.ones(1, 1, 3)),
])  # fmt: skip
def test_errors(call):
    same_error(call)
