"""The same lines for PyTorch and for us: a test says them once and returns what must be equal.

``@both`` runs ``test(torch)`` with each library and compares what it returns; ``@refused("...")``
expects both to raise the same kind of error, with these words in it.
"""

import inspect
import warnings

import numpy as np
import pytest

import autograd_lab

CLOSE = {"float16": 1e-2, "float32": 2e-6, "complex64": 2e-6}  # others: 1e-10


def both(test):
    """Turn ``test(torch, ...)`` into a test that runs with each library and compares."""

    def run(**given):
        theirs, ours = outcome(oracle(), test, given), outcome(autograd_lab, test, given)
        for error in (theirs, ours):
            if isinstance(error, Exception):
                raise error
        same(ours, theirs)

    return _as_test(run, test)


def refused(words, ours=None):
    """Make a test that each library must refuse with these words (or we with ``ours``)."""

    def decorate(test):
        def run(**given):
            theirs, error = outcome(oracle(), test, given), outcome(autograd_lab, test, given)
            assert isinstance(theirs, Exception), f"PyTorch does not refuse: {theirs}"
            assert isinstance(error, Exception), f"we do not refuse: {error}"
            assert type(error).__name__ == type(theirs).__name__, (error, theirs)
            assert words in str(theirs), str(theirs)
            assert (ours or words) in str(error), str(error)

        return _as_test(run, test)

    return decorate


def oracle():
    """Give PyTorch, or skip the test where it is not installed."""
    return pytest.importorskip("torch")


def outcome(library, test, given):
    """Run a test's lines with a library: what they return, or the error that they raise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return test(library, **given)
        except Exception as error:
            return error


def _as_test(run, test):
    parameters = list(inspect.signature(test).parameters.values())[1:]
    run.__signature__ = inspect.Signature(
        [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    )
    run.__name__, run.__doc__, run.__module__ = test.__name__, test.__doc__, test.__module__
    run.pytestmark = getattr(test, "pytestmark", [])
    return run


def same(ours, theirs, where="result"):
    """Compare what the two libraries returned, part by part."""
    if hasattr(ours, "grad_fn"):
        _same_tensor(ours, theirs, where)
    elif isinstance(ours, dict):
        assert list(ours) == list(theirs), where
        for key, value in ours.items():
            same(value, theirs[key], f"{where}[{key!r}]")
    elif isinstance(ours, (tuple, list)) and not isinstance(theirs, str):
        assert len(ours) == len(theirs), (where, ours, theirs)
        for i, pair in enumerate(zip(ours, theirs)):
            same(*pair, f"{where}[{i}]")
    elif isinstance(ours, np.ndarray):
        assert ours.dtype == theirs.dtype and ours.shape == theirs.shape, where
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, err_msg=where)
    elif isinstance(ours, (float, complex)):
        np.testing.assert_allclose(ours, theirs, rtol=2e-6, err_msg=where)
        assert type(ours) is type(theirs), (where, ours, theirs)
    elif type(ours).__module__.startswith("autograd_lab"):
        assert str(ours) == str(theirs), (where, ours, theirs)  # a dtype, a device
    else:
        assert ours == theirs, (where, ours, theirs)


def _same_tensor(ours, theirs, where):
    facts = [
        (str(t.dtype), tuple(t.shape), t.requires_grad, t.is_leaf, str(t.device))
        for t in (ours, theirs)
    ]
    assert facts[0] == facts[1], (where, facts)
    a, b = (np.asarray(t.detach().tolist()) for t in (ours, theirs))
    close = CLOSE.get(str(ours.dtype).removeprefix("torch."), 1e-10)
    np.testing.assert_allclose(a, b, rtol=close, atol=close / 10, err_msg=where)
