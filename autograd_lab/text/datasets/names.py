"""English sentences with names of people, places and firms, which travel with the package.

All of it was made up for chapter 5: the same name is a person here, a town there, a firm elsewhere.
"""

from pathlib import Path

from ..conll import read_columns
from .sentences import Sentences, each_split

HERE = Path(__file__).parents[2] / "datasets"
FILES = {"train": "names_train.txt", "test": "names_test.txt"}


def Names(split=("train", "test")):
    """Load short sentences with their names marked: (words, tags), tags such as ``B-PER``.

    >>> train, test = Names()
    >>> train, test
    (Names train(1,083 sentences, 11,558 words), Names test(220 sentences, 2,161 words))
    >>> words, tags = test[0]
    >>> print(*words)
    Dr Dorsen looked at my knee and sighed .
    >>> tags[:3]
    ['O', 'B-PER', 'O']
    """
    return each_split(split, tuple(FILES), _load)


def _load(split):
    return Sentences(f"Names {split}", map(tuple, read_columns(HERE / FILES[split])))
