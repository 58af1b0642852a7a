"""Which operations compute in half precision on a GPU under ``autocast``, and which never do."""

import threading

from .. import dtypes, general
from ..core import OPS, TENSORS

# Products: on a GPU they are several times as fast in half precision, and add up in single.
HALF = frozenset(
    "matmul linear contract conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d"
    " rnn_layer lstm_layer lstm_step gru_layer gru_step".split()
)
# What leaves the range of half precision (over 65,504, under 0.00006), or adds up many numbers.
FULL = frozenset(
    "acos asin cosh sinh tan exp expm1 log log1p log2 log10 pow reciprocal rsqrt softplus erfinv"
    " softmax log_softmax logsumexp sum prod cumsum cumprod vector_norm renorm euclidean"
    " batch_norm group_norm layer_norm cross_entropy nll_loss mse_loss huber_loss smooth_l1_loss"
    " binary_cross_entropy binary_cross_entropy_with_logits".split()
)


class Present(threading.local):
    """The half precision that this thread computes in now; None outside of ``autocast``."""

    dtype = None


present = Present()


def cast(name, tensors):
    """Bring the operands of an operation to the precision in which it is computed."""
    want = None if present.dtype is None else wanted(name)
    if want is None:
        return tensors
    other = dtypes.float32 if want is not dtypes.float32 else dtypes.float16
    to = OPS["to"]
    return [
        to(t, want) if type(t) in TENSORS and t.array.dtype == other.array else t for t in tensors
    ]


def wanted(name):
    """Name the precision of an operation; None where it is that of its operands.

    >>> present.dtype = torch.float16
    >>> wanted("matmul"), wanted("exp"), wanted("relu")
    (torch.float16, torch.float32, None)
    >>> present.dtype = None
    """
    return present.dtype if name in HALF else dtypes.float32 if name in FULL else None


def enter(dtype):
    """Compute in this precision from now on; gives what was before."""
    before, present.dtype = present.dtype, dtype
    general.mixed = cast
    return before
