r"""Kernels of our own: what plain CuPy starts ten kernels for, in one.

A layer norm, an LSTM's step, an optimizer's are many small operations on the same numbers. As one
kernel the numbers are read once, and one launch is paid, about 5 µs. Each is plain arithmetic: read
it beside the NumPy code that it stands in for, in ``ops/`` and ``optim/``; the tests hold the two
together. ``kernel.py`` says how a kernel is written and started.

They are used where ``torch.backends.cuda.own_kernels`` is on; on the way back only where no second
derivative is asked for. With float16 they compute in float32.
"""

from .activations import channel_sums, column_sums, gelu, gelu_back, relu_backward
from .losses import cross_entropy, cross_entropy_back, softmax, softmax_back, squared_back
from .norms import (
    batch_norm,
    batch_norm_back,
    layer_norm,
    layer_norm_back,
    layer_norm_of_weights,
)
from .optimizers import adam, lies_well, sgd
from .pooling import (
    flat,
    laid_out,
    largest_back,
    largest_of,
    lay_columns_over,
    mean_back,
    mean_of,
    means_of_shares,
    means_of_shares_back,
)
from .recurrent import lstm_backward, lstm_forward
from .rows import MANY, rows_added

__all__ = [
    "MANY", "adam", "batch_norm", "batch_norm_back", "channel_sums", "column_sums",
    "cross_entropy", "cross_entropy_back", "flat", "gelu", "gelu_back", "laid_out", "largest_back",
    "largest_of", "lay_columns_over", "layer_norm", "layer_norm_back", "layer_norm_of_weights",
    "lies_well", "lstm_backward", "lstm_forward", "mean_back", "mean_of", "means_of_shares",
    "means_of_shares_back", "relu_backward", "rows_added", "sgd", "softmax", "softmax_back",
    "squared_back",
]  # fmt: skip
