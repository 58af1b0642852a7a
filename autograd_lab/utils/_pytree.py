"""Nested lists, tuples and dicts as PyTorch's programs take them apart: ``torch.utils._pytree``.

>>> from autograd_lab.utils._pytree import tree_flatten, tree_map, tree_unflatten
>>> leaves, form = tree_flatten({"a": 1, "b": [2, (3, None)]})
>>> leaves
[1, 2, 3, None]
>>> tree_unflatten([10, 20, 30, 40], form)
{'a': 10, 'b': [20, (30, 40)]}
>>> tree_map(lambda n: n + 1, (1, [2, 3]))
(2, [3, 4])
"""

from ..func.tree import parts_of, rebuild


class TreeSpec:
    """The form of a nested container, without what it held."""

    def __init__(self, form, num_leaves: int):
        self.form, self.num_leaves = form, num_leaves

    def __eq__(self, other):
        return isinstance(other, TreeSpec) and repr(self) == repr(other)  # keys in their order

    def __repr__(self):
        return f"TreeSpec({self.form!r})"


class Place:
    """Stands in a form where a leaf was."""

    def __repr__(self):
        return "*"


PLACE = Place()


def tree_flatten(tree, is_leaf=None):
    """Give the leaves of a nested container as a list, and its form."""
    leaves = []
    form = _taken_apart(tree, is_leaf, leaves)
    return leaves, TreeSpec(form, len(leaves))


def tree_unflatten(leaves, treespec: TreeSpec):
    """Put a container of a form together around leaves."""
    leaves = list(leaves)
    if len(leaves) != treespec.num_leaves:
        raise ValueError(
            f"tree_unflatten(leaves, treespec): `leaves` has length {len(leaves)} but the spec "
            f"refers to a pytree that holds {treespec.num_leaves} items ({treespec}). Give as many "
            "leaves as tree_flatten gave"
        )
    return rebuild(treespec.form, leaves)


def tree_leaves(tree, is_leaf=None) -> list:
    """List the leaves of a nested container."""
    return tree_flatten(tree, is_leaf)[0]


def tree_structure(tree, is_leaf=None) -> TreeSpec:
    """Give the form of a nested container."""
    return tree_flatten(tree, is_leaf)[1]


def tree_map(func, tree, *rests, is_leaf=None):
    """Apply a function to the leaves of one container, or of several of the same form."""
    leaves, spec = tree_flatten(tree, is_leaf)
    others = [_leaves_as_in(spec.form, rest) for rest in rests]
    return tree_unflatten(map(func, leaves, *others), spec)


def tree_map_only(kind, func, tree, is_leaf=None):
    """Apply a function to the leaves of a type; leave the others as they are."""
    return tree_map(lambda x: func(x) if isinstance(x, kind) else x, tree, is_leaf=is_leaf)


def tree_any(pred, tree, is_leaf=None) -> bool:
    """Say whether something holds for a leaf."""
    return any(map(pred, tree_leaves(tree, is_leaf)))


def tree_all(pred, tree, is_leaf=None) -> bool:
    """Say whether something holds for every leaf."""
    return all(map(pred, tree_leaves(tree, is_leaf)))


def _taken_apart(tree, is_leaf, leaves):
    inner = None if is_leaf and is_leaf(tree) else parts_of(tree)
    if inner is None:
        leaves.append(tree)
        return PLACE
    parts, make = inner
    return make([_taken_apart(part, is_leaf, leaves) for part in parts])


def _leaves_as_in(form, tree) -> list:
    """List what stands in ``tree`` where ``form`` has its leaves."""
    if form is PLACE:
        return [tree]
    if type(tree) is not type(form):
        raise ValueError(f"Node type mismatch; expected {type(form)}, but got {type(tree)}.")
    if len(tree) != len(form):
        raise ValueError(f"Node arity mismatch; expected {len(form)}, but got {len(tree)}.")
    pairs = [(form[k], tree[k]) for k in form] if isinstance(form, dict) else zip(form, tree)
    return [leaf for part, other in pairs for leaf in _leaves_as_in(part, other)]


__all__ = [
    "PLACE", "TreeSpec", "tree_all", "tree_any", "tree_flatten", "tree_leaves", "tree_map",
    "tree_map_only", "tree_structure", "tree_unflatten",
]  # fmt: skip
