"""Embedding and EmbeddingBag: values, gradients, padding, bags, errors."""

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import agree, alike_on_the_gpu, numbers, pair, same, same_error

SETTINGS = [
    {}, {"padding_idx": 2}, {"padding_idx": -1}, {"max_norm": 0.7}, {"scale_grad_by_freq": True},
    {"max_norm": 1.0, "norm_type": 1.0, "padding_idx": 0},
]  # fmt: skip
RNG = np.random.default_rng(0)
FLAT, WIDE = RNG.integers(0, 5, 9), RNG.integers(0, 5, (3, 4))


class TestEmbedding:
    @pytest.mark.parametrize("settings", SETTINGS, ids=str)
    @pytest.mark.parametrize("index", [FLAT, WIDE, np.array(3), WIDE[:0], RNG.integers(0, 5, 300)])
    def test_values_and_gradients(self, settings, index):
        agree(*pair("Embedding", 5, 4, **settings), index)

    def test_the_padding_row_starts_at_zero_and_is_not_learned(self):
        table = ours.nn.Embedding(5, 4, padding_idx=1)
        table(ours.tensor([1, 2, 1])).sum().backward()
        assert not table.weight[1].any()
        np.testing.assert_array_equal(table.weight.grad.sum(1).numpy(), [0, 0, 4, 0, 0])

    def test_it_starts_from_normal_numbers(self):
        values = ours.nn.Embedding(300, 300).weight.detach().numpy()
        assert abs(values.mean()) < 0.02
        assert abs(values.std() - 1) < 0.02

    def test_from_pretrained(self):
        rows = ours.tensor(numbers(3, 2))
        frozen = ours.nn.Embedding.from_pretrained(rows)
        assert not frozen.weight.requires_grad
        assert ours.nn.Embedding.from_pretrained(rows, freeze=False).weight.requires_grad
        np.testing.assert_array_equal(frozen(ours.tensor([2])).numpy(), rows.numpy()[2:])

    def test_sparse_is_accepted_and_every_optimizer_takes_its_gradient(self):
        table = ours.nn.Embedding(5, 2, sparse=True)
        assert repr(table) == repr(theirs.nn.Embedding(5, 2, sparse=True))
        table(ours.tensor([1, 1])).sum().backward()
        assert table.weight.grad.shape == (5, 2)
        ours.optim.Adam(table.parameters()).step()

    def test_no_second_derivative_by_frequency(self):
        weight = ours.tensor(numbers(3, 2), requires_grad=True)
        index = ours.tensor([0, 0, 2])
        y = ours.nn.functional.embedding(index, weight, scale_grad_by_freq=True)
        (first,) = ours.autograd.grad((y * y).sum(), weight, create_graph=True)
        with pytest.raises(RuntimeError, match="scale_grad_by_freq=True is not implemented"):
            first.sum().backward()

    @pytest.mark.parametrize("call", [
        lambda t: t.nn.Embedding(5, 2, padding_idx=5), lambda t: t.nn.Embedding(5, 2, -6),
        lambda t: t.nn.Embedding(5, 2)(t.tensor([5])), lambda t: t.nn.Embedding(5, 2)(t.ones(2)),
        lambda t: t.nn.Embedding.from_pretrained(t.ones(3)),
        lambda t: t.nn.Embedding(3, 2, _weight=t.ones(3, 3)),
        lambda t: t.nn.functional.embedding(t.tensor([1]), t.ones(3, 2), 3),
    ], ids=range(7))  # fmt: skip
    def test_errors(self, call):
        same_error(call)

    def test_on_the_gpu(self, gpu):
        alike_on_the_gpu(ours.nn.Embedding(5, 4, padding_idx=2, max_norm=1.0), WIDE)


@pytest.mark.parametrize("word", [7, -1])
def test_a_bag_of_what_is_not_in_the_table_changes_nothing(word):
    table = ours.full((3, 2), 5.0)
    bag = ours.nn.EmbeddingBag.from_pretrained(table, max_norm=1.0)
    with pytest.raises(IndexError, match="rows 0 to 2 exist"):
        bag(ours.tensor([0, word]), ours.tensor([0]))
    assert table.min() == 5


MODES = pytest.mark.parametrize("mode", ["sum", "mean", "max"])


class TestEmbeddingBag:
    @MODES
    @pytest.mark.parametrize("settings", [{}, {"padding_idx": 1}, {"max_norm": 0.7}], ids=str)
    def test_rows_are_bags(self, mode, settings):
        agree(*pair("EmbeddingBag", 5, 4, mode=mode, **settings), WIDE)

    @MODES
    @pytest.mark.parametrize("offsets", [[0, 3, 5], [0, 0, 4, 4, 9], [0]], ids=str)
    @pytest.mark.parametrize("padding", [None, 1])
    def test_offsets_make_bags(self, mode, offsets, padding):
        bags = pair("EmbeddingBag", 5, 4, mode=mode, padding_idx=padding)
        agree(*bags, FLAT, np.array(offsets))

    @MODES
    def test_the_last_offset_may_be_the_end(self, mode):
        bags = pair("EmbeddingBag", 5, 4, mode=mode, include_last_offset=True)
        agree(*bags, FLAT, np.array([0, 3, 9]))

    def test_gradients_may_be_divided_by_how_often_a_row_was_taken(self):
        # PyTorch's CPU code divides by the count of another row, so the numbers are written out
        bag = ours.nn.EmbeddingBag(3, 1, mode="sum", scale_grad_by_freq=True)
        y = bag(ours.tensor([0, 0, 0, 2, 1]), ours.tensor([0, 2]))
        (y * ours.tensor([[1.0], [10.0]])).sum().backward()
        assert bag.weight.grad.tolist() == [[4.0], [10.0], [10.0]]
        same_error(lambda t: t.nn.EmbeddingBag(
            5, 4, mode="max", scale_grad_by_freq=True
        )(t.tensor([[1]])))  # fmt: skip

    def test_numbers_may_have_weights(self):
        bags = pair("EmbeddingBag", 5, 4, mode="sum", padding_idx=1)
        agree(*bags, FLAT, np.array([0, 3]), per_sample_weights=numbers(9))
        agree(*bags, WIDE, per_sample_weights=numbers(3, 4))

    def test_the_first_of_equal_rows_gets_the_gradient(self):
        table = np.array([[1.0, 5.0], [1.0, 2.0], [0.0, 5.0]])
        given = []
        for torch in (ours, theirs):
            weight = torch.tensor(table, requires_grad=True)
            torch.nn.functional.embedding_bag(
                torch.tensor([[2, 1, 0]]), weight, mode="max"
            ).sum().backward()
            given.append(weight.grad.numpy())
        same(*given)

    def test_empty(self):
        bags = pair("EmbeddingBag", 5, 4, mode="max")
        agree(*bags, FLAT[:0], np.array([0, 0]))

    def test_from_pretrained(self):
        bag = ours.nn.EmbeddingBag.from_pretrained(ours.tensor(numbers(3, 2)), mode="sum")
        assert not bag.weight.requires_grad
        assert repr(bag) == "EmbeddingBag(3, 2, mode='sum')"

    @pytest.mark.parametrize("call", [
        lambda bag, t: bag(t.tensor([1])), lambda bag, t: bag(t.tensor([[1]]), t.tensor([0])),
        lambda bag, t: bag(t.tensor([[[1]]])), lambda bag, t: bag(t.tensor([1]), t.tensor([[0]])),
        lambda bag, t: bag(t.tensor([1]), t.tensor([1])),
        lambda bag, t: bag(t.tensor([1]), t.tensor([0, 2])),
        lambda bag, t: bag(t.tensor([[1]]), per_sample_weights=t.ones(1, 1)),
        lambda bag, t: bag(t.tensor([[1]]), per_sample_weights=t.ones(1)),
    ], ids=range(8))  # fmt: skip
    def test_errors(self, call):
        def message_free_of_types(torch):
            try:
                call(torch.nn.EmbeddingBag(5, 2), torch)
            except Exception as error:
                text = str(error).replace("'autograd_lab.core.Tensor'", "'torch.Tensor'")
                raise type(error)(text) from None

        same_error(message_free_of_types)

    @MODES
    def test_on_the_gpu(self, mode, gpu):
        bag = ours.nn.EmbeddingBag(5, 4, mode=mode, padding_idx=2)
        alike_on_the_gpu(bag, FLAT, np.array([0, 3, 3]))
