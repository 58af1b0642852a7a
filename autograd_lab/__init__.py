"""PyTorch made of glass: ``import autograd_lab as torch``."""

import warnings

warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"autograd_lab\.")

from . import methods as methods
from .core import Size, Tensor
from .creation import (
    arange, as_tensor, asarray, empty, empty_like, eye, from_numpy, full, full_like, linspace,
    logspace, ones, ones_like, tensor, zeros, zeros_like,
)
from .device import device
from .dtypes import (
    bool, cdouble, cfloat, complex64, complex128, double, dtype, float, float16, float32, float64, get_default_dtype,
    half, int, int8, int16, int32, int64, long, promote_types, set_default_dtype, short, uint8,
)
from .dispatch import result_type
from .grad_mode import (
    enable_grad, inference_mode, is_grad_enabled, is_inference_mode_enabled, no_grad,
    set_grad_enabled,
)
from .ops import *
from .random import (
    Generator, bernoulli, default_generator, get_rng_state, initial_seed, manual_seed,
    multinomial, normal, rand, rand_like, randint, randint_like, randn, randn_like, randperm,
    seed, set_rng_state,
)
