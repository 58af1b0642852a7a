"""Say once that something a program asked for is accepted, and does nothing here."""

import warnings

_said = set()


def say_once(text: str) -> None:
    """Warn with this text, the first time in a process only.

    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as heard:
    ...     warnings.simplefilter("always")
    ...     say_once("an example: said once"), say_once("an example: said once")
    (None, None)
    >>> len(heard)
    1
    """
    if text not in _said:
        _said.add(text)
        warnings.warn(text, stacklevel=4)
