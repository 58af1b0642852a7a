"""A loss of two numbers as a bowl: how high anywhere, where lowest, how curved there."""

import inspect
import math
from time import perf_counter

import numpy as np

import autograd_lab as torch
from autograd_lab.autograd import grad

FINE = 121  # places along each side where a height costs next to nothing
PATIENCE = 1.0  # seconds for the heights of a loss that has to be asked place by place
ALMOST_SQUARE = 10  # sides of a window that differ less than so many times are made equal
ALIKE = 1e-3  # two numbers of float32 that came different ways are as near as this


class Bowl:
    """Keep a loss that depends on two numbers, spread over one or two parameters.

    ``shapes`` are those of the parameters that ``loss`` is called with.

    >>> bowl = Bowl(lambda w, b: w ** 2 + 10 * b ** 2, [(), ()], ("w", "b"))
    >>> bowl.look((3.0, 1.0))
    >>> bowl.quadratic, bowl.minimum.tolist(), bowl.curvatures.tolist(), bowl.limit
    (True, [0.0, 0.0], [2.0, 20.0], 0.1)
    """

    def __init__(self, loss, shapes, names, dtype=None, device="cpu"):
        self.loss, self.shapes, self.names, self.device = loss, shapes, names, device
        self.dtype = dtype or torch.get_default_dtype()
        self.minimum = self.curvatures = self.limit = self.window = None
        self.quadratic, self.why = False, ""

    # One place. --------------------------------------------------------------------------------

    def leaves(self, point):
        """Make the parameters that stand for a place."""
        made, rest = [], np.asarray(point, float)
        for shape in self.shapes:
            size = math.prod(shape)
            values = torch.tensor(rest[:size].reshape(shape), dtype=self.dtype)
            made.append(values.to(self.device).requires_grad_())
            rest = rest[size:]
        return made

    def value(self, leaves):
        """Call the loss; say what is wrong with what it gives."""
        loss = self.loss(*leaves)
        call = f"loss({', '.join(self.names)})"
        if not isinstance(loss, torch.Tensor):
            raise TypeError(
                f"{call} gave {_article(type(loss).__name__)}, not a tensor: compute with the "
                "tensors as they come, without .item(), float() or NumPy in between"
            )
        if loss.numel() != 1:
            raise ValueError(
                f"{call} has shape {tuple(loss.shape)}: a bowl needs one number for each place; "
                "end with .mean() or .sum()"
            )
        if loss.is_complex():
            raise TypeError(f"{call} is complex: a bowl needs a real number; try .abs()")
        if not loss.requires_grad:
            raise ValueError(
                f"{call} does not depend on its parameters, or was cut off from them (.detach(), "
                ".data, no_grad): there is no slope to follow"
            )
        return loss.reshape(())

    def height(self, point) -> float:
        """Give the loss at a place."""
        with torch.no_grad():
            return float(self.loss(*self.leaves(point)).item())

    def slopes(self, point):
        """Give loss, gradient and all second derivatives at a place, by backward twice."""
        leaves = self.leaves(point)
        loss = self.value(leaves)
        first = _entries(grad(loss, leaves, create_graph=True, allow_unused=True), leaves)
        second = [
            [float(e) for e in _entries(
                grad(slope, leaves, retain_graph=True, allow_unused=True), leaves)]
            if slope.requires_grad else [0.0, 0.0]
            for slope in first
        ]  # fmt: skip
        return float(loss), np.array([float(s) for s in first]), np.array(second)

    # The whole. --------------------------------------------------------------------------------

    @torch.enable_grad()
    def look(self, start, window=None):
        """Find the lowest point, the curvature there, and a window that shows start and minimum."""
        start = np.asarray(start, float)
        try:
            here = self.slopes(start)
        except NotImplementedError as error:
            raise NotImplementedError(f"the bowl needs second derivatives: {error}") from error
        if not math.isfinite(here[0]):
            raise ValueError(
                f"the loss at the start {tuple(start.tolist())} is {here[0]}: begin at a place "
                "where it is a number"
            )
        self.quadratic = self._is_quadratic(start, *here)
        if self.quadratic:
            lowest = start - np.linalg.pinv(here[2], rcond=1e-9) @ here[1]
            self._settle(lowest, here[2])
        self.window = tuple(window) if window else self._window(start, here)
        if not self.quadratic:
            self._search(start)
        return None

    def _is_quadratic(self, start, height, slope, bend):
        """Do second derivatives and heights elsewhere come out as a parabola would have them?"""
        size = np.abs(bend).max()
        if not size > 0 or not np.isfinite(bend).all():
            return False
        reach = max(1.0, np.abs(start).max())
        for way in ((1.0, 0.7), (-0.6, 1.0), (-1.3, -2.1)):
            step = reach * np.array(way)
            there = self.slopes(start + step)
            told = height + slope @ step + step @ bend @ step / 2
            scale = abs(height) + abs(there[0]) + abs(slope @ step) + 1e-12
            if not (np.abs(there[2] - bend).max() <= ALIKE * size
                    and abs(there[0] - told) <= ALIKE * scale):  # fmt: skip
                return False
        return True

    def _settle(self, lowest, bend):
        """Write down the minimum, if it is one, and what its curvature allows."""
        curvatures = np.linalg.eigvalsh((bend + bend.T) / 2)
        if not (np.isfinite(curvatures).all() and curvatures[-1] > 0):
            return
        if curvatures[0] < -ALIKE * curvatures[-1]:
            self.why = "a saddle: no lowest point"
            return
        self.minimum, self.curvatures = lowest + 0.0, np.maximum(curvatures, 0.0)
        self.limit = float(2 / curvatures[-1])

    def _window(self, start, here):
        """Show the start and the minimum, and as much of the bowl as lies below the start."""
        if self.minimum is None:
            half = np.maximum(np.abs(start), 1.0) * 1.6
            middle = np.zeros(2) if np.all(np.abs(start) <= half) else start
        else:
            middle = self.minimum
            drop = max(here[0] - self.height(middle), 0.0)
            bend = np.maximum(np.diag(here[2]), 1e-12 * np.abs(here[2]).max())
            across = np.sqrt(2 * drop / bend)  # where the start's own height is met again
            half = 1.3 * np.maximum(np.abs(start - middle), across)
            half = np.maximum(half, 1e-3 * max(half.max(), 1.0))
            if half.max() < ALMOST_SQUARE * half.min():
                half[:] = half.max()  # one scale for both: a valley looks like one
        low, high = middle - half, middle + half
        return (float(low[0]), float(high[0]), float(low[1]), float(high[1]))

    def _search(self, start):
        """Go down from the lowest place of a coarse map by Newton's method."""
        axes, heights = self._ask(11, perf_counter() + PATIENCE / 4)
        spots = [(h, (x, y)) for y, row in zip(axes[1], heights) for x, h in zip(axes[0], row)]
        point = np.array(min((s for s in spots if math.isfinite(s[0])), default=(0, start))[1])
        for _ in range(40):
            height, slope, bend = self.slopes(point)
            if not (np.isfinite(slope).all() and np.isfinite(bend).all()):
                break
            values, ways = np.linalg.eigh((bend + bend.T) / 2)
            size = np.abs(values).max()
            if not size > 0:
                break
            step = -ways @ ((ways.T @ slope) / np.maximum(np.abs(values), 1e-6 * size))
            if np.abs(step).max() <= 1e-6 * max(1.0, np.abs(point).max()):
                self._settle(point, bend)
                return
            while not self.height(point + step) <= height:
                step /= 2
                if np.abs(step).max() <= 1e-9 * max(1.0, np.abs(point).max()):
                    self._settle(point, bend)  # as low as these floats can tell
                    return
            point = point + step
        self.why = self.why or "no lowest point found here"

    # The map. ----------------------------------------------------------------------------------

    @torch.enable_grad()
    def heights(self):
        """Give the two axes of the window, and the loss at every crossing."""
        for quick in (self._by_parabola, self._at_once):
            if (heights := quick()) is not None:
                return self._axes(FINE), heights
        return self._ask(81, perf_counter() + PATIENCE)

    def _axes(self, count):
        x0, x1, y0, y1 = self.window or (0.0, 1.0, 0.0, 1.0)
        return np.linspace(x0, x1, count), np.linspace(y0, y1, count)

    def _by_parabola(self):
        if not self.quadratic or self.minimum is None:
            return None
        height, slope, bend = self.slopes(self.minimum)
        xs, ys = np.meshgrid(*self._axes(FINE))
        away = np.stack([xs - self.minimum[0], ys - self.minimum[1]], -1)
        return height + away @ slope + np.einsum("...i,ij,...j->...", away, bend, away) / 2

    def _at_once(self):
        """Call the loss once with all places, if that gives what single calls give."""
        if self.shapes != [(), ()]:
            return None
        xs, ys = (torch.tensor(a, dtype=self.dtype) for a in np.meshgrid(*self._axes(FINE)))
        try:
            with torch.no_grad():
                heights = self.loss(xs, ys)
            if heights.shape != xs.shape:
                return None
        except Exception:  # a loss of single numbers may do anything with a whole map
            return None
        heights = heights.cpu().numpy().astype(float)
        for i, j in ((0, 0), (FINE // 3, FINE // 2), (FINE - 1, 7)):
            here = self.height((xs[i, j].item(), ys[i, j].item()))
            if not np.isclose(here, heights[i, j], rtol=ALIKE, atol=1e-6, equal_nan=True):
                return None
        return heights

    def _ask(self, most, until):
        """Ask place by place, coarse first; what there is when time is up must do."""
        count, heights = 11, np.empty((0, 0))
        while True:
            axes, known = self._axes(count), heights
            heights = np.full((count, count), np.nan)
            if known.size:
                heights[::2, ::2] = known
            for i, j in np.argwhere(np.isnan(heights)).tolist():
                if known.size and perf_counter() > until:
                    return self._axes(len(known)), known
                heights[i, j] = _plain(self.height((axes[0][j], axes[1][i])))
            if 2 * count - 1 > most:
                return axes, heights
            count = 2 * count - 1


def _plain(height):
    """Let a place without a height stand as high as can be."""
    return height if math.isfinite(height) else math.inf


def _entries(slopes, leaves):
    """Flatten gradients to the two numbers that they are."""
    found = []
    for slope, leaf in zip(slopes, leaves):
        flat = (torch.zeros_like(leaf) if slope is None else slope).reshape(-1)
        found += [flat[k] for k in range(leaf.numel())]
    return found


def _article(name):
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def two_numbers(loss):
    """Tell how a loss takes its two numbers: (shapes of its parameters, names of the numbers).

    >>> two_numbers(lambda slope, start: slope + start)
    ([(), ()], ('slope', 'start'))
    >>> two_numbers(lambda p: p.sum())
    ([(2,)], ('p[0]', 'p[1]'))
    """
    if not callable(loss):
        raise TypeError(
            f"Descent needs a function of two numbers, such as loss(w, b), not "
            f"{_article(type(loss).__name__)}; for data there is Descent.line(x, y), for a model "
            "Descent.of(model, loss_fn, x, y)"
        )
    try:
        given = inspect.signature(loss).parameters.values()
    except (TypeError, ValueError):  # some built-in functions do not tell
        return [(), ()], ("w", "b")
    places = [p for p in given if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [p.name for p in places if p.default is p.empty]
    if any(p.kind is p.VAR_POSITIONAL for p in given) and len(needed) < 2:
        return [(), ()], ("w", "b")
    names = needed if len(needed) in (1, 2) else [p.name for p in places]
    if len(names) == 1:
        return [(2,)], (f"{names[0]}[0]", f"{names[0]}[1]")
    if len(names) == 2:
        return [(), ()], (names[0], names[1])
    raise TypeError(
        "Descent draws a loss of two numbers: loss(w, b), or loss(p) of one tensor with two "
        f"numbers; this function takes {len(names)}"
    )
