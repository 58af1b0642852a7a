import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lab.formula import plain


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"y = a \odot b", "y = a ⊙ b"),
        (r"\bar a = \bar y \odot b", "ā = ȳ ⊙ b"),
        (r"\bar X = \bar Y W^\top", "X̄ = Ȳ Wᵀ"),
        (r"y = \tanh x", "y = tanh x"),
        (r"y_i = \sum_{j} W_{ij} x_j", "yᵢ = ∑ⱼ Wᵢⱼ xⱼ"),
        (r"y = \frac{1}{n} \sum_i x_i", "y = 1/n ∑ᵢ xᵢ"),
        (r"\frac{a + b}{2 c}", "(a + b)/(2 c)"),
        (r"x^{-1}, x^{10}, x^{a b}, x^{Q}", "x⁻¹, x¹⁰, xᵃᵇ, x^Q"),
        (r"\sqrt{x}, \sqrt{x + 1}", "√x, √(x + 1)"),
        (r"\left[ x > 0 \right]", "[x > 0]"),
        (r"\mathrm{softmax}(x)\,\text{of } y", "softmax(x) of y"),
        (r"a - b \le c", "a − b ≤ c"),
        (r"\frac{e^{x_i}}{\sum_j e^{x_j}}", "e^(xᵢ)/(∑ⱼ e^(xⱼ))"),
        (r"\frac{1}{n} \bar y, -\frac12 x, \frac{2}{n} + 1", "(1/n) ȳ, −½ x, 2/n + 1"),
        (r"\lnot x, a \mathbin{\&} b, i \bmod n", "¬ x, a & b, i mod n"),
        (r"\bigvee_i x_i, \bigwedge_i x_i", "⋁ᵢ xᵢ, ⋀ᵢ xᵢ"),
        (r"\text{the k-th} - 1", "the k\u2011th − 1"),
        (r"\begin{cases} x & x > 0 \\ 0 \end{cases}", "{ x if x > 0 ; 0 }"),
        ("plain words", "plain words"),
        ("", ""),
        (r"\unknown{x}", "unknownx"),
    ],
)
def test_shown(latex, shown):
    assert plain(latex) == shown


@given(st.text(alphabet=r"\{}^_ abxy1+-=fractsumbar&$", max_size=80))
def test_anything_ends_in_one_line(latex):
    assert "\n" not in plain(latex)
    assert "\\frac" not in plain(latex)


def test_deep_nesting_ends():
    plain("{" * 5000 + r"\sqrt" * 5000)
