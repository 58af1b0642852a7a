"""Lists of word numbers, cut, framed and made into tensors."""

from ..creation import tensor
from ..dtypes import int64
from ..nn.utils.rnn import pad_sequence


def _is_batch(input) -> bool:
    return bool(len(input)) and isinstance(input[0], list | tuple)


def to_tensor(input, padding_value: int | None = None, dtype=int64):
    """Make a tensor of a list of numbers, or of several lists filled up to the longest one.

    >>> to_tensor([[4, 7, 2], [5]], padding_value=0)
    tensor([[4, 7, 2],
            [5, 0, 0]])
    """
    if padding_value is None or not _is_batch(input):
        return tensor(input, dtype=dtype)
    return pad_sequence([tensor(ids, dtype=dtype) for ids in input], True, padding_value)


def truncate(input, max_seq_len: int):
    """Keep the first ``max_seq_len`` words, of a list or of each of several lists.

    >>> truncate([[4, 7, 2], [5]], 2)
    [[4, 7], [5]]
    """
    return [ids[:max_seq_len] for ids in input] if _is_batch(input) else input[:max_seq_len]


def add_token(input, token_id, begin: bool = True):
    """Put a word in front of a list, or of each of several lists, or behind it.

    >>> add_token([[4, 7], [5]], 1), add_token([4, 7], 2, begin=False)
    ([[1, 4, 7], [1, 5]], [4, 7, 2])
    """
    if _is_batch(input):
        return [add_token(ids, token_id, begin) for ids in input]
    return [token_id, *input] if begin else [*input, token_id]


def str_to_int(input):
    """Read numbers that are written as text, in a list or in lists.

    >>> str_to_int(["4", "7"])
    [4, 7]
    """
    return [str_to_int(each) if isinstance(each, list | tuple) else int(each) for each in input]
