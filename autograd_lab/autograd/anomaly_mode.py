"""Find the operation, and the learner's line, that first made a nan in backward."""

from ..backward import anomaly
from ..watching import add_watcher, remember, remove_watcher


def _switch(lines: bool, nans: bool) -> None:
    """Remember the line of every operation, and look for nan, in this thread from now on."""
    if lines and not anomaly_state()[0]:
        add_watcher(remember)
    elif not lines:
        remove_watcher(remember)
    anomaly.lines, anomaly.on = lines, nans


def anomaly_state() -> tuple:
    """Say whether lines are remembered, and whether nan is looked for, in this thread."""
    return getattr(anomaly, "lines", False), getattr(anomaly, "on", False)


def is_anomaly_enabled() -> bool:
    """Say whether this thread is inside ``detect_anomaly``.

    >>> with torch.autograd.detect_anomaly():
    ...     torch.is_anomaly_enabled()
    True
    """
    return anomaly_state()[0]


class detect_anomaly:
    """Remember where every operation was called, and stop at the first nan in a gradient.

    >>> x = torch.tensor([0.0], requires_grad=True)
    >>> with torch.autograd.detect_anomaly():
    ...     (torch.sqrt(x) * 0).sum().backward()
    Traceback (most recent call last):
        ...
    RuntimeError: Function 'SqrtBackward0' returned nan values in its 0th output...
    """

    def __init__(self, check_nan: bool = True):
        self.wanted = True, check_nan

    def __enter__(self):
        self.before = anomaly_state()
        _switch(*self.wanted)

    def __exit__(self, *_):
        _switch(*self.before)


class set_detect_anomaly(detect_anomaly):
    """Switch ``detect_anomaly`` on or off: at once, or for a ``with`` block."""

    def __init__(self, mode: bool, check_nan: bool = True):
        self.before = anomaly_state()
        _switch(mode, mode and check_nan)

    def __enter__(self):
        return None
