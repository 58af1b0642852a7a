"""Write numbers down for TensorBoard while a model trains."""

from .writer import SummaryWriter

__all__ = ["SummaryWriter"]
