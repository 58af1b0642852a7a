"""``torch.utils``: data sets and how to load them."""

from ..missing import explaining as _explaining
from . import data as data

__getattr__ = _explaining(__name__)
