"""``RawKernel``: CUDA C, compiled for the processor where there is a C++ compiler, else refused.

The very source that a GPU would compile runs here, so its arithmetic is tested. One thread of a
block goes after the other, as far as the next ``__syncthreads()``: so who reads what another thread
has not written yet, because such a meeting is missing, reads the wrong thing here, too. The order
changes from meeting to meeting. What else threads could do at the same time, and speed, are not
tested.
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

from .array import ndarray, pointed_at
from .cublas import host_array
from .state import check_device, here, stats
from .tape import writes

PRELUDE = """
#include <cmath>
#include <cstring>
#include <setjmp.h>
#include <stdlib.h>
#include <ucontext.h>
using std::sqrt; using std::tanh; using std::exp; using std::log; using std::erf;
struct Three { unsigned x, y, z; };
static thread_local Three threadIdx, blockIdx, blockDim, gridDim;
#define __global__
#define __device__ static
#define __shared__ static thread_local
static unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}

// Threads that meet: each has a stack of its own, and comes back here at every meeting.
static thread_local jmp_buf back, resting[1024];
static thread_local void (*work)();
static void __syncthreads() { if (!_setjmp(resting[threadIdx.x])) _longjmp(back, 1); }
static void life() {  // of one thread: the kernel, once for every block
    for (;;) {
        work();
        if (!_setjmp(resting[threadIdx.x])) _longjmp(back, 2);
    }
}
__attribute__((noinline)) static int awake(unsigned t, ucontext_t *begin) {
    threadIdx = {t, 0, 0};
    if (int came = _setjmp(back)) return came;
    if (begin) setcontext(begin);
    _longjmp(resting[t], 1);
}
static int meet(unsigned blocks, unsigned rows, unsigned threads) {
    const size_t stack = 1 << 16;
    char *stacks = (char *)malloc(threads * stack);
    ucontext_t *begin = (ucontext_t *)malloc(threads * sizeof(ucontext_t));
    for (unsigned t = 0; t < threads; t++) {
        getcontext(begin + t);
        begin[t].uc_stack.ss_sp = stacks + t * stack;
        begin[t].uc_stack.ss_size = stack;
        begin[t].uc_link = 0;
        makecontext(begin + t, life, 0);
    }
    int wrong = 0;
    for (unsigned y = 0; y < rows; y++) for (unsigned b = 0; b < blocks && !wrong; b++) {
        blockIdx = {b, y, 0};
        unsigned ended = 0;
        for (int round = 0; ended < threads && !wrong; round++) {
            for (unsigned i = 0; i < threads; i++) {
                unsigned t = round % 2 ? threads - 1 - i : i;
                ended += awake(t, !b && !y && !round ? begin + t : 0) == 2;
            }
            wrong = ended && ended < threads;  // some have gone, and the others wait for ever
        }
    }
    free(stacks);
    free(begin);
    return wrong;
}
"""
# float16 as cuda_fp16.h has it: a number is converted unasked, arithmetic takes two of its kind, so
# that a half times a float is as ambiguous here as there.
HALF = """
struct __half {
    unsigned short bits;
    __half() = default;
    __half(float x) {
        unsigned f; memcpy(&f, &x, 4);
        unsigned sign = f >> 16 & 0x8000, size = f & 0x7fffffff;
        if (size > 0x7f800000) { bits = sign | 0x7e00; return; }
        if (size >= 0x477ff000) { bits = sign | 0x7c00; return; }
        float y; memcpy(&y, &size, 4);
        if (size < 0x38800000) { bits = sign | (unsigned)std::nearbyint(y * 16777216.0f); return; }
        size += 0xfff + (size >> 13 & 1);
        bits = sign | (size - 0x38000000) >> 13;
    }
    operator float() const {
        unsigned size = bits & 0x7fff, f;
        float y;
        if (size < 0x400) y = size / 16777216.0f;
        else {
            f = size >= 0x7c00 ? 0x7f800000 | (size & 0x3ff) << 13 : (size << 13) + 0x38000000;
            memcpy(&y, &f, 4);
        }
        return bits & 0x8000 ? -y : y;
    }
};
__half operator+(__half, __half); __half operator-(__half, __half);
__half operator*(__half, __half); __half operator/(__half, __half);
bool operator<(__half, __half); bool operator>(__half, __half); bool operator==(__half, __half);
bool operator!=(__half, __half);
"""
KERNEL = re.compile(r'extern "C" __global__ void (\w+)\(([^)]*)\)')
PLAIN = {np.int64: ctypes.c_longlong, np.int32: ctypes.c_int, np.float32: ctypes.c_float,
         np.float64: ctypes.c_double}  # fmt: skip


def compiler():
    """Find a C++ compiler."""
    return shutil.which("g++") or shutil.which("clang++")


def testable() -> bool:
    """Say whether kernels can be tested here: where CI has no compiler, they shall fail."""
    return compiler() is not None or os.environ.get("CI") == "true"


def driver(name: str, parameters: str, meeting: bool) -> str:
    """Write the function that runs all threads of a kernel: 1 if some wait for ever."""
    kinds = [each.strip() for each in parameters.split(",")]
    names = [re.findall(r"\w+$", each)[0] for each in kinds]
    members = "".join(f"{kind}; " for kind in kinds)
    given = ", ".join(f"given_{name}.{each}" for each in names)
    copied = "".join(
        f"memcpy((void *)&given_{name}.{n}, args[{i}], sizeof given_{name}.{n});\n"
        for i, n in enumerate(names)
    )
    alone = """
    for (unsigned y = 0; y < rows; y++) for (unsigned b = 0; b < blocks; b++)
        for (unsigned t = 0; t < threads; t++) {
            blockIdx = {b, y, 0}; threadIdx = {t, 0, 0}; work();
        }
    return 0;"""
    return f"""
static thread_local struct {{ {members} }} given_{name};
static void work_{name}() {{ {name}({given}); }}
extern "C" int run_{name}(unsigned blocks, unsigned rows, unsigned threads, void **args) {{
    gridDim = {{blocks, rows, 1}}; blockDim = {{threads, 1, 1}}; work = work_{name};
    {copied}{"return meet(blocks, rows, threads);" if meeting else alone}
}}
"""


@functools.cache
def compiled(code: str):
    """Compile CUDA C for the processor."""
    if compiler() is None:
        raise NotImplementedError("the pretend GPU compiles CUDA only where there is a g++")
    meeting = "__syncthreads" in code
    text = code.replace("#include <cuda_fp16.h>", HALF)
    text = PRELUDE + text + "".join(driver(*one, meeting) for one in KERNEL.findall(code))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.cpp"
        source.write_text(text, encoding="utf-8")
        made = source.with_suffix(".so")
        command = [compiler(), "-O1", "-U_FORTIFY_SOURCE", "-w", "-shared", "-fPIC", "-o", made]
        done = subprocess.run([*command, source], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"this kernel cannot be compiled:\n{done.stderr}")
        return ctypes.CDLL(str(made))


@writes
def run(_, call, name, grid, threads, args):
    """Run all threads of a kernel, one after the other."""
    held = [
        ctypes.c_void_p(a.ctypes.data) if type(a) is np.ndarray and not a.dtype.names else a
        if type(a) is np.ndarray else PLAIN[type(a)](a) for a in args
    ]
    places = [a.ctypes.data if type(a) is np.ndarray else ctypes.addressof(a) for a in held]
    if call(*map(ctypes.c_uint, (*grid, threads)), (ctypes.c_void_p * len(places))(*places)):
        raise RuntimeError(f"{name}: some threads of a block wait for others that have ended")


def addressed(table) -> list:
    """Find the arrays whose addresses a table has."""
    found = table["at"][table["at"] != 0].tolist()
    return [pointed_at[a]._array if a in pointed_at else host_array(a) for a in found]


class RawKernel:
    """A kernel in CUDA C: ``kernel((blocks,), (threads,), (arrays and numbers))``."""

    def __init__(self, code, name, options=(), backend="nvrtc", **settings):
        self.code, self.name = code, name

    def compile(self, log_stream=None):
        compiled(self.code)

    def __call__(self, grid, block, args, *, shared_mem=0):
        host, arrays = [], []
        for one in args:
            if type(one) is ndarray:
                check_device(one._device)
                host.append(one._array)
                arrays.append(one._array)
            elif isinstance(one, np.generic):
                host.append(one)
            elif type(one) is np.ndarray and one.size == 1:  # a struct: it is sent as it is
                if one.nbytes > 4000:
                    raise RuntimeError(f"{self.name}: too much for what a kernel can be sent")
                host.append(one)
                arrays += addressed(one) if "at" in one.dtype.names else []
            else:
                raise TypeError(f"{self.name}: Unsupported type {type(one)}")
        call = getattr(compiled(self.code), f"run_{self.name}")
        stats.launches += 1
        here.run(run, tuple(arrays), call, self.name, (*grid, 1)[:2], block[0], host)
