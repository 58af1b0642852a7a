"""Views and writes in place: the right gradient or an error, never a silently wrong gradient."""

import warnings

import numpy as np
import pytest

import autograd_lab

from .programs import evaluate, make_program, run

PROGRAMS, CHUNKS = 10_000, 10
torch = pytest.importorskip("torch")


def outcome(library, program):
    """Run a program in a library: (values, gradients) or the error's type."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return run(library, program)
        except (RuntimeError, IndexError, NotImplementedError) as error:
            return error


def same(a, b):
    return (a is None and b is None) or (
        a is not None and b is not None and a.shape == b.shape
        and np.allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True)
    )  # fmt: skip


def zero_or_same(a, b):
    """PyTorch may leave None where we give zeros, or the other way round."""
    a = np.zeros_like(b) if a is None and b is not None else a
    b = np.zeros_like(a) if b is None and a is not None else b
    return same(a, b)


def finite_differences(program):
    """Give the leaves' gradients by nudging each number: an oracle where PyTorch refuses."""
    rng = np.random.default_rng(program["seed"])
    arrays = [rng.uniform(0.5, 1.5, shape) for shape, _ in program["leaves"]]
    base = evaluate(autograd_lab, program, _leaves(program, arrays))
    counted = [v.requires_grad for v in base]

    def total(arrays):
        values = evaluate(autograd_lab, program, _leaves(program, arrays))
        return sum(float((v.detach().numpy() ** 2).sum()) for v, c in zip(values, counted) if c)

    grads = []
    for k, (_, wants) in enumerate(program["leaves"]):
        if not wants:
            continue
        g = np.zeros_like(arrays[k])
        for i in np.ndindex(g.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [a.copy() for a in arrays]
                moved[k][i] += step
                ends.append(total(moved))
            g[i] = (ends[0] - ends[1]) / 2e-6
        grads.append(g)
    return grads


def _leaves(program, arrays):
    made = []
    for a, (_, wants) in zip(arrays, program["leaves"]):
        t = autograd_lab.tensor(a)
        made.append(t.requires_grad_() if wants else t)
    return made


def judge(program):
    """Compare one program; give a word for what happened, or a complaint."""
    theirs, ours = outcome(torch, program), outcome(autograd_lab, program)
    if isinstance(theirs, Exception) and isinstance(ours, Exception):
        return "both refuse"
    if isinstance(ours, Exception):
        return "only we refuse"
    if isinstance(theirs, Exception):
        return _judge_alone(program, ours)
    if not all(map(same, ours[0], theirs[0])):
        return "VALUES DIFFER"
    if (ours[1] is None) != (theirs[1] is None):
        return "REQUIRES GRAD DIFFERS"
    if ours[1] is not None and not all(map(zero_or_same, ours[1], theirs[1])):
        return "GRADIENTS DIFFER"
    return "equal"


def _judge_alone(program, ours):
    """PyTorch refuses and we answer: the answer must be what nudging the leaves shows."""
    uncounted = {"detach", "silently", "write_mask"}  # what these do, differences see and we do not
    if ours[1] is None or uncounted & {kind for kind, *_ in program["steps"]}:
        return "only PyTorch refuses"
    right = finite_differences(program)
    largest = max(1.0, *(abs(r).max() for r in right))  # beside it, differences lose the small
    near = all(
        np.allclose(0 if g is None else g, r, 1e-4, 1e-6 * largest + 1e-4)
        for g, r in zip(ours[1], right)
    )
    return "only PyTorch refuses, we are right" if near else "WRONG WHERE PYTORCH REFUSES"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_silent_mismatch(chunk):
    rng = np.random.default_rng(chunk)
    counts = {}
    for _ in range(PROGRAMS // CHUNKS):
        program = make_program(rng)
        verdict = judge(program)
        counts[verdict] = counts.get(verdict, 0) + 1
        assert not verdict.isupper(), (verdict, program)
    assert counts["equal"] > PROGRAMS / CHUNKS * 0.25  # the programs are worth running
    assert counts.get("only we refuse", 0) <= PROGRAMS / CHUNKS * 0.01, counts
