"""What a learner gives to `ConvolutionView`, brought into one form: a plan and plain numbers."""

from dataclasses import asdict, dataclass, replace

import numpy as np

import autograd_lab as torch
import autograd_lab.nn.functional as F
from autograd_lab import nn

MOST = 2**20  # numbers in one image, or in all filters, that a page takes
POOLS = {nn.MaxPool1d: ("max", 1), nn.MaxPool2d: ("max", 2),
         nn.AvgPool1d: ("avg", 1), nn.AvgPool2d: ("avg", 2)}  # fmt: skip
CONVOLUTIONS = {nn.Conv1d: 1, nn.Conv2d: 2}
WANTED = "a Conv2d, a Conv1d, a MaxPool2d, an AvgPool2d, or a weight of shape (filters, channels, "
FORMS = {1: "(channels, length)", 2: "(channels, height, width)"}


@dataclass(frozen=True)
class Plan:
    """How a window moves; the same as ``Plan`` in window.js. Pairs are (down, across)."""

    kind: str  # "conv", "max" or "avg"
    image: tuple  # channels, height, width
    filters: int
    kernel: tuple
    stride: tuple = (1, 1)
    padding: tuple = (0, 0, 0, 0)  # top, left, bottom, right
    dilation: tuple = (1, 1)
    groups: int = 1
    border: str = "zeros"
    ceil: bool = False
    countBorder: bool = True
    divisor: int | None = None
    flat: bool = False  # a sequence, drawn as an image of one row

    def to_dict(self):
        """Give plain data for the page."""
        return {key: list(v) if type(v) is tuple else v for key, v in asdict(self).items()}

    def changed(self, settings):
        """Give the plan with other pairs of numbers, as a page asks for them."""
        lengths = {"stride": 2, "dilation": 2, "kernel": 2, "padding": 4}
        news = {}
        for name, length in lengths.items():
            if name in settings and (name != "kernel" or self.kind != "conv"):
                values = tuple(int(v) for v in settings[name])
                if len(values) != length or not all(0 <= v <= 64 for v in values):
                    raise ValueError(f"{name} takes {length} small numbers, not {values}")
                news[name] = values
        return replace(self, **news)

    def apply(self, x, weight=None, bias=None):
        """Compute the result with the library's own operations; ``x`` is (N, C, H, W)."""
        top, left, bottom, right = self.padding
        if self.kind == "max":
            settings = self.kernel, self.stride, (top, left), self.dilation, self.ceil
            return F.max_pool2d(x, *settings)
        if self.kind == "avg":
            settings = self.kernel, self.stride, (top, left), self.ceil
            return F.avg_pool2d(x, *settings, self.countBorder, self.divisor)
        if any(self.padding):
            mode = "constant" if self.border == "zeros" else self.border
            x = F.pad(x, (left, right, top, bottom), mode=mode)
        return F.conv2d(x, weight, bias, self.stride, 0, self.dilation, self.groups)


def tensor_of(given, name, who="ConvolutionView"):
    """Make a tensor of real numbers of what was given, or say what is wrong with it."""
    if isinstance(given, nn.Module):
        order = "x, layer" if who == "ConvolutionView" else "model, x"
        raise TypeError(f"{who}: {name} is the layer itself; say {who}({order})")
    try:
        tensor = torch.as_tensor(given)
    except (TypeError, ValueError, RuntimeError) as error:
        kind = type(given).__name__
        raise TypeError(f"{who}: {name} is a tensor, not {kind}") from error
    if tensor.is_complex():
        raise TypeError(f"{who}: {name} is complex; show {name}.real or {name}.abs()")
    if tensor.numel() == 0:
        raise ValueError(f"{who}: {name} of shape {tuple(tensor.shape)} holds no numbers to show")
    tensor = tensor.detach().cpu()
    return tensor if tensor.is_floating_point() else tensor.float()


def layer_of(layer, settings):
    """Give (plan without image, weight, bias, what to call it) of a layer or a weight."""
    for kind, (name, dims) in POOLS.items():
        if isinstance(layer, kind):
            _no_settings(settings, layer)
            return _pool(layer, name, dims), None, None, type(layer).__name__
    for kind, dims in CONVOLUTIONS.items():
        if isinstance(layer, kind):
            _no_settings(settings, layer)
            if isinstance(layer.weight, nn.parameter.UninitializedParameter):
                raise ValueError("ConvolutionView: this lazy layer has no filters yet: call it")
            plan = _plan(layer.weight.shape, dims, layer.stride, layer.padding, layer.dilation,
                         layer.groups, layer.padding_mode)  # fmt: skip
            return plan, _of_images(layer.weight), layer.bias, type(layer).__name__
    if isinstance(layer, nn.Module):
        _refuse(layer)
    if layer is None:
        raise TypeError(f"ConvolutionView: what moves over the image? Give {WANTED}height, width)")
    weight = tensor_of(layer, "weight")
    if weight.dim() == 2:  # one small matrix is one filter for one channel
        weight = weight.reshape(1, 1, *weight.shape)
    if weight.dim() not in (3, 4):
        raise ValueError(
            f"ConvolutionView: a weight of shape {tuple(weight.shape)} is no set of filters; "
            "it has the shape (filters, channels, height, width)"
        )
    bias = settings.pop("bias", None)
    bias = None if bias is None else tensor_of(bias, "bias").to(weight.dtype)
    plan = _plan(weight.shape, weight.dim() - 2, **settings)
    return plan, _of_images(weight), bias, f"conv{weight.dim() - 2}d"


def _of_images(weight):
    """Give filters for sequences one row, so that they are filters for images."""
    return weight.unsqueeze(2) if weight.dim() == 3 else weight


def _no_settings(settings, layer):
    """A layer brings its own settings."""
    given = list(settings)
    if given:
        raise TypeError(
            f"ConvolutionView: {', '.join(given)} {'are' if len(given) > 1 else 'is'} what the "
            f"{type(layer).__name__} says; give a weight to choose yourself"
        )


def _refuse(layer):
    """Say what can be shown of a module that is no window."""
    name = type(layer).__name__
    if "Transpose" in name:
        raise TypeError(
            f"ConvolutionView: {name} stamps its filters instead of moving over the image; show a "
            "Conv2d and look at its backward side: that is the same picture"
        )
    known = (*CONVOLUTIONS, *POOLS)
    inside = [path for path, part in layer.named_modules() if path and isinstance(part, known)]
    if inside:
        raise TypeError(
            f"ConvolutionView shows one layer, not a whole {name}: give the layer, and "
            f"what comes into it, for instance model.get_submodule({inside[0]!r}); there is "
            f"{', '.join(inside[:8])}"
        )
    raise TypeError(f"ConvolutionView: no window moves in {name}; give {WANTED}height, width)")


def _pair(value, dims, fill):
    """Give a setting for both dimensions; a sequence has one row."""
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * dims
    return (fill, *values) if dims == 1 else (*values,)


def _plan(shape, dims, stride=1, padding=0, dilation=1, groups=1, mode="zeros"):
    kernel, stride, dilation = (_pair(v, dims, 1) for v in (tuple(shape[2:]), stride, dilation))
    if isinstance(padding, str):
        if padding == "same" and max(stride) > 1:
            raise RuntimeError("padding='same' is not supported for strided convolutions")
        spare = [d * (k - 1) if padding == "same" else 0 for k, d in zip(kernel, dilation)]
        border = (*(n // 2 for n in spare), *(n - n // 2 for n in spare))
    else:
        border = _pair(padding, dims, 0) * 2
    return Plan("conv", (), shape[0], kernel, stride, border, dilation, groups, mode,
                flat=dims == 1)  # fmt: skip


def _pool(layer, kind, dims):
    kernel = _pair(layer.kernel_size, dims, 1)
    stride = kernel if layer.stride is None else _pair(layer.stride, dims, 1)
    dilation = _pair(getattr(layer, "dilation", 1), dims, 1)
    return Plan(
        kind, (), 0, kernel, stride, _pair(layer.padding, dims, 0) * 2, dilation,
        ceil=layer.ceil_mode, countBorder=getattr(layer, "count_include_pad", True),
        divisor=getattr(layer, "divisor_override", None), flat=dims == 1,
    )  # fmt: skip


def images_of(x, plan, weight, bias):
    """Give the images as (N, C, H, W), having tried whether the window can move over them."""
    x = tensor_of(x, "x")
    dims = 1 if plan.flat else 2
    if x.dim() == dims:
        x = x[None]  # a picture without channels has one
    if x.dim() not in (dims + 1, dims + 2):
        raise ValueError(
            f"ConvolutionView: x of shape {tuple(x.shape)} is no image of the form {FORMS[dims]}, "
            "nor a batch of them"
        )
    if plan.kind == "conv":
        x = x.to(weight.dtype)
        if x.shape[-dims - 1] != weight.shape[1] * plan.groups:  # PyTorch's own words for it
            conv, weight = (F.conv1d, weight[:, :, 0]) if plan.flat else (F.conv2d, weight)
            conv(x, weight, bias, groups=plan.groups)
    x = x.reshape(-1, *x.shape[-dims - 1 : -1], *((1,) if plan.flat else ()), x.shape[-1])
    if x[0].numel() > MOST or (weight is not None and weight.numel() > MOST):
        raise ValueError(
            f"ConvolutionView: {x[0].numel():,} numbers are too many to look at one by one; "
            "show a part, for instance x[..., :64, :64]"
        )
    return x


def hint_of(x, plan):
    """A pool takes any number of channels: say if they seem to come last."""
    *_, channels, height, width = x.shape
    if plan.kind != "conv" and not plan.flat and width in (1, 3, 4) and min(channels, height) > 7:
        return (f"x has {channels} channels of {height} × {width}: do the channels come last? "
                "x.movedim(-1, -3) puts them first")  # fmt: skip
    return ""


def to_floats(tensor):
    """Give a tensor's numbers as float64, as a page reads them."""
    return np.ascontiguousarray(tensor.detach().cpu().numpy(), dtype=np.float64)
