"""Add, multiply, compare to powers: two tensors in, one out, element by element."""

from ..core import Array, Pointwise
from ..dispatch import op


@op
class add(Pointwise):
    r"""Add two tensors, element by element.

    >>> torch.add(torch.tensor([1., 2.]), 10)
    tensor([11., 12.])
    """

    formula, gradient = r"y = a + b", r"\bar a = \bar y,\quad \bar b = \bar y"

    def forward(self, a: Array, b: Array):
        return a + b

    def backward_a(self, g):
        return g

    def backward_b(self, g):
        return g

    @staticmethod
    def also(a, b, alpha=1):
        return add(a, mul(b, alpha))


@op
class sub(Pointwise):
    r"""Subtract one tensor from another, element by element.

    >>> torch.sub(torch.tensor([1., 2.]), 10)
    tensor([-9., -8.])
    """

    formula, gradient = r"y = a - b", r"\bar a = \bar y,\quad \bar b = -\bar y"

    def forward(self, a: Array, b: Array):
        return a - b

    def backward_a(self, g):
        return g

    def backward_b(self, g):
        return -g

    @staticmethod
    def also(a, b, alpha=1):
        return sub(a, mul(b, alpha))


@op
class mul(Pointwise):
    r"""Multiply two tensors, element by element.

    >>> torch.mul(torch.tensor([1., 2.]), 10)
    tensor([10., 20.])
    """

    formula = r"y = a \odot b"
    gradient = r"\bar a = \bar y \odot b,\quad \bar b = \bar y \odot a"

    def forward(self, a: Array, b: Array):
        return a * b

    def backward_a(self, g, b):
        return g * b

    def backward_b(self, g, a):
        return g * a


@op
class div(Pointwise):
    r"""Divide one tensor by another, element by element.

    >>> torch.div(torch.tensor([1., 2.]), 4)
    tensor([0.2500, 0.5000])
    """

    formula, gradient = r"y = a / b", r"\bar a = \bar y / b,\quad \bar b = -\bar y \odot y / b"
    result = "float"

    def forward(self, a: Array, b: Array):
        return a / b

    def backward_a(self, g, b):
        return g / b

    def backward_b(self, g, b, y):
        return -g * y / b


@op
class neg(Pointwise):
    r"""Turn the sign of every element.

    >>> -torch.tensor([1., -2.])
    tensor([-1.,  2.])
    """

    formula, gradient = r"y = -x", r"\bar x = -\bar y"

    def forward(self, x: Array):
        return -x

    def backward(self, g):
        return -g
