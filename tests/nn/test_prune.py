"""Pruning against PyTorch: masks, names, chains of methods, what is left afterwards."""

import importlib

import numpy as np
import pytest
import torch as theirs

import autograd_lab as ours
from tests.nn.pairs import entered, numbers, same, same_error

prune = {ours: ours.nn.utils.prune, theirs: importlib.import_module("torch.nn.utils.prune")}
BOTH = pytest.mark.parametrize("torch", [theirs, ours], ids=["torch", "ours"])
MASK = np.arange(48).reshape(8, 6) % 3 == 0
STORIES = {
    "l1": [("l1_unstructured", "weight", 0.3)], "l1 of the bias": [("l1_unstructured", "bias", 3)],
    "nothing": [("l1_unstructured", "weight", 0)], "identity": [("identity", "weight")],
    "rows": [("ln_structured", "weight", 0.5, 2, 0)],
    "columns": [("ln_structured", "weight", 2, float("inf"), 1)],
    "last": [("ln_structured", "weight", 2, 1, -1)], "mask": [("custom_from_mask", "weight", MASK)],
    "again": [("l1_unstructured", "weight", 0.3), ("l1_unstructured", "weight", 0.3)],
    "rows of what is left": [("custom_from_mask", "weight", MASK),
                             ("ln_structured", "weight", 4, 2, 0)],
    "three": [("l1_unstructured", "weight", 0.3), ("ln_structured", "weight", 2, 2, 0),
              ("custom_from_mask", "weight", MASK), ("l1_unstructured", "bias", 2)],
    "removed": [("l1_unstructured", "weight", 0.3), ("remove", "weight")],
    "one of two": [("l1_unstructured", "weight", 4), ("identity", "bias"), ("remove", "weight")],
}  # fmt: skip


def pruned(torch, story):
    layer = torch.nn.Linear(6, 8).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(numbers(8, 6)))
        layer.bias.copy_(torch.tensor(numbers(8, seed=1)))
    for name, *args in story:
        args = [torch.tensor(x) if isinstance(x, np.ndarray) else x for x in args]
        getattr(prune[torch], name)(layer, *args)
    return layer


@pytest.mark.parametrize("story", STORIES)
def test_what_is_left(story):
    found = []
    for torch in (ours, theirs):
        layer = pruned(torch, STORIES[story])
        y = layer(entered(numbers(5, 6), torch))
        y.square().sum().backward()
        found.append((
            {k: v.numpy() for k, v in layer.state_dict().items()},
            {k: p.grad.numpy() for k, p in layer.named_parameters()}, y.detach().numpy(),
            prune[torch].is_pruned(layer),
        ))  # fmt: skip
    (state, grads, y, is_pruned), (its_state, its_grads, its_y, its_is) = found
    assert list(state) == list(its_state)
    assert list(grads) == list(its_grads)
    assert is_pruned is its_is
    for k in state:
        same(state[k], its_state[k])
    for k in grads:
        same(grads[k], its_grads[k])
    same(y, its_y)


@pytest.mark.parametrize("amount", [0.4, 30])
def test_the_smallest_of_several_layers(amount):
    found = []
    for torch in (ours, theirs):
        first, second = pruned(torch, STORIES["l1"]), pruned(torch, [])
        parameters = [(first, "weight"), (second, "weight"), (second, "bias")]
        for _ in range(2):
            prune[torch].global_unstructured(
                parameters, prune[torch].L1Unstructured, amount=amount
            )
        scores = {(first, "weight"): torch.tensor(numbers(8, 6, seed=3))}
        prune[torch].global_unstructured(
            parameters, prune[torch].L1Unstructured, importance_scores=scores, amount=5
        )
        found.append([getattr(layer, name + "_mask").numpy() for layer, name in parameters])
    for mine, its in zip(*found):
        same(mine, its)


@BOTH
@pytest.mark.parametrize("amount", [0.25, 12])
def test_at_random(torch, amount):
    layer = pruned(torch, [("random_unstructured", "weight", amount)])
    assert (layer.weight_mask == 0).sum().item() == 12
    layer = pruned(torch, [("random_structured", "weight", 0.5, 1)])
    assert (layer.weight_mask.sum(0) == 0).sum().item() == 3
    assert layer.weight_mask.sum().item() == 24


@BOTH
def test_what_is_cut_away_stays_so_while_training(torch):
    layer = pruned(torch, STORIES["l1"])
    gone = layer.weight_mask == 0
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        layer(torch.ones(2, 6).double()).square().sum().backward()
        optimizer.step()
    assert (layer.weight_orig[gone] != 0).all()
    prune[torch].remove(layer, "weight")
    assert (layer.weight[gone] == 0).all()
    assert isinstance(layer.weight, torch.nn.Parameter)


@BOTH
def test_a_method_of_one_s_own(torch):
    class Even(prune[torch].BasePruningMethod):
        PRUNING_TYPE = "unstructured"

        def compute_mask(self, t, default_mask):
            mask = default_mask.clone()
            mask.view(-1)[::2] = 0
            return mask

    layer = pruned(torch, [])
    Even.apply(layer, "bias")
    assert layer.bias_mask.tolist() == [0, 1] * 4
    Even.apply(layer, "bias")
    assert layer.bias_mask.tolist() == [0, 0, 0, 1] * 2
    chain = next(iter(layer._forward_pre_hooks.values()))
    assert len(chain) == 2
    assert isinstance(chain[1], Even)
    assert [type(m) for m in chain] == [Even, Even]


@BOTH
def test_a_tensor_by_itself(torch):
    method = prune[torch].L1Unstructured(2)
    assert method.prune(torch.tensor([3.0, -1, 2, -4])).abs().tolist() == [3, 0, 0, 4]
    scores = torch.tensor([0.0, 1, 2, 3])
    assert method.prune(torch.ones(4), importance_scores=scores).tolist() == [0, 0, 1, 1]


def layer(t):
    return t.nn.Linear(6, 8)


@pytest.mark.parametrize("call", [
    lambda P, t: P.l1_unstructured(layer(t), "weight", 1.5),
    lambda P, t: P.l1_unstructured(layer(t), "weight", -1),
    lambda P, t: P.l1_unstructured(layer(t), "weight", "x"),
    lambda P, t: P.l1_unstructured(layer(t), "weight", 1000),
    lambda P, t: P.l1_unstructured(layer(t), "nope", 1),
    lambda P, t: P.l1_unstructured(layer(t), "weight", 1, importance_scores=t.ones(2)),
    lambda P, t: P.remove(layer(t), "weight"),
    lambda P, t: P.ln_structured(layer(t), "bias", 1, 2, 0),
    lambda P, t: P.ln_structured(layer(t), "weight", 1, 2, 5),
    lambda P, t: P.global_unstructured(3, P.L1Unstructured),
    lambda P, t: P.global_unstructured([(layer(t), "weight")], P.L1Unstructured, [], amount=1),
    lambda P, t: P.custom_from_mask(layer(t), "weight", t.ones(2)),
    lambda P, t: P.L1Unstructured(1).prune(t.ones(2), importance_scores=t.ones(3)),
    lambda P, t: P.PruningContainer().add_pruning_method(3),
])  # fmt: skip
def test_errors(call):
    if call.__code__.co_names[0] == "PruningContainer":
        with pytest.raises(TypeError, match="is not a BasePruningMethod subclass"):
            call(prune[ours], ours)
    else:
        same_error(lambda t: call(prune[t], t))


def test_only_single_numbers_can_be_compared_between_layers():
    with pytest.raises(TypeError, match='Only "unstructured" PRUNING_TYPE supported'):
        prune[ours].global_unstructured(
            [(layer(ours), "weight")], prune[ours].LnStructured, amount=1, n=2
        )


def test_on_the_gpu(gpu):
    for story in STORIES.values():
        made = ours.nn.Linear(6, 8).cuda()
        for name, *args in story:
            args = [ours.tensor(x).cuda() if isinstance(x, np.ndarray) else x for x in args]
            getattr(prune[ours], name)(made, *args)
        made(ours.ones(2, 6, device="cuda")).sum().backward()
        assert all(v.device.type == "cuda" for v in made.state_dict().values())
