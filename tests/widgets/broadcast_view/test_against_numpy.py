"""The page broadcasts as NumPy does, and says what PyTorch says."""

import numpy as np

from autograd_lab.widgets.broadcast_view.rule import OPS, complaint, result_shape

rng = np.random.default_rng(0)


def shapes():
    for _ in range(120):
        yield tuple(
            tuple(rng.choice([1, 1, 2, 3], rng.integers(0, 5)).tolist()) for _ in range(2)
        )  # fmt: skip


def test_random_shapes(node):
    questions, expected = [], []
    for k, (a, b) in enumerate(shapes()):
        op = list(OPS)[k % len(OPS)]
        x, y = rng.integers(1, 9, a).astype(float), rng.integers(1, 9, b).astype(float)
        questions.append({
            "a": a, "b": b, "x": x.reshape(-1).tolist(), "y": y.reshape(-1).tolist(), "op": op
        })  # fmt: skip
        try:
            out = np.asarray(OPS[op][1](x, y), float)
            expected.append({"shape": list(out.shape), "values": out.reshape(-1).tolist()})
        except ValueError:
            expected.append(None)
        assert result_shape(a, b) == (None if expected[-1] is None else out.shape)
        assert bool(complaint(a, b)) == (expected[-1] is None)
    found = node("answers.mjs", questions)
    assert any(each is None for each in expected)
    for answer, wanted in zip(found, expected, strict=True):
        assert (answer is None) == (wanted is None)
        if wanted:
            assert answer["shape"] == wanted["shape"]
            assert np.allclose(answer["values"], wanted["values"])
