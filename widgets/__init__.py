"""Widgets: live pictures of what the lab computes."""

from .broadcast_view import BroadcastView
from .convolution_view import ConvolutionView
from .descent import Descent
from .fit_view import FitView
from .graph_view import GraphView
from .loss_curve import LossCurve
from .receptive_field import ReceptiveField
from .stride_view import StrideView
from .tensor_view import TensorView

__all__ = [
    "BroadcastView",
    "ConvolutionView",
    "Descent",
    "FitView",
    "GraphView",
    "LossCurve",
    "ReceptiveField",
    "StrideView",
    "TensorView",
]
