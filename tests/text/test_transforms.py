"""Steps from words to tensors, and BLEU."""

import math

import pytest

import autograd_lab as torch
from autograd_lab.text import Vocab, functional, transforms
from autograd_lab.text.data.metrics import bleu_score


def test_from_words_to_a_batch():
    vocab = Vocab(["<pad>", "<bos>", "a", "b", "c"])
    steps = transforms.Sequential(
        transforms.VocabTransform(vocab),
        transforms.Truncate(2),
        transforms.AddToken(1),
        transforms.ToTensor(padding_value=0),
        transforms.PadTransform(4, 0),
    )
    assert steps([["a", "b", "c"], ["c"]]).tolist() == [[1, 2, 3, 0], [1, 4, 0, 0]]
    assert len(list(steps.children())) == 5


def test_one_sentence_alone():
    vocab = transforms.VocabTransform(Vocab(["a", "b"]))
    assert vocab(["b", "a"]) == [1, 0] and vocab([]) == []
    assert functional.to_tensor([1, 2], padding_value=0).tolist() == [1, 2]
    assert functional.to_tensor([[1], [2]], dtype=torch.float32).dtype is torch.float32
    assert functional.truncate([1, 2, 3], 2) == [1, 2]
    assert functional.add_token([2], 9, begin=False) == [2, 9]
    assert functional.add_token([], 9) == [9]
    long = torch.arange(5)
    assert transforms.PadTransform(3, 0)(long) is long


def test_labels_and_numbers():
    label = transforms.LabelToIndex(["neg", "pos"])
    assert label("pos") == 1 and label(["pos", "neg"]) == [1, 0]
    assert transforms.LabelToIndex(["b", "a"], sort_names=True).label_names == ["a", "b"]
    assert transforms.StrToIntTransform()([["1"], ["2", "3"]]) == [[1], [2, 3]]


def test_bleu():
    same = [["a", "b", "c", "d", "e"]]
    assert bleu_score(same, [same]) == pytest.approx(1.0)
    assert bleu_score([["x", "y", "z", "w"]], [same]) == 0.0
    # too short: five words for four, all of them right
    assert bleu_score([["a", "b", "c", "d"]], [same]) == pytest.approx(math.exp(1 - 5 / 4))
    # "the" may count as often as one good translation has it: 2 of 4
    assert bleu_score([["the"] * 4], [[["the", "cat", "the", "mat"]]], 1, [1.0]) == 0.5
    # the good translation nearest in length counts, and the more frequent use in any of them
    many = [[["a", "a"], ["a", "b", "b", "b", "b"]]]
    assert bleu_score([["a", "a", "b"]], many, 1, [1.0]) == pytest.approx(1.0)


def test_bleu_wants_fitting_lists():
    with pytest.raises(AssertionError, match="weights"):
        bleu_score([["a"]], [[["a"]]], 2, [1.0])
    with pytest.raises(AssertionError, match="should be the same"):
        bleu_score([["a"]], [])
