"""CUDA's switches.

``matmul.allow_tf32`` lets the GPU round the operands of float32 products to 10 binary digits, which
is several times as fast. ``own_kernels`` is ours: with it random numbers are made on the GPU, and
what plain CuPy computes with ten kernels (a normalization, a loss, the step of an LSTM or of an
optimizer) is one: see ``cuda/kernels``.
"""

import contextlib

from ..core import TENSORS
from ..device import cupy, on_first_gpu_array, on_host

own_kernels = False  # CUDA code of our own: off until it has been seen to run on a real GPU


def ours(array, *others) -> bool:
    """Say whether kernels of our own shall compute with arrays such as these; None is no array.

    Not with tensors, of which second derivatives are made.

    >>> ours(torch.ones(2).numpy())
    False
    """
    if not own_kernels or on_host(array) or type(array) in TENSORS:
        return False
    kind = array.dtype
    return kind.char in "efd" and array.size > 0 and all(
        other is None or other.dtype == kind for other in others
    )  # fmt: skip


def kernels():
    """Load our own kernels, where they are switched on."""
    from ..cuda import kernels

    return kernels


class Products:
    """The switches of matrix products: ``torch.backends.cuda.matmul``."""

    allow_fp16_reduced_precision_reduction = True
    allow_bf16_reduced_precision_reduction = True
    _tf32 = False

    @property
    def allow_tf32(self) -> bool:
        """Whether a GPU may round the operands of float32 products to 10 binary digits."""
        return self._tf32

    @allow_tf32.setter
    def allow_tf32(self, allowed: bool):
        self._tf32 = bool(allowed)
        if cupy.cache_info().currsize:
            self.tell(cupy())

    @property
    def fp32_precision(self) -> str:
        """The same switch as a word: "ieee" or "tf32"."""
        return "tf32" if self._tf32 else "ieee"

    @fp32_precision.setter
    def fp32_precision(self, word: str):
        if word not in ("ieee", "tf32"):
            raise RuntimeError(f'Invalid fp32_precision: {word!r}. Say "ieee" or "tf32"')
        self.allow_tf32 = word == "tf32"

    def tell(self, cupy) -> None:
        """Hand the switch to CuPy, whose products are cuBLAS's."""
        products = cupy._core._routines_linalg
        kind = products.COMPUTE_TYPE_TF32 if self._tf32 else products.COMPUTE_TYPE_DEFAULT
        products.set_compute_type("float32", kind)


def _on_first_use(cupy):
    if matmul.allow_tf32:  # else CuPy's own switch decides, the variable CUPY_TF32
        matmul.tell(cupy)


matmul = Products()
on_first_gpu_array.append(_on_first_use)


def is_built() -> bool:
    """Say whether this package can use CUDA: yes, through CuPy, where a GPU is found."""
    return True


def flash_sdp_enabled() -> bool:
    """Say whether attention may skip its big matrix: no, attention is computed in full."""
    return False


mem_efficient_sdp_enabled = cudnn_sdp_enabled = flash_sdp_enabled


def math_sdp_enabled() -> bool:
    """Say whether attention may be computed by its formula: always."""
    return True


def enable_flash_sdp(enabled: bool) -> None:
    """Accept the wish; attention is computed by its formula."""


enable_mem_efficient_sdp = enable_math_sdp = enable_cudnn_sdp = enable_flash_sdp


@contextlib.contextmanager
def sdp_kernel(enable_flash=True, enable_math=True, enable_mem_efficient=True, enable_cudnn=True):
    """Accept the wish for a ``with`` block; attention is computed by its formula."""
    yield
