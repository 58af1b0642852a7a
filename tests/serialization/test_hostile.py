"""Files that are broken, or mean harm: one clear error, nothing run, nothing changed, no hang."""

import io
import os
import pickle
import pickletools
import random
import struct
import subprocess
import time
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.serialization import LoadError, archive
from autograd_lab.serialization.names import Names
from autograd_lab.serialization.reader import Reader


def written(obj):
    file = io.BytesIO()
    torch.save(obj, file)
    return file.getvalue()


def with_pickle(raw, storages=()):
    """Make a sound archive around a pickle that is not."""
    file = io.BytesIO()
    archive.pack(file, "archive", raw, storages)
    return file.getvalue()


def refused(raw, words="."):
    with pytest.raises(LoadError, match=words) as said:
        torch.load(io.BytesIO(raw), weights_only=False)
    assert "was not loaded" in str(said.value)
    return str(said.value)


class Evil:
    """What an attacker pickles."""

    def __init__(self, call, *args):
        self.call, self.args = call, args

    def __reduce__(self):
        return self.call, self.args


CALLS = {
    "a command": (os.system, ("touch harmed",)),
    "a file": (open, ("harmed", "w")),
    "code": (exec, ("open('harmed', 'w')",)),
    "an attribute": (getattr, ("a", "upper")),
    "an import": (__import__, ("antigravity",)),
    "a class": (type, ("A", (), {})),
}


@pytest.mark.parametrize("what", CALLS)
@pytest.mark.parametrize("form", ["zip", "legacy", "plain pickle"])
def test_a_pickle_that_calls_is_refused_and_not_run(what, form, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, args = CALLS[what]
    evil = pickle.dumps({"w": Evil(call, *args)}, 2)
    if form == "zip":
        raw = with_pickle(evil)
    elif form == "legacy":
        theirs = pytest.importorskip("torch")
        file = io.BytesIO()
        theirs.save({"w": Evil(call, *args)}, file, _use_new_zipfile_serialization=False)
        raw = file.getvalue()
    else:
        raw = evil
    said = refused(raw)
    assert form == "plain pickle" or call.__name__ in said
    assert not os.listdir(tmp_path)


def global_(module, name):
    return b"c" + f"{module}\n{name}\n".encode()


LINEAR = global_("autograd_lab.nn.linear", "Linear")
PROGRAMS = {
    "a class is changed": global_("collections", "OrderedDict") + b"}(X\x01\x00\x00\x00aK\x01ubR.",
    "a class of ours is changed": LINEAR + b"}(X\x07\x00\x00\x00forwardK\x01ub.",
    "an op is changed":
        global_("autograd_lab.ops.pointwise", "tanh") + b"}(X\x01\x00\x00\x00aK\x01ub.",
    "a size is changed": global_("torch", "Size") + b")\x85R}(X\x01\x00\x00\x00aK\x01ub.",
    "an op is called": global_("autograd_lab.ops.pointwise", "tanh") + b")R.",
    "a model's class is called": LINEAR + b"K\x02K\x03\x86R.",
    "a dunder": global_("autograd_lab.nn.linear", "Linear.__init__") + b".",
    "a method": global_("autograd_lab.nn.linear", "Linear.forward") + b".",
    "the module of a module": global_("autograd_lab.nn.linear", "math.cos") + b".",
    "an import": global_("antigravity", "x") + b".",
    "the library's own saving": global_("autograd_lab.serialization.saving", "save") + b".",
    "a subclass registry": global_("autograd_lab.nn.module", "Module.__subclasses__") + b".",
    "instances the old way": b"(icollections\nOrderedDict\n.",
    "an extension": b"\x82\x01.",
    "pops too much": b"(0.",
    "a tuple of nothing": b"\x85.",
    "below a mark": b"K\x01(\x85.",
    "an enormous memo": b"N" + b"r" + struct.pack("<I", 2**32 - 1) + b"j" + b"\x00" * 4 + b".",
    "an enormous string": b"X" + struct.pack("<I", 2**31) + b"a.",
    "an enormous number": b"\x8b" + struct.pack("<i", 2**31 - 1) + b"1.",
    "many digits": b"I" + b"9" * 100_000 + b"\n.",
    "an unhashable key": b"}]K\x01s.",
    "append to a number": b"K\x01K\x02a.",
    "two results": b"K\x01K\x02.",
    "no result": b".",
    "no end": b"K\x01",
    "nothing": b"",
    "a text for a storage": b"X\x01\x00\x00\x00aQ.",
    "a set of a tensor's parts": global_("torch._utils", "_rebuild_tensor_v2") + b")R.",
    "a parameter of text":
        global_("torch._utils", "_rebuild_parameter") + b"X\x01\x00\x00\x00a\x85R.",
}  # fmt: skip


@pytest.mark.parametrize("what", PROGRAMS)
def test_a_pickle_that_makes_no_data_is_refused(what):
    before = dict(vars(torch.nn.Linear)), dict(vars(torch.tanh))
    refused(with_pickle(b"\x80\x02" + PROGRAMS[what]))
    assert (dict(vars(torch.nn.Linear)), dict(vars(torch.tanh))) == before


def test_keys_whose_hash_takes_for_ever():
    """Each tuple holds the one before twice: hashing visits 2 ** 60 parts."""
    doubling = b")" + b"".join(b"q" + bytes([i]) + b"h" + bytes([i]) + b"\x86" for i in range(60))
    start = time.monotonic()
    refused(with_pickle(b"\x80\x02}" + doubling + b"K\x01s."), "for a key")
    assert time.monotonic() - start < 5


def test_copies_that_fill_the_memory():
    text = b"X" + struct.pack("<I", 1_000_000) + b"a" * 1_000_000 + b"q\x00"
    encode = global_("_codecs", "encode") + b"q\x01"
    again = b"h\x01h\x00X\x06\x00\x00\x00latin1\x86R"
    refused(with_pickle(b"\x80\x02(" + text + encode + again * 100_000 + b"l."), "over and over")


def test_a_long_stack_with_many_marks_is_quick():
    start = time.monotonic()
    pairs = 20_000
    raw = with_pickle(b"\x80\x02" + b"(" + b"N" * pairs + b"(t" * pairs + b"t.")
    assert len(torch.load(io.BytesIO(raw))) == 2 * pairs
    assert time.monotonic() - start < 10


def tensor_program(offset=0, size=(2,), stride=(1,), kind="FloatStorage", count=2, key="0"):
    """Write the pickle of one tensor, which may be impossible."""

    def pid(value):
        return pickle.dumps(value, 2)[2:-1]

    return (
        b"\x80\x02" + global_("torch._utils", "_rebuild_tensor_v2")
        + b"((" + pid("storage") + global_("torch", kind) + pid(key) + pid("cpu") + pid(count)
        + b"tQ" + pid(offset) + pid(size) + pid(stride) + b"\x89" + b"}tR."
    )  # fmt: skip


@pytest.mark.parametrize(
    "layout",
    [
        {"offset": 1}, {"size": (3,)}, {"stride": (2,)}, {"size": (-1,)}, {"offset": -1},
        {"stride": (-1,)}, {"size": (1, 2)}, {"size": (2**62, 2**62), "stride": (0, 0)},
        {"size": (2**40,)}, {"offset": 2**80}, {"size": (1.5,)}, {"size": ("a",)},
        {"size": (True,)}, {"kind": "DoubleStorage"}, {"kind": "QInt8Storage"}, {"key": "7"},
        {"key": "../../../etc/passwd"}, {"key": 0}, {"size": (1,) * 200, "stride": (1,) * 200},
        {"size": [2], "stride": None},
    ],
)  # fmt: skip
def test_a_tensor_never_reaches_outside_its_storage(layout):
    sound = tensor_program()
    raw = with_pickle(sound, [np.ones(2, np.float32)])
    assert torch.load(io.BytesIO(raw)).tolist() == [1, 1]
    refused(with_pickle(tensor_program(**layout), [np.ones(2, np.float32)]))


@pytest.mark.parametrize("name", ["forward", "__call__", "to", "parameters", "rest"])
def test_an_attribute_does_not_hide_what_a_model_does(name):
    """``net.forward = F.dropout`` of a file would run in place of the class's own."""
    net = torch.nn.Linear(1, 1)
    vars(net)[name] = torch.nn.functional.relu
    if name == "rest":
        loaded = torch.load(io.BytesIO(written(net)), weights_only=False)
        assert loaded.rest is torch.nn.functional.relu
    else:
        assert name in refused(written(net), "sets an attribute|hides a method")


def test_a_tensor_gets_no_attributes():
    state = b"}(X\x05\x00\x00\x00shapeK\x01ub."
    refused(with_pickle(tensor_program()[:-1] + state, [np.ones(2, np.float32)]), "a state")


def test_a_huge_expanded_tensor_takes_no_memory():
    raw = with_pickle(tensor_program(size=(2**30, 2**20), stride=(0, 0)), [np.ones(2, np.float32)])
    assert torch.load(io.BytesIO(raw)).shape == (2**30, 2**20)


def negated(again, size, stride=b"K\x01\x85", offset=b"K\x00"):
    """Write the pickle of a list: one tensor that is negated, and what comes ``again``."""
    storage = b"((X\x07\x00\x00\x00storage" + global_("torch", "FloatStorage")
    sizes = b"J" + struct.pack("<i", size) + b"\x85" + stride
    return (
        b"\x80\x02(" + global_("torch._utils", "_rebuild_tensor_v2") + b"q\x01" + storage
        + b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x01tQ" + b"q\x03" + offset + sizes
        + b"\x89}}X\x03\x00\x00\x00neg\x88stq\x02R" + again + b"l."
    )  # fmt: skip


def test_negated_tensors_do_not_fill_the_memory():
    """A tensor that is only noted down as negated takes memory here, where it is carried out."""
    numbers = np.ones(1 << 18, np.float32)
    raw = with_pickle(negated(b"h\x01h\x02R" * 300, numbers.size), [numbers])
    tracemalloc.start()
    found = torch.load(io.BytesIO(raw))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == 301 and found[0].tolist() == found[300].tolist() == [-1] * numbers.size
    assert most < 10 * len(raw)


def test_negated_tensors_that_all_differ_are_refused():
    numbers = np.ones(1 << 18, np.float32)
    sizes = range(numbers.size - 50, numbers.size)
    each = [b"h\x01(h\x03K\x00J" + struct.pack("<i", n) + b"\x85K\x01\x85\x89}}"
            b"X\x03\x00\x00\x00neg\x88stR" for n in sizes]  # fmt: skip
    refused(with_pickle(negated(b"".join(each), numbers.size), [numbers]), "over and over")
    few = negated(b"".join(each[:3]), numbers.size)
    assert len(torch.load(io.BytesIO(with_pickle(few, [numbers])))) == 4


def test_a_huge_negated_tensor_is_refused():
    raw = negated(b"", 2**30, stride=b"K\x00\x85")
    refused(with_pickle(raw, [np.ones(2, np.float32)]), "over and over")


# --- archives


def rewritten(raw, change):
    """Copy an archive; ``change(info, content)`` gives what becomes of each record."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(file, "w") as new:
        for info in old.infolist():
            for name, content, how in change(info.filename, old.read(info)):
                new.writestr(name, content, how)
    return file.getvalue()


def stored(name, content):
    return [(name, content, zipfile.ZIP_STORED)]


ARCHIVES = {
    "compressed": (lambda n, c: [(n, c, zipfile.ZIP_DEFLATED)], "compressed or encrypted"),
    "a record missing": (lambda n, c: [] if "data/0" in n else stored(n, c), "no record 'data/0'"),
    "no pickle": (lambda n, c: [] if "data.pkl" in n else stored(n, c), "no NAME/data.pkl"),
    "a short record": (lambda n, c: stored(n, c[:4] if "data/0" in n else c), "its storage has 1"),
    "two pickles": (lambda n, c: stored(n, c) + stored("b/data.pkl", c) * ("pkl" in n), "no NAME"),
    "a folder above": (lambda n, c: stored("../" + n, c), "no NAME/data.pkl"),
    "a program": (lambda n, c: stored(n, c) + stored("archive/constants.pkl", c) * ("pkl" in n),
                  "TorchScript"),
    "arrays": (lambda n, c: stored(n + ".npy", c), "np.load"),
}  # fmt: skip


@pytest.mark.parametrize("what", ARCHIVES)
def test_a_strange_archive_is_refused(what):
    change, words = ARCHIVES[what]
    refused(rewritten(written({"w": torch.ones(2)}), change), words)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_records_of_one_name():
    raw = rewritten(written(torch.ones(2)), lambda n, c: stored(n, c) * (1 + ("data/0" in n)))
    refused(raw, "same name")


def test_records_that_lie_over_each_other():
    """Many entries for the same bytes: a small file that would fill the memory."""
    raw = bytearray(written(torch.ones(1000)))
    with zipfile.ZipFile(io.BytesIO(raw)) as sound:
        (info,) = (i for i in sound.infolist() if i.filename.endswith("data/0"))
        start = sound.start_dir
    entry = bytes(raw[raw.index(b"PK\x01\x02", start):])
    size = info.file_size
    entry = entry[entry.index(b"archive/data/0") - 46:]
    entry = entry[:46 + len("archive/data/0") + struct.unpack("<H", entry[30:32])[0]]
    assert struct.unpack("<I", entry[24:28])[0] == size
    end = raw.index(b"PK\x05\x06", start)
    more = b"".join(entry.replace(b"data/0", b"data/" + bytes([65 + i])) for i in range(20))
    total, = struct.unpack("<H", raw[end + 10:end + 12])
    tail = bytearray(raw[end:])
    tail[8:12] = struct.pack("<HH", total + 20, total + 20)
    tail[12:16] = struct.pack("<I", end - start + len(more))
    refused(bytes(raw[:end]) + more + bytes(tail), "larger than the whole file")


SPECIMEN = {
    "model": {"w": torch.arange(6.0).reshape(2, 3), "b": torch.zeros(3, dtype=torch.int64)},
    "list": [1, 2.5, "text", None, (True, b"raw")], "p": torch.nn.Parameter(torch.ones(2)),
}  # fmt: skip


def survives(raw):
    """Load a damaged file: our error, or something, but nothing else; and quickly."""
    start = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            torch.load(io.BytesIO(raw))
            loaded = True
        except LoadError:
            loaded = False
    assert time.monotonic() - start < 5
    return loaded


@pytest.fixture(params=["zip", "legacy", "safetensors"])
def specimen(request, tmp_path):
    if request.param == "legacy":
        theirs = pytest.importorskip("torch")
        file = io.BytesIO()
        content = {"w": theirs.arange(6.0), "n": [1, "a", theirs.ones(2)]}
        theirs.save(content, file, _use_new_zipfile_serialization=False)
        return file.getvalue()
    if request.param == "safetensors":
        torch.save(SPECIMEN["model"], tmp_path / "a.safetensors")
        return (tmp_path / "a.safetensors").read_bytes()
    return written(SPECIMEN)


def test_cut_off_files(specimen):
    step = max(1, len(specimen) // 300)
    cut = [survives(specimen[:end]) for end in range(0, len(specimen) - 1, step)]
    assert not any(cut)
    assert survives(specimen)


def test_flipped_bytes(specimen):
    rng = random.Random(0)
    for _ in range(400):
        raw = bytearray(specimen)
        for _ in range(rng.choice([1, 1, 1, 4])):
            raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
        survives(bytes(raw))


def test_a_flipped_bit_in_the_numbers_is_noticed():
    raw = bytearray(written(torch.zeros(64)))
    place = raw.index(bytes(256))
    raw[place + 100] ^= 1
    refused(bytes(raw), "checksum")


def test_damaged_pickles_in_sound_archives():
    with zipfile.ZipFile(io.BytesIO(written(SPECIMEN))) as sound:
        program = sound.read("archive/data.pkl")
        storages = [np.frombuffer(sound.read(f"archive/data/{i}"), np.uint8) for i in range(3)]
    rng = random.Random(1)
    codes = [ord(op.code) for op in pickletools.opcodes]
    for _ in range(1500):
        raw = bytearray(program)
        for _ in range(rng.randint(1, 6)):
            place = rng.randrange(2, len(raw))
            if rng.random() < 0.3:
                del raw[place : place + rng.randint(1, 8)]
            elif rng.random() < 0.5:
                raw[place:place] = bytes([rng.choice(codes)])
            else:
                raw[place] = rng.randrange(256)
        survives(with_pickle(bytes(raw), storages))


def test_random_programs():
    rng = random.Random(2)
    codes = bytes(ord(op.code) for op in pickletools.opcodes) + b"K\x01X(}]))tR"
    for _ in range(2000):
        raw = b"\x80\x02" + bytes(rng.choices(codes, k=rng.randint(1, 40))) + b"."
        try:
            Reader(Names(whole=True), None).read(raw)
        except LoadError:
            pass


def of_pytorch(make):
    theirs = pytest.importorskip("torch")
    file = io.BytesIO()
    theirs.save(make(theirs), file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda t: t.nn.Linear(2, 2), r"In PyTorch, torch\.save\(model\.state_dict\(\), path\)"),
        (lambda t: t.eye(2).to_sparse(), r"x\.to_dense\(\)"),
        (lambda t: t.ones(2, dtype=t.uint16), "no uint16 numbers"),
        (lambda t: t.ones(2).to(t.float8_e5m2), "no float8_e5m2 numbers"),
        (lambda t: t.ones(2, device="meta"), "meta"),
        (lambda t: {"lr": t.optim.SGD}, "GLOBAL torch.optim.sgd.SGD was not an allowed global"),
    ],
)
def test_what_pytorch_has_and_we_have_not_says_what_to_do(make, says):
    refused(of_pytorch(make), says)


def test_text_and_nothing():
    refused(b"", "Ran out of input")
    refused(b"hello, this is a text", "Invalid magic number")
    file = io.BytesIO()
    np.save(file, np.ones(2))
    refused(file.getvalue(), "np.load")
    refused(pickle.dumps([1, 2]), "none that torch.save wrote")


def test_the_file_is_named(tmp_path):
    path = tmp_path / "broken.pth"
    path.write_bytes(written(torch.ones(3))[:-30])
    with pytest.raises(RuntimeError, match=r"PytorchStreamReader failed .*(\n.*)*broken\.pth"):
        torch.load(path)


def test_a_bad_file_changes_nothing():
    net = torch.nn.Linear(2, 2)
    before = net.weight.detach().clone()
    raw = written({"weight": torch.ones(2, 2), "bias": torch.ones(2)})
    with pytest.raises(LoadError):
        net.load_state_dict(torch.load(io.BytesIO(raw[:-100])))
    assert torch.equal(net.weight, before)


@pytest.mark.parametrize("call", [os.system, subprocess.Popen, eval], ids=lambda c: c.__name__)
def test_what_runs_commands_is_blocked_even_if_somebody_allowed_it(call, tmp_path):
    raw = with_pickle(pickle.dumps(Evil(call, f"touch {tmp_path}/harmed"), 4))
    with torch.serialization.safe_globals([call]):
        said = refused(raw, "is blocked")
    assert "add_safe_globals" not in said and not list(tmp_path.iterdir())
