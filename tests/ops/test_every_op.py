"""Every op, swept: its words, its gradients, PyTorch's answers, the pretend GPU."""

import numpy as np
import pytest
import torch as oracle

import autograd_lab as lab
from autograd_lab import roads
from autograd_lab.core import Array, Pointwise
from autograd_lab.dispatch import op
from autograd_lab.ops import OPS
from tests.fake_cupy import no_sync
from tests.fake_cupy.fixture import pretend_gpu  # noqa: F401  (a fixture)
from tests.ops import sweep
from tests.ops.samples import S, bare, collected, f
from tests.ops.sweep import as_array, cotangents, dot, gradients, numbers, ours, same, theirs

SAMPLES = collected()
pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),  # 1 / 0 is inf: that is the point here
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
every_op = pytest.mark.parametrize("name", sorted(OPS))
every_sample = pytest.mark.parametrize("name", sorted(SAMPLES))


@every_op
def test_it_explains_itself(name):
    check_words(name, OPS[name])


def check_words(name, call):
    kind, words = call.__wrapped__, call.__doc__ or ""
    first = words.strip().split("\n")[0]
    assert 0 < len(first) <= 79 and first.endswith((".", "!")), f"{name}: first line {first!r}"
    assert ">>> " in words, f"{name}: no example"
    assert kind.formula, f"{name}: no formula"
    if sweep.differentiable(name):
        assert r"\bar" in kind.gradient, f"{name}: a gradient without its formula"
    else:
        assert not kind.gradient, f"{name}: the formula of a gradient that it has not"


@every_op
def test_it_has_samples(name):
    assert name in SAMPLES, "give it a line in tests/ops/samples"


def test_samples_name_what_exists():
    for name in SAMPLES:
        assert sweep.function(name), f"tests/ops/samples: {name} does not exist"


@every_sample
def test_gradients_agree_with_finite_differences(name):
    for sample in SAMPLES[name]:
        if sample.smooth:
            check_gradients(name, sample)


def check_gradients(name, sample):
    """Compare first and second derivatives with finite differences, along random directions."""
    run = ours(name, sample)
    if not run.smooth:
        return
    points = numbers(run.leaves)
    given = cotangents(run.smooth)
    ahead = cotangents(points, seed=2)

    def height(at):
        found = ours(name, sweep.refilled(sample, at))
        return dot(given, numbers(found.smooth))

    found = numbers(gradients(run.smooth, [lab.tensor(g) for g in given], run.leaves))
    for place, g in enumerate(found):
        alone = [v * (k == place) for k, v in enumerate(ahead)]
        rise = sweep.slope(height, points, alone)
        agree(name, sample, f"gradient {place}", dot([g], [ahead[place]]), rise)
    check_second(name, sample, points, given)


def first_gradients(name, sample, points, given):
    """Give the gradients, recorded, and the tensors that they are functions of."""
    run = ours(name, sweep.refilled(sample, points))
    sent = [lab.tensor(g).requires_grad_() for g in given]
    return gradients(run.smooth, sent, run.leaves, create_graph=True), [*run.leaves, *sent]


def check_second(name, sample, points, given):
    first, sources = first_gradients(name, sample, points, given)
    count, at = len(points), [*points, *given]
    kept = [k for k, g in enumerate(first) if g is not None and g.requires_grad]
    if not kept:
        return
    weights = cotangents([first[k] for k in kept], seed=3)
    found = numbers(gradients([first[k] for k in kept], [lab.tensor(w) for w in weights], sources))

    def height(at):
        got, _ = first_gradients(name, sample, at[:count], at[count:])
        return dot(weights, numbers([got[k] for k in kept]))

    ahead = cotangents(at, seed=4)
    for place, g in enumerate(found):
        alone = [v * (k == place) for k, v in enumerate(ahead)]
        rise = sweep.slope(height, at, alone)
        agree(name, sample, f"second gradient {place}", dot([g], [ahead[place]]), rise)


def agree(name, sample, what, found, expected):
    assert abs(found - expected) <= 1e-5 * (1 + abs(expected)), (
        f"{name} {sample}: {what} along a direction is {found}, a finite difference {expected}"
    )


@every_sample
def test_it_answers_as_pytorch(name):
    for sample in SAMPLES[name]:
        for relation, relative in sweep.variants(name, sample):
            if sample.torch is not None:
                check_parity(name, relative, f"{name} {sample}, {relation}")


def check_parity(name, sample, what):
    """Compare values, dtypes, gradients and refusals with PyTorch's."""
    try:
        expected = theirs(name, sample)
    except Exception as error:
        if "not implemented for" not in str(error):
            with pytest.raises(type(error)):
                ours(name, sample)
        return
    before = sweep.arrays_in(sample)
    found = ours(name, sample)
    assert len(found.outputs) == len(expected.outputs), f"{what}: the number of results"
    for x, y in zip(found.outputs, expected.outputs):
        same(x, y, what, sample.near)
        if type(y.grad_fn).__name__ != "NotImplemented":  # PyTorch refuses when it is asked
            assert x.requires_grad == y.requires_grad, f"{what}: requires_grad"
    if not found.outputs:
        assert found.result == expected.result, what
    for x, y in zip(found.inputs, before):
        np.testing.assert_array_equal(as_array(x), y, err_msg=f"{what}: it changed its input")
    if expected.smooth and found.smooth:
        check_parity_of_gradients(found, expected, what, sample.near)


def check_parity_of_gradients(found, expected, what, near):
    given = cotangents(expected.smooth)
    sent = [oracle.from_numpy(g) for g in given]
    try:
        theirs = oracle.autograd.grad(expected.smooth, expected.leaves, sent, allow_unused=True)
    except RuntimeError as error:
        if "is not implemented" not in str(error):
            raise
        return
    mine = gradients(found.smooth, [lab.tensor(g) for g in given], found.leaves)
    for place, (x, y) in enumerate(zip(mine, theirs)):
        y = np.zeros_like(as_array(expected.leaves[place])) if y is None else y
        x = np.zeros_like(as_array(found.leaves[place])) if x is None else x
        same(x, y, f"{what}: gradient {place}", near)


@every_sample
def test_float32_stays_float32(name):
    for sample in SAMPLES[name]:
        if "float32" in sample.only:
            wide = ours(name, sample).outputs
            narrow = ours(name, sweep.changed(sample, sweep.as_kind("float32"))).outputs
            for x, y in zip(wide, narrow):
                half = {"float64": "float32", "complex128": "complex64"}
                dtypes = half.get(str(as_array(x).dtype)), str(as_array(x).dtype)
                explicit = any("dtype" in str(k) for k in sample.kwargs)
                assert str(as_array(y).dtype) in dtypes[: 1 + (explicit or dtypes[0] is None)]


@pytest.fixture
def gpu(pretend_gpu, monkeypatch):  # noqa: F811
    """A pretend GPU; afterwards operations take their short roads again."""
    monkeypatch.setattr(roads, "special", False)
    return pretend_gpu


@every_sample
def test_it_runs_on_the_gpu(name, gpu):
    for sample in SAMPLES[name]:
        if "float32" in sample.only:
            sample = sweep.changed(sample, sweep.as_kind("float32"))
        check_gpu(name, sample)


@every_sample
def test_an_operand_on_another_device_is_refused_in_words(name, gpu):
    for sample in SAMPLES[name]:
        count = len(sweep.arrays_in(sample))
        for stranger in range(count) if count > 1 else ():
            call_across(name, sample, stranger, "cpu", "cuda")
            call_across(name, sample, stranger, "cuda", "cpu")


def call_across(name, sample, stranger, home, abroad):
    """Call an op with one operand on another device: it may work, as with a 0-d operand."""
    places = [home] * len(sweep.arrays_in(sample))
    places[stranger] = abroad
    rest = iter(places)

    def make(x):
        if isinstance(x, bare):
            return lab.device(home).xp.asarray(x.array)
        return lab.tensor(np.array(x), device=next(rest))

    args, kwargs = sample.mapped(make)
    try:
        sweep.function(name)(*args, **kwargs)
    except RuntimeError as error:
        if "same device" not in str(error):
            raise


def check_gpu(name, sample):
    """Compare values, gradients and second gradients with those of the CPU."""
    host = derived(name, sample, "cpu")
    if sweep.is_pointwise(name) and not sample.waits:
        with no_sync():
            ours(name, sample, "cuda")
    there = derived(name, sample, "cuda")
    for kind, mine, expected in zip(("value", "gradient", "second gradient"), there, host):
        assert len(mine) == len(expected)
        for x, y in zip(mine, expected):
            assert (x is None) == (y is None), f"{name} {sample}: {kind}"
            if x is not None:
                assert x.device.type == "cuda", f"{name} {sample}: {kind} is on {x.device}"
                same(x, y, f"{name} {sample} on the GPU: {kind}")


def derived(name, sample, device):
    """Compute values, gradients, and the gradients of these."""
    run = ours(name, sample, device)
    send = [lab.tensor(g, device=device) for g in cotangents(run.smooth)]
    if not run.smooth:
        return run.outputs, [], []
    plain = gradients(run.smooth, send, run.leaves)
    first = gradients(run.smooth, send, run.leaves, create_graph=True)
    kept = [g for g in first if g is not None and g.requires_grad]
    weights = [lab.tensor(w, device=device) for w in cotangents(kept, seed=3)]
    return run.outputs, plain, gradients(kept, weights, run.leaves) if kept else []


class Square(Pointwise):
    """Multiply by itself.

    >>> 2 * 2
    4
    """

    formula, gradient = "y = x^2", r"\bar x = 2 x \bar y"

    def forward(self, x: Array): return x * x  # fmt: skip

    def backward(self, g, x): return 2 * x * g  # fmt: skip


class Mute(Square):
    """Multiply by itself."""


class WrongRule(Square):
    def backward(self, g, x): return x * g  # fmt: skip


class Unrecorded(Square):
    def forward(self, x: Array):
        self.again = x
        return x * x

    def backward(self, g, again):
        return 2 * getattr(again, "array", again) * g


class Widened(Square):
    def forward(self, x: Array): return x.astype("float64") ** 2  # fmt: skip


class WrongNan(Square):
    def forward(self, x: Array): return self.xp.nan_to_num(x * x)  # fmt: skip


class Careless(Square):
    def forward(self, x: Array):
        x *= x
        return x


class OnHost(Square):
    def forward(self, x: Array): return np.multiply(np.ones_like(x), x) * x  # fmt: skip


def no_complaint(name):
    """Do all that the sweep does."""
    check_words(name, OPS[name])
    sample = SAMPLES[name][0]
    check_gradients(name, sample)
    test_float32_stays_float32(name)
    test_it_answers_as_pytorch(name)
    check_gpu(name, sample)


PLANTED = {
    Square: None, Mute: "no example", WrongRule: "gradient 0 along", Unrecorded: "gradient",
    Widened: "dtype", WrongNan: "nan, inf, 0", Careless: "along", OnHost: "use xp.ones_like",
}  # fmt: skip


@pytest.mark.parametrize("cls", PLANTED)
def test_the_sweep_sees_a_mistake(cls, gpu, monkeypatch):
    members = {k: v for k, v in {**vars(Square), **vars(cls)}.items() if k[:2] != "__"}
    body = {**members, "__doc__": cls.__doc__ or Square.__doc__, "__module__": __name__}
    monkeypatch.setitem(OPS, "planted", None)
    op(type("planted", (Pointwise,), body))
    monkeypatch.setitem(SAMPLES, "planted", [S(f(2, 3), torch="square")])
    if cls is Square:
        no_complaint("planted")
    else:
        with pytest.raises((AssertionError, TypeError), match=PLANTED[cls]):
            no_complaint("planted")
