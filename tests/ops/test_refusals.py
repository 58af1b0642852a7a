"""Where PyTorch refuses a call, so do we: with the same type of exception."""

import pytest

from tests.ops import samples, sweep
from tests.ops.refusals import refused

CASES = [case for table in samples.files() for case in refused(getattr(table, "TABLE", {}))]


@pytest.mark.parametrize(("name", "sample"), CASES, ids=[f"{n} {s}" for n, s in CASES])
def test_what_pytorch_refuses_is_refused(name, sample):
    with pytest.raises(Exception) as theirs:  # noqa: PT011  (PyTorch says which)
        sweep.theirs(name, sample)
    with pytest.raises(theirs.type) as ours:
        sweep.ours(name, sample)
    assert str(ours.value), "an error without a word"


def test_there_are_refusals_to_test():
    assert len(CASES) > 50
