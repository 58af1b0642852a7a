"""ReduceOp: how the numbers of several processes become one."""

import enum


class ReduceOp(enum.Enum):
    """What an exchange computes from the ranks' numbers, element by element.

    >>> torch.distributed.ReduceOp.SUM
    <ReduceOp.SUM: 0>
    """

    SUM = 0
    AVG = 1
    PRODUCT = 2
    MIN = 3
    MAX = 4
    BAND = 5
    BOR = 6
    BXOR = 7


ORDERED = {ReduceOp.MIN, ReduceOp.MAX}
BITWISE = {ReduceOp.BAND, ReduceOp.BOR, ReduceOp.BXOR}


def check_op(op, dtype, what: str) -> None:
    """Refuse what cannot be computed of such numbers."""
    if not isinstance(op, ReduceOp):
        raise TypeError(f"{what}: op is one of ReduceOp's, such as ReduceOp.SUM, not {op!r}")
    if op in ORDERED and dtype.is_complex:
        raise ValueError(f"{what} does not support {op} on complex tensors")
    if op in BITWISE and (dtype.is_complex or dtype.is_floating_point):
        raise RuntimeError(f"Cannot use {op} with non-integral dtype")
    if op is ReduceOp.AVG and not (dtype.is_complex or dtype.is_floating_point):
        raise RuntimeError(f"Cannot use {op} with integer dtype {dtype}: use SUM, and divide")
