"""Layers, models and losses."""

from . import functional as functional
from . import init as init
from .activation import ReLU as ReLU
from .activation import Tanh as Tanh
from .container import ModuleDict as ModuleDict
from .container import ModuleList as ModuleList
from .container import ParameterList as ParameterList
from .container import Sequential as Sequential
from .linear import Identity as Identity
from .linear import Linear as Linear
from .loss import MSELoss as MSELoss
from .module import Module as Module
from .parameter import Buffer as Buffer
from .parameter import Parameter as Parameter
