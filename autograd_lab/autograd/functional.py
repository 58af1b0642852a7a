"""Derivatives of a function as a whole: Jacobian, Hessian, and products with them."""

from ..core import Tensor, wrap
from .grad import grad


def _as_tuple(value):
    return (value,) if isinstance(value, Tensor) else tuple(value)


def _fresh(inputs, create_graph):
    """Make leaves of the inputs, or (to be differentiated again) views of them."""
    if create_graph:
        return tuple(
            x.view_as(x) if x.requires_grad else x.clone().requires_grad_() for x in inputs
        )
    return tuple(x.detach().requires_grad_() for x in inputs)


def _finish(value, create_graph):
    if create_graph:
        return value
    if isinstance(value, Tensor):
        return value.detach()
    return tuple(_finish(v, create_graph) for v in value)


def _zeros(tensor):
    return wrap(tensor.array * 0)


def _same_shapes(vs, like, what):
    if len(vs) != len(like):
        raise RuntimeError(f"{what} has {len(vs)} parts for {len(like)} tensors")
    for i, (v, x) in enumerate(zip(vs, like)):
        if v.shape != x.shape:
            raise RuntimeError(
                f"{what} has invalid size: should be {x.shape} but got {v.shape} (part {i})"
            )


def _gradients(output, inputs, seed, create_graph, strict=False):
    if not output.requires_grad:
        if strict:
            raise RuntimeError(
                "Output 0 of the user-provided function does not require gradients. The outputs "
                "must be computed in a differentiable manner from the input when running in strict "
                "mode."
            )
        return tuple(_zeros(x) for x in inputs)
    found = grad(
        output, inputs, seed, retain_graph=True, create_graph=create_graph, allow_unused=True
    )
    for i, g in enumerate(found):
        if g is None and strict:
            raise RuntimeError(
                f"Output 0 of the user-provided function is independent of input {i}. This is not "
                "allowed in strict mode."
            )
    return tuple(_zeros(x) if g is None else g for x, g in zip(inputs, found))


def jacobian(
    func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"
):
    """Give the derivative of every output with respect to every input.

    >>> torch.autograd.functional.jacobian(lambda x: x * x, torch.tensor([1., 2.]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    from ..ops import stack

    one_input = isinstance(inputs, Tensor)
    xs = _fresh(_as_tuple(inputs), create_graph)
    made = func(*xs)
    one_output = isinstance(made, Tensor)
    table = []
    for y in _as_tuple(made):
        rows = [_gradients(e, xs, None, create_graph, strict) for e in y.reshape(-1)]
        table.append(
            tuple(
                stack([row[i] for row in rows]).reshape((*y.shape, *x.shape))
                if rows else wrap(x.array[:0].reshape((*y.shape, *x.shape)))
                for i, x in enumerate(xs)
            )
        )  # fmt: skip
    answer = tuple(row[0] for row in table) if one_input else tuple(table)
    return _finish(answer[0] if one_output else answer, create_graph)


def hessian(
    func, inputs, create_graph=False, strict=False, vectorize=False,
    outer_jacobian_strategy="reverse-mode",
):  # fmt: skip
    """Give all second derivatives of a function with one number as its result.

    >>> torch.autograd.functional.hessian(lambda x: (x ** 3).sum(), torch.tensor([1., 2.]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    one_input = isinstance(inputs, Tensor)

    def slope(*xs):
        xs = tuple(x if x.requires_grad else x.requires_grad_() for x in xs)
        y = func(*xs)
        if not isinstance(y, Tensor) or y.array.size != 1:
            raise RuntimeError(
                "The Tensor returned by the function given to hessian should contain a single "
                "element"
            )
        found = _gradients(y.reshape(()), xs, None, True, strict)
        return found[0] if one_input else found

    return jacobian(slope, inputs, create_graph, strict)


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """Give func(inputs), and v times its Jacobian: what one backward pass computes.

    >>> torch.autograd.functional.vjp(lambda x: x * x, torch.tensor([1., 2.]), torch.ones(2))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    xs = _fresh(_as_tuple(inputs), create_graph)
    made = func(*xs)
    ys = _as_tuple(made)
    if v is None:
        if len(ys) != 1 or ys[0].array.size != 1:
            raise RuntimeError(
                "The vector v can only be None if the user-provided function returns a single "
                "Tensor with a single element."
            )
        vs = (wrap(ys[0].array * 0 + 1),)
    else:
        vs = _as_tuple(v)
        _same_shapes(vs, ys, "v")
    products = _weighted(ys, xs, vs, create_graph, strict)
    products = products[0] if isinstance(inputs, Tensor) else products
    return _finish(made, create_graph), _finish(products, create_graph)


def _weighted(ys, xs, vs, create_graph, strict):
    live = [(y, v) for y, v in zip(ys, vs) if y.requires_grad]
    if not live:
        return _gradients(ys[0], xs, None, create_graph, strict)
    found = grad(
        [y for y, _ in live], xs, [v for _, v in live], retain_graph=True,
        create_graph=create_graph, allow_unused=True,
    )  # fmt: skip
    return tuple(_zeros(x) if g is None else g for x, g in zip(xs, found))


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """Give func(inputs), and its Jacobian times v: how the result moves when inputs move by v.

    Two backward passes: the gradient of (u times Jacobian) with respect to u.

    >>> torch.autograd.functional.jvp(lambda x: x * x, torch.tensor([1., 2.]), torch.ones(2))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    xs = _fresh(_as_tuple(inputs), create_graph)
    vs = tuple(wrap(x.array * 0 + 1) for x in xs) if v is None else _as_tuple(v)
    _same_shapes(vs, xs, "v")
    made = func(*xs)
    ys = _as_tuple(made)
    us = tuple(_zeros(y).requires_grad_() for y in ys)
    slopes = _weighted(ys, xs, us, True, strict)
    live = [(s, w) for s, w in zip(slopes, vs) if s.requires_grad]
    if not live:
        moved = tuple(_zeros(y) for y in ys)
    else:
        found = grad(
            [s for s, _ in live], us, [w for _, w in live], retain_graph=True,
            create_graph=create_graph, allow_unused=True,
        )  # fmt: skip
        moved = tuple(_zeros(y) if g is None else g for y, g in zip(ys, found))
    moved = moved[0] if isinstance(made, Tensor) else moved
    return _finish(made, create_graph), _finish(moved, create_graph)


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """Give func(inputs), and v times its Hessian."""
    xs = _fresh(_as_tuple(inputs), create_graph)
    y = func(*xs)
    slopes = _gradients(y, xs, None, True, strict)
    vs = tuple(wrap(x.array * 0 + 1) for x in xs) if v is None else _as_tuple(v)
    _same_shapes(vs, xs, "v")
    products = _weighted(slopes, xs, vs, create_graph, strict)
    products = products[0] if isinstance(inputs, Tensor) else products
    return _finish(y, create_graph), _finish(products, create_graph)


hvp = vhp  # the Hessian is symmetric
