"""Bytes, short whole numbers and halves: they answer as in PyTorch, without a word from NumPy."""

import itertools
import math

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import same

_draw = np.random.default_rng(3)


def byte(*shape):
    return _draw.integers(0, 256, shape).astype("uint8")


def half(*shape):
    return _draw.uniform(-8, 8, shape).astype("float16")


WHOLE = {
    "linspace": lambda t: t.linspace(4.3, 1, 50, dtype=t.int32),
    "arange": lambda t: t.arange(-0.9, 2.1, 2.0, dtype=t.int32),
    "arange down": lambda t: t.arange(2.1, -2.9, -1.0, dtype=t.int32),
    "scalar_tensor": lambda t: t.scalar_tensor(-5, dtype=t.uint8),
    "fill": lambda t, x: x.fill_(-1),
    "masked_fill": lambda t, x: x.masked_fill(x > 9, -1),
    "index_fill": lambda t, x: x.index_fill(0, t.tensor([1]), -2),
    "index_add": lambda t, x: x.index_add(0, t.tensor([0, 0, 2]), x, alpha=-1),
    "scatter": lambda t, x: x.scatter(0, t.tensor([[0, 1, 1]]), -1),
    "addcmul": lambda t, x: t.addcmul(x, x, x, value=-1),
    "addbmm": lambda t, x: t.addbmm(x, x[None], x[None]),
    "tensordot": lambda t, x: t.tensordot(x[:, :1], x[:1], ([1], [1])),
    "einsum": lambda t, x: t.einsum("...ik,...j->ij", x, x[0]),
    "bilinear": lambda t, x: t.nn.functional.bilinear(x, x, x[None]),
    "sum_to_size": lambda t, x: x.sum_to_size(1, 3),
    "sum_to_size of a flag": lambda t, x: (x[0, 0] > 0).sum_to_size(()),
    "unravel_index": lambda t, x: t.unravel_index(x, (4, 5))[0],
    "masked.cumsum": lambda t, x: t.masked.cumsum(x, 0, mask=x > 9),
    "masked.cumprod": lambda t, x: t.masked.cumprod(x.to(t.int32), 0, mask=x > 9),
}
HALVES = {
    "sinc": lambda t, x: t.sinc(t.cat([x.reshape(-1), t.arange(-3, 4).to(x.dtype)])),
    "norm": lambda t, x: t.linalg.vector_norm(x, 6),
    "dist": lambda t, x: t.dist(x, -x, 4),
    "masked.var": lambda t, x: t.masked.var(x, mask=x > 0, correction=0.5),
    "attention": lambda t, x: t.nn.functional.scaled_dot_product_attention(x, x, x, x),
}


def much(t, number, count=70000):
    return t.full((count,), number, dtype=t.float16)


LONG = {  # what leaves the range or the precision of float16 while it is added up
    "avg_pool1d": lambda t, F: F.avg_pool1d(t.full((1, 1, 5000), 20.0).half(), 5000),
    "adaptive_avg_pool1d": lambda t, F: F.adaptive_avg_pool1d(t.full((1, 5000), 20.0).half(), 1),
    "scatter_add": lambda t, F: t.zeros(1).half().scatter_add(
        0, t.zeros(5000, dtype=t.int64), t.ones(5000).half()
    ),
    "mean": lambda t, f: much(t, 20.0).mean(),
    "mean of columns": lambda t, f: much(t, 20.0).reshape(-1, 2).mean(0),
    "var": lambda t, f: t.tensor(NOISE).var(),
    "var of columns": lambda t, f: t.tensor(NOISE).reshape(-1, 2).var(0),
    "std": lambda t, f: t.arange(1000).half().std(),
    "var_mean": lambda t, f: t.stack(t.var_mean(t.tensor(NOISE) + 50)),
    "softmax": lambda t, f: t.softmax(much(t, 1.0), 0),
    "softmax of columns": lambda t, f: t.softmax(much(t, 1.0).reshape(-1, 2), 0),
    "log_softmax of columns": lambda t, f: t.log_softmax(much(t, 1.0).reshape(-1, 2), 0),
    "cumsum": lambda t, f: much(t, 1.0, 5000).cumsum(0),
    "cumprod": lambda t, f: much(t, 1.001, 5000).cumprod(0),
    "mse_loss": lambda t, f: f.mse_loss(much(t, 20.0, 1000), much(t, 0.0, 1000)),
    "smooth_l1_loss": lambda t, f: f.smooth_l1_loss(much(t, 20.0), much(t, 0.0)),
    "huber_loss": lambda t, f: f.huber_loss(much(t, 20.0), much(t, 0.0)),
    "l1_loss": lambda t, f: f.l1_loss(much(t, 20.0), much(t, 0.0)),
    "kl_div": lambda t, f: f.kl_div(much(t, -1.0), much(t, 0.5), reduction="mean"),
    "binary_cross_entropy": lambda t, f: f.binary_cross_entropy(much(t, 0.3), much(t, 0.0)),
    "with logits": lambda t, f: f.binary_cross_entropy_with_logits(much(t, 20.0), much(t, 0.0)),
}
NOISE = (20 * _draw.standard_normal(6000)).astype("float16")


def both(call, *arrays):
    return (call(t, *[t.tensor(x.copy()) for x in arrays]) for t in (ours, theirs))


@pytest.mark.parametrize("name", WHOLE)
def test_whole_numbers(name):
    takes = WHOLE[name].__code__.co_argcount - 1
    mine, its = both(WHOLE[name], *[byte(3, 3)][:takes])
    assert str(mine.dtype) == str(its.dtype)
    assert mine.shape == its.shape
    assert mine.tolist() == its.tolist()


@pytest.mark.parametrize("name", HALVES)
def test_halves(name):
    mine, its = both(HALVES[name], half(4, 4))
    assert str(mine.dtype) == str(its.dtype)
    np.testing.assert_allclose(mine.numpy(), its.numpy(), rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("name", LONG)
@pytest.mark.filterwarnings("ignore:reduction")
def test_many_halves_are_added_up_in_single(name):
    mine, its = (LONG[name](t, t.nn.functional) for t in (ours, theirs))
    assert str(mine.dtype) == str(its.dtype)
    assert mine.shape == its.shape
    np.testing.assert_allclose(mine.numpy(), its.numpy(), rtol=2e-3, atol=2e-7)


def test_a_mean_of_many_halves_has_a_gradient():
    slopes = []
    for t in (ours, theirs):
        x = much(t, 1.0).requires_grad_()
        x.mean().backward()
        slopes.append(x.grad[0].item())
    assert slopes[0] == slopes[1] > 0


def test_a_matrix_of_halves_is_an_exponent():
    """PyTorch's own answer overflows here."""
    x = ours.tensor(half(4, 4) / 8)
    wide = ours.matrix_exp(x.float()).half()
    assert ours.matrix_exp(x).tolist() == wide.tolist()


@pytest.mark.parametrize("number", [300, -300])
def test_a_number_that_does_not_fit_is_refused(number):
    for t in (ours, theirs):
        x = t.tensor([1, 2], dtype=t.uint8)
        for call in (x.fill_, lambda n, x=x: x.masked_fill(x > 0, n)):
            with pytest.raises(RuntimeError, match="value cannot be converted to type"):
                call(number)


@pytest.mark.parametrize("kind", ["uint8", "int8", "int16", "int32"])
@pytest.mark.parametrize("call", [
    lambda x, n: x.clamp(-5, n), lambda x, n: x.clamp_min(n), lambda x, n: x.clamp_max(n),
    lambda x, n: x.clamp_(max=n), lambda x, n: x.clip(n, n), lambda x, n: x[:0].clamp(max=n),
])  # fmt: skip
def test_a_limit_that_does_not_fit_is_refused(call, kind):
    edge, said = np.iinfo(kind).max, []
    for t in (ours, theirs):
        x = t.tensor([1, 2], dtype=getattr(t, kind))
        with pytest.raises(RuntimeError, match="value cannot be converted to type") as error:
            call(x, edge + 1)
        said.append(str(error.value))
        call(x, edge)
    assert said[0].startswith(said[1])
    mine, its = (t.tensor([1, 2], dtype=getattr(t, kind)).clamp(-5, 100) for t in (ours, theirs))
    assert mine.tolist() == its.tolist()


def test_a_mask_of_floats_serves_halves():
    x = half(3, 4)
    mine, its = both(lambda t, x: t.nn.functional.scaled_dot_product_attention(
        x, x, x, t.zeros(3, 3).fill_diagonal_(-9.0)), x)  # fmt: skip
    np.testing.assert_allclose(mine.numpy(), its.numpy(), rtol=2e-3)


@pytest.mark.parametrize(
    ("channels", "size", "mode", "kind"),
    list(itertools.product(
        (1, 6), ((9, 4), (3, 30)), ("bilinear", "bicubic"), ("", "align_corners", "antialias")
    )),
)
def test_a_picture_of_bytes_stays_one(channels, size, mode, kind):
    settings = {"mode": mode, "size": size} | ({kind: True} if kind else {})
    mine, its = both(lambda t, x: t.nn.functional.interpolate(x, **settings),
                     byte(2, channels, 13, 20))  # fmt: skip
    assert mine.dtype is ours.uint8
    assert mine.tolist() == its.tolist()


def test_complex_numbers_of_halves_are_refused_or_wider():
    x = ours.tensor(half(3, 2))
    assert ours.complex(x, x).dtype is ours.complex64
    with pytest.raises(RuntimeError, match="two halves"):
        ours.view_as_complex(x)


# --- other corners


def test_a_sure_logsigmoid_is_not_minus_zero():
    mine, its = both(lambda t, x: t.nn.functional.logsigmoid(x), np.array([2000.0]))
    assert not np.signbit(mine.numpy())
    assert not np.signbit(its.numpy())


@pytest.mark.parametrize(("a", "b"), [(-3.0, 1.0), (3.0, -1.0), (-0.0, 2.0)])
def test_a_remainder_of_nothing_has_the_sign_of_the_first(a, b):
    mine, its = both(lambda t, a, b: t.remainder(a, b), np.array([a]), np.array([b]))
    assert np.signbit(mine.numpy()) == np.signbit(its.numpy())


def test_a_remainder_is_exact_as_far_as_doubles_reach():
    """PyTorch gives nan for eight such numbers and the right answer for one: we hold to that."""
    def rest(t, count):
        far, near = (t.full((count,), x, dtype=t.float64) for x in (1e300, 1e-300))
        return t.fmod(far, near).tolist() + t.remainder(far, near).tolist()

    assert rest(ours, 8) == 8 * rest(theirs, 1)[:1] + 8 * rest(theirs, 1)[1:]
    assert rest(ours, 1)[0] == math.fmod(1e300, 1e-300)


def test_one_number_is_as_long_as_it_is_large():
    x = np.array([[1e300], [-2e-300]])
    mine, its = both(lambda t, x: t.linalg.vector_norm(x, 2, 1), x)
    assert mine.tolist() == its.tolist() == [1e300, 2e-300]


def test_a_batch_of_no_matrices_has_no_ranks():
    mine, its = both(
        lambda t, x: t.linalg.matrix_rank(x, atol=t.ones(len(x))), np.zeros((0, 3, 3))
    )
    assert mine.shape == its.shape
    x = np.stack([np.diag([1.0, 1e-3]), np.diag([1.0, 1e-20])])
    mine, its = both(lambda t, x: t.linalg.matrix_rank(x, atol=t.tensor([0.1, 0.0])), x)
    assert mine.tolist() == its.tolist() == [1, 1]


def test_the_row_of_the_padding_is_shortened_too():
    def shortened(t, table):
        places, starts = t.tensor([1, 0, 1]), t.tensor([0, 2])
        t.nn.functional.embedding_bag(places, table, starts, 1.0, padding_idx=0)
        return table

    mine, its = both(shortened, 9 * _draw.standard_normal((3, 4)))
    same(mine.numpy(), its.numpy(), 1e-9)


def test_ignoring_every_target_leaves_no_gradient():
    for t in (ours, theirs):
        scores = t.tensor([[1.0, 2.0], [0.0, 1.0]], requires_grad=True)
        loss = t.nn.functional.cross_entropy(scores, t.tensor([1, 1]), ignore_index=1)
        loss.backward()
        assert np.isnan(loss.item())
        assert scores.grad.tolist() == [[0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("p", [0.5, -1, -2])
def test_the_gradient_of_a_norm_at_nothing_is_linear_in_what_comes_in(p):
    def again(t, x):
        x, g = x.requires_grad_(), t.tensor(1.5, dtype=t.float64, requires_grad=True)
        slope = t.autograd.grad(t.linalg.vector_norm(x, p), x, g, create_graph=True)[0]
        return t.autograd.grad(slope.sum(), g)[0]

    mine, its = both(again, np.zeros(3))
    assert mine.item() == its.item() == 0


def test_a_factor_of_nothing_still_has_second_gradients():
    def product(x, src):
        return ours.scatter_reduce(x, 0, ours.tensor([0, 0, 1]), src, "prod")

    x = ours.tensor([0.0, 2.0], dtype=ours.float64, requires_grad=True)
    src = ours.tensor([3.0, 0.0, 4.0], dtype=ours.float64, requires_grad=True)
    assert ours.autograd.gradcheck(product, (x, src))
    assert ours.autograd.gradgradcheck(product, (x, src))


# --- on a GPU

ELSEWHERE = {
    **{name: call for name, call in WHOLE.items() if call.__code__.co_argcount == 2}, **HALVES,
    "scatter_add": lambda t, x: x.scatter_add(0, t.tensor([[0, 0, 1]]), x),
    "amax": lambda t, x: x.scatter_reduce(0, t.tensor([[0, 0, 1]]), x, "amax"),
    "amin of halves": lambda t, x: x.half().index_reduce(0, t.tensor([0, 0, 1]), x.half(), "amin"),
    "accumulated": lambda t, x: t.index_put(x, (t.tensor([0, 0]),), x[:2], accumulate=True),
    "picture": lambda t, x: t.nn.functional.interpolate(x[None, None].byte(), (5, 2),
                                                        mode="bicubic"),
}  # fmt: skip


@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_gpu_answers_alike(name, gpu):
    x = half(3, 3) if name in HALVES else byte(3, 3)
    here = ELSEWHERE[name](ours, ours.tensor(x.copy()))
    with ours.device("cuda"):
        there = ELSEWHERE[name](ours, ours.tensor(x))
    assert there.device.type == "cuda"
    assert there.dtype is here.dtype
    np.testing.assert_allclose(there.cpu().numpy(), here.numpy(), rtol=5e-3)
