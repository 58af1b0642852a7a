"""The instrument of these tests sees what it should."""

import pytest

from tests.core.oracle import both, refused, same


@both
def test_equal_programs(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    return x, x * 2, {"a": [1, 2.5, "text", None, True]}, torch.float32, (x * 2).tolist()


def _fails(test, **given):
    with pytest.raises(AssertionError):
        test(**given)


def test_differences_are_seen():
    ours = lambda torch: "autograd" in torch.__name__  # noqa: E731
    _fails(both(lambda torch: ours(torch)))
    _fails(both(lambda torch: torch.tensor(1.0 + 1e-5 * ours(torch))))
    _fails(both(lambda torch: torch.tensor(1.0, requires_grad=ours(torch))))
    _fails(both(lambda torch: torch.tensor(1.0, dtype=None if ours(torch) else torch.float64)))
    _fails(both(lambda torch: torch.ones((1,) if ours(torch) else ())))
    _fails(both(lambda torch: [1, 2] if ours(torch) else [1]))
    _fails(both(lambda torch: {"a": 1.0} if ours(torch) else {"a": 1.1}))
    _fails(both(lambda torch, n: n + ours(torch)), n=1)


def test_errors_are_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        both(lambda torch: 1 / 0)()
    _fails(refused("x")(lambda torch: 1))
    _fails(refused("no such words")(lambda torch: 1 / 0))
    refused("division")(lambda torch: 1 / 0)()
    with pytest.raises(AssertionError):
        same([1], [1, 2])
