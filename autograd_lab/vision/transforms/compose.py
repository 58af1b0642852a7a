"""Transforms made of transforms."""

from ...nn import Module
from ...random import rand, randperm


class Compose:
    """Apply transforms one after the other, each to what the one before gave.

    ``transforms`` is a list of whatever can be called with one picture. Those that are for PIL
    pictures come before ``ToTensor``, ``Normalize`` comes after it. Hand the result to a data set
    as ``transform=``.

    >>> from autograd_lab.vision import transforms
    >>> prepare = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    >>> prepare(np.zeros((2, 2, 1), np.uint8)).unique().tolist()
    [-1.0]
    """

    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, picture):
        for transform in self.transforms:
            picture = transform(picture)
        return picture

    def __repr__(self):
        return _listed(self, map(repr, self.transforms))


def _listed(transform, parts) -> str:
    """Write a transform with what is in it, one part a line."""
    inner = "\n".join("    " + part.replace("\n", "\n    ") for part in parts)
    return f"{type(transform).__name__}(\n{inner}\n)"


class Lambda:
    """Apply a function of your own.

    >>> Lambda(lambda x: x * 2)(torch.tensor(3))
    tensor(6)
    """

    def __init__(self, lambd):
        if not callable(lambd):
            raise TypeError(f"Argument lambd should be callable, got {type(lambd).__name__!r}")
        self.lambd = lambd

    def __call__(self, picture):
        return self.lambd(picture)

    def __repr__(self):
        return f"{type(self).__name__}()"


class RandomApply(Module):
    """Apply all of some transforms, with probability p, or none."""

    def __init__(self, transforms, p=0.5):
        super().__init__()
        self.transforms, self.p = transforms, p

    def forward(self, picture):
        """Toss a coin, and apply."""
        if rand(()).item() < self.p:
            for transform in self.transforms:
                picture = transform(picture)
        return picture

    def __repr__(self):
        return _listed(self, [f"p={self.p}", *map(repr, self.transforms)])


class RandomOrder(Module):
    """Apply transforms in a new order each time."""

    def __init__(self, transforms):
        super().__init__()
        self.transforms = transforms

    def forward(self, picture):
        """Draw an order, and apply."""
        for place in randperm(len(self.transforms)).tolist():
            picture = self.transforms[place](picture)
        return picture

    def __repr__(self):
        return _listed(self, map(repr, self.transforms))


class RandomChoice(Module):
    """Apply one of some transforms, drawn anew each time; ``p`` gives their weights."""

    def __init__(self, transforms, p=None):
        super().__init__()
        self.transforms, self.p = transforms, p

    def forward(self, picture):
        """Draw one, and apply it."""
        weights = self.p or [1.0] * len(self.transforms)
        draw = rand(()).item() * sum(weights)
        for transform, weight in zip(self.transforms, weights):
            if draw < weight:
                return transform(picture)
            draw -= weight
        return self.transforms[-1](picture)

    def __repr__(self):
        return _listed(self, map(repr, self.transforms)) + f"(p={self.p})"
