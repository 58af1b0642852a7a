"""Widgets: live pictures of what the lab computes."""

from .broadcast_view import BroadcastView
from .convolution_view import ConvolutionView
from .descent import Descent
from .fit_view import FitView
from .gates_view import GatesView
from .graph_view import GraphView
from .loss_curve import LossCurve
from .receptive_field import ReceptiveField
from .shift_view import ShiftView
from .stride_view import StrideView
from .tensor_view import TensorView
from .word_map import WordMap

__all__ = [
    "BroadcastView",
    "ConvolutionView",
    "Descent",
    "FitView",
    "GatesView",
    "GraphView",
    "LossCurve",
    "ReceptiveField",
    "ShiftView",
    "StrideView",
    "TensorView",
    "WordMap",
]
