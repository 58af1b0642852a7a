"""Randomness: repeatable bit for bit, with the right distributions, and states that travel."""

import pickle
import threading

import numpy as np
import pytest

import autograd_lab as torch
from tests.core.oracle import both, oracle, outcome, refused
from tests.fake_cupy.fixture import pretend_gpu

__all__ = ["pretend_gpu"]

DRAWS = {
    "rand": lambda **g: torch.rand(2, 3, **g), "randn": lambda **g: torch.randn(3, **g),
    "double": lambda **g: torch.randn(3, dtype=torch.float64, **g),
    "complex": lambda **g: torch.randn(3, dtype=torch.complex64, **g),
    "half": lambda **g: torch.rand(3, dtype=torch.float16, **g),
    "randint": lambda **g: torch.randint(0, 100, (5,), **g),
    "randperm": lambda **g: torch.randperm(10, **g),
    "normal": lambda **g: torch.normal(1.0, 2.0, (3,), **g),
    "normals": lambda **g: torch.normal(torch.zeros(3), torch.ones(3), **g),
    "bernoulli": lambda **g: torch.bernoulli(torch.full((20,), 0.5), **g),
    "multinomial": lambda **g: torch.multinomial(torch.ones(10), 5, **g),
    "uniform_": lambda **g: torch.empty(3).uniform_(-1, 1, **g),
    "normal_": lambda **g: torch.empty(3).normal_(0, 2, **g),
    "random_": lambda **g: torch.empty(3).random_(0, 10, **g),
    "bernoulli_": lambda **g: torch.empty(20).bernoulli_(0.5, **g),
    "cauchy_": lambda **g: torch.empty(3).cauchy_(1, 2, **g),
    "geometric_": lambda **g: torch.empty(20).geometric_(0.1, **g),
    "log_normal_": lambda **g: torch.empty(3).log_normal_(**g),
}  # fmt: skip
LIKE = {
    "rand_like": lambda: torch.rand_like(torch.ones(3)),
    "randn_like": lambda: torch.randn_like(torch.ones(3)),
    "randint_like": lambda: torch.randint_like(torch.ones(3), 100),
}


def same(a, b):
    """Say whether two tensors are equal to the last bit."""
    return a.dtype is b.dtype and a.numpy().tobytes() == b.numpy().tobytes()


@pytest.fixture(autouse=True)
def _seeded():
    before = torch.get_rng_state()
    torch.manual_seed(1)
    yield
    torch.set_rng_state(before)


@pytest.mark.parametrize("kind", [*DRAWS, *LIKE])
def test_the_same_seed_gives_the_same_numbers(kind):
    draw = {**DRAWS, **LIKE}[kind]
    torch.manual_seed(7)
    first = [draw() for _ in range(3)]
    torch.manual_seed(7)
    again = [draw() for _ in range(3)]
    assert all(map(same, first, again)) and not same(first[0], first[1])
    torch.manual_seed(8)
    assert not same(draw(), first[0])


@pytest.mark.parametrize("kind", DRAWS)
def test_a_generator_is_a_source_of_its_own(kind):
    g, draw = torch.Generator().manual_seed(7), DRAWS[kind]
    before = torch.get_rng_state()
    first = draw(generator=g)
    assert same(torch.get_rng_state(), before)
    torch.manual_seed(7)
    assert same(draw(), first)
    assert same(draw(generator=torch.Generator().manual_seed(7)), first)


@pytest.mark.parametrize("kind", DRAWS)
def test_a_state_can_be_restored_anywhere(kind):
    draw = DRAWS[kind]
    torch.rand(3), torch.randn(1), torch.randint(0, 9, (1,))
    state = torch.get_rng_state()
    first = [draw(), draw()]
    torch.set_rng_state(state)
    assert all(map(same, first, [draw(), draw()]))
    twin = torch.Generator()
    twin.set_state(pickle.loads(pickle.dumps(state)))
    assert twin.initial_seed() == torch.initial_seed()
    assert all(map(same, first, [draw(generator=twin), draw(generator=twin)]))


def test_a_state_is_a_copy():
    state = torch.get_rng_state()
    kept = state.clone()
    torch.rand(10)
    assert same(state, kept) and state.dtype is torch.uint8 and state.ndim == 1
    assert not same(torch.get_rng_state(), state)


def test_a_wrong_state_is_refused():
    with pytest.raises(RuntimeError, match="RNG state is wrong size"):
        torch.set_rng_state(torch.zeros(8, dtype=torch.uint8))


def test_seeds():
    assert torch.manual_seed(5).initial_seed() == 5 == torch.initial_seed()
    assert torch.seed() == torch.initial_seed() != 5
    for seed in (-1, 0, 2**63, 2**64 - 1, -(2**63)):
        torch.manual_seed(seed)
        assert torch.initial_seed() == seed
    with pytest.raises(ValueError, match="Overflow"):
        torch.manual_seed(2**64)


def test_a_clone_of_a_generator():
    g = torch.Generator().manual_seed(3)
    torch.rand(5, generator=g)
    twin = g.clone_state()
    assert same(torch.rand(5, generator=g), torch.rand(5, generator=twin))


def test_two_new_generators_agree():
    assert same(
        torch.rand(3, generator=torch.Generator()), torch.rand(3, generator=torch.Generator())
    )


def test_fork_rng():
    before = torch.get_rng_state()
    with torch.random.fork_rng():
        torch.rand(3)
    assert same(torch.get_rng_state(), before)


# --- distributions


N = 40_000


def moments(x):
    """Give mean and standard deviation of a tensor's numbers."""
    numbers = x.numpy().astype(np.complex128 if x.dtype.is_complex else np.float64)
    return numbers.mean(), numbers.std()


@pytest.mark.parametrize(("make", "mean", "std"), [
    (lambda: torch.rand(N), 0.5, 12**-0.5), (lambda: torch.randn(N), 0, 1),
    (lambda: torch.rand(N, dtype=torch.float64), 0.5, 12**-0.5),
    (lambda: torch.randn(N, dtype=torch.complex128), 0, 1),
    (lambda: torch.normal(3.0, 2.0, (N,)), 3, 2),
    (lambda: torch.randint(0, 10, (N,)), 4.5, 8.25**0.5),
    (lambda: torch.bernoulli(torch.full((N,), 0.3)), 0.3, 0.21**0.5),
    (lambda: torch.normal(torch.full((N,), 3.0), 0.5), 3, 0.5),
    (lambda: torch.empty(N).uniform_(-2, 4), 1, 3**0.5),
    (lambda: torch.empty(N).normal_(1, 3), 1, 3),
    (lambda: torch.multinomial(torch.tensor([1.0, 0, 3]), N, replacement=True), 1.5, 0.75**0.5),
    (lambda: torch.empty(N).exponential_(2.0), 0.5, 0.5),
    (lambda: torch.empty(N).geometric_(0.25), 4, 12**0.5),
    (lambda: torch.empty(N, dtype=torch.int64).geometric_(0.5).double(), 2, 2**0.5),
    (lambda: torch.empty(N).log_normal_(0, 0.5), 1.1331, 0.6039),
])  # fmt: skip
def test_moments(make, mean, std):
    found = moments(make())
    assert abs(found[0] - mean) < 5 * max(std, 1) / N**0.5 * 2
    assert found[1] == pytest.approx(std, rel=0.03)


def test_limits():
    r, n = torch.rand(N), torch.randint(3, 6, (N,))
    assert r.min() >= 0 and r.max() < 1
    assert sorted(set(n.tolist())) == [3, 4, 5]
    assert sorted(torch.randperm(1000).tolist()) == list(range(1000))
    half = torch.rand(N, dtype=torch.float16)
    assert half.max() < 1
    picked = torch.multinomial(torch.tensor([[1.0, 1, 0, 1], [0, 1, 1, 1]]), 3)
    assert [sorted(row) for row in picked.tolist()] == [[0, 1, 3], [1, 2, 3]]


def test_without_replacement_the_heavier_come_first_more_often():
    weights = torch.tensor([1.0, 2.0, 0.0, 5.0])
    pairs = torch.multinomial(weights.expand(N, 4), 2).tolist()
    for first, second in ((0, 1), (1, 0), (3, 1), (1, 3)):
        w = weights.tolist()
        chance = w[first] / 8 * w[second] / (8 - w[first])
        found = pairs.count([first, second]) / N
        assert found == pytest.approx(chance, abs=5 * (chance / N) ** 0.5)
    assert not any(2 in pair for pair in pairs)


@pytest.mark.filterwarnings("error")
def test_weights_of_zero_and_of_nearly_zero_are_drawn_in_silence():
    tiny = torch.tensor([0.0, 0.0, 1e-310], dtype=torch.float64)
    assert {torch.multinomial(tiny, 1).item() for _ in range(100)} == {2}
    huge = torch.tensor([1e308, 0.0, 1e308], dtype=torch.float64)
    assert set(torch.multinomial(huge, 100, True).tolist()) == {0, 2}


def test_all_orders_are_as_likely():
    counts = {}
    for _ in range(3000):
        order = tuple(torch.randperm(3).tolist())
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6 and min(counts.values()) > 380 and max(counts.values()) < 620


# --- shapes, dtypes, errors: as in PyTorch


@both
def test_shapes_and_dtypes(torch):
    made = [
        torch.rand(2, 3), torch.rand((2,)), torch.rand([]), torch.randn(2, dtype=torch.float64),
        torch.randint(5, (2,)), torch.randint(0, 5, (2, 1), dtype=torch.int32), torch.randperm(4),
        torch.randint(0, 5, (2,), dtype=torch.float32), torch.randperm(4, dtype=torch.int32),
        torch.normal(0.0, 1.0, (2,)), torch.normal(torch.zeros(2, 1), torch.ones(3)),
        torch.normal(torch.zeros(2), 1.0), torch.normal(0.0, torch.ones(2)),
        torch.bernoulli(torch.zeros(2, dtype=torch.float64)),
        torch.rand_like(torch.ones(2).double()),
        torch.randn_like(torch.ones(2), dtype=torch.float64), torch.multinomial(torch.ones(3), 2),
        torch.multinomial(torch.ones(2, 3), 2), torch.rand(2, requires_grad=True),
        torch.randn(0, 3), torch.rand(2, dtype=torch.complex64), torch.randn(2).requires_grad_(),
    ]  # fmt: skip
    return [(t.dtype, t.shape, t.requires_grad) for t in made]


@refused("random_ expects 'from' to be less than 'to', but got from=5 >= to=5")
def test_an_empty_range(torch):
    torch.randint(5, 5, (2,))


@refused("normal expects")
def test_a_negative_deviation(torch):
    torch.normal(0.0, -1.0, (2,))


@refused("p_in")
def test_a_chance_above_one(torch):
    torch.bernoulli(torch.tensor([1.5]))


@refused("\"bernoulli_tensor_cpu_p_\" not implemented for 'Long'")
def test_chances_that_are_whole_numbers(torch):
    torch.bernoulli(torch.tensor([0, 1]))


@refused("\"bernoulli_tensor_cpu_p_\" not implemented for 'Bool'")
def test_chances_that_are_true_or_false(torch):
    torch.tensor([True]).bernoulli()


@both
def test_whole_numbers_are_drawn_with_a_chance_given_apart(torch):
    x = torch.zeros(3, dtype=torch.int64)
    return [torch.bernoulli(x, 1.0).tolist(), x.bernoulli(0.0).dtype, x.bernoulli_(1.0).tolist()]


@refused("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
def test_too_many_draws(torch):
    torch.multinomial(torch.ones(3), 4)


@refused("inf", ours="inf")
def test_negative_weights(torch):
    torch.multinomial(torch.tensor([1.0, -1.0]), 1)


@refused("negative dimension")
def test_negative_sizes(torch):
    torch.rand(-1)


@refused("not implemented for 'Int'")
def test_whole_uniform_numbers(torch):
    torch.rand(2, dtype=torch.int32)


WRONG = {
    "uniform_": (lambda x: x.uniform_(2, 1), "uniform_ expects to return a [from, to) range"),
    "normal_": (lambda x: x.normal_(0, -1), "normal expects std >= 0.0, but found std -1"),
    "random_": (lambda x: x.random_(5, 5), "random_ expects 'from' to be less than 'to'"),
    "bernoulli_": (lambda x: x.bernoulli_(2), "bernoulli_ expects p to be in [0, 1]"),
    "exponential_": (lambda x: x.exponential_(-1), "exponential_ expects lambda > 0.0"),
    "cauchy_": (lambda x: x.cauchy_(0, 0), "cauchy_ expects sigma > 0.0, but found sigma=0"),
    "whole cauchy_": (lambda x: x.long().cauchy_(), "Cauchy distribution is a continuous"),
    "geometric_": (lambda x: x.geometric_(1), "geometric_ expects p to be in (0, 1), but got p=1"),
    "bool geometric_":
        (lambda x: x.bool().geometric_(0.5), "\"geometric_cpu\" not implemented for 'Bool'"),
    "log_normal_": (lambda x: x.log_normal_(0, 0), "log_normal_ expects std > 0.0, but found"),
    "whole log_normal_":
        (lambda x: x.long().log_normal_(), "\"log_normal_cpu\" not implemented for 'Long'"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_settings_of_a_fill(kind):
    work, words = WRONG[kind]
    refused(words)(lambda torch: work(torch.empty(2)))()


ODD_ENDS = {
    "nothing": ([None], "(NoneType)"), "no ends": ([None, None], "(NoneType, NoneType)"),
    "no beginning": ([None, 5], "(NoneType, int)"), "a float": ([2.5], "(float)"),
    "a whole float": ([0.0, 1], "(float, int)"), "a word": (["a"], "(str)"),
    "a truth": ([True], "(bool)"), "several": (lambda t: [t.tensor([1])], "(Tensor)"),
    "a tensor of a float": (lambda t: [t.tensor(1.0)], "(Tensor)"),
    "too large": ([2**70], "Overflow when unpacking long long"),
    "just too large": ([2**63], "Overflow when unpacking long long"),
    "too small": ([-(2**70), 0], "Overflow when unpacking long long"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD_ENDS)
def test_odd_ends_of_whole_numbers(kind):
    ends, words = ODD_ENDS[kind]
    if words.startswith("("):
        words = f"random_() received an invalid combination of arguments - got {words}"

    @refused(words)
    def draw(torch):
        torch.ones(2).random_(*(ends(torch) if callable(ends) else ends))

    draw()


OUT_OF_BOUNDS = [
    ("uint8", 0, 257), ("uint8", -1, 3), ("uint8", 300, 400), ("uint8", 300, None),
    ("uint8", -3, None), ("int8", -200, 3), ("int16", 0, 2**20), ("int32", 0, 2**40),
    ("bool", 0, 3), ("bool", -1, 2), ("float16", 0, 2**20), ("float16", -(10**6), 3),
    ("complex64", 0, 3), ("uint8", 5, 2),
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "low", "high"), OUT_OF_BOUNDS)
def test_whole_numbers_that_a_dtype_cannot_hold(dtype, low, high):
    calls = [lambda t: t.ones(2, dtype=getattr(t, dtype)).random_(low, high)]
    if high is not None:
        calls.append(lambda t: t.randint(low, high, (2,), dtype=getattr(t, dtype)))
    for call in calls:
        theirs = str(outcome(oracle(), call, {}))
        refused(theirs)(call)()


@both
def test_whole_numbers_of_odd_kinds(torch):
    x = torch.zeros(3)
    return [
        x.random_(np.int64(1)).clone(), x.random_(torch.tensor(1)).clone(),
        x.random_(torch.tensor(3), torch.tensor(4)).clone(), torch.zeros(0).random_(5).clone(),
        torch.zeros(3, dtype=torch.uint8).random_(255, 256), torch.randint(np.int64(1), (2,)),
        torch.zeros(3, dtype=torch.float16).random_(65504).isfinite(),
        torch.zeros(3, dtype=torch.int8).random_(-128, -127),
    ]  # fmt: skip


@pytest.mark.parametrize(("args", "words"), [
    ((2.5, (2,)), "argument 'high' (position 1) must be int, not float"),
    ((0, 2.5, (2,)), "invalid combination of arguments - got (int, float, tuple)"),
    ((0.0, 3, (2,)), "invalid combination of arguments - got (float, int, tuple)"),
    ((None, (2,)), "argument 'high' (position 1) must be int, not NoneType"),
    ((2**63, (2,)), "Overflow when unpacking long long"),
])  # fmt: skip
def test_odd_ends_of_randint(args, words):
    refused(words)(lambda torch: torch.randint(*args))()


@refused("a leaf Variable that requires grad is being used in an in-place operation.")
def test_filling_a_leaf(torch):
    torch.ones(2, requires_grad=True).normal_()


@both
def test_fills_of_every_dtype(torch):
    made = []
    for name in ("uint8", "int64", "float16", "float32", "float64", "bool"):
        x = torch.empty(200, dtype=getattr(torch, name))
        made += [
            x.bernoulli_(1.0).sum(),
            x.bernoulli_(torch.zeros(200)).sum(),
            x.random_(1, 2).sum(),
        ]
        made += [bool((x.random_() >= 0).all()), x.random_(1).sum()]
    return made


# --- threads


def test_threads_with_generators_of_their_own_are_repeatable():
    def run():
        found = {}

        def work(n):
            g = torch.Generator().manual_seed(n)
            found[n] = [torch.randn(50, generator=g).numpy().tobytes() for _ in range(40)]

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        return found

    assert run() == run()


def test_threads_may_share_the_default_generator():
    """Nobody gets a number that another got: the draws are a permutation of one thread's draws."""
    torch.manual_seed(3)
    alone = {torch.rand(4).numpy().tobytes() for _ in range(400)}
    torch.manual_seed(3)
    found, lock = [], threading.Lock()

    def work():
        mine = [torch.rand(4).numpy().tobytes() for _ in range(100)]
        with lock:
            found.extend(mine)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert set(found) == alone


def test_training_is_repeatable():
    def train():
        torch.manual_seed(0)
        w = torch.randn(5, requires_grad=True)
        for _ in range(10):
            x = torch.randn(8, 5)
            loss = ((x * w).sum(1) - x[:, 0]).tanh().sum()
            loss.backward()
            w.data -= 0.1 * w.grad
            w.grad = None
        return w

    assert same(train().detach(), train().detach())


@pytest.mark.usefixtures("pretend_gpu")
def test_draws_for_a_tensor_on_the_gpu():
    """What is drawn there is what would be drawn here: chance lives in main memory."""
    draws = {
        "multinomial": lambda x: torch.multinomial(x, 2), "bernoulli": torch.bernoulli,
        "normal": lambda x: torch.normal(x, x), "cauchy_": lambda x: x.clone().cauchy_(),
        "bernoulli_": lambda x: x.clone().bernoulli_(x), "rand_like": torch.rand_like,
    }  # fmt: skip
    x = torch.tensor([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]])
    for name, draw in draws.items():
        made = []
        for place in ("cpu", "cuda"):
            torch.manual_seed(3)
            made.append(draw(x.to(place)))
        assert made[1].is_cuda and same(made[0], made[1].cpu()), name


def test_cauchy_has_its_quartiles():
    x = torch.empty(N, dtype=torch.float64).cauchy_(1, 3)
    low, middle, high = np.quantile(x.numpy(), [0.25, 0.5, 0.75])
    assert (low, middle, high) == pytest.approx((-2, 1, 4), abs=0.15)


# --- counts: binomial, poisson


@both
def test_counts_that_are_certain(torch):
    count, chance = torch.tensor([10.0, 10.0, -1.0]), torch.tensor([1.0, 0.0, 2.0])
    return torch.binomial(count, chance), torch.binomial(count, chance[:1]), torch.poisson(
        torch.zeros(2, 2, dtype=torch.float64)
    )


def test_counts_have_the_mean_and_variance_that_they_should():
    torch.manual_seed(0)
    count, chance = torch.tensor([20.0, 3.0]), torch.tensor([0.3, 0.9])
    drawn = torch.binomial(count.expand(20_000, 2), chance)
    np.testing.assert_allclose(drawn.mean(0).numpy(), [6.0, 2.7], rtol=0.02)
    np.testing.assert_allclose(drawn.var(0).numpy(), [4.2, 0.27], rtol=0.05)
    drawn = torch.poisson(torch.tensor([0.5, 7.0]).expand(20_000, 2))
    np.testing.assert_allclose(drawn.mean(0).numpy(), [0.5, 7.0], rtol=0.05)
    np.testing.assert_allclose(drawn.var(0).numpy(), [0.5, 7.0], rtol=0.05)


def test_counts_follow_a_generator():
    rate = torch.full((9,), 5.0)
    found = [
        (torch.poisson(rate, g).tolist(), torch.binomial(rate, rate / 10, g).tolist())
        for g in (torch.Generator().manual_seed(3) for _ in range(2))
    ]
    assert found[0] == found[1]


@both
def test_what_a_count_is_drawn_from_gets_a_gradient_of_zeros(torch):
    rate = torch.tensor([5.0], requires_grad=True)
    torch.poisson(rate).sum().backward()
    return rate.grad


COUNTS = {
    "whole tries": (lambda t: t.binomial(t.tensor([1]), t.tensor([0.5])), "for count, got: Long"),
    "whole chance": (lambda t: t.binomial(t.tensor([1.0]), t.tensor([1])), "for prob, got: Long"),
    "other dtype": (lambda t: t.binomial(t.ones(1).double(), t.ones(1)), "Found dtype Float but"),
    "whole rate": (lambda t: t.poisson(t.tensor([1])), "not implemented for 'Long'"),
    "negative rate": (lambda t: t.poisson(t.tensor([-1.0])), "expected rate to be non-negative"),
}


@pytest.mark.parametrize("what", COUNTS)
def test_counts_that_cannot_be_drawn(what):
    call, words = COUNTS[what]
    refused(words)(lambda torch: call(torch))()


@both
def test_a_range_from_somewhere(torch):
    def ends(x):
        return float(x.min()), float(x.max())

    return [
        ends(torch.zeros(9).uniform_(**{"from": 2, "to": 2})),
        ends(torch.zeros(9).uniform_(**{"from": 1})),
        ends(torch.zeros(9).random_(**{"from": 3, "to": 4})),
        ends(torch.zeros(9, dtype=torch.uint8).random_(**{"from": 255, "to": None})),
        ends(torch.zeros(9, dtype=torch.uint8).random_(255, None)),
        ends(torch.zeros(9).random_(to=1)),
    ]


@refused("random_ expects 'from' to be less than 'to', but got from=0 >= to=0")
def test_no_whole_number_is_below_0(torch):
    torch.zeros(3).random_(0)


@refused("Overflow when unpacking long long")
def test_a_seed_of_too_many_bits(torch):
    torch.manual_seed(2**64)
