"""Which version this is: that of PyTorch whose names it speaks, with its own behind the plus."""

from .torch_version import TorchVersion

__version__ = TorchVersion("2.13.0+lab0.1.0")
cuda = None  # CuPy brings its own CUDA; ask torch.cuda.is_available() whether there is a GPU
hip = None
xpu = None
git_version = "Unknown"
debug = False
