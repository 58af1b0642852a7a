"""``out=``: put a result where the learner wants it, and refuse what PyTorch refuses."""

from . import dtypes
from .core import CPP_NAMES, TENSORS
from .grad_mode import is_grad_enabled


def check_out(kind, out, result, xs):
    """Raise PyTorch's errors for an ``out=`` that overlaps an operand, or is of a wrong dtype."""
    if kind.listed or kind.cls.apart_out:
        refuse_overlap(out, xs)
    elif kind.cls.broadcast:
        refuse_overlap(out, [x for x in xs if type(x) in TENSORS and not _same_place(x, out)])
    if kind.cls.exact_out:
        refuse_dtype(out, result)


def _same_place(x, out):
    a, b = x.array, out.array
    return a is b or x.shape == out.shape and x.data_ptr() == out.data_ptr() and (
        x.stride() == out.stride()
    )


def refuse_dtype(out, result):
    """Raise PyTorch's error for an ``out=`` of another dtype than the result's."""
    if out.dtype is result.dtype:
        return
    if result.dtype.is_complex:  # the sentence of torch.complex
        wanted, given = [dtypes.legacy_name(x.dtype) for x in (result, out)]
        raise RuntimeError(
            f"Expected object of scalar type {wanted} but got scalar type {given} for "
            "argument 'out'"
        )
    wanted, given = [CPP_NAMES[x.dtype.name] for x in (result, out)]
    raise RuntimeError(f"Expected out tensor to have dtype {wanted}, but got {given} instead")


def refuse_overlap(out, operands):
    """Raise PyTorch's error where a result would be written over what it is computed from."""
    xp = out.device.xp
    for x in operands:
        if type(x) in TENSORS and x.device == out.device and (
            x is out or xp.may_share_memory(x.array, out.array)
        ):
            raise RuntimeError(
                "unsupported operation: some elements of the input tensor and the written-to "
                "tensor refer to a single memory location. Please clone() the tensor before "
                "performing the operation."
            )


def written(out, result, name=""):
    """Put a result into ``out=``. ``name``: of the function, for errors."""
    if isinstance(result, tuple):
        return tuple(written(o, r, name) for o, r in zip(out, result))
    if is_grad_enabled() and (result.node is not None or out.node is not None):
        raise RuntimeError(
            f"{name and name + '(): '}functions with out=... arguments don't support automatic "
            "differentiation, but one of the arguments requires grad."
        )
    if out.shape != result.shape:
        with out.device.active():
            out.array = out.device.xp.empty(result.shape, out.array.dtype)
    return out.write(result)
