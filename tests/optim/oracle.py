"""Let an optimizer of ours and PyTorch's walk the same way, and compare all that can be seen."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours

SHAPES = [(2, 3), (300, 500), (3,), ()]  # the second one is walked in more than one part


def start(torch, dtype="float64", shapes=SHAPES):
    """The same parameters in either library."""
    rng = np.random.default_rng(0)
    arrays = [np.asarray(rng.standard_normal(shape)).astype(dtype) for shape in shapes]
    if np.dtype(dtype).kind == "c":
        arrays = [array * (1 + 0.5j) for array in arrays]
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def steps(torch, parameters, optimizer, times):
    """Walk downhill, over ground that changes from step to step."""
    for i in times:
        optimizer.zero_grad()
        for p in parameters:
            square = p * p.conj() if p.is_complex() else p * p
            (square * (3 - i) + p).sum().abs().backward()
        optimizer.step()
    return [p.detach().numpy().copy() for p in parameters]


def make(torch, name, parameters, mode):
    return getattr(torch.optim, name)(parameters, **mode)


def same(mine, its, tolerance=1e-9):
    for a, b in zip(mine, its, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def same_states(mine, its):
    """The same names in the same order, and the same numbers."""
    assert type(mine) is type(its) or hasattr(mine, "tolist") or hasattr(its, "tolist")
    if isinstance(mine, dict):
        assert list(mine) == list(its)
        for key in mine:
            same_states(mine[key], its[key])
    elif isinstance(mine, list | tuple):
        assert len(mine) == len(its)
        for a, b in zip(mine, its):
            same_states(a, b)
    elif mine is None or isinstance(mine, str | bool):
        assert mine == its
    else:
        a, b = (np.asarray(x.numpy() if hasattr(x, "numpy") else x) for x in (mine, its))
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def check_path(name, mode, shapes=SHAPES, dtypes=("float64", "float32")):
    """Values, state and looks are PyTorch's after a few steps."""
    for dtype in dtypes:
        ends, optimizers = [], []
        for torch in (ours, theirs):
            parameters = start(torch, dtype, shapes)
            optimizers.append(make(torch, name, parameters, mode))
            ends.append(steps(torch, parameters, optimizers[-1], range(5)))
        same(*ends, tolerance=1e-9 if dtype in ("float64", "complex128") else 5e-5)
        same_states(*[optimizer.state_dict() for optimizer in optimizers])
        assert repr(optimizers[0]) == repr(optimizers[1])


def moved(value, torch):
    """A state for another library."""
    if isinstance(value, dict):
        return {key: moved(each, torch) for key, each in value.items()}
    if isinstance(value, list):
        return [moved(each, torch) for each in value]
    return torch.tensor(value.detach().numpy()) if hasattr(value, "detach") else value


def check_moving(name, mode, shapes=SHAPES):
    """Either library goes on from a state that the other has saved."""
    for first, second in ((theirs, ours), (ours, theirs)):
        begun = start(first, shapes=shapes)
        optimizer = make(first, name, begun, mode)
        steps(first, begun, optimizer, range(3))
        parameters = [second.tensor(p.detach().numpy(), requires_grad=True) for p in begun]
        other = make(second, name, parameters, mode)
        other.load_state_dict(moved(optimizer.state_dict(), second))
        ends = [
            steps(first, begun, optimizer, range(3, 5)),
            steps(second, parameters, other, range(3, 5)),
        ]
        same(*ends, tolerance=1e-6)  # PyTorch rounds some numbers of the state to float32


def check_refusals(name, refusals, shape=(2,)):
    """Settings that make no sense are refused in PyTorch's words."""
    for settings in refusals:
        said = []
        for torch in (theirs, ours):
            with pytest.raises(Exception) as error:  # noqa: PT011
                make(torch, name, [torch.ones(shape, requires_grad=True)], settings)
            said.append((error.type, str(error.value)))
        assert said[0] == said[1]
