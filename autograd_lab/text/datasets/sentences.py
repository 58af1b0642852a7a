"""What the data sets of tagged sentences share."""

from ...utils.data import Dataset


class Sentences(Dataset):
    """Tagged sentences in memory: each one is a tuple of lists, the words and their tags.

    >>> Sentences("tiny", [(["Hi", "!"], ["INTJ", "PUNCT"])])[0]
    (['Hi', '!'], ['INTJ', 'PUNCT'])
    """

    def __init__(self, name, sentences):
        self.name, self.sentences = name, list(sentences)

    def __len__(self):
        return len(self.sentences)

    def __getitem__(self, index):
        return self.sentences[index]

    def __repr__(self):
        words = sum(len(sentence[0]) for sentence in self.sentences)
        return f"{self.name}({len(self):,} sentences, {words:,} words)"


def each_split(split, known, load):
    """Load one split, or a tuple of several: ``"train"`` or ``("train", "valid")``."""
    wanted = (split,) if isinstance(split, str) else tuple(split)
    for name in wanted:
        if name not in known:
            raise ValueError(f"Given split {name!r} is unknown: choose from {', '.join(known)}")
    loaded = tuple(load(name) for name in wanted)
    return loaded[0] if isinstance(split, str) else loaded
