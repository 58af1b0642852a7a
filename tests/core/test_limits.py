"""Numbers that a dtype cannot hold: PyTorch's error, then why; and those that it just holds."""

import numpy as np
import pytest

import autograd_lab
from tests.core.oracle import both, oracle, outcome

NUMBERS = [
    2**70, -(2**70), 2**64 - 1, 2**63, -(2**63) - 1, -(2**63), 2**40, 300, -200, -1, 127, True,
    1e300, -1e300, 1e5, -1e5, 65504.0, 1.5, -1.5, float("inf"), float("-inf"), float("nan"),
    1e300j, 2 + 0j, np.float64(1e300), np.int64(300),
]  # fmt: skip
DTYPES = ["bool", "uint8", "int8", "int32", "int64", "float16", "float32", "float64", "complex64"]


def written(x, torch, n):
    x[1] = n
    return x


def looked_up(x, torch, n):
    x[torch.tensor([0, 2])] = n
    return x


def third(torch):
    return torch.tensor([True, False, True])


CALLS = {
    "fill": lambda x, torch, n: x.fill_(n),
    "full": lambda x, torch, n: torch.full_like(x, n),
    "masked fill": lambda x, torch, n: x.masked_fill(third(torch), n),
    "masked fill in place": lambda x, torch, n: x.masked_fill_(third(torch), n),
    "scatter": lambda x, torch, n: x.scatter(0, torch.tensor([1]), n),
    "written": written, "looked up": looked_up,
    "clamp": lambda x, torch, n: x.clamp(max=n),
    "clip": lambda x, torch, n: torch.clip(x, n),
    "where": lambda x, torch, n: torch.where(third(torch), n, x),
    "other of where": lambda x, torch, n: x.where(third(torch), n),
}  # fmt: skip


def unlike(call, dtype, n):
    """Say what we leave as it is: PyTorch names uint64, which we have not, or has no clamp."""
    return (
        "where" in call and n in (2**63, 2**64 - 1) and dtype == "bool"
        or call in ("clamp", "clip") and (dtype in ("bool", "complex64") or type(n) is complex)
        or "where" in call and type(n) is complex
    )  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("call", CALLS)
def test_either_library_holds_the_same_numbers(call, dtype):
    for n in NUMBERS:
        if unlike(call, dtype, n):
            continue

        def run(torch, n=n):
            y = CALLS[call](torch.zeros(3, dtype=getattr(torch, dtype)), torch, n)
            return str(y.dtype), y.tolist()

        theirs, ours = outcome(oracle(), run, {}), outcome(autograd_lab, run, {})
        if not isinstance(theirs, Exception):
            np.testing.assert_equal(ours, theirs, f"{n}")
            continue
        assert type(ours) is type(theirs), (n, ours, theirs)
        assert str(ours).startswith(str(theirs).splitlines()[0]), (n, ours, theirs)
        assert len(str(ours)) > len(str(theirs).splitlines()[0]), (n, "no plain words")


@pytest.mark.parametrize("n", [2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 2**70])
@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
@pytest.mark.parametrize("act", ["__add__", "__radd__", "__sub__", "__mul__", "add_"])
def test_whole_numbers_are_taken_by_their_64_bits(act, dtype, n):
    def run(torch):
        return getattr(torch.ones(2, dtype=getattr(torch, dtype)), act)(n).tolist()

    theirs, ours = outcome(oracle(), run, {}), outcome(autograd_lab, run, {})
    if isinstance(theirs, Exception):
        assert type(ours) is type(theirs)
        assert str(ours).startswith(str(theirs))
    else:
        assert ours == theirs


REFUSED = {
    "alpha": lambda torch: torch.add(torch.ones(2), torch.ones(2), alpha=1e300),
    "large alpha": lambda torch: torch.sub(torch.ones(2), torch.ones(2), alpha=2**70),
    "addcmul": lambda torch: torch.addcmul(*[torch.ones(2)] * 3, value=1e300),
    "addcdiv": lambda torch: torch.addcdiv(*[torch.ones(2)] * 3, value=2**70),
    "numbers alone": lambda torch: torch.where(torch.tensor([True]), 1e300, 0.0),
    "limit beside a float": lambda torch: torch.ones(2, dtype=torch.int32).clamp(1.5, 1e300),
    "0-d": lambda torch: torch.where(torch.tensor([True]), 1e300, torch.tensor(1)),
    "arange": lambda torch: torch.arange(2**63),
    "large arange": lambda torch: torch.arange(2**70),
    "long arange": lambda torch: torch.arange(0, 1e300),
    "large step": lambda torch: torch.arange(0, 3, 2**70),
    "tracked": lambda torch: written(torch.ones(2, requires_grad=True) * 1, torch, 1e300),
}  # fmt: skip


@pytest.mark.parametrize("call", REFUSED)
def test_refused(call):
    theirs = outcome(oracle(), REFUSED[call], {})
    ours = outcome(autograd_lab, REFUSED[call], {})
    assert isinstance(theirs, Exception)
    assert type(ours) is type(theirs)
    assert str(ours).startswith(str(theirs).splitlines()[0])


@both
def test_ranges_that_fit(torch):
    return [
        torch.arange(2**63 - 2, 2**63 - 1), torch.arange(0.0, 1, 1e300),
        torch.arange(0, 2**63, 2**62, dtype=torch.float32),
        torch.ones(2, dtype=torch.int32).clamp(1.5, 2**40),
    ]  # fmt: skip
