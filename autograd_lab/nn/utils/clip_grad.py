"""Keep gradients from growing too large."""

import math
import warnings

from ...core import Tensor, wrap
from ...device import cpu, device_of, on_host
from ...inplace import check_apart
from ...writes import wrote


def _arrays(parameters):
    """List the gradients that exist, if they can be written to."""
    parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    arrays = [p._grad.shared() for p in parameters if p._grad is not None]
    for array in arrays:
        check_apart(array)
    return arrays


def get_total_norm(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Tell the length of several tensors, as if they were one vector.

    >>> get_total_norm([torch.tensor([3.]), torch.tensor([4.])])
    tensor(5.)
    """
    arrays = [t.array for t in ([tensors] if isinstance(tensors, Tensor) else tensors)]
    return _checked(_norm(arrays, float(norm_type)), norm_type, error_if_nonfinite)


def _norm(arrays, norm_type):
    if not arrays:
        return wrap(cpu.xp.float32(0))
    xp = device_of(arrays[0]).xp
    kind = xp.result_type(*[a.dtype for a in arrays])
    arrays = [a.astype(xp.float32) if a.dtype == xp.float16 else a for a in arrays]
    if math.isinf(norm_type):
        sizes = _side_by_side(xp, [abs(a).max() for a in arrays])
        total = sizes.max() if norm_type > 0 else sizes.min()
    else:
        lengths = _side_by_side(xp, [xp.linalg.norm(a.reshape(-1), norm_type) for a in arrays])
        total = xp.linalg.norm(lengths, norm_type)
    return wrap(total.astype(xp.float16) if kind == xp.float16 else total)


def _side_by_side(xp, numbers):
    """Make an array of numbers; on a GPU one by one, for CuPy sends it a table to stack many."""
    if on_host(xp):
        return xp.stack(numbers)
    row = xp.empty(len(numbers), xp.result_type(*[number.dtype for number in numbers]))
    for place, number in enumerate(numbers):
        row[place] = number
    return row


def _checked(total, norm_type, error_if_nonfinite):
    if error_if_nonfinite and not math.isfinite(total.item()):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, "
            "so it cannot be clipped. To disable this error and scale the gradients by the "
            "non-finite norm anyway, set `error_if_nonfinite=False`"
        )
    return total


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Shorten all gradients together so that their common length is at most ``max_norm``.

    Returns the length that they had.

    >>> w = torch.tensor([3., 4.], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> clip_grad_norm_([w], 1.0), w.grad
    (tensor(10.), tensor([0.6000, 0.8000]))
    """
    arrays = _arrays(parameters)
    total = _checked(_norm(arrays, float(norm_type)), norm_type, error_if_nonfinite)
    _shorten(arrays, max_norm, total)
    return total


def _shorten(arrays, max_norm, total):
    factor = float(max_norm) / (total.array + 1e-6)
    for array in arrays:
        array *= factor.clip(None, 1.0).astype(array.dtype)
        wrote(array)


def clip_grads_with_norm_(parameters, max_norm, total_norm, foreach=None) -> None:
    """Shorten all gradients together, when their common length is known already.

    >>> w = torch.tensor([3., 4.], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> clip_grads_with_norm_([w], 1.0, torch.tensor(10.))
    >>> w.grad
    tensor([0.6000, 0.8000])
    """
    _shorten(_arrays(parameters), max_norm, total_norm)


def clip_grad_norm(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Shorten all gradients together: the old name of ``clip_grad_norm_``.

    >>> import warnings; warnings.simplefilter("ignore")
    >>> clip_grad_norm([], 1.0)
    tensor(0.)
    """
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of "
        "`torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grad_value_(parameters, clip_value, foreach=None) -> None:
    """Cut every element of the gradients off at ``clip_value`` and its negative.

    >>> w = torch.tensor([3., 4.], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> clip_grad_value_([w], 7.0)
    >>> w.grad
    tensor([6., 7.])
    """
    limit = float(clip_value)
    arrays = _arrays(parameters)
    if any(array.dtype.kind == "c" for array in arrays):
        raise NotImplementedError("clamp is not supported for complex types")
    for array in arrays:
        array[...] = array.clip(-limit, limit)
        wrote(array)
