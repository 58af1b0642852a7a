"""Philox on the GPU gives what NumPy's Philox gives on the processor, number for number."""

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.backends import cuda as switches
from autograd_lab.cuda import philox
from tests.fake_cupy import counting, kernels

# The known answers that the authors of Philox publish with their own code (Random123, kat_vectors,
# philox4x64, 10 rounds): four words of the counter, two of the key, and the four that come out.
KNOWN = [
    ("0 0 0 0", "0 0",
     "16554d9eca36314c db20fe9d672d0fdc d7e772cee186176b 7e68b68aec7ba23b"),
    (" ".join(["ffffffffffffffff"] * 4), "ffffffffffffffff ffffffffffffffff",
     "87b092c3013fe90b 438c3c67be8d0224 9cc7d7c69cd777b6 a09caebf594f0ba0"),
    ("243f6a8885a308d3 13198a2e03707344 a4093822299f31d0 082efa98ec4e6c89",
     "452821e638d01377 be5466cf34e90c6c",
     "a528f45403e61d95 38c72dbd566e9788 a5a1610e72fd18b5 57bd43b5e52b7fe6"),
]  # fmt: skip


def words(text):
    return [np.array([int(word, 16)], np.uint64) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers(counter, key, answer):
    made = philox.stirred(np, words(counter), words(key))
    assert [int(word[0]) for word in made] == [int(word, 16) for word in answer.split()]


def streams(seed=7):
    return [np.random.Generator(np.random.Philox(seed)) for _ in "ab"]


DRAWS = [(32, 1), (64, 3), (32, 5), (32, 8), (64, 1), (32, 1), (32, 2), (64, 11), (32, 99)]


@pytest.mark.parametrize("seed", [0, 1, 2**63])
def test_the_stream_is_numpys(seed):
    ours, numpys = streams(seed)
    state = philox.read(ours)
    for bits, count in DRAWS:
        expected = numpys.random(count, philox.DTYPES[bits])
        np.testing.assert_array_equal(philox.DRAWS[bits](np, state, count), expected)
        philox.skip(ours, count, bits)
        assert (philox.read(ours) == philox.read(numpys)).all()
        assert ours.bit_generator.state["buffer"].tolist() == (
            numpys.bit_generator.state["buffer"].tolist()
        )


def masks(device):
    torch.manual_seed(3)
    x = torch.ones(3, 5, 7, device=device)
    drawn = [torch.nn.functional.dropout(x, 0.3), torch.rand(9, device=device), torch.randn(3),
             torch.nn.functional.dropout2d(x[None], 0.5), torch.rand_like(x.double()),
             torch.nn.functional.alpha_dropout(x, 0.3, True), torch.rand(2)]  # fmt: skip
    return [each.cpu().numpy() for each in drawn]


def test_the_same_masks_on_both(pretend_gpu):
    for a, b in zip(masks("cpu"), masks("cuda")):
        np.testing.assert_array_equal(a, b)


if kernels.testable():  # only where the kernels can be compiled: no skip elsewhere

    def test_the_kernels_draw_the_same_masks(pretend_gpu, monkeypatch):
        monkeypatch.setattr(switches, "own_kernels", True)
        with counting() as cost:
            there = masks("cuda")
        assert cost.h2d <= 8  # the state only, and what is never drawn there
        for a, b in zip(masks("cpu"), there):
            np.testing.assert_array_equal(a, b)

    @pytest.mark.parametrize("seed", [0, 5])
    def test_the_kernels_move_the_stream_on(pretend_gpu, seed, monkeypatch):
        monkeypatch.setattr(switches, "own_kernels", True)
        ours, numpys = streams(seed)
        state = pretend_gpu.asarray(philox.read(ours))
        for bits, count in DRAWS:
            made = philox.captured(pretend_gpu, state, count, bits).get()
            np.testing.assert_array_equal(made, numpys.random(count, philox.DTYPES[bits]))


def test_a_stream_at_the_end_of_its_counter_is_drawn_in_main_memory(pretend_gpu, monkeypatch):
    monkeypatch.setattr(switches, "own_kernels", True)
    torch.manual_seed(0)
    state = torch.default_generator.numbers.bit_generator.state
    state["state"]["counter"][0] = 2**64 - 1
    torch.default_generator.numbers.bit_generator.state = state
    far = torch.rand(9, device="cuda").cpu()
    torch.default_generator.numbers.bit_generator.state = state
    assert torch.equal(far, torch.rand(9))
