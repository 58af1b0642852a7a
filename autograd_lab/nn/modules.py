"""PyTorch's second way to each kind of layer: ``nn.modules.linear`` is our ``nn.linear``.

Nothing is written here; a name of this module is the same name of ``nn``, and the files that lie
beside this one can be imported as if they lay below it.
"""

import importlib
import sys

FILES = (
    "activation", "adaptive", "batchnorm", "channelshuffle", "container", "conv", "distance",
    "dropout", "flatten", "fold", "instancenorm", "lazy", "linear", "loss", "module",
    "normalization", "padding", "pixelshuffle", "pooling", "rnn", "sparse", "transformer",
    "upsampling", "utils",
)  # fmt: skip

for _name in FILES:
    globals()[_name] = importlib.import_module(f"{__package__}.{_name}")
    sys.modules[f"{__name__}.{_name}"] = globals()[_name]


def __getattr__(name):
    return getattr(sys.modules[__package__], name)


def __dir__():
    return dir(sys.modules[__package__])
