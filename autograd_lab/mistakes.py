"""What an error tells besides PyTorch's sentence: names, shapes, the line, and what would work.

A learner's mistake is mostly one shape or one kind of number too many. So when an operation fails,
plausible changes of its operands are tried there and then, and those with which it runs are named.
All of it goes into the error's notes, which tracebacks print below the message; the message stays
PyTorch's, so that it can be searched for.
"""

import ast
import linecache
import sys
from contextlib import suppress
from dataclasses import dataclass

from . import watching
from .core import TENSORS
from .grad_mode import no_grad

LIMIT = 4_000_000  # elements: with more, trying a change could take longer than reading about it
MOST = 3  # suggestions
PRODUCTS = {"matmul", "mm", "bmm", "mv", "dot", "linear", "addmm", "baddbmm", "inner", "einsum"}

# What may be meant, gentlest first: how it is written, what it does, and to which tensors.
SQUEEZED = ("{}.squeeze(1)", lambda t: t.squeeze(1), lambda t: t.ndim > 1 and t.shape[1] == 1)
COLUMN = ("{}[:, None]", lambda t: t[:, None], lambda t: t.ndim == 1)
TURNED = ("{}.T", lambda t: t.T, lambda t: t.ndim == 2)
PRODUCT_SHAPES = [
    ("{}.flatten(1)", lambda t: t.flatten(1), lambda t: t.ndim > 2),
    TURNED,
    ("{}.mT", lambda t: t.mT, lambda t: t.ndim > 2),
    COLUMN,
    ("{}[None]", lambda t: t[None], lambda t: t.ndim in (1, 2)),
]
ALIGNED_SHAPES = [
    SQUEEZED,
    COLUMN,
    TURNED,
    ("{}[:, None, None]", lambda t: t[:, None, None], lambda t: t.ndim == 1),
    ("{}[:, :, None, None]", lambda t: t[:, :, None, None], lambda t: t.ndim == 2),
]
OTHER_SHAPES = [
    ("{}.permute(0, 3, 1, 2)", lambda t: t.permute(0, 3, 1, 2), lambda t: t.ndim == 4),
    ("{}.permute(2, 0, 1)", lambda t: t.permute(2, 0, 1), lambda t: t.ndim == 3),
    ("{}.permute(0, 2, 1)", lambda t: t.permute(0, 2, 1), lambda t: t.ndim == 3),
    SQUEEZED,
    ("{}[:, None]", lambda t: t[:, None], lambda t: t.ndim > 0),
    ("{}[None]", lambda t: t[None], lambda t: t.ndim > 0),
    TURNED,
    ("{}.argmax(-1)", lambda t: t.argmax(-1), lambda t: t.ndim > 1 and t.is_floating_point()),
]
KINDS = [
    ("{}.long()", lambda t: t.long(), lambda t: t.dtype.name != "int64"),
    ("{}.float()", lambda t: t.float(), lambda t: t.dtype.name != "float32"),
    ("{}.double()", lambda t: t.double(), lambda t: t.dtype.name != "float64"),
]


@dataclass(frozen=True)
class Mistake:
    """A call that failed, as plain data: for the text, and for the picture in a notebook."""

    op: str
    operands: tuple  # (name, shape, dtype) of each tensor
    where: str  # "In[3], line 4"
    line: str  # the learner's own text
    works: tuple  # (how it is written, what comes out) of each change that helps
    aligned: bool = False  # an element-wise operation: shapes are aligned from the right

    def clashing(self) -> set:
        """Give (operand, dimension counted from the right) of the sizes that do not fit.

        >>> shapes = ("x", (3, 2), "float32"), ("y", (3,), "float32")
        >>> sorted(Mistake("add", shapes, "In[1], line 1", "x + y", (), True).clashing())
        [(0, 1), (1, 1)]
        """
        shapes = [shape for _, shape, _ in self.operands]
        if self.op in ("matmul", "mm", "bmm", "linear") and len(shapes) > 1:
            inner = 1 if self.op == "linear" or len(shapes[1]) == 1 else 2
            sizes = shapes[0][-1:], shapes[1][-inner:][:1]
            return {(0, 1), (1, inner)} if sizes[0] != sizes[1] else set()
        found = set()
        for back in range(1, max(map(len, shapes), default=0) + 1 if self.aligned else 1):
            sizes = {i: shape[-back] for i, shape in enumerate(shapes) if len(shape) >= back}
            real = {i: size for i, size in sizes.items() if size != 1}
            found |= {(i, back) for i in real} if len(set(real.values())) > 1 else set()
        return found

    def text(self) -> str:
        """Word the note.

        >>> print(Mistake("mm", (("x", (3, 2), "float32"),), "In[1], line 1", "x @ x", ()).text())
        In[1], line 1:  x @ x
            x  (3, 2)  float32
        """
        width = max((len(name) for name, _, _ in self.operands), default=0)
        lines = [f"{self.where}:  {self.line}"] if self.line else []
        lines += [
            f"    {name:{width}}  {shape}  {dtype}" for name, shape, dtype in self.operands
        ]
        if self.works:
            lines.append("What works here (each was tried):")
            lines += [
                f"    {written}" + (f"    gives {result}" if result else "")
                for written, result in self.works
            ]
        return "\n".join(lines)


def note(error, name, operands, xs, attempt, aligned=False, settings=()) -> None:
    """Add to an error what helps to mend it. ``attempt(xs)`` runs the call with other operands."""
    known = hasattr(error, "mistake") or watching.is_paused()  # no notes on what is only tried
    if known or not any(type(x) in TENSORS for x in xs):
        return
    frames = list(_frames())
    names = {i: _named(x, frames, operands, i) for i, x in enumerate(xs) if type(x) in TENSORS}
    with no_grad(), watching.paused():
        works = tuple(_changes(name, names, xs, attempt, _call(frames[-1]), aligned))
        works = works or tuple(_other_sizes(name, names, xs, attempt, settings))
    file, line = frames[-1].f_code.co_filename, frames[-1].f_lineno
    error.mistake = Mistake(
        name,
        tuple((names[i][0], tuple(xs[i].shape), xs[i].dtype.name) for i in names),
        f"{watching.cell_name(file)}, line {line}",
        linecache.getline(file, line, frames[-1].f_globals).strip(),
        works,
        aligned,
    )
    error.add_note(error.mistake.text())


def _frames():
    """List the frames from the operation out to the learner's line, which is the last."""
    frame = sys._getframe(2)
    while frame is not None:
        yield frame
        if not frame.f_code.co_filename.startswith(watching.HOME):
            return
        frame = frame.f_back


def _named(tensor, frames, operands, i):
    """Say what the learner calls a tensor, and whether it is a variable that could be changed."""
    learner = frames[-1]
    for variables in (learner.f_locals, learner.f_globals):
        for name, value in variables.items():
            if value is tensor and not name.startswith("_"):
                return name, True
    for frame in frames:
        layer = frame.f_locals.get("self")
        for name, value in dict(getattr(layer, "_parameters", {})).items():
            if value is tensor:
                return f"{type(layer).__name__}.{name}", False
    return operands[i] if len(operands) > i else f"{operands[0]}[{i}]", True


def _call(frame):
    """Cut the text of the failing call out of the learner's line: ``self.fc1(x)``."""
    for at, place in enumerate(frame.f_code.co_positions()):
        if 2 * at == frame.f_lasti and None not in place and place[0] == place[1]:
            line = linecache.getline(frame.f_code.co_filename, place[0], frame.f_globals)
            return line.encode()[place[2] : place[3]].decode()
    return ""


def _rewritten(call, names, i, written):
    """Write the learner's call with operand ``i`` changed; only the change, if that is unclear."""
    name = names[i][0]
    repaired, same = written.format(name), [k for k, (other, _) in names.items() if other == name]
    try:
        tree = ast.parse(call, mode="eval")
    except SyntaxError:
        return repaired
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name]
    if len(found) != len(same):
        return repaired
    node = sorted(found, key=lambda n: n.col_offset)[same.index(i)]
    text = call.encode()
    return (text[: node.col_offset] + repaired.encode() + text[node.end_col_offset :]).decode()


def _changes(name, names, xs, attempt, call, aligned):
    """Yield (how it is written, the result's shape) for each change with which the call runs."""
    if _too_large(xs, names):
        return
    offered, rank = 0, max(xs[i].ndim for i in names)
    for i, written, change in _candidates(name, names, xs, aligned):
        try:
            result = attempt([*xs[:i], change(xs[i]), *xs[i + 1 :]])
        except Exception:  # it does not help: that is what trying is for
            continue
        if not aligned or result is None or result.ndim <= rank:
            yield _rewritten(call, names, i, written), _shape_of(result)
            offered += 1
        if offered == MOST:
            return


def _too_large(xs, names) -> bool:
    return sum(xs[i].array.size for i in names) > LIMIT


def _other_sizes(name, names, xs, attempt, settings):
    """Yield what works with another size in the call: a layer that fits, a -1 in a shape."""
    if name == "linear" and not names[1][1] and not _too_large(xs, names):
        for written, x in [("{}.flatten(1)", xs[0].flatten(1)), ("{}", xs[0])][xs[0].ndim < 3 :]:
            features, out = x.shape[-1], xs[1].shape[0]
            with suppress(Exception):
                result = attempt([x, xs[1].new_zeros(out, features), *xs[2:]])
                given = written.format(names[0][0])
                yield f"nn.Linear({features}, {out}) called with {given}", _shape_of(result)
    elif name in ("view", "reshape") and settings:
        (sizes,) = settings
        for at in range(len(sizes)):
            with suppress(Exception):
                freed = (*sizes[:at], -1, *sizes[at + 1 :])
                result = getattr(xs[0], name)(freed)
                listed = ", ".join(map(str, freed))
                yield f"{names[0][0]}.{name}({listed})", _shape_of(result)


def _candidates(name, names, xs, aligned):
    shapes = PRODUCT_SHAPES if name in PRODUCTS else ALIGNED_SHAPES if aligned else OTHER_SHAPES
    for written, change, suits in (*shapes, *KINDS):
        for i, (_, changeable) in names.items():
            if changeable and suits(xs[i]):
                yield i, written, change


def _shape_of(result):
    if result is None:
        return ""
    parts = result if type(result) is tuple else (result,)
    return ", ".join(str(tuple(p.shape)) if p.ndim else "a number" for p in parts)
