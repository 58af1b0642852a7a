"""Sequences of several lengths, laid below each other: where the rows of each step lie.

``a b c``, ``x y`` and ``p`` are, step by step, the rows ``a x p b y c`` and the batch sizes 3, 2, 1
(PyTorch calls this packed). The sequences are sorted by length, so those that are still running
are always the first ones. A full batch is the case where all sizes are equal.
"""

from functools import cached_property
from itertools import accumulate

import numpy as np

from ..core import Array, Arrays, Op
from ..dispatch import op


def check_sizes(sizes, rows):
    """Raise an error unless the batch sizes count the rows: with every step no more than before."""
    falling = all(a >= b > 0 for a, b in zip(sizes, (*sizes[1:], 1)))
    if not (sizes and falling and sum(sizes) == rows):
        raise RuntimeError(
            f"batch_sizes {list(sizes)} do not fit a packed batch of {rows} rows: they are "
            f"positive, do not rise, and add up to {rows}. pack_padded_sequence and pack_sequence "
            "make packed batches that fit"
        )


class Rows:
    """The plan of a batch of sequences: which rows are which step's.

    ``steps`` lists (first row, end, where the state before that step lies); states lie in an array
    of their own, with the ``batch`` initial ones in front.

    >>> from autograd_lab.ops.sequence import Rows
    >>> Rows(np, (3, 2, 1)).steps
    [(0, 3, 0), (3, 5, 3), (5, 6, 6)]
    """

    def __init__(self, xp, sizes):
        self.xp, self.sizes = xp, sizes
        self.batch, self.count = sizes[0], sum(sizes)
        self.even = sizes[0] == sizes[-1]
        ends = list(accumulate(sizes))
        starts = [0, *ends[:-1]]
        before = [0, *(self.batch + start for start in starts[:-1])]
        self.steps = list(zip(starts, ends, before))

    def blocks(self, size):
        """Cut the steps into groups of about ``size`` rows, and at least one step."""
        groups, rows = [[]], 0
        for step in self.steps:
            if groups[-1] and rows + step[1] - step[0] > size:
                groups.append([])
                rows = 0
            groups[-1].append(step)
            rows += step[1] - step[0]
        return groups

    # What follows is computed, and goes to the GPU, once for each plan.

    @cached_property
    def _times(self):
        """Hold the step of each row, the sequence of each row, and where each step starts."""
        starts = np.array([start for start, _, _ in self.steps])
        steps = np.repeat(np.arange(len(self.sizes)), self.sizes)
        return steps, np.arange(self.count) - starts[steps], starts

    @cached_property
    def _last(self):
        lengths = (np.array(self.sizes)[:, None] > np.arange(self.batch)).sum(0)
        return self._times[2][lengths - 1] + np.arange(self.batch)

    @cached_property
    def last(self):
        """Hold the row of each sequence's last step."""
        return self.xp.asarray(self._last)

    @cached_property
    def reversal(self):
        """Hold, for each row, the row that takes its place when all sequences run backward."""
        steps, sequences, starts = self._times
        return self.xp.asarray(starts[steps[self._last][sequences] - steps] + sequences)

    @cached_property
    def _before(self):
        """Hold, for each row, where the state before that step lies."""
        steps, sequences, _ = self._times
        return self.xp.asarray(np.array([b for _, _, b in self.steps])[steps] + sequences)

    def turned(self, rows):
        """Let every sequence run backward."""
        out = self.xp.empty(rows.shape, rows.dtype)
        self.turn(rows, out)
        return out

    def turn(self, rows, out):
        """Let every sequence run backward, and write them into ``out``."""
        if self.even:
            shape = len(self.sizes), self.batch, rows.shape[-1]
            out.reshape(shape)[...] = rows.reshape(shape)[::-1]
        else:
            out[...] = rows[self.reversal]

    def after(self, states):
        """Leave the initial states away: (directions, rows, features)."""
        return states[:, self.batch :]

    def before(self, states):
        """Line up, for each row, the state before that step: (directions, rows, features)."""
        if self.even:
            return states[:, : self.count]
        return self.xp.take(states, self._before, 1)

    def final(self, states):
        """Give the state of each sequence after its last step: (directions, batch, features)."""
        if self.even:
            return states[:, -self.batch :].copy()
        return self.xp.take(self.after(states), self.last, 1)

    def places(self, width):
        """Give, for each row, its place in a padded batch: step * width + sequence."""
        steps, sequences, _ = self._times
        return self.xp.asarray(steps * width + sequences)


@op
class pack_rows(Op):
    r"""Lay a padded batch (steps, batch, ...) out as rows, without the padding.

    >>> F.pack_rows(torch.tensor([[1, 5], [2, 6], [3, 0]]), sizes=(2, 2, 1))
    tensor([1, 5, 2, 6, 3])
    """

    formula = r"y_{\text{row}(t, n)} = x_{t n}"
    gradient = r"\bar x_{t n} = \bar y_{\text{row}(t, n)},\quad \text{0 where there was padding}"
    torch_name = "PackPaddedSequenceBackward0"

    def forward(self, input: Array, sizes):
        self.sizes, (self.steps, self.width) = sizes, input.shape[:2]
        rows = input.reshape(self.steps * self.width, *input.shape[2:])
        return rows[Rows(self.xp, sizes).places(self.width)]

    def backward(self, g):
        return pad_rows(g, self.sizes, self.steps, self.width)


@op
class pad_rows(Op):
    r"""Spread rows out again as a padded batch (steps, batch, ...).

    >>> F.pad_rows(torch.tensor([1, 5, 2, 6, 3]), sizes=(2, 2, 1), steps=3, width=2)
    tensor([[1, 5],
            [2, 6],
            [3, 0]])
    """

    formula = r"y_{t n} = x_{\text{row}(t, n)},\quad \text{a padding value elsewhere}"
    gradient = r"\bar x_{\text{row}(t, n)} = \bar y_{t n}"
    torch_name = "PadPackedSequenceBackward0"

    def forward(self, input: Array, sizes, steps, width, value=0.0):
        self.sizes, self.old = sizes, input.shape
        y = self.xp.full((steps * width, *input.shape[1:]), value, input.dtype)
        y[Rows(self.xp, sizes).places(width)] = input
        return y.reshape(steps, width, *input.shape[1:])

    def backward(self, g):
        return pack_rows(g, self.sizes)


@op
class pad_sequences(Op):
    r"""Put sequences of several lengths into one batch; fill up the shorter ones.

    >>> F.pad_sequences([torch.tensor([1, 2, 3]), torch.tensor([4])], batch_first=True)
    tensor([[1, 2, 3],
            [4, 0, 0]])
    """

    formula = r"Y_{t n} = x^{(n)}_t,\quad \text{a padding value where the sequence has ended}"
    gradient = r"\bar x^{(n)}_t = \bar Y_{t n}"
    torch_name = "PadSequenceBackward0"

    def forward(self, sequences: Arrays, batch_first=False, value=0.0, side="right"):
        _check_alike(sequences)
        longest, rest = max([len(x) for x in sequences]), sequences[0].shape[1:]
        shape = (len(sequences), longest) if batch_first else (longest, len(sequences))
        y = self.xp.full((*shape, *rest), value, sequences[0].dtype)
        starts = [0 if side == "right" else longest - len(x) for x in sequences]
        self.parts = [
            (n, slice(k, k + len(x))) if batch_first else (slice(k, k + len(x)), n)
            for n, (k, x) in enumerate(zip(starts, sequences))
        ]
        for part, x in zip(self.parts, sequences):
            y[part] = x
        return y

    def backward(self, g):
        return [g[part] for part in self.parts]


def _check_alike(sequences):
    """Raise if the sequences differ in more than their lengths."""
    first = sequences[0].shape
    if not first:
        raise RuntimeError("pad_sequence: a sequence has a length, but this tensor is 0-d")
    for x in sequences:
        if x.ndim != len(first):
            raise RuntimeError(
                f"pad_sequence: sequences of {len(first)} and of {x.ndim} dimensions; they may "
                "differ in their lengths only"
            )
        for i, (a, b) in enumerate(zip(first[1:], x.shape[1:]), 1):
            if a != b:
                raise RuntimeError(
                    f"The size of tensor a ({a}) must match the size of tensor b ({b}) at "
                    f"non-singleton dimension {i}"
                )
