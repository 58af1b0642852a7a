"""Who may import whom: an import reaches into the same layer or a lower one, never in a circle."""

import ast
import sys
from graphlib import CycleError, TopologicalSorter

import pytest

# From the bottom up. A name stands for its file and for everything below it, unless a longer name
# claims that: `nn` is layer 6, but `nn.functional` is layer 5.
LAYERS = [
    "device dtypes errors formats formula func.tree grad_mode hooks limits missing notice "
    "processor threads torch_version version watching writes cuda.problems optim.live",
    "core inplace backward kind mistakes used_up cut_off tensors_only general out roads "
    "dispatch backends.cuda cuda.kernels",
    "ops creation random cuda.philox",
    "methods convert functional legacy printing html replay graph stepping provenance "
    "mistake_picture settings listening types",
    "autograd distributed fft linalg masked profiler special signal testing nn.functional",
    "nn optim utils distributions serialization",
    "accelerator amp backends compiler cuda func hub importing jit mps onnx multiprocessing xpu "
    "distributed.run distributed.launch utils.model_zoo",
    "vision text datasets train doctor exercises classroom chapters reopening cli "
    "__main__ __init__",
    "widgets",
]
LAYER = {name: number for number, names in enumerate(LAYERS, 1) for name in names.split()}

# What the layers may import from outside, besides the standard library.
EVERYWHERE = {"numpy"}
ONLY_IN = {
    "cupy": "device", "cupyx": "device", "cupy_backends": "device",
    "anywidget": "widgets", "traitlets": "widgets", "ipywidgets": "widgets",
    "IPython": "widgets",
    "jupyterlab": "cli", "nbformat": "cli", "nbconvert": "classroom", "jinja2": "classroom",
    "graphviz": "graph", "safetensors": "serialization", "pooch": "datasets", "PIL": "vision",
    "mpi4py": "distributed",
}
INSIDE_FUNCTIONS = {"IPython", "matplotlib"}     # loaded when a learner asks for a picture


def modules(root):
    """Every file of the library by its dotted name inside autograd_lab."""
    found = {}
    for folder, prefix in [(root / "autograd_lab", ()), (root / "widgets", ("widgets",))]:
        for path in sorted(folder.rglob("*.py")):
            parts = (*prefix, *path.relative_to(folder).with_suffix("").parts)
            if parts[-1] == "__init__" and len(parts) > 1:
                parts = parts[:-1]
            found[".".join(parts)] = path
    return found


def layer(name):
    """The layer of a module, by the longest name in the table that claims it."""
    parts = name.split(".")
    claims = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return next((LAYER[claim] for claim in claims if claim in LAYER), None)


def imports(name, path, known):
    """Yield (what, at_top, line): our modules as their dotted name, others as ("package",)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    package = [] if name == "__init__" else package
    for node, at_top in _outside_type_checking(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield _target(alias.name.split("."), known), at_top, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = (node.module or "").split(".") if node.module else []
            if node.level:
                base = ["autograd_lab", *package[:len(package) - node.level + 1], *base]
            for alias in node.names:
                yield _target([*base, alias.name], known), at_top, node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            first = node.args[0]
            if isinstance(first, ast.Constant) and not first.value.startswith("."):
                yield _target(first.value.split("."), known), at_top, node.lineno


def _outside_type_checking(node, at_top=True):
    """Walk a tree; leave out `if TYPE_CHECKING`, and tell what runs at import from what waits."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    yield node, at_top
    waits = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for child in ast.iter_child_nodes(node):
        yield from _outside_type_checking(child, at_top and not waits)


def _target(parts, known):
    """The module of ours that a dotted path leads to, or the outside package's name in a tuple."""
    if parts[0] not in {"autograd_lab", "widgets"}:
        return (parts[0],)
    inside = parts[1:] if parts[0] == "autograd_lab" else parts
    while inside and ".".join(inside) not in known:
        inside = inside[:-1]
    return ".".join(inside) or "__init__"


def complaints(found):
    """Every import that breaks a rule, in words."""
    for name, path in found.items():
        if layer(name) is None:
            yield f"{name}: give it a layer in tests/house/test_layers.py"
            continue
        for target, at_top, line in imports(name, path, found):
            where = f"{name}:{line}"
            if isinstance(target, tuple):
                outside = target[0]
                home = ONLY_IN.get(outside)
                if home and (name == home or name.startswith(home + ".")):
                    continue
                if outside in INSIDE_FUNCTIONS and not at_top:
                    continue
                if outside not in sys.stdlib_module_names | EVERYWHERE:
                    yield f"{where} imports {outside}" + (f": only {home} may" if home else "")
            elif (layer(target) or 0) > layer(name):
                yield f"{where} (layer {layer(name)}) imports {target} (layer {layer(target)})"
    graph = {name: {target for target, _, _ in imports(name, path, found)
                    if isinstance(target, str) and target != name}
             for name, path in found.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as problem:
        yield "a circle: " + " -> ".join(reversed(problem.args[1]))


def test_the_house_stands(root):
    found = list(complaints(modules(root)))
    assert not found, "\n".join(found)


BROKEN = {
    "core imports a widget": ("core.py", "def f():\n    from .widgets import GraphView"),
    "core imports a widget by its other name": ("core.py", "import widgets.kit"),
    "an op imports nn": ("ops/relu.py", "from ..nn import functional"),
    "cupy outside device.py": ("ops/relu.py", "def f():\n    import cupy as cp"),
    "cupyx by a string": ("nn/conv.py", "import importlib\nimportlib.import_module('cupyx.x')"),
    "torch": ("nn/conv.py", "try:\n    import torch\nexcept ImportError:\n    pass"),
    "torchvision": ("vision/sets.py", "from torchvision import datasets"),
    "matplotlib at import": ("train.py", "import matplotlib.pyplot as plt"),
    "a circle": ("ops/relu.py", "from . import tanh"),
    "an unknown file": ("stray.py", ""),
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_broken_rule_is_seen(tmp_path, why):
    files = {
        "core.py": "import numpy as np\nfrom .device import cpu", "device.py": "import cupy",
        "ops/tanh.py": "from .relu import y\nfrom ..core import op", "ops/relu.py": "y = 1",
        "ops/__init__.py": "from .tanh import x", "nn/functional.py": "from ..ops.tanh import x",
        "nn/conv.py": "from .functional import x", "vision/sets.py": "from ..nn import conv",
        "train.py": "def f():\n    import matplotlib", "__init__.py": "from .nn import conv",
    }
    home = tmp_path / "autograd_lab"
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    widget = tmp_path / "widgets/kit.py"
    widget.parent.mkdir()
    widget.write_text("import anywidget\nfrom autograd_lab import graph\nfrom ..core import x")
    (widget.parent / "__init__.py").write_text("from .kit import Kit")
    assert not list(complaints(modules(tmp_path)))
    name, text = BROKEN[why]
    (home / name).write_text(text)
    module = name.removesuffix(".py").replace("/", ".")
    assert any(module in complaint for complaint in complaints(modules(tmp_path)))
