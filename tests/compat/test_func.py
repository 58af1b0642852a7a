"""torch.func: the same programs with PyTorch give the same numbers and the same graphs."""

import pytest

import autograd_lab
from tests.core.oracle import both


def data(torch):
    x = torch.tensor([0.3, 0.7], dtype=torch.float64)
    return x, torch.arange(12.0, dtype=torch.float64).reshape(3, 4)


# --- gradients


@both
def test_grad(torch):
    x, _ = data(torch)
    grad = torch.func.grad
    weights = {"w": x, "b": (torch.tensor(1.0),)}
    return [
        grad(lambda x: (x**3).sum())(x), grad(torch.sin)(x[0]), grad(grad(torch.sin))(x[0]),
        grad(grad(grad(lambda x: x**4)))(x[1]),
        grad(lambda p, x: (p["w"] * x).sum() * p["b"][0])(weights, x),
        grad(lambda a, b: (a * b).sum(), argnums=1)(x, 2 * x),
        grad(lambda a, b: (a * b * b).sum(), argnums=(0, -1))(x, 2 * x),
        grad(lambda a, *, k: (a * k).sum())(x, k=3.0),
        grad(lambda x: ((x * x).sum(), {"twice": 2 * x}), has_aux=True)(x),
        torch.func.grad_and_value(lambda x: (x * x).sum())(x),
        torch.func.grad_and_value(lambda x: ((x * x).sum(), x), has_aux=True)(x),
        grad(lambda x, unused: x.sum(), argnums=1)(x, 2 * x),
    ]  # fmt: skip


@both
def test_the_result_needs_gradients_only_for_what_is_outside(torch):
    x, _ = data(torch)
    w = torch.tensor([2.0, 3.0], dtype=torch.float64, requires_grad=True)
    through_w = torch.func.grad(lambda x: (x * x * w).sum())(x)
    through_w.sum().backward()
    y = torch.tensor([1.0, 2.0], requires_grad=True)
    twice = torch.func.grad(lambda y: (y**3).sum())(y)
    twice.sum().backward()
    with torch.no_grad():
        plain = torch.func.grad(lambda y: (y**3).sum())(y)
    silent = torch.func.grad(lambda x: (x.detach() * x).sum())(x)
    told = [t.requires_grad for t in (through_w, twice, plain, silent)]
    return told, w.grad, y.grad, plain, silent


@both
def test_no_grad_inside_is_kept(torch):
    def f(x):
        with torch.no_grad():
            c = x**2
        return (x - c).sum()

    return torch.func.grad(f)(torch.tensor([2.0]))


@both
def test_jacobians(torch):
    x, X = data(torch)
    jacrev, jacfwd, hessian = torch.func.jacrev, torch.func.jacfwd, torch.func.hessian
    return [
        jacrev(torch.sin)(x), jacfwd(lambda x: {"a": x * 2, "b": (x.sum(),)})(x),
        hessian(lambda x: (x**3).prod())(x), jacrev(jacrev(lambda x: (x**3).sum()))(x),
        jacfwd(jacrev(lambda x: (x**3).sum()))(x), jacrev(lambda a, b: a * b, argnums=(0, 1))(x, x),
        jacrev(lambda a, b: a * b, argnums=1)(x, 2 * x), jacrev(lambda X: X.sum(0) * X[0, 0])(X),
        jacrev(lambda x: (x * x, x.sum()), has_aux=True)(x), hessian(torch.sin)(x[0]),
        jacrev(lambda p: p["a"] * p["b"])({"a": x, "b": 2 * x}),
    ]  # fmt: skip


@both
def test_products(torch):
    x, _ = data(torch)
    y, pull = torch.func.vjp(lambda a, b: (a * b, a.sum()), x, 2 * x)
    z, single = torch.func.vjp(torch.sin, x)
    _, _, aux = torch.func.vjp(lambda x: (x * 2, x + 1), x, has_aux=True)
    return [
        y, pull((torch.ones_like(x), torch.tensor(2.0, dtype=torch.float64))), z, single(x),
        single(2 * x), aux,
        torch.func.jvp(lambda a, b: (a * b, a.sum()), (x, 2 * x), (torch.ones_like(x), x)),
        torch.func.jvp(torch.sin, (x,), (x,)),
        torch.func.jvp(lambda x: torch.func.jvp(torch.sin, (x,), (x,))[1], (x,), (x,)),
        torch.func.jvp(lambda x: (x * 2, x + 1), (x,), (x,), has_aux=True),
        torch.func.grad(lambda x: torch.func.vjp(torch.sin, x)[1](torch.ones_like(x))[0].sum())(x),
    ]  # fmt: skip


@both
def test_a_product_leads_on_where_its_tangent_needs_a_gradient(torch):
    x, _ = data(torch)
    move = torch.ones_like(x).requires_grad_()
    _, moved = torch.func.jvp(torch.sin, (x,), (move,))
    _, silent = torch.func.jvp(torch.sin, (x,), (x,))
    return [moved.requires_grad, silent.requires_grad, *torch.autograd.grad(moved.sum(), move)]


@pytest.mark.parametrize(("words", "use"), [
    ("return a scalar tensor, got tensor with 1 dims",
     lambda f: f.grad(lambda x: x * 2)(autograd_lab.ones(2))),
    ("expected tensors, got int", lambda f: f.grad(lambda x: 3)(autograd_lab.ones(2))),
    ("Got argnum=1, but only 1 positional", lambda f: f.grad(abs, argnums=1)(autograd_lab.ones(2))),
    ("(output, aux)", lambda f: f.grad(lambda x: x.sum(), has_aux=True)(autograd_lab.ones(2))),
    ("floating point", lambda f: f.grad(lambda x: x.sum())(autograd_lab.tensor([1, 2]))),
    ("shapes of the function's results",
     lambda f: f.vjp(abs, autograd_lab.ones(2))[1](autograd_lab.ones(3))),
    ("to be tuples", lambda f: f.jvp(abs, autograd_lab.ones(2), autograd_lab.ones(2))),
    ("same shapes", lambda f: f.jvp(abs, (autograd_lab.ones(2),), (autograd_lab.ones(3),))),
])  # fmt: skip
def test_refusals(words, use):
    with pytest.raises(RuntimeError) as caught:
        use(autograd_lab.func)
    assert words in str(caught.value)


# --- vmap


@both
def test_vmap(torch):
    _, X = data(torch)
    vmap = torch.vmap
    return [
        vmap(lambda a: a.sum())(X), vmap(lambda a, b: a * b, in_dims=(0, None))(X, X[0]),
        vmap(lambda a: a * 2, in_dims=1, out_dims=1)(X), vmap(torch.dot)(X, X + 1),
        vmap(vmap(lambda a, b: a * b, in_dims=(None, 0)), in_dims=(0, None))(X[0], X[1]),
        vmap(lambda d: {"s": d["a"] + d["b"]}, in_dims=({"a": 0, "b": None},))({"a": X, "b": X[0]}),
        vmap(lambda a, b: (a, b), in_dims=(0, 1), out_dims=(1, 0))(X, X.T),
        vmap(lambda a, b: (a, [b]), out_dims=-1)(X, X), vmap(lambda a: a.flip(0), in_dims=-1)(X),
        vmap(lambda a, k: a * k, in_dims=(0, None))(X, 3), vmap(lambda a: a, chunk_size=2)(X),
        vmap(lambda a, *, b: a + b)(X, b=X),
        vmap(lambda a: a.sum(), randomness="same")(X),
    ]  # fmt: skip


@both
def test_vmap_of_gradients(torch):
    x, X = data(torch)
    w = torch.ones(4, dtype=torch.float64)
    loss = lambda w, x, y: ((x @ w - y) ** 2).mean()  # noqa: E731
    return [
        torch.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))(w, X, X[:, 0]),
        torch.vmap(torch.func.jacrev(torch.sin))(X),
        torch.vmap(torch.func.hessian(lambda x: (x**3).sum()))(X),
        torch.func.grad(lambda X: torch.vmap(torch.sin)(X).sum())(X),
        torch.func.jacrev(torch.vmap(lambda a: a * a))(x),
    ]


@both
def test_vmap_is_differentiable(torch):
    _, X = data(torch)
    X.requires_grad_()
    (torch.vmap(lambda a: a.prod())(X + 1) ** 2).sum().backward()
    return X.grad


def test_random_numbers_under_vmap():
    vmap, rand, ones = autograd_lab.vmap, autograd_lab.rand, autograd_lab.ones(5)
    same = vmap(lambda a: a * rand(()), randomness="same")(ones)
    different = vmap(lambda a: a * rand(()), randomness="different")(ones)
    assert len(set(same.tolist())) == 1 and len(set(different.tolist())) == 5
    with pytest.raises(RuntimeError, match="random operation while in randomness error mode"):
        vmap(lambda a: a * rand(()))(ones)


def test_dims_of_a_dict_are_found_by_key():
    X = autograd_lab.arange(6.0).reshape(2, 3)
    add = autograd_lab.vmap(lambda d: d["a"] + d["b"], in_dims=({"b": None, "a": 0},))
    assert add({"a": X, "b": X[0]}).tolist() == (X + X[0]).tolist()


def test_branches_on_values_work():
    square = autograd_lab.vmap(lambda a: a * a if a.item() > 0 else a)
    assert square(autograd_lab.tensor([-2.0, 3.0])).tolist() == [-2.0, 9.0]


@pytest.mark.parametrize(("words", "use"), [
    ("same size in the mapped dimension", lambda f, X: f(lambda a, b: a)(X, X.T)),
    ("at least one mapped dimension", lambda f, X: f(lambda a: a, in_dims=(None,))(X)),
    ("got no inputs", lambda f, X: f(lambda: X)()),
    ("cannot vmap over non-Tensor", lambda f, X: f(lambda a, b: a)(X, 3)),
    ("not compatible with the structure", lambda f, X: f(lambda a, b: a, in_dims=(0,))(X, X)),
    ("dimensionality 2", lambda f, X: f(lambda a: a, in_dims=2)(X)),
    ("must only return Tensors", lambda f, X: f(lambda a: 3)(X)),
    ("size 0", lambda f, X: f(lambda a: a)(X[:0])),
    ("Only allowed values for randomness", lambda f, X: f(lambda a: a, randomness="no")(X)),
    ("chunk_size", lambda f, X: f(lambda a: a, chunk_size=0)(X)),
    ("expected `in_dims`", lambda f, X: f(lambda a: a, in_dims="0")(X)),
])  # fmt: skip
def test_what_vmap_refuses(words, use):
    with pytest.raises((ValueError, RuntimeError)) as caught:
        use(autograd_lab.vmap, autograd_lab.arange(6.0).reshape(2, 3))
    assert words in str(caught.value)


# --- modules without their own parameters


def net(torch):
    made = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    made.load_state_dict({"0.weight": torch.arange(6.0).reshape(3, 2) / 10,
                          "0.bias": torch.ones(3) / 10, "2.weight": torch.ones(1, 3),
                          "2.bias": torch.zeros(1)})
    return made.double()


@both
def test_functional_call(torch):
    x, _ = data(torch)
    model, x = net(torch), x.reshape(1, 2)
    own = dict(model.named_parameters())
    twice = {name: 2 * p.detach() for name, p in own.items()}
    call = torch.func.functional_call
    told = [call(model, twice, (x,)), call(model, {"2.bias": twice["0.bias"][:1]}, x), model(x),
            call(model, (dict(list(twice.items())[:2]), dict(list(twice.items())[2:])), (x,))]
    slopes = torch.func.grad(lambda p: call(model, p, (x,)).sum())(twice)
    assert dict(model.named_parameters()) == own or all(
        a is b for a, b in zip(model.parameters(), own.values()))
    return told, slopes, [p.grad is None for p in model.parameters()]


@both
def test_shared_parameters_are_replaced_together(torch):
    first = torch.nn.Linear(2, 2, bias=False)
    model = torch.nn.Sequential(first, torch.nn.Linear(2, 2, bias=False))
    model[1].weight = first.weight
    x = torch.ones(1, 2)
    return torch.func.functional_call(model, {"0.weight": 2 * torch.eye(2)}, (x,))


def test_the_module_keeps_its_own_after_an_error():
    model = autograd_lab.nn.Linear(2, 1)
    own = model.weight
    with pytest.raises(RuntimeError):
        autograd_lab.func.functional_call(model, {"weight": autograd_lab.ones(3, 7)}, (own,))
    assert model.weight is own
    with pytest.raises(RuntimeError, match="Missing key"):
        autograd_lab.func.functional_call(model, {"weight": own}, (own,), strict=True)
    with pytest.raises(AttributeError, match="no parameter or buffer 'wait'"):
        autograd_lab.func.functional_call(model, {"wait": own}, (own,))
    with pytest.raises(ValueError, match="appeared in multiple dictionaries"):
        autograd_lab.func.functional_call(model, ({"bias": own}, {"bias": own}), (own,))


@both
def test_an_ensemble(torch):
    """PyTorch's tutorial on model ensembling."""
    models = [net(torch), net(torch)]
    with torch.no_grad():
        models[1][0].weight *= 2
    params, buffers = torch.func.stack_module_state(models)
    x, _ = data(torch)

    def call(params, buffers, x):
        return torch.func.functional_call(models[0], (params, buffers), (x,))

    y = torch.vmap(call, in_dims=(0, 0, None))(params, buffers, x.reshape(1, 2))
    return y, [p.requires_grad for p in params.values()], [tuple(p.shape) for p in params.values()]


@both
def test_per_sample_gradients(torch):
    """PyTorch's tutorial on per-sample gradients."""
    model, (_, X) = net(torch), data(torch)
    params = {k: v.detach() for k, v in model.named_parameters()}

    def loss(params, sample, target):
        y = torch.func.functional_call(model, params, (sample.unsqueeze(0),))
        return torch.nn.functional.mse_loss(y, target.unsqueeze(0))

    each = torch.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))
    return each(params, X[:, :2], X[:, 2:3])


def test_on_a_gpu(gpu):
    x = autograd_lab.arange(6.0, device="cuda").reshape(2, 3)
    assert autograd_lab.func.jacrev(autograd_lab.sin)(x[0]).is_cuda
    assert autograd_lab.vmap(autograd_lab.func.grad(lambda a: (a * a).sum()))(x).is_cuda
    assert autograd_lab.func.jvp(autograd_lab.sin, (x,), (x,))[1].is_cuda


@both
def test_batch_norm_without_statistics(torch):
    model = torch.nn.Sequential(torch.nn.BatchNorm1d(2), torch.nn.Linear(2, 1))
    assert torch.func.replace_all_batch_norm_modules_(model) is model
    norm, x = model[0], torch.tensor([[1.0, 2.0], [3.0, 8.0]])
    facts = norm.running_mean, norm.running_var, norm.num_batches_tracked, norm.track_running_stats
    return norm(x), model.eval()[0](x), facts, list(model.state_dict())
