"""Write numbers so that what is shown adds up: as few digits as the sum allows."""

import math

DIGITS = (3, 4, 5, 6, 7, 9, 11, 13, 15, 17)  # as few as do; with 17 a float is itself


def shown(value, digits=3) -> str:
    """Write a number with so many digits, and a proper minus.

    >>> shown(-0.25), shown(1234.6), shown(0.00001234), shown(float("nan")), shown(2.0)
    ('−0.25', '1235', '1.23e−5', 'NaN', '2')
    """
    if isinstance(value, complex):
        sign = "−" if value.imag < 0 or math.copysign(1, value.imag) < 0 else "+"
        return f"({shown(value.real, digits)} {sign} {shown(abs(value.imag), digits)}i)"
    value = float(value)
    if not math.isfinite(value):
        return "NaN" if value != value else "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if abs(value) >= 1e6 or abs(value) < 1e-3:
        mantissa, power = f"{value:.{digits - 1}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}e{int(power)}".replace("-", "−")
    places = digits - 1 - math.floor(math.log10(abs(value)))  # what stands before the point stays
    text = f"{value:.{max(places, 0)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")


def number_in(text: str) -> float:
    """Read a number that `shown` wrote.

    >>> number_in("−1.2e−5")
    -1.2e-05
    """
    return float(text.replace("−", "-").replace("∞", "inf"))


def factor(text: str) -> str:
    """Put brackets around a number that has a sign: what follows a dot or a plus."""
    return f"({text})" if text.startswith("−") else text
