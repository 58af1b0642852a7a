"""Carry PyTorch's samples across to our library, and compare what comes back."""

import math
import types

import numpy as np
import torch as theirs

import autograd_lab as ours

CLOSE = {"float16": 5e-3, "bfloat16": 2e-2, "float32": 1e-4, "complex64": 1e-4}  # others: 1e-7


def _remembering(cls, *args, **settings):
    """Make a layer of PyTorch's that knows what it was made with, so that ours can be made so."""
    layer = object.__new__(cls)
    object.__setattr__(layer, "made_with", (args, settings))
    return layer


theirs.nn.Module.__new__ = staticmethod(_remembering)


def at(root, path):
    """Follow a dotted path; None where a name is absent."""
    for name in path.split("."):
        root = getattr(root, name, None)
    return root


def leaves(x):
    """List what a nested result holds, in order."""
    if isinstance(x, dict):
        x = list(x.values())
    if isinstance(x, (list, tuple)):
        return [leaf for part in x for leaf in leaves(part)]
    return [x]


def tensors(x):
    """List the tensors, of either library, that a nested result holds."""
    return [leaf for leaf in leaves(x) if isinstance(leaf, (theirs.Tensor, ours.Tensor))]


def crossed(x, made=None):
    """Say the same in our library: tensors are copied, dtypes and functions go by name."""
    made = {} if made is None else made  # a tensor that stands in two places stays one
    if isinstance(x, theirs.Tensor):
        return made.setdefault(id(x), _tensor(x))
    if isinstance(x, (theirs.dtype, theirs.layout, theirs.memory_format)):
        return getattr(ours, str(x).removeprefix("torch."))
    if isinstance(x, theirs.Size):
        return ours.Size(x)
    if isinstance(x, dict):
        return {key: crossed(value, made) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)(crossed(part, made) for part in x)
    if isinstance(x, theirs.nn.Module):
        args, settings = crossed(x.made_with)
        return getattr(ours.nn, type(x).__name__)(*args, **settings)
    return getattr(ours.nn.functional, x.__name__) if callable(x) else x


def _tensor(x):
    copy = ours.tensor(numbers(x).copy(), dtype=getattr(ours, str(x.dtype).removeprefix("torch.")))
    return copy.requires_grad_(x.requires_grad)


def numbers(x):
    """Give a tensor's numbers as a NumPy array."""
    return (x.float() if "bfloat16" in str(x.dtype) else x).numpy(force=True)


def spoken(f):
    """Twin a function of PyTorch's test data, in which the name torch means our library."""
    if not (isinstance(f, types.FunctionType) and f.__module__.startswith("torch.testing")):
        return f
    names = {**f.__globals__, "torch": ours, "F": ours.nn.functional}
    inner = tuple(types.CellType(spoken(cell.cell_contents)) for cell in f.__closure__ or ())
    return types.FunctionType(f.__code__, names, f.__name__, f.__defaults__, inner)


def gradients(torch, results, inputs):
    """Pull fixed numbers back from the results to the inputs; zeros where nothing arrives."""
    results = [y for y in tensors(results) if y.requires_grad]
    inputs = [x for x in inputs if x.requires_grad]
    pulled = torch.autograd.grad(
        results, inputs, [_weights(torch, y) for y in results], allow_unused=True
    )
    return [torch.zeros_like(x) if g is None else g for x, g in zip(inputs, pulled, strict=True)]


def _weights(torch, y):
    weights = np.cos(np.arange(y.numel())).reshape(y.shape)
    return torch.tensor(weights * (1 + 0.5j) if y.is_complex() else weights, dtype=y.dtype)


def same(mine, its, what, close=None):
    """Refuse any difference in number of parts, dtype, shape, values or need of gradients.

    ``close`` is how near the values must be; however far they may be apart if it is infinite.
    """
    mine, its = leaves(mine), leaves(its)
    assert len(mine) == len(its), f"{what}: {len(mine)} parts instead of {len(its)}"
    for a, b in zip(mine, its, strict=True):
        if isinstance(b, theirs.Tensor):
            assert isinstance(a, ours.Tensor), f"{what}: {type(a).__name__} instead of Tensor"
            _same_tensor(a, b, what, close)
        elif isinstance(b, (float, complex)):
            np.testing.assert_allclose(a, b, rtol=1e-6, err_msg=what)
        else:
            assert a == b or str(a) == str(b), f"{what}: {a} instead of {b}"


def _same_tensor(a, b, what, close):
    facts = [(str(t.dtype), tuple(t.shape), t.requires_grad) for t in (a, b)]
    assert facts[0] == facts[1], f"{what}: {facts[0]} instead of {facts[1]}"
    if close == math.inf:
        return
    a, b = numbers(a), numbers(b)
    if b.dtype.kind not in "fc":
        close = 0
    elif close is None:
        close = CLOSE.get(facts[1][0].removeprefix("torch."), 1e-7)
    np.testing.assert_allclose(a, b, rtol=close, atol=close / 10, err_msg=what)
