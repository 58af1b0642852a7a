"""Clipping gradients, and parameters as one vector."""

import pytest
import torch as theirs

import autograd_lab as ours

BOTH = pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])


def model(torch):
    net = torch.nn.Linear(2, 2)
    with torch.no_grad():
        for p in net.parameters():
            p.fill_(0.5)
    net(torch.tensor([[1.0, -2.0], [3.0, 4.0]])).square().sum().backward()
    return net


@pytest.mark.parametrize("norm", [2.0, 1.0, 3.0, float("inf")])
@pytest.mark.parametrize("limit", [0.5, 1e4])
def test_norms_are_clipped_as_in_pytorch(norm, limit):
    def story(torch):
        net = model(torch)
        total = torch.nn.utils.clip_grad_norm_(net.parameters(), limit, norm)
        return [total.item()] + [v for p in net.parameters() for v in p.grad.reshape(-1).tolist()]

    assert story(ours) == pytest.approx(story(theirs), rel=1e-5)


def test_values_are_clipped_as_in_pytorch():
    def story(torch):
        net = model(torch)
        torch.nn.utils.clip_grad_value_(net.parameters(), 3.0)
        return [p.grad.tolist() for p in net.parameters()]

    assert story(ours) == story(theirs)


@BOTH
def test_a_norm_that_is_no_number_is_refused_if_asked(torch):
    net = model(torch)
    net.weight.grad[0, 0] = float("nan")
    with pytest.raises(RuntimeError, match="is non-finite, so it cannot be clipped"):
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0, error_if_nonfinite=True)


@BOTH
def test_no_gradients_have_no_length(torch):
    assert torch.nn.utils.clip_grad_norm_([torch.ones(2)], 1.0).item() == 0


@BOTH
def test_parameters_travel_through_a_vector(torch):
    net, other = model(torch), torch.nn.Linear(2, 2)
    vector = torch.nn.utils.parameters_to_vector(net.parameters())
    assert vector.shape == (6,)
    torch.nn.utils.vector_to_parameters(vector * 2, other.parameters())
    assert other.weight.tolist() == [[1.0, 1.0], [1.0, 1.0]]


@BOTH
def test_the_old_name_and_a_length_that_is_known(torch):
    net = model(torch)
    with pytest.warns(FutureWarning, match="clip_grad_norm. is now deprecated in favor of"):
        total = torch.nn.utils.clip_grad_norm(net.parameters(), 1.0)
    other = model(torch)
    torch.nn.utils.clip_grads_with_norm_(other.parameters(), 1.0, total)
    for p, q in zip(net.parameters(), other.parameters()):
        assert torch.equal(p.grad, q.grad)
