"""Ways of working together that are built of exchanges: so far ``join``."""

from .join import Join as Join
from .join import Joinable as Joinable
from .join import JoinHook as JoinHook
