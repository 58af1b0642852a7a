"""Names for how numbers lie in memory; we keep them in reading order and accept the names."""


class memory_format:
    """Name an order of elements in memory: accepted, and of no effect on the numbers.

    >>> torch.ones(2).float(memory_format=torch.preserve_format)
    tensor([1., 1.])
    """

    def __init__(self, name: str):
        self.name = name

    def __repr__(self):
        return f"torch.{self.name}"


class layout(memory_format):
    """Name a way of storing a tensor: all of ours are strided."""


contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")
strided = layout("strided")
