"""What gives the tensor itself, or another one on the same memory."""


def detach(input):
    """Give a tensor on the same memory, cut off from the graph.

    >>> torch.detach(torch.ones(1, requires_grad=True)).requires_grad
    False
    """
    return input.detach()


def detach_(self):
    """Cut this tensor off from the graph that it came from.

    >>> x = torch.ones(2, requires_grad=True) * 2
    >>> x.detach_().requires_grad
    False
    """
    if self._base is not None:
        raise RuntimeError(
            "Can't detach views in-place. Use detach() instead. If you are using "
            "DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as "
            "True, gradients are views of DDP buckets, and hence detach_() cannot be called on "
            "these gradients."
        )
    self.node = None
    return self


def pin_memory(self, device=None):
    """Give the tensor itself: CuPy copies quickly enough from memory that is not pinned.

    >>> torch.ones(2).pin_memory()
    tensor([1., 1.])
    """
    return self


def to_dense(self, dtype=None, *, masked_grad=None):
    """Give the tensor itself: all of ours are dense.

    >>> torch.ones(2).to_dense()
    tensor([1., 1.])
    """
    return self if dtype is None else self.to(dtype)


def resize_as(self, other):
    """Give the same elements in another tensor's shape.

    >>> torch.arange(4).resize_as(torch.zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return self.reshape(other.shape)
