"""CUDA's switches: products are computed in the tensors' own precision whatever they say."""

import contextlib
from types import SimpleNamespace

matmul = SimpleNamespace(
    allow_tf32=False,
    allow_fp16_reduced_precision_reduction=True,
    allow_bf16_reduced_precision_reduction=True,
    fp32_precision="ieee",
)


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
