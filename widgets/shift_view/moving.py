"""Move images and feature maps, and compare: does the map of a moved image move along?"""

import numpy as np

import autograd_lab as torch
from autograd_lab.nn import functional as F

from .._model import as_in_a_test
from ..receptive_field.layers import is_map, layers_of
from ..receptive_field.probe import Probe

BATCH = 256  # so many images at once: the memory of a step stays small


def moved(images, dx, dy, fill=0.0):
    """Move pixels ``dx`` to the right and ``dy`` down; what comes in is ``fill``, the rest is lost.

    >>> moved(np.arange(6.0).reshape(2, 3), 1, 0)
    array([[0., 0., 1.],
           [0., 3., 4.]])
    >>> moved(np.arange(6.0).reshape(2, 3), -1, 1, fill=9)
    array([[9., 9., 9.],
           [1., 2., 9.]])
    """
    made = np.full_like(images, fill)
    height, width = images.shape[-2:]
    to = [slice(max(d, 0), max(0, n + min(d, 0))) for d, n in ((dy, height), (dx, width))]
    of = [slice(max(-d, 0), max(0, n - max(d, 0))) for d, n in ((dy, height), (dx, width))]
    made[..., *to] = images[..., *of]
    return made


def lost(image, dx, dy, fill=0.0):
    """Say which share of an image's ink leaves it.

    >>> lost(np.array([[1.0, 0.0, 3.0]]), 1, 0)
    0.75
    """
    strength = np.abs(np.where(np.isfinite(image), image - fill, 0)).astype(np.float64)
    ink = strength.sum()
    return float(1 - moved(strength, dx, dy).sum() / ink) if ink else 0.0


def outputs(model, images, device=None, dtype=None):
    """Run a model over all images, some at a time, in eval mode and without a graph."""
    with as_in_a_test(model), torch.no_grad():
        parts = []
        for start in range(0, len(images), BATCH):
            x = torch.tensor(images[start : start + BATCH]).to(device, dtype)
            parts.append(model(x).detach().cpu().numpy())
    return np.concatenate(parts)


def chances(logits):
    """Give probabilities: the outputs themselves if they are some, else their softmax."""
    logits = np.nan_to_num(np.asarray(logits, np.float64), nan=0.0, posinf=1e30, neginf=-1e30)
    if (logits >= 0).all() and np.allclose(logits.sum(-1), 1, atol=1e-4):
        return logits
    return F.softmax(torch.tensor(logits), -1).numpy()


class Maps:
    """The feature maps of one model for images that move."""

    def __init__(self, model):
        self.model, self._strides = model, None  # {layer: ((r, r), (stride, stride))}

    def run(self, image, device, dtype):
        """Give the layers with maps for one image (C, H, W), each as (name, kind, array)."""
        x = torch.tensor(image[None]).to(device, dtype)
        found = [layer for layer in layers_of(self.model, x) if is_map(layer)]
        if self._strides is None:
            self._strides = self._measure(x)
        return [(layer.name, layer.kind, layer.output.detach().cpu().numpy()[0]) for layer in found]

    def stride(self, name, array, image):
        """How many pixels one place of the map stands for: by the formula, else by the sizes."""
        known = self._strides.get(name)
        if known:
            return known[1]
        return tuple(max(1, round(n / m)) for n, m in zip(image.shape[-2:], array.shape[-2:]))

    def reach(self, name):
        """How far a unit of the map sees, or None."""
        known = self._strides.get(name)
        return known[0] if known else None

    def _measure(self, x):
        try:
            probe = Probe(self.model, x)
        except Exception:  # a model may refuse to be copied; then sizes must do
            return {}
        return {layer.name: probe.theory(k) for k, layer in enumerate(probe.layers)}


def compared(before, after, dx, dy, stride, reach=None):
    """Compare the moved map of the image with the map of the moved image.

    Returns the moved map, its move in places (down, across), whether that is a whole number, and
    which places can be compared: those that did not come in from outside. ``deep`` are the ones
    among them that see no border of the image, where a convolution is exactly equivariant.
    """
    ways = (dy / stride[0], dx / stride[1])
    whole = all(way == round(way) for way in ways)
    choices = {(a, b) for a in _near(ways[0]) for b in _near(ways[1])}

    def distance(way):
        here = inside(before.shape[-2:], *way)
        with np.errstate(invalid="ignore"):
            size = np.abs(moved(before, way[1], way[0]) - after)[..., here]
        return float(size[np.isfinite(size)].sum()) / max(1, size.size)

    best = min(sorted(choices), key=distance)
    here = inside(before.shape[-2:], *best)
    deep = here.copy()
    if reach is not None:
        for d in (0, 1):
            rim = -(-(reach[d] - 1) // (2 * stride[d])) + abs(best[d])
            places = np.arange(here.shape[d])
            fine = (places >= rim) & (places < here.shape[d] - rim)
            deep &= fine[:, None] if d == 0 else fine[None, :]
    else:
        deep[:] = False
    return moved(before, best[1], best[0]), best, whole, here, deep


def _near(way):
    return {int(np.floor(way)), int(np.ceil(way))}


def inside(shape, down, across):
    """Mark the places of a moved map whose content was in the map before.

    >>> inside((2, 3), 0, 1)
    array([[False,  True,  True],
           [False,  True,  True]])
    """
    return moved(np.ones(shape), across, down) > 0
