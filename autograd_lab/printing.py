"""How a tensor prints: in PyTorch's form, character for character.

Every number of a tensor is written alike, so that they stand in columns. Only the numbers that are
shown are ever read: printing a huge tensor, or one on a GPU, copies a few of its corners.
"""

import contextlib
import math
from dataclasses import asdict, dataclass, replace

import numpy as np

from . import dtypes
from .core import Tensor
from .device import cpu, device_of, move


@dataclass
class Options:
    """What ``set_printoptions`` sets."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None
    html: bool = True


PROFILES = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}

options = Options()


def set_printoptions(
    precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None,
    html=None,
):  # fmt: skip
    """Choose how tensors print from now on.

    ``precision`` digits; a tensor of more than ``threshold`` elements shows ``edgeitems`` at each
    end; lines break at ``linewidth``; ``sci_mode`` forces or forbids 1.0e-05 (None: as needed);
    ``profile`` is "default", "short" or "full"; ``html=False`` shows text instead of cards.

    >>> torch.set_printoptions(precision=2)
    >>> torch.tensor([3.14159])
    tensor([3.14])
    >>> torch.set_printoptions(profile="default")
    """
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems,
             "linewidth": linewidth, "html": html}  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    vars(options).update({**PROFILES.get(profile or "", {}), **given, "sci_mode": sci_mode})


def get_printoptions() -> dict:
    """Give the present options, in the form that ``set_printoptions`` takes."""
    return asdict(options)


@contextlib.contextmanager
def printoptions(**chosen):
    """Choose how tensors print inside a ``with`` block.

    >>> with printoptions(precision=1):
    ...     print(torch.tensor([3.14159]))
    tensor([3.1])
    """
    before = replace(options)
    set_printoptions(**chosen)
    try:
        yield
    finally:
        vars(options).update(vars(before))


def tensor_repr(tensor) -> str:
    """Write a tensor: its numbers, and what else PyTorch would say of it."""
    return _written(tensor, "tensor" if type(tensor) is Tensor else type(tensor).__name__)


def parameter_repr(parameter) -> str:
    """Write a parameter."""
    name = type(parameter).__name__
    if name == "Parameter":
        return "Parameter containing:\n" + _written(parameter, "tensor")
    return f"Parameter containing:\nParameter({_written(parameter, name)})"


def tensor_format(tensor, spec: str) -> str:
    """Format a 0-d tensor like its number: ``f"{loss:.3f}"``."""
    if tensor.array.ndim == 0 and type(tensor) is Tensor:
        return format(tensor.array.item(), spec)
    return object.__format__(tensor, spec)


def _written(tensor, name) -> str:
    start = f"{name}("
    text = start + _numbers(tensor.array, len(start))
    return _with_facts(text, _facts(tensor), len(start)) + ")"


def _facts(tensor):
    """Name what the numbers do not tell."""
    array, kind = tensor.array, tensor.dtype
    if (place := device_of(array)).type != "cpu":
        yield f"device='{place}'"
    if (array.size == 0 and array.ndim != 1) or (array.size and not options.edgeitems):
        yield f"size={tuple(array.shape)}"
    usual = {dtypes.default}
    if array.size:  # numbers, whole numbers and truth values show what they are
        usual |= {dtypes.default.to_complex(), dtypes.int64, dtypes.bool}
    if kind not in usual:
        yield f"dtype={kind}"
    if (node := tensor.grad_fn) is not None:
        yield f"grad_fn=<{node.name()}>"
    elif tensor.requires_grad:
        yield "requires_grad=True"


def _with_facts(text, facts, indent):
    """Append the facts, on a new line where one would stick out."""
    used = len(text) - text.rfind("\n") + 1
    for fact in facts:
        used += len(fact) + 2
        if used > options.linewidth:
            text += ",\n" + " " * indent + fact
            used = indent + len(fact)
        else:
            text += ", " + fact
    return text


def _numbers(array, indent) -> str:
    if array.size == 0:
        return "[]"
    shortened = array.size > options.threshold
    shown = corners(array, options.edgeitems) if shortened else array
    shown = np.asarray(move(shown, cpu))  # a 0-d result may be a NumPy scalar
    write, width = _writer(shown)
    page = _Page(write, width, options.edgeitems if shortened else None)
    return page.block(shown.tolist(), array.shape, indent)


def corners(array, edge):
    """Take the elements at the ends of every dimension: the only ones that are printed."""
    if array.ndim == 0:
        return array
    xp = device_of(array).xp
    ends = [[*range(edge), *range(n - edge, n)] if n > 2 * edge else [*range(n)]
            for n in array.shape]  # fmt: skip
    return array[xp.ix_(*[xp.asarray(places, dtype=xp.int64) for places in ends])]


class _Page:
    """Lays numbers out in lines and brackets; ``edge`` is None where all of them are shown."""

    def __init__(self, write, width, edge):
        self.write, self.width, self.edge = write, width, edge

    def block(self, values, shape, indent):
        """Write nested lists, one bracket for each dimension."""
        if not shape:
            return self.write(values)
        if len(shape) == 1:
            return self.row(values, shape[0], indent)
        parts = [self.block(v, shape[1:], indent + 1) for v in values]
        if self.leaves_out(shape[0]):
            parts.insert(self.edge, "...")
        gap = "," + "\n" * (len(shape) - 1) + " " * (indent + 1)
        return "[" + gap.join(parts) + "]"

    def row(self, values, size, indent):
        """Write the last dimension, in as many lines as it needs."""
        cells = [self.write(v) for v in values]
        if self.leaves_out(size):
            cells.insert(self.edge, " ..." if self.edge else "...")
        room = max(1, (options.linewidth - indent) // (self.width + 2))
        lines = [", ".join(cells[i : i + room]) for i in range(0, len(cells), room)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"

    def leaves_out(self, size):
        """Say whether dots stand for some of these elements."""
        return self.edge is not None and size > 2 * self.edge


def _writer(array):
    """Choose how the numbers of an array are written: a function, and the width of a column."""
    if array.dtype.kind == "c":
        real, left = _writer(array.real)
        imaginary, right = _writer(array.imag)
        return lambda z: _complex(real(z.real), imaginary(z.imag).lstrip()), left + right + 1
    if array.dtype.kind == "f":
        style, width = _float_style(array.ravel().tolist())
    else:
        style = str
        width = max((len(str(v)) for v in array.ravel().tolist()), default=1)
    return lambda v: style(v).rjust(width), width


def _complex(real, imaginary):
    return f"{real}{'' if imaginary[0] in '+-' else '+'}{imaginary}j"


def _float_style(values):
    """Choose ``1.``, ``1.0000`` or ``1.0000e+00`` for all numbers, by what there is to show."""
    telling = [v for v in values if v and math.isfinite(v)]
    if not telling:
        return _whole, 1
    sizes = [abs(v) for v in telling]
    low, high = min(sizes), max(sizes)
    scientific = options.sci_mode
    if scientific is None:
        scientific = high / low > 1000 or high > 1e8 or low < 1e-4
    if scientific:
        style = f"{{:.{options.precision}e}}".format
    elif all(v.is_integer() for v in telling):
        style = _whole
    else:
        style = f"{{:.{options.precision}f}}".format
    return style, max(len(style(v)) for v in telling)


def _whole(value):
    return f"{value:.0f}." if math.isfinite(value) else str(value)


Tensor.__repr__ = Tensor.__str__ = tensor_repr
Tensor.__format__ = tensor_format
