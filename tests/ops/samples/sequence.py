"""Samples of ops/sequence.py."""

import torch
from torch.nn.utils import rnn

from tests.ops.samples import S, f, i


def pack(x, sizes):
    """Pack with PyTorch, which is told the lengths."""
    lengths = [sum(size > n for size in sizes) for n in range(x.shape[1])]
    return rnn.pack_padded_sequence(x, lengths).data


def pad(x, sizes, steps, width, value=0.0):
    """Pad with PyTorch."""
    packed = rnn.PackedSequence(x, torch.tensor(sizes))
    return rnn.pad_packed_sequence(packed, padding_value=value, total_length=steps)[0]


SIZES = (3, 2, 1)
SAMPLES = {
    "pack_rows": [
        S(f(3, 3, 2), sizes=SIZES, torch=pack), S(f(4, 3), sizes=SIZES, torch=pack),
        S(i(2, 2), sizes=(2, 2), torch=pack),
    ],
    "pad_rows": [
        S(f(6, 2), sizes=SIZES, steps=3, width=3, torch=pad),
        S(f(6), sizes=SIZES, steps=5, width=3, value=-1.0, torch=pad),
    ],
    "pad_sequences": [
        S([f(3, 2), f(1, 2)], torch=rnn.pad_sequence),
        S([f(1), f(2), f(4)], torch=rnn.pad_sequence),
        S([f(3, 2), f(1, 2)], True, 7.0, torch=rnn.pad_sequence),
        S([f(3), f(1)], False, 0.5, "left", torch=rnn.pad_sequence),
    ],
}  # fmt: skip
