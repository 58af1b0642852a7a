"""``torch.utils``: data sets and how to load them."""

from . import data as data
