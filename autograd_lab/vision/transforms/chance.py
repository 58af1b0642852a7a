"""Transforms that are applied now and then."""

from ...nn import Module
from ...random import rand


class WithChance(Module):
    """Change a picture with probability p, or leave it; a subclass says how in ``change``."""

    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def change(self, img):
        """Give the changed picture: what a subclass defines."""
        raise NotImplementedError(f"{type(self).__name__} defines no change(img)")

    def forward(self, img):
        """Toss a coin, and change."""
        return self.change(img) if rand(()).item() < self.p else img

    def options(self) -> dict:
        """Give what the transform was made with."""
        return {"p": self.p}

    def __repr__(self):
        said = ",".join(f"{name}={value}" for name, value in self.options().items())
        return f"{type(self).__name__}({said})"
