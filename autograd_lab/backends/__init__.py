"""What computes underneath: PyTorch's switches for it, accepted, and mostly without effect.

Programs set them for speed or to be repeatable. Here the same seed gives the same numbers in any
case. One has an effect, on a GPU: ``torch.backends.cuda.matmul.allow_tf32``.

>>> torch.backends.cudnn.benchmark = True
>>> torch.backends.cudnn.is_available(), torch.backends.mps.is_available()
(False, False)
"""

from . import cpu as cpu
from . import cuda as cuda
from . import cudnn as cudnn
from . import mkl as mkl
from . import mkldnn as mkldnn
from . import mps as mps
from . import openmp as openmp
from . import opt_einsum as opt_einsum
