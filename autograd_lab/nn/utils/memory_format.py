"""The order in which weights lie in memory: accepted, and left as it is."""


def convert_conv2d_weight_memory_format(module, memory_format):
    """Give the module back: here every weight lies in memory as its shape says.

    >>> convert_conv2d_weight_memory_format(nn.ReLU(), torch.channels_last)
    ReLU()
    """
    return module


def convert_conv3d_weight_memory_format(module, memory_format):
    """Give the module back: here every weight lies in memory as its shape says.

    >>> convert_conv3d_weight_memory_format(nn.ReLU(), torch.channels_last_3d)
    ReLU()
    """
    return module
