"""checkpoint: the same gradients, from a graph that is made twice and kept never."""

import pytest

import autograd_lab
from autograd_lab.utils.checkpoint import checkpoint, checkpoint_sequential
from tests.core.oracle import both


def call_of(torch):
    from importlib import import_module

    return import_module(f"{torch.__name__}.utils.checkpoint").checkpoint


@both
def test_gradients_are_those_without(torch):
    call = call_of(torch)
    x = torch.ones(4, 2, dtype=torch.float64, requires_grad=True)
    w = torch.arange(6.0, dtype=torch.float64).reshape(2, 3).requires_grad_()
    h = torch.tanh(x @ w)  # computed before, and w is used inside again

    def part(h, b, *, power=1):
        return ((h * 2) @ w.T) ** power, (h * b).sum(), 7, b.detach()

    a, b, seven, plain = call(part, h, torch.ones(3, dtype=torch.float64), use_reentrant=False,
                              power=2)
    loss = a.sum() + b
    slopes = torch.autograd.grad(loss, [x, w], retain_graph=True)
    loss.backward()
    return a, b, seven, plain, slopes, x.grad, w.grad


@both
def test_what_needs_no_gradient(torch):
    call = call_of(torch)
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        quiet = call(torch.exp, x, use_reentrant=False)
    return quiet, call(torch.exp, x.detach(), use_reentrant=False)


def test_it_is_called_twice_and_keeps_nothing_between():
    calls = []

    def part(x):
        calls.append(x.requires_grad)
        return (x.exp() * x).sin()

    x = autograd_lab.ones(3, requires_grad=True)
    y = checkpoint(part, x, use_reentrant=False)
    assert calls == [True] and y.grad_fn.name() == "CheckpointFunctionBackward"
    y.sum().backward()
    assert calls == [True, True]
    z = autograd_lab.ones(3, requires_grad=True)
    part(z).sum().backward()
    assert autograd_lab.allclose(x.grad, z.grad)


@pytest.mark.parametrize("segments", [1, 2, 3])
def test_dropout_draws_the_same_again(segments):
    nn = autograd_lab.nn
    net = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.ReLU(), nn.Linear(8, 1))
    x, slopes = autograd_lab.randn(4, 3), []
    for run in (net, lambda x: checkpoint_sequential(net, segments, x, use_reentrant=False)):
        autograd_lab.manual_seed(1)
        y = run(x)
        after = autograd_lab.rand(2)
        y.sum().backward()
        slopes.append([after, *[p.grad for p in net.parameters()], autograd_lab.rand(2)])
        net.zero_grad()
    assert all(autograd_lab.equal(a, b) for a, b in zip(*slopes))


def test_what_was_computed_before_and_is_not_given_keeps_its_graph():
    x = autograd_lab.ones(2, requires_grad=True)
    h = x * 3
    y = checkpoint(lambda a: a * h, x, use_reentrant=False)
    assert y.grad_fn.name() == "MulBackward0"
    y.sum().backward()
    assert x.grad.tolist() == [6.0, 6.0]


def test_gradients_of_gradients_are_refused():
    x = autograd_lab.ones(2, requires_grad=True)
    y = checkpoint(autograd_lab.exp, x, use_reentrant=False)
    with pytest.raises(RuntimeError, match="needs the graph that was forgotten"):
        autograd_lab.autograd.grad(y.sum(), x, create_graph=True)


@both
def test_states_of_no_gpu(torch):
    """Reversible networks keep the random numbers of the GPUs that their arguments lie on."""
    from importlib import import_module

    place = import_module(f"{torch.__name__}.utils.checkpoint")
    devices, states = place.get_device_states(torch.ones(1), [torch.ones(1)], 3)
    place.set_device_states(devices, states)
    return devices, states, torch.cuda._initialized


def test_states_of_a_gpu(gpu):
    """The GPU draws the processor's numbers: its state is put back with theirs."""
    from autograd_lab.utils.checkpoint import get_device_states, set_device_states

    torch = autograd_lab
    devices, states = get_device_states(torch.ones(1, device="cuda"), 3)
    first = torch.rand(3, device="cuda").cpu()
    torch.rand(1)
    set_device_states(devices, states)
    assert devices == [0] and torch.cuda._initialized
    assert torch.equal(first, torch.rand(3, device="cuda").cpu())
