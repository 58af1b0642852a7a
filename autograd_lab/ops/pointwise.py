"""Functions of each element by itself: exp, tanh, relu ..."""

from ..core import Array, Pointwise
from ..dispatch import op


@op
class exp(Pointwise):
    r"""Raise $e$ to every element.

    >>> torch.exp(torch.tensor([0., 1.]))
    tensor([1.0000, 2.7183])
    """

    formula, gradient = r"y = e^x", r"\bar x = \bar y \odot y"
    result = "float"

    def forward(self, x: Array):
        return self.xp.exp(x)

    def backward(self, g, y):
        return g * y


@op
class tanh(Pointwise):
    r"""Squash every element into $(-1, 1)$.

    >>> torch.tanh(torch.tensor([-1., 0., 1.]))
    tensor([-0.7616,  0.0000,  0.7616])
    """

    formula, gradient = r"y = \tanh x", r"\bar x = \bar y \odot (1 - y^2)"
    result = "float"

    def forward(self, x: Array):
        return self.xp.tanh(x)

    def backward(self, g, y):
        return g * (1 - y * y)


@op
class relu(Pointwise):
    r"""Keep what is positive, replace the rest by 0.

    >>> torch.relu(torch.tensor([-1., 0., 2.]))
    tensor([0., 0., 2.])
    """

    formula, gradient = r"y = \max(x, 0)", r"\bar x = \bar y \odot [y > 0]"

    def forward(self, x: Array):
        return self.xp.maximum(x, x.dtype.type(0))

    def backward(self, g, y):
        return g * (y > 0)
