"""The map of words without a browser: the gradients are the Jacobian's, for every way to ask."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.autograd.functional import jacobian
from autograd_lab.widgets.word_map import WordMap
from autograd_lab.widgets.word_map.asking import influence
from tests.fake_cupy.fixture import pretend_gpu  # noqa: F401  (a fixture)

SVG = "{http://www.w3.org/2000/svg}"


class Tagger(nn.Module):
    def __init__(self, both=True, batch_first=True, frozen=False):
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.embedding.weight.requires_grad_(not frozen)
        self.drop = nn.Dropout(0.5)
        self.lstm = nn.LSTM(4, 6, bidirectional=both, batch_first=batch_first)
        self.out = nn.Linear(6 + 6 * both, 3)

    def forward(self, ids):
        return self.tag(self.embedding(ids))

    def tag(self, x):
        return self.out(self.drop(self.lstm(x)[0]))


IDS = torch.tensor([1, 2, 3, 4, 5])
TAGS = ["DET", "NOUN", "VERB"]


def expected(model, ids, chosen=None):
    """The norms by the whole Jacobian."""
    model.eval()
    x = model.embedding(ids).detach()
    scores = model.tag(x).detach().numpy()
    full = jacobian(model.tag, x).numpy()               # words, tags, words, features
    chosen = scores.argmax(1) if chosen is None else chosen
    model.train()
    return np.linalg.norm(full[np.arange(len(ids)), chosen], axis=-1)


@pytest.mark.parametrize("how", ["ids", "batch", "vectors", "second", "frozen", "steps first"])
def test_each_way_to_ask_gives_the_jacobians_norms(how):
    torch.manual_seed(2)
    model = Tagger(frozen=how == "frozen", batch_first=how != "steps first")
    want = expected(model, IDS)
    view = {
        "ids": lambda: WordMap(model, IDS),
        "frozen": lambda: WordMap(model, IDS),
        "batch": lambda: WordMap(model, IDS[None]),
        "second": lambda: WordMap(model, torch.stack([IDS.flip(0), IDS]), sequence=1),
        "vectors": lambda: WordMap(lambda x: model.eval().tag(x), model.embedding(IDS)),
        "steps first": lambda: WordMap(model, IDS[:, None]),
    }[how]()
    np.testing.assert_allclose(view.norms, want, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(np.frombuffer(view.values, "<f4").reshape(5, 5), want, rtol=1e-4,
                               atol=1e-7)  # fmt: skip
    np.testing.assert_allclose(view.shares.sum(1), 1)


def test_one_direction_sees_nothing_to_the_right():
    torch.manual_seed(0)
    view = WordMap(Tagger(both=False), IDS)
    assert (np.triu(view.shares, 1) == 0).all()
    assert (np.tril(view.shares) > 0)[np.tril_indices(5)].all()
    assert (np.triu(WordMap(Tagger(), IDS).shares, 1)[np.triu_indices(5, 1)] > 0).all()


def test_the_chosen_tag_is_asked_for():
    torch.manual_seed(0)
    model = Tagger()
    view = WordMap(model, IDS, tags=TAGS, chosen=[2, 2, 0, 0, 1])
    assert view.scene["tags"] == ["VERB", "VERB", "DET", "DET", "NOUN"]
    np.testing.assert_allclose(view.norms, expected(model, IDS, [2, 2, 0, 0, 1]), rtol=1e-4)
    assert all(0 < sure < 1 for sure in view.scene["sure"])


def test_the_model_is_left_as_it_was():
    model = Tagger()
    model.drop.eval()
    WordMap(model, IDS)
    assert model.training and not model.drop.training
    assert all(p.grad is None for p in model.parameters())
    assert not model.embedding._forward_hooks
    with torch.no_grad():                               # works in there, too
        WordMap(model, IDS)


def test_it_asks_again_at_the_end_of_the_cell():
    model = Tagger()
    view = WordMap(model, IDS)
    before = view.values
    with torch.no_grad():
        model.out.weight.mul_(3)
    view.update()
    assert view.values == before
    view.finish()
    assert view.values != before


def test_what_stands_out_is_said():
    view = WordMap(lambda x: x.flip(0), torch.eye(2), ["left", "right"], ["A", "B"])
    assert repr(view) == 'WordMap: 2 words; "left" (B) is moved 100 % by "right"'
    assert view.row == 0
    alone = WordMap(lambda x: x * 2, torch.eye(2))
    assert repr(alone) == "WordMap: 2 words; no tag is moved by another word"


def test_gradients_that_are_not_numbers_are_counted():
    view = WordMap(lambda x: (x - 1).sqrt() * x, torch.tensor([[1.0], [5.0]]))
    assert view.scene["bad"] == 2         # ∞ in its own tag, 0 · ∞ in the other one
    ET.fromstring(view.to_svg())
    repr(view)


@pytest.mark.parametrize(("make", "error", "words"), [
    (lambda: WordMap(3, IDS), TypeError, "int cannot be called"),
    (lambda: WordMap(nn.Linear(4, 2), IDS), ValueError, "the model has 0 embeddings"),
    (lambda: WordMap(lambda x: 3, torch.ones(2, 2)), TypeError, "gave int, not a tensor"),
    (lambda: WordMap(lambda x: x.detach(), torch.ones(2, 2)), ValueError, "were cut off"),
    (lambda: WordMap(lambda x: x.sum(0), torch.ones(2, 2)), ValueError, r"scores of shape \(2,\)"),
    (lambda: WordMap(lambda x: x[:1], torch.ones(2, 2)), ValueError, r"\(words, tags\)"),
    (lambda: WordMap(lambda x: x, torch.ones(0, 2)), ValueError, r"shape \(0, 2\)"),
    (lambda: WordMap(lambda x: x, torch.tensor(1.0)), ValueError, r"shape \(\)"),
    (lambda: WordMap(lambda x: x, torch.ones(2, 2) * 1j), TypeError, "complex"),
    (lambda: WordMap(lambda x: x, torch.ones(200, 2)), ValueError, "shows 120 at most"),
    (lambda: WordMap(lambda x: x, torch.ones(2, 2), ["a"]), ValueError, "1 tokens for 2"),
    (lambda: WordMap(lambda x: x, torch.ones(2, 2), tags=["a"]), ValueError, "names 1 tags"),
    (lambda: WordMap(lambda x: x, torch.ones(2, 2), chosen=[0]), ValueError, "1 tags chosen"),
    (lambda: WordMap(lambda x: x, torch.ones(2, 2), chosen=[0, 5]), ValueError, "not among the 2"),
    (lambda: WordMap(lambda x: x, torch.ones(2, 3, 2), sequence=4), IndexError, "2 sentences"),
])  # fmt: skip
def test_bad_input_is_named(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_inside_a_function_the_gradient_is_exact():
    norms, scores, chosen = influence(lambda x: x @ torch.tensor([[3.0, 0.0], [4.0, 0.0]]),
                                      torch.ones(2, 2))  # fmt: skip
    np.testing.assert_allclose(norms, [[5, 0], [0, 5]])
    assert scores.tolist() == [[7, 0], [7, 0]] and chosen.tolist() == [0, 0]


def test_the_picture_is_complete_in_itself():
    words = ['<script>alert("x")</script>', "b&]]>", "\x00", "损失", "x" * 400]
    view = WordMap(Tagger(), IDS, words, words[:3])
    svg = view.to_svg()
    tree = ET.fromstring(svg)
    assert {e.tag.removeprefix(SVG) for e in tree.iter()} <= {
        "svg", "title", "desc", "rect", "text", "g"
    }  # fmt: skip
    assert "var(" not in svg and svg.count("http") == 1
    assert svg.count("<rect") == 26


def test_almost_nothing_looks_like_nothing():
    pull = torch.tensor([[1.0, 1e-4, 0.0], [0.0, 1.0, 0.02], [0.0, 0.0, 1.0]])
    tree = ET.fromstring(WordMap(lambda x: pull @ x, torch.eye(3)).to_svg())
    fills = [rect.get("fill") for rect in tree.iter(SVG + "rect")][1:]
    assert [fill == "none" for fill in fills] == [False, True, True, True, False, False,
                                                  True, True, False]  # fmt: skip
    cells = [text.text for text in tree.iter(SVG + "text") if text.text.isdigit()]
    assert cells[:9] == ["100", "0", "0", "0", "98", "2", "0", "0", "100"]


def test_of_a_long_sentence_the_first_words_are_drawn():
    long = WordMap(lambda x: x.cumsum(0), torch.rand(100, 2))
    assert "the first 40 of 100 words" in long.to_svg()


def test_a_model_on_the_gpu(pretend_gpu):  # noqa: F811
    torch.manual_seed(0)
    model = Tagger()
    want = WordMap(model, IDS).norms
    np.testing.assert_allclose(WordMap(model.to("cuda"), IDS.to("cuda")).norms, want, atol=1e-6)


def test_it_says_when_influences_are_not_numbers():
    view = WordMap(lambda x: x * float("nan"), torch.randn(3, 4), ["a", "b", "c"])
    assert repr(view) == "WordMap: 3 words; 9 of 9 influences are not numbers"
