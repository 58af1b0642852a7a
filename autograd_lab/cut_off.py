"""Why no gradient can come back from a tensor: where, in the learner's text, the way was cut off.

The text is read backwards from ``loss.backward()``: from what a name was made, and from what that.
Only what is plainly seen is told; a step counts as the cause if what it started from does learn.
"""

import ast
import linecache
from contextlib import suppress

from .core import TENSORS
from .grad_mode import is_grad_enabled

CUTTING = {"detach", "item", "numpy", "tolist", "argmax", "argmin", "long", "int", "bool"}
MADE_ANEW = {"tensor", "as_tensor", "from_numpy", "float", "int", "FloatTensor"}
OFF = ("no_grad", "inference_mode", "set_grad_enabled(False)")
MANY = "detach(), item(), argmax(), a comparison and no_grad() cut the way back."


def cut_off(name, start, frame, variables) -> str:
    """Say why a tensor has no graph. ``start`` is the expression before ``.backward()``."""
    with suppress(SyntaxError, RecursionError):
        seen = _seen_in_text(start, frame, variables)
        if seen:
            return seen
    if not is_grad_enabled():
        return f"Gradients are switched off here, as by no_grad(): make {name} outside of that."
    learning = [k for k, v in variables.items() if k[0] != "_" and _learns(v)]
    if learning:
        told = ", ".join(learning[:3])
        return f"{name} was not made from anything that learns (such as {told}), or no more: {MANY}"
    models = [k for k, v in variables.items() if _is_model(v) and any(True for _ in v.parameters())]
    if models:
        return (
            f"Every parameter of {models[0]} has requires_grad=False: "
            f"{models[0]}.requires_grad_(True) lets it learn."
        )
    return "Nothing here asks for gradients: what is to be learned is made with requires_grad=True."


def _is_model(value) -> bool:
    return hasattr(type(value), "named_parameters")


def _learns(value) -> bool:
    if _is_model(value):
        return any(p.requires_grad for p in value.parameters())
    return type(value) in TENSORS and value.node is not None


def _seen_in_text(start, frame, variables) -> str:
    """Follow the assignments backwards, to the first that cuts the way from what learns."""
    wanted, steps = _names(start), _assignments(frame)
    found = _cut_in(start, variables, ())
    if found:
        return f"{ast.unparse(found)} cuts the way back: {_reason(found)}."
    for step, targets, off in reversed(steps):
        if not targets & wanted:
            continue
        found = _cut_in(step.value, variables, targets)
        if off and any(_learns(variables.get(k)) for k in _names(step.value)):
            return f"{ast.unparse(step)} stands under {off}: nothing is recorded there."
        if found:
            return f"{ast.unparse(step)} cuts the way back: {_reason(found)}."
        wanted = wanted | _names(step.value)
    return ""


def _assignments(frame) -> list:
    """List the assignments up to a frame's line: (statement, its names, what switches it off)."""
    file, line = frame.f_code.co_filename, frame.f_lineno
    tree = ast.parse("".join(linecache.getlines(file, frame.f_globals)))
    inside = [
        node for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == frame.f_code.co_name
        and node.lineno <= line <= (node.end_lineno or line)
    ]  # fmt: skip
    found = []

    def look(node, off):
        if isinstance(node, ast.With):
            texts = [ast.unparse(item.context_expr) for item in node.items]
            off = next((t for t in texts if any(word in t for word in OFF)), off)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.append((node, set().union(*map(_names, targets)), off))
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef | ast.ClassDef | ast.Lambda):
                look(child, off)

    look(inside[-1] if inside else tree, "")
    return [step for step in found if step[0].lineno <= line]


def _names(node) -> set:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _cut_in(node, variables, again):
    """Find the part of an expression that cuts the way from what learns.

    ``again``: the names that it is assigned to; what they held before is gone.
    """
    for part in ast.walk(node):
        if _reason(part) and any(k in again or _learns(variables.get(k)) for k in _names(part)):
            return part
    return None


def _reason(part) -> str:
    """Say why an expression has no gradient, if so."""
    if isinstance(part, ast.Compare):
        return "a comparison has no gradient"
    if isinstance(part, ast.Attribute) and part.attr == "data":
        return ".data is a tensor without its history"
    if not isinstance(part, ast.Call):
        return ""
    word = getattr(part.func, "attr", getattr(part.func, "id", ""))
    if isinstance(part.func, ast.Attribute) and word in CUTTING:
        return f"{word}() gives no gradient"
    if word in MADE_ANEW and part.args:
        return f"{word}() copies the numbers without their history"
    return ""
