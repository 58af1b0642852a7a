"""Tensors and NumPy: one memory, plain conversions, refusals, operators with arrays."""

import warnings

import numpy as np
import pytest

import autograd_lab
from tests.core.oracle import both, refused

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64",
          "complex64", "complex128"]  # fmt: skip


@pytest.mark.parametrize("name", DTYPES)
@both
def test_there_and_back(torch, name):
    a = np.array([[1, 0], [3, 4]], dtype=name)
    t = torch.from_numpy(a)
    return t, t.numpy(), t.numpy().dtype.name, np.asarray(t), torch.tensor(a), t.tolist()


@both
def test_memory_is_shared_both_ways(torch):
    t = torch.zeros(2, 3)
    a = t.numpy()
    a[0, 1] = 5
    t[1] = 7
    u = torch.from_numpy(a)
    u += 1
    row = t[0].numpy()
    row[:] = -1
    return t, a, u


@both
def test_shared_memory_of_views(torch):
    t = torch.arange(6.0).reshape(2, 3)
    a = t.t().numpy()
    a[2, 1] = 100
    return t, a.shape, a.strides, t[:, 1].numpy()


@both
def test_a_0d_tensor_shares_memory(torch):
    t = torch.tensor(1.0)
    a = t.numpy()
    t += 4
    return t, float(a), a.shape, isinstance(a, np.ndarray)


@both
def test_the_result_of_a_sum_shares_memory(torch):
    t = torch.ones(3).sum()
    a = t.numpy()
    t.add_(1)
    return t, float(a)


@refused("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
def test_a_leaf(torch):
    torch.ones(2, requires_grad=True).numpy()


@refused("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
def test_a_result(torch):
    (torch.ones(2, requires_grad=True) * 2).numpy()


@refused("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
def test_a_leaf_in_a_function_of_numpy(torch):
    np.asarray(torch.ones(2, requires_grad=True))


@both
def test_a_leaf_under_no_grad(torch):
    with torch.no_grad():
        return torch.ones(2, requires_grad=True).numpy()


@both
def test_ways_around(torch):
    x = torch.ones(2, requires_grad=True)
    a = x.detach().numpy()
    a[0] = 5
    with torch.no_grad():
        y = (x * 2).numpy()
    return x, y, x.numpy(force=True), x.data.numpy()


@both
def test_functions_of_numpy(torch):
    t = torch.tensor([[1.0, 4.0], [9.0, 16.0]])
    return (np.asarray(t), np.array(t), np.array(t, dtype="int64"), np.mean(t.numpy()),
            np.asarray(t[0]), np.asarray(torch.tensor(3)), list(map(float, t[0])))  # fmt: skip


@both
def test_a_copy_is_a_copy(torch):
    t = torch.zeros(2)
    copy, shared = np.array(t), np.asarray(t)
    t += 1
    return copy, shared


# --- scalars


@both
def test_scalars(torch):
    n, x, b, z = torch.tensor(3), torch.tensor(2.5), torch.tensor(True), torch.tensor(1 + 2j)
    kinds = [type(t.item()).__name__ for t in (n, x, b, z)]
    return (kinds, [t.item() for t in (n, x, b, z)], int(x), float(n), bool(n), complex(x),
            [10, 20, 30, 40][n], torch.tensor([[7]]).item(), round(float(x)), [1] * int(n),
            n.tolist(), type(n.tolist()).__name__, f"{x.item():.2f}")  # fmt: skip


@both
def test_truth(torch):
    return (bool(torch.tensor(0.0)), bool(torch.tensor([1])), bool(torch.tensor([[True]])),
            not torch.tensor(0), [1 if torch.tensor(v) > 2 else 0 for v in (1, 3)])  # fmt: skip


@both
def test_membership(torch):
    x = torch.tensor([1.5, 2.0, 3.0])
    return (2 in x, 2.5 in x, True in torch.tensor([1, 2]), torch.tensor(3) in x,
            torch.tensor([1.5, 0, 0]) in x, 2 + 0j in x, 2j in x, np.float32(1.5) in x,
            1 in torch.ones(0), float("nan") in torch.tensor([float("nan")]))  # fmt: skip


@refused("The size of tensor a (2) must match the size of tensor b (3) at non-singleton")
def test_membership_of_another_shape(torch):
    torch.ones(2) in torch.ones(3)  # noqa: B015


@pytest.mark.parametrize("thing", ["a", None, [1]])
@refused("Tensor.__contains__ only supports Tensor or scalar, but you passed in a <class '")
def test_membership_of_no_number(torch, thing):
    thing in torch.ones(3)  # noqa: B015


@both
def test_old_type_names(torch):
    x = torch.tensor([1.5, -2.0])
    names = ["Float", "Double", "Half", "Long", "Int", "Short", "Char", "Bool", "ComplexFloat"]
    return ([x.type(f"torch.{name}Tensor") for name in names], x.type(), x.type(torch.LongTensor),
            x.type(torch.float64).type(), x.type("torch.FloatTensor") is x)  # fmt: skip


@pytest.mark.parametrize("name", ["bogus", "torch.BogusTensor", "FloatTensor", ""])
@refused("invalid type: '")
def test_an_unknown_type_name(torch, name):
    torch.ones(2).type(name)


def test_an_unknown_type_name_is_told_the_known_ones():
    with pytest.raises(ValueError, match=r"torch\.FloatTensor, .*torch\.ComplexDoubleTensor"):
        autograd_lab.ones(2).type("bogus")


def test_the_old_name_of_a_type_on_the_gpu():
    x = autograd_lab.ones(2)
    if autograd_lab.cuda.is_available():
        there = x.type("torch.cuda.DoubleTensor")
        assert there.type() == "torch.cuda.DoubleTensor"
        assert there.type("torch.FloatTensor").device == x.device
    else:
        with pytest.raises(RuntimeError, match="Found no NVIDIA driver"):
            x.type("torch.cuda.DoubleTensor")


@refused("Boolean value of Tensor with more than one value is ambiguous")
def test_truth_of_many(torch):
    bool(torch.ones(2))


@refused("Boolean value of Tensor with no values is ambiguous")
def test_truth_of_none(torch):
    bool(torch.ones(0))


@refused("cannot be converted to Scalar")
def test_item_of_many(torch):
    torch.ones(2).item()


@refused("only integer tensors of a single element can be converted to an index")
def test_a_float_is_no_index(torch):
    [1, 2][torch.tensor(1.0)]


@refused("0-d")
def test_length_of_a_scalar(torch):
    len(torch.tensor(1.0))


@refused("iteration over a 0-d tensor")
def test_iteration_over_a_scalar(torch):
    list(torch.tensor(1.0))


@both
def test_iteration_and_length(torch):
    t = torch.arange(6).reshape(3, 2)
    _a, b, c = t
    first, *rest = t[0]
    return len(t), list(t), b, first, rest, 4 in t, 9 in t, [int(v) for v in c], [*reversed(t)]


@both
def test_math_functions(torch):
    import math

    return math.sqrt(torch.tensor(9.0)), math.exp(torch.tensor(0)), max(torch.tensor(3.0), 2)


# --- operators with NumPy on either side


NUMBERS = [np.float32(2), np.float64(2), np.int64(2), np.bool_(True)]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda n: type(n).__name__)
@both
def test_a_numpy_number_on_the_right(torch, number):
    t = torch.tensor([1.0, 3.0])
    made = [t * number, t + number, t / number, t > number]
    return made if isinstance(number, np.bool_) else [*made, t - number]


@pytest.mark.parametrize("number", NUMBERS[:3], ids=lambda n: type(n).__name__)
def test_a_numpy_number_on_the_left(number):
    """PyTorch lets NumPy answer here; we answer ourselves, so that gradients live."""
    t = autograd_lab.tensor([1.0, 3.0], requires_grad=True)
    for y, want in [(number * t, [2, 6]), (number + t, [3, 5]), (number - t, [1, -1]),
                    (number / t, [2, 2 / 3])]:  # fmt: skip
        assert isinstance(y, autograd_lab.Tensor) and y.requires_grad
        np.testing.assert_allclose(y.detach().numpy(), want, rtol=1e-6)


@both
def test_an_array_on_the_right(torch):
    t, a = torch.tensor([1.0, 3.0]), np.array([2.0, 4.0], dtype="float32")
    return t * torch.from_numpy(a), t + a.tolist()[0]


def test_arrays_on_either_side():
    t, a = autograd_lab.tensor([1.0, 3.0], requires_grad=True), np.array([2.0, 4.0], "float32")
    for y in (t * a, a * t):
        assert isinstance(y, autograd_lab.Tensor) and y.tolist() == [2.0, 12.0] and y.requires_grad
    for y in (a - t, -(t - a)):
        assert y.tolist() == [1.0, 1.0]
    (a / t).sum().backward()
    np.testing.assert_allclose(t.grad.numpy(), [-2, -4 / 9], rtol=1e-6)


def test_numpy_functions_do_not_swallow_gradients():
    t = autograd_lab.ones(2, requires_grad=True)
    for call in (np.exp, lambda t: np.maximum(t, 1)):
        with pytest.raises(RuntimeError, match=r"Use tensor\.detach"):
            call(t)
    assert np.add(t, 1).requires_grad and (np.float64(2) * t).requires_grad
    np.sum(t).backward()  # NumPy asks the tensor for its own sum
    assert t.grad.tolist() == [1.0, 1.0]


def test_an_array_that_may_not_be_written():
    a = np.ones(3)
    a.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        t = autograd_lab.from_numpy(a)
    assert (t * 2).tolist() == [2, 2, 2]
    with pytest.raises((RuntimeError, ValueError), match="read-only"):
        t += 1
    assert a.tolist() == [1, 1, 1]


@both
def test_indexing_by_arrays(torch):
    t = torch.arange(6.0).reshape(2, 3)
    return (t[np.int64(1)], t[np.array([1, 0])], t[:, np.array([True, False, True])],
            t[np.array(1)], t[np.array([0, 1]), np.array([2, 0])])  # fmt: skip


@pytest.mark.parametrize("call", [
    np.sin, np.abs, np.isnan, lambda t: np.maximum(t, 0.5), lambda t: np.add(t, np.ones(2)),
    lambda t: np.float64(2) > t, lambda t: np.ones(2) - t,
    lambda t: np.add.reduce(t), lambda t: np.ones(2) <= t,
])  # fmt: skip
def test_numpy_functions_take_tensors(call):
    ours, theirs = call(autograd_lab.tensor([0.25, -2.0])), call(np.array([0.25, -2.0]))
    assert isinstance(ours, autograd_lab.Tensor)
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-6)


IN_PLACE = ["+=", "-=", "*=", "/=", "//=", "**=", "%=", "@="]


@pytest.mark.parametrize("operator", IN_PLACE)
def test_an_array_takes_a_tensor_in_place(operator):
    def story(other):
        names = {"a": np.full((2, 2), 3.0), "t": other}
        before = names["a"]
        exec(f"a {operator} t", names)
        assert names["a"] is before
        return before.tolist()

    two = np.full((2, 2), 2.0)
    assert story(autograd_lab.from_numpy(two)) == story(two)


def test_numpy_functions_write_where_they_are_told():
    t, given = autograd_lab.zeros(2), np.ones(2)
    assert np.cos(t, out=given) is given and given.tolist() == [1, 1]
    assert np.add(np.ones(2), t, out=given) is given
    for call in (lambda: np.sin(given, out=t), lambda: np.add(t, t, out=t)):
        with pytest.raises(TypeError, match="return arrays must be of ArrayType"):
            call()
    with pytest.raises(RuntimeError, match=r"Use tensor\.detach"):
        given += t.requires_grad_()


def test_numpy_functions_with_two_results_give_tensors():
    fractions, wholes = np.modf(autograd_lab.tensor([1.5]))
    assert isinstance(fractions, autograd_lab.Tensor) and wholes.tolist() == [1]
