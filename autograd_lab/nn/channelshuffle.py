"""A layer that mixes groups of channels."""

from . import functional as F
from .module import Module


class ChannelShuffle(Module):
    r"""Deal the channels out like cards, so that the groups of the next layer see them all.

    >>> nn.ChannelShuffle(2)(torch.arange(4.).reshape(1, 4, 1, 1)).flatten()
    tensor([0., 2., 1., 3.])
    """

    def __init__(self, groups: int):
        super().__init__()
        self.groups = groups

    def forward(self, input):
        """Deal the channels out."""
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        """Word the settings."""
        return f"groups={self.groups}"
