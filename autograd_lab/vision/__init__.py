"""Pictures: data sets, transforms and models, with torchvision's names."""

from ..missing import explaining as _explaining
from ..version import __version__ as __version__
from . import datasets as datasets
from . import io as io
from . import models as models
from . import transforms as transforms
from . import utils as utils

__getattr__ = _explaining(__name__)
