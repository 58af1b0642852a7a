"""Walk through a recurrent layer step by step, and keep what its gates said."""

import numpy as np

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.nn.utils.rnn import PackedSequence

from .._model import as_in_a_test

# What is kept of each step, in the order in which it is drawn: name, what it asks, sign or 0 to 1.
PARTS = {
    "LSTM": (("i", "write?"), ("f", "keep?"), ("g", "new content"), ("o", "show?"),
             ("c", "memory"), ("h", "output")),
    "GRU": (("r", "look back?"), ("z", "keep?"), ("n", "new content"), ("h", "output")),
    "RNN_TANH": (("a", "before tanh"), ("h", "output")),
    "RNN_RELU": (("a", "before relu"), ("h", "output")),
}  # fmt: skip


def sigmoid(x):
    """Squash to 0..1 without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def walk(layer, x, start=None):
    """Give for each layer and direction {part: (steps, units)} for a sequence (steps, features).

    >>> (found,) = walk(nn.LSTM(2, 3), np.ones((4, 2)))
    >>> list(found), found["c"].shape
    (['i', 'f', 'g', 'o', 'c', 'h'], (4, 3))
    """
    found = []
    for number in range(layer.num_layers):
        outputs = []
        for way, suffix in enumerate(("", "_reverse")[: 1 + layer.bidirectional]):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
            weights = [_array(getattr(layer, f"{n}_l{number}{suffix}", None)) for n in names]
            begin = [s[len(found)] for s in start] if start else None
            kept, out = _direction(layer, x, weights, begin, backwards=bool(way))
            found.append(kept)
            outputs.append(out)
        x = np.concatenate(outputs, 1)
    return found


def _direction(layer, x, weights, begin, backwards):
    """Walk one layer in one direction; give all parts, and the outputs for the next layer."""
    w, u, b, d, project = weights
    size, zero = layer.hidden_size, np.zeros(layer.hidden_size)
    h = begin[0] if begin else np.zeros(u.shape[1])
    c = begin[1] if begin and len(begin) > 1 else zero
    b, d = (np.zeros(len(w)) if v is None else v for v in (b, d))
    steps = range(len(x) - 1, -1, -1) if backwards else range(len(x))
    kept = {name: np.zeros((len(x), size)) for name, _ in PARTS[layer.mode]}
    out = np.zeros((len(x), u.shape[1]))
    for t in steps:
        reads, recalls = x[t] @ w.T + b, h @ u.T + d
        if layer.mode == "LSTM":
            i, f, g, o = np.split(reads + recalls, 4)
            i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
            c = f * c + i * g
            parts = {"i": i, "f": f, "g": g, "o": o, "c": c, "h": o * np.tanh(c)}
        elif layer.mode == "GRU":
            (r, z, n), (p, q, m) = np.split(reads, 3), np.split(recalls, 3)
            r, z = sigmoid(r + p), sigmoid(z + q)
            n = np.tanh(n + r * m)
            parts = {"r": r, "z": z, "n": n, "h": (1 - z) * n + z * h}
        else:
            a = reads + recalls
            parts = {"a": a, "h": np.tanh(a) if layer.mode == "RNN_TANH" else np.maximum(a, 0)}
        h = parts["h"] if project is None else parts["h"] @ project.T
        out[t] = h
        for name, value in parts.items():
            kept[name][t] = value
    return kept, out


def _array(tensor):
    return None if tensor is None else tensor.detach().cpu().numpy().astype(float)


def layer_and_input(model, inputs):
    """Find the recurrent layer in a model, and what reaches it when the model reads the inputs."""
    if isinstance(model, nn.RNNBase):
        return model, inputs
    if not isinstance(model, nn.Module):
        raise TypeError(
            f"GatesView looks into an nn.LSTM, nn.GRU or nn.RNN, or a model with one in it, not "
            f"into {type(model).__name__}"
        )
    layers = [m for m in model.modules() if isinstance(m, nn.RNNBase)]
    if len(layers) != 1:
        names = [n for n, m in model.named_modules() if isinstance(m, nn.RNNBase)]
        few = f"{len(layers)} ({', '.join(names[:6])})" if names else "none; a cell has no steps"
        raise ValueError(
            f"the model should have one recurrent layer, it has {few}: give that layer itself and "
            "what it reads"
        )
    seen = []
    hook = layers[0].register_forward_pre_hook(lambda _, given: seen.append(given))
    try:
        with as_in_a_test(model), torch.no_grad():
            model(inputs)
    finally:
        hook.remove()
    if not seen:
        raise RuntimeError("the model did not call its recurrent layer with these inputs")
    return layers[0], seen[0][0]


def sequence_of(layer, inputs, which):
    """Take one sequence (steps, features) out of what a layer reads."""
    if isinstance(inputs, PackedSequence):
        raise TypeError("GatesView reads one sequence: give the padded tensor, not the packed one")
    x = torch.as_tensor(inputs)
    if not x.is_floating_point():
        raise TypeError(
            f"the inputs are {str(x.dtype).removeprefix('torch.')}: a layer reads vectors; give "
            "embedding(words), or the whole model with the words"
        )
    if x.ndim == 3:
        batch = len(x if layer.batch_first else x[0])
        if which not in range(-batch, batch):
            raise IndexError(f"sequence={which}: the batch has {batch} sequences")
        x = x[which] if layer.batch_first else x[:, which]
    if x.ndim != 2 or not x.numel():
        raise ValueError(f"the inputs have shape {tuple(x.shape)}: (steps, features) is needed")
    if x.shape[1] != layer.input_size:
        raise ValueError(
            f"each step has {x.shape[1]} features, the layer reads {layer.input_size}"
        )
    values = x.detach().cpu().numpy().astype(float)
    if not np.isfinite(values).all():
        raise ValueError(f"the inputs have {int((~np.isfinite(values)).sum())} NaN or infinities")
    return values


def lively(parts):
    """Order units by how much their output changes from word to word.

    >>> lively({"h": np.array([[0.0, 1.0], [0.0, -1.0]])}).tolist()
    [1, 0]
    """
    h = parts["h"]
    return np.argsort(-(h.std(0) + 1e-3 * np.abs(h).mean(0)), kind="stable")


def alike(parts):
    """Order units so that neighbours do alike: from each one on to the most similar one left."""
    profile = parts["h"].T
    left = lively(parts).tolist()
    order = [left.pop(0)]
    while left:
        gaps = ((profile[left] - profile[order[-1]]) ** 2).sum(1)
        order.append(left.pop(int(gaps.argmin())))
    return np.array(order)
