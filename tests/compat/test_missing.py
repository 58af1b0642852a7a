"""A name that PyTorch has and we have not is refused with that knowledge."""

import importlib

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
        if space.partition(".")[0] != "torch":  # torchvision and torchtext are not here to ask
            continue
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


MISSPELLED = [
    ("nn", "Lienar", "Linear"), ("nn", "linear_", "Linear"), ("nn.functional", "ReLU", "relu"),
    ("nn.init", "xavier_unifrom_", "xavier_uniform_"),
    ("nn.utils", "clip_grad_nom_", "clip_grad_norm_"), ("optim", "Adm", "Adam"),
    ("optim.lr_scheduler", "StepLr", "StepLR"),
    ("autograd", "gradd", "grad"), ("linalg", "slogdett", "slogdet"), ("fft", "fft3", "fft"),
    ("special", "logsumexpp", "logsumexp"), ("masked", "softmaxx", "softmax"),
    ("utils", "dat", "data"), ("utils.data", "Dataloader", "DataLoader"),
    ("distributions", "Normall", "Normal"),
]  # fmt: skip


@pytest.mark.parametrize(("space", "wrong", "right"), MISSPELLED)
def test_a_misspelled_name(space, wrong, right):
    home = importlib.import_module(f"autograd_lab.{space}")
    with pytest.raises(AttributeError) as caught:
        getattr(home, wrong)
    said = f"module 'autograd_lab.{space}' has no attribute {wrong!r}. Did you mean: {right!r}?"
    assert str(caught.value) == said
    assert caught.value.name == wrong and caught.value.obj is None  # Python would guess again


def test_a_misspelled_name_of_the_package():
    for wrong, right in {"zeroes": "zeros", "tensr": "tensor", "Tensr": "Tensor"}.items():
        with pytest.raises(AttributeError, match=f"Did you mean: '{right}'"):
            getattr(torch, wrong)
    assert torch.nn and torch.optim
    for wrong in ("Adam", "Linear", "cross_entropy"):  # right, but in another place
        with pytest.raises(AttributeError, match=rf"Did you mean: '[\w.]+\.{wrong}'"):
            getattr(torch, wrong)


def test_what_python_asks_for_gets_no_guess():
    with pytest.raises(AttributeError) as caught:
        torch.nn._lienar  # noqa: B018
    assert "mean" not in str(caught.value) and not hasattr(torch.nn, "_ipython_display_")


ELSEWHERE = [
    ("vision.models", "vgg16", "torchvision has torchvision.models.vgg16; autograd_lab does not"),
    ("vision.models", "mobilenet_v2", "torchvision has torchvision.models.mobilenet_v2"),
    ("vision.models", "ResNet18_Weights", "no trained weights are fetched here: model.load_state"),
    ("vision.models", "resnet81", "Did you mean: 'resnet18'?"),
    ("vision.datasets", "STL10", "torchvision has torchvision.datasets.STL10; autograd_lab does"),
    ("vision", "ops", "torchvision has torchvision.ops; autograd_lab has not, because no boxes"),
    ("text.datasets", "AG_NEWS", "torchtext has torchtext.datasets.AG_NEWS; autograd_lab does"),
    ("func", "linearize", "PyTorch has torch.func.linearize; autograd_lab has not, because"),
    ("func", "functionalize", "no program is rewritten here"),
    ("func", "vmapp", "Did you mean: 'vmap'?"),
]


@pytest.mark.parametrize(("space", "name", "words"), ELSEWHERE)
def test_names_of_torchvision_torchtext_and_func(space, name, words):
    home = importlib.import_module(f"autograd_lab.{space}")
    with pytest.raises(AttributeError) as caught:
        getattr(home, name)
    assert words in str(caught.value)
