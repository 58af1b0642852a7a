"""How much each word moves the score of each tag: one backward run for each word."""

import numpy as np

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.autograd import grad

from .._model import as_in_a_test

WORDS = 120                     # a map of more words would be too fine to read


def influence(model, inputs, chosen=None, sequence=0):
    """Give the norms of the gradients (position of the tag, position of the word), and the scores.

    The gradient is that of the chosen tag's score (the highest one, unless told) with respect to
    the vector of each word.

    >>> norms, scores, chosen = influence(lambda x: x.cumsum(0), torch.ones(3, 2))
    >>> norms                               # a sum up to here is moved by what stands up to here
    array([[1., 0., 0.],
           [1., 1., 0.],
           [1., 1., 1.]])
    """
    if not callable(model):
        raise TypeError(f"WordMap calls the model; {type(model).__name__} cannot be called")
    if not isinstance(inputs, torch.Tensor):
        inputs = torch.as_tensor(inputs)
    modules = [*model.modules()] if isinstance(model, nn.Module) else []
    with as_in_a_test(model), torch.enable_grad():
        scores, vectors = _scores(model, modules, inputs)
        return _norms(*_one(scores, vectors, sequence, _first(modules)), chosen)


def _scores(model, modules, inputs):
    """Call the model; give the scores and the vectors that they shall be differentiated by."""
    if inputs.is_complex():
        raise TypeError("the inputs are complex: words are numbers or real vectors")
    if inputs.is_floating_point():
        vectors = inputs.detach().clone().requires_grad_()
        return _tensor(model(vectors)), vectors
    tables = [m for m in modules if isinstance(m, nn.Embedding)]
    if len(tables) != 1:
        raise ValueError(
            f"the inputs are word numbers and the model has {len(tables)} embeddings: give vectors "
            "instead, and a function that goes on from them"
        )
    seen = []

    def leaf(module, given, out):
        seen.append(out.detach().requires_grad_())
        return seen[-1]

    hook = tables[0].register_forward_hook(leaf)
    try:
        scores = _tensor(model(inputs))
    finally:
        hook.remove()
    if len(seen) != 1:
        raise RuntimeError(f"the model looked words up {len(seen)} times, not once")
    return scores, seen[0]


def _tensor(scores):
    if not isinstance(scores, torch.Tensor):
        raise TypeError(
            f"the model gave {type(scores).__name__}, not a tensor of scores: give a function that "
            "returns only these"
        )
    return scores


def _first(modules):
    """Do sentences come before words in this model?  Its own layers know."""
    return next((m.batch_first for m in modules if hasattr(m, "batch_first")), True)


def _one(scores, vectors, which, batch_first):
    """Take the scores of one sentence (words, tags), and a function that takes its vectors."""
    if vectors.ndim == 2 and scores.ndim == 2:
        pick, words = (lambda g: g), len(vectors)
    elif vectors.ndim == 3 and scores.ndim == 3:
        if vectors.shape[:2] != scores.shape[:2]:
            raise ValueError(_shapes(scores, vectors))
        batch, words = vectors.shape[:2] if batch_first else vectors.shape[1::-1]
        if not -batch <= which < batch:
            raise IndexError(f"sequence={which}: the batch has {batch} sentences")
        pick = (lambda g: g[which]) if batch_first else (lambda g: g[:, which])
        scores = pick(scores)
    else:
        raise ValueError(_shapes(scores, vectors))
    if len(scores) != words or not words:
        raise ValueError(_shapes(scores, vectors))
    if words > WORDS:
        raise ValueError(f"{words} words: WordMap shows {WORDS} at most; cut the sentence")
    if not scores.requires_grad:
        raise ValueError(
            "the scores do not depend on the words, or were cut off from them (no_grad, .detach(), "
            "argmax)"
        )
    return scores, vectors, pick


def _shapes(scores, vectors):
    return (
        f"scores of shape {tuple(scores.shape)} for words of shape {tuple(vectors.shape)}: "
        "(words, tags) for (words, features) is needed, or both with a batch"
    )


def _norms(scores, vectors, pick, chosen):
    """Ask backward once for each word's tag."""
    values = scores.detach().cpu().numpy().astype(float)
    chosen = values.argmax(1) if chosen is None else np.asarray(chosen)
    if chosen.shape != (len(values),):
        raise ValueError(f"{len(chosen)} tags chosen for {len(values)} words")
    if not ((chosen >= 0) & (chosen < values.shape[1])).all():
        raise ValueError(f"a chosen tag is not among the {values.shape[1]} of the model")
    norms = []
    for t, tag in enumerate(chosen.tolist()):
        (slope,) = grad(scores[t, tag], [vectors], retain_graph=True, allow_unused=True)
        slope = torch.zeros_like(vectors) if slope is None else slope
        norms.append(np.linalg.norm(pick(slope).cpu().numpy().astype(float), axis=-1))
    return np.array(norms), values, chosen


def shares(norms):
    """Divide each row by its sum; a row of zeros stays one.

    >>> shares(np.array([[1.0, 3.0], [0.0, 0.0]]))
    array([[0.25, 0.75],
           [0.  , 0.  ]])
    """
    total = norms.sum(1, keepdims=True)
    return np.divide(norms, total, out=np.zeros_like(norms), where=total > 0)
