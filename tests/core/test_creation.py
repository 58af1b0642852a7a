"""Making tensors: from data, filled, counting."""

import numpy as np
import pytest

import autograd_lab
from tests.core.oracle import both, oracle, outcome, refused

DATA = {
    "int": 3, "float": 2.5, "bool": True, "complex": 1 + 2j, "list": [1, 2], "floats": [1.5, 2],
    "bools": [True, False], "bool and int": [True, 2], "nested": [[1, 2], [3, 4.5]], "empty": [],
    "empty rows": [[], []], "tuple": (1.0, 2.0), "mixed": [(1, 2), [3, 4]], "range": range(3),
    "complex list": [1j, 2], "array": np.arange(3), "float array": np.arange(3.0),
    "bytes": np.arange(3, dtype="uint8"), "half": np.ones(2, "float16"), "0-d": np.float64(1.5),
    "numpy int": np.int32(3), "arrays": [np.arange(2), np.arange(2)], "big": 2**40,
    "scalars": [np.float32(1), np.float32(2)], "deep": [[[1]], [[2]]], "nan": [float("nan"), 1],
    "wide arrays": [np.ones(2), np.zeros(2)], "wide number": [np.float64(1)],
    "half number": [np.float16(1)], "wide and int": [np.float64(1), 1],
    "int and wide": [1, np.float64(1)], "float and wide": [1.5, np.float64(1)],
    "half and wide": [np.float16(1), np.float64(2)], "half and float": [np.float16(1), 2.0],
    "small and float": [np.int8(1), 2.5], "small": [np.int8(1)],
    "wide deep": [[np.float64(1)], [1]], "wide tuple": [(np.float64(1), 2.0), [3, 4]],
    "rows": [[1, 2], np.ones(2)],
    "narrow and wide": [np.ones(2, "float32"), np.ones(2)], "empty array": [np.array([])],
    "wide complex": [np.complex128(1j)], "complex and wide": [1j, np.float64(1)],
}  # fmt: skip


@pytest.mark.parametrize("kind", DATA)
@both
def test_tensor(torch, kind):
    made = torch.tensor(DATA[kind])
    return made.nan_to_num(7) if kind == "nan" else made


@pytest.mark.parametrize("kind", ["int", "floats", "bools", "nested", "empty", "float array"])
@pytest.mark.parametrize("dtype", ["float64", "int32", "bool", "float16", "complex64"])
@both
def test_tensor_of_a_dtype(torch, kind, dtype):
    return torch.tensor(DATA[kind], dtype=getattr(torch, dtype))


@both
def test_tensor_copies(torch):
    a = np.ones(2, "float32")
    t = torch.tensor(a)
    a[0] = 5
    u = torch.tensor(t) if "autograd" in torch.__name__ else t.clone()
    u[1] = 7
    return t, u


@both
def test_tensors_in_lists(torch):
    return torch.tensor([torch.tensor(1.5), torch.tensor(2.0)]), torch.tensor(
        [[torch.tensor(1), 2]]
    )


@both
def test_tensors_in_lists_keep_their_dtype(torch):
    wide, small = torch.tensor(1.0, dtype=torch.float64), torch.tensor([[1]], dtype=torch.int8)
    return torch.tensor([2, wide]), torch.tensor([small]), torch.tensor([small, 2.5])


@refused("only one element tensors can be converted to Python scalars")
def test_tensors_of_many_in_a_list(torch):
    torch.tensor([torch.ones(2), torch.zeros(2)])


@both
def test_as_tensor(torch):
    a, t = np.ones(2, "float32"), torch.ones(2)
    shared, cast, same = (
        torch.as_tensor(a),
        torch.as_tensor(a, dtype=torch.float64),
        torch.as_tensor(t),
    )
    a[0] = 5
    return (
        shared,
        cast,
        same is t,
        torch.as_tensor([1, 2]),
        torch.as_tensor(2.5),
        torch.asarray([1.0]),
    )


@both
def test_from_numpy(torch):
    a = np.arange(6, dtype="int32").reshape(2, 3)
    t = torch.from_numpy(a)
    t[0, 0] = 50
    a[1, 1] = 70
    part = torch.from_numpy(a[:, ::2])
    return t, a, part, part.stride(), torch.from_numpy(np.array(2.5))


SHAPES = {"numbers": (2, 3), "none": (), "one": (4,), "zero": (0, 2)}
FILLED = ["zeros", "ones"]


@pytest.mark.parametrize("name", FILLED)
@pytest.mark.parametrize("shape", SHAPES)
@both
def test_filled(torch, name, shape):
    make, size = getattr(torch, name), SHAPES[shape]
    return (make(*(size or ((),))), make(size), make(list(size), dtype=torch.int64),
            make(torch.Size(size)), make(size, dtype=torch.bool), make(size, requires_grad=True),
            make(size=size))  # fmt: skip


@both
def test_empty(torch):
    made = [torch.empty(2, 3), torch.empty((2,), dtype=torch.int32), torch.empty(0)]
    return [(t.shape, t.dtype) for t in made]


@both
def test_full(torch):
    return (torch.full((2, 3), 7), torch.full((2,), 1.5), torch.full((), True), torch.full([2], 1j),
            torch.full((2,), 3, dtype=torch.float64), torch.full((2,), 2.0, requires_grad=True),
            torch.full((2,), torch.tensor(4)))  # fmt: skip


@both
def test_like(torch):
    x = torch.ones(2, 3, dtype=torch.float64)
    return (torch.zeros_like(x), torch.ones_like(x, dtype=torch.int64), torch.full_like(x, 2.5),
            torch.zeros_like(x, requires_grad=True), torch.ones_like(x.t()),
            torch.empty_like(x).shape,
            torch.full_like(torch.ones(2, dtype=torch.int64), 3))  # fmt: skip


@both
def test_new(torch):
    x = torch.ones(2, 3, dtype=torch.float64)
    return (x.new_zeros(2), x.new_ones((2, 1)), x.new_full((2,), 3), x.new_tensor([1, 2]),
            x.new_empty(2).dtype, x.new_zeros(2, dtype=torch.int32))  # fmt: skip


COUNTS = [
    (5,), (5.0,), (2, 5), (2, 5, 2), (5, 2, -1), (0, 1, 0.1), (1, 2, 0.25), (0,), (3, 3), (-3,),
    (0.5, 3), (10, 0, -3), (0, 2.5), (0, 1, 0.3),
]  # fmt: skip


@pytest.mark.parametrize("counts", [c for c in COUNTS if c != (-3,)], ids=str)
@both
def test_arange(torch, counts):
    return torch.arange(*counts), torch.arange(*counts, dtype=torch.float64)


@both
def test_arange_by_name(torch):
    return (torch.arange(start=1, end=4), torch.arange(1, 7, step=2), torch.arange(end=3),
            torch.arange(torch.tensor(3)), torch.arange(3, requires_grad=False),
            torch.arange(3.0, requires_grad=True))  # fmt: skip


@both
def test_linspace(torch):
    return (torch.linspace(0, 1, 5), torch.linspace(3, -3, 7), torch.linspace(0, 1, 1),
            torch.linspace(0, 1, 0), torch.linspace(0, 10, 11, dtype=torch.int64),
            torch.linspace(0, 1, steps=3, dtype=torch.float64), torch.linspace(0, 1j, 3),
            torch.logspace(0, 2, 3), torch.logspace(0, 3, 4, base=2))  # fmt: skip


@both
def test_eye(torch):
    return torch.eye(3), torch.eye(2, 3), torch.eye(3, 2, dtype=torch.int64), torch.eye(0)


@both
def test_tensors_by_class(torch):
    return torch.Tensor([1, 2]), torch.Tensor(2, 3).shape, torch.Tensor().shape


@both
def test_out(torch):
    out = torch.empty(0)
    made = torch.ones(2, 3, out=out)
    kept = torch.zeros(2)
    torch.add(torch.ones(2), 1, out=kept)
    return out, made is out, kept


@both
def test_is_tensor(torch):
    x = torch.ones(2, 3)
    return (torch.is_tensor(x), torch.is_tensor([1]), torch.is_storage(x.untyped_storage()),
            torch.is_storage(x), torch.numel(x), torch.is_floating_point(x),
            torch.is_complex(x), isinstance(x, torch.Tensor))  # fmt: skip


@both
def test_sizes(torch):
    size = torch.ones(2, 3, 4).shape
    return (size == (2, 3, 4), size.numel(), size[1:], str(size), (*size, 5), size[-1], len(size),
            list(size), str(size[:0]), torch.Size([1, 2]) == torch.ones(1, 2).size())  # fmt: skip


# --- what is refused


@refused("expected sequence of length 2 at dim 1 (got 1)")
def test_ragged(torch):
    torch.tensor([[1, 2], [3]])


@refused("negative dimension")
def test_negative_sizes(torch):
    torch.ones(2, -1)


@refused("step must be nonzero")
def test_a_step_of_zero(torch):
    torch.arange(0, 3, 0)


@refused("upper bound and lower bound inconsistent with step sign",
         ours="inconsistent with step sign")  # fmt: skip
def test_counting_the_wrong_way(torch):
    torch.arange(3, 0)


@refused("number of steps must be non-negative")
def test_negative_steps(torch):
    torch.linspace(0, 1, -1)


@refused("expected np.ndarray (got list)")
def test_from_numpy_of_a_list(torch):
    torch.from_numpy([1, 2])


@refused("negative")
def test_from_numpy_backwards(torch):
    torch.from_numpy(np.arange(3)[::-1])


@pytest.mark.parametrize("dtype", ["U3", "object", "datetime64[s]"])
@refused("can't convert np.ndarray of type")
def test_arrays_of_other_things(torch, dtype):
    torch.from_numpy(np.zeros(2, dtype))


@pytest.mark.parametrize("make", ["zeros", "ones", "empty", "new_zeros", "new_ones", "new_empty"])
@refused("missing 1 required positional arguments: \"size\"")
def test_no_size(torch, make):
    getattr(torch.ones(2) if "new" in make else torch, make)()


@pytest.mark.parametrize("make", ["rand", "randn"])
@refused("()", ours="missing 1 required positional arguments: \"size\"")
def test_no_size_of_random_numbers(torch, make):
    getattr(torch, make)()


@refused("arange() received an invalid combination of arguments - got ")
def test_no_end(torch):
    torch.arange()


@refused("randint() received an invalid combination of arguments - got ")
def test_no_size_of_randint(torch):
    torch.randint(3)


@refused("new(): invalid data type 'str'")
def test_text(torch):
    torch.tensor("abc")


@refused("Could not infer dtype of")
def test_objects(torch):
    torch.tensor([object()])


@refused("Could not infer dtype of NoneType")
def test_none(torch):
    torch.tensor(None)


@refused("Overflow when unpacking long")
def test_a_number_too_large(torch):
    torch.tensor(2**70)


TOO_LARGE = [
    2**63, [2**63, -1], [-1, 2**63], [[1, -2], [2**63, -1]], (2**63, -1), [[2**63], [-1]],
    [2**64 - 1, 0, -3], [True, 2**63], [-1, True, 2**63], [-(2**63) - 1, 1],
]  # fmt: skip


@pytest.mark.parametrize("data", TOO_LARGE)
@pytest.mark.parametrize("make", [
    lambda t, data: t.tensor(data), lambda t, data: t.as_tensor(data),
    lambda t, data: t.tensor(data, dtype=t.int64), lambda t, data: t.tensor(data, dtype=t.int32),
    lambda t, data: t.zeros(1, dtype=t.uint8).new_tensor(data),
], ids=["tensor", "as_tensor", "int64", "int32", "new_tensor"])  # fmt: skip
@refused("Overflow when unpacking long long")
def test_whole_numbers_beyond_int64(torch, data, make):
    make(torch, data)


@pytest.mark.parametrize("data", [[2**63, 1.0], [1, 2**63, 1.5], [2**63, -1, 1j], [-1, 2.5]])
@both
def test_whole_numbers_beyond_int64_beside_floats(torch, data):
    return torch.tensor(data), torch.tensor([2**63, -1], dtype=torch.float32)


@both
def test_floats_hold_large_whole_numbers(torch):
    return [
        torch.tensor([1.0, 2**64]), torch.tensor([[-(2**70)], [2j]]),
        torch.tensor([2**64, 0], dtype=torch.bool),
        torch.tensor([2**64, 1], dtype=torch.float64), torch.tensor(-(2**63)),
    ]  # fmt: skip


@refused("value cannot be converted to type uint8_t without overflow")
def test_a_number_too_large_for_its_dtype(torch):
    torch.full((2,), 300, dtype=torch.uint8)


@refused("value cannot be converted to type int64_t without overflow")
def test_a_nan_for_a_whole_number(torch):
    torch.full((2,), float("nan"), dtype=torch.int64)


@pytest.mark.parametrize("number", [300, -300, float("inf"), [300, 1]])
@refused("value cannot be converted to type int8 without overflow")
def test_data_too_large_for_its_dtype(torch, number):
    torch.tensor(number, dtype=torch.int8)


OVERFLOWS = [
    (1j, "float32"), (1j, "float64"), (1j, "float16"), (2 + 1j, "int64"), (1j, "int32"),
    (1e39, "float32"), (-1e39, "float32"), (1e6, "float16"), (1e39, "complex64"),
]  # fmt: skip


@pytest.mark.parametrize("make", ["full", "full_like", "new_full"])
@pytest.mark.parametrize(("number", "dtype"), OVERFLOWS)
def test_numbers_that_a_dtype_cannot_hold(make, number, dtype):
    def filled(torch):
        x = torch.ones(2, dtype=getattr(torch, dtype))
        return {"full": lambda: torch.full((2,), number, dtype=x.dtype),
                "full_like": lambda: torch.full_like(x, number),
                "new_full": lambda: x.new_full((2,), number)}[make]()  # fmt: skip

    theirs, ours = outcome(oracle(), filled, {}), outcome(autograd_lab, filled, {})
    assert isinstance(theirs, RuntimeError)
    assert type(ours) is RuntimeError
    assert str(ours).startswith(str(theirs).splitlines()[0])


@both
def test_numbers_that_a_dtype_can_just_hold(torch):
    x, n, inf = torch.ones(2), torch.ones(2, dtype=torch.int64), float("inf")
    return (torch.full_like(x, inf), torch.full_like(x, 3 + 0j), torch.full_like(n, 3 + 0j),
            torch.full_like(x, 1j, dtype=torch.bool), torch.full_like(x, 1j, dtype=torch.complex64),
            torch.full_like(x, -65504.0, dtype=torch.float16), torch.full_like(x, True),
            torch.full((2,), complex(inf, 1)))  # fmt: skip


@both
def test_filling_with_a_tensor(torch):
    x, two = torch.ones(2), torch.tensor(2)
    return torch.full_like(x, two), torch.full((2,), two), x.new_full((2,), two)


@refused("must be real number, not complex")
def test_complex_data_for_a_real_dtype(torch):
    torch.tensor([1j, 2], dtype=torch.float32)


@pytest.mark.parametrize("step", [float("nan"), 0.0, -0.0])
@refused("step must be nonzero")
def test_a_step_that_leads_nowhere(torch, step):
    torch.arange(0, 1, step)


@pytest.mark.parametrize("end", [float("nan"), float("inf")])
@refused("unsupported range")
def test_counting_to_no_number(torch, end):
    torch.arange(0, end, 1)


@pytest.mark.parametrize("make", ["zeros", "ones", "rand", "arange", "eye"])
@refused("functions with out=... arguments don't support automatic differentiation")
def test_writing_into_a_leaf(torch, make):
    getattr(torch, make)(2, out=torch.ones(3, requires_grad=True))


@both
def test_writing_into_a_leaf_without_recording(torch):
    w = torch.ones(3, requires_grad=True)
    with torch.no_grad():
        made = torch.zeros(3, out=w)
    return w.detach(), made is w


@both
def test_negative_numbers_wrap_around_in_unsigned(torch):
    return torch.full((2,), -1, dtype=torch.uint8), torch.tensor(-1, dtype=torch.uint8)
