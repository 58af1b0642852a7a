"""The walk that backward takes, as plain data: what a tape deck plays.

`walk(loss)` goes through a graph twice: forwards, as it was computed, then backwards. Each step
says what happens there, with live numbers: ``∂L/∂a += ∂L/∂c · b = 0.5 · (−3) = −1.5``.
"""

from .walk import Beat, Gift, Step, Walk, walk

__all__ = ["Beat", "Gift", "Step", "Walk", "walk"]
