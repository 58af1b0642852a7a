"""Plain calls take a short road, with the general road's results; unusual ones go around."""

import numpy as np
import pytest

import autograd_lab as torch
import autograd_lab.nn.functional as F
from autograd_lab import general, roads, watching
from tests.core.oracle import both, oracle

PLACES, ROW = [[0], [2]], [0, 1]
PLAIN = {
    "a list": lambda x, z: torch.cat([x, z], 1),
    "a new dimension": lambda x, z: torch.stack((x, z), dim=1),
    "pieces": lambda x, z: x.split(2, 1),
    "rows": lambda x, z: torch.unbind(x),
    "a largest, and its place": lambda x, z: torch.topk(x, 2),
    "the largest of all": lambda x, z: x.max(),
    "a choice": lambda x, z: torch.where(x > 0, x, z),
    "a choice of numbers": lambda x, z: torch.where(x > 0, x, 0.0),
    "a choice that is broadcast": lambda x, z: torch.where(x > 0, x, z[0]),
    "a mask": lambda x, z: x.masked_fill(z > 0, -1.0),
    "limits": lambda x, z: x.clamp(0, 1),
    "a limit that is a tensor": lambda x, z: torch.clamp(x, z, None),
    "places": lambda x, z: x.gather(1, torch.tensor(PLACES)),
    "columns": lambda x, z: x.index_select(1, torch.tensor(ROW)),
    "a number to places": lambda x, z: x.scatter(1, torch.tensor(PLACES), 5.0),
    "sums at places": lambda x, z: x.index_add(0, torch.tensor(ROW), z),
    "largest of windows": lambda x, z: F.max_pool1d(x, 2),
}


def operands(torch=torch):
    rng = np.random.default_rng(0)
    x, z = (torch.tensor(rng.standard_normal((2, 4)), requires_grad=True) for _ in range(2))
    return x, z


def several(y):
    return y if isinstance(y, tuple) else (y,)


def learned(torch, compute):
    """Give results and gradients, as lists."""
    x, z = operands(torch)
    ys = several(compute(x, z))
    sum((y * y).sum() for y in ys if y.requires_grad).backward()
    return [y.tolist() for y in ys], x.grad.tolist(), z.grad if z.grad is None else z.grad.tolist()


def names(ys):
    """Say of results what a learner could ask: their nodes, as far as the leaves."""
    node = [y.grad_fn for y in ys]
    return [(n and n.name(), n and [m and m.name() for m, _ in n.next_functions]) for n in node]


@pytest.fixture(autouse=True)
def short_roads(monkeypatch):
    """Open the short roads: a pretend GPU of another test may have closed them."""
    monkeypatch.setattr(roads, "special", False)


@pytest.fixture
def general_only(monkeypatch):
    return lambda: monkeypatch.setattr(roads, "special", True)


@pytest.mark.parametrize("kind", PLAIN)
def test_a_short_road_gives_what_the_general_road_gives(kind, general_only):
    short, made = learned(torch, PLAIN[kind]), names(several(PLAIN[kind](*operands())))
    general_only()
    assert short == learned(torch, PLAIN[kind])
    assert made == names(several(PLAIN[kind](*operands())))


@pytest.mark.parametrize("kind", PLAIN)
def test_a_plain_call_does_not_take_the_general_road(kind, monkeypatch):
    x, z = operands()
    monkeypatch.setattr(general, "travel", None)  # whoever goes there fails
    several(PLAIN[kind](x, z))


@pytest.mark.parametrize("kind", PLAIN)
def test_who_watches_is_told_the_same(kind, general_only):
    def heard():
        told = []

        def watch(node, result, args):
            shapes = [[a.shape for a in arg] if type(arg) in (list, tuple) else
                      getattr(arg, "shape", arg) for arg in args]  # fmt: skip
            told.append((node and node.name(), result.shape, shapes))

        x, z = operands()
        watching.add_watcher(watch)
        try:
            PLAIN[kind](x, z)
        finally:
            watching.remove_watcher(watch)
        return [(name, shape, args[0]) for name, shape, args in told]

    short = heard()
    general_only()
    assert short and short == heard()


@pytest.mark.parametrize("kind", PLAIN)
def test_nothing_is_recorded_where_nothing_shall_be(kind):
    x, z = operands()
    with torch.no_grad():
        assert not any(y.requires_grad for y in several(PLAIN[kind](x, z)))
    assert not any(y.requires_grad for y in several(PLAIN[kind](x.detach(), z.detach())))


WHOLE = {
    "equal": lambda k, m: k == k.flip(0),
    "more than a number": lambda k, m: k > 3,
    "both": lambda k, m: m & m,
    "one of two": lambda k, m: torch.where(m, k, k * 2),
    "how many": lambda k, m: m.sum(),
    "sums": lambda k, m: k.sum(0),
    "of one byte": lambda k, m: k.to(torch.uint8) == k.to(torch.uint8),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_whole_numbers_and_truths_take_a_short_road(kind, monkeypatch, general_only):
    k, m = torch.tensor([[1, 5], [3, -4]]), torch.tensor([[True, False], [True, True]])
    with monkeypatch.context() as patched:
        patched.setattr(general, "travel", None)
        short = WHOLE[kind](k, m)
    general_only()
    wanted = WHOLE[kind](k, m)
    assert (short.dtype, short.tolist()) == (wanted.dtype, wanted.tolist())


@pytest.mark.parametrize("call", [
    lambda t: t.tensor([1, 2]) > 1.5, lambda t: t.tensor([1, 2]) == 2.5,
    lambda t: t.tensor([1, 2], dtype=t.uint8) == 258, lambda t: t.tensor([1, 2]) > True,
    lambda t: t.tensor([1, 2]) == t.tensor([1.0, 2.5]), lambda t: t.tensor([True]) == 1,
    lambda t: t.tensor([1, 2], dtype=t.int8) > 1, lambda t: t.tensor([2**62]) > 2**62 - 1,
    lambda t: t.tensor([7, -7]) // 2, lambda t: t.tensor([7, -7]) / t.tensor([2, 2]),
])  # fmt: skip
def test_mixed_numbers_are_pytorchs(call):
    ours, its = call(torch), call(oracle())
    assert (str(ours.dtype), ours.tolist()) == (str(its.dtype), its.tolist())


def test_a_list_may_change_afterwards():
    xs = [torch.ones(2, requires_grad=True), torch.ones(2)]
    kept = []

    def watch(node, result, args):
        kept.append(args)

    watching.add_watcher(watch)
    try:
        torch.cat(xs)
        torch.stack(xs)
    finally:
        watching.remove_watcher(watch)
    xs.clear()
    assert [(len(args[0]), *args[1:]) for args in kept] == [(2, 0), (2, 0)]


def test_an_error_is_told_once():
    with pytest.raises(TypeError) as refused:
        torch.cumsum(torch.ones(2))
    assert refused.value.__context__ is None or refused.value.__suppress_context__


@both
def test_a_root_of_a_short_number_under_another_default(torch):
    torch.set_default_dtype(torch.float64)
    try:
        return torch.tensor(3, dtype=torch.int16).sqrt(), torch.tensor([3]).exp()
    finally:
        torch.set_default_dtype(torch.float32)


def test_members_without_a_gradient_are_listed_where_they_stand():
    x, z = torch.ones(1, requires_grad=True), torch.ones(1)
    for call in (torch.cat, torch.stack):
        leads_to = [m and m.name() for m, _ in call([z, x, z, z]).grad_fn.next_functions]
        assert leads_to == [None, "AccumulateGrad", None, None]


def test_only_what_needs_a_gradient_is_an_edge():
    x, z = operands()
    y = torch.cat([x.detach(), z])
    leads_to = [m and m.name() for m, _ in y.grad_fn.next_functions]
    assert leads_to == [None, "AccumulateGrad"]
    y.sum().backward()
    assert x.grad is None and z.grad.tolist() == torch.ones(2, 4).tolist()


@pytest.mark.parametrize(("call", "wanted"), [
    (lambda: torch.cat([torch.tensor([1, 2]), torch.tensor([0.5])]), [1.0, 2.0, 0.5]),
    (lambda: torch.cat(tensors=[torch.tensor([1])], dim=0), [1]),
    (lambda: torch.cat(torch.tensor(n) for n in ([1], [0.5])), [1.0, 0.5]),
    (lambda: torch.stack([torch.tensor(1), torch.tensor(2j)]), [1, 2j]),
    (lambda: torch.where(torch.tensor([True, False]), 1, 0.5), [1.0, 0.5]),
    (lambda: torch.where(torch.tensor([True, False]), torch.tensor([1, 2]), torch.tensor(0.5)),
     [1.0, 0.5]),
    (lambda: torch.tensor([1, 5]).clamp(max=2), [1, 2]),
    (lambda: torch.tensor([1, 5]).clamp(1.5, 4.5), [1.5, 4.5]),
    (lambda: torch.gather(input=torch.tensor([1, 5]), dim=0, index=torch.tensor([1])), [5]),
    (lambda: torch.split(tensor=torch.arange(3), split_size_or_sections=[1, 2])[1], [1, 2]),
])  # fmt: skip
def test_unusual_calls_go_around(call, wanted):
    assert call().tolist() == wanted


@pytest.mark.parametrize(("call", "said"), [
    (lambda: torch.cat([]), "expected a non-empty list"),
    (lambda: torch.cat(torch.ones(2, 2)), "must be tuple of Tensors, not Tensor"),
    (lambda: torch.stack(torch.ones(2, 2)), "must be tuple of Tensors, not Tensor"),
    (lambda: torch.stack(torch.ones(n) for n in (2, 3)),
     r"equal size, but got \[2\] at entry 0 and \[3\] at entry 1"),
    (lambda: torch.cat([torch.ones(1), None]), "expected Tensor as element 1"),
    (lambda: torch.stack([torch.ones(1), 2.0]), "expected Tensor as element 1 in argument 0, but"),
    (lambda: torch.cat(), "missing 1 required positional arguments: \"tensors\""),
    (lambda: torch.relu(), "relu\\(\\) missing 1 required positional arguments: \"input\""),
    (lambda: torch.exp(out=torch.ones(2)), "missing 1 required positional arguments: \"input\""),
    (lambda: torch.relu(None), "argument 'input' \\(position 1\\) must be Tensor, not NoneType"),
    (lambda: F.linear(None), "missing 1 required positional arguments: \"weight\""),
    (lambda: F.linear(), "missing 2 required positional argument: \"input\", \"weight\""),
    (lambda: torch.transpose(torch.ones(2, 2)), "missing 2 .* argument: \"dim0\", \"dim1\""),
    (lambda: torch.cat(None, dim=0), "must be tuple of Tensors, not NoneType"),
    (lambda: torch.matmul(torch.ones(2)), "missing 1 required positional arguments: \"other\""),
    (lambda: torch.cat([torch.ones(1, 2), torch.ones(1, 3)]), "Sizes of tensors must match"),
    (lambda: torch.cat([torch.tensor(1.0)] * 2), "zero-dimensional tensor"),
    (lambda: torch.cat([torch.ones(1, 2), torch.ones(1)]), "same number of dimensions"),
    (lambda: torch.stack([torch.ones(1), torch.ones(2)]), "equal size, but got"),
    (lambda: torch.ones(2).gather(0, torch.tensor([5])), "index 5 is out of bounds"),
    (lambda: torch.tensor([1], dtype=torch.uint8).clamp(0, 300), "cannot be converted"),
    (lambda: torch.ones(2).split(-1), "split_size"),
    (lambda: torch.unbind(None), "must be Tensor, not NoneType"),
    (lambda: torch.masked_fill(torch.ones(2), None, 1.0), "must be Tensor, not NoneType"),
])  # fmt: skip
def test_errors_are_the_general_roads(call, said):
    with pytest.raises((RuntimeError, TypeError, ValueError), match=said):
        call()
