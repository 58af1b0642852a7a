"""LeNet: two convolutions, then three linear layers."""

from ...nn import Conv2d, Flatten, Linear, MaxPool2d, Module, ReLU, Sequential


class LeNet(Module):
    """Tell ten classes of small pictures apart; the first convolutional network in use.

    Args:
        channels: 1 for grey pictures, 3 for coloured ones.
        size: the height and width of the pictures: 28 for MNIST, 32 for CIFAR-10.
        num_classes: how many classes.

    Y. LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998, with ReLU and
    the largest of four in place of its sigmoids and means.

    >>> LeNet()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(self, channels=1, size=28, num_classes=10):
        super().__init__()
        side = ((size + 4 if size < 32 else size) - 4) // 2
        side = (side - 4) // 2
        self.features = Sequential(
            Conv2d(channels, 6, 5, padding=2 if size < 32 else 0), ReLU(), MaxPool2d(2),
            Conv2d(6, 16, 5), ReLU(), MaxPool2d(2), Flatten(),
        )  # fmt: skip
        self.classifier = Sequential(
            Linear(16 * side * side, 120), ReLU(), Linear(120, 84), ReLU(), Linear(84, num_classes)
        )

    def forward(self, x):
        """Give a score for each class."""
        return self.classifier(self.features(x))
