"""Random programs of views and writes in place, for PyTorch and for us alike.

A program is a list of plain steps, so it can be run by either library, shrunk and printed.
"""

import numpy as np

SHAPES = [(4,), (2, 3), (3, 2), (2, 2, 2), (1, 3), (3, 1)]


def make_program(rng, length=10):
    """Write a random program: leaves first, then steps that name earlier variables."""
    leaves = [
        (SHAPES[rng.integers(len(SHAPES))], bool(rng.integers(4)))
        for _ in range(rng.integers(1, 4))
    ]
    first = [("scale", i, i, 0) for i in range(len(leaves))]  # most writes are refused on leaves
    steps = first + [_step(rng, 2 * len(leaves) + n) for n in range(rng.integers(2, length))]
    return {"leaves": leaves, "steps": steps, "seed": int(rng.integers(1 << 30))}


def _step(rng, known):
    kind = STEPS[rng.integers(len(STEPS))]
    a, b = int(rng.integers(known)), int(rng.integers(known))
    if rng.integers(3):
        a = max(a, int(rng.integers(known)))  # look at younger ones more often
    return (kind, a, b, int(rng.integers(1000)))


def run(torch, program):
    """Run a program; give the values and the leaves' gradients as NumPy arrays."""
    rng = np.random.default_rng(program["seed"])
    leaves = []
    for shape, wants in program["leaves"]:
        leaf = torch.tensor(rng.uniform(0.5, 1.5, shape))
        leaves.append(leaf.requires_grad_() if wants else leaf)
    values = evaluate(torch, program, leaves)
    total = None
    for v in values:
        if v.requires_grad:
            part = (v * v).sum()
            total = part if total is None else total + part
    if total is None:
        return [v.detach().numpy().copy() for v in values], None
    total.backward()
    wanted = [t for t, (_, wants) in zip(leaves, program["leaves"]) if wants]
    grads = [None if t.grad is None else t.grad.numpy().copy() for t in wanted]
    return [v.detach().numpy().copy() for v in values], grads


def evaluate(torch, program, leaves):
    """Run the steps on given leaves; give all variables."""
    values = list(leaves)
    for kind, a, b, n in program["steps"]:
        x, y = values[a], values[b]
        values.append(DO[kind](torch, x, y, n))
    return values


def _fit(torch, x, y):
    """Make y broadcast to x without a view of it being written to."""
    return y if y.shape == x.shape else y.sum()


def _slice(x, n):
    return (slice(0, max(1, x.shape[0] - n % 2)),) if x.ndim else (...,)


def _place(x, n):
    return tuple([n % s for s in x.shape[: 1 + n % max(1, x.ndim)]]) if x.ndim else (...,)


def _flip_order(x):
    return x.transpose(0, -1) if x.ndim > 1 else x.reshape(-1, 1)


def _reads(torch, x, y, n):
    with torch.no_grad():
        x[...] *= 2
    return x * 1


def _write_at(torch, x, y, n):
    place = _place(x, n)
    x[place] = y.sum() * 0.5
    return x


def _write_many(torch, x, y, n):
    if not x.ndim:
        return x
    where = torch.tensor([n % x.shape[0], (n // 3) % x.shape[0]])
    if where[0] == where[1]:
        where = where[:1]
    x[where] = y.sum() * 0.25
    return x


def _mask(torch, x, y, n):
    x[x.detach() > 1.0] = y.sum() * 0.1
    return x


DO = {
    "add": lambda t, x, y, n: x + _fit(t, x, y),
    "mul": lambda t, x, y, n: x * _fit(t, x, y),
    "tanh": lambda t, x, y, n: x.tanh(),
    "exp": lambda t, x, y, n: (x * 0.3).exp(),
    "scale": lambda t, x, y, n: x * 0.7,
    "slice": lambda t, x, y, n: x[_slice(x, n)],
    "select": lambda t, x, y, n: x[_place(x, n)],
    "reshape": lambda t, x, y, n: x.reshape(-1),
    "transpose": lambda t, x, y, n: _flip_order(x),
    "expand": lambda t, x, y, n: x.expand(2, *x.shape),
    "unsqueeze": lambda t, x, y, n: x[None],
    "detach": lambda t, x, y, n: x.detach(),
    "clone": lambda t, x, y, n: x.clone(),
    "add_": lambda t, x, y, n: x.add_(_fit(t, x, y)),
    "mul_": lambda t, x, y, n: x.mul_(_fit(t, x, y)),
    "mul_number_": lambda t, x, y, n: x.mul_(0.5),
    "tanh_": lambda t, x, y, n: x.tanh_(),
    "exp_": lambda t, x, y, n: x.mul_(0.3).exp_(),
    "zero_": lambda t, x, y, n: x.zero_(),
    "copy_": lambda t, x, y, n: x.copy_(_fit(t, x, y)),
    "fill_": lambda t, x, y, n: x.fill_(0.8),
    "write_at": _write_at,
    "write_many": _write_many,
    "write_mask": _mask,
    "silently": _reads,
    "inside": lambda t, x, y, n: x[_slice(x, n)].mul_(0.9),
}
STEPS = list(DO)
