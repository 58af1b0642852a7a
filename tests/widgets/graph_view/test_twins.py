"""Numbers and colours on the page are those of the saved picture."""

from autograd_lab.widgets._paper import heat, number

VALUES = [0, 1, -1, 0.5, -0.25, 3.14159, 1234.5, 99999.4, 123456, -2e7, 1e-3, 9.99e-4, -1e-9]
VALUES += [2.0, 100, 0.1 + 0.2, "nan", "inf", "-inf", None, 1e300, 0.04999, 12.5]


def test_both_write_numbers_and_choose_steps_alike(node):
    asked = [["number", v, digits] for v in VALUES for digits in (3, 4)]
    asked += [["heat", v / 7, 1.0] for v in range(-8, 9)] + [["heat", 0.5, 0]]
    mine = [{"number": number, "heat": heat}[name](*given) for name, *given in asked]
    assert node("answers.mjs", asked) == mine
