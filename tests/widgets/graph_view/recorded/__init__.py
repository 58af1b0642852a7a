"""Graphs recorded from PyTorch by record_torch.py."""

import json
from pathlib import Path

HERE = Path(__file__).parent
NAMES = ("line", "mlp", "lenet", "resblocks", "transformer", "transformer4", "lstm")


def recorded(name):
    """Read one graph."""
    return json.loads((HERE / f"{name}.json").read_text())


class Recorded:
    """Stands for a tensor whose graph is known."""

    def __init__(self, graph):
        self.graph = recorded(graph) if isinstance(graph, str) else graph

    def to_dict(self):
        return self.graph


def chain(count, **more):
    """A graph of ``count`` operations in a row."""
    nodes = [node(i, "op" if i else "input", op="tanh" if i else "", **more) for i in range(count)]
    edges = [edge(i, i + 1) for i in range(count - 1)]
    return {"root": count - 1, "stale": False, "nodes": nodes, "edges": edges}


def node(id, kind="op", **more):
    """A node with everything that a record has."""
    return {
        "id": id, "kind": kind, "op": "add" if kind == "op" else "", "name": "", "shape": [2],
        "dtype": "float32", "device": "cpu", "requires_grad": True, "formula": "", "gradient": "",
        "value": None, "grad": None, "module": [], "calls": [], "source": None, **more,
    }  # fmt: skip


def edge(source, target, slot=0, **more):
    """An edge with everything that a record has."""
    return {"source": source, "target": target, "slot": slot, "operand": "ab"[slot % 2], **more}
