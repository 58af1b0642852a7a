"""A name that PyTorch has and we have not is refused with that knowledge."""

import pytest

import autograd_lab as torch
from autograd_lab.missing import REASONS, explaining, pytorch_names, reason
from tests.core.oracle import oracle


def test_the_list_is_of_pytorch():
    """Every name in the list is one that PyTorch has, in the namespace that the list says."""
    their = oracle()
    import torch.distributions
    import torch.nn.utils.rnn
    import torch.optim.lr_scheduler
    import torch.utils.data  # noqa: F401

    for space, names in pytorch_names().items():
        place = their
        for part in space.split(".")[1:]:
            place = getattr(place, part)
        wrong = [name for name in names if not hasattr(place, name)]
        assert names and not wrong, (space, wrong)


def test_the_list_is_small(root):
    assert (root / "autograd_lab/pytorch_names.txt").stat().st_size < 15_000


def test_a_name_that_pytorch_has():
    name = sorted(n for n in pytorch_names()["torch"] if n not in dir(torch))[0]
    with pytest.raises(AttributeError) as caught:
        getattr(torch, name)
    assert str(caught.value) == (
        f"module 'autograd_lab' has no attribute {name!r} (PyTorch has torch.{name}; autograd_lab "
        "does not have it yet)"
    )
    assert caught.value.name == name and not hasattr(torch, name)


def test_a_name_that_nobody_has():
    with pytest.raises(AttributeError) as caught:
        getattr(torch, "no_such_" + "name")
    assert str(caught.value) == "module 'autograd_lab' has no attribute 'no_such_name'"


@pytest.mark.parametrize("name", sorted(n for n in REASONS if "." not in n))
def test_a_name_that_is_left_out_on_purpose(name):
    with pytest.raises(AttributeError, match="autograd_lab has not, because") as caught:
        getattr(torch, name)
    assert REASONS[name] in str(caught.value)


def test_a_reason_covers_what_is_inside():
    assert reason("sparse.mm") == REASONS["sparse"] and reason("utils.data") == ""
    assert reason("sparse_coo_tensor") != "" and reason("sparsely") == ""


def test_other_namespaces_say_it_too():
    """`__getattr__ = explaining(__name__)` is all that a module needs."""
    with pytest.raises(AttributeError, match=r"PyTorch has torch\.sparse\.mm; .* dense"):
        explaining("autograd_lab.sparse")("mm")
