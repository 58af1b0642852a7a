"""Parts of arrays: every element once, in its own memory."""

import numpy as np
import pytest

from autograd_lab.optim.pieces import BLOCK, as_reals, pieces

ROWS = BLOCK // 100 + 7


@pytest.mark.parametrize("w", [
    np.zeros(5), np.zeros(()), np.zeros(BLOCK), np.zeros(BLOCK + 1), np.zeros((ROWS, 100)),
    np.zeros((100, ROWS)).T, np.zeros((1, 3 * BLOCK)), np.zeros((2 * BLOCK, 2))[:, :1],
    np.zeros((0, 3)),
], ids=lambda w: str(w.shape))  # fmt: skip
def test_every_element_is_met_once(w):
    g = np.arange(w.size, dtype=float).reshape(w.shape)
    seen = 0
    for part, step, nothing in pieces([w, g, None]):
        part -= step
        seen += part.size
        assert nothing is None
        assert part.shape == step.shape
    assert seen == w.size
    assert np.array_equal(w, -g)


def test_large_arrays_come_in_parts():
    assert len(pieces([np.zeros(4 * BLOCK)])) == 4
    assert len(pieces([np.zeros((1, 4 * BLOCK))])) == 4


def test_complex_numbers_are_seen_as_pairs_in_the_same_memory():
    x = np.array([[1 + 2j, 3 + 4j]])
    as_reals(x)[...] += 1
    assert x.tolist() == [[2 + 3j, 4 + 5j]]
    as_reals(x.T)[...] += 1
    as_reals(x[:, ::-1])[...] += 1
    assert x.tolist() == [[4 + 5j, 6 + 7j]]
    assert as_reals(np.array(1 + 2j)).tolist() == [1, 2]
