"""Mixed precision: float16 products on a GPU, full precision on the processor."""

from .autocast_mode import autocast as autocast
from .autocast_mode import custom_bwd as custom_bwd
from .autocast_mode import custom_fwd as custom_fwd
from .autocast_mode import get_autocast_dtype as get_autocast_dtype
from .autocast_mode import is_autocast_available as is_autocast_available
from .autocast_mode import is_autocast_enabled as is_autocast_enabled
from .brain import bfloat16 as bfloat16
from .grad_scaler import GradScaler as GradScaler
