"""Optimizers: how parameters change after backward."""

from .optimizer import Optimizer as Optimizer
from .sgd import SGD as SGD
