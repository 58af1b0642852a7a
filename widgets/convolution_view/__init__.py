"""A convolution, looked at: the window that moves, the products, their sum, and the way back.

The kernel holds what the learner gave and what the page changed of it, and computes with the
library's own operations; the page draws, and computes single windows by itself (window.js).
"""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import traitlets

import autograd_lab as torch

from .._esm import pack
from .._kept import Kept
from . import picture
from .given import hint_of, images_of, layer_of, tensor_of, to_floats

HERE = Path(__file__).parent
MODES = ("forward", "backward")


class ConvolutionView(Kept):
    """Watch a filter move over an image: patch, products, their sum, and the gradient's way back.

    ``ConvolutionView(x, layer)`` takes an ``nn.Conv2d``, ``Conv1d``, ``MaxPool2d`` or ``AvgPool2d``
    and an image or a batch of them; ``ConvolutionView(x, weight, bias, stride=2)`` takes the same
    settings as ``F.conv2d``. In the page stride, padding, dilation and every number of the filters
    can be changed: the layer itself keeps its own. ``grad`` is the gradient of the result, for the
    way back; without it, it is 1 everywhere, as of ``y.sum()``.

    >>> x = torch.arange(36.).reshape(6, 6)
    >>> edge = torch.tensor([[-1., 0., 1.]])
    >>> view = ConvolutionView(x, edge, stride=2)
    >>> view
    ConvolutionView: conv2d, 1 filter of 1 × 3 over 1 image of 1 × 6 × 6 gives 1 × 3 × 2
    >>> view.output
    tensor([[[[2., 2.],
              [2., 2.],
              [2., 2.]]]])
    """

    _pack = pack(
        HERE / "index.js",
        *(HERE.parent / name for name in ("grid.css", "transport.css")),
        HERE / "style.css",
    )
    scene = traitlets.Dict().tag(sync=True)
    pixels = traitlets.Bytes().tag(sync=True)  # float64: the image that is looked at
    weights = traitlets.Bytes().tag(sync=True)  # the filters, then the biases
    upstream = traitlets.Bytes().tag(sync=True)  # the gradient of the result of this image

    def __init__(
        self, x, layer=None, bias=None, *, stride=None, padding=None, dilation=None, groups=None,
        grad=None, image=0, channel=0, filter=0, cell=(0, 0), mode="forward",
    ):  # fmt: skip
        settings = {"bias": bias, "stride": stride, "padding": padding, "dilation": dilation,
                    "groups": groups}  # fmt: skip
        settings = {name: value for name, value in settings.items() if value is not None}
        plan, weight, bias, self._name = layer_of(layer, settings)
        images = images_of(x, plan, weight, bias)
        channels = images.shape[1]
        filters = plan.filters if plan.kind == "conv" else channels
        plan = replace(plan, image=tuple(images.shape[1:]), filters=filters)
        self._layer, self.images, self._lock = layer, images, threading.RLock()
        self._edited, self.image = False, _within("image", image, len(images))
        self._take(plan, weight, bias)
        self._result = tuple(self.output.shape)
        self._grad = self._upstream_of(grad)
        if mode not in MODES:
            raise ValueError(f'mode is "forward" or "backward", not {mode!r}')
        row, column = cell
        self.start = {
            "mode": mode, "channel": _within("channel", channel, channels),
            "filter": _within("filter", filter, filters),
            "cell": [_within("row", row, self._result[2]),
                     _within("column", column, self._result[3])],
        }  # fmt: skip
        self._hint = hint_of(images, plan)
        super().__init__(**self._said())

    def _take(self, plan, weight, bias):
        """Start with a plan and filters: copies, so that nothing here changes a layer."""
        self._first, self.plan, self._edited = plan, plan, False
        self._own = tuple(None if part is None else part.detach().cpu() for part in (weight, bias))
        self._own, (self._weight, self._bias) = (
            tuple(None if part is None else part.clone() for part in self._own) for _ in "ab"
        )
        self._apply(plan)

    def _apply(self, plan):
        """Compute the result of the present image, or raise what PyTorch raises."""
        with torch.no_grad():
            image = self.images[self.image : self.image + 1]
            self._output, self.plan = plan.apply(image, self._weight, self._bias), plan

    def _upstream_of(self, grad):
        if grad is None:
            return None
        grad = tensor_of(grad, "grad").to(self.images.dtype)
        shape = (len(self.images), *self._result[1:])
        if grad.numel() != np.prod(shape):
            shown = shape[:2] + shape[3:] if self.plan.flat else shape
            raise ValueError(
                f"ConvolutionView: grad has the shape of the result, {shown}, not "
                f"{tuple(grad.shape)}"
            )
        return grad.reshape(shape)

    @property
    def output(self):
        """The result for the image that is looked at, as the library computes it."""
        return self._output

    @property
    def weight(self):
        """The filters as they are in the page, learner's changes included; None for pooling."""
        return self._weight

    @property
    def bias(self):
        """The biases as they are in the page."""
        return self._bias

    def update(self) -> None:
        """Take the layer's filters as they are now, for instance after a step of training."""
        with self._lock:
            if self._bias is not None or self._weight is not None:
                _, weight, bias, _ = layer_of(self._layer, {})
                plan, first = self.plan, self._first
                self._take(first, weight, self._own[1] if bias is None else bias)
                self._apply(plan)
                self._renew()

    def to_svg(self) -> str:
        """Draw image, window and result, with the products of one cell written out."""
        with self._lock:
            return picture.draw(self)

    def flush(self) -> None:
        """Nothing waits: every change is sent when it is made."""

    def __repr__(self):
        plan = self.plan
        result = " × ".join(map(str, self._output.shape[1:]))
        size = " × ".join(map(str, plan.kernel))
        count = "a window" if plan.kind != "conv" else _several(plan.filters, "filter")
        images = _several(len(self.images), "image")
        over = " × ".join(map(str, plan.image))
        moves = f"{count} of {size} over {images} of {over}"
        return f"ConvolutionView: {self._name}, {moves} gives {result}"

    # What the page gets and asks for. ------------------------------------------------------------

    def _said(self, note=""):
        """What the page is sent: the scene as words and settings, the numbers as bytes."""
        grad = self._grad if tuple(self._output.shape[1:]) == self._result[1:] else None
        weights = [part for part in (self._weight, self._bias) if part is not None]
        return {
            "scene": {
                "plan": self.plan.to_dict(), "first": self._first.to_dict(), "name": self._name,
                "images": len(self.images), "image": self.image,
                "edited": self._edited,
                "bias": self._bias is not None, "start": self.start, "note": note or self._hint,
                "given": self._grad is not None,
            },
            "pixels": to_floats(self.images[self.image]).tobytes(),
            "weights": b"".join(to_floats(part).tobytes() for part in weights),
            "upstream": b"" if grad is None else to_floats(grad[self.image]).tobytes(),
        }  # fmt: skip

    def _renew(self, note=""):
        with self.hold_sync():
            for name, value in self._said(note).items():
                setattr(self, name, value)
        if self._shown:
            self._watch()  # the end of the next cell renews the saved picture

    def _hear(self, _widget, message, _buffers):
        """Do what the page asks: another setting, another number, another image, all as given."""
        known = {"plan": self._change_plan, "number": self._change_number,
                 "image": self._change_image, "reset": self._reset}  # fmt: skip
        if not isinstance(message, dict) or str(message.get("do")) not in known:
            return
        with self._lock:
            try:
                known[message["do"]](message)
            except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
                self._renew(note=str(error))
            else:
                self._renew()

    def _change_plan(self, message):
        self._apply(self.plan.changed(message["plan"]))

    def _change_number(self, message):
        """Write one number of a filter, or of the bias; of ours, never of the learner's layer."""
        kept = self._bias if message.get("of") == "bias" else self._weight
        place = tuple(int(k) for k in message["at"])
        if kept is None or len(place) != (1 if kept is self._bias else 4) or min(place) < 0:
            raise ValueError(f"there is no number at {place}")
        with torch.no_grad():
            kept[place] = float(message["value"])
        self._edited = True
        self._apply(self.plan)

    def _change_image(self, message):
        self.image = _within("image", int(message["image"]), len(self.images))
        self._apply(self.plan)

    def _reset(self, _message):
        """Take the layer's own numbers and settings again."""
        self._take(self._first, *self._own)


def _within(name, number, count):
    if not 0 <= number < count:
        raise IndexError(f"ConvolutionView: {name} {number} is not among 0 … {count - 1}")
    return number


def _several(count, word):
    return f"{count} {word}{'s' * (count != 1)}"
