"""Why there is no way back through a graph: what was used up, by whom, and what works instead.

Either the same ``backward()`` is run twice, or two losses share a part of their graphs, or a state
that is carried from one step of a training to the next still drags the graph of the step before.
"""

import linecache

from . import watching
from .core import FREED, TENSORS, Leaf, Output

FEW = 3  # operations whose values are gone, and of each the values, that are named
FAR = 10_000  # nodes to look through for what two losses share


def used_up(tensor, name, variables, error):
    """Tell of a graph that was used up: the operations, what works, why.

    ``variables`` are the learner's; ``name`` is what stands before ``.backward()``.
    """
    variables = {**variables, **_kept_in_models(variables)}
    name = next((k for k, v in variables.items() if v is tensor and k[0] != "_"), name)
    spent = _stopped_at(error) or tensor.node
    fresh = [n for n in _reached(tensor.node) if _maker(n).seq > spent.seq]
    gone = _gone(spent, variables)
    if not any(getattr(type(n), "keep", ()) for n in fresh):
        return gone, _again(tensor, name), (
            "Each operation keeps values for its rule, and lets them go when backward() has used "
            "them. These are gone:"
        )  # fmt: skip
    carried = _carried(fresh, spent, variables)
    if carried:
        return gone, [(f"{carried} = {carried}.detach()", "before the next step uses it")], (
            f"{carried} was made in the step before, and {name} depends on it: the way back leads "
            "into that step's graph, whose backward() has used it up. Gone there:"
        )  # fmt: skip
    works = _together(name, spent, variables)
    advice = "" if works else (
        "A state that is carried from step to step is cut off there: h = h.detach(). If both "
        "belong to one step, backward(retain_graph=True) keeps what the first one uses. "
    )  # fmt: skip
    return gone, works, (
        f"{name} shares a part of its graph with something whose backward() has used that up. "
        f"{advice}Gone there:"
    )


def _kept_in_models(variables) -> dict:
    """List the tensors that the learner's models keep as attributes: ``self.h``."""
    models = {k: vars(v) for k, v in variables.items() if hasattr(type(v), "named_parameters")}
    return {
        f"{k}.{name}": value for k, found in models.items() for name, value in found.items()
        if type(value) in TENSORS
    }  # fmt: skip


def _stopped_at(error):
    """Find the node whose values were missed: ``n`` in the loop over the nodes."""
    trace, found = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_name in ("_visit_quickly", "_visit_carefully"):
            found = trace.tb_frame.f_locals.get("n")
        trace = trace.tb_next
    return found


def _reached(root):
    """List the nodes that a node depends on, itself first; not more than ``FAR``."""
    nodes = {root: None}
    for node in (todo := [root]):
        for m in node.next:
            if m not in nodes and len(nodes) < FAR:
                nodes[m] = None
                todo.append(m)
    return list(nodes)


def _again(tensor, name):
    made = _line_that_made(tensor.node)
    works = [(made, "computed again, before each backward()")] if made else []
    return [*works, (f"{name}.backward(retain_graph=True)", "the first time, to keep them")]


def _carried(fresh, spent, variables) -> str:
    """Name the variable that was made anew just as what leads into the used part was made."""
    old = {
        _kind(m) for n in fresh for m in n.next
        if _maker(m).seq <= spent.seq and type(m) is not Leaf
    }  # fmt: skip
    made = {
        k: v.node for k, v in variables.items()
        if type(v) in TENSORS and v.node is not None and k[0] != "_"
    }  # fmt: skip
    return next((k for k, n in made.items() if _maker(n) in fresh and _kind(n) in old), "")


def _maker(node):
    """Give the operation of which a node may be only one of several results."""
    return node.next[0] if type(node) is Output else node


def _kind(node):
    """Tell what made a tensor, and as which of its results."""
    return watching.operation_name(_maker(node)), getattr(node, "place", 0)


def _together(name, spent, variables):
    """Say how two losses with a part in common are gone back from."""
    losses = {
        k: v for k, v in variables.items()
        if type(v) in TENSORS and v.node is not None and v.array.size == 1 and k not in (name, "_")
    }  # fmt: skip
    other = next((k for k, v in losses.items() if spent in _reached(v.node)), "")
    if not other:
        return []
    keep = f"{other}.backward(retain_graph=True)"
    kept = f"before {name}.backward(): what both need is kept"
    return [(f"({other} + {name}).backward()", "once, for both"), (keep, kept)]


def _gone(root, variables):
    """List the newest operations whose saved values are gone: (name, what it had kept, "gone")."""

    def known(node, kept):
        """Say what the learner calls a value that was kept; else what the rule calls it."""
        names, told = type(node).operands, getattr(node, "told", None)
        if kept not in names:
            return "its result" if kept == "y" else kept
        place = type(node).operand_places[names.index(kept)] if told else 0
        value = told.args[place] if told and place < len(told.args) else None
        names = (k for k, v in variables.items() if v is value and k[0] != "_")
        return next(names, kept) if type(value) in TENSORS else kept

    found = {}
    for node in _reached(root):
        kept = getattr(type(node), "keep", ())
        if getattr(node, "saved", None) is FREED and kept and len(found) < FEW:
            ordered = sorted(kept, key=(*type(node).operands, *kept).index)
            names = list(dict.fromkeys(known(node, name) for name in ordered))
            few = (*names[:FEW], *["..."] * (len(names) > FEW))
            found[watching.operation_name(node), few, "gone"] = None
    return list(found)


def _line_that_made(node) -> str:
    """Give the learner's line that made a tensor, if somebody looked."""
    site = watching.site_of(_maker(node))
    line = site and linecache.getline(site.code.co_filename, site.positions[0] or 0)
    return line.strip() if line else ""
