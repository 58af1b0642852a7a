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


def with_grad(torch, grad):
    w = torch.zeros(grad.shape, dtype=grad.dtype, requires_grad=True)
    w.grad = grad
    return w


@pytest.mark.parametrize("norm", [1, 2, 3, 0, float("inf"), -float("inf")])
@pytest.mark.parametrize("size", [10.0, 100.0])
def test_half_gradients_are_measured_in_single(norm, size):
    def story(torch):
        parts = [torch.full((300,), size).half(), torch.full((200,), size).half()]
        weights = [with_grad(torch, part) for part in parts]
        total = torch.nn.utils.clip_grad_norm_(weights, 1.0, norm)
        assert total.dtype is torch.float16
        return [total.item(), *(w.grad[0].item() for w in weights)]

    assert story(ours) == pytest.approx(story(theirs), rel=2e-3)


CLIPS = {
    "norm": lambda t, w: t.nn.utils.clip_grad_norm_([w], 1.0),
    "known norm": lambda t, w: t.nn.utils.clip_grads_with_norm_([w], 1.0, t.tensor(10.0)),
    "value": lambda t, w: t.nn.utils.clip_grad_value_([w], 0.5),
}


@pytest.mark.parametrize("clip", CLIPS)
@BOTH
def test_a_gradient_that_is_one_number_over_and_over_is_refused(torch, clip):
    w = with_grad(torch, torch.ones(1).expand(3))
    with pytest.raises(RuntimeError, match="more than one element of the written-to tensor"):
        CLIPS[clip](torch, w)
    assert w.grad.tolist() == [1, 1, 1]


@BOTH
def test_complex_gradients_are_not_cut_off(torch):
    w = with_grad(torch, torch.full((2,), 1 + 1j))
    with pytest.raises(NotImplementedError, match="clamp is not supported for complex types"):
        torch.nn.utils.clip_grad_value_([w], 0.5)
