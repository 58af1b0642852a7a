"""``RawKernel``: CUDA C, compiled for the processor where there is a C++ compiler, else refused.

One thread after the other runs the very source that a GPU would compile, so its arithmetic is
tested; races between threads, and speed, are not.
"""

import ctypes
import functools
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from .array import ndarray
from .state import check_device, here, stats
from .tape import writes

PRELUDE = """
#include <cmath>
using std::sqrt; using std::tanh;
struct Three { unsigned x, y, z; };
static thread_local Three threadIdx, blockIdx, blockDim, gridDim;
#define __global__
#define __device__ static
static unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}
"""
KERNEL = re.compile(r'extern "C" __global__ void (\w+)\(([^)]*)\)')


def compiler():
    """Find a C++ compiler."""
    return shutil.which("g++") or shutil.which("clang++")


def testable() -> bool:
    """Say whether kernels can be tested here: where CI has no compiler, they shall fail."""
    return compiler() is not None or os.environ.get("CI") == "true"


def driver(name: str, parameters: str) -> str:
    """Write the function that runs all threads of a kernel."""
    names = ", ".join(re.findall(r"(\w+)\s*(?:,|$)", parameters))
    return f"""
extern "C" void run_{name}(unsigned blocks, unsigned threads, {parameters}) {{
    gridDim = {{blocks, 1, 1}}; blockDim = {{threads, 1, 1}};
    for (unsigned b = 0; b < blocks; b++) for (unsigned t = 0; t < threads; t++) {{
        blockIdx = {{b, 0, 0}}; threadIdx = {{t, 0, 0}}; {name}({names});
    }}
}}
"""


@functools.cache
def compiled(code: str):
    """Compile CUDA C for the processor."""
    if compiler() is None:
        raise NotImplementedError("the pretend GPU compiles CUDA only where there is a g++")
    text = PRELUDE + code + "".join(driver(*found) for found in KERNEL.findall(code))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.cpp"
        source.write_text(text, encoding="utf-8")
        made = source.with_suffix(".so")
        command = [compiler(), "-O1", "-shared", "-fPIC", "-o", made, source]
        subprocess.run(command, check=True, capture_output=True)
        return ctypes.CDLL(str(made))


@writes
def run(_, call, grid, block, args):
    """Run all threads of a kernel, one after the other."""
    plain = {np.int64: ctypes.c_longlong, np.int32: ctypes.c_int, np.float32: ctypes.c_float,
             np.float64: ctypes.c_double}  # fmt: skip
    given = [
        ctypes.c_void_p(a.ctypes.data) if type(a) is np.ndarray else plain[type(a)](a) for a in args
    ]
    call(ctypes.c_uint(grid), ctypes.c_uint(block), *given)


class RawKernel:
    """A kernel in CUDA C: ``kernel((blocks,), (threads,), (arrays and numbers))``."""

    def __init__(self, code, name, options=(), backend="nvrtc", **settings):
        self.code, self.name = code, name

    def compile(self, log_stream=None):
        compiled(self.code)

    def __call__(self, grid, block, args, *, shared_mem=0):
        host = []
        for one in args:
            if type(one) is ndarray:
                check_device(one._device)
                host.append(one._array)
            elif isinstance(one, np.generic):
                host.append(one)
            else:
                raise TypeError(f"{self.name}: Unsupported type {type(one)}")
        call = getattr(compiled(self.code), f"run_{self.name}")
        stats.launches += 1
        arrays = tuple(a for a in host if type(a) is np.ndarray)
        here.run(run, arrays, call, grid[0], block[0], host)
