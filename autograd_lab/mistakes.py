"""What an error tells besides PyTorch's sentence: names, shapes, the line, and what would work.

A learner's mistake is mostly one shape or one kind of number too many. So when an operation fails,
plausible changes of its operands are tried there and then, and those with which it runs are named.
All of it goes into the error's notes, which tracebacks print below the message; the message stays
PyTorch's, so that it can be searched for.
"""

import ast
import inspect
import linecache
import opcode
import re
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from . import watching
from .core import OPS, TENSORS, Tensor, wrap
from .cut_off import cut_off
from .grad_mode import no_grad
from .used_up import used_up

LIMIT = 4_000_000  # elements: with more, trying a change could take longer than reading about it
MOST = 3  # suggestions
PATIENCE = 0.3  # seconds for trying
written = True  # errors carry the text; a notebook draws it instead
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
WINDOW_SHAPES = [
    ("{}.permute(0, 3, 1, 2)", lambda t: t.permute(0, 3, 1, 2), lambda t: t.ndim == 4),
    ("{}.permute(2, 0, 1)", lambda t: t.permute(2, 0, 1), lambda t: t.ndim == 3),
    ("{}.permute(0, 2, 1)", lambda t: t.permute(0, 2, 1), lambda t: t.ndim == 3),
    ("{}[:, None]", lambda t: t[:, None], lambda t: t.ndim > 1),
    ("{}[None]", lambda t: t[None], lambda t: t.ndim > 1),
]
TARGET_SHAPES = [
    SQUEEZED,
    ("{}.argmax(1)", lambda t: t.argmax(1), lambda t: _is_one_hot(t)),
    ("{}.permute(0, 2, 1)", lambda t: t.permute(0, 2, 1), lambda t: t.ndim == 3),
]
KINDS = [
    ("{}.long()", lambda t: t.long(), lambda t: t.dtype.name != "int64"),
    ("{}.float()", lambda t: t.float(), lambda t: t.dtype.name != "float32"),
    ("{}.double()", lambda t: t.double(), lambda t: t.dtype.name != "float64"),
]
SHAPES = {  # operation -> the shapes that may be meant; of any other, none is guessed
    **dict.fromkeys(PRODUCTS, PRODUCT_SHAPES),
    **dict.fromkeys([f"conv{n}d" for n in (1, 2, 3)], WINDOW_SHAPES),
    **dict.fromkeys([f"conv_transpose{n}d" for n in (1, 2, 3)], WINDOW_SHAPES),
    **dict.fromkeys(["batch_norm", "instance_norm", "group_norm"], WINDOW_SHAPES[:3]),
    **dict.fromkeys(["cross_entropy", "nll_loss"], TARGET_SHAPES),
    "gather": [COLUMN],
    "scatter": [COLUMN],
    "binary_cross_entropy": [SQUEEZED, COLUMN],
    "binary_cross_entropy_with_logits": [SQUEEZED, COLUMN],
}


def _is_one_hot(t) -> bool:
    whole = t.ndim == 2 and t.shape[1] > 1 and not t.dtype.is_floating_point
    return whole and bool((t == 0).sum() + len(t) == t.array.size and (t.sum(1) == 1).all())


# What needs no brackets before a method is called on it.
PLAIN = ast.Name | ast.Call | ast.Attribute | ast.Subscript


@dataclass(frozen=True)
class Mistake:
    """A call that failed, as plain data: for the text, and for the picture in a notebook."""

    op: str
    operands: tuple  # (name, shape, dtype) of each tensor; of backward: see `note_backward`
    where: str  # "In[3], line 4"
    line: str  # the learner's own text
    works: tuple  # (how it is written, what comes out) of each change that helps
    aligned: bool = False  # an element-wise operation: shapes are aligned from the right
    why: str = ""  # a sentence, where the sizes do not say it all

    def clashing(self) -> set:
        """Give (operand, dimension counted from the right) of the sizes that do not fit.

        >>> shapes = ("x", (3, 2), "float32"), ("y", (3,), "float32")
        >>> sorted(Mistake("add", shapes, "In[1], line 1", "x + y", (), True).clashing())
        [(0, 1), (1, 1)]
        """
        shapes = [shape for _, shape, _ in self.operands]
        if self.op == "backward":
            return {(i, back) for i, s in enumerate(shapes) for back in range(1, len(s) + 1)}
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
        lines += [self.why] if self.why else []
        lines += [
            f"    {name:{width}}  {_listed(shape)}  {kind}".rstrip()
            for name, shape, kind in self.operands
        ]
        if self.works:
            lines.append(f"{self.offer}:")
            lines += [f"    {written}" + f"    {told}" * bool(told) for written, told in self.told]
        return "\n".join(lines)

    @property
    def offer(self) -> str:
        """Say what the list of changes is: backward is not run for a trial."""
        return "What works" if self.op == "backward" else "What works here (each was tried)"

    @property
    def told(self) -> list:
        """List the changes, each with what it does in words."""
        gives = "" if self.op == "backward" else "gives "
        return [(written, result and gives + result) for written, result in self.works]


def _listed(shape):
    return ", ".join(shape) if any(type(part) is str for part in shape) else str(shape)


def note(error, name, operands, xs, attempt, aligned=False, settings=()) -> None:
    """Add to an error what helps to mend it. ``attempt(xs)`` runs the call with other operands."""
    if _is_told(error):
        return
    strange = [i for i, x in enumerate(xs) if type(x) not in TENSORS]
    if type(error) is TypeError and "must be Tensor, not" in str(error):
        (at,) = re.findall(r"\(position (\d+)\)", str(error)) or (0,)
        if int(at) - 1 in strange:
            note_stranger(
                error, name, xs, int(at) - 1,
                lambda x: attempt([*xs[: int(at) - 1], x, *xs[int(at) :]]),
            )  # fmt: skip
            return
    if len(strange) == len(xs):
        return
    with suppress(Exception):  # the learner's own error is never hidden
        frames = list(_frames())
        layers = _layers(frames)
        call = Call(frames[-1], name, layers)
        call.listed = len(operands) == 1 < len(xs)
        names = {
            i: _named(x, frames, layers, call, operands, i)
            for i, x in enumerate(xs) if type(x) in TENSORS
        }  # fmt: skip
        with no_grad(), watching.paused():
            works = () if isinstance(error, IndexError) else tuple(
                _changes(name, names, xs, attempt, call, aligned, settings)
            )  # fmt: skip
        shown = [(names[i][0], tuple(xs[i].shape), xs[i].dtype.name) for i in names]
        if call.stores and name == "expand":
            shown.insert(0, (call.text.decode(), tuple(settings[0]), ""))
        _attach(error, Mistake(name, tuple(shown), *_line_of(frames[-1]), works, aligned))


def note_stranger(error, name, args, place, attempt) -> None:
    """Add to an error about what is no tensor how the learner wrote it, and what would do.

    ``attempt(x)`` runs the call with something else at ``place`` of the arguments.
    """
    if _is_told(error):
        return
    with suppress(Exception):  # the learner's own error is never hidden
        frames = list(_frames())
        layers = _layers(frames)
        call = Call(frames[-1], name, layers)
        strange, why, works = args[place], "", []
        said = call.text_of(place)
        names = {
            i: _named(x, frames, layers, call, ("argument",), i)[0]
            for i, x in enumerate(args) if type(x) in TENSORS
        }  # fmt: skip
        if strange is None and said != "None":
            inner = f"the {_input_of_layer(layers, frames)}" if len(layers) > 1 else ""
            what = said or inner or "one argument"
            why = f"{what} is None: does the forward (or function) that made it end with return?"
        with no_grad(), watching.paused():
            for form, change in _made_tensors(strange, _lab(call)) if said else ():
                with suppress(Exception):  # it does not help
                    works.append((call.changed(place, said, form), _shape_of(attempt(change()))))
        shown = tuple((names[i], tuple(args[i].shape), args[i].dtype.name) for i in names)
        _attach(error, Mistake(name, shown, *_line_of(frames[-1]), tuple(works), why=why))


def _made_tensors(value, lab):
    """List how a tensor may be made of a value: how it is written, and how it is done."""
    if isinstance(value, (list, tuple)) and any(type(x) in TENSORS for x in value):
        return [(f"{lab}.{way}({{}})", lambda way=way: OPS[way](list(value)))
                for way in ("stack", "cat")]  # fmt: skip
    if isinstance(value, (list, tuple, int, float)):
        return [(f"{lab}.tensor({{}})", lambda: wrap(np.array(value, _usual(value))))]
    return []


def _usual(value):
    """Give the dtype that torch.tensor chooses for numbers."""
    kind = np.array(value).dtype
    return np.float32 if kind.kind == "f" else kind


def _is_told(error) -> bool:
    """Say whether an error has its note, or needs none: what is only tried gets none."""
    return hasattr(error, "mistake") or watching.is_paused()


def note_backward(error, tensor) -> None:
    """Add to an error of ``backward()`` what it needed, and what works instead.

    Without one number to start from, the operand is the tensor. Where the graph was used up, the
    operands are the operations, with the names of what they had kept instead of sizes.
    """
    several, second = "only for scalar" in str(error), "a second time" in str(error)
    none = "does not require grad" in str(error)
    if hasattr(error, "mistake") or watching.is_paused() or not (second or several or none):
        return
    with suppress(Exception):  # whatever the learner's variables are, the error stays theirs
        frame = list(_frames())[-1]
        call = Call(frame, "backward", [], _variables(frame))
        if second:
            operands, works, why = used_up(tensor, _name_in(call), call.variables, error)
        elif none:
            name, start = _name_in(call), ast.parse(call.text_of(0) or "None", mode="eval").body
            why, works = cut_off(name, start, frame, call.variables), ()
            operands = [(name, tuple(tensor.shape), tensor.dtype.name)]
        else:
            operands, works, why = _no_start(tensor, call)
        where = _line_of(frame)
        _attach(error, Mistake("backward", tuple(operands), *where, tuple(works), why=why))


def _variables(frame) -> dict:
    """Give the learner's variables, by a look that leaves no trace.

    A frame of a function keeps the dictionary that it was asked for, and so the whole graph.
    """
    found = {**frame.f_globals, **frame.f_locals}
    if frame.f_code.co_flags & inspect.CO_OPTIMIZED and type(frame.f_locals) is dict:
        frame.f_locals.clear()
    return found


def _name_in(call):
    name = call.text_of(0)
    return name if 0 < len(name) <= 40 else "loss"


def _no_start(tensor, call):
    """Tell of a tensor that is not one number: the tensor, what works, why."""
    name, count = _name_in(call), tensor.array.size
    why = f"backward() starts from one number, such as a loss; {name} has {count:,}."
    start = (call.text.decode() or f"{name}.backward()").removesuffix("()")
    lab = _lab(call)
    works = [
        (call.changed(0, name, "{}.mean()"), f"each number counts 1/{count:,}"),
        (call.changed(0, name, "{}.sum()"), "each number counts 1"),
        (f"{start}({lab}.ones_like({name}))", "each counts what you say here"),
    ]
    return [(name, tuple(tensor.shape), tensor.dtype.name)], works, why


def _lab(call) -> str:
    """Say what the learner calls the library: ``torch``."""
    modules = {k: vars(v) for k, v in call.variables.items() if isinstance(v, ModuleType)}
    return next((k for k, v in modules.items() if v.get("Tensor") is Tensor), "torch")


def _line_of(frame):
    """Give where a frame is, and the learner's text there."""
    file, line = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, line, frame.f_globals).strip()
    return f"{watching.cell_name(file)}, line {line}", text


def _attach(error, mistake):
    error.mistake = mistake
    if written:
        error.add_note(mistake.text())


def _frames():
    """List the frames from the operation out to the learner's line, which is the last."""
    frame = sys._getframe(2)
    while frame is not None:
        yield frame
        if not frame.f_code.co_filename.startswith(watching.HOME):
            return
        frame = frame.f_back


def _layers(frames):
    """List the layers that were at work inside the learner's call, innermost first."""
    found = [frame.f_locals.get("self") for frame in frames[:-1]]
    return list({id(x): x for x in found if hasattr(x, "_parameters")}.values())


def _named(tensor, frames, layers, call, operands, i):
    """Say what the learner calls a tensor, and whether the line says so, so that it can be changed.

    Inside a model that was called as a whole a variable of the learner's would not tell which
    layer is meant: there a tensor is the input of its layer.
    """
    for layer in layers:
        for name, value in (*layer._parameters.items(), *layer._buffers.items()):
            if value is tensor:
                path = _path(layer, layers, frames[-1]) or type(layer).__name__
                return f"{path}.{name}", False
    if len(layers) > 1:
        return _input_of_layer(layers, frames), False
    if call.stores:  # a[0] = b is told from a, which has another size
        return "the value", False
    for variables in (frames[-1].f_locals, frames[-1].f_globals):
        for name, value in variables.items():
            if value is tensor and not name.startswith("_"):
                return name, True
    written = call.text_of(i)
    if 0 < len(written) <= 40:
        return written, True
    return f"its {operands[i] if len(operands) > i else f'{operands[0]}[{i}]'}", False


def _input_of_layer(layers, frames) -> str:
    path = _path(layers[0], layers, frames[-1]) or str(layers[0]).splitlines()[0]
    return f"input of {path}"


def _path(layer, layers, frame) -> str:
    """Call a layer as the learner does: ``net.0``, or ``l2`` inside of their own model."""
    outer, name = frame.f_locals.get("self"), ""
    if not hasattr(outer, "_parameters"):
        outer = layers[-1]
        variables = {**frame.f_globals, **frame.f_locals}
        name = next((k for k, v in variables.items() if v is outer and not k.startswith("_")), None)
    paths = (path for path, part in outer.named_modules() if part is layer)
    path = next(paths, None) if name is not None else None
    return ".".join(filter(None, (name, path))) if path is not None else ""


class Call:
    """The failing call as the learner wrote it: ``self.fc1(x)``."""

    def __init__(self, frame, op, layers, variables=None):
        self.text, self.tree, self.op = _text_of_call(frame).encode(), None, op
        self.a_layer = len(layers) == 1
        self.listed = False  # the operands stand in a list: cat([a, b])
        at = frame.f_code.co_code[frame.f_lasti]
        self.stores = opcode.opname[at] == "STORE_SUBSCR"
        self.weights = self.a_layer and bool(layers[0]._parameters)
        self.variables = variables or {**frame.f_globals, **frame.f_locals}
        with suppress(SyntaxError):
            self.tree = ast.parse(self.text, mode="eval").body

    def text_of(self, i) -> str:
        """Give the text of an operand; nothing where it is not plain which one it is."""
        node = self._operand(0 if self.listed else i)
        if self.listed and isinstance(node, ast.List | ast.Tuple):
            plain = not any(isinstance(x, ast.Starred) for x in node.elts)
            node = node.elts[i] if plain and i < len(node.elts) else None
        elif self.listed:
            name = getattr(node, "id", "")
            known = isinstance(self.variables.get(name), list | tuple)
            return f"{name}[{i}]" if known else ""
        return self._cut(node) if node is not None else ""

    def _cut(self, node):
        return self.text[node.col_offset : node.end_col_offset].decode()

    def _operand(self, i):
        """Find operand ``i`` in the text: of an operator, a layer, a function or a method."""
        tree = self.tree
        if isinstance(tree, ast.BinOp):
            return (tree.left, tree.right)[i] if i < 2 else None
        if not isinstance(tree, ast.Call):
            return None
        args = list(tree.args)
        if self.a_layer:
            return args[i] if i < len(args) and not (i and self.weights) else None
        if getattr(tree.func, "attr", getattr(tree.func, "id", "")) != self.op:
            return None
        if isinstance(tree.func, ast.Attribute) and not self._in_module(tree.func.value):
            args.insert(0, tree.func.value)
        return args[i] if i < len(args) else None

    def only_operand(self) -> tuple:
        """Give the name of the one variable that a model was called with, and what it holds."""
        args = getattr(self.tree, "args", [])
        name = getattr(args[0], "id", "") if len(args) == 1 else ""
        return name, self.variables.get(name)

    def _in_module(self, node):
        """Tell ``torch.mean(x)`` and ``torch.linalg.norm(x)`` from the methods ``x[0].mean()``."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(self.variables.get(getattr(node, "id", "")), ModuleType)

    def changed(self, i, name, form) -> str:
        """Write the call with operand ``i`` changed; only the change, if its place is unclear."""
        node = self._operand(i)
        if node is None or self._cut(node) != name:
            found = [n for n in ast.walk(self.tree or ast.Module([], []))
                     if isinstance(n, ast.Name) and n.id == name]  # fmt: skip
            node = found[0] if len(found) == 1 else None
        plain = node is None or isinstance(node, PLAIN) or form.endswith("({})")
        repaired = form.format(name if plain else f"({name})")
        if node is None:
            return repaired
        front, back = self.text[: node.col_offset], self.text[node.end_col_offset :]
        if front.endswith(b"(") and back.startswith(b")."):  # (a * b).mean() has them already
            front, back = front[:-1], back[1:]
        return (front + repaired.encode() + back).decode()


def _text_of_call(frame):
    """Cut the text of the failing call out of the learner's line."""
    for at, place in enumerate(frame.f_code.co_positions()):
        if 2 * at == frame.f_lasti and None not in place and place[0] == place[1]:
            line = linecache.getline(frame.f_code.co_filename, place[0], frame.f_globals)
            return line.encode()[place[2] : place[3]].decode()
    return ""


def _changes(name, names, xs, attempt, call, aligned, settings):
    """Yield (how it is written, the result's shape) for changes with which the call runs."""
    if sum(xs[i].array.size for i in names) > LIMIT:
        return
    offered, rank, end = 0, max(xs[i].ndim for i in names), time.perf_counter() + PATIENCE
    for i, form, change in _candidates(name, names, xs, aligned):
        if offered == MOST or time.perf_counter() > end:
            return
        try:
            result = attempt([*xs[:i], change(xs[i]), *xs[i + 1 :]])
        except Exception:  # it does not help: that is what trying is for
            continue
        if not aligned or result is None or result.ndim <= rank:
            yield call.changed(i, names[i][0], form), _shape_of(result)
            offered += 1
    if offered:
        return
    if name == "linear" and names[0][0].startswith("input of "):
        yield from _other_layers(names, xs, attempt, call)
    else:
        word = getattr(getattr(call.tree, "func", None), "attr", "")
        name = word if (word, name) == ("view", "reshape") else name
        yield from _other_sizes(name, names, xs, attempt, settings)


def _candidates(name, names, xs, aligned):
    shapes = ALIGNED_SHAPES if aligned else SHAPES.get(name, [])
    for form, change, suits in (*shapes, *KINDS):
        for i, (_, changeable) in names.items():
            if changeable and suits(xs[i]):
                yield i, form, change


def _other_sizes(name, names, xs, attempt, settings):
    """Yield what works with another size in the call: a layer that fits, a -1 in a shape."""
    said, changeable = names[0]
    if name == "linear" and changeable and not names[1][1]:
        flat = xs[0].ndim > 3
        x = xs[0].flatten(1) if flat else xs[0]
        features, out = x.shape[-1], xs[1].shape[0]
        with suppress(Exception):
            result = attempt([x, xs[1].new_zeros(out, features), *xs[2:]])
            given = f"{said}.flatten(1)" if flat else said
            yield f"nn.Linear({features}, {out}) called with {given}", _shape_of(result)
    elif name in ("view", "reshape") and settings and changeable:
        (sizes,) = settings
        for at in range(len(sizes)):
            with suppress(Exception):
                freed = (*sizes[:at], -1, *sizes[at + 1 :])
                result = getattr(xs[0], name)(freed)
                yield f"{said}.{name}({', '.join(map(str, freed))})", _shape_of(result)
        if len(sizes) == 2 and sizes[0] == -1 and xs[0].ndim > 2:  # meant: a row for each example
            wide = xs[0].flatten(1)
            yield f"{said}.flatten(1)", _shape_of(wide)
            yield f"{said}.{name}({len(wide)}, -1)", _shape_of(wide)


def _other_layers(names, xs, attempt, call):
    """Yield what mends a model that was called as a whole, where a Linear inside of it failed.

    Only that layer is tried, so what comes out of the model is not told.
    """
    x, weight, layer = xs[0], xs[1], names[0][0].removeprefix("input of ")
    out, features = weight.shape
    given, image = call.only_operand()
    flat = x.flatten(1) if x.ndim > 2 else x
    with suppress(Exception):
        if getattr(image, "ndim", 0) == 3 and x.ndim == 2 and x.array.size == features:
            attempt([x.reshape(1, -1), *xs[1:]])  # its channels were taken for examples
            yield call.changed(0, given, "{}[None]"), ""
        elif x.ndim > 2 and flat.shape[1] == features:
            attempt([flat, *xs[1:]])
            yield f"nn.Flatten() before {layer}", ""
        elif x.ndim == 4:
            attempt([flat, weight.new_zeros(out, flat.shape[1]), *xs[2:]])
            yield f"nn.Flatten() and nn.Linear({flat.shape[1]}, {out}) in place of {layer}", ""


def _shape_of(result):
    if result is None:
        return ""
    parts = result if type(result) is tuple else (result,)
    return ", ".join(str(tuple(p.shape)) if p.ndim else "a number" for p in parts)
