"""Windows: number by number PyTorch's."""

import numpy as np
import pytest
import torch as oracle

import autograd_lab as lab

NAMES = [
    ("bartlett", {}), ("blackman", {}), ("cosine", {}), ("exponential", {"tau": 2.0}),
    ("gaussian", {"std": 1.5}), ("general_cosine", {"a": [0.4, 0.3, 0.2]}),
    ("general_hamming", {"alpha": 0.6}), ("hamming", {}), ("hann", {}), ("kaiser", {"beta": 5.0}),
    ("nuttall", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "named"), NAMES)
@pytest.mark.parametrize("sym", [True, False])
@pytest.mark.parametrize("size", [0, 1, 2, 7, 8])
def test_windows(name, named, sym, size):
    mine = getattr(lab.signal.windows, name)(size, sym=sym, dtype=lab.float64, **named)
    theirs = getattr(oracle.signal.windows, name)(size, sym=sym, dtype=oracle.float64, **named)
    np.testing.assert_allclose(mine.numpy(), theirs.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["hann", "hamming", "blackman", "bartlett", "kaiser"])
@pytest.mark.parametrize("periodic", [True, False])
def test_older_names(name, periodic):
    mine = getattr(lab, name + "_window")(9, periodic)
    theirs = getattr(oracle, name + "_window")(9, periodic)
    np.testing.assert_allclose(mine.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-6)
    assert mine.dtype is lab.float32


@pytest.mark.parametrize(("name", "args", "named"), [
    ("hann", (-1,), {}), ("exponential", (3,), {"tau": 0}), ("gaussian", (3,), {"std": -1}),
    ("kaiser", (3,), {"beta": -1}), ("exponential", (3,), {"center": 1}),
    ("general_cosine", (3,), {"a": []}), ("general_cosine", (3,), {"a": 3}),
])  # fmt: skip
def test_what_is_refused(name, args, named):
    for home in (lab, oracle):
        with pytest.raises((ValueError, TypeError)):
            getattr(home.signal.windows, name)(*args, **named)
