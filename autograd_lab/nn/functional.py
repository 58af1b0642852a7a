"""Operations and losses as functions: ``F.relu(x)``, ``F.mse_loss(output, target)``."""

import warnings

from .. import ops
from ..ops import linear as linear
from ..ops import relu as relu
from ..ops import tanh as tanh


def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """Average the squared differences between output and target.

    >>> F.mse_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(2.)
    """
    if input.array.shape != target.array.shape:
        input, target = _stretched(input, target)
    return ops.mse_loss(input, target, reduction)


def _stretched(input, target):
    """Warn, in PyTorch's words, that a loss is about to broadcast; then do it."""
    warnings.warn(
        f"Using a target size ({target.shape}) that is different to the input size "
        f"({input.shape}). This will likely lead to incorrect results due to broadcasting. Please "
        "ensure they have the same size.",
        stacklevel=3,
    )
    return input, target
