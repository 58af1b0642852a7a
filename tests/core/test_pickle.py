"""Tensors that travel: pickle, copy, deepcopy, other processes."""

import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

import autograd_lab
from tests.core.oracle import both, refused

DTYPES = ["bool", "uint8", "int64", "float16", "float32", "float64", "complex64"]


def there_and_back(x, protocol=None):
    """Pickle and unpickle."""
    return pickle.loads(pickle.dumps(x, protocol))


@pytest.mark.parametrize("dtype", DTYPES)
@both
def test_tensors(torch, dtype):
    t = torch.tensor([[1, 0, 3]], dtype=getattr(torch, dtype))
    return (
        there_and_back(t),
        there_and_back(t[0, 1]),
        there_and_back(t[:, ::2]),
        there_and_back(t[:0]),
    )


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@both
def test_protocols(torch, protocol):
    return there_and_back(torch.tensor([1.0, 2.0]), protocol), there_and_back(
        torch.tensor(1.0), protocol
    )


@both
def test_a_leaf_stays_a_leaf(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * 2).sum().backward()
    y = there_and_back(x)
    (y * y).sum().backward()
    return y, y.grad


@both
def test_a_copy_is_independent(torch):
    x = torch.zeros(2)
    y = there_and_back(x)
    y += 1
    return x, y


@both
def test_dtypes_devices_and_sizes(torch):
    made = there_and_back([torch.float32, torch.int64, torch.device("cpu"), torch.Size([2, 3])])
    return made[0] is torch.float32, made[1], made[2], made[3], type(made[3]).__name__


@both
def test_deepcopy(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * 3).sum().backward()
    y = copy.deepcopy(x)
    y.data += 10
    y.grad += 10
    return x, x.grad, y, y.grad, y.is_leaf


@both
def test_deepcopy_keeps_what_is_shared(torch):
    x = torch.ones(2, requires_grad=True)
    a, b = copy.deepcopy([x, x])
    return a is b, a


@both
def test_copy_shares_memory(torch):
    x = torch.zeros(2)
    y = copy.copy(x)
    y += 1
    return x, y, x is y


@both
def test_deepcopy_of_a_tensor_and_its_parts(torch):
    x = torch.arange(6.0)
    parts = [x, x[:2], x.view(2, 3).t(), x[1], x.detach(), x[::2]]
    made = copy.deepcopy(parts)
    made[0][0] = 5
    made[3].fill_(9)
    return made, x, [part.stride() for part in made], [part._base is None for part in made]


@both
def test_deepcopy_of_parts_whose_whole_is_not_among_them(torch):
    x = torch.arange(4.0)
    made = copy.deepcopy([x[2:], x[:3]])
    made[0][0] = 5
    return made, x


@both
def test_deepcopy_of_complex_numbers_and_of_a_look_at_them(torch):
    x = torch.zeros(2, dtype=torch.complex64)
    made = copy.deepcopy([x, torch.view_as_real(x)])
    made[1][0, 0] = 4
    return made, x


@both
def test_deepcopy_keeps_the_order_in_memory(torch):
    turned, one = torch.arange(6.0).reshape(2, 3).t(), torch.ones(1).expand(3)
    parameter = torch.nn.Parameter(turned)
    made = copy.deepcopy([turned, one, parameter, torch.zeros(0, 3)])
    return made[0], made[1], made[2].detach(), made[3], [each.stride() for each in made[:3]]


@both
def test_deepcopy_of_a_parameter_and_its_data(torch):
    w = torch.nn.Parameter(torch.ones(2))
    made = copy.deepcopy([w, w.data])
    made[1][0] = 5
    return made[0].detach(), made[1]


@both
def test_deepcopy_of_attributes(torch):
    x = torch.ones(2)
    x.tags = [1]
    y = copy.deepcopy(x)
    y.tags.append(2)
    return x.tags, y.tags


def test_deepcopy_of_a_tensor_that_knows_itself():
    x, b = autograd_lab.ones(2), autograd_lab.nn.Buffer(autograd_lab.ones(2), persistent=False)
    x.me = x
    y = copy.deepcopy(x)
    assert y.me is y
    assert copy.deepcopy(b).persistent is False and pickle.loads(pickle.dumps(b)).persistent


@refused("Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol")
def test_deepcopy_of_a_result(torch):
    copy.deepcopy(torch.ones(2, requires_grad=True) * 2)


@both
def test_deepcopy_of_data_in_containers(torch):
    made = copy.deepcopy({"a": [torch.ones(2), torch.tensor(1)], "b": (torch.zeros(1),)})
    return made


def test_only_the_numbers_seen_are_pickled():
    """A small view of a large tensor does not carry the large tensor along."""
    large = autograd_lab.zeros(1000, 100)
    assert len(pickle.dumps(large[0])) < 2_000


def _double(x):
    return x * 2


def test_to_another_process_and_back():
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        made = pool.submit(_double, autograd_lab.tensor([1.0, 2.0])).result(60)
    assert made.tolist() == [2.0, 4.0]


def test_a_subclass_and_its_attributes():
    x = autograd_lab.tensor([1.0])
    x.note = "mine"
    y = copy.deepcopy(x)
    assert y.note == "mine" and np.shares_memory(x.numpy(), y.numpy()) is False
