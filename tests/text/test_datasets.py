"""Tagged sentences: read from the cache or from the learner's own files."""

import hashlib

import pytest

import autograd_lab as torch
from autograd_lab.text import collate_padded, datasets
from autograd_lab.text.datasets import udpos
from autograd_lab.utils.data import DataLoader
from tests.text.test_conll import NEWS, TREE


@pytest.fixture
def treebank(tmp_path, monkeypatch):
    """Let a small file stand for all three of the treebank."""
    monkeypatch.setenv("AUTOGRAD_LAB_DATA", str(tmp_path))
    folder = tmp_path / "UD_English-EWT"
    folder.mkdir()
    checksum = hashlib.sha256(TREE.encode()).hexdigest()
    files = {split: (name, checksum) for split, (name, _) in udpos.FILES.items()}
    monkeypatch.setattr(udpos, "FILES", files)
    for name, _ in files.values():
        (folder / name).write_text(TREE, encoding="utf-8", newline="")
    return folder


def test_udpos(treebank):
    train = datasets.UDPOS(split="train")
    assert repr(train) == "UDPOS train(2 sentences, 5 words)"
    assert train[0] == (["I", "do", "n't", "."], ["PRON", "AUX", "PART", "PUNCT"],
                        ["PRP", "VBP", "RB", "."])  # fmt: skip
    parts = datasets.UDPOS()
    assert [part.name for part in parts] == ["UDPOS train", "UDPOS valid", "UDPOS test"]
    assert len(datasets.UDPOS(split=("valid", "test"))) == 2
    assert len(datasets.UDPOS(treebank.parent, "test")) == 2


def test_udpos_without_internet(tmp_path, monkeypatch):
    monkeypatch.setattr(udpos, "BASE", "http://127.0.0.1:9")
    with pytest.raises(ConnectionError) as error:
        datasets.UDPOS(tmp_path, "valid")
    assert f"put en_ewt-ud-dev.conllu into {tmp_path / 'UD_English-EWT'}" in str(error.value)


def test_an_unknown_split():
    with pytest.raises(ValueError, match="Given split 'dev' is unknown: choose from train, valid"):
        datasets.UDPOS(split="dev")


def test_conll2003(tmp_path):
    for name in ("eng.train", "eng.testa", "test.txt"):
        (tmp_path / name).write_text(NEWS)
    train, valid, test = datasets.CoNLL2003(tmp_path)
    assert train[1] == (["Peter", "Blackburn", "Anna"], ["B-PER", "I-PER", "B-PER"])
    assert len(train) == len(valid) == len(test) == 2
    assert datasets.CoNLL2003(tmp_path, "valid", iob2=False)[1][1] == ["I-PER", "I-PER", "B-PER"]
    as_in_the_article = datasets.conll2003(root=str(tmp_path), tokenizer=str.split, lazy=False)
    assert [part[0] for part in as_in_the_article] == [train[0], valid[0], test[0]]


def test_batches_of_sentences_of_several_lengths():
    examples = [([1, 2, 3], [0, 1, 0]), ([4], [1]), ([5, 6], [1, 1])]
    loader = DataLoader(examples, batch_size=2, collate_fn=collate_padded)
    (words, tags, lengths), (last, _, _) = loader
    assert words.tolist() == [[1, 2, 3], [4, 0, 0]] and words.dtype is torch.int64
    assert tags.tolist() == [[0, 1, 0], [1, -100, -100]]
    assert lengths.tolist() == [3, 1] and last.tolist() == [[5, 6]]
    with pytest.raises(ValueError, match="zip"):
        collate_padded(examples, padding=(0,))
