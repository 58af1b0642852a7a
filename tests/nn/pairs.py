"""A layer and PyTorch's, with the same numbers: do they answer alike?"""

import numpy as np
import torch as theirs

import autograd_lab as ours


def pair(name, *args, **settings):
    """Make a layer of each library, in float64, with PyTorch's numbers."""
    mine, its = (getattr(t.nn, name)(*args, **settings).double() for t in (ours, theirs))
    generator = theirs.Generator().manual_seed(0)
    with theirs.no_grad():
        for p in its.parameters():
            p.add_(0.3 * theirs.randn(p.shape, generator=generator, dtype=p.dtype))
    mine.load_state_dict({k: ours.tensor(v.numpy()) for k, v in its.state_dict().items()})
    assert list(mine.state_dict()) == list(its.state_dict())
    assert repr(mine) == repr(its)
    return mine, its


def entered(x, torch, device=None):
    """Make an array a tensor (floats ask for gradients); leave anything else as it is."""
    if not isinstance(x, np.ndarray):
        return x
    tensor = torch.tensor(x) if device is None else torch.tensor(x, device=device)
    return tensor.requires_grad_() if x.dtype.kind == "f" else tensor


def numbers(*shape, seed=0):
    """Draw normal numbers."""
    return np.random.default_rng(seed).standard_normal(shape)


def outputs(result):
    """List the tensors that a layer gave."""
    return [y for y in (result if isinstance(result, tuple) else (result,)) if y is not None]


def answers(torch, layer, args, settings, device=None):
    """Run a layer; give what came out, all gradients, and the state it is in then."""
    inputs = [entered(x, torch, device) for x in args]
    named = {k: entered(v, torch, device) for k, v in settings.items()}
    layer.zero_grad()
    found = outputs(layer(*inputs, **named))
    total = sum((y * (y + 1)).sum() for y in found)
    leaves = [x for x in [*inputs, *named.values()] if getattr(x, "requires_grad", False)]
    leaves += list(layer.parameters())
    if total.requires_grad:
        total.backward()
    grads = [x.grad for x in leaves]
    state = [v for v in layer.state_dict().values() if v is not None]
    every = [*found, *grads, *state]
    return [None if t is None else np.array(t.detach().cpu().numpy()) for t in every]


def agree(mine, its, *args, near=1e-9, **settings):
    """Assert that both answer alike: values, gradients, and what changed inside."""
    a, b = answers(ours, mine, args, settings), answers(theirs, its, args, settings)
    assert len(a) == len(b)
    for x, y in zip(a, b):
        same(x, y, near)


def same(x, y, near=1e-9):
    """Assert that two arrays, or two times nothing, are the same."""
    if x is None or y is None:
        assert not np.any(x if y is None else y), "one has a gradient, the other has none"
        return
    assert x.shape == y.shape
    assert x.dtype == y.dtype
    np.testing.assert_allclose(x, y, rtol=near, atol=near)


def alike_on_the_gpu(layer, *args, **settings):
    """Assert that a layer answers on the pretend GPU as on the CPU."""
    state = {k: v.clone() for k, v in layer.state_dict().items()}
    here = answers(ours, layer, args, settings)
    layer.load_state_dict(state)
    there = answers(ours, layer.to("cuda"), args, settings, "cuda")
    assert len(here) == len(there)
    for x, y in zip(here, there):
        same(x, y, 1e-5)


def same_error(call, kind=None):
    """Assert that both libraries refuse with the same type, and PyTorch's sentence first."""
    said = []
    for torch in (theirs, ours):
        try:
            call(torch)
        except Exception as error:
            said.append(error)
        else:
            raise AssertionError(f"{torch.__name__} did not refuse")
    its, mine = said
    assert type(mine) is (kind or type(its)), f"{mine!r} is not like {its!r}"
    first = str(its).split("\n")[0].rstrip(".")
    assert str(mine).startswith(first), f"{mine} does not begin with {first}"
