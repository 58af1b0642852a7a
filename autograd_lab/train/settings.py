"""Settings of an optimizer that a running training is given: checked first, applied later."""

import inspect
import math
from numbers import Number

from ..creation import ones


def checked(optimizers, settings: dict) -> dict:
    """Give the settings as the optimizers want them, or raise a ValueError that says what is wrong.

    >>> optimizer = torch.optim.Adam([torch.ones(1, requires_grad=True)])
    >>> checked([optimizer], {"lr": 1, "betas": [0.5, 0.9]})
    {'lr': 1, 'betas': (0.5, 0.9)}
    >>> checked([optimizer], {"lr": -1})
    Traceback (most recent call last):
    ValueError: Adam refuses lr=-1: Invalid learning rate: -1
    """
    if not optimizers:
        raise ValueError(
            "the optimizer is not known, so nothing can be set: "
            "watch(loader, model=net, optimizer=optimizer)"
        )
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    found = {}
    for name, value in settings.items():
        having = [group[name] for group in groups if name in group and name != "params"]
        if not having:
            kinds = " and ".join(sorted({type(o).__name__ for o in optimizers}))
            known = ", ".join(sorted({k for g in groups for k in g if k != "params"}))
            raise ValueError(f"{kinds} has no setting {name!r}; it has {known}")
        found[name] = _like(name, value, having[0])
    for optimizer in optimizers:
        _ask_itself(optimizer, found)
    return found


def apply(optimizers, settings: dict) -> None:
    """Set settings in every group that has them."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group.update({k: v for k, v in settings.items() if k in group})


def words(settings: dict) -> str:
    """Word settings: ``lr=0.1, momentum=0.9``.

    >>> words({"lr": 0.1, "betas": (0.9, 0.99)})
    'lr=0.1, betas=(0.9, 0.99)'
    """
    return ", ".join(f"{name}={value}" for name, value in settings.items())


def _like(name, value, present):
    """Give a value of the same kind as the present one."""
    value = value.item() if hasattr(value, "item") else value
    if present is None:
        return value
    if isinstance(present, bool):
        if not isinstance(value, bool):
            raise ValueError(f"{name} is True or False, not {value!r}")
        return value
    if isinstance(present, tuple | list):
        if not isinstance(value, tuple | list) or len(value) != len(present):
            raise ValueError(f"{name} is a sequence of {len(present)}, as {present}, not {value!r}")
        return type(present)(_like(name, v, p) for v, p in zip(value, present))
    if isinstance(present, Number) or hasattr(present, "item"):
        if isinstance(value, bool) or not isinstance(value, Number):
            raise ValueError(f"{name} is a number, not {value!r}")
        if not isinstance(value, complex) and not math.isfinite(value):
            raise ValueError(f"{name} must be finite, not {value}")
    return value


def _ask_itself(optimizer, settings):
    """Make another optimizer with these settings: it knows best what it refuses."""
    kind = type(optimizer)
    takes = inspect.signature(kind).parameters
    present = {k: v for k, v in optimizer.param_groups[0].items() if k in takes and k != "params"}
    asked = {k: v for k, v in settings.items() if k in present}
    try:
        kind([ones(1, 1, requires_grad=True)], **{**present, **asked})
    except ValueError as refusal:
        raise ValueError(f"{kind.__name__} refuses {words(asked)}: {refusal}") from None
    except Exception:  # one's own optimizer may be made in another way
        return
