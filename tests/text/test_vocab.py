"""Words to numbers and back."""

import pickle

import pytest

from autograd_lab.text import vocab as words
from autograd_lab.text.data.utils import get_tokenizer, ngrams_iterator

LISTS = [["b", "a", "c"], ["b", "a"], ["b", "<unk>"]]


def test_frequent_words_come_first_and_ties_in_the_order_of_the_alphabet():
    vocab = words.build_vocab_from_iterator([["z", "y"], ["x", "z"]])
    assert vocab.get_itos() == ["z", "x", "y"]
    assert vocab.get_stoi() == {"z": 0, "x": 1, "y": 2}


@pytest.mark.parametrize(("settings", "expected"), [
    ({}, ["b", "a", "<unk>", "c"]),
    ({"specials": ["<unk>", "<pad>"]}, ["<unk>", "<pad>", "b", "a", "c"]),
    ({"specials": ["<unk>"], "special_first": False}, ["b", "a", "c", "<unk>"]),
    ({"min_freq": 2}, ["b", "a"]),
    ({"min_freq": 3, "specials": ["<pad>"]}, ["<pad>", "b"]),
    ({"max_tokens": 2}, ["b", "a"]),
    ({"max_tokens": 3, "specials": ["<pad>"]}, ["<pad>", "b", "a"]),
], ids=str)  # fmt: skip
def test_settings(settings, expected):
    assert words.build_vocab_from_iterator(LISTS, **settings).get_itos() == expected


def test_only_specials_are_refused():
    with pytest.raises(AssertionError, match="entirely special tokens"):
        words.build_vocab_from_iterator(LISTS, specials=["<unk>"], max_tokens=1)


def test_unknown_words():
    vocab = words.vocab({"a": 1, "b": 1}, specials=["<unk>"])
    assert vocab.get_default_index() is None and "x" not in vocab and "a" in vocab
    with pytest.raises(RuntimeError, match="Token x not found and default index is not set"):
        vocab["x"]
    vocab.set_default_index(vocab["<unk>"])
    assert vocab["x"] == 0 and vocab.get_default_index() == 0
    assert vocab(["x", "a", "b"]) == vocab.forward(["x", "a", "b"]) == [0, 1, 2]
    assert vocab.lookup_indices(["b", "y"]) == [2, 0]
    vocab.set_default_index(None)
    with pytest.raises(RuntimeError, match="not found"):
        vocab["x"]


def test_words_of_numbers():
    vocab = words.Vocab(["a", "b", "c"])
    assert vocab.lookup_tokens([2, 0]) == ["c", "a"] and len(vocab) == 3
    for index in (-1, 3):
        with pytest.raises(RuntimeError, match="out of bounds for vocab of size 3"):
            vocab.lookup_token(index)


def test_words_are_added():
    vocab = words.Vocab(["a", "b"])
    vocab.insert_token("new", 1)
    vocab.append_token("last")
    assert vocab.get_itos() == ["a", "new", "b", "last"]
    assert [vocab[w] for w in vocab.get_itos()] == [0, 1, 2, 3]
    with pytest.raises(RuntimeError, match="Token b already exists in Vocab with index: 2"):
        vocab.append_token("b")
    with pytest.raises(RuntimeError, match="index 9 is out of bounds"):
        vocab.insert_token("x", 9)
    with pytest.raises(RuntimeError, match="Duplicate token"):
        words.Vocab(["a", "a"])


def test_what_it_gives_away_is_a_copy():
    vocab = words.Vocab(["a"])
    vocab.get_itos().append("b")
    vocab.get_stoi()["b"] = 1
    assert len(vocab) == 1 and "b" not in vocab
    assert pickle.loads(pickle.dumps(vocab)).get_itos() == ["a"]


@pytest.mark.parametrize(("text", "expected"), [
    ("You can now install TorchText using pip!",
     ["you", "can", "now", "install", "torchtext", "using", "pip", "!"]),
    ("It's (very) nice; isn't it? \"Yes\": 3.5, no<br />end.",
     ["it", "'", "s", "(", "very", ")", "nice", "isn", "'", "t", "it", "?", "yes", "3", ".", "5",
      ",", "no", "end", "."]),
    ("", []),
])  # fmt: skip
def test_basic_english(text, expected):
    assert get_tokenizer("basic_english")(text) == expected


def test_other_tokenizers():
    assert get_tokenizer(None)("Ab  c.") == ["Ab", "c."]
    assert get_tokenizer(list)("ab") == ["a", "b"]
    with pytest.raises(ValueError, match="only available for English"):
        get_tokenizer("basic_english", language="de")
    with pytest.raises(ValueError, match="valid choices"):
        get_tokenizer("magic")


def test_spacy_is_asked_for_in_clear_words():
    with pytest.raises(ValueError, match=r"spacy\.load"):
        get_tokenizer("spacy")


def test_ngrams():
    assert list(ngrams_iterator("abc", 3)) == ["a", "b", "c", "a b", "b c", "a b c"]
    assert list(ngrams_iterator([], 2)) == []
