"""Batches of sequences of several lengths: padded to one length, or packed without padding."""

from collections import namedtuple
from collections.abc import Iterable

import numpy as np

from ...convert import dtype_and_device
from ...core import Tensor, wrap
from ...creation import tensor
from ...dtypes import float32, float64, int64
from ...ops import index_select, transpose, unbind
from ...ops.dims import whole
from ...ops.sequence import pack_rows, pad_rows, pad_sequences

_UNSORTED = (
    "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can "
    "pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this "
    "requirement if you do not need ONNX exportability."
)


class PackedSequence(
    namedtuple("PackedSequence", ["data", "batch_sizes", "sorted_indices", "unsorted_indices"])
):
    """A batch of sequences without padding: the first steps of all, the second steps, ...

    Recurrent layers take it and give it back. ``pack_sequence`` and ``pack_padded_sequence`` make
    it; ``batch_sizes`` counts the sequences that have a first step, a second, ...

    >>> from autograd_lab.nn.utils.rnn import pack_sequence
    >>> packed = pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([7])])
    >>> packed.data, packed.batch_sizes
    (tensor([1, 7, 2, 3]), tensor([2, 1, 1]))
    """

    __slots__ = ()

    def __new__(cls, data, batch_sizes=None, sorted_indices=None, unsorted_indices=None):
        if batch_sizes is None:
            if not (isinstance(data, list | tuple) and len(data) == 2):
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        if batch_sizes.device.type != "cpu":
            raise ValueError(
                "batch_sizes should always be on CPU. Instances of PackedSequence should never be "
                "created manually. They should be instantiated by functions like pack_sequence "
                "and pack_padded_sequences in nn.utils.rnn."
            )
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args, dtype=None, device=None, non_blocking=False):
        """Convert the data to a dtype, move it to a device, or both."""
        dtype, device = dtype_and_device(args, dtype, device)
        data = self.data.to(dtype=dtype, device=device)
        if data is self.data:
            return self
        order = [t if t is None else t.to(device=data.device) for t in self[2:]]
        return type(self)(data, self.batch_sizes, *order)

    def cpu(self):
        """Move the data to main memory."""
        return self.to(device="cpu")

    def cuda(self, device=None):
        """Move the data to the GPU."""
        return self.to(device="cuda" if device is None else device)

    def float(self):
        """Convert the data to float32."""
        return self.to(dtype=float32)

    def double(self):
        """Convert the data to float64."""
        return self.to(dtype=float64)

    def long(self):
        """Convert the data to int64."""
        return self.to(dtype=int64)

    @property
    def is_cuda(self) -> bool:
        """Say whether the data is on a GPU."""
        return self.data.device.type == "cuda"


def invert_permutation(permutation):
    """Give the permutation that undoes another one (None undoes None).

    >>> from autograd_lab.nn.utils.rnn import invert_permutation
    >>> invert_permutation(torch.tensor([2, 0, 1]))
    tensor([1, 2, 0])
    """
    return None if permutation is None else permutation.argsort()


def pack_padded_sequence(input, lengths, batch_first: bool = False, enforce_sorted: bool = True):
    """Leave the padding of a batch (steps, batch, ...) away; ``lengths`` says what is no padding.

    The sequences come from the longest to the shortest, or say ``enforce_sorted=False``.

    >>> from autograd_lab.nn.utils.rnn import pack_padded_sequence
    >>> padded = torch.tensor([[7, 0, 0], [1, 2, 3]])
    >>> pack_padded_sequence(padded, [1, 3], batch_first=True, enforce_sorted=False).data
    tensor([1, 7, 2, 3])
    """
    lengths = lengths.detach().cpu().numpy() if isinstance(lengths, Tensor) else lengths
    lengths = np.asarray(lengths).astype(np.int64)
    order = None
    if not enforce_sorted:
        order = np.argsort(-lengths, kind="stable")
        lengths, order = lengths[order], tensor(order, device=input.device)
        input = index_select(input, 0 if batch_first else 1, order)
    input = transpose(input, 0, 1) if batch_first else input
    _check_lengths(input, lengths)
    sizes = (lengths > np.arange(lengths[0])[:, None]).sum(1)
    data = pack_rows(input, tuple(sizes.tolist()))
    return PackedSequence(data, wrap(sizes), order)


def _check_lengths(input, lengths):
    """Raise PyTorch's errors for lengths that cannot be."""
    whole(1, input.ndim)  # a batch has two dimensions at least
    steps, batch = input.shape[:2]
    if lengths.ndim != 1:
        raise RuntimeError(
            "'lengths' argument should be a 1D CPU int64 tensor, but got "
            f"{lengths.ndim}D cpu Long tensor"
        )
    if not input.numel():
        raise RuntimeError("Cannot pack empty tensors.")
    if len(lengths) != batch:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(lengths)} "
            f"(batch_size={batch})"
        )
    if lengths.min() <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' "
            "that is <= 0"
        )
    if (lengths[1:] > lengths[:-1]).any():
        raise RuntimeError(_UNSORTED)
    if lengths[0] > steps:
        raise RuntimeError(
            f"Expected no length above the number of steps, but got {lengths[0]} of {steps} steps"
        )


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    """Spread a packed batch out again: gives the padded batch, and the lengths.

    >>> from autograd_lab.nn.utils.rnn import pack_sequence, pad_packed_sequence
    >>> packed = pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([7])])
    >>> pad_packed_sequence(packed, batch_first=True)
    (tensor([[1, 2, 3],
            [7, 0, 0]]), tensor([3, 1]))
    """
    sizes = tuple(sequence.batch_sizes.tolist())
    steps, batch = len(sizes), sizes[0]
    if total_length is not None:
        if total_length < steps:
            raise ValueError(
                "Expected total_length to be at least the length of the longest sequence in input,"
                f" but got total_length={total_length} and max sequence length being {steps}"
            )
        steps = total_length
    padded = pad_rows(sequence.data, sizes, steps, batch, padding_value)
    lengths = (np.array(sizes)[:, None] > np.arange(batch)).sum(0)
    if batch_first:
        padded = transpose(padded, 0, 1)
    order = sequence.unsorted_indices
    if order is not None:
        padded = index_select(padded, 0 if batch_first else 1, order)
        lengths = lengths[order.cpu().numpy()]
    return padded, wrap(lengths)


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    """Put sequences of several lengths into one batch, (steps, batch, ...) or batch first.

    >>> from autograd_lab.nn.utils.rnn import pad_sequence
    >>> pad_sequence([torch.tensor([1, 2, 3]), torch.tensor([7])], batch_first=True)
    tensor([[1, 2, 3],
            [7, 0, 0]])
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            "pad_sequence: Expected iterable for input sequences, but got arg of type: "
            f"{type(sequences)}"
        )
    sequences = list(unbind(sequences)) if isinstance(sequences, Tensor) else list(sequences)
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(
            f"Expected padding_side to be one of left or right, but got {padding_side}."
        )
    return pad_sequences(sequences, batch_first, padding_value, padding_side)


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    """Cut a padded batch into a list of sequences of their own lengths.

    >>> from autograd_lab.nn.utils.rnn import unpad_sequence
    >>> unpad_sequence(torch.tensor([[1, 2, 3], [7, 0, 0]]), torch.tensor([3, 1]), True)
    [tensor([1, 2, 3]), tensor([7])]
    """
    if not batch_first:
        padded_sequences = transpose(padded_sequences, 0, 1)
    lengths = lengths.tolist() if isinstance(lengths, Tensor) else lengths
    return [sequence[:length] for sequence, length in zip(padded_sequences, lengths, strict=True)]


def pack_sequence(sequences, enforce_sorted: bool = True):
    """Pack sequences of several lengths into one batch without padding.

    >>> from autograd_lab.nn.utils.rnn import pack_sequence
    >>> pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([7])]).data
    tensor([1, 7, 2, 3])
    """
    sequences = list(sequences)
    lengths = [x.shape[0] for x in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences):
    """Give the sequences of a packed batch as a list.

    >>> from autograd_lab.nn.utils.rnn import pack_sequence, unpack_sequence
    >>> unpack_sequence(pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([7])]))
    [tensor([1, 2, 3]), tensor([7])]
    """
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
