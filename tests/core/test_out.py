"""``out=``: what it must be, in PyTorch's words."""

import pytest
import torch as oracle

import autograd_lab as lab


def said(home, call):
    """Give the error of a call."""
    with pytest.raises(RuntimeError) as caught:
        call(home)
    return str(caught.value)


WRONG_DTYPE = {
    "gather": lambda t: t.gather(
        t.ones(2, 2), 1, t.zeros(2, 2, dtype=t.int64), out=t.empty(2, 2, dtype=t.complex64)
    ),
    "complex": lambda t: t.complex(
        t.ones(2), t.ones(2), out=t.empty(2, dtype=t.complex128)
    ),
    "aminmax": lambda t: t.aminmax(
        t.ones(2), out=(t.empty((), dtype=t.float16), t.empty((), dtype=t.float16))
    ),
}


@pytest.mark.parametrize("name", WRONG_DTYPE)
def test_an_out_of_another_dtype_is_refused_in_the_same_words(name):
    ours, theirs = (said(home, WRONG_DTYPE[name]) for home in (lab, oracle))
    assert ours == theirs


@pytest.mark.parametrize("home", [lab, oracle], ids=["ours", "theirs"])
def test_an_out_that_is_an_operand_is_refused(home):
    x = home.ones(2, 2)
    places = home.zeros(2, 2, dtype=home.int64)
    assert "single memory location" in said(home, lambda t: t.gather(x, 1, places, out=x))
    assert "single memory location" in said(home, lambda t: t.take(x, places, out=x))
