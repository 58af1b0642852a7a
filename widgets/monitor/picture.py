"""Draw a run as a still picture."""

from ..loss_curve import picture as curve
from ..loss_curve.picture import clean as clean


def draw(monitor):
    """Draw everything as one SVG."""
    return curve.draw(monitor.journal, monitor.log_scale, monitor.smoothing, monitor.hidden)
