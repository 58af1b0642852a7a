"""What the real CuPy has and lacks: its names and parameters, read from surface.json."""

import functools
import inspect
import json
from pathlib import Path
from typing import NamedTuple

SURFACE = json.loads((Path(__file__).parent / "surface.json").read_text(encoding="utf-8"))
VERSION = SURFACE["cupy"]


class Parameters(NamedTuple):
    """The parameters of one CuPy function."""

    positional: tuple  # names that may be given by position
    names: frozenset  # names that may be given by keyword
    many: bool  # takes any number of positional arguments
    any: bool  # takes any keyword


def parameters(written: str) -> Parameters:
    """Parse ``function(a, axis, *, out)``."""
    positional, names, many, any_keyword, star = [], [], False, False, False
    for name in filter(None, written.removeprefix("function").strip("()").split(", ")):
        if name.startswith("**"):
            any_keyword = True
        elif name.startswith("*"):
            star, many = True, many or name != "*"
        else:
            names.append(name)
            if not star:
                positional.append(name)
    return Parameters(tuple(positional), frozenset(names), many, any_keyword)


def describe(module: str, name: str) -> str:
    """Give the surface's line on ``module.name``, or raise AttributeError as CuPy would."""
    if name.startswith("__"):
        raise AttributeError(name)
    try:
        return SURFACE["modules"][module][name]
    except KeyError:
        where = f"cupy.{module}".rstrip(".")
        raise AttributeError(
            f"module {where!r} has no attribute {name!r} (CuPy {VERSION})"
        ) from None


def method(cls: str, name: str) -> Parameters:
    """Give the parameters of a method."""
    return parameters(SURFACE["classes"][cls][name])


@functools.cache
def numpy_names(function) -> tuple:
    """List NumPy's positional parameter names, or nothing if NumPy does not tell."""
    try:
        listed = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ()
    return tuple(p.name for p in listed if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))


class Translation(NamedTuple):
    """How to hand CuPy's arguments to the NumPy function of the same name."""

    shared: int  # so many positional arguments mean the same in both
    rename: dict  # CuPy's keyword -> NumPy's


def translate(cupy_names: tuple, numpy_function) -> Translation:
    """Compare the two signatures: the order differs (argmax), or a name does (reshape)."""
    theirs = numpy_names(numpy_function)
    if not theirs:
        return Translation(len(cupy_names), {})
    rename, shared = {}, None
    for place, name in enumerate(cupy_names):
        same_place = theirs[place] if place < len(theirs) else None
        if name == same_place:
            continue
        if name not in theirs and same_place is not None and same_place not in cupy_names:
            rename[name] = same_place
        elif shared is None:
            shared = place
    return Translation(len(cupy_names) if shared is None else shared, rename)
