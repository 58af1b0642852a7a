"""Tables of vectors that are learned: a word's number in, its vector out.

``sparse=True`` is accepted and changes nothing: gradients here are always dense arrays, with
zeros in the rows that were not looked up. So every optimizer takes them; where PyTorch's Adam
refuses a sparse gradient, ours moves the untouched rows too, by their momentum. ``SparseAdam``
leaves them alone.
"""

from ..creation import empty
from ..grad_mode import no_grad
from ..ops.embedding import padding_row
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter


class _Table(Module):
    """What Embedding and EmbeddingBag share: a weight with one row for each number."""

    def __init__(
        self, num_embeddings, embedding_dim, padding_idx, max_norm, norm_type,
        scale_grad_by_freq, sparse, weight, freeze, device, dtype,
    ):  # fmt: skip
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_row(padding_idx, num_embeddings)
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        if weight is not None and tuple(weight.shape) != (num_embeddings, embedding_dim):
            raise AssertionError("Shape of weight does not match num_embeddings and embedding_dim")
        fresh = weight is None
        if fresh:
            weight = empty((num_embeddings, embedding_dim), device=device, dtype=dtype)
        self.weight = Parameter(weight, requires_grad=not freeze)
        if fresh:
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new vectors; the padding row is 0."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx] = 0

    def _unusual(self, *usual) -> list:
        """Word the settings that are not what they are at first."""
        return [f"{k}={getattr(self, k)!r}" for k, v in usual if getattr(self, k) != v]


class Embedding(_Table):
    """Look up a learned vector for each number: a word's number in, its vector out.

    Number i gives row i of ``weight``; the gradient is 0 for all rows that were not looked up.

    Args:
        num_embeddings: how many vectors the table has: numbers go from 0 to num_embeddings - 1.
        embedding_dim: how long each vector is.
        padding_idx: the number that stands for "nothing here": its row is 0 at first, and not
            learned.
        max_norm: vectors that are longer are shortened, in the table, when they are looked up.
        norm_type: the p of the p-norm that ``max_norm`` means.
        scale_grad_by_freq: divide a row's gradient by how often it was looked up.
        sparse: accepted; gradients are dense.

    Shape:
        input: any shape, whole numbers (int64 or int32).
        output: the shape of the input, and embedding_dim behind it.
        weight (num_embeddings, embedding_dim), at first drawn from a normal distribution.

    >>> table = nn.Embedding(10, 3, padding_idx=0)
    >>> table(torch.tensor([[1, 2, 0], [4, 3, 2]])).shape  # 2 sentences of 3 words
    torch.Size([2, 3, 3])
    >>> table(torch.tensor([0])).tolist()
    [[0.0, 0.0, 0.0]]
    """

    def __init__(
        self, num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0,
        scale_grad_by_freq=False, sparse=False, _weight=None, _freeze=False, device=None,
        dtype=None,
    ):  # fmt: skip
        super().__init__(
            num_embeddings, embedding_dim, padding_idx, max_norm, norm_type,
            scale_grad_by_freq, sparse, _weight, _freeze, device, dtype,
        )  # fmt: skip

    @classmethod
    def from_pretrained(
        cls, embeddings, freeze=True, padding_idx=None, max_norm=None, norm_type=2.0,
        scale_grad_by_freq=False, sparse=False,
    ):  # fmt: skip
        """Make a table of vectors that are known already; ``freeze`` keeps them as they are.

        >>> table = nn.Embedding.from_pretrained(torch.tensor([[1., 2.], [3., 4.]]))
        >>> table(torch.tensor([1]))
        tensor([[3., 4.]])
        """
        if embeddings.ndim != 2:
            raise AssertionError("Embeddings parameter is expected to be 2-dimensional")
        return cls(
            *embeddings.shape, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse,
            _weight=embeddings, _freeze=freeze,
        )  # fmt: skip

    def forward(self, input):
        """Look up."""
        return F.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type,
            self.scale_grad_by_freq, self.sparse,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """Word the settings."""
        said = self._unusual(
            ("padding_idx", None), ("max_norm", None), ("norm_type", 2),
            ("scale_grad_by_freq", False), ("sparse", False),
        )  # fmt: skip
        return ", ".join([f"{self.num_embeddings}, {self.embedding_dim}", *said])


class EmbeddingBag(_Table):
    r"""Look up learned vectors and reduce each bag of them to one: mean, sum or max.

    Args:
        num_embeddings: how many vectors the table has.
        embedding_dim: how long each vector is.
        max_norm: vectors that are longer are shortened, in the table, when they are looked up.
        norm_type: the p of the p-norm that ``max_norm`` means.
        scale_grad_by_freq: divide a row's gradient by how often it was looked up.
        mode: ``"mean"``, ``"sum"`` or ``"max"``.
        sparse: accepted; gradients are dense.
        include_last_offset: the last of the offsets is where the last bag ends.
        padding_idx: numbers that are left out of their bag.

    Shape:
        input (bags, length), or (numbers) with offsets (bags); output (bags, embedding_dim);
        weight (num_embeddings, embedding_dim), at first drawn from a normal distribution.

    >>> bag = nn.EmbeddingBag(10, 3, mode="sum")
    >>> bag(torch.tensor([1, 2, 4, 5, 4]), torch.tensor([0, 3])).shape
    torch.Size([2, 3])
    """

    def __init__(
        self, num_embeddings, embedding_dim, max_norm=None, norm_type=2.0,
        scale_grad_by_freq=False, mode="mean", sparse=False, _weight=None,
        include_last_offset=False, padding_idx=None, device=None, dtype=None,
    ):  # fmt: skip
        super().__init__(
            num_embeddings, embedding_dim, padding_idx, max_norm, norm_type,
            scale_grad_by_freq, sparse, _weight, False, device, dtype,
        )  # fmt: skip
        self.mode, self.include_last_offset = mode, include_last_offset

    @classmethod
    def from_pretrained(
        cls, embeddings, freeze=True, max_norm=None, norm_type=2.0, scale_grad_by_freq=False,
        mode="mean", sparse=False, include_last_offset=False, padding_idx=None,
    ):  # fmt: skip
        """Make it with vectors that are known already; ``freeze`` keeps them as they are.

        >>> bag = nn.EmbeddingBag.from_pretrained(torch.tensor([[1., 2.], [3., 4.]]))
        >>> bag(torch.tensor([[0, 1]]))
        tensor([[2., 3.]])
        """
        if embeddings.ndim != 2:
            raise AssertionError("Embeddings parameter is expected to be 2-dimensional")
        made = cls(
            *embeddings.shape, max_norm, norm_type, scale_grad_by_freq, mode, sparse, embeddings,
            include_last_offset, padding_idx,
        )  # fmt: skip
        made.weight.requires_grad = not freeze
        return made

    def forward(self, input, offsets=None, per_sample_weights=None):
        """Look up and reduce."""
        return F.embedding_bag(
            input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq,
            self.mode, self.sparse, per_sample_weights, self.include_last_offset, self.padding_idx,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """Word the settings."""
        said = [f"{self.num_embeddings}, {self.embedding_dim}"]
        said += self._unusual(("max_norm", None), ("norm_type", 2), ("scale_grad_by_freq", False))
        said += [f"mode={self.mode!r}", *self._unusual(("padding_idx", None))]
        return ", ".join(said)
