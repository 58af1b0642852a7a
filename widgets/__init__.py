"""Widgets: live pictures of what the lab computes. Each is loaded when it is first named."""

import re
from importlib import import_module

__all__ = [
    "BroadcastView",
    "ConvolutionView",
    "Descent",
    "FitView",
    "GatesView",
    "GraphView",
    "LossCurve",
    "Monitor",
    "ReceptiveField",
    "ShiftView",
    "StepView",
    "StrideView",
    "TensorView",
    "WordMap",
]


def __getattr__(name):
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    folder = re.sub(r"\B[A-Z]", r"_\g<0>", name).lower()  # LossCurve stands in loss_curve/
    found = globals()[name] = getattr(import_module(f"{__name__}.{folder}"), name)
    return found


def __dir__():
    return __all__
