"""Models of pictures with torchvision's parameter names; their weights start at random."""

from ...missing import explaining as _explaining
from .lenet import LeNet as LeNet
from .registry import get_model as get_model
from .registry import list_models as list_models
from .resnet import BasicBlock as BasicBlock
from .resnet import Bottleneck as Bottleneck
from .resnet import ResNet as ResNet
from .resnet import resnet18 as resnet18
from .resnet import resnet34 as resnet34
from .resnet import resnet50 as resnet50
from .resnet import resnet101 as resnet101
from .resnet import resnet152 as resnet152

__getattr__ = _explaining(__name__)
