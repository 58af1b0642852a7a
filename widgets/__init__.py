"""Widgets: live pictures of what the lab computes."""

from .convolution_view import ConvolutionView
from .descent import Descent
from .graph_view import GraphView
from .loss_curve import LossCurve

__all__ = ["ConvolutionView", "Descent", "GraphView", "LossCurve"]
