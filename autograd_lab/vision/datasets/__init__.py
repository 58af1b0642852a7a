"""Data sets of pictures: fetched once, checked, and kept; some need no internet at all."""

from ...missing import explaining as _explaining
from .cifar import CIFAR10 as CIFAR10
from .cifar import CIFAR100 as CIFAR100
from .digits import Digits as Digits
from .fakedata import FakeData as FakeData
from .folder import IMG_EXTENSIONS as IMG_EXTENSIONS
from .folder import DatasetFolder as DatasetFolder
from .folder import ImageFolder as ImageFolder
from .mnist import MNIST as MNIST
from .mnist import FashionMNIST as FashionMNIST
from .vision import VisionDataset as VisionDataset

__getattr__ = _explaining(__name__)
