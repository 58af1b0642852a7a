"""Which classes and functions a file may name, besides those that every file of weights needs."""

_trusted: dict[str, object] = {}  # "package.module.Name" -> the class or function itself


def add_safe_globals(safe_globals: list) -> None:
    """Allow files to name these classes and functions: you vouch for them.

    A pair ``(thing, "module.Name")`` allows a thing under a name that it had in another program.

    >>> from types import SimpleNamespace
    >>> torch.serialization.add_safe_globals([SimpleNamespace])
    >>> torch.serialization.get_safe_globals()
    [<class 'types.SimpleNamespace'>]
    >>> torch.serialization.clear_safe_globals()
    """
    _trusted.update(_named(safe_globals))


def get_safe_globals() -> list:
    """List what ``add_safe_globals`` allowed.

    >>> torch.serialization.get_safe_globals()
    []
    """
    return list(_trusted.values())


def clear_safe_globals() -> None:
    """Forget what ``add_safe_globals`` allowed.

    >>> torch.serialization.clear_safe_globals()
    """
    _trusted.clear()


class safe_globals:
    """Allow files to name these classes and functions, for a ``with`` block.

    >>> from types import SimpleNamespace
    >>> with torch.serialization.safe_globals([SimpleNamespace]):
    ...     len(torch.serialization.get_safe_globals())
    1
    >>> torch.serialization.get_safe_globals()
    []
    """

    def __init__(self, safe_globals: list):
        self.safe_globals = safe_globals

    def __enter__(self):
        self._before = dict(_trusted)
        add_safe_globals(self.safe_globals)

    def __exit__(self, kind, error, traceback):
        _trusted.clear()
        _trusted.update(self._before)


def trusted(name: str):
    """Give the thing that was allowed under this name, or None."""
    return _trusted.get(name)


def is_trusted(thing) -> bool:
    """Say whether a class or function was allowed, under whatever name."""
    return any(thing is each for each in _trusted.values())


def full_name(thing) -> str:
    """Give the name under which a file knows a class or function."""
    return f"{thing.__module__}.{thing.__qualname__}"


def _named(things):
    for thing in things:
        if isinstance(thing, tuple):
            if len(thing) != 2 or not isinstance(thing[1], str):
                raise ValueError(
                    f"Expected tuple of (global, str of callable full path), but got: {thing}"
                )
            yield thing[1], thing[0]
        else:
            yield full_name(thing), thing
