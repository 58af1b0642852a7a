"""PyTorch's inputs for its layers (`module_db`): state, repr, results and gradients."""

from itertools import islice

import torch as theirs
from torch.testing._internal.common_modules import module_db

import autograd_lab as ours
from tests.conformance.across import at, crossed, gradients, same, tensors


def entries():
    """Name each layer that our library has, with the check of it."""
    for entry in module_db:
        mine = at(ours, entry.name)
        if mine is not None:
            yield entry.name, lambda entry=entry, mine=mine: _check(entry, mine)


def _check(entry, mine):
    for training in (True, False):
        inputs = entry.module_inputs_func(
            entry, device="cpu", dtype=theirs.float64, requires_grad=True, training=training
        )
        for one in islice((one for one in inputs if one.forward_input), 2):
            _layer(entry, mine, one, training)


def _layer(entry, mine, one, training):
    given = [one.constructor_input.args, one.constructor_input.kwargs]
    its = entry.module_cls(*given[0], **given[1]).double().train(training)
    copies = crossed(given)
    layer = mine(*copies[0], **copies[1]).double().train(training)
    given = [one.forward_input.args, one.forward_input.kwargs]
    copies = crossed(given)
    if entry.is_lazy:
        its(*given[0], **given[1])
        layer(*copies[0], **copies[1])
    same(repr(layer), repr(its), "repr")
    same(list(layer.state_dict()), list(its.state_dict()), "names of the state")
    layer.load_state_dict(crossed(dict(its.state_dict())))
    b = its(*given[0], **given[1])
    a = layer(*copies[0], **copies[1])
    same(a, b, "result")
    same(dict(layer.state_dict()), dict(its.state_dict()), "state afterwards")
    if any(y.requires_grad for y in tensors(b)):
        same(
            gradients(ours, a, [*tensors(copies), *layer.parameters()]),
            gradients(theirs, b, [*tensors(given), *its.parameters()]),
            "gradient",
        )
