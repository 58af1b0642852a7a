"""PyTorch's ``torch.special``: the same functions under the names that mathematicians use."""

from .ops import (
    erf,
    erfc,
    erfinv,
    exp2,
    expm1,
    log1p,
    logit,
    round,
    sigmoid,
    sinc,
    xlogy,
)  # fmt: skip

expit = sigmoid

__all__ = [
    "erf", "erfc", "erfinv", "exp2", "expit", "expm1", "log1p", "logit", "round", "sinc", "xlogy",
]  # fmt: skip
