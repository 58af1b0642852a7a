"""torch.utils._pytree, which published models take their containers apart with, against PyTorch."""

from collections import OrderedDict, namedtuple
from importlib import import_module

import pytest

from tests.core.oracle import both

Pair = namedtuple("Pair", "a b")
TREES = [
    1, None, [], (1, [2, (3, None)], {"b": 4, "a": ()}), Pair(1, [2]), OrderedDict(x=[1]),
    {"a": "text", "b": {1, 2}},
]  # fmt: skip


def pytree(torch):
    return import_module(f"{torch.__name__}.utils._pytree")


@both
def test_apart_and_together(torch):
    place, told = pytree(torch), []
    for tree in TREES:
        leaves, form = place.tree_flatten(tree)
        assert leaves == place.tree_leaves(tree) and form == place.tree_structure(tree)
        again = place.tree_unflatten([(leaf, "new") for leaf in leaves], form)
        alike = [form == place.tree_structure(t) for t in TREES]
        told.append((repr(again), form.num_leaves, alike))
    return told


@both
def test_one_form_is_another(torch):
    form = pytree(torch).tree_structure
    pairs = [([1], (1,)), ({"a": 1, "b": 1}, {"b": 1, "a": 1}), ({"a": 1}, OrderedDict(a=1)),
             ((1, (2, 3)), (0, (0, 0))), ((1, (2, 3)), ((1, 2), 3)), (Pair(1, 2), (1, 2))]
    return [form(a) == form(b) for a, b in pairs], form([1]) == [1]


@both
def test_calls_on_the_leaves(torch):
    place = pytree(torch)
    x = {"a": torch.ones(2), "b": [torch.zeros(1), 3]}

    def is_tuple(value):
        return isinstance(value, tuple)

    return (
        place.tree_map(lambda t: t + 1, x),
        place.tree_map(lambda a, b: (a, b), {"a": 1, "b": 2}, {"b": [20], "a": (10, 11)}),
        place.tree_map_only(torch.Tensor, lambda t: t.shape[0], x),
        place.tree_leaves([(1, 2), 3], is_leaf=is_tuple),
        place.tree_map(lambda v: v * 2, [(1, 2), 3], is_leaf=is_tuple),
        place.tree_any(lambda v: v == 3, [1, (2, 3)]), place.tree_all(bool, [1, (0, 3)]),
    )  # fmt: skip


@pytest.mark.parametrize("rest", [(3,), [3, 4], 5, (3, 4, 5)])
@both
def test_forms_that_do_not_fit(torch, rest):
    try:
        pytree(torch).tree_map(lambda a, b: a, (1, 2), rest)
    except ValueError as error:
        return str(error)


@both
def test_too_few_leaves(torch):
    place = pytree(torch)
    try:
        place.tree_unflatten([1], place.tree_structure((1, 2)))
    except ValueError as error:
        return str(error).partition(" (")[0].partition("`leaves`")[2]
