"""What the parameters of distributions have in common: shapes, and two ways to say how likely."""

import functools

from ..core import Tensor
from ..creation import tensor
from ..dtypes import finfo, get_default_dtype
from ..grad_mode import enable_grad
from ..ops import broadcast_tensors


def broadcast_all(*values):
    """Make tensors of one shape from tensors and numbers.

    >>> broadcast_all(0.0, torch.ones(2))
    (tensor([0., 0.]), tensor([1., 1.]))
    """
    if not all(isinstance(v, Tensor | int | float | complex) for v in values):
        raise ValueError(
            "Input arguments must all be instances of Number, torch.Tensor or objects "
            "implementing __torch_function__."
        )
    like = next((v for v in values if isinstance(v, Tensor)), None)
    kind = {"dtype": get_default_dtype()}
    if like is not None:
        kind = {"dtype": like.dtype, "device": like.device}
    values = [v if isinstance(v, Tensor) else tensor(v, **kind) for v in values]
    return tuple(broadcast_tensors(*values))


def later(function):
    """Compute an attribute when it is first asked for, with its gradient, and keep it."""
    return functools.cached_property(functools.wraps(function)(enable_grad()(function)))


def log_odds(probs):
    r"""Give the logits of chances: $\log p - \log(1 - p)$, kept finite.

    >>> log_odds(torch.tensor(0.5))
    tensor(0.)
    """
    inside = away_from_ends(probs)
    return inside.log() - (-inside).log1p()


def away_from_ends(probs):
    """Keep chances away from 0 and 1 by the least that their dtype can tell.

    >>> bool(away_from_ends(torch.tensor(0.)) > 0)
    True
    """
    eps = finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def sum_last(x, count: int):
    """Sum over the last dimensions, so many of them.

    >>> sum_last(torch.ones(2, 3, 4), 2)
    tensor([12., 12.])
    """
    return x if count == 0 else x.reshape((*x.shape[: x.ndim - count], -1)).sum(-1)


class Missing:
    """Stand for an attribute that a subclass must define."""

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        if instance is None:
            return self
        raise NotImplementedError(f"{owner.__name__} does not define `{self.name}`")


def one_of(probs, logits):
    """Raise PyTorch's error unless exactly one of the two ways is used."""
    if (probs is None) == (logits is None):
        raise ValueError("Either `probs` or `logits` must be specified, but not both.")
