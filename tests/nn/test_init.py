"""Where weights start: the distributions of PyTorch's initialisers."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import same_error

CASES = {
    "uniform_": (-2, 3), "normal_": (1.0, 2.0), "trunc_normal_": (), "constant_": (3.0,),
    "ones_": (), "zeros_": (), "eye_": (), "xavier_uniform_": (2.0,), "xavier_normal_": (),
    "kaiming_uniform_": (0.5,), "kaiming_normal_": (0.1, "fan_out"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_spread_and_limits_are_pytorch_s(name):
    ours.manual_seed(0)
    theirs.manual_seed(0)
    mine, its = ours.empty(300, 200), theirs.empty(300, 200)
    assert getattr(ours.nn.init, name)(mine, *CASES[name]) is mine
    getattr(theirs.nn.init, name)(its, *CASES[name])
    a, b = mine.numpy(), its.numpy()
    for measure in (np.mean, np.std, lambda x: np.quantile(x, 0.9)):
        assert measure(a) == pytest.approx(measure(b), rel=0.03, abs=0.02 * float(b.std() + 1e-9))
    if "normal" not in name or "trunc" in name:
        assert abs(a).max() == pytest.approx(abs(b).max(), rel=0.01)


@pytest.mark.parametrize("args", [
    ("relu",), ("tanh",), ("leaky_relu", 0.2), ("linear",), ("selu",), ("conv2d",),
])  # fmt: skip
def test_gain(args):
    assert ours.nn.init.calculate_gain(*args) == theirs.nn.init.calculate_gain(*args)


def test_a_vector_has_no_fans():
    with pytest.raises(ValueError, match="Fan in and fan out can not be computed"):
        ours.nn.init.xavier_uniform_(ours.empty(3))


def test_a_parameter_stays_a_leaf():
    parameter = ours.nn.Parameter(ours.empty(2, 2))
    ours.nn.init.normal_(parameter)
    assert parameter.is_leaf
    assert parameter.requires_grad


def test_repeatable():
    def draw():
        ours.manual_seed(3)
        return ours.nn.Linear(3, 3).weight.tolist()

    assert draw() == draw()


@pytest.mark.parametrize("limits", [
    (0, 1, 1.5, 9), (0, 1, -0.1, 0.1), (5, 2, -2, 2), (9, 1, -2, 2),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:mean is more than 2 std")
def test_truncated(limits):
    mean, std, low, high = limits
    mine = ours.nn.init.trunc_normal_(ours.empty(60, 60), mean, std, low, high).numpy()
    its = theirs.nn.init.trunc_normal_(theirs.empty(60, 60), mean, std, low, high).numpy()
    assert mine.min() >= low
    assert mine.max() <= high
    for measure in (np.mean, np.std, np.median):
        near = 0.04 * float(its.max() - its.min())
        assert measure(mine) == pytest.approx(measure(its), abs=near)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (4, 2, 3)])
def test_orthogonal(shape):
    w = ours.nn.init.orthogonal_(ours.empty(*shape, dtype=ours.float64), gain=2).flatten(1)
    w = w if w.shape[0] <= w.shape[1] else w.T
    assert ours.allclose(w @ w.T, 4 * ours.eye(len(w), dtype=w.dtype))


@pytest.mark.parametrize("sparsity", [0.1, 0.33, 0.9])
def test_sparse(sparsity):
    mine, its = ours.nn.init.sparse_(ours.empty(20, 50), sparsity, 2.0), theirs.empty(20, 50)
    theirs.nn.init.sparse_(its, sparsity, 2.0)
    assert ((mine == 0).sum(0).numpy() == (its == 0).sum(0).numpy()).all()
    assert mine[mine != 0].std().item() == pytest.approx(2.0, rel=0.2)


@pytest.mark.parametrize(("shape", "groups"), [
    ((2, 2, 3), 1), ((4, 2, 3, 4), 2), ((3, 5, 2, 2, 2), 1), ((6, 1, 3), 3),
])  # fmt: skip
def test_dirac(shape, groups):
    mine, its = ours.nn.init.dirac_(ours.empty(*shape), groups), theirs.empty(*shape)
    np.testing.assert_array_equal(mine.numpy(), theirs.nn.init.dirac_(its, groups).numpy())


@pytest.mark.parametrize("name", [
    "constant", "dirac", "eye", "kaiming_normal", "kaiming_uniform", "normal", "orthogonal",
    "sparse", "uniform", "xavier_normal", "xavier_uniform",
])  # fmt: skip
def test_old_names(name):
    rest = {"constant": (3.0,), "sparse": (0.5,)}.get(name, ())
    for torch in (ours, theirs):
        w = torch.empty(3, 3, 3) if name == "dirac" else torch.empty(3, 3)
        with pytest.warns(FutureWarning, match=f"nn.init.{name}. is now deprecated in favor of"):
            assert getattr(torch.nn.init, name)(w, *rest) is w


@pytest.mark.parametrize("call", [
    lambda t: t.nn.init.orthogonal_(t.empty(3)), lambda t: t.nn.init.sparse_(t.empty(3), 0.1),
    lambda t: t.nn.init.dirac_(t.empty(3, 3)), lambda t: t.nn.init.dirac_(t.empty(3, 3, 3), 2),
    lambda t: t.nn.init.eye_(t.empty(3)), lambda t: t.nn.init.calculate_gain("what"),
    lambda t: t.nn.init.kaiming_uniform_(t.empty(3, 3), mode="what"),
])  # fmt: skip
def test_errors(call):
    same_error(call)


@pytest.mark.parametrize("call", [
    lambda t: t.nn.init.kaiming_normal_(t.empty(0, 3)),
    lambda t: t.nn.init.kaiming_uniform_(t.empty(0, 3)),
    lambda t: t.nn.init.trunc_normal_(t.empty(3), mean=9.0),
])  # fmt: skip
def test_warnings(call):
    said = []
    for torch in (ours, theirs):
        with pytest.warns(UserWarning, match=r"nn.init|zero-element") as heard:
            call(torch)
        said.append(str(heard[0].message))
    assert said[0] == said[1]


def test_on_the_gpu(gpu):
    init = ours.nn.init
    for call in (init.orthogonal_, lambda w: init.sparse_(w, 0.5), init.eye_):
        assert call(ours.empty(3, 3, device="cuda")).device.type == "cuda"
    assert init.dirac_(ours.empty(3, 3, 3, device="cuda")).sum().item() == 3


@pytest.mark.parametrize("name", [*CASES, "orthogonal_", "sparse_", "dirac_"])
@pytest.mark.usefixtures("gpu")
def test_on_the_second_gpu(name):
    settings = {**CASES, "sparse_": (0.5,)}.get(name, ())
    w = ours.empty(4, 4, 3, device="cuda:1") if name == "dirac_" else ours.empty(4, 4).to("cuda:1")
    assert getattr(ours.nn.init, name)(w, *settings) is w and str(w.device) == "cuda:1"
