"""Every `>>>` example of the library runs and shows what it says.

pytest's own doctest collection passes over ops: an op is a function that unwraps to its class,
and doctest then takes it for neither.
"""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import autograd_lab
from tests.conftest import ROOT

OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def _modules():
    yield "autograd_lab"
    for folder, prefix in [("autograd_lab", "autograd_lab."), ("widgets", "autograd_lab.widgets.")]:
        for info in pkgutil.walk_packages([str(ROOT / folder)], prefix):
            if not info.name.endswith("__main__"):
                yield info.name


class Finder(doctest.DocTestFinder):
    """Find examples in ops too."""

    def _is_routine(self, value):
        return inspect.isroutine(value) or super()._is_routine(value)

    def _from_module(self, module, value):
        """An op is at home where its class is written, not where @op made the function."""
        if module is not None and hasattr(value, "__wrapped__"):
            return value.__module__ == module.__name__
        return super()._from_module(module, value)


def _names():
    """What every example may use without importing it, as in the chapters."""
    import numpy as np

    import autograd_lab.nn.functional as F

    return {"torch": autograd_lab, "tensor": autograd_lab.tensor, "nn": autograd_lab.nn, "F": F,
            "np": np}


def run(module):
    """Run the examples of a module; return what went wrong, as text."""
    runner, said = doctest.DocTestRunner(optionflags=OPTIONS), []
    for test in Finder().find(module, module.__name__, globs={**_names(), **vars(module)}):
        autograd_lab.manual_seed(0)
        runner.run(test, out=said.append)
    return "".join(said)


@pytest.mark.parametrize("name", sorted(set(_modules())))
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = run(importlib.import_module(name))
    assert not said, said


def test_every_op_has_an_example_that_runs():
    from autograd_lab.ops import OPS

    for name, op in OPS.items():
        tests = Finder(recurse=False).find(op, name, module=False)
        assert sum(len(test.examples) for test in tests), f"{name} has no example"


def test_a_wrong_example_is_seen():
    module = type(doctest)("wrong")

    class Op:
        """>>> 1 + 1
        3
        """

    def op(): ...
    op.__doc__, op.__wrapped__, op.__module__ = Op.__doc__, Op, "wrong"
    module.op = op
    assert "Got:\n    2" in run(module)
