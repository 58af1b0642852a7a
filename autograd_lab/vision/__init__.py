"""Pictures: data sets, transforms and models, with torchvision's names."""

from ..missing import explaining as _explaining
from ..torch_version import TorchVersion as _TorchVersion
from . import datasets as datasets
from . import io as io
from . import models as models
from . import transforms as transforms
from . import utils as utils

__version__ = _TorchVersion("0.28.0+lab0.1.0")  # torchvision's that goes with the PyTorch we speak
__getattr__ = _explaining(__name__)
