"""Widgets: live pictures of what the lab computes."""

from .graph_view import GraphView

__all__ = ["GraphView"]
