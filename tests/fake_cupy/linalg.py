"""``cupy.linalg``: what runs in cuSOLVER cannot be captured. Errors there stay silent in CuPy."""

from .namespace import on_demand, solvers

solvers(
    "cholesky cond det eig eigh eigvals eigvalsh inv lstsq matrix_rank pinv qr slogdet solve svd"
    " tensorinv tensorsolve".split()
)
solvers(["matrix_power"], "cuBLAS")
__getattr__ = on_demand("linalg", __name__)
