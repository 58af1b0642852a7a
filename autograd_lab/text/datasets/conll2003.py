"""English news with names of people, places, organisations: the task of CoNLL-2003.

Its text belongs to Reuters and is given out by NIST on request, so nothing is fetched: the reader
takes the three files that you have.
"""

from pathlib import Path

from ..conll import as_iob2, read_columns
from .sentences import Sentences, each_split

FILES = {"train": ("eng.train", "train.txt"), "valid": ("eng.testa", "valid.txt"),
         "test": ("eng.testb", "test.txt")}  # fmt: skip


def CoNLL2003(root, split=("train", "valid", "test"), iob2: bool = True):
    """Read sentences with their names marked: (words, tags), tags such as ``B-PER``.

    ``root`` is the folder with your own ``eng.train``, ``eng.testa`` and ``eng.testb``. The files
    have IOB1 tags; they are read as IOB2 unless ``iob2=False``.

    >>> CoNLL2003("/no/such/folder", split="train")
    Traceback (most recent call last):
    ...
    FileNotFoundError: eng.train is not in /no/such/folder. CoNLL-2003's text belongs to Reuters ...
    """
    return each_split(split, tuple(FILES), lambda name: _load(Path(root), name, iob2))


def _load(root, split, iob2):
    file = next((root / name for name in FILES[split] if (root / name).is_file()), None)
    if file is None:
        raise FileNotFoundError(
            f"{FILES[split][0]} is not in {root}. CoNLL-2003's text belongs to Reuters and is not "
            "fetched: put your own files there (NIST gives them out), or take UDPOS, which is free"
        )
    written = as_iob2 if iob2 else list
    sentences = ((columns[0], written(columns[-1])) for columns in read_columns(file))
    return Sentences(f"CoNLL2003 {split}", sentences)


def conll2003(root, tokenizer=None, lazy: bool = False):
    """Read the training, validation and test sentences of CoNLL-2003.

    The words come cut already: ``tokenizer`` and ``lazy`` are here for programs that pass them.

    >>> conll2003("/no/such/folder")
    Traceback (most recent call last):
    ...
    FileNotFoundError: eng.train is not in /no/such/folder. CoNLL-2003's text belongs to Reuters ...
    """
    return CoNLL2003(root)
