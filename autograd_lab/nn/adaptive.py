"""A softmax over very many classes: the frequent ones at once, the rare ones in groups."""

from collections import namedtuple

from ..ops import argmax, cat, gather, mean, nonzero, squeeze, unsqueeze, where
from . import functional as F
from .container import ModuleList, Sequential
from .linear import Linear
from .module import Module

_ASMoutput = namedtuple("_ASMoutput", ["output", "loss"])


class AdaptiveLogSoftmaxWithLoss(Module):
    r"""Learn which of very many classes it is, with little work for the rare ones.

    Classes are numbered from frequent to rare. The head knows the first ``cutoffs[0]`` of them and
    one number for each group of the others; a group's own classes are looked at only when needed,
    in a space that is ``div_value`` times smaller from group to group.

    >>> model = nn.AdaptiveLogSoftmaxWithLoss(16, 1000, cutoffs=[10, 100])
    >>> output, loss = model(torch.randn(4, 16), torch.tensor([0, 50, 999, 3]))
    >>> output.shape, model.log_prob(torch.randn(4, 16)).shape
    (torch.Size([4]), torch.Size([4, 1000]))
    """

    def __init__(
        self, in_features, n_classes, cutoffs, div_value=4.0, head_bias=False, device=None,
        dtype=None,
    ):  # fmt: skip
        super().__init__()
        cutoffs = list(cutoffs)
        if not cutoffs:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        rising = all(a < b for a, b in zip([0, *cutoffs], [*cutoffs, n_classes]))
        if not rising or any(int(c) != c for c in cutoffs):
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing "
                "order, where each value is between 1 and n_classes-1"
            )
        self.in_features, self.n_classes = in_features, n_classes
        self.cutoffs, self.div_value, self.head_bias = [*cutoffs, n_classes], div_value, head_bias
        self.shortlist_size, self.n_clusters = cutoffs[0], len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        made = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, bias=head_bias, **made)
        self.tail = ModuleList()
        for i, (low, high) in enumerate(zip(self.cutoffs, self.cutoffs[1:]), 1):
            size = int(in_features // div_value**i)
            self.tail.append(Sequential(
                Linear(in_features, size, bias=False, **made),
                Linear(size, high - low, bias=False, **made),
            ))  # fmt: skip

    def reset_parameters(self) -> None:
        """Draw new weights."""
        for layer in self.modules():
            if isinstance(layer, Linear):
                layer.reset_parameters()

    def forward(self, input_, target_):
        """Give the log-probability of each target, and the loss: the mean of their negatives."""
        _check(input_, target_)
        single = target_.ndim == 0
        x, target = (unsqueeze(t, 0) if single else t for t in (input_, target_))
        if not bool(((target >= 0) & (target < self.n_classes)).all()):
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range "
                f"[{target.min().item()}, {target.max().item()}] were found. "
            )
        place = target
        for i, low in enumerate(self.cutoffs[:-1]):
            place = where(target >= low, self.shortlist_size + i, place)
        head = F.log_softmax(self.head(x), 1)
        output = squeeze(gather(head, 1, unsqueeze(place, 1)), 1)
        for i, low in enumerate(self.cutoffs[:-1]):
            rows = squeeze(nonzero(place == self.shortlist_size + i), 1)
            if len(rows):
                own = F.log_softmax(self.tail[i](x[rows]), 1)
                picked = gather(own, 1, unsqueeze(target[rows] - low, 1))
                output = output.index_add(0, rows, squeeze(picked, 1))
        return _ASMoutput(output[0] if single else output, mean(-output))

    def log_prob(self, input):
        """Give the log-probabilities of all classes."""
        head, known = F.log_softmax(self.head(input), 1), self.shortlist_size
        groups = [
            F.log_softmax(part(input), 1) + head[:, known + i : known + i + 1]
            for i, part in enumerate(self.tail)
        ]
        return cat([head[:, :known], *groups], 1)

    def predict(self, input):
        """Give the likeliest class for each row."""
        return argmax(self.log_prob(input), 1)


def _check(input, target):
    """Raise PyTorch's errors where inputs and targets do not fit."""
    if target.ndim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if target.ndim and input.shape[0] != target.shape[0]:
        raise RuntimeError("Input and target should have the same size in the batch dimension.")
    if input.ndim != target.ndim + 1:
        raise RuntimeError(
            f"{target.ndim}D target tensor expects {target.ndim + 1}D input tensors, but found "
            f"inputs with size {input.shape}"
        )
