"""Which version this is, and of what it was made."""

__version__ = "0.1.0"
cuda = None  # CuPy brings its own CUDA; ask torch.cuda.is_available() whether there is a GPU
hip = None
xpu = None
git_version = "Unknown"
debug = False
