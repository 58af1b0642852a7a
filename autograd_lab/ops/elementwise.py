"""Call a Python function with one element after the other: slow, for what has no operation."""

from ..core import wrap


def apply_(self, callable):
    """Call a Python function with every element, and keep what it gives.

    >>> torch.tensor([1., 2.]).apply_(lambda v: v * 10)
    tensor([10., 20.])
    """
    if self.requires_grad:
        raise RuntimeError("Can't call apply_() on Variable that requires grad.")
    values = [callable(v) for v in self.array.reshape(-1).tolist()]
    xp = self.device.xp
    return self.copy_(wrap(xp.asarray(values, self.array.dtype).reshape(self.array.shape)))


def map_(self, tensor, callable):
    """Call a Python function with every pair of elements of two tensors, and keep what it gives.

    >>> torch.tensor([1., 2.]).map_(torch.tensor([3., 4.]), lambda a, b: a + b)
    tensor([4., 6.])
    """
    other = tensor.expand(self.shape)
    pairs = zip(self.array.reshape(-1).tolist(), other.array.reshape(-1).tolist())
    xp, values = self.device.xp, [callable(a, b) for a, b in pairs]
    return self.copy_(wrap(xp.asarray(values, self.array.dtype).reshape(self.array.shape)))
