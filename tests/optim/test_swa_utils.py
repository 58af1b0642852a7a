"""Averaged weights: PyTorch's averages, batch norms measured anew, and the way to a fixed rate."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours


def run(torch, steps=4, **settings):
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    rng = np.random.default_rng(0)
    make = getattr(torch.optim.swa_utils, settings.pop("by", "none"), lambda: None)
    key = settings.pop("under", None)
    average = torch.optim.swa_utils.AveragedModel(
        model, **settings, **({key: make()} if key else {})
    )
    for _ in range(steps):
        with torch.no_grad():
            for p in model.parameters():
                p.copy_(torch.tensor(rng.standard_normal(p.shape).astype("float32")))
            for b in model.buffers():
                if b.ndim:
                    b.copy_(torch.tensor(rng.random(b.shape).astype("float32")))
                else:
                    b += 5
        average.update_parameters(model)
    return average


MODES = [{}, {"use_buffers": True}, {"by": "get_ema_avg_fn", "under": "avg_fn"},
         {"by": "get_swa_avg_fn", "under": "avg_fn"},
         {"by": "get_ema_multi_avg_fn", "under": "multi_avg_fn"},
         {"by": "get_swa_multi_avg_fn", "under": "multi_avg_fn"}]  # fmt: skip


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_averages(mode):
    a, b = (run(torch, **mode).state_dict() for torch in (ours, theirs))
    assert list(a) == list(b)
    for key, value in b.items():
        np.testing.assert_allclose(a[key].numpy(), value.numpy(), rtol=1e-5, atol=1e-6)
        assert a[key].numpy().dtype == value.numpy().dtype


def test_a_state_of_pytorch_s_loads():
    average = run(ours, 0)
    average.load_state_dict({
        k: ours.tensor(v.numpy()) for k, v in run(theirs).state_dict().items()
    })
    x = np.ones((2, 2), "float32")
    expected = run(theirs).eval()(theirs.tensor(x)).detach().numpy()
    np.testing.assert_allclose(average.eval()(ours.tensor(x)).detach().numpy(), expected, rtol=1e-4)


@pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])
def test_the_model_itself_is_left_alone(torch):
    model = torch.nn.Linear(1, 1)
    before = model.weight.item()
    average = torch.optim.swa_utils.AveragedModel(model)
    with torch.no_grad():
        average.module.weight += 1
    assert model.weight.item() == before
    assert average.n_averaged.item() == 0


def test_batch_norms_are_measured_anew():
    ends, batches = [], np.random.default_rng(0).standard_normal((3, 8, 2)).astype("float32")
    for torch in (ours, theirs):
        model = torch.nn.Sequential(torch.nn.BatchNorm1d(2, momentum=0.3), torch.nn.Dropout(0.0))
        model.eval()
        loader = [(torch.tensor(batch), 0) for batch in batches]
        torch.optim.swa_utils.update_bn(loader, model)
        assert not model.training
        assert model[0].momentum == 0.3
        ends.append([model[0].running_mean.numpy(), model[0].running_var.numpy()])
    np.testing.assert_allclose(*ends, rtol=1e-5)


@pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])
def test_without_batch_norms_nothing_is_read(torch):
    torch.optim.swa_utils.update_bn(iter(lambda: 1 / 0, None), torch.nn.Linear(1, 1))


@pytest.mark.parametrize("settings", [{}, {"anneal_epochs": 0}, {"anneal_strategy": "linear"},
                                      {"anneal_epochs": 3}], ids=str)  # fmt: skip
def test_rates(settings):
    paths = []
    for torch in (ours, theirs):
        optimizer = torch.optim.SGD([torch.ones(1).requires_grad_()], lr=1.0)
        scheduler = torch.optim.swa_utils.SWALR(optimizer, 0.05, **settings)
        path = []
        for _ in range(14):
            optimizer.step()
            scheduler.step()
            path.append(optimizer.param_groups[0]["lr"])
        paths.append(path)
        state = scheduler.state_dict()
        other = torch.optim.SGD([torch.ones(1).requires_grad_()], lr=1.0)
        torch.optim.swa_utils.SWALR(other, 0.5).load_state_dict(state)
    np.testing.assert_allclose(*paths, rtol=1e-12)


REFUSALS = [
    lambda u, o: u.AveragedModel(None, avg_fn=len, multi_avg_fn=len),
    lambda u, o: u.get_ema_avg_fn(2.0), lambda u, o: u.get_ema_multi_avg_fn(-1.0),
    lambda u, o: u.SWALR(o, 0.1, anneal_strategy="a"), lambda u, o: u.SWALR(o, 0.1, -1),
    lambda u, o: u.SWALR(o, [0.1, 0.2]),
]  # fmt: skip


@pytest.mark.parametrize("call", REFUSALS)
def test_refusals(call):
    said = []
    for torch in (ours, theirs):
        optimizer = torch.optim.SGD([torch.ones(1).requires_grad_()], lr=1.0)
        with pytest.raises(Exception) as error:  # noqa: PT011
            call(torch.optim.swa_utils, optimizer)
        said.append((error.type, str(error.value)))
    assert said[0] == said[1]
