"""What is learned from which data: a line through points, or regions around them."""

import math

import numpy as np

import autograd_lab as torch
from autograd_lab import nn

from .._paper import number

MOST = 2000                     # points that are drawn
CLASSES = 64
GRIDS = [16, 24, 32, 48, 64, 96]        # places along a side, coarse first
LINE = 256                      # places along a curve


def read(x, y, classes=None):
    """Look at the data: is this a line to fit, or are these classes to part?

    >>> read([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    Line(3 points)
    >>> read([[0.0, 1.0], [2.0, 3.0]], [0, 1])
    Regions(2 points, 2 classes)
    """
    device = getattr(x, "device", "cpu")
    x, y = _tensor(x, "x"), _tensor(y, "y")
    columns = 1 if x.ndim == 1 else x.shape[1] if x.ndim == 2 else 0
    if columns not in (1, 2):
        raise ValueError(
            f"x has shape {tuple(x.shape)}: FitView draws one column (a line) or two (a map); "
            "choose columns with x[:, [0, 1]]"
        )
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} rows and y has {len(y)}: one y for each row of x")
    if y.numel() != len(y):
        raise ValueError(
            f"y has shape {tuple(y.shape)}: one number for each row is needed; of one-hot rows "
            "that is y.argmax(1)"
        )
    if columns == 1:
        return Line(x, y.reshape(-1), device)
    whole = y.reshape(-1).float()
    if not bool((whole == whole.round()).all()) or bool((whole < 0).any()):
        raise ValueError(
            "x has two columns and y is not a class number (0, 1, 2, ...): regions need classes; "
            "for a curve take one column of x"
        )
    return Regions(x, whole.long(), device, classes)


def _tensor(values, name):
    """Read data; say what is wrong with it."""
    try:
        tensor = torch.as_tensor(values).detach().cpu()
    except (TypeError, ValueError, RuntimeError) as error:
        kind = type(values).__name__
        raise TypeError(f"{name}: FitView needs a tensor or numbers, not {kind}") from error
    if tensor.is_complex():
        raise TypeError(f"{name} is complex: FitView draws real numbers")
    if tensor.ndim == 0 or tensor.numel() == 0:
        raise ValueError(f"{name} has shape {tuple(tensor.shape)}: there is nothing to draw")
    if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
        bad = int((~tensor.isfinite()).sum())
        raise ValueError(f"{name} has {bad} NaN or infinite entries: leave these rows out first")
    return tensor


class Task:
    """Data, the part of the plane that is drawn, and the points that are drawn in it."""

    def __init__(self, x, y, device):
        self.x, self.y, self.device = x, y, device
        step = math.ceil(len(x) / MOST)
        self.shown = slice(None, None, step)
        self.points, self.truth = x[self.shown], y[self.shown]
        self.count, self.total = len(self.points), len(x)

    def __repr__(self):
        return f"{type(self).__name__}({self.total} points)"

    def input(self, places):
        """Make places what the model is used to: type, device and shape of x."""
        return torch.tensor(places, dtype=self._dtype()).to(self.device)

    def _dtype(self):
        return self.x.dtype if self.x.is_floating_point() else torch.get_default_dtype()


def reach(values, room):
    """Give the range of some values, and a margin."""
    low, high = float(np.min(values)), float(np.max(values))
    margin = (high - low) * room or max(abs(high), 1.0) * 0.5
    return [low - margin, high + margin]


class Line(Task):
    """One column: a curve through points."""

    kind = "line"

    def __init__(self, x, y, device):
        super().__init__(x, y, device)
        xs, ys = x.reshape(-1).numpy().astype(float), y.numpy().astype(float)
        self.window = reach(xs, 0.06) + reach(ys, 0.18)

    def places(self, size):
        """Give the places along the curve."""
        spots = np.linspace(*self.window[:2], LINE)
        return spots if self.x.ndim == 1 else spots[:, None]

    def read(self, out, size):
        """Split the model's answers into curve and predictions, as bytes and numbers."""
        values = out.reshape(-1).detach().cpu().numpy().astype(float)
        count = LINE + self.count
        if values.size != count:
            raise ValueError(
                f"the model gave shape {tuple(out.shape)} for {count} numbers: a curve needs one "
                "number for each"
            )
        curve, guesses = values[:LINE], values[LINE:]
        misses = self.truth.numpy().astype(float) - guesses
        with np.errstate(all="ignore"):
            score = float(np.mean(misses**2))
        bad = int((~np.isfinite(values)).sum())
        return {"curve": curve, "guesses": guesses, "score": score, "bad": bad, "size": LINE}

    def pack(self, fit):
        """Give the bytes for the page: curve, then guesses."""
        with np.errstate(over="ignore"):
            return np.r_[fit["curve"], fit["guesses"]].astype("<f4").tobytes()

    def said(self, fit):
        """Say how well it fits."""
        return f"mean squared error {number(fit['score'])}"


class Regions(Task):
    """Two columns: the plane in the colours of classes."""

    kind = "regions"

    def __init__(self, x, y, device, classes=None):
        super().__init__(x, y, device)
        most = int(y.max()) + 1
        if most > CLASSES:
            raise ValueError(
                f"y has class numbers up to {most - 1}: FitView draws {CLASSES} classes"
            )
        if classes is not None and len(classes) < most:
            raise ValueError(f"classes names {len(classes)} classes, y has {most}")
        self.names = [str(c) for c in classes] if classes else [str(k) for k in range(max(most, 2))]
        spots = x.numpy().astype(float)
        self.window = reach(spots[:, 0], 0.08) + reach(spots[:, 1], 0.08)
        self.squash = True

    def __repr__(self):
        return f"Regions({self.total} points, {len(self.names)} classes)"

    def places(self, size):
        """Give the places of the grid, row by row from below."""
        xs, ys = (np.linspace(low, high, size) for low, high in
                  (self.window[:2], self.window[2:]))  # fmt: skip
        return np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2)

    def read(self, out, size):
        """Turn the model's answers into winner, its chance, and its lead over the second."""
        count = size * size + self.count
        chances = self.chances(out, count)
        bad = int((~np.isfinite(chances).all(1)).sum())
        chances = np.nan_to_num(chances, nan=0.0)
        winner = chances.argmax(1)
        two = np.partition(chances, -2, axis=1)[:, -2:]
        field = {"winner": winner, "chance": two[:, 1], "lead": two[:, 1] - two[:, 0]}
        fit = {name: values[: size * size].reshape(size, size) for name, values in field.items()}
        guesses = winner[size * size :]
        return fit | {
            "guesses": guesses, "sure": two[size * size :, 1], "bad": bad, "size": size,
            "score": float(np.mean(guesses == self.truth.numpy())), "classes": chances.shape[1],
        }  # fmt: skip

    def chances(self, out, count):
        """Make chances of what the model gives: logits, chances, one column or many."""
        values = out.detach().cpu().numpy().astype(float)
        if values.shape in ((count,), (count, 1)):
            if len(self.names) > 2:
                raise ValueError(
                    f"the model gave one number for each point, but y has {len(self.names)} "
                    "classes: it needs as many outputs as classes"
                )
            one = values.reshape(count)
            if self.squash:
                with np.errstate(over="ignore"):
                    one = 1 / (1 + np.exp(-one))
            return np.stack([1 - one, one], 1)
        if values.ndim != 2 or len(values) != count or values.shape[1] < 2:
            raise ValueError(
                f"the model gave shape {tuple(values.shape)} for {count} points: regions need "
                "one score for each class, or one number for two classes"
            )
        if values.shape[1] < int(self.y.max()) + 1:
            raise ValueError(
                f"the model has {values.shape[1]} outputs, y has classes up to {int(self.y.max())}"
            )
        if not self.squash:
            return values
        with np.errstate(invalid="ignore"):
            powers = np.exp(values - values.max(1, keepdims=True))
            return powers / powers.sum(1, keepdims=True)

    def pack(self, fit):
        """Give the bytes for the page: winner, chance and lead of each place, guesses."""
        fine = [np.round(255 * np.clip(fit[name], 0, 1)) for name in ("chance", "lead")]
        parts = [fit["winner"], *fine, fit["guesses"], np.round(255 * np.clip(fit["sure"], 0, 1))]
        return b"".join(np.asarray(part).astype("u1").tobytes() for part in parts)

    def said(self, fit):
        """Say how well it parts."""
        wrong = round((1 - fit["score"]) * self.count)
        return f"{number(100 * fit['score'])} % right, {wrong} of {self.count} points wrong"


def last_is_squash(model):
    """Does a model end in chances already?"""
    if not isinstance(model, nn.Module):
        return False
    parts = [m for m in model.modules() if not [*m.children()]]
    return bool(parts) and isinstance(parts[-1], nn.Sigmoid | nn.Softmax)
