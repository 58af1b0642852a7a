"""Which pixels can move an activation at all? Ask a copy of the model in which nothing hides.

In the learner's model a gradient is 0 where a ReLU is off, where a maximum had another winner, or
where two paths cancel. So the region is found in a copy with the same structure, in eval mode, in
double precision, with all weights and the image positive (drawn between 0.5 and 1.5, weights
divided by how many numbers are added up): then every ReLU is on, nothing cancels, and a
pooling layer passes the gradient to all its inputs instead of to the winner. A pixel is in the
region exactly if its gradient there is not 0.
"""

import copy

import numpy as np

import autograd_lab as torch
from autograd_lab.core import Leaf, Output, Pointwise

from .layers import gradient, layers_of

# What picks some of its inputs in a way that we do not open: then the region is a lower bound.
CHOOSING = ("sort", "topk", "kthvalue", "median", "nanmedian", "fractional", "mode", "min_along",
            "amin", "cummax", "cummin")  # fmt: skip
# What leaves a unit where it is, beside the operations on each element.
PASSING = {"batch_norm", "expand", "clone", "to", "prelu_kernel"}
WINDOWS = {"conv1d", "conv2d", "slide_filter", "max_pool", "max_pool_indices", "avg_pool"}


class Probe:
    """A copy of a model that shows every path from the image to an activation."""

    def __init__(self, model, x):
        generator = np.random.default_rng(0)
        twin = copy.deepcopy(model).cpu().double()
        with torch.no_grad():
            for parameter in twin.parameters():
                _fill(parameter, generator)
            for part in twin.modules():
                _settle(part)
        self.x = torch.tensor(generator.uniform(0.5, 1.5, tuple(x.shape)), requires_grad=True)
        self.layers = layers_of(twin, self.x)
        nodes = _nodes([layer.output for layer in self.layers])
        self.exact = not any(_name(node).startswith(CHOOSING) for node in nodes)
        for node in nodes:
            _open(node)
        self.sizes = _sizes(nodes, self.x)

    def support(self, index, channel, row, column):
        """Say for every pixel whether it can move this activation of layer ``index``."""
        found = gradient(self.layers[index], self.x, channel, row, column)
        return (found.numpy() != 0).reshape(-1, *found.shape[-2:]).any(0)

    def theory(self, index):
        """Give ((r down, r across), (stride down, across)) by the formula, or None."""
        return self.sizes.get(self.layers[index].output.node)


def _fill(parameter, generator):
    """Write positive numbers; those that are added up with many others are small."""
    if not parameter.is_floating_point():
        return
    many = parameter.numel() // max(1, len(parameter)) if parameter.dim() > 1 else 1
    numbers = generator.uniform(0.5, 1.5, tuple(parameter.shape)) / max(1, many)
    parameter.copy_(torch.tensor(numbers))


def _settle(part):
    """Running statistics that change nothing."""
    for name, value in (("running_mean", 0.0), ("running_var", 1.0)):
        if isinstance(getattr(part, name, None), torch.Tensor):
            getattr(part, name).fill_(value)


def _name(node):
    return type(node).__mro__[1].__name__ if len(type(node).__mro__) > 1 else ""


def _nodes(tensors):
    """List the nodes behind some tensors, the oldest first, without recursion."""
    seen, stack = set(), [tensor.node for tensor in tensors if tensor.node is not None]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack += [before for before in node.next if before is not None]
    return sorted(seen, key=lambda node: getattr(node, "seq", 0))


def _open(node):
    """Let a node that keeps only the largest pass its gradient to all that took part."""
    name = _name(node)
    if name in ("max_pool", "max_pool_indices"):
        node.register_hook(lambda old, g: (_windowed(node.slide, old[0], _first(g)),))
    elif name == "chosen_max_pool":
        node.register_hook(lambda old, g: (_adaptive(node.dims, old[0], _first(g)),))
    elif name in ("amax", "max", "max_along"):
        node.register_hook(lambda old, g: (_everywhere(node, old[0], _first(g)),))
    elif name in ("maximum", "minimum"):
        node.register_hook(lambda old, g: tuple(_first(g) for _ in old))


def _first(gradients):
    return next(g for g in gradients if g is not None)


def _through(matrices, old, g):
    """Send a gradient through 0/1 matrices (places of the result, places of the input)."""
    array = g.numpy()
    for d, matrix in enumerate(matrices):
        axis = array.ndim - len(matrices) + d
        array = np.moveaxis(np.tensordot(array, matrix, (axis, 0)), -1, axis)
    return torch.tensor(array.reshape(old.shape))


def _windowed(slide, old, g):
    matrices = []
    for d, size in enumerate(slide.sizes):
        matrix = np.zeros((slide.counts[d], size))
        for p in range(slide.counts[d]):
            start = p * slide.stride[d] - slide.before[d]
            at = start + slide.dilation[d] * np.arange(slide.kernel[d])
            matrix[p, at[(at >= 0) & (at < size)]] = 1
        matrices.append(matrix)
    return _through(matrices, old, g)


def _adaptive(dims, old, g):
    matrices = []
    for size, count in zip(old.shape[-dims:], g.shape[-dims:]):
        matrix = np.zeros((count, size))
        for p in range(count):
            matrix[p, p * size // count : -(-(p + 1) * size // count)] = 1
        matrices.append(matrix)
    return _through(matrices, old, g)


def _everywhere(node, old, g):
    kept = getattr(node, "kept", None)
    if kept is None:  # max of all, or along one dimension
        kept = [1] * old.dim()
        if hasattr(node, "dim"):
            kept = [1 if d == node.dim else n for d, n in enumerate(old.shape)]
    return g.reshape(tuple(kept) or old.shape).expand(old.shape).clone()


# --- the formula of textbooks, where a model is made of windows and of what keeps places


def _sizes(nodes, x):
    """Give {node: ((r, r), (stride, stride))} where r = r + (reach − 1)·stride can say it."""
    known = {x.node: ((1, 1), (1, 1))}
    for node in nodes:
        came = [known[before] for before in node.next if before in known]
        if came and not isinstance(node, Leaf):
            known[node] = None if None in came else _after(node, came)
    return {node: sizes for node, sizes in known.items() if sizes is not None}


def _after(node, came):
    name = _name(node)
    if len({stride for _, stride in came}) > 1:
        return None
    stride = came[0][1]
    reach = tuple(max(r[d] for r, _ in came) for d in (0, 1))
    if name in WINDOWS:
        slide = node.slide if hasattr(node, "slide") else node.settings[0]
        if len(slide.kernel) != 2:
            return None
        spans = [d * (k - 1) + 1 for k, d in zip(slide.kernel, slide.dilation)]
        reach = tuple(r + (span - 1) * s for r, span, s in zip(reach, spans, stride))
        return reach, tuple(s * t for s, t in zip(stride, slide.stride))
    if isinstance(node, Pointwise | Output) or name in PASSING or name == "cat" and node.dim == 1:
        return reach, stride
    return None
