"""Steps from words to tensors, to be chained: ``Sequential(VocabTransform(v), ToTensor())``."""

from ..dtypes import int64
from ..nn import Module
from ..ops import pad
from . import functional as F


class Sequential(Module):
    """Do one step after the other.

    >>> steps = Sequential(AddToken(1), Truncate(3), ToTensor())
    >>> steps([4, 7, 2])
    tensor([1, 4, 7])
    """

    def __init__(self, *steps):
        super().__init__()
        for place, step in enumerate(steps):
            setattr(self, str(place), step)

    def forward(self, input):
        """Do all steps."""
        for step in self.children():
            input = step(input)
        return input


class VocabTransform(Module):
    """Give the numbers of words.

    >>> from autograd_lab.text import Vocab
    >>> VocabTransform(Vocab(["a", "b"]))([["b"], ["a", "b"]])
    [[1], [0, 1]]
    """

    def __init__(self, vocab):
        super().__init__()
        self.vocab = vocab

    def forward(self, input):
        """Look up a list of words, or each of several lists."""
        if len(input) and isinstance(input[0], list | tuple):
            return [self.vocab(words) for words in input]
        return self.vocab(input)


class ToTensor(Module):
    """Make a tensor; several lists are filled up with ``padding_value``.

    >>> ToTensor(padding_value=0)([[1, 2], [3]])
    tensor([[1, 2],
            [3, 0]])
    """

    def __init__(self, padding_value: int | None = None, dtype=int64):
        super().__init__()
        self.padding_value, self.dtype = padding_value, dtype

    def forward(self, input):
        """Make the tensor."""
        return F.to_tensor(input, self.padding_value, self.dtype)


class Truncate(Module):
    """Keep the first ``max_seq_len`` words.

    >>> Truncate(2)([4, 7, 2])
    [4, 7]
    """

    def __init__(self, max_seq_len: int):
        super().__init__()
        self.max_seq_len = max_seq_len

    def forward(self, input):
        """Cut."""
        return F.truncate(input, self.max_seq_len)


class AddToken(Module):
    """Put a word in front, or behind.

    >>> AddToken("<eos>", begin=False)(["the", "end"])
    ['the', 'end', '<eos>']
    """

    def __init__(self, token, begin: bool = True):
        super().__init__()
        self.token, self.begin = token, begin

    def forward(self, input):
        """Add the word."""
        return F.add_token(input, self.token, self.begin)


class PadTransform(Module):
    """Fill a tensor up to a length, along its last dimension.

    >>> PadTransform(4, pad_value=0)(torch.tensor([[1, 2]]))
    tensor([[1, 2, 0, 0]])
    """

    def __init__(self, max_length: int, pad_value: int):
        super().__init__()
        self.max_length, self.pad_value = max_length, pad_value

    def forward(self, x):
        """Fill up."""
        missing = self.max_length - x.shape[-1]
        return pad(x, (0, missing), value=self.pad_value) if missing > 0 else x


class StrToIntTransform(Module):
    """Read numbers that are written as text.

    >>> StrToIntTransform()([["1"], ["2", "3"]])
    [[1], [2, 3]]
    """

    def forward(self, input):
        """Read them."""
        return F.str_to_int(input)


class LabelToIndex(Module):
    """Give the number of a label, or of each in a list.

    >>> LabelToIndex(["good", "bad"], sort_names=True)(["good", "bad"])
    [1, 0]
    """

    def __init__(self, label_names, sort_names: bool = False):
        super().__init__()
        self.label_names = sorted(label_names) if sort_names else list(label_names)

    def forward(self, labels):
        """Look up a label or a list of them."""
        if isinstance(labels, list | tuple):
            return [self.label_names.index(label) for label in labels]
        return self.label_names.index(labels)
