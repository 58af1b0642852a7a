"""English sentences with parts of speech: the treebank UD English-EWT.

254,000 words from weblogs, mails, reviews and questions (Natalia Silveira and others: A Gold
Standard Dependency Corpus for English, LREC 2014; licence CC BY-SA 4.0).
"""

from ...datasets.cache import fetch
from ..conll import read_conllu
from .sentences import Sentences, each_split

COMMIT = "15d613d8447b3478787d4c278730a1e48a945efb"
INSTEAD = "autograd_lab.text.datasets.Names() needs no internet"
BASE = "https://raw.githubusercontent.com/UniversalDependencies/UD_English-EWT"
FILES = {
    "train": ("en_ewt-ud-train.conllu",
              "3fb78e2b55482c8ee00caa653af436c88c9e5bc9a73ce26e4ae3ddc79d2b7e7b"),
    "valid": ("en_ewt-ud-dev.conllu",
              "531a54ff90d6ab12201c5a50c3e78e6ddac4de69abc4bce5d275d3cd29efe2b6"),
    "test": ("en_ewt-ud-test.conllu",
             "e266e515a0a7547657ed3d90d9ba46487d6bd251f27ad4269d4e8a427c8555cd"),
}  # fmt: skip


def UDPOS(root=None, split=("train", "valid", "test")):
    """Load English sentences with their parts of speech: (words, tags, Penn Treebank tags).

    The treebank is fetched once (18 MB) and kept in ``root``, or in the cache folder. Its parts are
    ``"train"`` (12,544 sentences), ``"valid"`` (2,001) and ``"test"`` (2,077).

    >>> UDPOS(split="dev")
    Traceback (most recent call last):
    ...
    ValueError: Given split 'dev' is unknown: choose from train, valid, test
    """
    return each_split(split, tuple(FILES), lambda name: _load(root, name))


def _load(root, split):
    name, checksum = FILES[split]
    file = fetch(f"UD_English-EWT/{name}", [f"{BASE}/{COMMIT}/{name}"], f"sha256:{checksum}",
                 root=root, instead=INSTEAD)  # fmt: skip
    return Sentences(f"UDPOS {split}", (
        ([w.form for w in words], [w.upos for w in words], [w.xpos for w in words])
        for words in read_conllu(file)
    ))  # fmt: skip
