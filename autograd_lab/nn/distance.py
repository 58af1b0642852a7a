"""Layers that compare vectors."""

from . import functional as F
from .module import Module


class PairwiseDistance(Module):
    r"""Tell the distance between vectors, row by row: $\|x_1 - x_2 + \epsilon\|_p$.

    >>> nn.PairwiseDistance()(torch.tensor([[0., 0.]]), torch.tensor([[3., 4.]]))
    tensor([5.0000])
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False):
        super().__init__()
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1, x2):
        """Compare the rows."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


class CosineSimilarity(Module):
    r"""Tell the cosine of the angle between vectors along a dimension.

    >>> nn.CosineSimilarity()(torch.tensor([[1., 0.]]), torch.tensor([[1., 1.]]))
    tensor([0.7071])
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8):
        super().__init__()
        self.dim, self.eps = dim, eps

    def forward(self, x1, x2):
        """Compare the vectors."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)
