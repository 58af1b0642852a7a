"""nn.modules: PyTorch's second way to each kind of layer, and no second copy of it."""

import importlib
import pkgutil

import pytest
import torch as theirs

import autograd_lab as ours

FILES = sorted(info.name for info in pkgutil.iter_modules(theirs.nn.modules.__path__))
ABSENT = {"_functions", "linear_cross_entropy", "linear_cross_entropy_options"}


@pytest.mark.parametrize("name", [name for name in FILES if name not in ABSENT])
def test_each_file_of_pytorch_s(name):
    mine = importlib.import_module(f"autograd_lab.nn.modules.{name}")
    assert mine is getattr(ours.nn.modules, name) is getattr(ours.nn, name)
    its = importlib.import_module(f"torch.nn.modules.{name}")
    for cls in vars(its).values():
        at_home = isinstance(cls, type) and cls.__module__ == its.__name__
        if at_home and cls.__name__[0] != "_" and hasattr(ours.nn, cls.__name__):
            assert getattr(mine, cls.__name__) is getattr(ours.nn, cls.__name__)


def test_names_without_a_file():
    assert ours.nn.modules.Linear is ours.nn.Linear
    with pytest.raises(AttributeError):
        _ = ours.nn.modules.Nothing


def test_one_number_for_all_dimensions():
    for mine, its in zip(
        (ours.nn.modules.utils._pair, ours.nn.modules.utils._ntuple(4)),
        (theirs.nn.modules.utils._pair, theirs.nn.modules.utils._ntuple(4)),
    ):
        for x in (3, (1, 2), [5, 6], range(3)):
            assert mine(x) == its(x)
    assert ours.nn.modules.utils._reverse_repeat_tuple((1, 2), 2) == (2, 2, 1, 1)
