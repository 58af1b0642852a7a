"""Adam and AdamW walk the same way as PyTorch's, in every mode."""

import itertools

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours

MODES = [
    {"weight_decay": w, "amsgrad": a, "maximize": m}
    for w, a, m in itertools.product((0, 0.1), (False, True), (False, True))
]


def walk(torch, name, dtype, **mode):
    rng = np.random.default_rng(0)
    ps = [
        torch.tensor(np.asarray(rng.standard_normal(s)).astype(dtype), requires_grad=True)
        for s in [(2, 3), (700, 200), ()]
    ]
    optimizer, path = getattr(torch.optim, name)(ps, 0.05, **mode), []
    for i in range(5):
        optimizer.zero_grad()
        sum((p * p * (2 - i)).sum() + p.sum() for p in ps).backward()
        optimizer.step()
        path.append([p.detach().numpy().copy() for p in ps])
    return path, optimizer


@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize("name", ["Adam", "AdamW"])
def test_every_mode_takes_pytorch_s_path(name, mode):
    for dtype, tolerance in (("float64", 1e-11), ("float32", 2e-5)):
        mine, a = walk(ours, name, dtype, **mode)
        its, b = walk(theirs, name, dtype, **mode)
        for x, y in zip(itertools.chain(*mine), itertools.chain(*its)):
            assert x.dtype == y.dtype
            np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance)
        for number, state in b.state_dict()["state"].items():
            assert list(a.state_dict()["state"][number]) == list(state)
            for key, value in state.items():
                got = a.state_dict()["state"][number][key].numpy()
                assert got.dtype == value.numpy().dtype
                np.testing.assert_allclose(got, value.numpy(), rtol=1e-4, atol=1e-6)
        assert repr(a) == repr(b)


def test_training_goes_on_from_a_saved_state():
    def run(save):
        p = ours.ones(3).requires_grad_()
        optimizer = ours.optim.Adam([p], 0.1)
        for i in range(6):
            if i == 3 and save:
                state = optimizer.state_dict()
                optimizer = ours.optim.Adam([p], 7.0)
                optimizer.load_state_dict(state)
            optimizer.zero_grad()
            p.square().sum().backward()
            optimizer.step()
        return p.tolist()

    assert run(True) == run(False)


@pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])
def test_the_means_start_at_zero_even_where_a_weight_is_infinite(torch):
    p = torch.tensor([float("inf"), 1.0], requires_grad=True)
    optimizer = torch.optim.Adam([p], amsgrad=True)
    p.grad = torch.ones(2)
    optimizer.step()
    assert optimizer.state[p]["exp_avg"].tolist() == pytest.approx([0.1, 0.1])
    assert optimizer.state[p]["max_exp_avg_sq"].tolist() == pytest.approx([0.001, 0.001])


def test_complex_parameters_are_pairs_of_numbers():
    ends = []
    for torch in (theirs, ours):
        p = torch.tensor([1 + 2j, -1j]).requires_grad_()
        optimizer = torch.optim.Adam([p], 0.1)
        for _ in range(3):
            optimizer.zero_grad()
            (p * p.conj()).real.sum().backward()
            optimizer.step()
        ends.append(p.detach().numpy())
    np.testing.assert_allclose(ends[1], ends[0], rtol=1e-4)


@pytest.mark.parametrize("settings", [
    {"lr": -1}, {"betas": (1.5, 0.9)}, {"betas": (0.9, -1.0)}, {"eps": -1}, {"weight_decay": -1},
])  # fmt: skip
def test_it_refuses_in_pytorch_s_words(settings):
    said = []
    for torch in (theirs, ours):
        with pytest.raises(ValueError, match="Invalid") as error:
            torch.optim.Adam([torch.ones(1).requires_grad_()], **settings)
        said.append(str(error.value))
    assert said[0] == said[1]
