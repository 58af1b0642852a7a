"""Paths, places, whole models: what save and load promise besides the form of the file."""

import argparse
import collections
import copy
import io
import mmap
import os
import pickle
import stat
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.device import memory
from autograd_lab.serialization import files


class Net(torch.nn.Module):
    """A model as learners write one."""

    def __init__(self):
        super().__init__()
        self.part = torch.nn.Linear(2, 3)
        self.again = self.part
        self.act, self.norm, self.sizes = torch.nn.functional.relu, torch.nn.Linear, (2, 3)
        self.register_buffer("mean", torch.ones(3))
        self.register_buffer("passing", torch.zeros(1), persistent=False)

    def forward(self, x):
        return self.act(self.part(x) - self.mean)


class Pair(collections.namedtuple("Pair", "a b")):
    """A class that is no module."""


def there_and_back(obj, **settings):
    file = io.BytesIO()
    torch.save(obj, file)
    file.seek(0)
    return torch.load(file, **settings)


# --- paths


@pytest.mark.parametrize("kind", [str, Path])
@pytest.mark.parametrize("name", ["a.pth", "深 é.pt", "no suffix", "a.b.c"])
def test_paths(tmp_path, kind, name):
    torch.save(torch.ones(2), kind(tmp_path / name))
    assert torch.load(kind(tmp_path / name)).tolist() == [1, 1]
    assert os.listdir(tmp_path) == [name]


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.pth"
    torch.save(1, path)
    with pytest.raises(TypeError):
        torch.save([torch.ones(2), print], path)
    assert torch.load(path) == 1
    monkeypatch.setattr(files.os, "fsync", lambda number: 1 / 0)  # the disk is full
    with pytest.raises(ZeroDivisionError):
        torch.save(2, path)
    assert torch.load(path) == 1
    assert os.listdir(tmp_path) == ["a.pth"]


def test_permissions_and_links_stay(tmp_path):
    real, link = tmp_path / "real.pth", tmp_path / "link.pth"
    torch.save(1, real)
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert stat.S_IMODE(real.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    real.chmod(0o640)
    link.symlink_to(real)
    torch.save(2, link)
    assert link.is_symlink() and torch.load(real) == 2
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_device_is_written_to_and_not_replaced():
    torch.save(torch.ones(2), os.devnull)
    assert not Path(os.devnull).is_file()


def test_missing_folders_and_files(tmp_path):
    with pytest.raises(RuntimeError, match=r"Parent directory .* does not exist"):
        torch.save(1, tmp_path / "no" / "a.pth")
    with pytest.raises(FileNotFoundError):
        torch.load(tmp_path / "no.pth")
    with pytest.raises(IsADirectoryError):
        torch.load(tmp_path)
    with pytest.raises(AttributeError, match="expected 'f' to be string, path"):
        torch.save(1, 5)
    with pytest.raises(AttributeError, match="expected 'f' to be string, path"):
        torch.load(5)


def test_the_same_content_gives_the_same_bytes():
    first, second = io.BytesIO(), io.BytesIO()
    for file in (first, second):
        torch.save({"x": torch.arange(3)}, file)
    assert first.getvalue() == second.getvalue()


def test_open_files(tmp_path):
    with open(tmp_path / "a.pth", "wb") as file:
        torch.save({"a": torch.ones(1)}, file)
    with open(tmp_path / "a.pth", "rb") as file:
        assert torch.load(file)["a"] == 1


def test_a_file_that_was_not_rewound():
    file = io.BytesIO()
    torch.save(1, file)
    with pytest.raises(torch.serialization.LoadError, match=r"f\.seek\(0\)"):
        torch.load(file)


def test_mmap_reads_what_is_used_and_never_writes(tmp_path):
    path = tmp_path / "a.pth"
    torch.save({"x": torch.arange(4.0), "none": torch.zeros(0)}, path)
    before = path.read_bytes()
    x = torch.load(path, mmap=True)["x"]
    x += 1
    assert x.tolist() == [1, 2, 3, 4]
    del x
    assert path.read_bytes() == before
    with pytest.raises(ValueError, match="f must be a file path"):
        torch.load(io.BytesIO(before), mmap=True)


def test_memory_that_belongs_to_a_file_is_copied(tmp_path):
    mapped = np.memmap(tmp_path / "numbers", "float32", "w+", shape=(4,))
    mapped[:] = range(4)
    x = torch.from_numpy(np.frombuffer(mapped, "float32").copy()[1:])
    assert there_and_back(x).tolist() == [1, 2, 3]


def test_arrays_in_fortran_order_and_backwards():
    x = torch.from_numpy(np.asfortranarray(np.arange(6.0).reshape(2, 3)))
    assert there_and_back(x).tolist() == x.tolist()
    assert there_and_back(x[1]).tolist() == [3, 4, 5]


# --- what is refused, and where it stands


@pytest.mark.parametrize(
    ("thing", "says"),
    [
        (lambda: 0, "holds no programs"),
        (print, "saved are tensors"),
        (Pair(1, 2), r"tuple\(\.\.\.\)"),
        (Path("a"), "add_safe_globals"),
        (np.array(["a"]), "array of <U1"),
    ],
)
def test_what_is_no_data_is_refused_by_its_place(thing, says):
    with pytest.raises(TypeError, match=says) as said:
        torch.save({"model": [1, {"deep": thing}]}, io.BytesIO())
    assert "obj['model'][1]['deep']" in str(said.value)


def test_an_optimizer_is_told_to_save_its_state():
    optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1)
    with pytest.raises(TypeError, match="state_dict"):
        torch.save(optimizer, io.BytesIO())


def test_nested_too_deeply():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ValueError, match="nested too deeply"):
        torch.save(deep, io.BytesIO())
    while deep:  # not to free it recursively
        deep = deep[0]


# --- whole models


def test_a_whole_model_is_refused_until_asked_for():
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed") as said:
        there_and_back(Net())
    assert "weights_only=False" in str(said.value)


def test_a_whole_model_of_classes_that_are_here():
    net = Net()
    twin = there_and_back(net, weights_only=False)
    x = torch.ones(4, 2)
    assert torch.equal(twin(x), net(x)) and type(twin) is Net
    assert twin.again is twin.part and twin.sizes == (2, 3)
    assert list(twin.state_dict()) == list(net.state_dict())
    assert [name for name, _ in twin.named_buffers()] == ["mean", "passing"]
    twin(x).sum().backward()
    assert twin.part.weight.grad is not None and net.part.weight.grad is None


def test_a_class_of_a_module_called_text_is_not_taken_for_text(monkeypatch):
    module = types.ModuleType("text")
    monkeypatch.setitem(sys.modules, "text", module)
    program = "import autograd_lab.nn as nn\nclass Net(nn.Module):\n    kind = None"
    exec(program, vars(module))
    net = module.Net()
    net.kind = "Net"
    assert there_and_back(net, weights_only=False).kind == "Net"


def test_a_whole_model_by_trust():
    with torch.serialization.safe_globals([Net, torch.nn.Linear, torch.nn.functional.relu]):
        assert type(there_and_back(Net())) is Net
    with pytest.raises(torch.serialization.LoadError):
        there_and_back(Net())


def test_a_model_of_a_class_that_is_not_here(monkeypatch):
    file = io.BytesIO()
    torch.save(Net(), file)
    monkeypatch.delitem(globals(), "Net")
    file.seek(0)
    with pytest.raises(torch.serialization.LoadError, match="Define or import Net first"):
        torch.load(file, weights_only=False)


def test_a_model_of_a_class_inside_a_function():
    class Inside(torch.nn.Module):
        pass

    with pytest.raises(TypeError, match="defined inside a function"):
        torch.save(Inside(), io.BytesIO())


def test_a_model_with_a_lambda_says_where():
    net = Net()
    net.act = lambda x: x
    with pytest.raises(TypeError, match=r"obj\['act'\]"):
        torch.save(net, io.BytesIO())


def test_models_can_be_pickled_and_copied():
    """Python's own pickle, with its own risks, works too: models travel to other processes."""
    net = Net()
    net.act = torch.tanh
    x = torch.ones(4, 2)
    for twin in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net)):
        assert torch.equal(twin(x), net(x))
        assert twin.again is twin.part and type(twin.part.weight) is torch.nn.Parameter
        twin.part.weight.data += 1
        assert not torch.equal(twin(x), net(x))


# --- trust


def test_objects_of_a_class_that_was_allowed():
    args = argparse.Namespace(lr=0.1, layers=[1, 2])
    with pytest.raises(TypeError, match="Save vars"):
        there_and_back(args)
    with torch.serialization.safe_globals([argparse.Namespace, Pair]):
        assert there_and_back({"args": args})["args"] == args
        assert there_and_back(Pair(1, [2])) == (1, [2])
    assert torch.serialization.get_safe_globals() == []


def test_a_thing_under_another_name():
    file = io.BytesIO()
    with torch.serialization.safe_globals([types.SimpleNamespace]):
        torch.save(types.SimpleNamespace(a=1), file)
    file.seek(0)
    with torch.serialization.safe_globals([(argparse.Namespace, "types.SimpleNamespace")]):
        assert torch.load(file) == argparse.Namespace(a=1)
    with pytest.raises(ValueError, match="Expected tuple"):
        torch.serialization.add_safe_globals([(Net,)])


# --- where tensors go


def test_map_location(pretend_gpu):
    file = io.BytesIO()
    torch.save({"w": torch.ones(2, 3).cuda().t(), "b": torch.zeros(1)}, file)

    def loaded(map_location):
        file.seek(0)
        found = torch.load(file, map_location=map_location)
        assert found["w"].tolist() == [[1, 1], [1, 1], [1, 1]] and found["w"].stride() == (1, 3)
        return found["w"].device.type, found["b"].device.type

    assert loaded(None) == ("cuda", "cpu")
    assert loaded("cpu") == loaded(torch.device("cpu")) == ("cpu", "cpu")
    assert loaded("cuda") == ("cuda", "cuda")
    assert loaded({"cuda:0": "cpu"}) == ("cpu", "cpu")
    assert loaded(lambda storage, location: storage) == ("cpu", "cpu")
    assert loaded(lambda storage, location: storage.cuda(0)) == ("cuda", "cuda")
    assert loaded(lambda storage, location: None) == ("cuda", "cpu")


def test_a_gpu_that_is_not_here(monkeypatch):
    file = io.BytesIO()
    torch.save(torch.ones(2), file)
    raw = file.getvalue()
    from autograd_lab.serialization import storage

    monkeypatch.setattr(storage, "is_available", lambda: False)
    with pytest.raises(RuntimeError, match="Attempting to deserialize object on a CUDA device"):
        torch.load(io.BytesIO(raw), map_location="cuda")
    with pytest.raises(RuntimeError, match="don't know how to restore data location"):
        torch.load(io.BytesIO(raw), map_location="mps")


# --- safetensors


def test_safetensors_hold_what_is_seen_of_views(tmp_path):
    path = tmp_path / "a.safetensors"
    x = torch.arange(6.0).reshape(2, 3)
    torch.save({"t": x.t(), "scalar": torch.tensor(1), "none": torch.zeros(0, 2)}, path)
    found = torch.load(path)
    assert found["t"].tolist() == x.t().tolist()
    assert (found["scalar"].shape, found["none"].shape) == ((), (0, 2))
    assert list(found) == ["t", "scalar", "none"] or sorted(found) == ["none", "scalar", "t"]
    net = torch.nn.Linear(2, 3)
    torch.save(net.state_dict(), path)
    assert not torch.nn.Linear(2, 3).load_state_dict(torch.load(path)).unexpected_keys


@pytest.mark.parametrize("name", ["w", "a longer name"])
def test_safetensors_are_mapped_on_request(tmp_path, name):
    path = tmp_path / "a.safetensors"
    state = {name: torch.arange(4.0), "z": torch.zeros(0), "i": torch.tensor([[1], [2]])}
    torch.save(state, path)
    before = path.read_bytes()
    found = torch.load(path, mmap=True)
    assert isinstance(memory(found[name].array), mmap.mmap)
    found[name] += 1
    assert found[name].tolist() == [1, 2, 3, 4] and found["i"].tolist() == [[1], [2]]
    assert found["z"].shape == (0,) and found["z"].dtype is torch.float32
    del found
    assert path.read_bytes() == before
    path.write_bytes(before[:-1])
    with pytest.raises(torch.serialization.LoadError, match="no sound safetensors file"):
        torch.load(path, mmap=True)


def test_what_cannot_be_mapped_says_so(tmp_path):
    (tmp_path / "a.pth").write_bytes(pickle.dumps([1]))
    with pytest.raises(torch.serialization.LoadError, match="mmap needs a file of the zip form"):
        torch.load(tmp_path / "a.pth", mmap=True)


def test_safetensors_hold_tensors_only(tmp_path):
    with pytest.raises(TypeError, match="flat dict of tensors"):
        torch.save([torch.ones(1)], tmp_path / "a.safetensors")
    with pytest.raises(TypeError, match="'epoch' is a int"):
        torch.save({"epoch": 1}, tmp_path / "a.safetensors")
    assert not os.listdir(tmp_path)
