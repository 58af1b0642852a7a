"""Gradients on demand: ``torch.autograd``."""

from ..core import Tensor
from ..grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
)
from ..missing import explaining as _explaining
from . import functional as functional
from . import graph as graph
from . import profiler as profiler
from .anomaly_mode import detect_anomaly, set_detect_anomaly
from .function import Function
from .grad import backward, grad
from .gradcheck import GradcheckError, gradcheck, gradgradcheck
from .variable import Variable

__all__ = [
    "Function", "GradcheckError", "Tensor", "Variable", "backward", "detect_anomaly",
    "enable_grad", "functional", "grad", "gradcheck", "gradgradcheck", "inference_mode",
    "is_grad_enabled", "no_grad", "set_detect_anomaly", "set_grad_enabled",
]  # fmt: skip

__getattr__ = _explaining(__name__)
