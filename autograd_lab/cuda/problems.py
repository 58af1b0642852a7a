"""What is wrong with the GPU, in PyTorch's sentence first, and what to do about it."""

import ctypes
import re

KEEP_ON_CPU = 'or keep device="cpu"'
INSTALL = 'pip install "cupy-cuda{}x[ctk]>=14"'
LIBRARY = re.compile(r"\.so\b|DLL")


class OutOfMemoryError(RuntimeError):
    """The GPU's memory is full: ``torch.cuda.OutOfMemoryError``."""


def driver() -> tuple[int, int] | None:
    """Tell which CUDA the installed driver knows, as (13, 0); None without a driver."""
    try:
        library, version = ctypes.CDLL("libcuda.so.1"), ctypes.c_int()
        failed = library.cuDriverGetVersion(ctypes.byref(version))
    except (OSError, AttributeError):
        return None
    return None if failed else _version(version.value)


def _version(number) -> tuple[int, int]:
    """Read CUDA's way to write a version: 12040 is 12.4.

    >>> _version(12040)
    (12, 4)
    """
    return number // 1000, number % 1000 // 10


def no_gpu(error, module=None) -> RuntimeError:
    """Word why no GPU can be used; ``module`` is CuPy, if it could be imported."""
    known, text = driver(), f"({type(error).__name__}: {error})"
    if known is None:
        return RuntimeError(
            "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and "
            "installed a driver. autograd_lab computes on the GPU through CuPy: "
            f"{INSTALL.format(13)} on a machine with an NVIDIA GPU, {KEEP_ON_CPU} {text}"
        )
    driver_is = f"the driver knows CUDA {known[0]}.{known[1]}"
    if isinstance(error, ModuleNotFoundError) and error.name in ("cupy", None):
        return RuntimeError(
            f"CuPy is not installed ({driver_is}): {INSTALL.format(known[0])}, and restart the "
            f"kernel, {KEEP_ON_CPU}"
        )
    if "cudaErrorInsufficientDriver" in str(error) and module is not None:
        needed = _version(module.cuda.runtime.runtimeGetVersion())
        return RuntimeError(
            "The NVIDIA driver on your system is too old: "
            f"{driver_is}, and this CuPy was built for CUDA {needed[0]}.{needed[1]}. Please update "
            f"your GPU driver, or install a CuPy for it: pip install cupy-cuda{known[0]}x "
            f"(after pip uninstall cupy-cuda{needed[0]}x), {KEEP_ON_CPU} {text}"
        )
    if "cudaErrorNoDevice" in str(error):
        return no_devices()
    return wrong_libraries(error, known[0])


def no_devices() -> RuntimeError:
    """Word that the driver shows no GPU."""
    return RuntimeError(
        "No CUDA GPUs are available: the driver shows none. Is one hidden by the environment "
        f"variable CUDA_VISIBLE_DEVICES, or in use by another machine? nvidia-smi lists them; "
        f"{KEEP_ON_CPU[3:]}"
    )


def wrong_libraries(error, major) -> RuntimeError:
    """Word that CuPy and the CUDA libraries beside it do not fit together."""
    return RuntimeError(
        f"CuPy is installed, but it cannot load CUDA: it was built for another version of CUDA, or "
        f"parts of it are missing. The driver knows CUDA {major}: pip uninstall every package "
        f"whose name begins with cupy, then {INSTALL.format(major)}, and restart "
        f"the kernel, {KEEP_ON_CPU} ({type(error).__name__}: {str(error).strip()[:300]})"
    )


def is_ours(error) -> bool:
    """Say whether an error is one that we can explain: of memory, or of missing libraries.

    >>> is_ours(ValueError("no")), is_ours(MemoryError("host")), is_ours(OSError(2, "x.so"))
    (False, False, False)
    """
    if isinstance(error, MemoryError):
        return type(error).__name__ == "OutOfMemoryError"
    text = str(error)
    if isinstance(error, OSError) and error.errno is not None:  # a file's; a library's has none
        return False
    if isinstance(error, ImportError | OSError):
        return LIBRARY.search(text) is not None
    return isinstance(error, RuntimeError) and "CuPy failed to load" in text


def explained(error, cupy) -> RuntimeError:
    """Give memory back, then word the error that CuPy raised."""
    if not isinstance(error, MemoryError):
        return wrong_libraries(error, _version(cupy.cuda.runtime.driverGetVersion())[0])
    error.__traceback__ = None  # its frames hold what was computed half
    pool = cupy.get_default_memory_pool()
    pool.free_all_blocks()
    free, total = cupy.cuda.runtime.memGetInfo()
    return OutOfMemoryError(
        f"CUDA out of memory. {error} GPU {cupy.cuda.runtime.getDevice()} has {size(total)}, of "
        f"which {size(free)} is free; tensors hold {size(pool.used_bytes())}. Nothing is lost, and "
        "the kernel goes on. Less memory is needed with smaller batches; without the graphs of old "
        "losses (keep loss.item(), not loss); under torch.no_grad() where nothing is learned. "
        "del what you need no longer: the last error's own variables, too, go with the next cell"
    )


def size(count) -> str:
    """Word a number of bytes as PyTorch does.

    >>> size(20 << 20), size(3 << 29), size(512)
    ('20.00 MiB', '1.50 GiB', '512 bytes')
    """
    for name, unit in (("GiB", 1 << 30), ("MiB", 1 << 20)):
        if count >= unit:
            return f"{count / unit:.2f} {name}"
    return f"{count:,} bytes"
