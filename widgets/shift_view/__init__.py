"""Move images by some pixels: which feature maps move along, and which predictions stay?"""

import threading
from pathlib import Path

import numpy as np
import traitlets

from .._asked import sentence
from .._esm import pack
from .._kept import Kept
from .._paper import clean
from ..receptive_field.layers import as_it_is
from . import picture
from .given import images_of, labels_of, models_of, place_of
from .moving import Maps, chances, compared, lost, moved, outputs

HERE = Path(__file__).parent
FAR, CLASSES = 4, 40


class ShiftView(Kept):
    """Move images under your models: equivariance in the feature maps, invariance in the answers.

    ``ShiftView({"MLP": mlp, "CNN": cnn}, images, labels)`` shows one image moved by up to
    ``farthest`` pixels each way: each model's prediction before and after, a feature map of the
    moved image beside the moved feature map, and their difference. With ``labels`` it measures the
    accuracy over all images at each move (in the kernel, when first asked for). What is moved out
    of the picture is lost, ``fill`` comes in. ``names`` are the words for the classes.

    >>> import autograd_lab as torch
    >>> from autograd_lab import nn
    >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.AdaptiveMaxPool2d(1), nn.Flatten())
    >>> images = torch.zeros(2, 1, 8, 8)
    >>> images[0, 0, 3, 3] = images[1, 0, 4, 4] = 1.0
    >>> view = ShiftView(model, images, labels=model(images).argmax(1), farthest=1)
    >>> view
    ShiftView: 2 images of 1 × 8 × 8, 1 model: model; moved by up to 1 pixel
    >>> view.accuracy(dx=1)
    {'model': 1.0}
    """

    _pack = pack(HERE / "index.js", HERE.parent / "grid.css", HERE / "style.css")
    scene = traitlets.Dict().tag(sync=True)
    seen = traitlets.Dict().tag(sync=True)  # what is looked at, and the predictions for it
    numbers = traitlets.Bytes().tag(sync=True)  # float32: image, moved, maps, difference, places
    scores = traitlets.Dict().tag(sync=True)  # {"dx,dy": [accuracy of each model]}
    _ready = False  # once it is made, an unknown layer is no mistake: the model has changed

    def __init__(
        self, models, images, labels=None, *, farthest=FAR, image=0, dx=0, dy=0, layer=None,
        names=None, fill=0.0,
    ):  # fmt: skip
        self._given, self._lock = models_of(models), threading.RLock()
        self._take()
        self.images = images_of(images, labels)
        self.labels = None if labels is None else labels_of(labels, len(self.images))
        if not 1 <= farthest <= 16:
            raise ValueError(f"ShiftView: farthest is from 1 to 16 pixels, not {farthest}")
        self.farthest, self.fill, self._names = int(farthest), float(fill), names
        self._cached, self.measured = {}, {}
        if not 0 <= image < len(self.images):
            raise IndexError(f"ShiftView: image {image} is not among 0 … {len(self.images) - 1}")
        first = next(iter(self.models))
        self.look = {"image": image, "dx": self._way(dx), "dy": self._way(dy), "model": first,
                      "layer": layer, "channel": 0}  # fmt: skip
        self._see()
        self._prefer_maps()
        self._check_labels()
        super().__init__(scene=self._scene(), **self._answer())

    # What is computed. ---------------------------------------------------------------------------

    def accuracy(self, dx=0, dy=0) -> dict:
        """Give each model's share of right answers over all images, moved so far; it is kept."""
        if self.labels is None:
            raise ValueError("ShiftView: accuracy needs labels: ShiftView(models, images, labels)")
        with self._lock:
            way = self._way(dx), self._way(dy)
            if way not in self.measured:
                images = moved(self.images, *way, self.fill)
                self.measured[way] = {
                    name: float((self._run(name, images).argmax(-1) == self.labels).mean())
                    for name in self.models
                }
            return dict(self.measured[way])

    def curve(self) -> dict:
        """Give the accuracies for moves to the right by −farthest … farthest, by model."""
        ways = range(-self.farthest, self.farthest + 1)
        found = [self.accuracy(dx) for dx in ways]
        return {name: [each[name] for each in found] for name in self.models}

    def refresh(self) -> None:
        """Forget what was computed: the models were trained on."""
        with self._lock:
            self._cached, self.measured = {}, {}
            self._take()
            self._see()
            with self.hold_sync():
                self.scores = {}
                self._set(self._answer())

    def _take(self):
        """Take the models as they are now."""
        self.models = {name: as_it_is(model) for name, model in self._given.items()}
        self._maps = {name: Maps(model) for name, model in self.models.items()}

    def _way(self, d):
        if d != int(d) or abs(d) > self.farthest:
            far = self.farthest
            raise ValueError(f"ShiftView: moves go from −{far} to {far}, not {d}")
        return int(d)

    def _run(self, name, images):
        model = self.models[name]
        found = outputs(model, images, *place_of(model))
        if found.ndim != 2:
            raise ValueError(
                f"ShiftView: {name} gives {tuple(found.shape)}; one row of class scores for each "
                "image is needed"
            )
        return found

    def _predictions(self, image, dx, dy):
        """Probabilities of every model for one image at one place; kept."""
        key = image, dx, dy
        if key not in self._cached:
            if len(self._cached) > 2000:
                self._cached.clear()
            picture_ = moved(self.images[image : image + 1], dx, dy, self.fill)
            self._cached[key] = {n: chances(self._run(n, picture_))[0] for n in self.models}
        return self._cached[key]

    def _see(self):
        """Compute all that belongs to what is looked at."""
        look = self.look
        image, dx, dy = look["image"], look["dx"], look["dy"]
        here = self.images[image]
        there = moved(here, dx, dy, self.fill)
        self.before = self._predictions(image, 0, 0)
        self.after = self._predictions(image, dx, dy)
        maps, place = self._maps[look["model"]], place_of(self.models[look["model"]])
        layers, others = maps.run(here, *place), maps.run(there, *place)
        self._layers = [(name, kind, array.shape) for name, kind, array in layers]
        self.comparison = None
        if not layers:
            return
        names = [name for name, *_ in layers]
        if look["layer"] not in names:
            if look["layer"] is not None and not self._ready:
                raise KeyError(
                    f"ShiftView: no feature maps of a layer {look['layer']!r}; there is "
                    f"{', '.join(names[:20])}"
                )
            look["layer"] = names[0]
        index = names.index(look["layer"])
        look["channel"] = min(look["channel"], len(layers[index][2]) - 1)
        self._compare(layers[index], others[index][2], here, maps)

    def _compare(self, layer, after, here, maps):
        look = self.look
        name, kind, before = layer
        stride, reach = maps.stride(name, before, here), maps.reach(name)
        shown, way, whole, inside, deep = compared(
            before, after, look["dx"], look["dy"], stride, reach
        )
        with np.errstate(invalid="ignore"):
            size = np.abs(shown - after).max(0)
        channel = look["channel"]
        self.comparison = {
            "kind": kind, "stride": list(stride), "way": list(way), "whole": whole,
            "inside": inside, "deep": deep,
            "moved": shown[channel], "after": after[channel],
            "difference": _difference(shown[channel], after[channel], inside),
            "largest": _largest(size, inside), "deepest": _largest(size, deep),
            "scale": float(np.nan_to_num(np.abs(after)).max(initial=0)),
        }  # fmt: skip

    def _prefer_maps(self):
        """Begin with a model that has feature maps, if the first has none."""
        for name in list(self.models)[1:]:
            if self.comparison is not None:
                return
            self.look = {**self.look, "model": name}
            self._see()
        if self.comparison is None:
            self.look = {**self.look, "model": next(iter(self.models))}
            self._see()

    def _check_labels(self):
        if self.labels is not None:
            classes = min(len(p) for p in self.before.values())
            if self.labels.max(initial=0) >= classes or self.labels.min(initial=0) < 0:
                raise ValueError(
                    f"ShiftView: labels go up to {self.labels.max()}, but the models know "
                    f"{classes} classes, from 0 on"
                )
        self._ready = True

    # What the page gets and asks for. ------------------------------------------------------------

    def _scene(self):
        count = max(len(p) for p in self.before.values())
        names = [str(k) for k in range(count)] if self._names is None else list(self._names)
        fine = self.images[np.isfinite(self.images)]
        low, high = (float(fine.min()), float(fine.max())) if fine.size else (0.0, 1.0)
        return {
            "models": [clean(name) for name in self.models], "images": len(self.images),
            "shape": list(self.images.shape[1:]), "far": self.farthest, "low": low, "high": high,
            "classes": [clean(str(name)) for name in names[:CLASSES]],
            "labels": self.labels is not None,
        }  # fmt: skip

    def _answer(self):
        look, compare = self.look, self.comparison
        here = self.images[look["image"]]
        there = moved(here, look["dx"], look["dy"], self.fill)
        parts = [here, there]
        seen = {
            **look, "model": list(self.models).index(look["model"]),
            "layer": clean(look["layer"] or ""),
            "label": None if self.labels is None else int(self.labels[look["image"]]),
            "lost": lost(here, look["dx"], look["dy"], self.fill),
            "before": [p[:CLASSES].tolist() for p in self.before.values()],
            "after": [p[:CLASSES].tolist() for p in self.after.values()],
            "answers": [[int(a.argmax()), int(b.argmax())]
                        for a, b in zip(self.before.values(), self.after.values())],
            "layers": [[clean(n), k, list(shape)] for n, k, shape in self._layers],
            "compare": None,
        }  # fmt: skip
        if compare is not None:
            names = ("moved", "after", "difference", "inside", "deep")
            parts += [compare[name] for name in names]
            seen["compare"] = {k: v for k, v in compare.items() if k not in names}
            seen["compare"]["deep"] = int(compare["deep"].sum())
        numbers = [np.ascontiguousarray(part, np.float32).tobytes() for part in parts]
        return {"seen": seen, "numbers": b"".join(numbers)}

    def _set(self, traits):
        for name, value in traits.items():
            setattr(self, name, value)

    def _hear(self, _widget, message, _buffers):
        """Do what the page asks: look elsewhere, or measure one more move."""
        if not isinstance(message, dict):
            return
        with self._lock:
            try:
                if message.get("do") == "look":
                    self._turn(message)
                elif message.get("do") == "measure":
                    dx, dy = message["dx"], message["dy"]
                    found = list(self.accuracy(dx, dy).values())
                    self.scores = dict(self.scores) | {f"{int(dx)},{int(dy)}": found}
                else:
                    return
            except (LookupError, RuntimeError, TypeError, ValueError) as error:
                return {"error": sentence(error)}
            if self._shown:
                self._watch()

    def _turn(self, message):
        """Look at another image, move, model, layer or channel."""
        old = dict(self.look)
        try:
            look = {**old, "dx": self._way(message["dx"]), "dy": self._way(message["dy"])}
            look["image"] = range(len(self.images))[int(message["image"])]
            look["model"] = list(self.models)[int(message["model"])]
            layer = int(message.get("layer", -1))
            if look["model"] == old["model"] and 0 <= layer < len(self._layers):
                look["layer"] = self._layers[layer][0]
            look["channel"] = max(0, int(message.get("channel", 0)))
            self.look = look
            self._see()
        except Exception:
            self.look = old
            self._see()
            raise
        with self.hold_sync():
            self._set(self._answer())

    def flush(self) -> None:
        """Nothing waits: every answer is sent when it is known."""

    def to_svg(self) -> str:
        """Draw the image before and after, the answers, the maps, and what was measured."""
        with self._lock:
            return picture.draw(self)

    def __repr__(self):
        count, shape = len(self.images), " × ".join(map(str, self.images.shape[1:]))
        names = ", ".join(map(clean, self.models))
        return (
            f"ShiftView: {count} image{'s' * (count != 1)} of {shape}, {len(self.models)} "
            f"model{'s' * (len(self.models) != 1)}: {names}; moved by up to {self.farthest} "
            f"pixel{'s' * (self.farthest != 1)}"
        )


def _difference(one, other, where):
    with np.errstate(invalid="ignore"):  # infinite numbers are drawn as what they are
        return np.where(where, one - other, 0)


def _largest(size, where):
    found = size[where]
    return float(np.where(np.isfinite(found), found, 0).max()) if found.size else None
