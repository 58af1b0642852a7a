"""Compare tensors in a test, and say exactly where they differ."""

import numbers
from collections.abc import Mapping, Sequence

import numpy as np

from .core import Tensor

NUMBER = numbers.Number | np.number

# How far apart equal results may be, by dtype: (rtol, atol). Whole numbers must be equal.
CLOSE = {
    "float16": (1e-3, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7),
    "complex64": (1.3e-6, 1e-5), "complex128": (1e-7, 1e-7),
}  # fmt: skip


def assert_close(
    actual, expected, *, allow_subclasses=True, rtol=None, atol=None, equal_nan=False,
    check_device=True, check_dtype=True, check_layout=True, check_stride=False, msg=None,
):  # fmt: skip
    """Raise AssertionError unless two tensors, numbers, or lists and dicts of them, are close.

    >>> torch.testing.assert_close(torch.ones(2), torch.ones(2) + 1e-7)
    >>> torch.testing.assert_close(torch.tensor([1., 2.]), torch.tensor([1., 3.]))
    Traceback (most recent call last):
        ...
    AssertionError: Tensor-likes are not close!
    <BLANKLINE>
    Mismatched elements: 1 / 2 (50.0%)
    Greatest absolute difference: 1.0 at index (1,) (up to 1e-05 allowed)
    Greatest relative difference: 0.3333333432674408 at index (1,) (up to 1.3e-06 allowed)
    """
    if (rtol is None) != (atol is None):
        raise ValueError(
            f"rtol and atol must both be specified or both be unspecified, but got rtol={rtol} and "
            f"atol={atol}"
        )
    checks = _Checks(rtol, atol, equal_nan, check_device, check_dtype, check_stride)
    said = checks.compare(actual, expected, "")
    if said is not None:
        raise AssertionError(msg(said) if callable(msg) else msg or said)


class _Checks:
    """What has to agree, and how closely."""

    def __init__(self, rtol, atol, equal_nan, device, dtype, stride):
        self.rtol, self.atol, self.equal_nan = rtol, atol, equal_nan
        self.device, self.dtype, self.stride = device, dtype, stride

    def compare(self, a, b, where):
        """Word the first difference; None where there is none."""
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            return self.compare_mappings(a, b, where)
        if _is_sequence(a) and _is_sequence(b):
            return self.compare_sequences(a, b, where)
        if isinstance(a, Tensor) and isinstance(b, Tensor):
            said = self.compare_tensors(a, b)
        elif isinstance(a, NUMBER) and isinstance(b, NUMBER):
            said = self.compare_numbers(a, b)
        elif a is None and b is None:
            return None
        elif a is None or b is None:
            said = f"None mismatch: {a} is not {b}"
        elif isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
            said = self.compare_arrays(a, b, *self.limits(a, b))
        else:
            raise TypeError(
                "No comparison pair was able to handle inputs of type "
                f"{type(a)} and {type(b)}."
            )
        return f"{said}\n\nThe failure occurred for item {where}" if said and where else said

    def compare_mappings(self, a, b, where):
        """Compare dicts, key by key."""
        if a.keys() != b.keys():
            missing = sorted(b.keys() - a.keys(), key=str)
            extra = sorted(a.keys() - b.keys(), key=str)
            return (
                "The keys of the mappings do not match:\n"
                f"Missing keys in the actual mapping: {missing}\n"
                f"Additional keys in the actual mapping: {extra}"
            )
        found = (self.compare(a[key], b[key], f"{where}[{key!r}]") for key in a)
        return next((said for said in found if said), None)

    def compare_sequences(self, a, b, where):
        """Compare lists, place by place."""
        if len(a) != len(b):
            return f"The length of the sequences mismatch: {len(a)} != {len(b)}"
        found = (self.compare(x, y, f"{where}[{i}]") for i, (x, y) in enumerate(zip(a, b)))
        return next((said for said in found if said), None)

    def compare_tensors(self, a, b):
        """Compare shapes, devices and dtypes first, then the numbers."""
        for name, checked in (("shape", True), ("device", self.device), ("dtype", self.dtype)):
            mine, other = getattr(a, name), getattr(b, name)
            if checked and mine != other:
                return f"The values for attribute {name!r} do not match: {mine} != {other}."
        if self.stride and a.stride() != b.stride():
            return (
                "The values for attribute 'stride()' do not match: "
                f"{a.stride()} != {b.stride()}."
            )
        rtol, atol = self.limits(a.array, b.array)
        if not a.ndim:
            return self.compare_scalars(a.item(), b.item(), rtol, atol)
        return self.compare_arrays(a.detach().cpu().array, b.detach().cpu().array, rtol, atol)

    def limits(self, a, b):
        """Say how far apart two arrays may be: the wider allowance of their dtypes."""
        if self.rtol is not None:
            return self.rtol, self.atol
        allowed = [CLOSE.get(str(array.dtype), (0.0, 0.0)) for array in (a, b)]
        return tuple(max(pair) for pair in zip(*allowed))

    def compare_arrays(self, a, b, rtol, atol):
        """Compare numbers; count those that differ, and find the greatest differences."""
        wide = np.promote_types(a.dtype, b.dtype)
        close = np.isclose(a.astype(wide), b.astype(wide), rtol, atol, self.equal_nan)
        if close.all():
            return None
        bad = int((~close).sum())
        kind = "equal" if rtol == atol == 0 else "close"
        apart = np.abs(_signed(a) - _signed(b))
        apart[close] = 0
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = apart / np.abs(_signed(b))
        ratio[close] = 0
        return (
            f"Tensor-likes are not {kind}!\n\n"
            f"Mismatched elements: {bad} / {a.size} ({bad / a.size:.1%})\n"
            f"Greatest absolute difference: {_greatest(apart, atol)}\n"
            f"Greatest relative difference: {_greatest(ratio, rtol)}"
        )

    def compare_numbers(self, a, b):
        """Compare two Python numbers."""
        if self.dtype and type(a) is not type(b):
            return f"The (d)types do not match: {type(a)} != {type(b)}."
        whole = isinstance(a, int) and isinstance(b, int)
        allowed = (0.0, 0.0) if whole else (1e-7, 1e-7)
        return self.compare_scalars(a, b, *(allowed if self.rtol is None else self.limits(a, b)))

    def compare_scalars(self, a, b, rtol, atol):
        """Compare two numbers by themselves."""
        if np.isclose(a, b, rtol, atol, self.equal_nan):
            return None
        apart = abs(a - b)
        ratio = apart / abs(b) if b else float("inf")
        kind = "close" if rtol or atol else "equal"
        limits = (f" (up to {limit} allowed)" if kind == "close" else "" for limit in (atol, rtol))
        return (
            f"Scalars are not {kind}!\n\nExpected {b} but got {a}.\n"
            f"Absolute difference: {apart}{next(limits)}\n"
            f"Relative difference: {ratio}{next(limits)}"
        )


def _is_sequence(value) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _signed(array):
    """Make differences of unsigned and of true-false numbers possible."""
    return array.astype(np.int64) if array.dtype.kind in "bui" else array


def _greatest(values, allowed) -> str:
    place = np.unravel_index(int(np.argmax(values)), values.shape)
    limit = f" (up to {allowed} allowed)" if allowed else ""
    at = tuple(map(int, place))
    return f"{values[place].item()} at index {at}{limit}"
