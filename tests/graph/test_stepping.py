"""The walk of the tape deck: its order, its sums, and live numbers that really add up."""

import math
import re

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.nn import functional as F
from autograd_lab.replay import user_node
from autograd_lab.stepping import walk
from autograd_lab.stepping.formula_tree import Unread, read, value_of, written
from autograd_lab.stepping.numbers import number_in, shown
from autograd_lab.stepping.rule import host
from autograd_lab.watching import remember_lines
from tests.graph.cells import notebook
from tests.ops import sweep
from tests.ops.samples import collected

SAMPLES = collected()
HEIGHTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
KNOWN = {
    "ln": math.log, "sqrt": math.sqrt, "sgn": lambda x: (x > 0) - (x < 0), "trunc": math.trunc,
    "pi": math.pi, "floor": math.floor, "sigma": lambda x: 1 / (1 + math.exp(-x)), "erf": math.erf,
    "Phi": lambda x: (1 + math.erf(x / math.sqrt(2))) / 2, "inf": math.inf, "nan": math.nan,
    "phi": lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi), "arccos": math.acos,
    "arcsin": math.asin, "arctan": math.atan, "abs": abs,
}  # fmt: skip
KNOWN |= {name: getattr(math, name) for name in ("sin cos tan sinh cosh tanh exp e".split())}


@pytest.fixture(autouse=True)
def watched():
    remember_lines()
    yield
    remember_lines(False)


def leaf(*shape):
    return torch.randn(*shape, dtype=torch.float64).requires_grad_()


def amount(text):
    """Work out what a reader reads: a calculator of its own, for the text that is shown."""
    text = re.sub(r" \([\d,]+ more\)", "", text)
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda m: f"**({m[0].translate(HEIGHTS)})", text)
    text = re.sub(r"\|([^|]+)\|", r"abs(\1)", text)
    text = re.sub(r"√(\w+)", r"sqrt(\1)", text).replace("√", "sqrt")
    text = re.sub(r"(?<![\w.])e\^", "exp^", text)
    text = re.sub(r"exp\^(\([^()]*(?:\([^()]*\)[^()]*)*\)|\w+)", r"exp(\1)", text)
    text = text.replace("^", "**")
    text = text.replace("[", "1.0*(").replace("]", ")").replace("≠", "!=").replace("≥", ">=")
    text = re.sub(r"(?<![<>!=])=(?!=)", "==", text).replace("≤", "<=")
    words = "* - 0.5 pi floor( ) inf sigma Phi phi".split()
    for sign, word in zip("·−½π⌊⌋∞σΦφ", words, strict=True):
        text = text.replace(sign, word)
    return float(eval(text.replace("NaN", "nan"), {"__builtins__": {}}, KNOWN))


def sums_up(rule, number, what):
    """Assert that what is shown is what is true."""
    assert rule.result == shown(number), what
    if not rule.numbers or isinstance(number, complex) or not math.isfinite(number):
        return False
    try:
        found = amount(rule.numbers)
    except (ZeroDivisionError, OverflowError, ValueError):
        return False
    near = 6e-3 * abs(number) + 1e-12 if not rule.near else 1e-3 * abs(number) + 1e-5
    assert abs(found - number) <= near, f"{what}: {rule} comes to {found}, not {number}"
    return True


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_live_numbers_of_every_operation_add_up(name):
    told = 0
    for sample in SAMPLES[name]:
        run = sweep.ours(name, sample)
        if not run.smooth:
            continue
        made = [y for y in run.smooth if y.numel()]
        weights = [torch.tensor(w) for w in sweep.cotangents(made)]
        if not made:
            continue
        loss = sum(
            (torch.abs(y) if y.dtype.is_complex else y * w).sum() for y, w in zip(made, weights)
        )
        deck = walk(loss, {})
        for at, step in enumerate(deck.steps):
            beat = deck.beat(at)
            gates = 3 if name.endswith("_layer") and step.kind == "forward" else 1
            assert len(beat.rules) <= max(gates, len(step.gives)), step
            if step.kind == "forward":
                continue
            visit = deck.visits[at - len(deck.forward)]
            gifts = [g for g in visit.given if user_node(g.source) in deck.ids]
            for rule, gift in zip(beat.rules, gifts, strict=True):
                index = re.search(r"\[([\d,]+)\]$", rule.left)
                index = tuple(int(i) for i in index[1].split(",")) if index else ()
                if rule.result:
                    number = host(gift.gradient)[index].item()
                    told += sums_up(rule, number, f"{name} {sample}")
            for text in filter(None, beat.sums):
                parts, total = text.split(" = ")
                if "∞" not in text and "NaN" not in text:
                    assert amount(parts) == pytest.approx(number_in(total), rel=6e-3, abs=1e-12)
    assert told or not run.smooth or name in UNTOLD, f"{name}: no rule was told with numbers"


UNTOLD = set()


def test_the_issues_own_example():
    a = torch.tensor(2.0, requires_grad=True)
    b = torch.tensor(-3.0, requires_grad=True)
    c = a * b
    loss = c * 0.5
    deck = walk(loss)
    rule = deck.beat(3).rules[0]
    assert rule.left == "∂L/∂a"
    assert rule.names == "∂L/∂c · b" and rule.numbers == "0.5 · (−3)" and rule.result == "−1.5"


def test_sums_where_paths_meet():
    x = torch.tensor(2.0, requires_grad=True)
    y = x * 0.5 - x * 1.5
    deck = walk(y)
    assert [s for at in range(len(deck.steps)) for s in deck.beat(at).sums if s] == [
        "−1.5 + 0.5 = −1"
    ]
    gives = [give for step in deck.steps for give in step.gives if deck.name(give.to) == "x"]
    assert [(give.nth, give.of) for give in gives] == [(1, 2), (2, 2)]
    assert gives[-1].sum.values == (-1.0,)


def test_the_order_is_the_one_of_backward():
    x = leaf(3)
    h = x.exp()
    loss = (h * x + h).sum()
    deck = walk(loss)
    names = [deck.nodes[step.node].op for step in deck.steps]
    assert names == ["exp", "mul", "add", "sum", "sum", "add", "mul", "exp"]
    loss.backward()
    np.testing.assert_allclose(deck.gradients[deck.ids[x.node]], x.grad.numpy())


def test_the_entry_in_play_is_the_largest_or_the_learners():
    x = torch.tensor([1.0, -5.0, 2.0], requires_grad=True)
    deck = walk((x * x).sum())
    number = deck.ids[x.node]
    assert deck.play(number) == (1,)
    deck.pick(number, [2])
    assert deck.beat(2 + 1).rules[0].left == "∂L/∂x[2]"
    with pytest.raises(ValueError, match="no entry"):
        deck.pick(number, [3])


def test_a_matrix_product_names_its_factors():
    x, w = torch.ones(2, 3), leaf(3, 2).float().detach().requires_grad_()
    deck = walk((x @ w).sum())
    rule = deck.beat(3).rules[0]
    assert re.fullmatch(r"Σ ∂L/∂matmul\[j,\d\] · x\[j,\d\]", rule.names)
    assert re.fullmatch(r"Σ x\[\d,j\] · w\[j,\d\]", deck.beat(0).rules[0].names)


def test_a_plain_sum_needs_no_factors():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor(1.0, requires_grad=True)
    deck = walk((x * 3 + b).sum())
    assert deck.beat(2).rules[0].numbers == "7 + 4"
    rule = next(r for at in range(6) for r in deck.beat(at).rules if r.left == "∂L/∂b")
    assert rule.numbers == "1 + 1" and rule.result == "2"


def test_code_is_listed_by_cells_with_exact_columns():
    with notebook() as run:
        run(
            "import autograd_lab as torch\nfrom autograd_lab.stepping import walk\n"
            "torch.remember_lines()\nx = torch.tensor(2.0, requires_grad=True)\n学 = x * x"
        )
        deck = run("y = (\n    学 + 1\n)\ndeck = walk(y); deck.code; deck")
    cells, places = deck.code
    assert [cell["title"] for cell in cells] == ["In[1]", "In[2]"]
    assert places[deck.ids[deck.ops[0]]][:3] == (0, 5, 4)
    cell, line, column, end_line, end_column = places[deck.ids[deck.ops[1]]]
    assert cells[cell]["lines"][line - 1][1][column:end_column] == "学 + 1"
    assert line == end_line == 2


def test_wrong_order_loses_what_comes_late():
    a = torch.tensor(1.0, requires_grad=True)
    c = a * 3
    y = c * (c + 1)
    deck = walk(y)
    (found,) = deck.wrong.leaves
    assert found.right == "21" and found.wrong == "12" and not found.same
    assert deck.wrong.says.startswith("c was visited when 1 of its 2 gradients had arrived")
    y.backward()
    assert a.grad.item() == 21


def test_wrong_order_says_when_nothing_is_lost():
    x = torch.tensor(1.0, requires_grad=True)
    deck = walk(x.exp().sin())
    assert "Nothing is lost" in deck.wrong.says and deck.wrong.leaves[0].same


def test_only_the_newest_of_very_many_are_played():
    x = y = torch.tensor(1.0, requires_grad=True)
    for _ in range(300):
        y = y * 1.001
    deck = walk(y, most=100)
    assert len(deck.ops) == 100 and deck.left_out == 200 and len(deck.steps) == 200
    assert all(deck.beat(at).rules for at in (0, 50, 120, 199))
    assert x.grad is None


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: leaf(3).exp(), "shape \\[3\\]. Step through its .sum"),
        (lambda: leaf(0).exp(), "shape \\[0\\]"),
        (lambda: torch.ones(2).sum(), "does not require grad"),
        (lambda: (leaf(1).sum() * (1 + 2j)), "complex"),
    ],
)
def test_what_cannot_be_stepped_through(make, words):
    with pytest.raises(RuntimeError, match=words):
        walk(make())


def test_what_is_no_tensor():
    with pytest.raises(TypeError, match="not a float"):
        walk(3.0)


def test_nobody_watched():
    remember_lines(False)
    with pytest.raises(RuntimeError, match="remember_lines"):
        walk(leaf(2).exp().sum())


def test_a_start_can_be_given():
    x = leaf(3)
    deck = walk(x * 2, gradient=torch.tensor([1.0, 0.0, 2.0], dtype=torch.float64))
    np.testing.assert_array_equal(deck.gradients[deck.ids[x.node]], [2.0, 0.0, 4.0])


def test_a_freed_graph_can_still_be_stepped_through():
    x = leaf(3)
    loss = x.exp().sum()
    loss.backward()
    deck = walk(loss)
    np.testing.assert_allclose(deck.gradients[deck.ids[x.node]], x.grad.numpy())


def test_nan_is_shown_and_named():
    x = torch.tensor([1.0, -1.0], requires_grad=True)
    deck = walk(x.log().sum())
    assert deck.beat(0).rules[0].result == "NaN"
    assert deck.beat(3).to_dict()["slices"][0]["values"] == [[1.0, 1.0]]


def test_a_learners_own_function():
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            return g * 3 * ctx.saved_tensors[0] ** 2

    x = leaf(2)
    deck = walk(Cube.apply(x).sum())
    rule = deck.beat(3).rules[0]
    assert amount(rule.numbers) == pytest.approx(number_in(rule.result), rel=6e-3)


def test_a_recurrent_net_and_batch_norm_can_be_told():
    net = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
    )
    loss = F.cross_entropy(net(torch.randn(4, 1, 8, 8)), torch.tensor([0, 1, 2, 3]))
    deck = walk(loss)
    beats = [deck.beat(at).to_dict() for at in range(len(deck.steps))]
    assert all(beat["rules"] for beat in beats)


# --- the formula reader


@pytest.mark.parametrize("latex", [r"\sum_i x_i", r"y^H", "x_{ij}", "a [", r"\bar y \odot", ""])
def test_what_is_no_formula_of_single_entries_is_not_read(latex):
    with pytest.raises(Unread):
        written(read(latex), {"y": "y", "a": "a", "x": "x", "bar y": "g"})


def test_numbers_stand_in_brackets_where_a_sign_would_confuse():
    tree = read(r"a \odot b^2 - b")
    assert written(tree, {"a": "−1", "b": "−2"}) == "−1 · (−2)² − (−2)"
    assert value_of(tree, {"a": -1.0, "b": -2.0}) == -2


@pytest.mark.parametrize("name", ["</script>", "{x}", "$a_b^c$", "∂L"])
def test_names_are_never_read_as_formula(name):
    assert written(read(r"\bar y \odot b"), {"bar y": name, "b": "2"}) == f"{name} · 2"


@pytest.mark.parametrize("value", [0.1, -1 / 3, 1e-7, 123456.789, 1e20, -5e-324, 2 / 3])
def test_seventeen_digits_are_the_number(value):
    assert number_in(shown(value, 17)) == value


# --- names of several results, numbers in every rule, few digits


def test_each_of_several_results_has_its_own_name():
    lstm = nn.LSTM(3, 4)
    o, (hn, cn) = lstm(torch.randn(5, 2, 3))
    loss = (o * o).sum() + hn.sum()
    for order in (["o", "hn", "cn"], ["hn", "cn", "o"]):
        known = {"o": o, "hn": hn, "cn": cn}
        deck = walk(loss, {name: known[name] for name in order} | {"loss": loss})
        number = next(n.id for n in deck.graph.nodes if n.shape == (5, 2, 4) and n.op != "mul")
        assert deck.name(number) == "o" and deck.results(number) == "o, hn, cn"
        rules = [rule.left for at in range(len(deck.steps)) for rule in deck.beat(at).rules]
        assert any(left.startswith("∂L/∂hn[") for left in rules)
    deck = walk(loss, {"hn": hn, "loss": loss})
    assert deck.name(number) == "lstm_layer" and deck.results(number) == "_, hn"


def test_a_number_that_is_only_taken_has_its_place_and_its_factor():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = x[1, 0] * 2
    deck = walk(y)
    assert deck.beat(0).rules[0].names == "x[1,0]"
    z = (x.t() * torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum()
    rule = walk(z).beat(5).rules[0]
    assert rule.numbers == "4·1" and rule.result == "4"


def test_terms_that_cancel_have_few_digits():
    b = torch.tensor(0.0, requires_grad=True)
    c = torch.tensor([0.12345678, -0.12345671, 1e-9])
    deck = walk(((torch.zeros(3) + b) * c).sum())
    for at in range(len(deck.steps)):
        for rule in deck.beat(at).rules:
            assert not [n for n in rule.numbers.split() if len(n) > 14], rule


# --- a recurrent layer is one operation, and has a step for each of its own


def layer_and_deck(kind, **settings):
    torch.manual_seed(0)
    layer, data = kind(3, 4, **settings), torch.randn(30, 2, 3)
    out = layer(data)[0]
    return layer, data, out, walk((out * out).sum())


def numbers_of(rules):
    """Read all numbers of a step: those of the gates stand in one line."""
    gates = re.findall(r"\w", rules[0].left.partition("[")[0])
    found = dict(zip(gates, map(number_in, rules[0].result.strip("()").split(", ")), strict=True))
    return found | {rule.left.partition("[")[0]: number_in(rule.result) for rule in rules[1:]}


def test_an_lstm_has_a_beat_for_each_step():
    layer, data, out, deck = layer_and_deck(nn.LSTM)
    kinds = [(step.kind, deck.nodes[step.node].op) for step in deck.steps]
    assert kinds[:30] == [("forward", "lstm_layer")] * 30
    assert [op for _, op in kinds[30:]] == ["mul", "sum", "sum", "mul", "lstm_layer"]
    number = deck.steps[0].node
    deck.pick(number, (0, 1, 2))
    cell = nn.LSTMCell(3, 4)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    h = c = torch.zeros(2, 4)
    for t in range(30):
        both = data[t] @ layer.weight_ih_l0.T + h @ layer.weight_hh_l0.T
        gates = dict(zip("ifgo", (both + layer.bias_ih_l0 + layer.bias_hh_l0).chunk(4, 1)))
        want = {k: g.tanh() if k == "g" else g.sigmoid() for k, g in gates.items()}
        before = c[1, 2].item()
        h, c = cell(data[t], (h, c))
        want |= {"c": c, "out": h}
        beat = deck.beat(t)
        assert [rule.left for rule in beat.rules] == [
            f"(i, f, g, o)[{t},1,2]", f"c[{t},1,2]", f"out[{t},1,2]"]  # fmt: skip
        found = numbers_of(beat.rules)
        assert found == pytest.approx({k: v[1, 2].item() for k, v in want.items()}, rel=6e-3)
        memory = f"c[{t - 1}]" if t else "c0"
        assert beat.rules[1].names == f"f · {memory} + i · g"
        factors = beat.rules[1].numbers.replace(" + ", " · ").split(" · ")
        assert number_in(factors[1].strip("()")) == pytest.approx(before, rel=6e-3)
        first, *gates = beat.slices
        assert first.which == "value" and first.index == (t, 1, 2)
        assert [s.which for s in gates] == [f"value {k}" for k in "ifgoch"]
        assert all(s.at == (2, t) and len(s.values[0]) == 30 for s in gates)
        assert gates[-1].values[2][t] == pytest.approx(out[t, 1, 2].item(), rel=1e-5)


def test_a_unit_and_a_step_of_the_gates_can_be_picked():
    *_, deck = layer_and_deck(nn.GRU, bidirectional=True)
    number = deck.steps[0].node
    deck.pick(number, (0, 1, 0))
    deck.pick(number, (6, 12))
    assert deck.play(number) == (12, 1, 6)
    beat = deck.beat(12)
    assert beat.rules[-1].left == "out[12,1,6]"
    assert beat.rules[-1].names == "(1 − z) · n + z · h[13]", "this direction comes from the end"
    assert beat.slices[1].first == (4, 0) and beat.slices[1].index == (6, 12)
    assert "h0" in deck.beat(29).rules[-1].names
    forwards = layer_and_deck(nn.GRU)[-1]
    assert "h0" in forwards.beat(0).rules[-1].names


def test_what_cannot_be_told_step_by_step_is_one_step():
    for kind, more in ((nn.LSTM, {"proj_size": 2}), (nn.RNN, {})):
        *_, deck = layer_and_deck(kind, **more)
        assert len(deck.forward) == (3 if more else 32)
        assert deck.beat(0).rules
    layer = nn.LSTM(3, 4)
    assert len(walk(layer(torch.randn(101, 1, 3))[0].sum()).forward) == 2
    assert len(walk(layer(torch.randn(7, 3))[0].sum()).forward) > 7
