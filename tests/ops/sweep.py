"""How the sweep calls an op, asks for its gradients, and compares."""

import importlib
import operator
import pkgutil

import numpy as np
import torch as oracle

import autograd_lab as lab
import autograd_lab.nn.functional  # its operations, too, are swept
from autograd_lab import ops
from autograd_lab.core import Tensor
from autograd_lab.ops import OPS
from tests.ops.samples import ARRAYS, bare, mapped

for _module in pkgutil.iter_modules(ops.__path__):  # what a program has not named is not loaded
    importlib.import_module(f"{ops.__name__}.{_module.name}")
SPECIAL = np.array([0.0, np.nan, -1.0, np.inf, -0.0, 2.0, -np.inf, 0.5, 1.0, -3.0, 6.0, 1e300])


def is_pointwise(name):
    """Say whether an op works on each element by itself."""
    cls = name in OPS and OPS[name].__wrapped__
    return bool(cls) and (cls.broadcast or bool(cls.promote))


def differentiable(name):
    """Say whether an op has a rule."""
    members = dir(OPS[name].__wrapped__)
    return any(member.startswith("backward") for member in members)


def as_array(x):
    """Give a result as a NumPy array, from wherever it is."""
    if isinstance(x, oracle.Tensor):
        return x.numpy(force=True)
    return np.asarray(x.detach().cpu().numpy() if isinstance(x, Tensor) else x)


def tensors_in(x):
    """List the tensors, ours or PyTorch's, in tuples, lists and dicts."""
    if isinstance(x, (tuple, list)):
        return [t for each in x for t in tensors_in(each)]
    if isinstance(x, dict):
        return tensors_in(list(x.values()))
    return [x] if isinstance(x, (Tensor, oracle.Tensor)) else []


def arrays_in(sample):
    """List the arrays of a sample that become tensors."""
    found = []
    sample.mapped(lambda x: found.append(x) if not isinstance(x, bare) else None)
    return found


class Run:
    """One call: the tensors that went in, which of them may have gradients, what came out."""

    def __init__(self, call, sample, make):
        self.leaves = []

        def enter(x):
            if isinstance(x, bare):
                return make(x)
            tensor = make(np.array(x))
            if np.asarray(x).dtype.kind in "fc":
                self.leaves.append(tensor.requires_grad_())
            return tensor

        args, kwargs = sample.mapped(enter)
        self.inputs = tensors_in((args, kwargs))
        self.result = call(*args, **kwargs)
        self.outputs = tensors_in(self.result)
        self.smooth = [y for y in self.outputs if y.requires_grad]


def ours(name, sample, device="cpu"):
    """Call our op."""
    place = lab.device(device)

    def make(x):
        if isinstance(x, bare):
            return place.xp.asarray(x.array)
        return lab.tensor(x, device=device)

    return Run(function(name), sample, make)


def function(name):
    """Find an op, or a function made of ops, by its name: "quantile", "linalg.solve"."""
    return OPS.get(name) or getattr(ops, name, None) or operator.attrgetter(name)(lab)


def theirs(name, sample):
    """Call PyTorch's."""
    call = sample.torch if callable(sample.torch) else named(sample.torch or name)
    return Run(call, sample, lambda x: oracle.from_numpy(np.array(getattr(x, "array", x))))


def named(path):
    """Find PyTorch's function: torch.path, or the functional or the method of that name."""
    for place in (oracle, oracle.nn.functional, oracle.Tensor):
        found = place
        for part in path.split("."):
            found = getattr(found, part, None)
        if found is not None:
            return found
    raise AttributeError(f"PyTorch has no {path}: say torch=... in the sample")


def cotangents(outputs, seed=1):
    """Make a gradient for each output."""
    draw = np.random.default_rng(seed)
    made = []
    for y in outputs:
        array = as_array(y)
        g = draw.standard_normal(array.shape)
        g = g + 1j * draw.standard_normal(array.shape) if array.dtype.kind == "c" else g
        made.append(np.asarray(g, array.dtype))
    return made


def gradients(outputs, given, leaves, create_graph=False):
    """Ask our engine for the gradients with respect to some tensors; None where there is none."""
    return lab.autograd.grad(outputs, leaves, given, True, create_graph, allow_unused=True)


def dot(a, b):
    """Add up the products: what two lists of arrays have in common, as a number."""
    return sum(np.real(np.vdot(x, y)) for x, y in zip(a, b) if x is not None)


def slope(function, arrays, directions, step=1e-6):
    """Tell how fast a function of arrays grows in a direction, by a finite difference."""
    ahead = function([a + step * v for a, v in zip(arrays, directions)])
    behind = function([a - step * v for a, v in zip(arrays, directions)])
    return (ahead - behind) / (2 * step)


def numbers(tensors):
    """Give gradients as arrays, None as None."""
    return [None if t is None else as_array(t) for t in tensors]


def refilled(sample, values):
    """Give the sample's arguments with other numbers in its floating arrays."""
    rest = iter(values)

    def change(x):
        return next(rest) if isinstance(x, ARRAYS) and np.asarray(x).dtype.kind in "fc" else x

    return changed(sample, change)


def changed(sample, change):
    """Give a sample like this one with ``change`` done to its arrays."""
    twin = object.__new__(type(sample))
    twin.__dict__.update(vars(sample))
    twin.args, twin.kwargs = mapped(sample.args, change), mapped(sample.kwargs, change)
    return twin


def as_kind(dtype):
    """Make the change of a sample's floats to another dtype."""

    def change(x):
        if isinstance(x, bare) or x.dtype.kind != "f":
            return x.astype(np.complex64) if dtype == "float32" and is_complex(x) else x
        return np.asarray(np.round(2 * x) if dtype == "int64" else x).astype(dtype)

    return change


def is_complex(x):
    """Say whether this is an array of complex numbers."""
    return not isinstance(x, bare) and x.dtype.kind == "c"


def special_values(sample):
    """Put nan, infinities and zeros among the numbers, each array from another start."""
    start = iter(range(0, 1000, 5))
    values = SPECIAL if sample.special is True else SPECIAL[~np.isnan(SPECIAL)]

    def change(x):
        if isinstance(x, bare) or x.dtype.kind != "f":
            return x
        count = np.arange(x.size) + next(start)
        return values[count % len(values)].reshape(x.shape)

    return changed(sample, change)


def one_number(x):
    """Make a 0-d array of an array's first number."""
    return x if isinstance(x, bare) or not x.size else np.array(x.flat[0])


def no_numbers(x):
    """Make an empty array."""
    return x if isinstance(x, bare) else np.zeros((0, 3), x.dtype)


def strided(x):
    """Lay the same numbers out otherwise in memory."""
    return x if isinstance(x, bare) or x.ndim < 2 else np.asfortranarray(x)


def variants(name, sample):
    """List a sample's relatives: other dtypes, layouts, special values, 0-d and empty arrays."""
    yield "as it is", sample
    if any(isinstance(x, ARRAYS) and np.asarray(x).dtype.kind in "fc" for x in arrays_in(sample)):
        for dtype in sample.only:
            yield dtype, changed(sample, as_kind(dtype))
    yield "other strides", changed(sample, strided)
    if is_pointwise(name):
        yield "0-d", changed(sample, one_number)
        yield "empty", changed(sample, no_numbers)
        if sample.special:
            yield "nan, inf, 0", special_values(sample)


def same(ours, theirs, what, near=1e-8):
    """Assert that two results have the same shape, dtype and numbers."""
    x, y = as_array(ours), as_array(theirs)
    assert x.shape == y.shape, f"{what}: shape {x.shape}, PyTorch {y.shape}"
    assert x.dtype == y.dtype, f"{what}: {x.dtype}, PyTorch {y.dtype}"
    loose = x.dtype in ("float32", "complex64", "float16")
    rtol, atol = (2e-5, 1e-6) if loose else (near, near / 100)
    np.testing.assert_allclose(x, y, rtol, atol, equal_nan=True, err_msg=what)
