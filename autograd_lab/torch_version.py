"""A version that programs may compare: its parts are numbers, not text."""

import re


class TorchVersion(str):
    """A version as text that is ordered as versions are: 2.13 comes after 2.2.

    It is compared with text, or with a tuple of numbers; what follows the numbers does not count.

    >>> from autograd_lab.torch_version import TorchVersion
    >>> TorchVersion("2.13.0") > "2.2", TorchVersion("2.13.0") >= (2, 13)
    (True, True)
    """

    def __lt__(self, other):
        """Say whether this version comes before another."""
        return _numbers(self) < _numbers(other)

    def __le__(self, other):
        """Say whether it does not come after it."""
        return _numbers(self) <= _numbers(other)

    def __gt__(self, other):
        """Say whether it comes after it."""
        return _numbers(self) > _numbers(other)

    def __ge__(self, other):
        """Say whether it does not come before it."""
        return _numbers(self) >= _numbers(other)


def _numbers(version) -> list:
    """Give the numbers that a version begins with, without zeros at the end."""
    if isinstance(version, str):
        version = re.findall(r"\d+", re.match(r"v?[\d.]*", version).group())
    numbers = [int(n) for n in version]
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers
