"""backward() and autograd.grad(): what arrives where, what is refused, what memory is kept."""

import gc
import time
import tracemalloc
import warnings
import weakref

import numpy as np
import pytest

import autograd_lab
from tests.core.oracle import both, oracle, refused


def leaf(torch, *numbers, dtype=None):
    """Make a leaf from a list of numbers, or from one number."""
    data = list(numbers) if len(numbers) > 1 else numbers[0]
    return torch.tensor(data, requires_grad=True, dtype=dtype)


# --- what arrives


@both
def test_a_scalar(torch):
    x = leaf(torch, 3.0)
    y = x * x + 2 * x
    y.backward()
    return y, x.grad


@both
def test_a_given_gradient(torch):
    x = leaf(torch, 1.0, 2.0, 3.0)
    (x * x).backward(torch.tensor([1.0, 0.0, -2.0]))
    return x.grad


@both
def test_one_element_of_any_shape_needs_no_gradient(torch):
    x = torch.ones(1, 1, requires_grad=True)
    (x * 3).backward()
    return x.grad


@both
def test_a_gradient_of_another_dtype_is_converted(torch):
    x = leaf(torch, 1.0, 2.0)
    (x * x).backward(torch.tensor([1.0, 2.0], dtype=torch.float64))
    return x.grad


@both
def test_backward_on_a_leaf(torch):
    x = leaf(torch, 3.0)
    x.backward()
    x.backward(torch.tensor(4.0))
    return x.grad


@both
def test_unused_and_constant_tensors_get_none(torch):
    x, unused, data = leaf(torch, 1.0), leaf(torch, 2.0), torch.tensor(3.0)
    (x * data).backward()
    return x.grad, unused.grad, data.grad


@both
def test_diamonds(torch):
    x = leaf(torch, 0.5, -1.5)
    a = x * 2
    b, c = a.tanh(), a.exp()
    d = b * c + a
    (d * b + c * x).sum().backward()
    return x.grad


@both
def test_a_leaf_used_many_times(torch):
    x = leaf(torch, 0.5, dtype=torch.float64)
    y = x
    for _ in range(200):
        y = y * x + x
    y.backward()
    return x.grad


@both
def test_a_tensor_times_itself(torch):
    x = leaf(torch, 2.0, 3.0)
    y = x * x
    (y * y).sum().backward()
    return x.grad


SHAPES = [
    ((2, 3), (3,)), ((2, 3), ()), ((2, 3), (1, 3)), ((2, 1), (1, 3)), ((1,), (2, 2)), ((), (2, 0)),
    ((4, 1, 2), (3, 1)), ((0, 3), (1, 3)), ((1, 1), ()),
]  # fmt: skip


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@both
def test_broadcasting_is_summed_back(torch, shapes):
    rng = np.random.default_rng(0)
    a, b = (torch.tensor(rng.uniform(1, 2, s), requires_grad=True) for s in shapes)
    y = (a * b + b - a) / (a + b)
    (y * y).sum().backward()
    return y, a.grad, b.grad


@pytest.mark.parametrize("kinds", ["float32 float64", "float16 float32", "float32 complex64",
                                   "float64 complex64", "float16 float64"])  # fmt: skip
@both
def test_gradients_have_their_tensors_dtype(torch, kinds):
    a, b = (torch.tensor([1.5, 2.0], dtype=getattr(torch, k), requires_grad=True)
            for k in kinds.split())  # fmt: skip
    y = (a * b + a).sum()
    y.backward(torch.ones((), dtype=y.dtype))
    return y, a.grad, b.grad


@both
def test_integers_in_a_graph(torch):
    x, n = leaf(torch, 1.5, 2.5), torch.tensor([2, 3])
    y = (x * n + n).sum()
    y.backward()
    return y, x.grad, n.grad


@both
def test_complex_numbers(torch):
    z = leaf(torch, 1 + 2j, 3 - 1j)
    w = leaf(torch, 2 + 0j, 1j)
    y = (z * w - z / w).sum()
    y.backward(torch.tensor(1 + 0.5j))
    return y, z.grad, w.grad


@both
def test_a_real_loss_of_complex_numbers(torch):
    z = leaf(torch, 1 + 2j, 3 - 1j)
    loss = (z * z.conj()).real.sum() + z.abs().sum()
    loss.backward()
    return loss, z.grad


# --- .grad


@both
def test_accumulation_keeps_the_same_object(torch):
    x = leaf(torch, 1.0, 2.0)
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    return x.grad is first, first


@both
def test_grad_never_shares_memory_with_anything(torch):
    x, z = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
    seed = torch.tensor([1.0, 2.0, 3.0])
    y = x + z
    y.retain_grad()
    y.backward(seed)
    pointers = [t.data_ptr() for t in (seed, x.grad, z.grad, y.grad)]
    x.grad.mul_(100)
    return len(set(pointers)), seed, x.grad, z.grad, y.grad


@both
def test_grad_of_a_leaf_does_not_share_memory_with_the_seed(torch):
    x, seed = torch.ones(2, requires_grad=True), torch.ones(2)
    x.backward(seed)
    seed.mul_(5)
    return x.grad


@both
def test_a_gradient_through_views_owns_its_memory(torch):
    x = torch.ones(2, 3, requires_grad=True)
    seed = torch.ones(6)
    x.reshape(6).backward(seed)
    x.grad += 1
    y = torch.ones(2, 3, requires_grad=True)
    y.sum().backward()
    y.grad[0] += 1  # the gradient of a sum is an expanded number until it reaches .grad
    return x.grad, y.grad


@both
def test_a_gradient_that_was_taken_away_stays_as_it_was(torch):
    x = leaf(torch, 1.0, 2.0)
    (x * x).sum().backward()
    mine, x.grad = x.grad, None
    (x * 5).sum().backward()
    return mine, x.grad


@both
def test_zeroing_in_place_and_accumulating_again(torch):
    x = leaf(torch, 1.0, 2.0)
    for _ in range(2):
        (x * x).sum().backward()
    x.grad.zero_()
    (x * 3).sum().backward()
    return x.grad


@both
def test_a_gradient_assigned_by_hand_is_added_to(torch):
    x = leaf(torch, 1.0, 2.0)
    x.grad = mine = torch.tensor([10.0, 20.0])
    (x * 2).sum().backward()
    return x.grad, mine, mine is x.grad


@both
def test_whoever_looks_at_a_gradient_sees_what_is_added(torch):
    x = leaf(torch, 1.0, 2.0)
    (x * 2).sum().backward()
    part, numbers, turned = x.grad[0], x.grad.numpy(), x.grad.view(2, 1)
    (x * 3).sum().backward()
    return part, numbers.tolist(), turned, x.grad._version > 0


@both
def test_a_gradient_that_was_used_is_not_added_to_unnoticed(torch):
    x, p = leaf(torch, 1.0, 2.0), leaf(torch, 3.0, 4.0)
    (x * 2).sum().backward()
    loss = (x.grad * p).sum()
    (x * 2).sum().backward()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_a_gradient_that_cannot_be_written_to_is_replaced():
    x = leaf(autograd_lab, 1.0, 2.0)
    fixed = np.ones(2, np.float32)
    fixed.flags.writeable = False
    for g in (autograd_lab.ones(1).expand(2), autograd_lab.core.wrap(fixed)):
        x.grad = g
        held = g.array
        (x * 2).sum().backward()
        assert x.grad.tolist() == [3, 3] and held.tolist() == [1, 1]


@both
@pytest.mark.parametrize("times", [1, 2])
def test_gradients_with_a_graph_are_shared_with_nobody(torch, times):
    x, z, seed = leaf(torch, 1.0, 2.0), leaf(torch, 3.0, 4.0), torch.ones(2)
    ((x + z) ** times).backward(seed, create_graph=True)
    assert x.grad is not z.grad
    (x + z).sum().backward()
    return x.grad.detach(), z.grad.detach(), seed


@both
def test_the_gradient_of_a_leaf_may_be_a_leaf(torch):
    x, seed = leaf(torch, 1.0, 2.0), leaf(torch, 3.0, 4.0)
    x.backward(seed, create_graph=True)
    assert not x.grad.is_leaf
    x.grad.square().sum().backward()
    return seed.grad


@both
def test_deleting_a_gradient(torch):
    x = leaf(torch, 1.0)
    x.backward()
    del x.grad
    return x.grad


@refused("attempting to assign a gradient of size '[3]' to a tensor of size '[2]'")
def test_a_gradient_of_another_shape(torch):
    leaf(torch, 1.0, 2.0).grad = torch.ones(3)


@refused("attempting to assign a gradient with dtype 'double' to a tensor with grad_dtype 'Float'")
def test_a_gradient_of_another_dtype(torch):
    leaf(torch, 1.0, 2.0).grad = torch.ones(2, dtype=torch.float64)


@refused("assigned grad expected to be a Tensor or None")
def test_a_gradient_that_is_no_tensor(torch):
    leaf(torch, 1.0, 2.0).grad = 3.0


def test_asking_a_result_for_its_gradient_warns():
    for library in (oracle(), autograd_lab):
        y = leaf(library, 1.0) * 2
        with pytest.warns(UserWarning, match="attribute of a Tensor that is not a leaf"):
            assert y.grad is None


# --- retain_graph, create_graph, inputs


@refused("Trying to backward through the graph a second time")
def test_backward_twice(torch):
    x = leaf(torch, 2.0)
    y = x * x
    y.backward()
    y.backward()


@refused("Trying to backward through the graph a second time")
def test_backward_twice_through_a_shared_part(torch):
    x = leaf(torch, 2.0)
    shared = x.exp()
    (shared * 2).backward()
    (shared * 3).backward()


@refused("retain_graph=True if you need to backward through the graph a second time")
def test_grad_twice(torch):
    x = leaf(torch, 2.0)
    y = x.exp()
    torch.autograd.grad(y, x)
    torch.autograd.grad(y, x)


@both
def test_what_saved_nothing_can_go_backward_twice(torch):
    x = leaf(torch, 2.0, 3.0)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    return x.grad


@both
def test_retain_graph(torch):
    x = leaf(torch, 2.0, dtype=torch.float64)
    y = x * x * x
    y.backward(retain_graph=True)
    y.backward(retain_graph=True)
    y.backward()
    return x.grad


@both
def test_create_graph(torch):
    x = leaf(torch, 2.0, dtype=torch.float64)
    (x * x * x).backward(create_graph=True)
    first = x.grad
    x.grad = None
    first.backward()
    return first, x.grad


@both
def test_create_graph_accumulates_with_a_graph(torch):
    x = leaf(torch, 2.0, dtype=torch.float64)
    (x * x).backward(create_graph=True)
    (x * x * x).backward(create_graph=True)
    (second,) = torch.autograd.grad(x.grad, x)
    return x.grad, second


@both
def test_backward_into_some_leaves(torch):
    a, b, c = leaf(torch, 2.0), leaf(torch, 3.0), leaf(torch, 4.0)
    y = a * b * c
    y.backward(inputs=[a, c])
    first = a.grad.clone(), b.grad, c.grad.clone()
    (a * b).backward(inputs=b)
    return first, a.grad, b.grad, c.grad


@both
def test_backward_into_a_result(torch):
    x = leaf(torch, 2.0, 3.0)
    h = x * x
    (h * h).sum().backward(inputs=[h, x])
    return h.grad, x.grad


@both
def test_backward_into_inputs_accumulates(torch):
    x = leaf(torch, 2.0, 3.0)
    for _ in range(2):
        (x * x).sum().backward(inputs=[x])
    return x.grad


@refused("cannot be empty")
def test_backward_into_nothing(torch):
    leaf(torch, 2.0).backward(inputs=[])


@both
def test_several_roots(torch):
    x = leaf(torch, 2.0, 3.0)
    h = x.exp()
    torch.autograd.backward([h.sum(), h * x, h], [None, torch.ones(2), torch.tensor([1.0, 2.0])])
    return x.grad


@both
def test_several_roots_into_inputs_accumulate_in_the_same_object(torch):
    x, seen = leaf(torch, 2.0, 3.0), []
    x.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad.clone()))
    torch.autograd.backward([(x * 2).sum()], inputs=[x])
    first = x.grad
    torch.autograd.backward([(x * 2).sum(), (x * x).sum()], inputs=x)
    return x.grad is first, first, seen


@both
def test_several_roots_into_inputs(torch):
    x, z = leaf(torch, 2.0), leaf(torch, 3.0)
    torch.autograd.backward([x * z, x * 2], inputs=[x])
    return x.grad, z.grad


# --- what is refused


@refused("grad can be implicitly created only for scalar outputs")
def test_many_elements_need_a_gradient(torch):
    (leaf(torch, 1.0, 2.0) * 2).backward()


@refused("grad can be implicitly created only for real scalar outputs")
def test_a_complex_loss_needs_a_gradient(torch):
    leaf(torch, 1 + 1j).backward()


@refused("Mismatch in shape")
def test_a_gradient_of_the_wrong_shape(torch):
    (leaf(torch, 1.0, 2.0) * 2).backward(torch.ones(3))


@refused("float")
def test_a_number_for_a_gradient(torch):
    leaf(torch, 1.0).backward(2.0)


@refused("does not require grad and does not have a grad_fn")
def test_no_graph(torch):
    torch.tensor([1.0, 2.0]).sum().backward()


@refused("does not require grad and does not have a grad_fn")
def test_detached(torch):
    leaf(torch, 1.0).detach().backward()


@refused("got 2 tensors and 1 gradients")
def test_fewer_gradients_than_roots(torch):
    x = leaf(torch, 1.0)
    torch.autograd.backward([x, x * 2], [torch.tensor(1.0)])


# --- grad()


@both
def test_grad_gives_and_leaves_alone(torch):
    x, z = leaf(torch, 2.0, 3.0), leaf(torch, 4.0)
    found = torch.autograd.grad((x * z).sum(), [x, z])
    return found, isinstance(found, tuple), x.grad, z.grad


@both
def test_grad_of_several_outputs(torch):
    x = leaf(torch, 2.0, 3.0)
    h = x.exp()
    return torch.autograd.grad([h, (h * x).sum()], x, [torch.tensor([1.0, -1.0]), None])


@both
def test_grad_of_one_output_named_twice(torch):
    x = leaf(torch, 2.0)
    y = x * x
    return torch.autograd.grad([y, y], [x, x])


@both
def test_grad_with_respect_to_results(torch):
    x = leaf(torch, 2.0)
    a = x * x
    b = a.exp()
    y = a * b
    return torch.autograd.grad(y, [a, b, x, y], retain_graph=True), torch.autograd.grad(b, a)


@both
def test_grad_with_respect_to_itself(torch):
    x = leaf(torch, 2.0)
    y = x * x
    return torch.autograd.grad(y, y, torch.tensor(7.0)), torch.autograd.grad(x, x)


@both
def test_grad_stops_where_nobody_asks(torch):
    x, z = leaf(torch, 2.0), leaf(torch, 3.0)
    h = x.exp()
    y = h * z
    (g,) = torch.autograd.grad(y, z)
    return g, torch.autograd.grad(h, x)  # h's own saved values are still there


@refused("The differentiated Tensor at index 1 appears to not have been used in the graph")
def test_grad_of_something_unused(torch):
    x, unused = leaf(torch, 2.0), leaf(torch, 3.0)
    torch.autograd.grad(x * 2, [x, unused])


@both
def test_grad_of_the_inputs_only(torch):
    """The gradient penalty as it is written everywhere."""
    x = leaf(torch, 2.0, 3.0)
    (g,) = torch.autograd.grad(
        outputs=(x**3).sum(), inputs=x, grad_outputs=torch.tensor(1.0, dtype=torch.float64),
        create_graph=True, retain_graph=True, only_inputs=True,
    )  # fmt: skip
    (g.norm(2) - 1).square().backward()
    return g, x.grad, torch.autograd.grad(x * 2, x, torch.ones(2), None, False, True, True)


@both
def test_grad_of_more_than_the_inputs_warns(torch):
    x = leaf(torch, 2.0)
    with pytest.warns(FutureWarning, match="only_inputs argument is deprecated") as said:
        found = torch.autograd.grad(x * 2, x, only_inputs=False)
    return found, str(said[0].message)


@both
def test_allow_unused(torch):
    x, unused = leaf(torch, 2.0), leaf(torch, 3.0)
    return torch.autograd.grad(x * 2, [x, unused], allow_unused=True)


@both
def test_materialize_grads(torch):
    x, unused = leaf(torch, 2.0), torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(x * 2, [x, unused], materialize_grads=True)


@both
def test_materialized_zeros_are_zeros_beside_an_infinite_input(torch):
    x, unused = leaf(torch, 2.0), leaf(torch, float("inf"))
    return torch.autograd.grad(x * 2, [x, unused], materialize_grads=True)


@refused("Expected allow_unused to be True or not passed when materialize_grads=True")
def test_materialize_grads_against_allow_unused(torch):
    x = leaf(torch, 2.0)
    torch.autograd.grad(x * 2, x, allow_unused=False, materialize_grads=True)


@refused("cannot be empty")
def test_grad_of_nothing(torch):
    torch.autograd.grad(leaf(torch, 2.0), [])


@refused("One of the differentiated Tensors does not require grad")
def test_grad_of_data(torch):
    x, data = leaf(torch, 2.0), torch.tensor(3.0)
    torch.autograd.grad(x * data, [data])


@both
def test_a_batch_of_gradients(torch):
    x = leaf(torch, 2.0, 3.0)
    return torch.autograd.grad(x * x, x, torch.eye(2), is_grads_batched=True)


@both
def test_grad_does_not_share_memory(torch):
    x, seed = leaf(torch, 2.0, 3.0), torch.ones(2)
    (g,) = torch.autograd.grad(x + 1, x, seed)
    h = g.clone()
    h.mul_(2)
    return g, seed, g.requires_grad


# --- higher orders


@both
def test_third_derivative(torch):
    x = leaf(torch, 0.7, dtype=torch.float64)
    y, found = (x * x).tanh() * x.exp(), []
    for _ in range(3):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
        found.append(y)
    return found


@both
def test_mixed_partials(torch):
    x, z = leaf(torch, 0.7, dtype=torch.float64), leaf(torch, 1.3, dtype=torch.float64)
    gx, gz = torch.autograd.grad(x * x * z.exp() / z, [x, z], create_graph=True)
    return torch.autograd.grad(gx, z, retain_graph=True), torch.autograd.grad(gz, [x, z])


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@both
def test_second_order_over_broadcasting(torch, shapes):
    rng = np.random.default_rng(1)
    a, b = (torch.tensor(rng.uniform(1, 2, s), requires_grad=True) for s in shapes)
    y = (a * b / (a + b)).exp().sum()
    first = torch.autograd.grad(y, [a, b], create_graph=True)
    penalty = (first[0] * first[0]).sum() + (first[1] * first[1] * first[1]).sum()
    return first, torch.autograd.grad(penalty, [a, b])


@both
def test_a_gradient_penalty(torch):
    w = torch.tensor([[0.3, -0.2], [0.5, 0.9]], dtype=torch.float64, requires_grad=True)
    x = torch.tensor([[1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    out = (x @ w).tanh().sum()
    (g,) = torch.autograd.grad(out, x, create_graph=True)
    ((g * g).sum() + out).backward()
    return w.grad, x.grad


@both
def test_a_gradient_without_create_graph_is_constant(torch):
    x = leaf(torch, 2.0)
    (g,) = torch.autograd.grad(x * x, x)
    return g, g.requires_grad, g.is_leaf


@both
def test_the_derivative_of_a_line_is_constant(torch):
    x = leaf(torch, 2.0)
    (g,) = torch.autograd.grad(3 * x, x, create_graph=True)
    return g.tolist()


# --- leaves


@both
def test_who_is_a_leaf(torch):
    x, data = leaf(torch, 1.0, 2.0), torch.ones(2)
    with torch.no_grad():
        silent = x * 2
    made = [x, data, x * 2, data * 2, x.detach(), x.data, silent, x[0], data[0], x.clone(),
            torch.ones(2, requires_grad=True), (x * 2).detach(), x.to(torch.float64)]  # fmt: skip
    return [(t.is_leaf, t.requires_grad, t.grad_fn is None) for t in made]


@both
def test_requires_grad_switches_on_and_off(torch):
    x = torch.ones(2)
    seen = [x.requires_grad]
    x.requires_grad = True
    seen.append(x.requires_grad)
    seen.append(x.requires_grad_(False) is x)
    seen.append(x.requires_grad)
    y = x.requires_grad_() * 2
    y.requires_grad_(True)
    return seen, y.requires_grad


@refused("you can only change requires_grad flags of leaf variables")
def test_a_result_cannot_stop_requiring_grad(torch):
    (leaf(torch, 1.0) * 2).requires_grad_(False)


@refused("you can only change requires_grad flags of leaf variables")
def test_a_result_cannot_stop_requiring_grad_by_assignment(torch):
    (leaf(torch, 1.0) * 2).requires_grad = False


@pytest.mark.parametrize("kind", ["int64", "int32", "uint8", "bool"])
@refused("only Tensors of floating point")
def test_integer_leaves(torch, kind):
    torch.ones(2, dtype=getattr(torch, kind)).requires_grad_()


@refused("nly Tensors of floating point and complex dtype can require gradients")
def test_an_integer_leaf_at_birth(torch):
    torch.tensor([1, 2], requires_grad=True)


@both
def test_a_result_that_is_whole_needs_no_gradient(torch):
    x = leaf(torch, 1.5, 2.5)
    made = [x > 2, x.to(torch.int64), x == x, x.long(), x.bool()]
    return [(t.requires_grad, t.is_leaf, t.dtype) for t in made]


@both
def test_data_and_detach_share_memory(torch):
    x = leaf(torch, 1.0, 2.0)
    x.data += 1
    x.detach()[0] = 50.0
    x.data.mul_(2)
    y = (x * x).sum()
    y.backward()
    return x, x.grad, x.data.requires_grad, x.data_ptr() == x.detach().data_ptr()


@both
def test_a_0d_leaf_shares_memory_with_its_data(torch):
    x = leaf(torch, 3.0)
    x.data -= 1
    d = x.detach()
    d += 10
    return x, d


@both
def test_assigning_data(torch):
    x = leaf(torch, 1.0, 2.0)
    x.data = torch.tensor([5.0, 6.0, 7.0])
    (x * 2).sum().backward()
    return x, x.grad


@both
def test_gradient_descent_by_hand(torch):
    w, seen = leaf(torch, 1.0, -2.0), []
    for step in range(3):
        loss = ((w - 3) * (w - 3)).sum()
        loss.backward()
        if step % 2:
            w.data -= 0.1 * w.grad.data
            w.grad.zero_()
        else:
            with torch.no_grad():
                w -= 0.1 * w.grad
            w.grad = None
        seen.append(loss.detach())
    return seen, w


@both
def test_node_names(torch):
    x = leaf(torch, 1.0, 2.0)
    made = [x + 1, x - 1, x * 2, x / 2, -x, x.exp(), x.tanh(), x.sum(), x.clone(), x.relu()]
    return [t.grad_fn.name() for t in made], type((x * 2).grad_fn).__name__


@both
def test_walking_the_graph(torch):
    x, z = leaf(torch, 1.0), leaf(torch, 2.0)
    y = (x * z).exp()
    ((mul, place),) = y.grad_fn.next_functions
    first, second = mul.next_functions
    return (mul.name(), place, second[1], first[0].variable is x, second[0].variable is z,
            (x * 3).grad_fn.next_functions[1])  # fmt: skip


# --- long chains and memory: no oracle needed


def test_a_million_operations():
    """They run, backpropagate and are freed: without recursion, and in time that stays linear."""
    began = time.process_time()
    x = leaf(autograd_lab, 1.0)
    y = x
    for _ in range(1_000_000):
        y = y + 1.0
    assert y.item() > 900_000
    y.backward()
    assert x.grad.item() == 1.0
    node = weakref.ref(y.grad_fn)
    del y
    assert node() is None
    assert time.process_time() - began < 30


def test_a_long_chain_that_nobody_walked_is_freed_too():
    x = leaf(autograd_lab, 1.0, 2.0)
    y = x
    for _ in range(100_000):
        y = y * 1.0
    oldest = y.grad_fn
    for _ in range(99_999):
        oldest = oldest.next[0]
    oldest = weakref.ref(oldest)
    del y
    assert oldest() is None


def test_a_long_chain_of_views_and_writes_is_freed():
    x = leaf(autograd_lab, 1.0, 2.0)
    y = x * 1
    for _ in range(2_000):
        y[0] += 1.0
    node = weakref.ref(y.grad_fn)
    y.sum().backward()
    del y
    gc.collect()
    assert node() is None and x.grad.tolist() == [1.0, 1.0]


def _saved_arrays(node):
    found, todo = [], [node]
    while todo:
        node = todo.pop()
        found += [weakref.ref(a) for a in node.saved or () if isinstance(a, np.ndarray)]
        todo += node.next
    return found


@pytest.fixture
def no_collector():
    """Switch the cycle collector off: what is freed is freed by reference counts alone."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def _loss(x):
    return ((x.exp() * x).tanh() * 2).exp().sum()


def test_backward_gives_saved_values_back(no_collector):
    x = autograd_lab.ones(10, requires_grad=True)
    loss = _loss(x)
    saved = _saved_arrays(loss.grad_fn)
    assert len(saved) >= 4 and all(a() is not None for a in saved)
    loss.backward()
    alive = [a() for a in saved if a() is not None]
    assert all(a is x.array for a in alive)


def test_retain_graph_keeps_saved_values(no_collector):
    x = autograd_lab.ones(10, requires_grad=True)
    loss = _loss(x)
    saved = _saved_arrays(loss.grad_fn)
    loss.backward(retain_graph=True)
    assert all(a() is not None for a in saved)
    del loss
    assert all(a() is None or a() is x.array for a in saved)


def test_a_graph_dies_with_its_last_tensor(no_collector):
    x = autograd_lab.ones(10, requires_grad=True)
    loss = _loss(x)
    nodes = [weakref.ref(loss.grad_fn), weakref.ref(loss.grad_fn.next[0]), weakref.ref(x.node)]
    del loss
    assert [n() is None for n in nodes] == [True, True, False]
    del x
    assert nodes[2]() is None


def test_writes_through_views_make_no_cycles(no_collector):
    x = autograd_lab.ones(10, requires_grad=True)
    y = x * 2
    for n in range(3):
        y[n] += x[n]
    array, node = weakref.ref(y.array), weakref.ref(y.grad_fn)
    y.sum().backward()
    del y
    assert array() is None and node() is None


def test_create_graph_gives_memory_back(no_collector):
    x = autograd_lab.ones(10, requires_grad=True)
    (g,) = autograd_lab.autograd.grad(_loss(x), x, create_graph=True)
    node = weakref.ref(g.grad_fn)
    del g
    assert node() is None


def test_a_failed_backward_gives_memory_back(no_collector):
    x = autograd_lab.ones(10, requires_grad=True)
    loss = _loss(x)
    loss.backward()
    node = weakref.ref(loss.grad_fn)
    with pytest.raises(RuntimeError, match="second time"):
        loss.backward()
    del loss
    assert node() is None


def _train(steps):
    rng = np.random.default_rng(0)
    data = autograd_lab.tensor(rng.standard_normal((64, 32)), dtype=autograd_lab.float32)
    w = autograd_lab.ones(32, requires_grad=True)
    b = autograd_lab.ones((), requires_grad=True)
    for _ in range(steps):
        loss = ((data * w + b).tanh() * data).exp().sum()
        loss.backward()
        for p in (w, b):
            p.data -= 0.001 * p.grad
            p.grad = None


@pytest.mark.parametrize("collecting", [True, False])
def test_training_does_not_grow(collecting):
    """50 more steps must not hold more memory than 10 did: a step's arrays are 8 kB each."""
    _train(10)
    gc.collect()
    if not collecting:
        gc.disable()
    tracemalloc.start()
    try:
        _train(10)
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        _train(50)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert after - before < 8 * 8_192, after - before  # a leak would be 50 arrays
    assert peak - before < 30 * 8_192, peak - before


def test_no_warning_in_ordinary_use():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _train(3)


def test_a_gradient_that_only_the_leaf_holds_is_not_copied():
    """The array that a rule made becomes the leaf's gradient itself."""
    import autograd_lab as lab

    places = []

    def pull(node, g, pull=lab.exp.__wrapped__.backward):
        d = pull(node, g, node.saved[0])
        places.append(d.ctypes.data)
        return d

    x = lab.ones(3, requires_grad=True)
    y = x.exp()
    type(y.grad_fn).pull, kept = pull, type(y.grad_fn).pull
    try:
        y.sum().backward()
    finally:
        type(y.grad_fn).pull = kept
    assert places == [x.grad.data_ptr()]
