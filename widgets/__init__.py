"""Widgets: live pictures of what the lab computes."""

from .convolution_view import ConvolutionView
from .graph_view import GraphView
from .loss_curve import LossCurve

__all__ = ["ConvolutionView", "GraphView", "LossCurve"]
