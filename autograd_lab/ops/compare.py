"""Compare, choose, combine yes and no: most of these have no gradient."""

import math

import numpy as np

from ..core import CPP_NAMES, NUMBERS, OPS, Array, Op, Pointwise
from ..dispatch import op
from ..general import result_type
from ..limits import REAL_NUMBERS, check_fits, check_fits_or_becomes_inf
from ..tensors_only import tensors_only


class Compare(Op):
    """A comparison of two tensors, element by element: the result is True or False."""

    __slots__ = ()
    promote = True  # and no `broadcast`: no gradient flows through whose shape would matter


def ordered(name, a, b):
    """Refuse what has no order."""
    comparable(name, a, b)
    if any(getattr(x, "dtype", None) is not None and x.dtype.kind == "c" for x in (a, b)):
        raise NotImplementedError(
            f"\"{name}_cpu\" not implemented for 'ComplexFloat': complex numbers have no order"
        )


def comparable(name, a, b):
    """Refuse what cannot be compared: PyTorch compares a tensor with a tensor or a number."""
    if type(a) in NUMBERS:
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not a number")
    if b is None:
        raise TypeError(f"{name}(): argument 'other' (position 2) must be Tensor, not NoneType")


def zeros_for(g):
    """Give the gradient of what changes nothing: 0, even where ``g`` is infinite or nan."""
    return OPS["fill"](g, 0)


def no_numbers(name, *operands):
    """Refuse Python's numbers where PyTorch takes tensors alone."""
    for place, x in enumerate(operands, 1):
        if type(x) in NUMBERS:
            raise TypeError(
                f"{name}(): argument '{('input', 'other')[place - 1]}' (position {place}) must be "
                f"Tensor, not {type(x).__name__}: torch.tensor({x}) makes one"
            )


@op
class eq(Compare):
    r"""Say where two tensors are equal.

    >>> torch.tensor([1, 2]) == 2
    tensor([False,  True])
    """

    formula = r"y = [a = b]"

    def forward(self, a: Array, b: Array):
        comparable("eq", a, b)
        return a == b


@op
class ne(Compare):
    r"""Say where two tensors differ.

    >>> torch.tensor([1, 2]) != 2
    tensor([ True, False])
    """

    formula = r"y = [a \ne b]"

    def forward(self, a: Array, b: Array):
        comparable("ne", a, b)
        return a != b


@op
class lt(Compare):
    r"""Say where the first tensor is less than the second.

    >>> torch.tensor([1, 2]) < 2
    tensor([ True, False])
    """

    formula = r"y = [a < b]"

    def forward(self, a: Array, b: Array):
        ordered("lt", a, b)
        return a < b


@op
class le(Compare):
    r"""Say where the first tensor is less than or equal to the second.

    >>> torch.tensor([1, 2]) <= 1
    tensor([ True, False])
    """

    formula = r"y = [a \le b]"

    def forward(self, a: Array, b: Array):
        ordered("le", a, b)
        return a <= b


@op
class gt(Compare):
    r"""Say where the first tensor is greater than the second.

    >>> torch.tensor([1, 2]) > 1
    tensor([False,  True])
    """

    formula = r"y = [a > b]"

    def forward(self, a: Array, b: Array):
        ordered("gt", a, b)
        return a > b


@op
class ge(Compare):
    r"""Say where the first tensor is greater than or equal to the second.

    >>> torch.tensor([1, 2]) >= 2
    tensor([False,  True])
    """

    formula = r"y = [a \ge b]"

    def forward(self, a: Array, b: Array):
        ordered("ge", a, b)
        return a >= b


# --- what kind of number


@op
class isnan(Op):
    r"""Say where a number is nan, "not a number": the result of 0 / 0.

    >>> torch.isnan(torch.tensor([1., float("nan")]))
    tensor([False,  True])
    """

    formula = r"y = [x \ne x]"

    def forward(self, x: Array):
        return x != x


@op
class isinf(Op):
    r"""Say where a number is infinite.

    >>> torch.isinf(torch.tensor([1., float("inf")]))
    tensor([False,  True])
    """

    formula = r"y = [|x| = \infty]"

    def forward(self, x: Array):
        return self.xp.isinf(x)


@op
class isfinite(Op):
    r"""Say where a number is neither infinite nor nan.

    >>> torch.isfinite(torch.tensor([1., float("inf"), float("nan")]))
    tensor([ True, False, False])
    """

    formula = r"y = [|x| < \infty]"

    def forward(self, x: Array):
        return self.xp.isfinite(x)


@op
class isposinf(Op):
    r"""Say where a number is plus infinity.

    >>> torch.isposinf(torch.tensor([-float("inf"), float("inf")]))
    tensor([False,  True])
    """

    formula = r"y = [x = \infty]"

    def forward(self, x: Array):
        if x.dtype.kind == "c":
            raise RuntimeError("isposinf does not support complex inputs.")
        return x == math.inf if x.dtype.kind == "f" else x != x


@op
class isneginf(Op):
    r"""Say where a number is minus infinity.

    >>> torch.isneginf(torch.tensor([-float("inf"), float("inf")]))
    tensor([ True, False])
    """

    formula = r"y = [x = -\infty]"

    def forward(self, x: Array):
        if x.dtype.kind == "c":
            raise RuntimeError("isneginf does not support complex inputs.")
        return x == -math.inf if x.dtype.kind == "f" else x != x


@op
class isreal(Op):
    r"""Say where a number has no imaginary part.

    >>> torch.isreal(torch.tensor([1 + 0j, 2j]))
    tensor([ True, False])
    """

    formula = r"y = [\mathrm{Im}\, x = 0]"

    def forward(self, x: Array):
        return x.imag == 0 if x.dtype.kind == "c" else (x == x) | (x != x)


@op
class signbit(Op):
    r"""Say where the sign is minus, even that of $-0$.

    >>> torch.signbit(torch.tensor([-0., 0., -1.]))
    tensor([ True, False,  True])
    """

    formula = r"y = [x < 0 \ \text{or}\ x = -0]"

    def forward(self, x: Array):
        return self.xp.signbit(x) if x.dtype.kind == "f" else x < 0


# --- choose


def _choices_fit(operands):
    """Refuse a number that the dtype of the result cannot hold."""
    _, a, b = operands
    for number, beside in ((a, b), (b, a)):
        if type(number) in REAL_NUMBERS and not -128 <= number <= 127 and beside is not None:
            check_fits_or_becomes_inf(number, result_type(number, beside).array)


@op
class where(Op):
    r"""Take the first tensor where the condition holds, the second elsewhere.

    With the condition alone: the places where it holds, one tensor a dimension.

    >>> torch.where(torch.tensor([True, False]), torch.tensor([1., 2.]), 0.)
    tensor([1., 0.])
    >>> torch.where(torch.tensor([5, 0, 7]) > 0)
    (tensor([0, 2]),)
    """

    formula = r"y_i = a_i \ \text{if}\ c_i \ \text{else}\ b_i"
    gradient = r"\bar a = \bar y \odot c,\quad \bar b = \bar y \odot (1 - c)"
    promote, broadcast = (1, 2), True
    refuse = staticmethod(_choices_fit)

    def forward(self, condition: Array, input: Array | None = None, other: Array | None = None):
        if input is None and other is None:
            return condition.nonzero() if condition.ndim else condition.reshape(1).nonzero()
        if input is None or other is None:
            raise TypeError("where() takes a condition alone, or with both input and other")
        if condition.dtype.kind not in "bfuc":
            raise RuntimeError(
                "where expected condition to be a boolean tensor, but got a tensor with dtype "
                f"{condition.dtype}"
            )
        return self.xp.where(condition, input, other)

    def backward_input(self, g, condition):
        return where(condition, g, 0.0)

    def backward_other(self, g, condition):
        return where(condition, 0.0, g)


@op
class masked_fill(Op):
    r"""Write one value wherever the mask is True.

    >>> torch.tensor([1., 2.]).masked_fill(torch.tensor([True, False]), 0.)
    tensor([0., 2.])
    """

    formula = r"y_i = v \ \text{if}\ m_i \ \text{else}\ x_i"
    gradient = r"\bar x = \bar y \odot (1 - m),\quad \bar v = \sum_i m_i \bar y_i"
    broadcast = True

    def forward(self, x: Array, mask: Array, value: Array):
        if mask.dtype.kind != "b":
            raise RuntimeError(
                "masked_fill_ only supports boolean masks, but got mask with dtype "
                f"{CPP_NAMES[mask.dtype.name]}: mask.bool(), or a comparison such as x == 0"
            )
        if getattr(value, "ndim", 0):
            raise RuntimeError(
                "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
                f"{value.ndim} dimension(s)."
            )
        self.old = getattr(value, "dtype", None)
        return self.xp.where(mask, as_kind(x, value), x)

    def backward_x(self, g, mask):
        return where(mask, 0.0, g)

    def backward_value(self, g, mask):
        return OPS["to"](where(mask, g, 0.0), self.old)


def as_kind(x, value):
    """Convert a number, or an array of one, to the kind of an array, as writing to it does."""
    if hasattr(value, "dtype"):
        if value.dtype.kind == "c" and x.dtype.kind != "c":
            raise RuntimeError("value cannot be converted to a real type without overflow")
        return value.astype(x.dtype)
    return written_as(value, x.dtype)


def written_as(value, dtype):
    """Give a Python number as a dtype holds it, if it does: -1 in uint8 is 255."""
    check_fits(value, dtype)
    if dtype.kind in "iu":
        return np.asarray(int(value.real)).astype(dtype)[()]
    return dtype.type(value.real if dtype.kind == "f" else value)


@op
class maximum(Pointwise):
    r"""Take the greater of two numbers, element by element.

    Equal ones share the gradient.

    >>> torch.maximum(torch.tensor([1., 5.]), torch.tensor([2., 3.]))
    tensor([2., 5.])
    """

    formula = r"y = \max(a, b)"
    gradient = r"\bar a = \bar y \odot [a > b],\quad \bar b = \bar y \odot [b > a]"

    def forward(self, a: Array, b: Array):
        no_numbers("maximum", a, b)
        ordered("maximum", a, b)
        return self.xp.maximum(a, b)

    def backward_a(self, g, a, b):
        return where(a < b, 0.0, where(a == b, g / 2, g))

    def backward_b(self, g, a, b):
        return where(b < a, 0.0, where(a == b, g / 2, g))


@op
class minimum(Pointwise):
    r"""Take the lesser of two numbers, element by element.

    Equal ones share the gradient.

    >>> torch.minimum(torch.tensor([1., 5.]), torch.tensor([2., 3.]))
    tensor([1., 3.])
    """

    formula = r"y = \min(a, b)"
    gradient = r"\bar a = \bar y \odot [a < b],\quad \bar b = \bar y \odot [b < a]"

    def forward(self, a: Array, b: Array):
        no_numbers("minimum", a, b)
        ordered("minimum", a, b)
        return self.xp.minimum(a, b)

    def backward_a(self, g, a, b):
        return where(a > b, 0.0, where(a == b, g / 2, g))

    def backward_b(self, g, a, b):
        return where(b > a, 0.0, where(a == b, g / 2, g))


@op
class fmax(Pointwise):
    r"""Take the greater of two numbers; a number wins over nan.

    >>> torch.fmax(torch.tensor([1., float("nan")]), torch.tensor([2., 3.]))
    tensor([2., 3.])
    """

    formula = r"y = \max(a, b)"
    gradient = r"\bar a = \bar y \odot [a \ge b],\quad \bar b = \bar y \odot [a < b]"

    def forward(self, a: Array, b: Array):
        no_numbers("fmax", a, b)
        ordered("fmax", a, b)
        return self.xp.fmax(a, b)

    def backward_a(self, g, a, b):
        return where((a >= b) | (b != b), g, 0.0)

    def backward_b(self, g, a, b):
        return where((a >= b) | (b != b), 0.0, g)


@op
class fmin(Pointwise):
    r"""Take the lesser of two numbers; a number wins over nan.

    >>> torch.fmin(torch.tensor([1., float("nan")]), torch.tensor([2., 3.]))
    tensor([1., 3.])
    """

    formula = r"y = \min(a, b)"
    gradient = r"\bar a = \bar y \odot [a \le b],\quad \bar b = \bar y \odot [a > b]"

    def forward(self, a: Array, b: Array):
        no_numbers("fmin", a, b)
        ordered("fmin", a, b)
        return self.xp.fmin(a, b)

    def backward_a(self, g, a, b):
        return where((a <= b) | (b != b), g, 0.0)

    def backward_b(self, g, a, b):
        return where((a <= b) | (b != b), 0.0, g)


def _limits_fit(operands):
    """Refuse limits that the dtype of the result cannot hold."""
    for limit in operands[1:]:
        if type(limit) in REAL_NUMBERS and not -128 <= limit <= 127:
            want = result_type(*[x for x in operands if x is not None])
            if not want.is_complex:
                check_fits(limit, want.array)


@op
class clamp(Pointwise):
    r"""Keep every element between two limits: numbers, tensors, or None for no limit.

    >>> torch.clamp(torch.tensor([-2., 0.5, 3.]), 0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """

    formula = r"y = \min(\max(x, \mathrm{min}), \mathrm{max})"
    gradient = r"\bar x = \bar y \odot [\mathrm{min} \le x \le \mathrm{max}]"
    refuse = staticmethod(_limits_fit)

    def forward(self, x: Array, min: Array | None = None, max: Array | None = None):
        if min is None and max is None:
            raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
        ordered("clamp", x, 0)
        y = x if min is None else self.xp.maximum(x, min)
        return y if max is None else self.xp.minimum(y, max)

    def backward_x(self, g, x, min, max):
        if max is None:
            return where(x >= min, g, 0.0)
        return where(x <= max if min is None else (x >= min) & (x <= max), g, 0.0)

    def backward_min(self, g, x, min, max):
        return where(x < min if max is None else (x < min) & (min < max), g, 0.0)

    def backward_max(self, g, x, min, max):
        return where(x > max if min is None else (x > max) | (max < min), g, 0.0)


def clamp_min(x, min, *, out=None):
    """Replace what is less than ``min`` by it.

    >>> torch.clamp_min(torch.tensor([-2., 3.]), 0)
    tensor([0., 3.])
    """
    return clamp(x, min, out=out)


def clamp_max(x, max, *, out=None):
    """Replace what is greater than ``max`` by it.

    >>> torch.clamp_max(torch.tensor([-2., 3.]), 0)
    tensor([-2.,  0.])
    """
    return clamp(x, None, max, out=out)


@op
class heaviside(Pointwise):
    r"""Step from 0 to 1 where ``x`` passes 0; the value at 0 itself is given.

    >>> torch.heaviside(torch.tensor([-1., 0., 2.]), torch.tensor(0.5))
    tensor([0.0000, 0.5000, 1.0000])
    """

    formula = r"y = [x > 0], \quad y = v \ \text{at}\ x = 0"
    promote = False

    def forward(self, x: Array, values: Array):
        no_numbers("heaviside", x, values)
        if x.dtype.kind == "c" or values.dtype.kind == "c":
            raise RuntimeError("heaviside is not yet implemented for complex tensors.")
        if x.dtype != values.dtype:
            raise RuntimeError(
                "heaviside is not yet implemented for tensors with different dtypes."
            )
        step = self.xp.where(x > 0, 1, self.xp.where(x == 0, values, 0))
        return step.astype(x.dtype)


# --- yes and no


@op
class logical_and(Op):
    r"""Say where both are true (not 0).

    >>> torch.logical_and(torch.tensor([True, True]), torch.tensor([True, False]))
    tensor([ True, False])
    """

    formula = r"y = a \land b"

    def forward(self, a: Array, b: Array):
        no_numbers("logical_and", a, b)
        return self.xp.logical_and(a, b)


@op
class logical_or(Op):
    r"""Say where at least one is true (not 0).

    >>> torch.logical_or(torch.tensor([False, True]), torch.tensor([False, False]))
    tensor([False,  True])
    """

    formula = r"y = a \lor b"

    def forward(self, a: Array, b: Array):
        no_numbers("logical_or", a, b)
        return self.xp.logical_or(a, b)


@op
class logical_xor(Op):
    r"""Say where exactly one is true (not 0).

    >>> torch.logical_xor(torch.tensor([True, True]), torch.tensor([True, False]))
    tensor([False,  True])
    """

    formula = r"y = a \oplus b"

    def forward(self, a: Array, b: Array):
        no_numbers("logical_xor", a, b)
        return self.xp.logical_xor(a, b)


@op
class logical_not(Op):
    r"""Say where a tensor is false (0).

    >>> torch.logical_not(torch.tensor([0, 3]))
    tensor([ True, False])
    """

    formula = r"y = \lnot x"

    def forward(self, x: Array):
        return self.xp.logical_not(x)


# --- bits


def whole(name, *operands):
    """Refuse numbers that have no bits to work with."""
    for x in operands:
        kind = x.dtype.kind if hasattr(x, "dtype") else "b" if isinstance(x, int) else "f"
        if kind not in "biu":
            raise NotImplementedError(
                f"\"{name}_cpu\" not implemented for 'Float': only whole numbers and True or False"
                " have bits"
            )


@op
class bitwise_and(Pointwise):
    r"""Combine bits: 1 where both are 1.

    >>> torch.tensor([6]) & torch.tensor([3])
    tensor([2])
    """

    formula = r"y = a \mathbin{\&} b"

    def forward(self, a: Array, b: Array):
        whole("bitwise_and", a, b)
        return a & b


@op
class bitwise_or(Pointwise):
    r"""Combine bits: 1 where at least one is 1.

    >>> torch.tensor([6]) | torch.tensor([3])
    tensor([7])
    """

    formula = r"y = a \mathbin{|} b"

    def forward(self, a: Array, b: Array):
        whole("bitwise_or", a, b)
        return a | b


@op
class bitwise_xor(Pointwise):
    r"""Combine bits: 1 where they differ.

    >>> torch.tensor([6]) ^ torch.tensor([3])
    tensor([5])
    """

    formula = r"y = a \oplus b"

    def forward(self, a: Array, b: Array):
        whole("bitwise_xor", a, b)
        return a ^ b


@op
class bitwise_not(Op):
    r"""Turn every bit; True becomes False.

    >>> ~torch.tensor([True, False]), ~torch.tensor([0, 5])
    (tensor([False,  True]), tensor([-1, -6]))
    """

    formula = r"y = \sim x"

    def forward(self, x: Array):
        whole("bitwise_not", x)
        return ~x


@op
class bitwise_left_shift(Pointwise):
    r"""Shift bits to the left: multiply by a power of 2.

    >>> torch.tensor([1, 5]) << 2
    tensor([ 4, 20])
    """

    formula = r"y = a \cdot 2^b"

    def forward(self, a: Array, b: Array):
        whole("lshift", a, b)
        return self.xp.left_shift(a, b)


@op
class bitwise_right_shift(Pointwise):
    r"""Shift bits to the right: divide by a power of 2, rounding down.

    >>> torch.tensor([4, 21]) >> 2
    tensor([1, 5])
    """

    formula = r"y = \lfloor a / 2^b \rfloor"

    def forward(self, a: Array, b: Array):
        whole("rshift", a, b)
        return self.xp.right_shift(a, b)


# --- whole tensors


@tensors_only
def isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    r"""Say where two tensors are nearly equal: $|x - y| \le atol + rtol |y|$.

    >>> torch.isclose(torch.tensor([1., 2.]), torch.tensor([1.0000001, 2.1]))
    tensor([ True, False])
    """
    if input.dtype is not other.dtype:
        raise RuntimeError(f"{_named(input)} did not match {_named(other)}")
    if rtol < 0 or atol < 0:
        name, value = ("rtol", rtol) if rtol < 0 else ("atol", atol)
        raise RuntimeError(f"{name} must be greater than or equal to zero, but got {value}")
    a, b = input.detach(), other.detach()
    close = a == b
    if equal_nan:
        close = close | (a != a) & (b != b)
    if rtol == 0 and atol == 0:
        return close
    if a.dtype.rank < 2:
        a, b = a.to(_float()), b.to(_float())
    return close | isfinite(b) & isfinite(a) & ((a - b).abs() <= atol + (rtol * b).abs())


def _float():
    from .. import dtypes

    return dtypes.default


def _named(x):
    return str(x.dtype).removeprefix("torch.").capitalize()


@tensors_only
def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Say whether two tensors are nearly equal everywhere.

    >>> torch.allclose(torch.tensor([1., 2.]), torch.tensor([1.0000001, 2.]))
    True
    """
    return bool(isclose(input, other, rtol, atol, equal_nan).all())


@tensors_only
def equal(input, other):
    """Say whether two tensors have the same shape and the same elements.

    >>> torch.equal(torch.tensor([1, 2]), torch.tensor([1, 2]))
    True
    """
    return input.shape == other.shape and bool(eq(input, other).all())


greater, greater_equal, less, less_equal, not_equal = gt, ge, lt, le, ne
clip = clamp
