"""Widgets: live pictures of what the lab computes. Each is loaded when it is first named."""

import re
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # for editors: what a name will be
    from .broadcast_view import BroadcastView
    from .convolution_view import ConvolutionView
    from .descent import Descent
    from .fit_view import FitView
    from .gates_view import GatesView
    from .gradient_puzzle import GradientPuzzle
    from .graph_view import GraphView
    from .loss_curve import LossCurve
    from .monitor import Monitor
    from .rate_guess import RateGuess
    from .receptive_field import ReceptiveField
    from .rule_view import RuleView
    from .shift_view import ShiftView
    from .step_view import StepView
    from .stride_view import StrideView
    from .tensor_view import TensorView
    from .word_map import WordMap

__all__ = [
    "BroadcastView",
    "ConvolutionView",
    "Descent",
    "FitView",
    "GatesView",
    "GradientPuzzle",
    "GraphView",
    "LossCurve",
    "Monitor",
    "RateGuess",
    "ReceptiveField",
    "RuleView",
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
