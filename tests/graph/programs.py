"""Small random programs: forks, broadcasting, products, sums, views, writes, whatever comes."""

import random

import autograd_lab as torch
from autograd_lab.nn import functional as F


def _write(a, b, rng):
    a = a * 1
    a[rng.randrange(a.shape[0])] = b[0] * 2
    return a


def _add_in_place(a, b, rng):
    a = a.exp() * 0.1
    a[:, :2] += b[:, 1:]
    return a


STEPS = [
    lambda a, b, rng: a + b,
    lambda a, b, rng: a * b,
    lambda a, b, rng: a - b * 0.5,
    lambda a, b, rng: a * b.sum(1, keepdim=True),
    lambda a, b, rng: a + b.mean(0),
    lambda a, b, rng: (a @ b).tanh(),
    lambda a, b, rng: F.relu(a - b),
    lambda a, b, rng: a.t() * b,
    lambda a, b, rng: a[[0, 2, 2]] + b[:1],
    lambda a, b, rng: torch.cat([a[:1], b[1:]]),
    lambda a, b, rng: a.reshape(-1)[:3] * b,
    lambda a, b, rng: a.clamp(-1, 1) + b.max(1)[0],
    lambda a, b, rng: torch.where(a > b, a, b * 2),
    lambda a, b, rng: F.softmax(a, 1) * b,
    lambda a, b, rng: torch.stack(a.split(1, 1)).squeeze(2) + b,
    lambda a, b, rng: F.dropout(a) + b,
    _write,
    _add_in_place,
]


def program(seed, length=None):
    """Give (leaves, loss) of the program that belongs to a number."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    leaves = [torch.randn(3, 3, dtype=torch.float64).requires_grad_() for _ in range(2)]
    values = list(leaves)
    for _ in range(length or rng.randint(2, 7)):
        step = rng.choice(STEPS)
        values.append(step(rng.choice(values), values[-1], rng))
    end = values[-1] * values[-2].sum() if rng.random() < 0.5 else values[-1]
    return leaves, (end * torch.randn(3, 3, dtype=torch.float64)).sum()
