"""What to say of a name that is not here: PyTorch has it and we have not, or it is misspelled.

``pytorch_names.txt`` lists such names, one namespace a paragraph; it is read when somebody asks
for a name that is not here.
"""

import difflib
import functools
import sys
from pathlib import Path
from types import ModuleType

HOMES = {"torch": "", "torchvision": ".vision", "torchtext": ".text"}  # where they stand here

WEIGHTS = (
    "no trained weights are fetched here: model.load_state_dict(torch.load('resnet.pth')) reads "
    "those of torchvision"
)
REASONS = {
    "ao": "there are no quantized numbers here",
    "autograd.forward_ad": "gradients go backward here; func.jvp gives the same numbers",
    "classes": "there is no compiled code to load",
    "distributed.rpc": "processes exchange gradients here, and do not call each other",
    "distributed.elastic": "processes are started by mpirun here",
    "fx": "no program is rewritten here; autograd_lab.record(loss) gives the graph as data",
    "func.functionalize": "no program is rewritten here",
    "func.linearize": "nothing is traced here; func.jvp gives the same numbers, a call for each",
    "futures": "an operation is finished when its call returns",
    "jagged": "every tensor has one size in each dimension; see nn.utils.rnn.pad_sequence",
    "jit.mobile": "there is no TorchScript here",
    "library": "an operation is one Python class here; see autograd.Function",
    "masked.masked_tensor": "masked.sum and its kin take a mask; a tensor has none",
    "nested": "a list of tensors, or nn.utils.rnn.pad_sequence, does its work",
    "overrides": "a subclass of Tensor calls the operations as they are",
    "package": "a program and its weights are kept apart here",
    "quantization": "there are no quantized numbers here",
    "quantize_per_tensor": "there are no quantized numbers here",
    "sparse": "every tensor is dense here; embedding and index_add skip what is 0",
    "sparse_coo_tensor": "every tensor is dense here",
    "sparse_csr_tensor": "every tensor is dense here",
    "torchvision.ops": "no boxes are looked for in pictures here",
    **{f"torchvision.models.ResNet{n}_Weights": WEIGHTS for n in (18, 34, 50, 101, 152)},
    "utils.cpp_extension": "an operation is one Python class here; see autograd.Function",
    "_dynamo": "nothing is compiled here",
    "_inductor": "nothing is compiled here",
}


@functools.cache
def pytorch_names() -> dict[str, frozenset]:
    """Read the list: namespace ("torch.nn") -> the names of it that were missing here.

    >>> "torch.nn.functional" in pytorch_names()
    True
    """
    text = (Path(__file__).parent / "pytorch_names.txt").read_text(encoding="utf-8")
    spaces = {}
    for paragraph in text.split("\n\n"):
        space, _, names = paragraph.partition(":")
        spaces[space.strip()] = frozenset(names.split())
    return spaces


def reason(path: str) -> str:
    """Say why ``path`` ("sparse.mm") is not here; an empty text where that is not decided.

    >>> reason("nested.nested_tensor")
    'a list of tensors, or nn.utils.rnn.pad_sequence, does its work'
    """
    parts = path.split(".")
    ways = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((REASONS[way] for way in ways if way in REASONS), "")


def meant(module: str, name: str) -> str:
    """Find the name of a module that a misspelled one is closest to; "" where none is close.

    >>> meant("autograd_lab", "taanh"), meant("autograd_lab.nn", "lienar")
    ('tanh', 'Linear')
    >>> meant("autograd_lab", "Linear")
    'nn.Linear'
    """
    for place in ("nn", "nn.functional", "optim"):
        if name in vars(sys.modules.get(f"{module}.{place}", object)):
            return f"{place}.{name}"
    home = sys.modules.get(module)
    names = [n for n in dir(home) if n[0] != "_"]
    files = {n for n in names if isinstance(getattr(home, "__dict__", {}).get(n), ModuleType)}
    names.sort(key=lambda n: (n not in files, n.islower() == name.islower()))
    spelled = {n.lower(): n for n in names}  # of Tensor and tensor, the last in this order
    close = difflib.get_close_matches(name.lower(), spelled, 1, 0.75)
    return spelled[close[0]] if close else ""


def pytorch_s_name(module: str) -> str:
    """Give the name that PyTorch, torchvision or torchtext has for a module of ours.

    >>> pytorch_s_name("autograd_lab.nn"), pytorch_s_name("autograd_lab.vision.models")
    ('torch.nn', 'torchvision.models')
    """
    for top, home in HOMES.items():
        here = f"autograd_lab{home}"
        if home and f"{module}.".startswith(f"{here}."):
            return top + module.removeprefix(here)
    return "torch" + module.removeprefix("autograd_lab")


def no_such_name(module: str, name: str) -> AttributeError:
    """Make the error for a name that a module of this package does not have.

    >>> print(no_such_name("autograd_lab", "sparse"))
    module 'autograd_lab' has no attribute 'sparse' (PyTorch has torch.sparse; autograd_lab has not,
    because every tensor is dense here; embedding and index_add skip what is 0)
    >>> print(no_such_name("autograd_lab", "zeroes"))
    module 'autograd_lab' has no attribute 'zeroes'. Did you mean: 'zeros'?
    """
    space = pytorch_s_name(module)
    top = space.partition(".")[0]
    owner = "PyTorch" if top == "torch" else top
    said = f"module {module!r} has no attribute {name!r}"
    why = reason(f"{space}.{name}".removeprefix("torch."))
    if why:
        said += f" ({owner} has {space}.{name}; autograd_lab has not, because {why})"
    elif name in pytorch_names().get(space, ()):
        said += f" ({owner} has {space}.{name}; autograd_lab does not have it yet)"
    elif name[0] != "_" and (close := meant(module, name)):
        said += f". Did you mean: {close!r}?"
    return AttributeError(said, name=name)  # without `obj`, Python adds no guess of its own


def explaining(module: str):
    """Give a module's ``__getattr__``: it raises the error of ``no_such_name``."""

    def __getattr__(name):
        raise no_such_name(module, name)

    return __getattr__
