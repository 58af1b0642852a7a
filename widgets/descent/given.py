"""Read what a `Descent` was given: a start, a learning rate, a window, data."""

import math

import autograd_lab as torch

from .._paper import label


def number_of(value, name):
    """Read a coordinate of the start."""
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        value = value.item()
    if isinstance(value, complex):
        raise TypeError(f"{name}: a bowl stands over real numbers, not {value}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name}: the start is a number, not {value!r:.40}") from None
    if not math.isfinite(number):
        raise ValueError(f"{name}: the start must be a finite number, not {number}")
    return number


def rate_of(lr):
    """Read a learning rate."""
    number = number_of(lr, "lr")
    if not number > 0:
        raise ValueError(f"lr: a step needs a length above 0, not {number:g}")
    return number


def window_of(window):
    """Check a window that the learner gave."""
    if window is None:
        return None
    edges = tuple(number_of(v, "window") for v in window)
    if len(edges) != 4 or not (edges[0] < edges[1] and edges[2] < edges[3]):
        raise ValueError(f"window is (left, right, bottom, top), each pair rising, not {window}")
    return edges


def column_of(values, name):
    """Read data as one column of floats."""
    column = torch.as_tensor(values).detach().cpu().squeeze()
    if column.is_complex():
        raise TypeError(f"{name} is complex: a line goes through real numbers")
    if column.ndim != 1 or len(column) < 2:
        raise ValueError(
            f"{name} has shape {tuple(torch.as_tensor(values).shape)}: a line needs one column of "
            "two numbers or more"
        )
    column = column if column.is_floating_point() else column.float()
    if not column.isfinite().all():
        bad = int((~column.isfinite()).sum())
        raise ValueError(f"{name} has {bad} NaN or infinite entries: leave these rows out first")
    return column


def standardized(x):
    """Measure columns in standard deviations from their mean."""
    middle, spread = middle_and_spread(x)
    return (x - middle) / spread


def middle_and_spread(x):
    """Give mean and standard deviation of each column; 1 for one that never changes."""
    spread = x.std(0, correction=0)
    return x.mean(0), torch.where(spread > 0, spread, torch.ones_like(spread))


def labels_of(names, here):
    """Give each of the two numbers a name."""
    if len(names) == 2:
        return tuple(map(label, names))
    return tuple(f"{label(names[0])}[{k}]" for k in range(2))
