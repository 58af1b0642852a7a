"""weight_norm, spectral_norm and orthogonal against PyTorch, with PyTorch's numbers."""

import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import agree, alike_on_the_gpu, numbers, same_error

WAYS = [
    ("weight_norm", {}), ("weight_norm", {"dim": None}), ("weight_norm", {"dim": 1}),
    ("spectral_norm", {}), ("spectral_norm", {"n_power_iterations": 3, "dim": 1}),
    ("orthogonal", {}), ("orthogonal", {"orthogonal_map": "matrix_exp"}),
    ("orthogonal", {"orthogonal_map": "cayley"}), ("orthogonal", {"orthogonal_map": "householder"}),
    ("orthogonal", {"orthogonal_map": "householder", "use_trivialization": False}),
]  # fmt: skip
ways = pytest.mark.parametrize(("name", "settings"), WAYS, ids=str)
LAYERS = [("Linear", (4, 4), (5, 4)), ("Linear", (4, 3), (5, 4)), ("Linear", (4, 6), (5, 4)),
          ("Conv1d", (4, 2, 3), (2, 4, 6)), ("ConvTranspose1d", (4, 2, 3), (2, 4, 6))]  # fmt: skip


def load(mine, its):
    mine.load_state_dict({k: ours.tensor(v.numpy()) for k, v in its.state_dict().items()})


def normed(name, settings, layer):
    kind, sizes, _ = layer
    mine, its = (getattr(t.nn, kind)(*sizes).double() for t in (ours, theirs))
    load(mine, its)
    for t, net in ((ours, mine), (theirs, its)):
        getattr(t.nn.utils.parametrizations, name)(net, **settings)
    return mine, its


@ways
@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_values_and_gradients(name, settings, layer):
    if name == "orthogonal" and layer[0] != "Linear":
        return
    mine, its = normed(name, settings, layer)
    load(mine, its)
    assert repr(mine) == repr(its)
    assert [n for n, _ in mine.named_parameters()] == [n for n, _ in its.named_parameters()]
    for seed in range(2):
        agree(mine, its, numbers(*layer[2], seed=seed), near=1e-7)
    agree(mine.eval(), its.eval(), numbers(*layer[2], seed=3), near=1e-7)


@ways
def test_where_it_starts(name, settings):
    mine, its = normed(name, settings, LAYERS[0])
    if name == "spectral_norm":  # its directions are drawn; what they find is the same
        assert ours.linalg.matrix_norm(mine.weight, 2).item() == pytest.approx(1, abs=0.05)
    else:
        found = ours.tensor(its.weight.detach().numpy())
        assert ours.allclose(mine.weight, found, atol=1e-8)


@pytest.mark.parametrize("settings", [s for n, s in WAYS if n == "orthogonal"], ids=str)
@pytest.mark.parametrize("out", [4, 3, 6])
def test_columns_or_rows_stand_at_right_angles(settings, out):
    layer = ours.nn.utils.parametrizations.orthogonal(ours.nn.Linear(4, out).double(), **settings)
    w = layer.weight if out >= 4 else layer.weight.T
    assert ours.allclose(w.T @ w, ours.eye(min(4, out), dtype=w.dtype), atol=1e-8)
    if settings.get("use_trivialization", True) or "householder" in settings.values():
        wanted = ours.nn.init.orthogonal_(ours.empty(out, 4, dtype=ours.float64))
        with ours.no_grad():
            layer.weight = wanted
        assert ours.allclose(layer.weight, wanted, atol=1e-8)


def test_a_state_of_the_older_form_loads():
    layer = ours.nn.utils.parametrizations.weight_norm(ours.nn.Linear(2, 3))
    old = {"bias": ours.zeros(3), "weight_g": ours.ones(3, 1), "weight_v": ours.ones(3, 2)}
    layer.load_state_dict(old)
    assert ours.allclose(layer.weight, ours.full((3, 2), 0.5**0.5))


@ways
def test_on_the_gpu(gpu, name, settings):
    if "cayley" in settings.values() or "matrix_exp" in settings.values() or name == "orthogonal":
        return
    layer = ours.nn.Linear(4, 3).double()
    alike_on_the_gpu(
        getattr(ours.nn.utils.parametrizations, name)(layer, **settings).eval(), numbers(5, 4)
    )


@pytest.mark.parametrize("call", [
    lambda P, t: P.weight_norm(t.nn.ReLU()), lambda P, t: P.spectral_norm(t.nn.ReLU()),
    lambda P, t: P.spectral_norm(t.nn.Linear(2, 2), n_power_iterations=0),
    lambda P, t: P.spectral_norm(t.nn.Linear(2, 2), dim=5),
    lambda P, t: P.orthogonal(t.nn.ReLU()), lambda P, t: P.orthogonal(t.nn.Linear(2, 2), "bias"),
    lambda P, t: P.orthogonal(t.nn.Linear(2, 2), orthogonal_map="what"),
    lambda P, t: P.orthogonal(t.nn.Linear(2, 2, dtype=t.complex64), orthogonal_map="householder"),
])  # fmt: skip
def test_errors(call):
    same_error(lambda t: call(t.nn.utils.parametrizations, t))


def test_what_cannot_be_undone():
    layer = ours.nn.utils.parametrizations.orthogonal(
        ours.nn.Linear(2, 2), orthogonal_map="cayley", use_trivialization=False
    )
    with pytest.raises(NotImplementedError, match="It is not possible to assign to the matrix exp"):
        layer.weight = ours.eye(2)
