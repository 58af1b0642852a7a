"""Calls as published programs write them, which the documentation of PyTorch hardly mentions."""

import warnings
from importlib import import_module
from itertools import islice

import numpy as np
import pytest

import autograd_lab
from tests.core.oracle import both


@both
def test_sizes_by_keyword(torch):
    made = [torch.rand(size=(2, 3)), torch.randn(size=()), torch.randint(5, size=(3,)),
            torch.randint(high=5, size=(2,)), torch.randint(2, 3, (4,)), torch.zeros(size=(2,))]
    return [tuple(t.shape) for t in made], made[4], [t.dtype for t in made]


def test_an_endless_loader():
    """minGPT and makemore ask for 10**10 numbers and take a few."""
    data = autograd_lab.utils.data
    sampler = data.RandomSampler(range(7), replacement=True, num_samples=int(1e10))
    assert set(islice(sampler, 200)) == set(range(7)) and len(sampler) == 10**10
    assert len(list(data.RandomSampler(range(7), replacement=True, num_samples=70))) == 70


def test_arrays_of_a_file(tmp_path):
    """nanoGPT reads its batches from a memmap: tensors of it compute, and share its memory."""
    np.arange(10, dtype=np.int64).tofile(tmp_path / "data.bin")
    data = np.memmap(tmp_path / "data.bin", dtype=np.int64, mode="r+")
    torch = autograd_lab
    rows = [torch.from_numpy(data[i : i + 3].astype(np.int64)) for i in (0, 4)]
    assert torch.stack(rows).tolist() == [[0, 1, 2], [4, 5, 6]]
    x = torch.from_numpy(data)
    assert type(x.array) is np.ndarray and x.device.type == "cpu"
    x[:2].add_(100)
    assert data[:3].tolist() == [100, 101, 2] and (x + x)[1].item() == 202
    assert type(torch.as_tensor(data).array) is np.ndarray


@both
def test_old_types(torch):
    """``torch.FloatTensor`` makes tensors, tells its own, and stands in annotations."""
    names = ["Float", "Double", "Half", "Long", "Int", "Short", "Char", "Byte", "Bool"]
    types = [getattr(torch, f"{name}Tensor") for name in names]
    made = [t([1, 0]) for t in types]

    def call(x: torch.LongTensor | None, y: None | torch.FloatTensor = None):  # noqa: RUF036
        return x, y

    return (made, [[isinstance(x, t) for t in types] for x in made], call(*made[:2]),
            [t.__name__ for t in types], [t.dtype.itemsize for t in types],
            isinstance(torch.nn.Parameter(made[0]), torch.FloatTensor),
            isinstance([1.0], torch.FloatTensor))  # fmt: skip


@both
def test_kinds_that_a_tensor_is_not(torch):
    x = torch.ones(2)
    flags = ["ipu", "maia", "meta", "mkldnn", "mps", "mtia", "nested", "quantized", "sparse",
             "sparse_csr", "vulkan", "xla", "xpu"]  # fmt: skip
    return [getattr(x, f"is_{name}") for name in flags], x.to_dense() is x


def test_bfloat16_is_float32():
    torch = autograd_lab
    x = torch.ones(2, dtype=torch.float64)
    warnings.filterwarnings("ignore", "bfloat16: NumPy")
    assert x.bfloat16().dtype is torch.float32
    assert torch.nn.Linear(2, 2).double().bfloat16().weight.dtype is torch.float32


@both
def test_where_pytorch_keeps_the_calls_it_writes_in_python(torch):
    import_module(f"{torch.__name__}.functional")  # `import torch.functional as F`
    names = sorted(torch.functional.__all__)
    return names, [getattr(torch.functional, n) is getattr(torch, n) for n in names]


@both
def test_old_places(torch):
    import_module(f"{torch.__name__}.utils.model_zoo")  # where old ResNets found their weights
    return callable(torch.utils.model_zoo.load_url), torch.has_mps


@both
def test_how_many_may_be_a_tensor(torch):
    two = torch.tensor(2)
    return (torch.linspace(0, 1, two), torch.logspace(0, 1, two), torch.arange(two),
            torch.eye(two), torch.zeros(two, 3), torch.ones(1).repeat(two),
            torch.randperm(two).shape, torch.randperm(torch.tensor(1)))  # fmt: skip


@pytest.mark.parametrize("name", ["linspace", "logspace", "randperm"])
@pytest.mark.parametrize("count", [2.0, "2", None, [2], -1])
@both
def test_how_many_is_a_whole_number(torch, name, count):
    ends = () if name == "randperm" else (0, 1)
    try:
        getattr(torch, name)(*ends, torch.tensor(count) if count == 2.0 else count)
    except (RuntimeError, TypeError) as error:
        return type(error).__name__
