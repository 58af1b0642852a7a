"""Data sets of pictures, read from small files made here in the published formats."""

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
import tracemalloc

import numpy as np
import pytest
from PIL import Image

import autograd_lab as torch
from autograd_lab.datasets import cache
from autograd_lab.utils.data import DataLoader
from autograd_lab.vision import datasets, transforms
from autograd_lab.vision.datasets.mnist import read_idx
from autograd_lab.vision.transforms import v2
from autograd_lab.vision.transforms.many import for_many


def idx(array):
    kinds = {"uint8": 8, "int32": 12, "float32": 13}
    head = struct.pack(">HBB", 0, kinds[array.dtype.name], array.ndim)
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return head + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture
def mnist(tmp_path):
    """Lay a set of 6 + 4 pictures out as the published files lie."""
    raw, random = tmp_path / "MNIST" / "raw", np.random.default_rng(0)
    raw.mkdir(parents=True)
    for part, count in [("train", 6), ("t10k", 4)]:
        pictures = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = np.arange(count, dtype=np.uint8)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(idx(pictures))
        packed = gzip.compress(idx(labels))
        (raw / f"{part}-labels-idx1-ubyte.gz").write_bytes(packed)
    return tmp_path


def test_mnist(mnist):
    train = datasets.MNIST(mnist, transform=transforms.ToTensor())
    test = datasets.MNIST(str(mnist), train=False, target_transform=lambda digit: digit + 100)
    assert (len(train), len(test)) == (6, 4) and train.data.shape == (6, 28, 28)
    picture, digit = train[5]
    assert picture.shape == (1, 28, 28) and digit == 5 and type(digit) is int
    assert torch.equal((picture[0] * 255).round().byte(), train.data[5])
    assert test[1][1] == 101 and test[1][0].size == (28, 28) and test[1][0].mode == "L"
    (batch, digits), *_ = DataLoader(train, batch_size=4)
    assert batch.shape == (4, 1, 28, 28) and digits.dtype is torch.int64
    assert train.class_to_idx["3 - three"] == 3
    assert train.train_data is train.data and train.test_labels is train.targets
    assert repr(train) == (
        f"Dataset MNIST\n    Number of datapoints: 6\n    Root location: {mnist}\n"
        "    Split: Train\n    Transform: ToTensor()"
    )


MANY = [
    transforms.ToTensor(), transforms.PILToTensor(),
    transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.13,), (0.31,))]),
    v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5], [0.5])]),
]  # fmt: skip


@pytest.mark.parametrize("transform", MANY, ids=repr)
@pytest.mark.parametrize("kind", ["MNIST", "CIFAR10", "Digits"])
def test_many_at_once_are_the_same_as_one_by_one(request, kind, transform):
    make = {
        "MNIST": lambda: datasets.MNIST(request.getfixturevalue("mnist")),
        "CIFAR10": lambda: datasets.CIFAR10(request.getfixturevalue("cifar")[0], download=True),
        "Digits": datasets.Digits,
    }
    found = make[kind]()
    found.transform, found.target_transform = transform, lambda target: target * 2
    assert for_many(transform) is not None
    places = [3, 0, 5, 3]
    for (one, kind), (other, wanted) in zip(
        found.__getitems__(places), [found[i] for i in places], strict=True
    ):
        assert torch.equal(one, other) and one.dtype is other.dtype
        assert kind == wanted and type(kind) is type(wanted) is int


@pytest.mark.parametrize("transform", [
    None, transforms.Compose([]), transforms.RandomCrop(20), transforms.ToTensor().__call__,
    transforms.Compose([transforms.ToTensor(), transforms.RandomHorizontalFlip()]),
    type("Mine", (transforms.ToTensor,), {})(),
], ids=repr)  # fmt: skip
def test_all_others_are_changed_one_by_one(mnist, transform):
    assert for_many(transform) is None
    found = datasets.MNIST(mnist, transform=transform)
    assert [digit for _, digit in found.__getitems__([1, 4])] == [1, 4]


def test_one_s_own_getitem_and_collate_are_heard(mnist):
    class Mine(datasets.MNIST):
        raw_folder = str(mnist / "MNIST" / "raw")

        def __getitem__(self, index):
            return index

    assert next(iter(DataLoader(Mine(mnist), batch_size=3))).tolist() == [0, 1, 2]
    plain = datasets.MNIST(mnist, transform=transforms.ToTensor())
    batch = next(iter(DataLoader(plain, batch_size=2, collate_fn=lambda rows: rows)))
    assert type(batch) is list and [digit for _, digit in batch] == [0, 1]


def test_a_set_that_is_not_there(tmp_path):
    with pytest.raises(RuntimeError, match="You can use download=True to download it"):
        datasets.MNIST(tmp_path)
    said = r"Dataset not found or corrupted\. You can use download=True.*: data_batch_1\.bin, "
    with pytest.raises(RuntimeError, match=said):
        datasets.CIFAR10(tmp_path)


def test_offline_says_what_to_do(tmp_path, monkeypatch):
    import pooch

    def no_network(*_, **__):
        raise OSError("no route")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", no_network)
    with pytest.raises(ConnectionError, match=r"train-images-idx3-ubyte.*Digits") as caught:
        datasets.MNIST(tmp_path, download=True)
    assert str(tmp_path) in str(caught.value)
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]  # nothing half-written


@pytest.mark.parametrize("damage", [
    lambda data: data[:100], lambda data: b"\x01" + data[1:], lambda data: data + b"x",
    lambda data: b"",
])  # fmt: skip
def test_a_damaged_file_is_named(mnist, damage):
    file = mnist / "MNIST" / "raw" / "train-images-idx3-ubyte"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte.*You can use download=True"):
        datasets.MNIST(mnist)


@pytest.mark.parametrize("damage", [
    lambda data: data[:20], lambda data: b"x" + data[1:], lambda data: data[:12] + b"\xff" * 20,
    lambda data: data[:-8] + b"12345678", lambda data: b"",
])  # fmt: skip
def test_a_damaged_packed_file_is_named(mnist, damage):
    file = mnist / "MNIST" / "raw" / "train-labels-idx1-ubyte.gz"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=r"train-labels-idx1-ubyte\.gz.*You can use download=True"):
        datasets.MNIST(mnist)


@pytest.mark.parametrize("kind", ["uint8", "int32", "float32"])
def test_idx_of_every_kind(tmp_path, kind):
    array = np.arange(24).reshape(2, 3, 4).astype(kind)
    (tmp_path / "some-idx").write_bytes(idx(array))
    read = read_idx(tmp_path / "some-idx")
    assert read.dtype == array.dtype and np.array_equal(read, array)


def test_a_packed_file_is_unpacked_only_as_far_as_its_header_says(tmp_path):
    file = tmp_path / "some-idx.gz"
    file.write_bytes(gzip.compress(idx(np.zeros((2, 3), np.uint8)) + bytes(100_000_000)))
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"some-idx\.gz should hold \(2, 3\) numbers.*holds more"):
        read_idx(file)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 3_000_000


@pytest.mark.parametrize("name", ["some-idx", "some-idx.gz"])
def test_a_header_that_claims_too_much_is_refused(tmp_path, name):
    data = struct.pack(">HBB4I", 0, 8, 4, *[2**32 - 1] * 4) + b"abc"
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    with pytest.raises(ValueError, match="holds 3"):
        read_idx(tmp_path / name)


def test_digits_need_no_file():
    train, test = datasets.Digits(), datasets.Digits(train=False)
    assert (len(train), len(test)) == (1437, 360)
    assert train.data.shape == (1437, 8, 8) and train.data.max() == 255
    assert sorted(set(train.targets.tolist())) == list(range(10))


def test_fake_data_repeats_itself():
    noise = datasets.FakeData(5, (3, 4, 6), 7, transforms.ToTensor())
    assert noise[2][0].shape == (3, 4, 6) and torch.equal(noise[2][0], noise[2][0])
    assert not torch.equal(noise[2][0], noise[3][0])
    assert len([*noise]) == 5  # iteration ends by IndexError


@pytest.fixture
def folders(tmp_path):
    for kind, count in [("cat", 3), ("dog", 2)]:
        (tmp_path / kind / "more").mkdir(parents=True)
        for n in range(count):
            place = tmp_path / kind / ("more" if n == 2 else "") / f"{n}.png"
            Image.new("RGB", (6, 4), (n, 10, 20)).save(place)
    (tmp_path / "cat" / "notes.txt").write_text("no picture")
    return tmp_path


def test_image_folder(folders):
    found = datasets.ImageFolder(folders, transforms.PILToTensor())
    assert found.classes == ["cat", "dog"] and found.targets == [0, 0, 0, 1, 1]
    assert [picture[0, 0, 0].item() for picture, _ in found] == [0, 1, 2, 0, 1]
    (folders / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="valid file for the classes empty"):
        datasets.ImageFolder(folders)
    assert len(datasets.ImageFolder(folders, allow_empty=True)) == 5
    with pytest.raises(FileNotFoundError, match="class folder"):
        datasets.ImageFolder(folders / "empty")


@pytest.fixture
def cifar(tmp_path, monkeypatch):
    """Pack a set of 2 pictures a batch as the binary form is published."""
    random, packed = np.random.default_rng(1), io.BytesIO()
    rows = random.integers(0, 10, (2, 3073), dtype=np.uint8)
    files = {name: rows.tobytes() for name in [*datasets.CIFAR10.train_list, "test_batch.bin"]}
    files["batches.meta.txt"] = b"airplane\nautomobile\nbird\n\n"
    files["../outside.txt"] = b"must not be written"
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    (tmp_path / datasets.CIFAR10.filename).write_bytes(packed.getvalue())
    checksum = "md5:" + hashlib.md5(packed.getvalue()).hexdigest()
    monkeypatch.setattr(datasets.CIFAR10, "checksum", checksum)
    return tmp_path, rows


def test_cifar(cifar):
    root, rows = cifar
    train = datasets.CIFAR10(root, download=True, transform=transforms.PILToTensor())
    assert len(train) == 10 and train.data.shape == (10, 32, 32, 3)
    picture, kind = train[1]
    assert picture.numpy().ravel().tolist() == rows[1, 1:].tolist() and kind == rows[1, 0]
    assert len(datasets.CIFAR10(root, train=False)) == 2 and train.classes[2] == "bird"
    assert not list(root.rglob("outside.txt"))


@pytest.mark.parametrize("damage", [
    lambda data: data[:-3073], lambda data: data[:100], lambda data: b"\xff" + data[1:],
    lambda data: b"",
])  # fmt: skip
def test_damaged_cifar_is_unpacked_anew(cifar, damage):
    root, rows = cifar
    datasets.CIFAR10(root, download=True)
    file = root / "cifar-10-batches-bin" / "data_batch_2.bin"
    file.write_bytes(damage(rows.tobytes()))
    with pytest.raises(RuntimeError, match=r"not found or corrupted.*: data_batch_2\.bin in"):
        datasets.CIFAR10(root)
    assert len(datasets.CIFAR10(root, download=True)) == 10
    assert file.read_bytes() == rows.tobytes()


@pytest.mark.parametrize("noted", [
    b"", b"one\n\nthree words here\n", b"\xff\xfe", b"nosuch:abc  data_batch_1.bin\n",
    b"abc  data_batch_1.bin\n", b"md5:" + b"a" * 32 + b"  data_batch_1.bin\n",
    b"\xff" * 32 + b"  data_batch_1.bin\n",
])  # fmt: skip
def test_what_is_not_noted_of_cifar_is_not_compared(cifar, noted):
    root, _ = cifar
    datasets.CIFAR10(root, download=True)
    (root / "cifar-10-batches-bin" / "MD5SUMS").write_bytes(noted)
    assert len(datasets.CIFAR10(root)) == 10


@pytest.mark.parametrize("name", ["data_batch_2.bin", "batches.meta.txt"])
def test_cifar_of_ones_own_is_refused_where_a_file_is_empty_and_not_replaced(cifar, name):
    root, rows = cifar
    datasets.CIFAR10(root, download=True)
    folder = root / "cifar-10-batches-bin"
    (folder / "MD5SUMS").unlink()
    own = rows[::-1].tobytes() * 2
    (folder / "data_batch_1.bin").write_bytes(own)
    (folder / name).write_bytes(b"")
    with pytest.raises(RuntimeError, match=f"not found or corrupted.*: {name} in"):
        datasets.CIFAR10(root)
    found = datasets.CIFAR10(root, download=True)
    assert len(found) == 12 and found.classes == ["airplane", "automobile", "bird"]
    assert (folder / "data_batch_1.bin").read_bytes() == own
    assert (folder / f"{name}.damaged1").read_bytes() == b""
    assert (folder / "MD5SUMS").read_text().split()[1:] == [name]  # one's own is not noted


@pytest.mark.parametrize("download", [False, True])
def test_names_of_classes_that_are_not_utf_8_are_named_and_left_alone(cifar, download):
    root, _ = cifar
    datasets.CIFAR10(root, download=True)
    names = root / "cifar-10-batches-bin" / "batches.meta.txt"
    names.with_name("MD5SUMS").unlink()
    names.write_bytes("chat\nchien\nétoile\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"batches\.meta\.txt is not UTF-8.*Save it as") as caught:
        datasets.CIFAR10(root, download=download)
    assert type(caught.value) is ValueError and "étoile".encode("latin-1") in names.read_bytes()


def test_what_is_noted_of_cifar_is_compared_after_one_file_was_unpacked_anew(cifar):
    root, _ = cifar
    datasets.CIFAR10(root, download=True)
    folder = root / "cifar-10-batches-bin"
    noted = sorted((folder / "MD5SUMS").read_text().splitlines())
    (folder / "data_batch_1.bin").unlink()
    datasets.CIFAR10(root, download=True)
    assert sorted((folder / "MD5SUMS").read_text().splitlines()) == noted and len(noted) == 7


def test_what_was_unpacked_before_an_interruption_is_noted(cifar, monkeypatch):
    root, _ = cifar
    folder, write = root / "cifar-10-batches-bin", datasets.CIFAR10._write

    def interrupted(self, name, data):
        if name == "data_batch_3.bin":
            raise KeyboardInterrupt
        write(self, name, data)

    with monkeypatch.context() as patched:
        patched.setattr(datasets.CIFAR10, "_write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            datasets.CIFAR10(root, download=True)
    assert not (folder / "data_batch_3.bin").exists()
    assert len(datasets.CIFAR10(root, download=True)) == 10
    assert len((folder / "MD5SUMS").read_text().splitlines()) == 7


PICTURES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.fixture(params=["MNIST", "FashionMNIST"])
def published(request, mnist, monkeypatch):
    """Give a set that is published as it lies here, its folder, and the list of what is fetched."""
    kind, fetched = getattr(datasets, request.param), []
    raw = (mnist / "MNIST").rename(mnist / "was").rename(mnist / kind.__name__) / "raw"
    there = {}
    for file in raw.iterdir():
        data = file.read_bytes()
        plain = gzip.decompress(data) if file.suffix == ".gz" else data
        there[file.name.removesuffix(".gz")] = plain, gzip.compress(plain, mtime=0)

    def download(url, target, checksum, packed):
        fetched.append(target.name.removesuffix(".gz"))
        target.write_bytes(there[fetched[-1]][target.suffix == ".gz"])

    sums = {name: [f"md5:{hashlib.md5(each).hexdigest()}" for each in both]
            for name, both in there.items()}  # fmt: skip
    monkeypatch.setattr(kind, "files", sums)
    monkeypatch.setattr(cache, "_download", download)
    return kind, raw, fetched


@pytest.mark.parametrize("name", [PICTURES, LABELS + ".gz", LABELS])
def test_only_a_damaged_file_is_fetched_anew_and_it_is_kept(published, name):
    kind, raw, fetched = published
    whole, part = kind(raw.parents[1]), name.removesuffix(".gz")
    for damage in (b"mine", b"mine too"):
        for each in (part, f"{part}.gz"):
            (raw / each).unlink(missing_ok=True)
        (raw / name).write_bytes(damage)
        found = kind(raw.parents[1], download=True)
        assert torch.equal(found.data, whole.data) and torch.equal(found.targets, whole.targets)
        assert len(kind(raw.parents[1], download=True)) == 6  # for good
    assert fetched == [part] * 2
    assert (raw / f"{name}.damaged1").read_bytes() == b"mine"
    assert (raw / f"{name}.damaged2").read_bytes() == b"mine too"


def test_a_packed_file_of_ones_own_beside_a_damaged_one_is_read(published):
    kind, raw, fetched = published
    own = np.array([3, 1, 4, 1, 5, 9], np.uint8)
    (raw / f"{LABELS}.gz").write_bytes(gzip.compress(idx(own)))
    (raw / LABELS).write_bytes(b"no labels")
    assert kind(raw.parents[1], download=True).targets.tolist() == own.tolist() and not fetched
    (raw / f"{LABELS}.gz").write_bytes(b"no labels either")
    (raw / LABELS).write_bytes(b"nor here")
    assert kind(raw.parents[1], download=True).targets.tolist() == [0, 1, 2, 3, 4, 5]
    assert fetched == [LABELS] and len([*raw.glob("*.damaged*")]) == 3


def test_a_damaged_file_stays_where_nothing_comes_in_its_place(published, monkeypatch):
    kind, raw, _ = published
    (raw / PICTURES).write_bytes(b"mine")

    def no_network(*_):
        raise OSError("no route")

    monkeypatch.setattr(cache, "_download", no_network)
    with pytest.raises(ConnectionError, match=PICTURES) as caught:
        kind(raw.parents[1], download=True)
    assert "is not an idx file" in str(caught.value.__context__)
    assert (raw / PICTURES).read_bytes() == b"mine" and not [*raw.glob("*.damaged*")]


@pytest.mark.parametrize("download", [False, True])
def test_files_of_two_sets_are_named_and_left_alone(published, download):
    kind, raw, fetched = published
    (raw / LABELS).write_bytes(idx(np.arange(5, dtype=np.uint8)))
    before = {file: file.read_bytes() for file in raw.iterdir()}
    with pytest.raises(ValueError, match=r"6 pictures but 5 labels in .*raw.*Put one that fits"):
        kind(raw.parents[1], download=download)
    assert before == {file: file.read_bytes() for file in raw.iterdir()} and not fetched


@pytest.mark.parametrize("download", [False, True])
@pytest.mark.parametrize(("name", "shape"), [
    (PICTURES, ()), (PICTURES, (6, 784)), (LABELS, ()), (LABELS, (6, 10)),
])  # fmt: skip
def test_a_file_of_another_rank_is_named_and_left_alone(published, name, shape, download):
    kind, raw, fetched = published
    data = idx(np.zeros(shape, np.uint8))
    (raw / name).write_bytes(data)
    wanted = 3 if name == PICTURES else 1
    said = f"{name} should have {wanted} dimensions, not {len(shape)}. Put one that fits"
    with pytest.raises(ValueError, match=said):
        kind(raw.parents[1], download=download)
    assert (raw / name).read_bytes() == data and not fetched


def test_pictures_of_ones_own_and_published_labels_that_do_not_fit(published):
    kind, raw, fetched = published
    own = idx(np.zeros((7, 28, 28), np.uint8))
    (raw / PICTURES).write_bytes(own)
    (raw / LABELS).write_bytes(b"damaged")
    (raw / f"{LABELS}.gz").unlink()
    with pytest.raises(ValueError, match="7 pictures but 6 labels"):
        kind(raw.parents[1], download=True)
    assert (raw / PICTURES).read_bytes() == own and fetched == [LABELS]


def test_a_set_of_ones_own_is_not_fetched_anew(mnist, monkeypatch):
    monkeypatch.setattr(cache, "_download", None)
    assert len(datasets.MNIST(mnist, download=True)) == 6  # not what was published, but whole


def test_no_data_set_unpickles(cifar, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a data set was unpickled")

    monkeypatch.setattr(pickle, "load", refuse)
    monkeypatch.setattr(pickle, "loads", refuse)
    datasets.CIFAR10(cifar[0], download=True)
