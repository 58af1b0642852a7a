"""The shipped tables: their shapes, their numbers, and that nobody's changes leak."""

import hashlib

import numpy as np
import pytest

from autograd_lab.datasets import load_diabetes, load_digits


def test_diabetes_is_the_raw_table():
    table = load_diabetes()
    assert table.data.shape == (442, 10) and table.data.dtype == np.float32
    assert table.target.shape == (442,) and table.target.dtype == np.float32
    assert len(table.columns) == len(table.units) == 10
    first = [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87]
    np.testing.assert_array_equal(table.data[0], np.float32(first))
    assert table.target[:5].tolist() == [151, 75, 141, 206, 135]
    # Not the scaled table, whose columns have mean 0 and length 1.
    assert table.data[:, table.columns.index("tc")].mean() == pytest.approx(189.14, abs=0.01)
    # tch is tc / hdl, mostly rounded: so the names are on the right columns.
    column = dict(zip(table.columns, table.data.T, strict=True))
    assert np.median(np.abs(column["tc"] / column["hdl"] - column["tch"])) < 0.5


def test_digits_are_images():
    table = load_digits()
    assert table.data.shape == (1797, 8, 8) and table.data.dtype == np.uint8
    assert table.data.min() == 0 and table.data.max() == 16
    assert table.target.dtype == np.int64
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(table.target).tolist() == counts


@pytest.mark.parametrize("load", [load_diabetes, load_digits])
def test_a_learners_change_stays_theirs(load):
    changed, before = load(), hashlib.sha256(load().data.tobytes()).digest()
    changed.data[:] = 0
    assert hashlib.sha256(load().data.tobytes()).digest() == before


@pytest.mark.parametrize("load", [load_diabetes, load_digits])
def test_says_where_it_comes_from(load):
    table = load()
    assert len(table) == len(table.data) == len(table.target)
    assert table.source in table._repr_html_() and table.licence in table._repr_html_()
    assert len(repr(table)) < 80
