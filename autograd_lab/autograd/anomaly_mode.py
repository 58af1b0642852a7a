"""Find the operation, and the learner's line, that first made a nan in backward."""

from ..core import anomaly
from ..watching import add_watcher, remember, remove_watcher


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
        self.check_nan = check_nan

    def __enter__(self):
        self.before = getattr(anomaly, "on", False)
        anomaly.on = self.check_nan
        add_watcher(remember)

    def __exit__(self, *_):
        anomaly.on = self.before
        remove_watcher(remember)


class set_detect_anomaly(detect_anomaly):
    """Switch ``detect_anomaly`` on or off: at once, or for a ``with`` block."""

    def __init__(self, mode: bool, check_nan: bool = True):
        super().__init__(check_nan)
        self.mode = mode
        if mode:
            super().__enter__()
        else:
            self.before = getattr(anomaly, "on", False)
            anomaly.on = False

    def __enter__(self):
        return None

    def __exit__(self, *_):
        anomaly.on = self.before
        if self.mode:
            remove_watcher(remember)
