"""Layer, group, RMS and local response norms: values, gradients, errors."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import agree, alike_on_the_gpu, numbers, pair, same_error

CASES = [
    ("LayerNorm", (3,), {}, (2, 5, 3)), ("LayerNorm", ((5, 3),), {}, (2, 5, 3)),
    ("LayerNorm", (3,), {"elementwise_affine": False}, (4, 3)),
    ("LayerNorm", (3,), {"bias": False, "eps": 0.1}, (4, 3)), ("LayerNorm", (3,), {}, (3,)),
    ("RMSNorm", (3,), {}, (2, 5, 3)), ("RMSNorm", ((5, 3), 0.1), {}, (2, 5, 3)),
    ("RMSNorm", (3,), {"elementwise_affine": False}, (4, 3)),
    ("GroupNorm", (2, 4), {}, (3, 4)), ("GroupNorm", (2, 4), {}, (3, 4, 5)),
    ("GroupNorm", (4, 4), {"affine": False}, (3, 4, 2, 2)),
    ("GroupNorm", (1, 4), {"bias": False, "eps": 0.1}, (3, 4, 2, 2)),
    ("LocalResponseNorm", (2,), {}, (2, 5, 3)),
    ("LocalResponseNorm", (3, 0.1, 0.5, 2.0), {}, (2, 5, 3, 2)),
    ("LocalResponseNorm", (8,), {"alpha": 0.5}, (1, 5, 2, 2, 2)),
]  # fmt: skip
each = pytest.mark.parametrize(("name", "args", "settings", "shape"), CASES,
                               ids=[f"{c[0]}{c[1]}{c[2]}" for c in CASES])  # fmt: skip


@each
def test_values_and_gradients(name, args, settings, shape):
    agree(*pair(name, *args, **settings), numbers(*shape) * 2 + 1)


@each
def test_on_the_gpu(name, args, settings, shape, gpu):
    alike_on_the_gpu(getattr(ours.nn, name)(*args, **settings), numbers(*shape).astype("float32"))


@pytest.mark.parametrize("name", ["layer_norm", "rms_norm", "group_norm"])
def test_second_derivatives(name):
    x, w = (ours.tensor(numbers(*s), requires_grad=True) for s in [(2, 4), (4,)])

    def call(x, w):
        return getattr(ours.nn.functional, name)(x, 2 if name == "group_norm" else (4,), w)

    assert ours.autograd.gradcheck(call, [x, w])
    assert ours.autograd.gradgradcheck(call, [x, w])


@pytest.mark.parametrize("name", ["layer_norm", "rms_norm"])
def test_float16(name):
    x = numbers(4, 600).astype("float16")
    x[0] += 300  # squares of these overflow
    mine, its = (
        getattr(t.nn.functional, name)(t.tensor(x), (600,)).numpy() for t in (ours, theirs)
    )
    assert mine.dtype == np.float16
    np.testing.assert_allclose(mine, its, atol=1e-2)


@pytest.mark.parametrize(("name", "args", "shape"), [
    ("LayerNorm", (4,), (3, 4)), ("GroupNorm", (2, 4), (3, 4, 2)),
    ("BatchNorm1d", (4,), (3, 4, 2)), ("RMSNorm", (4,), (3, 4)),
])  # fmt: skip
def test_gradients_have_the_dtypes_of_what_they_belong_to(name, args, shape):
    layer = getattr(ours.nn, name)(*args).half()
    x = ours.tensor(numbers(*shape).astype("float16"), requires_grad=True)
    layer(x).sum().backward()
    assert {t.grad.dtype for t in (x, *layer.parameters())} == {ours.float16}


@pytest.mark.parametrize("call", [
    lambda t: t.nn.LayerNorm(3)(t.ones(2, 4)), lambda t: t.nn.LayerNorm(())(t.ones(2)),
    lambda t: t.nn.functional.layer_norm(t.ones(2, 3), (3,), t.ones(2)),
    lambda t: t.nn.functional.layer_norm(t.ones(2, 3), (3,), None, t.ones(2)),
    lambda t: t.nn.GroupNorm(2, 3), lambda t: t.nn.GroupNorm(2, 4)(t.ones(2, 3, 2)),
    lambda t: t.nn.functional.group_norm(t.ones(4), 2),
    lambda t: t.nn.functional.group_norm(t.ones(1, 4), 4),
    lambda t: t.nn.functional.group_norm(t.ones(2, 4, 2), 2, t.ones(3)),
    lambda t: t.nn.functional.local_response_norm(t.ones(2, 3), 2),
], ids=range(10))  # fmt: skip
def test_errors(call):
    same_error(call)


def test_cross_map_lrn_is_local_response_norm():
    # PyTorch's older code counts the first channel too often, far from it; the formula does not.
    x = ours.tensor(numbers(2, 5, 3, 2))
    mine, other = ours.nn.CrossMapLRN2d(3, 0.1)(x), ours.nn.LocalResponseNorm(3, 0.1)(x)
    np.testing.assert_array_equal(mine.numpy(), other.numpy())
    assert repr(ours.nn.CrossMapLRN2d(3)) == repr(theirs.nn.CrossMapLRN2d(3))
