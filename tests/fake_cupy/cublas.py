"""A pretend libcublas: C's calls, pointers and column-major matrices, as ctypes hands them over.

It computes on the memory that the pointers name. So an error in a pointer, a form or a stride gives
wrong numbers here, too.
"""

import numpy as np

from .array import pointed_at
from .memory import address
from .state import here, stats
from .tape import root_of, writes

DTYPES = {0: np.float32, 1: np.float64, 2: np.float16}
COMPUTES = {(0, 68), (0, 77), (1, 70), (2, 68)}
INVALID_VALUE, NOT_SUPPORTED = 7, 15


def host_array(pointer: int) -> np.ndarray:
    """Find the array in whose memory an address lies."""
    for one in pointed_at.values():
        if 0 <= pointer - address(one._array) < max(one.nbytes, 1):
            return root_of(one._array)
    raise AssertionError(f"no array of the GPU is at {pointer:#x}")


def seen(pointer, kind, rows, columns, step, stride, count):
    """Look at memory as a stack of column-major matrices: (count, rows, columns)."""
    root, dtype = host_array(pointer.value), np.dtype(DTYPES[kind])
    size = dtype.itemsize
    memory = root if root.flags.c_contiguous else (  # laid out in another order, without gaps
        np.lib.stride_tricks.as_strided(root, (root.size,), (size,))
    )
    return np.ndarray(  # NumPy refuses what would reach beyond the memory
        (count, rows, columns), dtype, memory, pointer.value - address(root),
        (stride * size, size, step * size),
    )  # fmt: skip


@writes
def multiply(c, a, b, alpha, beta):
    """Write ``alpha * a @ b + beta * c`` into c, as cuBLAS: c is not read where beta is 0."""
    product = alpha * np.matmul(a, b)
    c[...] = product if not beta else product + beta * c


class Library:
    """What ``ctypes.CDLL("libcublas.so.13")`` would give, as far as it is called."""

    def __init__(self):
        self.stream = self.workspace = None
        self.called = []

    def cublasCreate_v2(self, handle):
        handle._obj.value = 1
        return 0

    def cublasDestroy_v2(self, handle):
        return 0

    def cublasSetStream_v2(self, handle, stream):
        self.stream, self.workspace = stream.value, None  # as the documentation says
        return 0

    def cublasSetWorkspace_v2(self, handle, workspace, size):
        self.workspace = workspace.value, size.value
        return 0

    def cublasGemmStridedBatchedEx(
        self, handle, form_a, form_b, m, n, k, alpha, a, kind_a, step_a, stride_a,
        b, kind_b, step_b, stride_b, beta, c, kind_c, step_c, stride_c, count, compute, algorithm,
    ):  # fmt: skip
        if handle.value != 1 or step_a < (k if form_a else m) or step_b < (n if form_b else k):
            return INVALID_VALUE
        if (kind_a, compute) not in COMPUTES or here.capturing and self.workspace is None:
            return NOT_SUPPORTED
        rows_a, columns_a = (k, m) if form_a else (m, k)
        rows_b, columns_b = (n, k) if form_b else (k, n)
        left = seen(a, kind_a, rows_a, columns_a, step_a, stride_a.value, count)
        right = seen(b, kind_b, rows_b, columns_b, step_b, stride_b.value, count)
        into = seen(c, kind_c, m, n, step_c, stride_c.value, count)
        left = left.swapaxes(1, 2) if form_a else left
        right = right.swapaxes(1, 2) if form_b else right
        stats.launches += 1
        stats.gemms += 1
        self.called.append(compute)
        here.run(multiply, into, left, right, alpha._obj.value, beta._obj.value)
        return 0
