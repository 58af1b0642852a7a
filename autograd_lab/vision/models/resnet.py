"""ResNet: each block adds to its input what it has learned to change.

K. He et al., Deep Residual Learning for Image Recognition, 2015,
https://arxiv.org/abs/1512.03385. Names of the parameters are torchvision's.
"""

from ...nn import (
    AdaptiveAvgPool2d,
    BatchNorm2d,
    Conv2d,
    Linear,
    MaxPool2d,
    Module,
    ReLU,
    Sequential,
    init,
)  # fmt: skip


def _conv3x3(channels, out, stride=1):
    return Conv2d(channels, out, 3, stride, padding=1, bias=False)


class BasicBlock(Module):
    """Two convolutions of 3 x 3, and the way around them."""

    expansion = 1

    def __init__(self, inplanes, planes, stride=1, downsample=None):
        super().__init__()
        self.conv1, self.bn1 = _conv3x3(inplanes, planes, stride), BatchNorm2d(planes)
        self.relu = ReLU(inplace=True)
        self.conv2, self.bn2 = _conv3x3(planes, planes), BatchNorm2d(planes)
        self.downsample, self.stride = downsample, stride

    def forward(self, x):
        """Add what the convolutions give to the input."""
        around = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + around)


class Bottleneck(Module):
    """A convolution of 3 x 3 between two of 1 x 1 that make it narrow, and the way around them."""

    expansion = 4

    def __init__(self, inplanes, planes, stride=1, downsample=None):
        super().__init__()
        wide = planes * self.expansion
        self.conv1, self.bn1 = Conv2d(inplanes, planes, 1, bias=False), BatchNorm2d(planes)
        self.conv2, self.bn2 = _conv3x3(planes, planes, stride), BatchNorm2d(planes)
        self.conv3, self.bn3 = Conv2d(planes, wide, 1, bias=False), BatchNorm2d(wide)
        self.relu = ReLU(inplace=True)
        self.downsample, self.stride = downsample, stride

    def forward(self, x):
        """Add what the convolutions give to the input."""
        around = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.relu(out + around)


class ResNet(Module):
    """Tell classes of pictures apart: four stages of blocks, each with half the pixels.

    Args:
        block: BasicBlock or Bottleneck.
        layers: how many blocks each of the four stages has.
        num_classes: how many classes.
        zero_init_residual: let each block start as nothing but the way around.
    """

    def __init__(self, block, layers, num_classes=1000, zero_init_residual=False):
        super().__init__()
        self.inplanes = 64
        self.conv1 = Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1, self.relu = BatchNorm2d(64), ReLU(inplace=True)
        self.maxpool = MaxPool2d(3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, 64, layers[0])
        self.layer2 = self._make_layer(block, 128, layers[1], stride=2)
        self.layer3 = self._make_layer(block, 256, layers[2], stride=2)
        self.layer4 = self._make_layer(block, 512, layers[3], stride=2)
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.fc = Linear(512 * block.expansion, num_classes)
        self._start(zero_init_residual)

    def _start(self, zero_init_residual):
        for module in self.modules():
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif zero_init_residual and isinstance(module, BasicBlock):
                init.zeros_(module.bn2.weight)
            elif zero_init_residual and isinstance(module, Bottleneck):
                init.zeros_(module.bn3.weight)

    def _make_layer(self, block, planes, blocks, stride=1):
        downsample, wide = None, planes * block.expansion
        if stride != 1 or self.inplanes != wide:
            fit = Conv2d(self.inplanes, wide, 1, stride, bias=False)
            downsample = Sequential(fit, BatchNorm2d(wide))
        first = block(self.inplanes, planes, stride, downsample)
        self.inplanes = wide
        return Sequential(first, *[block(wide, planes) for _ in range(1, blocks)])

    def forward(self, x):
        """Give a score for each class."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


def _made(block, layers, weights, named):
    if weights is not None or named.pop("pretrained", False):
        raise RuntimeError(
            "autograd_lab does not carry trained weights: make the model with weights=None, then "
            "model.load_state_dict(autograd_lab.load('resnet.pth')) reads a file of torchvision's"
        )
    named.pop("progress", None)
    return ResNet(block, layers, **named)


def resnet18(*, weights=None, **named):
    """Make a ResNet of 18 layers: 11,689,512 parameters.

    >>> sum(p.numel() for p in resnet18().parameters())
    11689512
    """
    return _made(BasicBlock, [2, 2, 2, 2], weights, named)


def resnet34(*, weights=None, **named):
    """Make a ResNet of 34 layers: 21,797,672 parameters."""
    return _made(BasicBlock, [3, 4, 6, 3], weights, named)


def resnet50(*, weights=None, **named):
    """Make a ResNet of 50 layers: 25,557,032 parameters."""
    return _made(Bottleneck, [3, 4, 6, 3], weights, named)


def resnet101(*, weights=None, **named):
    """Make a ResNet of 101 layers: 44,549,160 parameters."""
    return _made(Bottleneck, [3, 4, 23, 3], weights, named)


def resnet152(*, weights=None, **named):
    """Make a ResNet of 152 layers: 60,192,808 parameters."""
    return _made(Bottleneck, [3, 8, 36, 3], weights, named)
