"""Which dtype a mixture has: every pair of dtypes, as n-d tensors, 0-d tensors and numbers."""

import itertools
import operator

import pytest

import autograd_lab
from tests.core.oracle import both, oracle, outcome, refused

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64",
          "complex64", "complex128"]  # fmt: skip
NUMBERS = [True, 2, 2.0, 2j]
OPERATIONS = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv,
    "lt": operator.lt, "eq": operator.eq, "pow": operator.pow, "floordiv": operator.floordiv,
    "and": operator.and_,
}  # fmt: skip


def told(torch, call, *operands):
    """Give the dtype and the values of a result, or the kind of error."""
    made = outcome(torch, lambda torch: call(*operands), {})
    if isinstance(made, Exception):
        return type(made).__name__
    values = made.tolist()
    return str(made.dtype), tuple(made.shape), values


def tensors(torch, name):
    """Give a 1-d and a 0-d tensor of a dtype."""
    dtype = getattr(torch, name)
    return torch.tensor([3, 1], dtype=dtype), torch.tensor(2, dtype=dtype)


def differ(theirs, ours):
    """Say whether dtype, shape or values differ; in half precision the last digits may."""
    if isinstance(theirs, str) or isinstance(ours, str):
        return type(theirs) is not type(ours)
    flat = [(a if isinstance(a, list) else [a]) for a in (ours[2], theirs[2])]
    close = pytest.approx(flat[1], rel=2e-3 if "float16" in ours[0] else 1e-6, nan_ok=True)
    return ours[:2] != theirs[:2] or flat[0] != close


def half_complex(*operands):
    """Say whether PyTorch would give complex32, which NumPy does not have."""
    kinds = [str(getattr(x, "dtype", type(x).__name__)) for x in operands]
    return any("float16" in k for k in kinds) and any("complex" in k for k in kinds)


def differences(operation, pairs):
    """List what differs: pairs of operands, theirs and ours."""
    call, found = OPERATIONS[operation], []
    for theirs, ours in pairs:
        if not half_complex(*theirs):
            told_both = told(oracle(), call, *theirs), told(autograd_lab, call, *ours)
            if differ(*told_both):
                found.append((theirs, *told_both))
    return found


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_pair_of_tensors(operation):
    pairs = []
    for a, b in itertools.product(DTYPES, DTYPES):
        made = [itertools.product(tensors(t, a), tensors(t, b)) for t in (oracle(), autograd_lab)]
        pairs += zip(*made)
    assert differences(operation, pairs) == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_dtype_with_a_number(operation):
    pairs = []
    for name, number in itertools.product(DTYPES, NUMBERS):
        for t, o in zip(tensors(oracle(), name), tensors(autograd_lab, name)):
            pairs += [((t, number), (o, number)), ((number, t), (number, o))]
    assert differences(operation, pairs) == []


@both
def test_promote_types(torch):
    return [
        torch.promote_types(getattr(torch, a), getattr(torch, b))
        for a, b in itertools.product(DTYPES, DTYPES)
    ]


@both
def test_result_type(torch):
    whole, small, flat = torch.ones(2, dtype=torch.int64), torch.tensor(1.0), torch.ones(2).half()
    wide = torch.tensor(1.0, dtype=torch.float64)
    pairs = [(whole, small), (small, whole), (flat, small), (flat, wide), (whole, 1.0),
             (1.0, whole), (whole, 1), (small, wide), (wide, whole), (small, 2),
             (whole, 1j)]  # fmt: skip
    return [torch.result_type(a, b) for a, b in pairs]


@both
def test_facts_of_dtypes(torch):
    facts = []
    for name in DTYPES:
        d = getattr(torch, name)
        facts.append((str(d), repr(d), d.itemsize, d.is_floating_point, d.is_complex, d.is_signed))
        facts.append((d.to_complex() if d.itemsize > 2 and d.is_floating_point else None, d == d))
    names = ["half", "float", "double", "short", "int", "long", "cfloat", "cdouble"]
    return facts, [getattr(torch, n) for n in names]


@both
def test_whole_numbers_become_the_default_type(torch):
    whole, yes = torch.tensor([1, 4]), torch.tensor([True, False])
    return [whole / 2, whole / whole, yes / 2, whole.exp(), yes.exp(), whole.tanh(), whole.sqrt(),
            whole * 1.5, yes + 1, yes + yes, yes * 2.0, whole + True]  # fmt: skip


@both
def test_sums(torch):
    made = []
    for name in DTYPES:
        x = torch.tensor([1, 0, 1], dtype=getattr(torch, name))
        made += [x.sum(), x.cumsum(0), x.prod()]
    return made


@both
def test_small_integers_wrap_around(torch):
    small = torch.tensor([250, 100], dtype=torch.uint8)
    signed = torch.tensor([120, -120], dtype=torch.int8)
    return small + 10, small * 3, signed + signed, small + 300, -small, signed - 100


@both
def test_another_default(torch):
    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float64)
        whole = torch.tensor([1, 2])
        return (before, torch.get_default_dtype(), torch.tensor(1.5), torch.ones(2), whole * 1.5,
                whole / 2, torch.arange(0, 1, 0.5), torch.tensor(1j), torch.linspace(0, 1, 3),
                torch.eye(2), torch.ones(2, dtype=torch.float32) * 1.5, whole.exp())  # fmt: skip
    finally:
        torch.set_default_dtype(before)


@refused("only floating-point types are supported as the default type")
def test_a_default_that_is_no_float(torch):
    torch.set_default_dtype(torch.int64)


@both
def test_gradients_through_promotion(torch):
    made = []
    for a, b in itertools.product(["float16", "float32", "float64"], repeat=2):
        x = torch.tensor([1.0, 2.0], dtype=getattr(torch, a), requires_grad=True)
        s = torch.tensor(3.0, dtype=getattr(torch, b), requires_grad=True)
        y = x * s + x / s
        y.sum().backward()
        made += [y, x.grad, s.grad]
    return made


@both
def test_where_and_lists_of_mixed_dtypes(torch):
    a, b = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])
    c = torch.tensor([True, False])
    return (torch.where(c, a, b), torch.where(c, a, 2.5), torch.where(c, 1, b), torch.cat([a, b]),
            torch.stack([a, b]), torch.cat([c, a]), torch.maximum(a, b))  # fmt: skip


@refused("Subtraction, the `-` operator, with two bool tensors is not supported")
def test_bool_minus_bool(torch):
    torch.tensor(True) - torch.tensor(False)


@refused("Negation, the `-` operator, on a bool tensor is not supported")
def test_minus_bool(torch):
    -torch.tensor(True)
