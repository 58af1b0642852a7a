"""Layers that leave things out at random while training."""

from . import functional as F
from .module import Module


class _Dropout(Module):
    def __init__(self, p: float = 0.5, inplace: bool = False):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace

    def extra_repr(self) -> str:
        """Word the settings."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """Replace elements by 0 at random while training, so that none is relied on.

    Each element is dropped with probability ``p``; the others are multiplied by 1 / (1 - p), so
    that the mean stays as it was. In eval mode, after ``model.eval()``, nothing happens.

    Args:
        p: the probability with which an element is dropped, from 0 to 1.
        inplace: change the input itself.

    Shape:
        input and output: any shape, the same.

    >>> layer = nn.Dropout(0.5)
    >>> sorted(set(layer(torch.ones(1000)).tolist()))  # dropped, or doubled
    [0.0, 2.0]
    >>> layer.eval()(torch.ones(3))
    tensor([1., 1., 1.])
    """

    def forward(self, input):
        """Drop elements, in train mode only."""
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_Dropout):
    r"""Drop whole channels of (N, C, L) while training.

    >>> nn.Dropout1d(0.5).eval()(torch.ones(1, 3))
    tensor([[1., 1., 1.]])
    """

    def forward(self, input):
        """Drop channels, in train mode only."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    r"""Drop whole channels of (N, C, H, W) while training.

    >>> nn.Dropout2d(0.5).eval()(torch.ones(1, 1, 1, 3))
    tensor([[[[1., 1., 1.]]]])
    """

    def forward(self, input):
        """Drop channels, in train mode only."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_Dropout):
    r"""Drop whole channels of (N, C, D, H, W) while training.

    >>> nn.Dropout3d(0.5).eval()(torch.ones(1, 1, 1, 1, 3))
    tensor([[[[[1., 1., 1.]]]]])
    """

    def forward(self, input):
        """Drop channels, in train mode only."""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_Dropout):
    r"""Drop elements to SELU's lower limit while training: mean and spread stay as they are.

    >>> nn.AlphaDropout(0.5).eval()(torch.ones(3))
    tensor([1., 1., 1.])
    """

    def forward(self, input):
        """Drop elements, in train mode only."""
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_Dropout):
    r"""Drop whole channels of (N, C, ...) to SELU's lower limit while training.

    >>> nn.FeatureAlphaDropout(0.5).eval()(torch.ones(1, 3))
    tensor([[1., 1., 1.]])
    """

    def forward(self, input):
        """Drop channels, in train mode only."""
        return F.feature_alpha_dropout(input, self.p, self.training)
