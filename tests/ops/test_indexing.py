"""Indexing against PyTorch: random tensors, random indices; read, written, and differentiated."""

import functools

import numpy as np
import pytest
import torch as oracle
from hypothesis import example, given, settings
from hypothesis import strategies as st

import autograd_lab as lab
from autograd_lab import roads
from tests.fake_cupy import no_sync
from tests.fake_cupy.fixture import pretend_gpu  # noqa: F401  (a fixture)

TRIED = settings(max_examples=300, deadline=None, derandomize=True)


# --- random indices


@st.composite
def shapes(draw):
    return tuple(draw(st.lists(st.integers(0, 4), min_size=1, max_size=4)))


def whole_numbers(n):
    return st.integers(-n, n - 1)


def slices(n):
    ends = st.none() | st.integers(-n - 1, n + 1)
    return st.builds(slice, ends, ends, st.none() | st.integers(1, 3))


@st.composite
def index_arrays(draw, n, common):
    shape = draw(st.sampled_from([common, common[1:], (1,) * len(common)]))
    count = int(np.prod(shape))
    numbers = draw(st.lists(whole_numbers(n), min_size=count, max_size=count))
    return np.asarray(numbers, dtype="int64").reshape(shape)


@st.composite
def masks(draw, shape):
    count = int(np.prod(shape))
    flags = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    return np.asarray(flags, dtype=bool).reshape(shape)


@st.composite
def indices(draw, shape):
    """Draw an index tuple that fits a shape: everything that may stand between the brackets."""
    common = draw(st.sampled_from([(2,), (3,), (2, 2), (1, 2), ()]))
    parts, at, dotted, masked = [], 0, False, False
    kinds = ["number", "slice", "array", "list", "mask", "none", "dots", "flag", "end"]
    while at < len(shape):
        kind, n = draw(st.sampled_from(kinds)), shape[at]
        mask_may_come = not masked and not any(_is_lookup(p) for p in parts)
        if not dotted and (kind == "end" or len(parts) > 6):
            break
        if kind == "number" and n:
            parts.append(draw(whole_numbers(n)))
        elif kind == "array" and n and common:
            parts.append(draw(index_arrays(n, common)))
        elif kind == "list" and n and len(common) == 1:
            parts.append(draw(index_arrays(n, common)).tolist())
        elif kind == "mask" and mask_may_come:
            wide = draw(st.integers(1, min(2, len(shape) - at)))
            parts.append(draw(masks(shape[at : at + wide])))
            common, masked, at = (), True, at + wide - 1
        elif kind == "none" and len(parts) < 6:
            parts.append(None)
            at -= 1
        elif kind == "flag" and mask_may_come and len(parts) < 6:
            parts.append(draw(st.booleans()))
            common, masked, at = (), True, at - 1
        elif kind == "dots" and not dotted:
            parts.append(...)
            dotted = True
            at += draw(st.integers(0, len(shape) - at)) - 1
        else:
            parts.append(draw(slices(n)))
        at += 1
    if len(parts) == 1 and draw(st.booleans()):
        return parts[0]
    return tuple(parts)


def _is_lookup(part):
    return isinstance(part, (np.ndarray, list, bool))


@st.composite
def cases(draw):
    shape = draw(shapes())
    return shape, draw(indices(shape))


# --- the same thing on both sides


def numbers(shape, start=0.0):
    return np.arange(start, start + int(np.prod(shape)), dtype="float64").reshape(shape)


def worn(library, index):
    """Dress the arrays of an index as tensors of a library."""
    if isinstance(index, tuple):
        return tuple(worn(library, part) for part in index)
    return library.tensor(index) if isinstance(index, np.ndarray) else index


def attempt(call):
    try:
        return call(), None
    except (IndexError, RuntimeError, TypeError, ValueError) as error:
        return None, error


def assert_same(ours, theirs):
    assert tuple(ours.shape) == tuple(theirs.shape)
    assert str(ours.dtype) == str(theirs.dtype)
    np.testing.assert_array_equal(ours.detach().numpy(), theirs.detach().numpy())


@TRIED
@given(cases())
@example(((2, 3, 4), (0, slice(None), np.array([1, 2]))))  # NumPy would put the array first
@example(((2, 3, 4), (np.array([0, 1]), slice(None), np.array([1, 2]))))
@example(((3, 4), (np.array([[0], [2]]), None, np.array([1, 3]))))
@example(((2, 3), True))
@example(((2, 3), (slice(None), False)))
@example(((0, 3), np.zeros((0,), dtype="int64")))
def test_reading_and_its_gradient(case):
    shape, index = case
    results = []
    for library in (lab, oracle):
        x = library.tensor(numbers(shape), requires_grad=True)
        y, error = attempt(functools.partial(x.__getitem__, worn(library, index)))
        if error is None and y.requires_grad:
            weights = library.tensor(numbers(tuple(y.shape), 1.0))
            (y * weights).sum().backward()
        results.append((x, y, error))
    (x, y, error), (tx, ty, terror) = results
    assert (error is None) == (terror is None), (error, terror)
    if error is None:
        assert_same(y, ty)
        assert_same(x.grad, tx.grad)


@TRIED
@given(cases(), st.sampled_from(["number", "row", "full", "ones"]), st.booleans())
def test_writing_and_its_gradients(case, kind, of_leaf):
    shape, index = case
    target, error = attempt(lambda: oracle.tensor(numbers(shape))[worn(oracle, index)])
    if error is not None or has_twice(shape, index):
        return
    full = tuple(target.shape)
    sizes = {"number": (), "row": full[-1:], "full": full, "ones": (1, *full)}[kind]
    results = []
    for library in (lab, oracle):
        x = library.tensor(numbers(shape), requires_grad=of_leaf)
        v = library.tensor(numbers(sizes, 100.0), requires_grad=True)
        y = x * 2 if of_leaf else x

        def write(y=y, v=v, library=library):
            y[worn(library, index)] = v

        _, error = attempt(write)
        if error is None and y.requires_grad:
            (y * library.tensor(numbers(shape, 1.0))).sum().backward()
        results.append((x, v, y, error))
    (x, v, y, error), (tx, tv, ty, terror) = results
    assert (error is None) == (terror is None), (error, terror)
    if error is None:
        assert_same(y, ty)
        for ours, theirs in [(v, tv)] + [(x, tx)] * of_leaf:
            assert (ours.grad is None) == (theirs.grad is None)
            if ours.grad is not None:
                assert_same(ours.grad, theirs.grad)


def has_twice(shape, index):
    """Say whether an index names a place twice: which value stays is not defined then."""
    places = oracle.arange(int(np.prod(shape))).reshape(shape)[worn(oracle, index)]
    return places.unique().numel() < places.numel()


@TRIED
@given(cases(), st.sampled_from([3, 2.5, True]), st.sampled_from(["float32", "int64", "bool"]))
def test_writing_numbers_to_every_dtype(case, number, dtype):
    shape, index = case
    results = []
    for library in (lab, oracle):
        x = library.zeros(shape, dtype=getattr(library, dtype))

        def write(x=x, library=library):
            x[worn(library, index)] = number

        _, error = attempt(write)
        results.append((x, error))
    (x, error), (tx, terror) = results
    assert (error is None) == (terror is None), (error, terror)
    if error is None:
        assert_same(x, tx)


# --- the cases that people write


@pytest.mark.parametrize("index", [
    5, -4, (0, 4), (0, 0, 0), np.array([0, 3]), np.array([[0, -4]]), (slice(None), np.array([4])),
    np.array([True, False]), np.ones((3, 3), dtype=bool), 1.5, "a", (np.array([0, 1]),
    np.array([0, 1, 2])), slice(None, None, -1), np.array([0.5]), slice(0, 1.5), (1, 2, 3), ([0],
    1.5),
])  # fmt: skip
def test_errors_are_pytorch_s(index):
    messages = []
    for library in (lab, oracle):
        with pytest.raises((IndexError, ValueError, TypeError, RuntimeError)) as caught:
            library.tensor(numbers((3, 4)))[worn(library, index)]
        messages.append(caught)
    ours, theirs = messages
    assert ours.type is theirs.type
    first = str(theirs.value).split(",")[0].split(" (")[0]
    if isinstance(index, int) or "too many indices" in first or "of the mask" in first:
        assert str(ours.value).startswith(first), (str(ours.value), str(theirs.value))


@pytest.mark.parametrize("value", [[1, 2], None, "a", np.ones(2)])
def test_only_tensors_and_numbers_can_be_assigned(value):
    for library in (lab, oracle):
        with pytest.raises(TypeError, match="can't assign a "):
            library.zeros(2)[0:2] = value


@pytest.mark.parametrize("index", [np.array([0, 0, 1]), [2, 2], (0, np.array([1, 1]))])
def test_gradients_of_what_is_picked_twice_add_up(index):
    grads = []
    for library in (lab, oracle):
        x = library.tensor(numbers((3, 4)), requires_grad=True)
        y = x[worn(library, index)]
        (y * y).sum().backward()
        grads.append(x.grad)
    assert_same(*grads)


@pytest.mark.parametrize("index", [0, slice(1, 3), (slice(None), 2), np.array([0, 2]),
                                   np.array([True, False, True])])  # fmt: skip
@pytest.mark.parametrize("kind", ["leaf without recording", "a result", "a view of a result"])
def test_adding_in_place_to_a_part(index, kind):
    results = []
    for library in (lab, oracle):
        x = library.tensor(numbers((3, 4)), requires_grad=True)
        if kind == "leaf without recording":
            with library.no_grad():
                x[worn(library, index)] += 10
            results.append((x, None))
            continue
        y = (x * 3).reshape(3, 4)
        part = y[:, :] if kind == "a view of a result" else y
        part[worn(library, index)] += part.detach()[0, 0] + 10
        part[worn(library, index)] *= 2
        (y * y).sum().backward()
        results.append((y, x.grad))
    (y, grad), (ty, tgrad) = results
    assert_same(y, ty)
    if grad is not None:
        assert_same(grad, tgrad)


def test_writing_to_a_leaf_that_needs_gradients_is_refused():
    for library in (lab, oracle):
        x = library.zeros(3, requires_grad=True)
        with pytest.raises(RuntimeError, match="a view of a leaf Variable that requires grad"):
            x[0] = 1.0
        with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
            x[library.tensor([0])] = 1.0


def test_writing_to_a_view_from_a_no_grad_block_is_refused():
    for library in (lab, oracle):
        x = library.zeros(2, 2, requires_grad=True) * 1
        with library.no_grad():
            row = x[0]
        with pytest.raises(RuntimeError, match="created in no_grad mode"):
            row[0] = 1.0


def test_an_index_changed_after_use_does_not_change_the_gradient():
    places = lab.tensor([0, 2])
    x = lab.zeros(3, requires_grad=True)
    y = x[places]
    places[0] = 1
    y.sum().backward()
    assert x.grad.tolist() == [1, 0, 1]


def test_a_written_index_changed_after_use_does_not_change_the_gradient():
    places, v = lab.tensor([0, 2]), lab.ones(2, requires_grad=True)
    x = lab.zeros(3)
    x[places] = v
    places[0] = 1
    (x * lab.tensor([5.0, 6.0, 7.0])).sum().backward()
    assert v.grad.tolist() == [5, 7]


def test_assigning_converts_the_dtype():
    for library in (lab, oracle):
        x = library.zeros(3, dtype=library.int64)
        x[0] = library.tensor(2.7)
        x[1:] = library.tensor([1.5, -1.5], dtype=library.float64)
        assert x.tolist() == [2, 1, -1]
        with pytest.raises(RuntimeError, match="Index put requires the source and destination"):
            x[library.tensor([0])] = library.tensor([1.5])


@pytest.mark.filterwarnings("ignore:Using a non-tuple sequence")
@pytest.mark.parametrize("index", [[[0, 1], [1, 2]], [slice(0, 1), 2], [None, 0], [..., 0], [0, 1],
                                   [True, False, True], range(2), (range(2), 1)])  # fmt: skip
def test_lists_are_read_as_pytorch_reads_them(index):
    assert_same(*(library.tensor(numbers((3, 4)))[index] for library in (lab, oracle)))


def test_rows_can_be_walked_over_and_unpacked():
    x = lab.tensor(numbers((3, 2)), requires_grad=True)
    first, *rest = x
    assert first.tolist() == [0, 1]
    assert [row.tolist() for row in rest] == [[2, 3], [4, 5]]
    (first * rest[1]).sum().backward()
    assert x.grad.tolist() == [[4, 5], [0, 0], [0, 1]]
    with pytest.raises(TypeError, match="iteration over a 0-d tensor"):
        iter(lab.tensor(1.0))


# --- views

VIEWS = {
    "number": lambda x: x[1],
    "slice": lambda x: x[:, 1:3],
    "steps": lambda x: x[::2],
    "none": lambda x: x[None],
    "numbers": lambda x: x[1, 2],
    "select": lambda x: x.select(1, 2),
    "narrow": lambda x: x.narrow(0, 1, 2),
    "view": lambda x: x.view(4, 3),
    "reshape": lambda x: x.reshape(2, 6),
    "flatten": lambda x: x.flatten(),
    "transpose": lambda x: x.transpose(0, 1),
    "t": lambda x: x.t(),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "permute": lambda x: x.permute(1, 0),
    "movedim": lambda x: x.movedim(0, 1),
    "unsqueeze": lambda x: x.unsqueeze(1),
    "squeeze": lambda x: x[:, None].squeeze(1),
    "diagonal": lambda x: x.diagonal(1),
    "windows": lambda x: x.unfold(1, 2, 2),
    "expand": lambda x: x.expand(1, 3, 4),
    "unflatten": lambda x: x.unflatten(1, (2, 2)),
    "twice": lambda x: x[1:].t()[1],
    "thrice": lambda x: x.view(2, 6)[1].view(2, 3).t()[1:],
}


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_write_through_a_view_reaches_the_base_and_its_gradient(name, when):
    """The base is written through a view; another view, taken before or after, sees it too."""
    results = []
    for library in (lab, oracle):
        x = library.tensor(numbers((3, 4), 1.0), requires_grad=True)
        w = library.tensor(3.0, dtype=library.float64, requires_grad=True)
        base = x * 2
        other = base[1:] if when == "before" else None
        part = VIEWS[name](base)
        part.mul_(w)
        other = base[1:] if other is None else other
        (base * library.tensor(numbers((3, 4), 5.0))).sum().backward(retain_graph=True)
        (other * other).sum().backward(retain_graph=True)
        (part * 7).sum().backward()
        results.append((base, other, part, x.grad, w.grad))
    for ours, theirs in zip(*results):
        assert_same(ours, theirs)


@pytest.mark.parametrize("name", VIEWS)
def test_a_write_to_the_base_reaches_the_view(name):
    results = []
    for library in (lab, oracle):
        x = library.tensor(numbers((3, 4), 1.0), requires_grad=True)
        base = x * 2
        part = VIEWS[name](base)
        base.mul_(x)
        (part * part).sum().backward()
        results.append((base, part, x.grad))
    for ours, theirs in zip(*results):
        assert_same(ours, theirs)


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_shares_memory(name):
    x = lab.tensor(numbers((3, 4)))
    part = VIEWS[name](x)
    part.fill_(-1.0)
    twin = oracle.tensor(numbers((3, 4)))
    VIEWS[name](twin).fill_(-1.0)
    assert_same(x, twin)


@pytest.mark.parametrize("cut", [
    lambda x: x.split(2), lambda x: x.split([1, 2], 0), lambda x: x.chunk(2, 1),
    lambda x: x.unbind(), lambda x: x.tensor_split(2), lambda x: x.hsplit(2),
])  # fmt: skip
def test_pieces_share_memory_and_gradients_come_together(cut):
    grads = []
    for library in (lab, oracle):
        x = library.tensor(numbers((3, 4), 1.0), requires_grad=True)
        pieces = cut(x)
        (pieces[0] * pieces[0]).sum().backward()
        grads.append(x.grad)
        with library.no_grad():
            cut(x)[1].fill_(9.0)
        grads.append(x)
    assert_same(grads[0], grads[2])
    assert_same(grads[1], grads[3])


@pytest.mark.parametrize("change", [
    lambda x: x.unsqueeze_(0), lambda x: x.unsqueeze_(-1).squeeze_(), lambda x: x.t_(),
    lambda x: x.transpose_(0, 1), lambda x: x.swapaxes_(0, 1),
])  # fmt: skip
def test_a_tensor_can_become_a_view_of_itself(change):
    results = []
    for library in (lab, oracle):
        x = library.tensor(numbers((3, 4), 1.0), requires_grad=True)
        y = x * 2
        part = y[1]
        assert change(y) is y
        y.mul_(3)
        (part * part).sum().backward(retain_graph=True)
        (y * y * y).sum().backward()
        results.append((y, part, x.grad))
    for ours, theirs in zip(*results):
        assert_same(ours, theirs)


def test_a_leaf_changes_its_shape_only_without_recording():
    for library in (lab, oracle):
        x = library.zeros(3, requires_grad=True)
        with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
            x.unsqueeze_(0)
        with library.no_grad():
            x.unsqueeze_(0)
        assert tuple(x.shape) == (1, 3)
        assert x.is_leaf
        assert x.requires_grad


def test_view_refuses_what_would_need_a_copy():
    for library in (lab, oracle):
        x = library.tensor(numbers((3, 4))).t()
        with pytest.raises(RuntimeError, match="view size is not compatible with input tensor's"):
            x.view(12)
        assert x.reshape(12).tolist() == x.contiguous().view(12).tolist()


@pytest.mark.parametrize("call", ["tril_indices", "triu_indices"])
@pytest.mark.parametrize("sizes", [(3, 3), (2, 4, 1), (4, 2, -1), (0, 2)])
def test_places_of_triangles(call, sizes):
    assert_same(getattr(lab, call)(*sizes), getattr(oracle, call)(*sizes))


# --- on a GPU


@pytest.fixture
def gpu(pretend_gpu, monkeypatch):  # noqa: F811
    """A pretend GPU; afterwards operations take their short roads again."""
    monkeypatch.setattr(roads, "special", False)
    return pretend_gpu


def indexed(x, places):
    """Read and write in all the ways that need no answer from the GPU."""
    y = x * 2
    total = y[1].sum() + y[1, 2] + y[:, 1:3].sum() + y[places].sum() + y[places, 1].sum()
    y[0] = 5.0
    y[places] = y[1]
    y[1:, 2] += 1.0
    return total + (y * y).sum()


def test_nobody_waits_for_the_gpu_to_index_it(gpu):
    grads = []
    for device in ("cpu", "cuda"):
        x = lab.tensor(numbers((3, 4)), device=device, requires_grad=True)
        places = lab.tensor([0, 2], device=device)
        with no_sync():
            indexed(x, places).backward()
        grads.append(x.grad.cpu())
    assert_same(*grads)


def test_an_index_made_on_the_host_works_on_the_gpu(gpu):
    x = lab.tensor(numbers((3, 4)), device="cuda")
    assert x[[0, 2]].cpu().tolist() == x.cpu()[[0, 2]].tolist()
    assert x[lab.tensor([True, False, True])].cpu().tolist() == x.cpu()[[0, 2]].tolist()
    assert x[:, np.array([1])].cpu().tolist() == [[1], [5], [9]]


ACROSS = {
    "a mask": lambda x, i: x[i > 0],
    "rows": lambda x, i: x[i],
    "rows and columns": lambda x, i: x[i, i.to(x.device)],
    "columns": lambda x, i: x[:, i],
    "a flag": lambda x, i: x[i[0] == 0],
    "written rows": lambda x, i: written(x, i),
    "written mask": lambda x, i: written(x, i > 0),
    "index_put": lambda x, i: lab.index_put(x, (i,), x[:2]),
    "accumulated": lambda x, i: lab.index_put(x, (i,), x[:2], accumulate=True),
}


def written(x, index):
    y = x * 1
    y[index] = 7.0
    return y


@pytest.mark.parametrize("how", ACROSS)
def test_an_index_of_the_cpu_serves_a_tensor_on_the_gpu_and_not_the_other_way(gpu, how):
    x = lab.tensor(numbers((3, 3)), requires_grad=True)
    i = lab.tensor([0, 2, 1] if "mask" in how else [0, 2])
    y = ACROSS[how](x, i)
    y.square().sum().backward()
    there = x.detach().cuda().requires_grad_()
    z = ACROSS[how](there, i)
    z.square().sum().backward()
    assert z.device.type == there.grad.device.type == "cuda"
    assert_same(z.detach().cpu(), y.detach())
    assert_same(there.grad.cpu(), x.grad)
    says = r"indices should be either on cpu or on the same device as the indexed tensor \(cpu\)"
    with pytest.raises(RuntimeError, match=says):
        ACROSS[how](x, i.cuda())


def test_a_whole_number_on_the_gpu_indexes_a_tensor_of_the_cpu(gpu):
    x = lab.tensor(numbers((3, 4)))
    assert_same(x[lab.tensor(1, device="cuda")], x[1])


MASK = np.array([True, False, True])


@pytest.mark.parametrize("kind", ["float32", "float16", "int64", "complex64"])
@pytest.mark.parametrize("value", [np.array(2.5), np.array([[3]]), np.array(True)], ids=str)
def test_a_mask_is_filled_with_one_number_of_any_dtype(kind, value):
    for place in (lambda t: t.tensor(MASK), lambda t: (slice(None), t.tensor(MASK[1:])),
                  lambda t: (t.tensor(MASK), 0), lambda t: MASK.tolist()):  # fmt: skip
        mine, its = (t.zeros(3, 2, dtype=getattr(t, kind)) for t in (lab, oracle))
        mine[place(lab)], its[place(oracle)] = lab.tensor(value), oracle.tensor(value)
        assert mine.tolist() == its.tolist()
    for t in (lab, oracle):
        x = t.zeros(3, dtype=getattr(t, kind))
        with pytest.raises(RuntimeError, match="Index put requires the source and destination"):
            x[t.tensor([0, 2])] = t.tensor(2.0, dtype=t.float64)


def test_what_fills_a_mask_has_its_gradient():
    for t in (lab, oracle):
        x, v = (t.tensor(n, dtype=t.float64, requires_grad=True) for n in ([1.0, 2, 3], 5.0))
        y = (x * 2).float()
        y[t.tensor(MASK)] = v
        y.sum().backward()
        assert (x.grad.tolist(), v.grad.tolist(), v.grad.dtype) == ([0, 2, 0], 2, t.float64)


def first_words(error):
    return str(error).partition(": ")[0]  # behind them we say why


WRITES = [
    (kind, number)
    for kind in ("uint8", "int16", "int32", "int64", "float32")
    for number in (-1, 300, -300, 2**31, 2**63 - 1, 3e9, float("nan"), float("inf"))
] + [("uint8", 2**63), ("int64", 2**63), ("int64", -(2**63) - 1), ("int32", 2**64)]


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("write", [
    lambda t, x, n: x.__setitem__(0, n), lambda t, x, n: x.__setitem__(t.tensor([0]), n),
], ids=["a place", "places"])  # fmt: skip
@pytest.mark.parametrize(("kind", "number"), WRITES)
def test_a_number_that_may_not_fit(kind, number, write):
    found = []
    for torch in (lab, oracle):
        x = torch.tensor([1, 2]).to(getattr(torch, kind))
        try:
            write(torch, x, number)
            found.append(x.tolist())
        except (RuntimeError, ValueError) as error:
            found.append((type(error), first_words(error), x.tolist()))
    assert repr(found[0]) == repr(found[1])


@pytest.mark.parametrize(("kind", "number"), [
    ("uint8", 300), ("uint8", -1), ("int16", 2**31), ("int32", 2**63), ("int64", 2**63),
    ("int64", 7), ("float32", 2**63),
])  # fmt: skip
def test_a_choice_that_may_not_fit(kind, number):
    found = []
    for torch in (lab, oracle):
        x, here = torch.tensor([1, 2]).to(getattr(torch, kind)), torch.tensor([True, False])
        for pair in ((x, number), (number, x)):
            try:
                found.append(torch.where(here, *pair).tolist())
            except RuntimeError as error:
                found.append(first_words(error))
    assert found[:2] == found[2:]
