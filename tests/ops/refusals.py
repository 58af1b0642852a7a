"""Calls that PyTorch refuses, kept beside the samples that it answers."""

from tests.ops.samples import S


class R(S):
    """A call that must be refused, with PyTorch's type of exception."""


def answered(table):
    """Keep the samples that PyTorch answers."""
    kept = {name: [s for s in samples if type(s) is S] for name, samples in table.items()}
    return {name: samples for name, samples in kept.items() if samples}


def refused(table):
    """Keep the calls that PyTorch refuses."""
    return [(name, s) for name, samples in table.items() for s in samples if type(s) is R]
