"""Batch norms: values, gradients, running numbers, errors."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import agree, alike_on_the_gpu, answers, numbers, pair, same, same_error

CASES = [
    ("BatchNorm1d", (6, 3)), ("BatchNorm1d", (4, 3, 5)), ("BatchNorm2d", (4, 3, 2, 3)),
    ("BatchNorm3d", (2, 3, 2, 2, 3)),
]  # fmt: skip
each = pytest.mark.parametrize(("name", "shape"), CASES, ids=[f"{n}{s}" for n, s in CASES])
settled = pytest.mark.parametrize("settings", [
    {}, {"momentum": None}, {"momentum": 0.5, "eps": 0.1}, {"affine": False}, {"bias": False},
    {"track_running_stats": False}, {"momentum": 0.0},
], ids=str)  # fmt: skip


@each
@settled
def test_three_batches_then_eval_mode(name, shape, settings):
    mine, its = pair(name, 3, **settings)
    for seed in range(3):
        agree(mine, its, numbers(*shape, seed=seed) * 3 + 5)
    mine.eval()
    its.eval()
    agree(mine, its, numbers(*shape, seed=9))
    mine.reset_running_stats()
    its.reset_running_stats()
    agree(mine, its, numbers(*shape, seed=9))


def test_float32_stays_exact_enough_far_from_zero():
    x = (numbers(64, 3, 8, 8) + 1000).astype("float32")
    mine, its = (t.nn.functional.batch_norm(t.tensor(x), None, None, training=True).numpy()
                 for t in (ours, theirs))  # fmt: skip
    np.testing.assert_allclose(mine, its, atol=2e-3)


def test_float16_is_summed_in_float32():
    x = np.full((3000, 2), 60.0, "float16")
    x[::2] += 4
    mine, its = (t.nn.functional.batch_norm(t.tensor(x), None, None, training=True).numpy()
                 for t in (ours, theirs))  # fmt: skip
    assert mine.dtype == np.float16
    np.testing.assert_allclose(mine, its, atol=2e-3)


def test_second_derivatives():
    for training in (True, False):
        mean, var = ours.zeros(3).double(), ours.ones(3).double()
        args = [ours.tensor(numbers(*s), requires_grad=True) for s in [(4, 3, 2), (3,), (3,)]]

        def call(x, w, b, training=training, mean=mean, var=var):
            F = ours.nn.functional
            return F.batch_norm(x, mean.clone(), var.clone(), w, b, training)

        assert ours.autograd.gradcheck(call, args)
        assert ours.autograd.gradgradcheck(call, args)


@pytest.mark.parametrize("call", [
    lambda t: t.nn.BatchNorm1d(3)(t.ones(1, 3)), lambda t: t.nn.BatchNorm1d(3)(t.ones(3)),
    lambda t: t.nn.BatchNorm2d(3)(t.ones(2, 3)), lambda t: t.nn.BatchNorm3d(3)(t.ones(2, 3, 4, 4)),
    lambda t: t.nn.BatchNorm2d(3)(t.ones(2, 2, 4, 4)),
    lambda t: t.nn.BatchNorm1d(3)(t.ones(2, 3, dtype=t.float64)),
], ids=range(6))  # fmt: skip
def test_errors(call):
    same_error(call)


def test_what_older_versions_saved_is_loaded():
    for torch in (ours, theirs):
        layer, state = torch.nn.BatchNorm1d(3), torch.nn.BatchNorm1d(3).state_dict()
        assert state._metadata[""]["version"] == 2
        del state["num_batches_tracked"]
        with pytest.raises(RuntimeError, match="num_batches_tracked"):
            layer.load_state_dict(state)
        del state._metadata
        layer.load_state_dict(state)


def test_sync_batch_norm_is_batch_norm_here():
    net = ours.nn.Sequential(ours.nn.BatchNorm2d(3), ours.nn.ReLU())
    other = ours.nn.SyncBatchNorm.convert_sync_batchnorm(net)
    assert type(other[0]).__name__ == "SyncBatchNorm"
    x = numbers(2, 3, 2, 2).astype("float32")
    for a, b in zip(answers(ours, net, [x], {}), answers(ours, other, [x], {})):
        if a.shape == x.shape:
            same(a, b)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_lazy(n):
    shape = (4, 3, 2, 2, 2)[: n + 2]
    lazy = getattr(ours.nn, f"LazyBatchNorm{n}d")(momentum=0.3)
    lazy(ours.tensor(numbers(*shape).astype("float32")))
    assert repr(lazy) == repr(getattr(theirs.nn, f"BatchNorm{n}d")(3, momentum=0.3))
    assert lazy.num_features == 3
    assert lazy.running_mean.shape == (3,)


def test_on_the_gpu(gpu):
    for training in (True, False):
        layer = ours.nn.BatchNorm2d(3).train(training)
        alike_on_the_gpu(layer, numbers(4, 3, 2, 2).astype("float32"))
