"""PyTorch's second way to each kind of layer: ``nn.modules.linear`` is our ``nn.linear``.

Nothing is written here; a name of this module is the same name of ``nn``, and the files that lie
beside this one can be imported as if they lay below it.
"""

import sys

from . import (
    activation,
    batchnorm,
    channelshuffle,
    container,
    conv,
    distance,
    dropout,
    flatten,
    fold,
    instancenorm,
    lazy,
    linear,
    loss,
    module,
    normalization,
    padding,
    pixelshuffle,
    pooling,
    rnn,
    sparse,
    transformer,
    upsampling,
    utils,
)  # fmt: skip

for _one in (
    activation, batchnorm, channelshuffle, container, conv, distance, dropout, flatten, fold,
    instancenorm, lazy, linear, loss, module, normalization, padding, pixelshuffle, pooling, rnn,
    sparse, transformer, upsampling, utils,
):  # fmt: skip
    sys.modules[f"{__name__}.{_one.__name__.rpartition('.')[2]}"] = _one


def __getattr__(name):
    return getattr(sys.modules[__package__], name)
