"""Which part of the image an activation sees, and which part moves it now."""

import threading
from pathlib import Path

import numpy as np
import traitlets

from autograd_lab.nn import Module

from .._asked import sentence
from .._esm import pack
from .._kept import Kept
from .._paper import clean
from ..convolution_view.given import MOST, tensor_of
from . import picture
from .layers import as_it_is, gradient, is_map, layers_of
from .probe import Probe

HERE = Path(__file__).parent
THUMBS, SIDE = 8, 64  # maps shown of each layer, and their most places a side


class ReceptiveField(Kept):
    """Click any activation of your model: the region of the image it sees, and what moves it now.

    ``ReceptiveField(model, x)`` runs the model in eval mode on one image and draws the feature maps
    of every layer. For the chosen unit it draws the region that can move it (found in a copy with
    positive weights, where no ReLU and no cancellation hides a path: see probe.py) and the
    effective field: the size of the unit's real gradient in each pixel. ``layer`` is a layer's
    name, ``unit`` is (channel, row, column), ``image`` says which one of a batch.

    >>> import autograd_lab as torch
    >>> from autograd_lab import nn
    >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3), nn.ReLU())
    >>> view = ReceptiveField(model, torch.ones(1, 9, 9), layer="2", unit=(0, 2, 2))
    >>> view
    ReceptiveField: 2[0, 2, 2] of 4 layers sees 5 × 5 of 9 × 9 pixels
    >>> int(view.region.sum()), bool(view.region[2:7, 2:7].all())
    (25, True)
    >>> view.table[2]["field"], view.table[2]["stride"]
    ((5, 5), (1, 1))
    """

    _pack = pack(HERE / "index.js", HERE.parent / "grid.css", HERE / "style.css")
    scene = traitlets.Dict().tag(sync=True)
    pixels = traitlets.Bytes().tag(sync=True)  # float32, the image
    thumbs = traitlets.Bytes().tag(sync=True)  # int8, the maps of all layers, the largest is 127
    chosen = traitlets.Dict().tag(sync=True)
    answer = traitlets.Bytes().tag(sync=True)  # float32: map, gradient's size, region (0 or 1)

    def __init__(self, model, x, *, layer=None, unit=None, image=0):
        if not isinstance(model, Module):
            raise TypeError(
                f"ReceptiveField(model, x): model is an nn.Module, not {type(model).__name__}"
            )
        self._model, self._lock = model, threading.RLock()
        self._x = _image_of(x, image, model)
        self.refresh(send=False)
        index = self._index(layer)
        unit = self._middle(index) if unit is None else tuple(unit)
        self._choose(index, unit)
        super().__init__(**self._state())

    def refresh(self, send=True) -> None:
        """Run the model again as it is now, for instance after training went on."""
        with self._lock:
            self.layers = layers_of(as_it_is(self._model), self._x)
            if not any(map(is_map, self.layers)):
                raise ValueError(
                    "ReceptiveField: no layer of this model makes feature maps (channels, height, "
                    f"width); it has {', '.join(f'{m.name}: {m.kind}' for m in self.layers[:8])}"
                )
            self._probe, self._why = _probe_of(self._model, self._x)
            if self._probe and len(self._probe.layers) != len(self.layers):
                self._probe, self._why = None, "the copy of the model takes another way"
            if send:
                self._choose(self._at, self.unit)
                self._renew()

    def _index(self, layer):
        """Give the place of a layer in the list, from its name or number; the last map for none."""
        maps = [k for k, each in enumerate(self.layers) if is_map(each)]
        if layer is None:
            return maps[-1]
        names = [each.name for each in self.layers]
        if isinstance(layer, Module):
            layer = next((n for n, part in self._model.named_modules() if part is layer), "?")
        if layer in names:
            return names.index(layer)
        if isinstance(layer, int) and -len(names) <= layer < len(names):
            return layer % len(names)
        raise KeyError(f"ReceptiveField: no layer {layer!r}; there is {', '.join(names[:20])}")

    def _middle(self, index):
        _, rows, columns = self.layers[index].shape
        middle = self.layers[index].values[:, rows // 2, columns // 2]
        return int(np.nan_to_num(np.abs(middle)).argmax()), rows // 2, columns // 2

    def _choose(self, index, unit):
        """Compute region and effective field of one unit."""
        layer = self.layers[index]
        unit = tuple(int(k) for k in unit) + (0,) * (3 - len(unit))
        if len(unit) != 3 or not all(0 <= k < n for k, n in zip(unit, layer.shape)):
            channels, rows, columns = layer.shape
            raise IndexError(
                f"ReceptiveField: {layer.name} has {channels} channels of {rows} × {columns}; "
                f"there is no unit {unit}"
            )
        self.unit, self._at = unit, index
        slope = gradient(layer, self._x, *unit).cpu().numpy()
        self.field = np.abs(slope).sum(0)
        if self._probe:
            self.region = self._probe.support(index, *unit)
        else:
            self.region = self.field != 0

    @property
    def table(self):
        """One entry a layer: name, kind, shape, theoretical field and stride (None: no formula)."""
        rows = []
        for k, layer in enumerate(self.layers):
            theory = self._probe.theory(k) if self._probe else None
            field, stride = theory or (None, None)
            rows.append({"name": layer.name, "kind": layer.kind, "shape": layer.shape,
                         "field": field, "stride": stride})  # fmt: skip
        return rows

    @property
    def layer(self):
        """The layer whose unit is looked at: its name, kind, shape and feature maps."""
        return self.layers[self._at]

    @property
    def image(self):
        """The image, an array (channels, height, width)."""
        return self._x[0].detach().cpu().numpy()

    def flush(self) -> None:
        """Nothing waits: every answer is sent when it is known."""

    def to_svg(self) -> str:
        """Draw image, region, effective field and feature map of the chosen unit."""
        with self._lock:
            return picture.draw(self)

    def __repr__(self):
        name = clean(self.layer.name)
        unit = ", ".join(map(str, self.unit))
        height, width = self.field.shape
        box = picture.box(self.region)
        sees = f"sees {box[2]} × {box[3]} of {height} × {width} pixels" if box else "sees no pixel"
        return f"ReceptiveField: {name}[{unit}] of {len(self.layers)} layers {sees}"

    # What the page gets and asks for. ------------------------------------------------------------

    def _state(self):
        image = self.image
        small = [_thumbs(layer) for layer in self.layers]
        layers = [
            {**row, "name": clean(row["name"]), "shape": [*row["shape"]], "thumbs": [*each.shape]}
            for row, each in zip(self.table, small)
        ]
        fine = image[np.isfinite(image)]
        low, high = (float(fine.min()), float(fine.max())) if fine.size else (0.0, 1.0)
        scene = {"layers": layers, "shape": list(image.shape), "low": low, "high": high,
                 "exact": bool(self._probe and self._probe.exact), "why": self._why}  # fmt: skip
        return {
            "scene": scene, "pixels": image.astype(np.float32).tobytes(),
            "thumbs": b"".join(t.tobytes() for t in small), **self._answered(),
        }  # fmt: skip

    def _answered(self):
        channel, row, column = self.unit
        values = self.layer.values[channel]
        blocked = int((self.region & (self.field == 0)).sum())
        numbers = [values, self.field, self.region]
        box = picture.box(self.region)
        return {
            "chosen": {
                "layer": self._at, "unit": [channel, row, column],
                "box": box, "pixels": int(self.region.sum()), "blocked": blocked,
                "most": picture.most(self.field), "value": _plain(float(values[row, column])),
            },
            "answer": b"".join(np.ascontiguousarray(v, np.float32).tobytes() for v in numbers),
        }  # fmt: skip

    def _renew(self):
        with self.hold_sync():
            for name, value in self._state().items():
                setattr(self, name, value)

    def _hear(self, _widget, message, _buffers):
        """Compute the unit that the page asks for."""
        if not isinstance(message, dict) or str(message.get("do")) != "unit":
            return
        with self._lock:
            try:
                index = int(message["layer"])
                self._choose(range(len(self.layers))[index], message["unit"])
            except (LookupError, RuntimeError, TypeError, ValueError) as error:
                return {"error": sentence(error)}
            with self.hold_sync():
                for name, value in self._answered().items():
                    setattr(self, name, value)
            if self._shown:
                self._watch()


def _plain(value):
    """Give a number as JSON can hold it: what is not finite as a word."""
    return value if np.isfinite(value) else str(value)


def _image_of(x, image, model):
    """Give one image as (1, C, H, W) with a gradient, of the model's own dtype."""
    x = tensor_of(x, "x", "ReceptiveField")
    x = x.reshape(1, 1, *x.shape) if x.dim() == 2 else x[None] if x.dim() == 3 else x
    if x.dim() != 4:
        raise ValueError(
            f"ReceptiveField: x of shape {tuple(x.shape)} is no image (channels, height, width), "
            "nor a batch of them"
        )
    if not 0 <= image < len(x):
        raise IndexError(f"ReceptiveField: image {image} is not among 0 … {len(x) - 1}")
    if x[image].numel() > MOST:
        raise ValueError("ReceptiveField: this image is too large to look at; show a part of it")
    for parameter in model.parameters():
        if parameter.is_floating_point():
            x = x.to(parameter.device, parameter.dtype)
            break
    return x[image : image + 1].clone().requires_grad_()


def _probe_of(model, x):
    """Make the copy in which nothing hides, or say why there is none."""
    try:
        return Probe(model, x), ""
    except Exception as error:  # a learner's module may refuse to be copied in any way
        return None, f"{type(error).__name__}: {clean(str(error))[:160]}"


def _thumbs(layer):
    """Give some maps of a layer as whole numbers from −127 to 127."""
    values = layer.values
    if is_map(layer):
        values = values[:THUMBS]
        step = max(1, -(-max(values.shape[1:]) // SIDE))
        values = values[:, ::step, ::step]
    else:
        values = values[: 4 * THUMBS]
    fine = np.where(np.isfinite(values), values, 0).astype(np.float64)
    top = np.abs(fine).max(initial=0) or 1.0
    return np.round(127 * fine / top).astype(np.int8)
