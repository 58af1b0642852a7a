"""Check a gradient rule against finite differences: nudge each number and see what happens."""

import numpy as np

from ..core import Tensor, wrap
from .grad import grad


class GradcheckError(RuntimeError):
    """The rule and the finite differences disagree."""


def gradcheck(
    func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True,
    nondet_tol=0.0, check_undefined_grad=True, check_grad_dtypes=False, check_batched_grad=False,
    fast_mode=False, masked=None,
) -> bool:  # fmt: skip
    """Say whether ``func``'s gradients agree with finite differences (use float64 inputs).

    Central differences, (f(x + eps) - f(x - eps)) / 2 eps, for every element of every input that
    requires grad, against one backward for every element of every output.

    >>> x = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradcheck(torch.tanh, (x,))
    True
    """
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    try:
        _check(func, inputs, eps, atol, rtol)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check(func, inputs, eps, atol, rtol):
    wanted = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    if not wanted:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of the them "
            "have requires_grad=True."
        )
    outputs = _outputs(func, inputs)
    if not outputs:
        raise GradcheckError("none of the outputs requires grad: there is nothing to check")
    for i in wanted:
        numeric = _numeric(func, inputs, i, eps, len(outputs))
        for k, output in enumerate(outputs):
            exact = _analytic(output, inputs[i])
            if not np.allclose(exact, numeric[k], rtol, atol, equal_nan=True):
                raise GradcheckError(
                    f"Jacobian mismatch for output {k} with respect to input {i},\n"
                    f"numerical:{numeric[k]}\nanalytical:{exact}\n"
                )


def _outputs(func, inputs):
    made = func(*inputs)
    made = made if isinstance(made, (tuple, list)) else (made,)
    return [t for t in made if isinstance(t, Tensor) and t.requires_grad]


def _host(tensor):
    return tensor.detach().cpu().array


def _flat(tensor):
    """Lay out a tensor's numbers in one row; a complex one as real and imaginary parts."""
    array = np.array(_host(tensor)).reshape(-1)
    return array.view(np.float64) if array.dtype == np.complex128 else array


def _numeric(func, inputs, i, eps, count):
    """Give d output / d input for each output, by central differences."""
    base = np.array(_host(inputs[i]))
    flat = base.reshape(-1)
    real = flat.view(np.float64) if flat.dtype == np.complex128 else flat
    columns = []
    for j in range(real.size):
        ends = []
        for step in (eps, -eps):
            moved = real.copy()
            moved[j] += step
            x = wrap(moved.view(flat.dtype).reshape(base.shape)).to(inputs[i].device)
            again = _outputs(func, (*inputs[:i], x.requires_grad_(), *inputs[i + 1 :]))
            ends.append([_flat(t).astype(np.float64) for t in again[:count]])
        columns.append([(a - b) / (2 * eps) for a, b in zip(*ends)])
    return [np.array([c[k] for c in columns]).T for k in range(count)]


def _analytic(output, x):
    """Give d output / d input by one backward for each element of the output."""
    rows, array = [], np.array(_host(output))
    is_complex = array.dtype.kind == "c"
    for j in range(array.size * (2 if is_complex else 1)):
        seed = np.zeros(array.size, array.dtype)
        (seed.view(np.float64) if is_complex else seed)[j] = 1
        g = wrap(seed.reshape(array.shape)).to(output.device)
        (found,) = grad(output, x, g, retain_graph=True, allow_unused=True)
        rows.append(np.zeros_like(_flat(x)) if found is None else _flat(found))
    return np.array(rows).reshape(len(rows), -1)


def gradgradcheck(
    func, inputs, grad_outputs=None, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True,
    gen_non_contig_grad_outputs=False, nondet_tol=0.0, check_undefined_grad=True,
    check_grad_dtypes=False, check_batched_grad=False, fast_mode=False, masked=False,
) -> bool:  # fmt: skip
    """Say whether the gradients of ``func``'s gradients agree with finite differences.

    >>> x = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradgradcheck(torch.tanh, (x,))
    True
    """
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    outputs = _outputs(func, inputs)
    if grad_outputs is None:
        rng = np.random.default_rng(0)
        grad_outputs = tuple(_random_like(t, rng) for t in outputs)
    grad_outputs = (grad_outputs,) if isinstance(grad_outputs, Tensor) else tuple(grad_outputs)
    count = len(inputs)

    def first(*both):
        given, seeds = both[:count], both[count:]
        wanted = [x for x in given if isinstance(x, Tensor) and x.requires_grad]
        found = grad(
            _outputs(func, given), wanted, list(seeds), create_graph=True, allow_unused=True
        )
        return tuple(g for g in found if g is not None and g.requires_grad)

    return gradcheck(
        first, inputs + grad_outputs, eps=eps, atol=atol, rtol=rtol,
        raise_exception=raise_exception,
    )  # fmt: skip


def _random_like(t, rng):
    array = rng.standard_normal(t.array.shape)
    if t.dtype.is_complex:
        array = array + 1j * rng.standard_normal(t.array.shape)
    return wrap(np.asarray(array, t.array.dtype)).to(t.device).requires_grad_()
