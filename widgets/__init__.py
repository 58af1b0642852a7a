"""Widgets: live pictures of what the lab computes."""

from .graph_view import GraphView
from .loss_curve import LossCurve

__all__ = ["GraphView", "LossCurve"]
