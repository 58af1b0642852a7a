"""Record PyTorch models as plain graphs: `python record_torch.py` writes recorded/*.json again.

An independent source of graphs for the tests: no code of ours makes them.
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode

HERE = Path(__file__).parent / "recorded"
FORMULAS = {
    "linear": (r"Y = X W^\top + b", r"\bar X = \bar Y W,\quad \bar W = \bar Y^\top X"),
    "relu": (r"y = \max(0, x)", r"\bar x = \bar y \odot [x > 0]"),
    "tanh": (r"y = \tanh x", r"\bar x = \bar y \odot (1 - y^2)"),
    "sigmoid": (r"y = \sigma(x)", r"\bar x = \bar y \odot y \odot (1 - y)"),
    "add": (r"y = a + b", r"\bar a = \bar y,\quad \bar b = \bar y"),
    "mul": (r"y = a \odot b", r"\bar a = \bar y \odot b,\quad \bar b = \bar y \odot a"),
    "sub": (r"y = a - b", r"\bar a = \bar y,\quad \bar b = -\bar y"),
    "matmul": (r"Y = A B", r"\bar A = \bar Y B^\top,\quad \bar B = A^\top \bar Y"),
    "mean": (r"y = \frac{1}{n} \sum_i x_i", r"\bar x_i = \frac{\bar y}{n}"),
    "softmax": (r"y_i = \frac{e^{x_i}}{\sum_j e^{x_j}}", r"\bar x = y \odot (\bar y - s)"),
    "pow": (r"y = x^2", r"\bar x = 2 x \odot \bar y"),
}
NAMES = {"__getitem__": "getitem", "truediv": "div"}
SILENT = {"__get__", "__set__", "size", "dim", "backward", "retain_grad", "item", "float"}


class Recorder(TorchFunctionMode):
    """Note each call that returns a tensor: its inputs, its module, its value."""

    def __init__(self, model):
        super().__init__()
        self.nodes, self.edges, self.known, self.kept = [], [], {}, []
        self.stack, self.calls = [], {}
        named = (*model.named_parameters(), *model.named_buffers()) if model else ()
        self.names = {id(tensor): name for name, tensor in named}
        for name, module in (model.named_modules() if model else ()):
            part = name.split(".")[-1] or "net"
            module.register_forward_pre_hook(lambda m, a, part=part: self._enter(part))
            module.register_forward_hook(lambda m, a, o: self.stack.pop() and None)

    def _enter(self, part):
        key = (*self.stack, part)
        self.calls[key] = self.calls.get(key, -1) + 1
        self.stack.append((part, self.calls[key]))

    def node(self, tensor, kind, op="", name=""):
        """Note a tensor once."""
        if id(tensor) not in self.known:
            self.known[id(tensor)] = len(self.nodes)
            self.kept.append(tensor)
            formula, gradient = FORMULAS.get(op, ("", ""))
            self.nodes.append({
                "id": len(self.nodes), "kind": kind, "op": op, "name": name,
                "shape": list(tensor.shape), "dtype": str(tensor.dtype).split(".")[-1],
                "device": "cpu", "requires_grad": tensor.requires_grad,
                "formula": formula, "gradient": gradient,
                "module": [p for p, _ in self.stack] if kind == "op" else [],
                "calls": [c for _, c in self.stack] if kind == "op" else [], "source": None,
            })  # fmt: skip
        return self.known[id(tensor)]

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = func.__name__
        with torch._C.DisableTorchFunction():
            result = func(*args, **(kwargs or {}))
        if name in SILENT or not any(isinstance(t, torch.Tensor) for t in _flat(result)):
            return result
        inputs = [t for t in _flat([args, kwargs or {}]) if isinstance(t, torch.Tensor)]
        if not inputs:
            return result
        sources = []
        for t in inputs:
            kind = "parameter" if isinstance(t, nn.Parameter) else "input"
            sources.append(self.node(t, kind, name=self.names.get(id(t), "")))
        for out in _flat(result):
            if isinstance(out, torch.Tensor) and id(out) not in self.known:
                if out.requires_grad:
                    out.retain_grad()
                op = NAMES.get(name, name.strip("_"))
                me = self.node(out, "op", op)
                self.edges += [
                    {"source": s, "target": me, "slot": i, "operand": "abcdefgh"[i % 8]}
                    for i, s in enumerate(sources)
                ]
        return result

    def graph(self, root, names=(), numbers=24):
        """Only what the root was made from, with previews."""
        rootid = self.known[id(root)]
        need, todo = set(), [rootid]
        while todo:
            at = todo.pop()
            if at not in need:
                need.add(at)
                todo += [e["source"] for e in self.edges if e["target"] == at]
        for name, tensor in dict(names).items():
            self.nodes[self.known[id(tensor)]]["name"] = name
        for node in self.nodes:
            tensor = self.kept[node["id"]]
            node["value"] = preview(tensor.detach(), numbers)
            grad = tensor.grad if tensor.is_leaf or tensor.retains_grad else None
            node["grad"] = preview(grad, numbers) if grad is not None else None
        return {
            "root": rootid, "stale": False,
            "nodes": [n for n in self.nodes if n["id"] in need],
            "edges": [e for e in self.edges if e["target"] in need],
        }  # fmt: skip


def _flat(value):
    if isinstance(value, (list, tuple)):
        return [x for v in value for x in _flat(v)]
    if isinstance(value, dict):
        return [x for v in value.values() for x in _flat(v)]
    return [value]


def preview(tensor, numbers):
    flat = tensor.reshape(-1).float()
    step = max(1, math.ceil(flat.numel() / numbers)) if numbers else 1
    some = [float(f"{v:.3g}") for v in flat[::step][:numbers].tolist()]
    digits = lambda v: float(f"{v.item():.3g}")  # noqa: E731
    return {"values": some, "size": flat.numel(), "low": digits(flat.min()),
            "high": digits(flat.max()), "mean": digits(flat.mean()), "norm": digits(flat.norm()),
            "bad": 0}  # fmt: skip


class Block(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(a, b, 3, padding=1), nn.Conv2d(b, b, 3, padding=1)
        self.bn1, self.bn2, self.relu = nn.BatchNorm2d(b), nn.BatchNorm2d(b), nn.ReLU()
        self.down = nn.Sequential(nn.Conv2d(a, b, 1), nn.BatchNorm2d(b)) if a != b else None

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + (self.down(x) if self.down else x))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(Block(4, 4))
        self.layer2 = nn.Sequential(Block(4, 8), Block(8, 8))
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        x = self.layer2(self.layer1(torch.relu(self.bn1(self.conv1(x)))))
        return self.fc(x.mean((2, 3)))


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(d, d) for _ in range(4))
        self.heads = heads

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = (
            f(x).view(n, t, self.heads, d // self.heads).transpose(1, 2)
            for f in (self.q, self.k, self.v)
        )
        score = (q @ k.transpose(-2, -1)) / math.sqrt(d // self.heads)
        y = torch.softmax(score, -1) @ v
        return self.o(y.transpose(1, 2).reshape(n, t, d))


class TransformerBlock(nn.Module):
    def __init__(self, d=8, heads=2):
        super().__init__()
        self.ln1, self.attn, self.ln2 = nn.LayerNorm(d), Attention(d, heads), nn.LayerNorm(d)
        self.mlp = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))

    def forward(self, x):
        x = x + self.attn(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class Transformer(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.emb = nn.Embedding(20, 8)
        self.blocks = nn.Sequential(*(TransformerBlock() for _ in range(blocks)))
        self.head = nn.Linear(8, 20)

    def forward(self, x):
        return self.head(self.blocks(self.emb(x)))


class Cell(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.W = nn.Parameter(torch.randn(a, 4 * b) * 0.3)
        self.U = nn.Parameter(torch.randn(b, 4 * b) * 0.3)
        self.b = nn.Parameter(torch.zeros(4 * b))

    def forward(self, x, h, c):
        i, f, o, g = (x @ self.W + h @ self.U + self.b).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class LSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.cell, self.out = nn.Embedding(20, 6), Cell(6, 8), nn.Linear(8, 3)

    def forward(self, x):
        e, h, c, hs = self.emb(x), torch.zeros(2, 8), torch.zeros(2, 8), []
        for t in range(x.shape[1]):
            h, c = self.cell(e[:, t], h, c)
            hs.append(h)
        return self.out(torch.stack(hs, 1))


def record(model, x, target, numbers=6, forward=None):
    recorder = Recorder(model)
    with recorder:
        y = model(x)
        loss = F.cross_entropy(y.flatten(0, -2), target)
    loss.backward()
    return recorder.graph(loss, {"loss": loss, "x": x, "target": target}, numbers)


def models():
    torch.manual_seed(3)
    mlp = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 3))
    yield "mlp", record(mlp, torch.randn(5, 4), torch.tensor([0, 1, 2, 1, 0]), 24)
    lenet = nn.Sequential()
    parts = [
        ("conv1", nn.Conv2d(1, 6, 5, padding=2)), ("relu1", nn.ReLU()), ("pool1", nn.MaxPool2d(2)),
        ("conv2", nn.Conv2d(6, 16, 5)), ("relu2", nn.ReLU()), ("pool2", nn.MaxPool2d(2)),
        ("flat", nn.Flatten()), ("fc1", nn.Linear(400, 120)), ("relu3", nn.ReLU()),
        ("fc2", nn.Linear(120, 84)), ("relu4", nn.ReLU()), ("fc3", nn.Linear(84, 10)),
    ]  # fmt: skip
    for name, part in parts:
        lenet.add_module(name, part)
    yield "lenet", record(lenet, torch.randn(2, 1, 28, 28), torch.tensor([3, 7]), 24)
    yield "resblocks", record(ResNet(), torch.randn(2, 1, 8, 8), torch.tensor([3, 7]))
    words, next_words = torch.randint(20, (2, 5)), torch.randint(20, (10,))
    yield "transformer", record(Transformer(1), words, next_words, 8)
    yield "transformer4", record(Transformer(4), words, next_words, 3)
    yield "lstm", record(LSTM(), torch.randint(20, (2, 8)), torch.randint(3, (16,)), 4)
    x, t = torch.linspace(-1, 1, 6), torch.linspace(-2, 3, 6)
    w, b = torch.tensor(0.5, requires_grad=True), torch.tensor(0.1, requires_grad=True)
    recorder = Recorder(None)
    with recorder:
        y = w * x + b
        loss = ((y - t) ** 2).mean()
    loss.backward()
    yield "line", recorder.graph(loss, {"loss": loss, "y": y, "x": x, "t": t, "w": w, "b": b})


if __name__ == "__main__":
    for name, graph in models():
        text = json.dumps(graph, separators=(",", ":"))
        (HERE / f"{name}.json").write_text(text.replace('{"id"', '\n{"id"') + "\n")
        print(name, len(graph["nodes"]), "nodes", len(text), "bytes")
