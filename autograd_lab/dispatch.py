"""``@op``: from a class that says what an operation is to the function that learners call.

kind.py reads the class, roads.py and general.py build the way from the call to NumPy.
"""

import inspect
from collections.abc import Callable
from typing import Any

from .core import OPS, Array, Arrays, Tensor
from .kind import PYTORCH_WORDS, Kind
from .roads import shortest_road


def op(cls) -> Callable[..., Any]:
    """Turn an Op class into the function that learners call; ``F.tanh??`` still shows the class."""
    kind = Kind(cls)
    kind.cls.__signature__ = Shown(cls.forward)
    call = shortest_road(kind)
    for function in (call, getattr(call, "operator", call)):
        function.__name__ = function.__qualname__ = cls.__name__
        function.__doc__, function.__module__ = cls.__doc__, cls.__module__
        function.__wrapped__ = kind.cls
    kind.cls.call, kind.cls.operand_places = staticmethod(call), kind.where
    OPS[cls.__name__] = call
    return call


class Shown:
    """The signature that ``F.tanh?`` shows, made when somebody looks.

    It says what a learner passes: Tensors, where forward sees arrays, under PyTorch's names.
    """

    means = {Array: Tensor, Array | None: Tensor | None, Arrays: list[Tensor]}

    def __init__(self, forward):
        self.forward = forward

    def __get__(self, node, cls):
        _, *parameters = inspect.signature(self.forward).parameters.values()
        return inspect.Signature([
            p.replace(
                name=PYTORCH_WORDS.get(p.name, p.name) if p.annotation in self.means else p.name,
                annotation=self.means.get(p.annotation, p.annotation),
            )
            for p in parameters
        ])
