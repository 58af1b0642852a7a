"""Run a model and keep what each of its layers makes: feature maps, and the graph behind them."""

from copy import deepcopy
from dataclasses import dataclass

import autograd_lab as torch

from .._model import as_in_a_test

MOST = 64  # so many layers are listed


@dataclass
class Layer:
    """One call of a module without parts: its name, what it is, and its output, (1, C, H, W)."""

    name: str
    kind: str
    output: object

    @property
    def shape(self):
        """Channels, height and width; what has no height and width has one unit a channel."""
        shape = tuple(self.output.shape[1:])
        return (shape[0], *((1,) * (3 - len(shape))), *shape[1:])[:3]

    @property
    def values(self):
        """The feature maps, an array (C, H, W)."""
        return self.output.detach().cpu().numpy().reshape(self.shape)

    def unit(self, channel, row, column):
        """Give one activation, as a tensor that knows where it came from."""
        return self.output.reshape(1, *self.shape)[0, channel, row, column]


def as_it_is(model):
    """Copy a model: a page asks at any time, also while the learner's own is being trained.

    What cannot be copied is used itself.
    """
    try:
        return deepcopy(model)
    except Exception:  # a learner's module may refuse to be copied in any way
        return model


def layers_of(model, x):
    """Run the model on ``x`` and list the layers in the order in which they were called.

    >>> from autograd_lab import nn
    >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU())
    >>> [(layer.name, layer.shape) for layer in layers_of(model, torch.ones(1, 1, 5, 5))]
    [('0', (4, 3, 3)), ('1', (4, 3, 3))]
    """
    found, calls = [], {}
    names = {part: name for name, part in model.named_modules()}

    def keep(module, _inputs, output):
        if not isinstance(output, torch.Tensor) or not 2 <= output.dim() <= 4 or len(output) != 1:
            return None
        calls[module] = calls.get(module, 0) + 1
        name = names[module] or type(module).__name__
        name += f" (call {calls[module]})" if calls[module] > 1 else ""
        if output.numel() and len(found) < MOST:
            found.append(Layer(name, type(module).__name__, output))
        return output.clone()  # a later operation in place must not change what is kept

    handles = [
        part.register_forward_hook(keep)
        for part in model.modules()
        if next(part.children(), None) is None
    ]
    try:
        with as_in_a_test(model), torch.enable_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    return found


def gradient(layer, x, channel, row, column):
    """Give the gradient of one activation with respect to the image, (C, H, W); 0 if none."""
    unit = layer.unit(channel, row, column)
    if not unit.requires_grad:
        return torch.zeros_like(x[0])
    (found,) = torch.autograd.grad(unit, x, retain_graph=True, allow_unused=True)
    return torch.zeros_like(x[0]) if found is None else found[0]


def is_map(layer):
    """Whether the layer's output has places."""
    return layer.shape[1] * layer.shape[2] > 1
