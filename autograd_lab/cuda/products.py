"""Matrix products that can be captured in a CUDA graph: our own call of cuBLAS.

CuPy refuses its own products while a step is captured. So for that time ``a @ b``, ``a.dot(b)`` and
``xp.matmul`` of CuPy's arrays come here, and from here go to cuBLAS, through ctypes, with a handle
and a workspace of our own. It is the library that CuPy has loaded already.
"""

import contextlib
import ctypes
import math
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..backends import cuda as switches
from ..device import cupy

# cuBLAS counts columns first: to it a matrix of ours is transposed. So it is asked for the
# transposed product, b.T @ a.T, and what it writes is a @ b to us.
PLAIN, TRANSPOSED = 0, 1
REAL_16, REAL_32, REAL_64 = 2, 0, 1  # library_types.h
IN_32, IN_64, IN_TF32 = 68, 70, 77  # cublasComputeType_t
KINDS = {"e": (REAL_16, IN_32), "f": (REAL_32, IN_32), "d": (REAL_64, IN_64)}
DEFAULT_ALGORITHM = -1
WORKSPACE = 32 << 20  # bytes: what NVIDIA advises for the largest GPUs
ABSENT = object()


def load() -> Any:
    """Find the cuBLAS that CuPy uses."""
    cp = cupy()
    cp.cuda.get_cublas_handle()  # now it is loaded
    major = cp.cuda.runtime.runtimeGetVersion() // 1000
    return ctypes.CDLL(f"libcublas.so.{major}")


class Blas:
    """Our own handle of cuBLAS on one GPU, and the memory that it works in."""

    def __init__(self):
        self.library, self.handle = load(), ctypes.c_void_p()
        self.workspace = cupy().empty(WORKSPACE, np.uint8)
        self._call("cublasCreate_v2", ctypes.byref(self.handle))
        end = weakref.finalize(self, self.library.cublasDestroy_v2, self.handle)
        end.atexit = False  # then the GPU is gone already

    def begin(self, stream) -> None:
        """Send the products from now on to this stream: before a capture of it begins."""
        self._call("cublasSetStream_v2", self.handle, ctypes.c_void_p(stream.ptr))
        at = ctypes.c_void_p(self.workspace.data.ptr)
        self._call("cublasSetWorkspace_v2", self.handle, at, ctypes.c_size_t(WORKSPACE))

    def multiply(self, a, b, y) -> None:
        """Write the product of stacks of matrices (B, n, k) and (B, k, m) into y (B, n, m)."""
        kind, precision = KINDS[y.dtype.char]
        if precision == IN_32 and kind == REAL_32 and switches.matmul.allow_tf32:
            precision = IN_TF32
        number = ctypes.c_double if precision == IN_64 else ctypes.c_float
        (a, a_form, a_step), (b, b_form, b_step) = laid(a), laid(b)
        count, n, m = y.shape
        self._call(
            "cublasGemmStridedBatchedEx", self.handle, b_form, a_form, m, n, a.shape[2],
            ctypes.byref(number(1)), _place(b), kind, b_step, _stride(b),
            _place(a), kind, a_step, _stride(a),
            ctypes.byref(number(0)), _place(y), kind, m, _stride(y),
            count, precision, DEFAULT_ALGORITHM,
        )  # fmt: skip

    def _call(self, name, *args):
        status = getattr(self.library, name)(*args)
        if status:
            raise RuntimeError(f"CUDA error: {name} answered {status} (see cublasStatus_t)")


def _place(x):
    return ctypes.c_void_p(x.data.ptr)


def _stride(x):
    """Count the elements from one matrix of a stack to the next; 0 repeats the same one."""
    return ctypes.c_longlong(x.strides[0] // x.itemsize if x.shape[0] > 1 else 0)


def laid(x):
    """Say how the matrices of a stack lie in memory: the stack, its form, and its long step.

    >>> x = np.zeros((1, 2, 3))
    >>> [laid(each)[1:] for each in (x, x.swapaxes(1, 2), x[:, :, :2])]
    [(0, 3), (1, 3), (0, 3)]
    """
    _, rows, columns = x.shape
    _, down, right = [step // x.itemsize for step in x.strides]
    if (right == 1 or columns == 1) and (down >= columns or rows == 1):
        return x, PLAIN, max(down if rows > 1 else columns, 1)
    if (down == 1 or rows == 1) and (right >= rows or columns == 1):
        return x, TRANSPOSED, max(right if columns > 1 else rows, 1)
    return x.copy(), PLAIN, max(columns, 1)


class Products:
    """What stands in for CuPy's products while a step is captured."""

    def __init__(self, blas):
        self.blas, self.cupy, self.thread = blas, cupy(), threading.get_ident()
        self.before: dict[str, Callable] = {}

    @contextlib.contextmanager
    def in_use(self):
        """Let CuPy's products come here, for a ``with`` block."""
        cp, array = self.cupy, self.cupy.ndarray
        self.before = {name: getattr(cp, name) for name in ("matmul", "dot", "einsum")}
        before_operator, before_method = array.__matmul__, array.dot

        def operator(a, b):
            return self.product(a, b) if self.takes(a, b) else before_operator(a, b)

        def method(a, b, out=None):
            ours = self.takes(a, b) and b.ndim <= 2
            return self.product(a, b, out) if ours else before_method(a, b, out)

        with contextlib.ExitStack() as stack:
            for owner, name, ours in [
                (array, "__matmul__", operator), (array, "dot", method),
                (cp, "matmul", self.matmul), (cp, "dot", self.dot), (cp, "einsum", self.einsum),
            ]:  # fmt: skip
                stack.enter_context(_standing_in(owner, name, ours))
            yield

    def matmul(self, a, b, out=None):
        """Multiply matrices, vectors, or stacks of matrices."""
        ours = self.takes(a, b)
        return self.product(a, b, out) if ours else self.before["matmul"](a, b, out=out)

    def dot(self, a, b, out=None):
        """Multiply matrices or vectors."""
        ours = self.takes(a, b) and b.ndim <= 2
        return self.product(a, b, out) if ours else self.before["dot"](a, b, out=out)

    def takes(self, a, b) -> bool:
        """Say whether a product is ours: of this thread, which captures, and of a kind we know."""
        return threading.get_ident() == self.thread and fits(a, b)

    def einsum(self, equation, *operands):
        """Multiply element by element, and add up: more is asked of einsum in no captured step."""
        inputs, arrow, kept = equation.replace(" ", "").partition("->")
        letters = set(inputs.split(","))
        plain = len(operands) == 2 and len(letters) == 1 and arrow
        if not plain or threading.get_ident() != self.thread:
            return self.before["einsum"](equation, *operands)
        (letters,) = letters
        dims = operands[0].ndim - len(letters.replace("...", ""))
        named = letters.replace("...", "." * dims)
        gone = tuple(i for i, letter in enumerate(named) if letter not in kept)
        return (operands[0] * operands[1]).sum(gone)

    def product(self, a, b, out=None):
        """Multiply by cuBLAS; a vector is a row on the left, and a column on the right."""
        if a.shape[-1] != b.shape[-2:][0]:  # cuBLAS would read beyond the smaller one
            raise ValueError(f"the inner sizes of {a.shape} and {b.shape} differ")
        shape = (*a.shape[:-1], *b.shape[-1:]) if b.ndim > 1 else a.shape[:-1]
        left = a[None] if a.ndim == 1 else a
        right = b[:, None] if b.ndim == 1 else b
        if right.ndim == 2:  # one matrix on the right: the rows of the whole stack on the left
            left = left if left.ndim == 2 else left.reshape(-1, left.shape[-1])
            left, right = left[None], right[None]
        else:
            lead = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
            shape = (*lead, *a.shape[-2:-1], b.shape[-1])
            left, right = stacked(self.cupy, left, lead), stacked(self.cupy, right, lead)
        count = max(left.shape[0], right.shape[0])
        wide = (count, left.shape[1], right.shape[2])
        direct = out is not None and out.flags.c_contiguous and out.dtype == a.dtype
        y = out.reshape(wide) if direct else self.cupy.empty(wide, a.dtype)
        if not left.shape[2]:
            y.fill(0)
        elif y.size:
            self.blas.multiply(left, right, y)
        if out is None:
            return y.reshape(shape)
        if not direct:
            out[...] = y.reshape(shape)
        return out


def stacked(cp, x, lead):
    """Lay matrices out as one stack; a single one is repeated without a copy."""
    if x.shape[:-2] != lead and math.prod(x.shape[:-2]) > 1:
        x = cp.ascontiguousarray(cp.broadcast_to(x, (*lead, *x.shape[-2:])))
    return x.reshape(-1, *x.shape[-2:])


def fits(a, b) -> bool:
    """Say whether a product is one for us: of two arrays of real numbers, of one dtype.

    >>> fits(np.ones((2, 3)), np.ones(3)), fits(np.ones(2), np.ones(2, int)), fits(np.ones(2), 2.0)
    (True, False, False)
    """
    arrays = type(a) is type(b) and hasattr(a, "dtype")
    return arrays and a.dtype == b.dtype and a.dtype.char in KINDS and a.ndim > 0 and b.ndim > 0


@contextlib.contextmanager
def _standing_in(owner, name, ours):
    """Put a function in another's place, and put the other back."""
    before = vars(owner).get(name, ABSENT)
    setattr(owner, name, ours)
    try:
        yield
    finally:
        if before is ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, before)
