"""Instance norms: values, gradients, running numbers, errors."""

import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import agree, alike_on_the_gpu, numbers, pair, same_error

CASES = [
    ("InstanceNorm1d", (2, 3, 5)), ("InstanceNorm1d", (3, 5)), ("InstanceNorm2d", (2, 3, 2, 3)),
    ("InstanceNorm2d", (3, 2, 3)), ("InstanceNorm3d", (2, 3, 2, 2, 3)),
]  # fmt: skip
each = pytest.mark.parametrize(("name", "shape"), CASES, ids=[f"{n}{s}" for n, s in CASES])


@each
@pytest.mark.parametrize("settings", [
    {}, {"affine": True}, {"affine": True, "bias": False, "eps": 0.1},
    {"track_running_stats": True}, {"track_running_stats": True, "momentum": None, "affine": True},
], ids=str)  # fmt: skip
def test_three_batches_then_eval_mode(name, shape, settings):
    mine, its = pair(name, 3, **settings)
    for seed in range(3):
        agree(mine, its, numbers(*shape, seed=seed) * 3 + 5)
    agree(mine.eval(), its.eval(), numbers(*shape, seed=9))


@pytest.mark.parametrize("call", [
    lambda t: t.nn.InstanceNorm1d(3)(t.ones(3)), lambda t: t.nn.InstanceNorm2d(3)(t.ones(2, 3)),
    lambda t: t.nn.InstanceNorm1d(3, affine=True)(t.ones(2, 4, 5)),
    lambda t: t.nn.functional.instance_norm(t.ones(2, 3, 1)),
    lambda t: t.nn.functional.instance_norm(t.ones(2, 3, 2), use_input_stats=False),
], ids=range(5))  # fmt: skip
def test_errors(call):
    same_error(call)


def test_another_number_of_channels_is_noticed():
    with pytest.warns(UserWarning, match="input's size at dim=1 does not match num_features"):
        ours.nn.InstanceNorm1d(4)(ours.ones(2, 3, 5))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_lazy(n):
    lazy = getattr(ours.nn, f"LazyInstanceNorm{n}d")()
    lazy(ours.tensor(numbers(*(4, 3, 2, 2, 2)[: n + 2])).float())
    wanted = getattr(theirs.nn, f"InstanceNorm{n}d")(3, affine=True, track_running_stats=True)
    assert repr(lazy) == repr(wanted)


def test_on_the_gpu(gpu):
    layer = ours.nn.InstanceNorm2d(3, affine=True, track_running_stats=True)
    alike_on_the_gpu(layer, numbers(4, 3, 2, 2).astype("float32"))
