"""`import torch` gives autograd_lab, if asked, and PyTorch again afterwards.

Every program runs in a process of its own, because this one may have imported PyTorch.
"""

import subprocess
import sys

import pytest

VERBATIM = """
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch import Tensor, nn as again
from torch.autograd import Variable
from torch.nn.parameter import Parameter
from torch.utils.data import DataLoader, TensorDataset
import torch.utils.data as data
import torch.backends.cudnn as cudnn
from torch.cuda.amp import GradScaler, autocast
"""


def run(root, program, folder=None):
    """Run a program in a fresh process; give what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=folder or root, capture_output=True,
        text=True, env={"PYTHONPATH": str(root), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_verbatim_lines_give_the_same_objects(root):
    program = f"import autograd_lab\nautograd_lab.as_torch()\n{VERBATIM}" + """
import sys
assert torch is autograd_lab and nn is again is autograd_lab.nn and data is autograd_lab.utils.data
assert F is autograd_lab.nn.functional and F.tanh is torch.tanh and Tensor is autograd_lab.Tensor
assert DataLoader is autograd_lab.utils.data.DataLoader and optim is autograd_lab.optim
assert cudnn is autograd_lab.backends.cudnn and Parameter is nn.Parameter
assert isinstance(nn.Linear(1, 1).weight, autograd_lab.nn.Parameter)
for name, module in list(sys.modules.items()):
    if name.partition(".")[0] == "torch":      # each knows its own name, whoever imported it
        assert module.__name__.startswith("autograd_lab"), name
        assert module.__spec__.name == module.__name__ and sys.modules[module.__name__] is module
x = torch.tensor([1.0, 2.0], requires_grad=True)
F.relu(x * 2).sum().backward()
print(x.grad)
"""
    assert run(root, program) == "tensor([2., 2.])"


def test_pictures_and_text(root):
    program = """
import autograd_lab
autograd_lab.as_torch()
import torchvision
import torchvision.transforms as T
from torchvision import datasets, models, transforms
from torchvision.datasets import MNIST
import torchtext
from torchtext.vocab import build_vocab_from_iterator
assert torchvision is autograd_lab.vision and T is transforms is autograd_lab.vision.transforms
assert MNIST is datasets.MNIST and torchtext is autograd_lab.text
print(torchvision.__name__, torchtext.__name__, models.__name__)
"""
    names = "autograd_lab.vision autograd_lab.text autograd_lab.vision.models"
    assert run(root, program) == names


def test_layers_lie_in_nn_modules_too(root):
    program = """
import autograd_lab
autograd_lab.as_torch()
from torch.nn.modules import Module
from torch.nn.modules.linear import Linear
import torch.nn.modules.loss as loss
assert Module is autograd_lab.nn.Module and Linear is autograd_lab.nn.Linear
print(loss.__name__)
"""
    assert run(root, program) == "autograd_lab.nn.loss"


def test_never_by_itself(root):
    program = """
import sys
before = list(sys.meta_path)
import autograd_lab
autograd_lab.nn, autograd_lab.utils
print(sys.meta_path == before, "torch" in sys.modules)
"""
    assert run(root, program) == "True False"


def test_a_with_block_ends_by_itself_and_blocks_nest(root, tmp_path):
    (tmp_path / "torch.py").write_text("name = 'the real one'")
    program = """
import autograd_lab, sys
on = autograd_lab.as_torch()
with autograd_lab.as_torch():
    import torch
    assert torch is autograd_lab
import torch.nn
assert torch.nn is autograd_lab.nn
print(on)
print(autograd_lab.as_torch(False))
print(autograd_lab.as_torch(False))
assert not [name for name in sys.modules if name.partition(".")[0] == "torch"]
import torch
print(torch.name)
"""
    words = "'import torch' means autograd_lab\n" + 2 * "'import torch' means PyTorch\n"
    assert run(root, program, tmp_path) == words + "the real one"


def test_an_error_in_the_block_ends_it_too(root):
    program = """
import autograd_lab, sys
try:
    with autograd_lab.as_torch():
        1 / 0
except ZeroDivisionError:
    print(autograd_lab.as_torch(False), 'torch' in sys.modules)
"""
    assert run(root, program) == "'import torch' means PyTorch False"


def test_refuses_beside_the_real_one(root, tmp_path):
    (tmp_path / "torch.py").write_text("")
    program = """
import torch, autograd_lab
try:
    autograd_lab.as_torch()
except RuntimeError as error:
    print(error)
import torch.nope
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True,
                          text=True, env={"PYTHONPATH": str(root), "PATH": ""})
    assert "torch itself is already imported" in done.stdout and "Restart" in done.stdout
    assert "No module named 'torch.nope'" in done.stderr


@pytest.mark.parametrize(("line", "words"), [
    ("import torch.fx", "No module named 'torch.fx': autograd_lab stands for PyTorch here, and has "
                        "no such module, because no program is rewritten here"),
    ("from torch.sparse import mm", "because every tensor is dense here"),
    ("import torch.no_such_thing", "does not have this module yet"),
    ("import torch.nn.no_such_thing", "No module named 'torch.nn.no_such_thing'"),
    ("from torch.nn import NoSuchLayer", "cannot import name 'NoSuchLayer'"),
])  # fmt: skip
def test_what_is_missing_is_named(root, line, words):
    program = f"""
import autograd_lab
autograd_lab.as_torch()
try:
    {line}
except ImportError as error:
    print(error)
import torch
print(torch is autograd_lab)
"""
    said = run(root, program)
    assert words in said and said.endswith("True")


def test_an_error_inside_one_of_our_modules_is_not_hidden(root, tmp_path):
    """A module that exists, and fails to import something else, says what that was."""
    program = """
import autograd_lab, sys
sys.modules["autograd_lab.hub"] = None
autograd_lab.as_torch()
try:
    import torch.hub
except ModuleNotFoundError as error:
    print(error.name)
import importlib.abc
class Broken(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "autograd_lab.jit":
            raise ModuleNotFoundError("No module named 'other'", name="other")
sys.meta_path.insert(0, Broken())
try:
    import torch.jit
except ModuleNotFoundError as error:
    print(error.name)
"""
    assert run(root, program).split() == ["torch.hub", "other"]


def test_safetensors_files(root, tmp_path):
    """safetensors makes tensors by ``torch.frombuffer``: ours, where ``torch`` is ours."""
    program = f"""
import autograd_lab
autograd_lab.as_torch()
import torch
from safetensors.torch import load_file, load_model, save_file, save_model
state = {{"w": torch.arange(6.0).reshape(2, 3), "n": torch.tensor([1, 2]),
         "yes": torch.tensor(True), "half": torch.ones(2).half(), "empty": torch.zeros(0, 3)}}
path = {str(tmp_path / "x.safetensors")!r}
save_file(state, path)
again = load_file(path)
assert again.keys() == state.keys()
for name, x in again.items():
    assert type(x) is torch.Tensor and x.dtype is state[name].dtype and torch.equal(x, state[name])
again["w"] += 1
model, other = torch.nn.Linear(2, 3), torch.nn.Linear(2, 3)
save_model(model, path)
assert load_model(other, path) == (set(), [])
print(torch.equal(model.weight, other.weight))
"""
    assert run(root, program) == "True"


def test_names_of_types(root):
    """What copied layers write in their signatures."""
    program = """
import autograd_lab
autograd_lab.as_torch()
import torch
from torch.nn.common_types import _size_2_t, _size_any_t, _ratio_any_t, _tensor_list_t
from torch.types import _size, _Number, Device, Number
def f(x: _tensor_list_t, size: _size_2_t = 3, ratio: _ratio_any_t = 1.0, on: Device = None): ...
print(isinstance(2.5, _Number), torch.types.Number is Number)
"""
    assert run(root, program) == "True True"


def test_the_names_of_types_are_pytorch_s():
    types = pytest.importorskip("torch.types")
    common = pytest.importorskip("torch.nn.common_types")
    from autograd_lab import types as ours
    from autograd_lab.nn import common_types

    for mine, theirs in ((ours, types), (common_types, common)):
        names = [n for n in vars(mine) if n[:2] != "__" and n not in ("os", "device", "IO")]
        assert names and all(hasattr(theirs, name) for name in names)
