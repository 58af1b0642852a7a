"""PyTorch's samples for its operations (`op_db`): values, dtypes, shapes and gradients."""

import math
from itertools import islice

import torch as theirs
from torch.testing._internal.common_methods_invocations import op_db

import autograd_lab as ours
from tests.conformance.across import at, crossed, gradients, same, spoken, tensors
from tests.conformance.skipped import UNSURE

WIDE = [theirs.float64, theirs.complex128]
NARROW = [theirs.float32, theirs.int64]
RARE = [theirs.bool, theirs.float16, theirs.complex64]


def entries():
    """Name each entry that our library has, with the check of it."""
    for op in op_db:
        mine = _ours(op)
        if mine is not None:
            yield op.full_name, lambda op=op, mine=mine: _check(op, mine)


def _ours(op):
    """Find our function for an entry; None where we have no such name."""
    public = at(theirs, op.name)
    mine = at(ours.Tensor if public is None else ours, op.name)
    if mine is None or public is op.op:
        return mine
    twin = spoken(op.op)
    return at(ours.Tensor, op.name) if twin is op.op else twin


def _check(op, mine):
    for dtype, count in _plan(op.supported_dtypes("cpu")):
        wanted = op.supports_autograd and dtype in WIDE
        samples = op.sample_inputs_func(op, "cpu", dtype, wanted)
        for sample in islice(samples, count):
            unsure = op.full_name in UNSURE or sample.kwargs.get("dropout_p")
            _sample(op.op, mine, sample, str(dtype), math.inf if unsure else None)


def _plan(dtypes):
    """Choose dtypes, and how many samples of each."""
    wide = [(dtype, 6) for dtype in WIDE if dtype in dtypes][:1]
    narrow = [(dtype, 2) for dtype in NARROW if dtype in dtypes]
    return wide + narrow or [(dtype, 2) for dtype in RARE if dtype in dtypes][:1]


def _sample(its, mine, sample, what, close):
    given = [sample.input, tuple(sample.args), sample.kwargs]
    copies = crossed(given)
    finish = sample.output_process_fn_grad  # takes away what is a matter of taste, as signs
    b = finish(its(given[0], *given[1], **given[2]))
    a = spoken(finish)(mine(copies[0], *copies[1], **copies[2]))
    same(a, b, f"{what} result", close)
    if any(y.requires_grad for y in tensors(b)):
        same(
            gradients(ours, a, tensors(copies)),
            gradients(theirs, b, tensors(given)),
            f"{what} gradient",
            close,
        )
