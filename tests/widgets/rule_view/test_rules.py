"""Rules checked by nudging: each operation by itself, wrong ones red, the learner's own too."""

import pytest

import autograd_lab as torch
from autograd_lab.exercises import find
from autograd_lab.nn import functional as F
from autograd_lab.watching import remember, watch_operations
from autograd_lab.widgets import RuleView
from autograd_lab.widgets.rule_view.checks import checks

SABOTAGE = find("ch2.sabotage")
RULES = ("tanh", "cube", "sum")


def recorded(make):
    """Compute while somebody watches."""
    torch.manual_seed(0)
    with watch_operations(remember):
        return make()


def leaf(*shape):
    return torch.randn(shape, requires_grad=True)


def wrong(view):
    """Of which operations a line is red in the picture."""
    cards = {card["key"]: card for card in view.scene["cards"]}
    checked = [edge for edge in view.scene["edges"] if "check" in edge]
    return [cards[edge["to"]]["op"] for edge in checked if not edge["check"]["right"]]


def test_the_solution_is_green_and_the_starter_red():
    assert wrong(RuleView("ch2.sabotage", SABOTAGE.solution)) == []
    assert wrong(RuleView("ch2.sabotage", SABOTAGE.starter)) == list(RULES)


@pytest.mark.parametrize("name", RULES)
def test_what_is_left_wrong_is_red_and_nothing_else(name):
    view = RuleView("ch2.sabotage", SABOTAGE.mistakes()[f"{name}_left"])
    assert wrong(view) == [name]
    assert repr(view).startswith(f"RuleView: 2 of 3 rules agree with nudging; wrong is {name} by ")
    assert view.scene["title"] == "2 of 3 rules agree with nudging · rule ≠ nudge"


def test_both_numbers_stand_on_the_line():
    view = RuleView("ch2.sabotage", SABOTAGE.tanh_left)
    check = next(e["check"] for e in view.scene["edges"] if not e["check"]["right"])
    assert check["text"] == "1.76 ≠ 0.42"       # 1 − tanh(−1), and 1 − tanh(−1)²
    said = next(card["says"] for card in view.scene["cards"] if card.get("op") == "tanh")
    assert "Its rule for x: wrong; the slope of the result[0, 1] by its input[0, 1] is 0.42" in said
    svg = view.to_svg()
    assert "1.76 ≠ 0.42" in svg and svg.count("✓") == 2


@pytest.mark.parametrize("make", [
    lambda: (leaf(3) * leaf(3)).sum(), lambda: leaf(2, 3) @ leaf(3, 2),
    lambda: leaf(3).tanh().exp(), lambda: leaf(2, 3) + leaf(3),
    lambda: torch.cat([leaf(2), leaf(3)]).softmax(0),
    lambda: F.cross_entropy(leaf(4, 3), torch.tensor([0, 2, 1, 1])),
    lambda: F.conv2d(leaf(1, 1, 4, 4), leaf(1, 1, 2, 2)), lambda: leaf(3, 4)[1:, ::2].mean(),
    lambda: leaf(4).double().sigmoid(), lambda: (lambda x: x * x + x)(leaf(2)),
    lambda: leaf(2, 5).max(1)[0].sum(), lambda: F.embedding(torch.tensor([1, 0]), leaf(3, 2)),
])  # fmt: skip
def test_the_librarys_own_rules_agree(make):
    root = recorded(make)
    found = checks(root)
    assert found and all(check.right for check in found), found


class Backwards(torch.autograd.Function):
    """A product whose rule gives each factor its own value."""

    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b

    @staticmethod
    def backward(ctx, g):
        a, _ = ctx.saved_tensors
        return g * a, g * a


def test_a_function_of_ones_own_edge_by_edge():
    root = recorded(lambda: Backwards.apply(leaf(2), leaf(2)).sum())
    assert [check.right for check in checks(root)] == [False, True, True]


def test_a_wrong_rule_does_not_spoil_the_others():
    x = leaf(3)
    root = recorded(lambda: (Backwards.apply(x.exp(), x) * x).sum())
    assert sum(not check.right for check in checks(root)) == 1


def broken(rule):
    """The trouble of a sabotage whose rules are all like this."""
    found = RuleView("ch2.sabotage", rule)._checks
    assert not any(check.right for check in found)
    return {check.trouble.partition(":")[0] for check in found}


def forever(g, h, x):
    while True:
        pass


def test_a_rule_that_breaks_is_red_and_says_why():
    assert broken(lambda g, h, x: 1 / 0) == {"ZeroDivisionError"}
    assert broken(lambda g, h, x: None) == {"TypeError"} == broken(None)
    view = RuleView("ch2.sabotage", lambda g, h, x: 1 / 0)
    assert "breaks: ZeroDivisionError: division by zero" in view.scene["cards"][1]["says"]
    assert "✗ breaks" in view.to_svg()


def test_a_rule_that_never_ends_costs_seconds():
    assert broken(forever) == {"it takes too long"}


def test_a_rule_of_nan_is_wrong():
    view = RuleView("ch2.sabotage", lambda g, h, x: (g * float("nan"),) * 2 + (x * float("nan"),))
    assert wrong(view) == list(RULES) and "NaN ≠" in view.to_svg()


def test_large_operations_are_left_out_and_the_rest_is_checked():
    root = recorded(lambda: (leaf(200, 3).exp()).sum() * leaf())
    assert len(checks(root)) == 3


def test_newer_values_are_checked_anew():
    view = RuleView(recorded(lambda: Backwards.apply(leaf(2), leaf(2))))
    again = recorded(lambda: leaf(2) * leaf(2))
    assert "1 of 2 rules agrees" in repr(view)
    view.update(again)
    view.flush()
    assert "2 of 2 rules agree" in repr(view) and wrong(view) == []


def test_without_a_graph_or_lines_a_sentence():
    with pytest.raises(RuntimeError, match="no graph behind"):
        RuleView(torch.ones(2))
    with pytest.raises(RuntimeError, match="remember_lines"):
        RuleView(leaf(2) * 2)
    with pytest.raises(TypeError, match="RuleView"):
        RuleView(3)


def picky(given):
    class Picky(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            if x.dtype != torch.float32:
                raise TypeError("only float32")
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * given

    return lambda: Picky.apply(leaf(4)).sum()


@pytest.mark.parametrize("make", [
    lambda: torch.cat([torch.zeros(0, requires_grad=True) * 2, leaf(4)]).sum(), picky(2),
    lambda: (torch.tensor([1.0, 2e3], dtype=torch.float64, requires_grad=True).float() * 2).sum(),
    lambda: leaf(4).half().exp().sum(),
])  # fmt: skip
def test_nothing_and_few_digits_are_no_mistake(make):
    assert wrong(RuleView(recorded(make))) == []


def test_few_digits_hide_no_mistake():
    assert wrong(RuleView(recorded(picky(2.1)))) == ["Picky"]


def test_what_bears_no_nudge_is_not_checked():
    class Edge(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            if (x > 1).any():
                raise RuntimeError("above 1")
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 3

    ones = torch.ones(4, requires_grad=True)
    assert repr(RuleView(recorded(lambda: Edge.apply(ones).sum()))) == (
        "RuleView: 1 of 1 rules agrees with nudging")
