"""Words to numbers and back."""

from collections import Counter, OrderedDict


class Vocab:
    """Know a number for each word: ``vocab["the"]``, ``vocab(["the", "cat"])``.

    A word that it does not know gets ``default_index``, or is an error while there is none.

    >>> vocab = build_vocab_from_iterator([["a", "cat"], ["a", "dog"]], specials=["<unk>"])
    >>> vocab.set_default_index(vocab["<unk>"])
    >>> vocab(["a", "dog", "barks"])
    [1, 3, 0]
    >>> vocab.lookup_tokens([2, 3])
    ['cat', 'dog']
    """

    def __init__(self, tokens=()):
        self.itos, self.stoi, self.default_index = [], {}, None
        for token in tokens:
            if token in self.stoi:
                raise RuntimeError(f"Duplicate token found in tokens list: {token}")
            self.append_token(token)

    def __len__(self):
        return len(self.itos)

    def __contains__(self, token):
        return token in self.stoi

    def __getitem__(self, token: str) -> int:
        found = self.stoi.get(token, self.default_index)
        if found is None:
            raise RuntimeError(
                f"Token {token} not found and default index is not set. Reserve a number for "
                'unknown words: specials=["<unk>"] and set_default_index(vocab["<unk>"])'
            )
        return found

    def __call__(self, tokens) -> list[int]:
        return self.lookup_indices(tokens)

    def forward(self, tokens) -> list[int]:
        """Give the numbers of a list of words."""
        return self.lookup_indices(tokens)

    def __repr__(self):
        return f"Vocab({len(self)} words)"

    def set_default_index(self, index: int | None) -> None:
        """Say which number stands for all words that are not known."""
        self.default_index = index

    def get_default_index(self) -> int | None:
        """Tell which number stands for all words that are not known."""
        return self.default_index

    def append_token(self, token: str) -> None:
        """Add a word behind all others."""
        self.insert_token(token, len(self))

    def insert_token(self, token: str, index: int) -> None:
        """Add a word at a place; the ones from there on move up by one."""
        if not 0 <= index <= len(self):
            raise RuntimeError(
                f"Specified index {index} is out of bounds for vocab of size {len(self)}"
            )
        if token in self.stoi:
            raise RuntimeError(
                f"Token {token} already exists in Vocab with index: {self.stoi[token]}"
            )
        self.itos.insert(index, token)
        for place in range(index, len(self.itos)):
            self.stoi[self.itos[place]] = place

    def lookup_token(self, index: int) -> str:
        """Give the word of a number."""
        if not 0 <= index < len(self):
            raise RuntimeError(
                f"Specified index {index} is out of bounds for vocab of size {len(self)}"
            )
        return self.itos[index]

    def lookup_tokens(self, indices) -> list[str]:
        """Give the words of a list of numbers."""
        return [self.lookup_token(index) for index in indices]

    def lookup_indices(self, tokens) -> list[int]:
        """Give the numbers of a list of words."""
        return [self[token] for token in tokens]

    def get_stoi(self) -> dict[str, int]:
        """Give the number of every word, as a dict of its own."""
        return dict(self.stoi)

    def get_itos(self) -> list[str]:
        """Give all words in the order of their numbers, as a list of its own."""
        return list(self.itos)


def vocab(ordered_dict, min_freq: int = 1, specials=None, special_first: bool = True) -> Vocab:
    """Make a vocabulary from words with their frequencies, in the order in which they come.

    >>> vocab({"cat": 3, "dog": 1, "a": 5}, min_freq=2).get_itos()
    ['cat', 'a']
    """
    specials = list(specials or [])
    words = [w for w, n in ordered_dict.items() if n >= min_freq and w not in specials]
    return Vocab(specials + words if special_first else words + specials)


def build_vocab_from_iterator(
    iterator, min_freq: int = 1, specials=None, special_first: bool = True, max_tokens=None
) -> Vocab:
    """Count the words of many lists of words; the most frequent ones get the lowest numbers.

    Words that are equally frequent are in the order of the alphabet.

    >>> build_vocab_from_iterator([["b", "a"], ["c", "b"]], max_tokens=2).get_itos()
    ['b', 'a']
    """
    counted = Counter()
    for tokens in iterator:
        counted.update(tokens)
    specials = list(specials or [])
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    if max_tokens is not None:
        if len(specials) >= max_tokens:
            raise AssertionError(
                "len(specials) >= max_tokens, so the vocab will be entirely special tokens."
            )
        ordered = ordered[: max_tokens - len(specials)]
    return vocab(OrderedDict(ordered), min_freq, specials, special_first)
