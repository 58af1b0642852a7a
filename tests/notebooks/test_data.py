"""Chapters 4 and 5 on data that does not travel with them: used where it is, told where it is not.

The cells of the chapters run here, one after the other, on small files in the published formats.
"""

import gzip
import hashlib
import io
import struct
import tarfile

import numpy as np
import pytest

from autograd_lab.text.datasets import udpos
from autograd_lab.vision.datasets import CIFAR10
from tests.notebooks.chapter import Chapter

TREE = """\
1\tThe\tthe\tDET\tDT\t_\t2\tdet\t_\t_
2\t{0}\t{0}\tNOUN\tNN\t_\t3\tnsubj\t_\t_
3\t{1}\t{1}\tVERB\tVBZ\t_\t0\troot\t_\t_
4\tAnna\tAnna\tPROPN\tNNP\t_\t3\tobj\t_\t_

"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache with nothing in it, and no way to the internet."""
    monkeypatch.setenv("AUTOGRAD_LAB_DATA", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    return tmp_path


def drawn(count, *shape):
    """Pictures of ten kinds of things, as bright as their kind."""
    kinds = np.arange(count, dtype=np.uint8) % 10
    noise = np.random.default_rng(0).integers(0, 20, (count, *shape), dtype=np.uint8)
    return kinds, noise + 20 * kinds.reshape(-1, *(1 for _ in shape))


def put_mnist(cache):
    raw = cache / "MNIST/raw"
    raw.mkdir(parents=True)
    for part, count in ("train", 60), ("t10k", 30):
        kinds, pictures = drawn(count, 28, 28)
        for name, array in (f"{part}-images-idx3", pictures), (f"{part}-labels-idx1", kinds):
            head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
            (raw / f"{name}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes()))


def put_cifar(cache, monkeypatch):
    """Lay the archive there, as somebody without internet would."""
    parts = {name: drawn(20, 3, 32, 32) for name in [*CIFAR10.train_list, *CIFAR10.test_list]}
    files = {name: np.c_[kinds, pictures.reshape(20, -1)].tobytes()
             for name, (kinds, pictures) in parts.items()}  # fmt: skip
    files[CIFAR10.names] = "\n".join(f"kind{n}" for n in range(10)).encode()
    with tarfile.open(cache / CIFAR10.filename, "w:gz") as packed:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{CIFAR10.base_folder}/{name}")
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    md5 = hashlib.md5((cache / CIFAR10.filename).read_bytes()).hexdigest()
    monkeypatch.setattr(CIFAR10, "checksum", f"md5:{md5}")


def put_trees(cache, monkeypatch):
    words = [("dog", "sees"), ("cat", "likes"), ("dog", "likes"), ("bird", "sees")] * 10
    text = "".join(TREE.format(*pair) for pair in words)
    checksum = hashlib.sha256(text.encode()).hexdigest()
    files = {split: (name, checksum) for split, (name, _) in udpos.FILES.items()}
    monkeypatch.setattr(udpos, "FILES", files)
    (cache / "UD_English-EWT").mkdir()
    for name, _ in files.values():
        (cache / "UD_English-EWT" / name).write_text(text, encoding="utf-8", newline="")


def run(chapter, names, *pieces):
    """Run the cells that hold these pieces of code."""
    for piece in pieces:
        exec(compile(chapter.cell(piece).source, piece, "exec"), names)


def load(name):
    """Run the part of chapter 4 that loads a set, and give what it then knows."""
    chapter, names = Chapter("04"), {"learned": lambda model: 0}
    run(chapter, names, "import train_model", "def block(")
    source = chapter.cell("def load(").source
    assert source.count('wanted = "Digits"  ') == 1     # what the learner is told to change
    source = source.replace('"Digits"  ', repr(name), 1)
    exec(compile(source, "load", "exec"), names)
    return names


def tagger():
    """Run the part of chapter 5 on real English."""
    chapter = Chapter("05")
    names = {"specials": ["<pad>", "<unk>"], "accuracy": lambda guess: 0.0, "device": "cpu"}
    run(chapter, names, "PAINT = ", "import Names", "def lower(", "import Counter, defaultdict",
        "import build_vocab", "import collate_padded", "class Tagger", "import UDPOS",
        "def real_english")  # fmt: skip


@pytest.mark.parametrize(("name", "said"), [
    ("MNIST", "MNIST on cpu: 60 to learn from, 30 new ones, (1, 32, 32) each"),
    ("CIFAR10", "CIFAR10 on cpu: 100 to learn from, 20 new ones, (3, 36, 36) each"),
])
def test_chapter_4_runs_on_what_is_in_the_cache(cache, monkeypatch, capsys, name, said):
    put_mnist(cache)
    put_cifar(cache, monkeypatch)
    run(Chapter("04"), load(name), "centres = ", "confused[true")
    lines = capsys.readouterr().out.splitlines()
    assert said in lines
    assert lines[-1].startswith(f"{name}: class means 1.00, network ")


@pytest.mark.parametrize(("name", "file", "folder"), [
    ("MNIST", "train-images-idx3-ubyte.gz", "MNIST/raw"), ("CIFAR10", CIFAR10.filename, ""),
])
def test_chapter_4_runs_without_internet(cache, capsys, name, file, folder):
    load(name)
    lines = capsys.readouterr().out.splitlines()
    (why,) = (line for line in lines if line.startswith(f"This runs on Digits, not on {name}: "))
    assert f"With internet it is fetched once; without, put {file} into {cache / folder}" in why
    assert lines[-1] == "Digits on cpu: 1,437 to learn from, 360 new ones, (1, 12, 12) each"


def test_chapter_5_runs_on_what_is_in_the_cache(cache, monkeypatch, capsys):
    put_trees(cache, monkeypatch)
    tagger()
    said = capsys.readouterr().out
    assert "This ran on UDPOS train(40 sentences, 160 words)" in said
    assert "the word's usual tag   right tags 1.000   F1 of names 1.00" in said
    assert said.count("LSTM, epoch ") == 3


def test_chapter_5_runs_without_internet(cache, capsys):
    tagger()
    (why,) = (line for line in capsys.readouterr().out.splitlines() if "is not here" in line)
    assert why.startswith("UD English-EWT is not here, so the rest of this section does nothing: ")
    assert f"put en_ewt-ud-train.conllu into {cache / 'UD_English-EWT'}" in why
    assert not [*cache.iterdir()]       # nothing came, and no empty folder is left


def test_chapter_5_tells_of_a_file_that_was_changed(cache, monkeypatch, capsys):
    put_trees(cache, monkeypatch)
    (cache / "UD_English-EWT" / udpos.FILES["train"][0]).write_text("nothing\n")
    tagger()
    said = capsys.readouterr().out
    assert "is not here" in said and "Delete it, and it will be fetched again" in said
