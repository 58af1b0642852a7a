r"""How a kernel of our own is declared, compiled and started.

A kernel is a function that thousands of threads of a GPU run at the same time. It is written in
CUDA C, which is C with a few names more: ``threadIdx.x`` is the number of a thread in its block,
``blockIdx.x`` the number of the block. What one thread does is all that has to be written.

There are two ways to share out work. ``each``: every element has a thread of its own, and no
thread knows of any other. ``rows``: every row has a block of threads, which go through it together
and can put together what each has found: ``total`` and ``largest`` below show how.
"""

import functools
import re

import numpy as np

from ...device import cupy

# What arrays hold (real), and what is computed with (number), by the letter of a dtype.
KINDS = {"e": ("__half", "float"), "f": ("float", "float"), "d": ("double", "double")}
HEADER = """
typedef long long int64;

// The number of this thread among all that were started.
__device__ int64 thread() { return (int64)blockIdx.x * blockDim.x + threadIdx.x; }
"""
# The threads of a block meet at __syncthreads(): nobody goes on before all have come. Between two
# such meetings no thread may read what another one writes.
TOGETHER = """
__device__ number together(number mine, bool most) {
    __shared__ number seen[512];  // memory that the threads of one block share
    int i = threadIdx.x;
    seen[i] = mine;
    for (int half = blockDim.x / 2; half > 0; half /= 2) {  // like a tournament
        __syncthreads();
        if (i < half) {
            number other = seen[i + half];
            seen[i] = !most ? seen[i] + other : other > seen[i] ? other : seen[i];
        }
    }
    __syncthreads();
    number all = seen[0];
    __syncthreads();  // all have read it: the memory may serve again
    return all;
}

// Every thread of a block gives a number, and every one gets their sum, or the largest of them.
__device__ number total(number mine) { return together(mine, false); }
__device__ number largest(number mine) { return together(mine, true); }
"""
THREADS, MOST = 256, 512  # in a block: of threads on their own, and at most of those of a row
SIGNATURE = re.compile(r"__global__ void (\w+)\(([^)]*)\)")
NUMBERS = {"int64": np.int64, "int": np.int32, "double": np.float64}
NOTHING = np.int64(0)  # the address that no array has


class Kernel:
    """A kernel: CUDA C, in which ``real`` is the dtype of the arrays.

    ``number`` is what to compute with: float32 for float16, else the same.

    >>> doubled = Kernel('''
    ... // One thread doubles one number.
    ... __global__ void doubled(const real *x, real *y, int64 count) {
    ...     int64 i = thread();
    ...     if (i < count) y[i] = 2 * (number)x[i];
    ... }
    ... ''')
    >>> doubled.name, doubled.kinds
    ('doubled', ['real *', 'real *', 'int64'])

    On a GPU, ``doubled.each(x.size, x, y)`` starts it with a thread for each number of x.
    """

    def __init__(self, text):
        (found,) = SIGNATURE.findall(text)
        self.text, self.name = text, found[0]
        parameters = [each.removeprefix("const ") for each in re.split(r",\s*", found[1].strip())]
        self.kinds = [re.sub(r"\w+$", "", each).strip() for each in parameters]
        self.place = next((i for i, k in enumerate(self.kinds) if k == "real *"), None)
        self.source = functools.cache(self.source)
        self.compiled = functools.cache(self.compiled)

    def source(self, char):
        """Write the whole source for arrays of one dtype."""
        real, number = KINDS[char]
        half = "#include <cuda_fp16.h>\n" if char == "e" else ""
        meet = TOGETHER if re.search(r"\b(total|largest)\(", self.text) else ""
        text = self.text.replace("__global__", 'extern "C" __global__')
        return f"{half}typedef {real} real;\ntypedef {number} number;\n{HEADER}{meet}{text}"

    def compiled(self, cp, char):
        """Compile it, once."""
        made = cp.RawKernel(self.source(char), self.name)
        made.compile()
        return made

    def each(self, count, *args) -> None:
        """Start a thread for each of ``count`` elements; that is the kernel's last argument."""
        if count:
            threads = min(count, THREADS)
            self.start(((count + threads - 1) // threads,), threads, (*args, count))

    def rows(self, count, wide, *args) -> None:
        """Start a block of threads for each of ``count`` rows of ``wide`` numbers."""
        if count:
            self.start((count,), min(MOST, max(32, 1 << (wide // 2).bit_length())), args)

    def start(self, grid, threads, args, char=None) -> None:
        """Start blocks of so many threads; arguments are arrays, None for no array, and numbers."""
        if char is None:
            char = "f" if self.place is None else args[self.place].dtype.char
        given = [
            NUMBERS[kind](one) if kind in NUMBERS else NOTHING if one is None else one
            for kind, one in zip(self.kinds, args, strict=True)
        ]
        self.compiled(cupy(), char)(grid, (threads,), tuple(given))


def struct(numbers):
    """Pack whole numbers as a C struct of them; a kernel is sent it as it is, no address.

    >>> struct([(1, 2), (3, 4)])["numbers"].tolist()
    [[1, 2, 3, 4]]
    """
    flat = np.ravel(numbers)
    return np.array([(flat,)], [("numbers", np.int64, len(flat))])


def in_a_row(xp, *arrays) -> list:
    """Give arrays whose numbers lie one after the other, as kernels take them; None stays None."""
    return [a if a is None or a.flags.c_contiguous else xp.ascontiguousarray(a) for a in arrays]
