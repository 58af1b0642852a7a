"""Files of ours that PyTorch reads, and PyTorch's that we read."""

import collections
import io
import warnings

import numpy as np
import pytest

import autograd_lab as ours

theirs = pytest.importorskip("torch")

DTYPES = [
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64",
    "complex64", "complex128",
]  # fmt: skip


def carried(obj, save, load, **settings):
    """Save with one library, load with another."""
    file = io.BytesIO()
    save(obj, file)
    file.seek(0)
    return load(file, **settings)


def plain(x):
    """Turn what was saved into what can be compared: kinds of containers, numbers, strides."""
    if hasattr(x, "requires_grad") and hasattr(x, "tolist"):
        kind = "parameter" if "Parameter" in type(x).__name__ else "tensor"
        steps = x.stride() if x.numel() else None
        return kind, str(x.dtype), tuple(x.shape), steps, x.requires_grad, x.tolist()
    if isinstance(x, np.ndarray | np.generic):
        return "numpy", str(x.dtype), x.tolist()
    if isinstance(x, dict):
        return type(x).__name__, [(k, plain(v)) for k, v in x.items()]
    if isinstance(x, (tuple, list)):
        return type(x).__name__, [plain(v) for v in x]
    if isinstance(x, set):
        return sorted(x)
    return x if isinstance(x, (int, float, complex, str, bytes, bytearray)) else str(x)


def views(torch):
    x = torch.arange(12.0).reshape(3, 4)
    return {"x": x, "t": x.t(), "row": x[1], "column": x[:, 2], "every other": x[::2, 1:],
            "wide": x[:1].expand(5, 4), "clone": x.clone()}  # fmt: skip


def containers(torch):
    shared = [1, 2]
    looped: list = [0]
    looped.append(looped)
    return {
        "none": None, "yes": True, "no": False, "ints": [0, 255, 256, -1, 2**31, -(2**31), 2**70],
        "float": 0.1, "inf": float("-inf"), "complex": 1 - 2j, "text": "é\n\ud83d\ude00 深",
        "raw": b"\x00\xff", "array of bytes": bytearray(b"ab"), "tuple": (1, (2,), ()),
        "set": {1, 2}, "nothing": [[], {}, set()], "ordered": collections.OrderedDict(b=1, a=2),
        "counts": collections.Counter("aab"), "size": torch.Size([2, 3]), 5: "a number",
        (1, "a"): "a tuple",
        "shared": [shared, shared], "device": torch.device("cpu"), "dtype": torch.float32,
        "gpu": torch.device("cuda", 1),
    }  # fmt: skip


def model(torch):
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2, bias=False)
    )


def training(torch):
    """A checkpoint as programs write it, after two steps of Adam."""
    net = model(torch)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        net(torch.ones(5, 4)).sum().backward()
        optimizer.step()
    return {"epoch": 2, "model": net.state_dict(), "optimizer": optimizer.state_dict(),
            "best": float("inf"), "losses": [1.5, 0.5]}  # fmt: skip


CONTENTS = {
    **{d: lambda torch, d=d: torch.tensor([[1, 0, 3]], dtype=getattr(torch, d)) for d in DTYPES},
    "scalar": lambda torch: torch.tensor(2.5),
    "empty": lambda torch: [torch.zeros(0), torch.zeros(3, 0, 2)],
    "views": views,
    "wants a gradient": lambda torch: torch.ones(2, requires_grad=True),
    "a result": lambda torch: torch.ones(2, requires_grad=True) * 2,
    "parameter": lambda torch: torch.nn.Parameter(torch.ones(2)),
    "frozen": lambda torch: torch.nn.Parameter(torch.ones(2), requires_grad=False),
    "containers": containers,
    "state": lambda torch: model(torch).state_dict(),
    "just a number": lambda torch: 3,
}  # fmt: skip


@pytest.mark.parametrize("what", CONTENTS)
def test_there_and_back(what):
    """Their reader allows weights only, too."""
    mine, original = CONTENTS[what](ours), CONTENTS[what](theirs)
    if what == "state":  # the weights are random: give both the same
        mine = {name: ours.tensor(value.tolist()) for name, value in original.items()}
        original = {name: value.clone() for name, value in original.items()}
    wanted = plain(original)
    assert plain(carried(mine, ours.save, theirs.load)) == wanted
    assert plain(carried(original, theirs.save, ours.load)) == wanted
    assert plain(carried(mine, ours.save, ours.load)) == wanted


@pytest.mark.parametrize("save", ["ours", "theirs"])
@pytest.mark.parametrize("load", ["ours", "theirs"])
def test_a_checkpoint_goes_on_where_it_stopped(save, load):
    writer, reader = {"ours": ours, "theirs": theirs}[save], {"ours": ours, "theirs": theirs}[load]
    found = carried(training(writer), writer.save, reader.load)
    net = model(reader)
    assert not net.load_state_dict(found["model"]).missing_keys
    optimizer = reader.optim.Adam(net.parameters(), lr=0.5)
    optimizer.load_state_dict(found["optimizer"])
    assert optimizer.param_groups[0]["lr"] == 0.1
    net(reader.ones(5, 4)).sum().backward()
    optimizer.step()
    assert all(int(state["step"]) == 3 for state in optimizer.state.values())
    assert (found["epoch"], found["best"]) == (2, float("inf"))


def recurrent(torch):
    return torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True)


def normalized(torch):
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    net(torch.ones(2, 3, 5, 5) * torch.arange(5.0))
    return net


@pytest.mark.parametrize("make", [recurrent, normalized])
def test_a_network_of_theirs_gives_the_same_here(make):
    net = make(theirs)
    found = carried(net.state_dict(), theirs.save, ours.load)
    assert plain(found) == plain(net.state_dict())
    assert found._metadata == net.state_dict()._metadata
    twin = make(ours)
    twin.load_state_dict(found)
    back = make(theirs)
    returned = carried(twin.state_dict(), ours.save, theirs.load)
    assert returned._metadata == net.state_dict()._metadata
    back.load_state_dict(returned)
    assert plain(back.state_dict()) == plain(net.state_dict())


def test_a_scheduler_goes_on():
    def story(torch):
        optimizer = torch.optim.SGD(model(torch).parameters(), lr=1.0)
        return torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 2, 5], gamma=0.1)

    scheduler = story(theirs)
    scheduler.optimizer.step()
    scheduler.step()
    twin = story(ours)
    twin.load_state_dict(carried(scheduler.state_dict(), theirs.save, ours.load))
    assert twin.last_epoch == 1
    found = carried(twin.state_dict(), ours.save, theirs.load)
    assert found["milestones"] == scheduler.state_dict()["milestones"]


@pytest.mark.parametrize(("writer", "reader"), [(ours, theirs), (theirs, ours), (ours, ours)])
def test_what_shares_memory_still_does(writer, reader):
    found = carried(views(writer), writer.save, reader.load)
    found["x"][1, 2] = 99
    assert found["t"][2, 1] == found["row"][2] == found["column"][1] == 99
    assert found["clone"][1, 2] != 99


def test_one_storage_read_as_two_kinds_of_number():
    x = ours.tensor([1 + 2j, 3 - 4j])
    found = carried({"x": x, "parts": ours.view_as_real(x)}, ours.save, theirs.load)
    assert found["parts"].tolist() == [[1, 2], [3, -4]]


def test_the_same_object_stays_one():
    x = ours.ones(2)
    for load in (ours.load, theirs.load):
        a, b, (c,) = carried((x, x, [x]), ours.save, load)
        assert a is b is c


def test_containers_that_hold_themselves():
    looped: list = [1]
    looped.append({"me": looped})
    for load in (ours.load, theirs.load):
        found = carried(looped, ours.save, load)
        assert found[1]["me"] is found


def test_bfloat16_becomes_float32_with_a_word(monkeypatch):
    from autograd_lab import notice

    monkeypatch.setattr(notice, "_said", set())
    x = theirs.tensor([1.0, -2.5, 3e38, float("nan")], dtype=theirs.bfloat16)
    with pytest.warns(UserWarning, match="bfloat16"):
        found, view = carried([x, x[1::2]], theirs.save, ours.load)
    assert found.dtype is ours.float32
    np.testing.assert_array_equal(found.numpy(), x.float().numpy())
    view[0] = 7
    assert found[1] == 7


def test_conjugated_tensors_of_theirs():
    x = theirs.tensor([1 + 2j, 3 - 4j])
    assert carried(x.conj(), theirs.save, ours.load).tolist() == [1 - 2j, 3 + 4j]


def test_tensors_with_attributes_of_their_own():
    x, p = theirs.ones(2), theirs.nn.Parameter(theirs.ones(1))
    x.note = p.note = "mine"
    found, weight = carried([x, p], theirs.save, ours.load)
    assert found.tolist() == [1, 1] and type(weight) is ours.nn.Parameter


def test_numpy_numbers_and_arrays():
    content = {"loss": np.float64(0.5), "n": np.int32(3), "ok": np.bool_(True),
               "a": np.arange(6.0).reshape(2, 3).T, "f": np.zeros(0, "float16")}  # fmt: skip
    wanted = plain(content)
    assert plain(carried(content, ours.save, ours.load)) == wanted
    assert plain(carried(content, ours.save, theirs.load, weights_only=False)) == wanted
    assert plain(carried(content, theirs.save, ours.load)) == wanted


def test_the_form_before_1_6():
    content = {**views(theirs), "state": model(theirs).state_dict(), "n": [1, "a"],
               "half": theirs.ones(2, dtype=theirs.bfloat16)}  # fmt: skip
    file = io.BytesIO()
    theirs.save(content, file, _use_new_zipfile_serialization=False)
    file.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bfloat16
        found = ours.load(file)
    content["half"] = content["half"].float()
    assert plain(found) == plain(content)
    found["x"][0, 1] = 99
    assert found["t"][1, 0] == 99


@pytest.mark.parametrize("protocol", range(2, 6))
def test_pickle_protocols(protocol):
    file = io.BytesIO()
    content = {"x": theirs.ones(2), "set": {1}, "raw": b"ab", "long": "a" * 300}
    theirs.save(content, file, pickle_protocol=protocol)
    file.seek(0)
    assert plain(ours.load(file)) == plain(content)


def test_large_state_dicts():
    """More than 256 names are remembered by another instruction."""
    content = {f"layer{i}.weight": ours.full((2,), float(i)) for i in range(400)}
    for load in (ours.load, theirs.load):
        found = carried(content, ours.save, load)
        assert found["layer399.weight"].tolist() == [399, 399]


def test_their_mmap_can_use_our_file(tmp_path):
    ours.save({"x": ours.arange(5.0)}, tmp_path / "a.pth")
    found = theirs.load(tmp_path / "a.pth", mmap=True)
    assert found["x"].tolist() == [0, 1, 2, 3, 4]
    assert found["x"].data_ptr() % 64 == 0


def test_safetensors_both_ways(tmp_path):
    from safetensors.torch import load_file, save_file

    content = {d: theirs.tensor([[1, 0, 3]], dtype=getattr(theirs, d)) for d in DTYPES[:-1]}
    content["half"] = theirs.tensor([1.5, -2], dtype=theirs.bfloat16)
    save_file({"z": theirs.tensor(1.0), **content}, tmp_path / "a.safetensors")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bfloat16
        found = ours.load(tmp_path / "a.safetensors")
    assert sorted(found) == sorted([*content, "z"])
    assert plain(found["half"]) == plain(content.pop("half").float())
    for name, value in content.items():
        assert plain(found[name]) == plain(value)

    x = ours.arange(6.0).reshape(2, 3)
    ours.save({"x": x, "t": x.t()}, tmp_path / "b.safetensors")
    back = load_file(tmp_path / "b.safetensors")
    assert back["t"].tolist() == x.t().tolist()
