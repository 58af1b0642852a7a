"""The cache: fetched whole and checked, or not there; a clear sentence without internet."""

import gzip
import hashlib
import os
import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from autograd_lab.datasets import cache

TEXT = b"one two three\n"
SUM = "sha256:" + hashlib.sha256(TEXT).hexdigest()
PACKED = gzip.compress(TEXT, mtime=0)
PACKED_SUM = "md5:" + hashlib.md5(PACKED).hexdigest()


class Quiet(SimpleHTTPRequestHandler):
    """A server of files that counts what it is asked for."""

    asked: list = []

    def do_GET(self):
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, format, *args):
        """Say nothing."""


@pytest.fixture
def server(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "words.txt").write_bytes(TEXT)
    (tmp_path / "there" / "words.txt.gz").write_bytes(PACKED)
    (tmp_path / "there" / "broken.gz").write_bytes(PACKED[:-6])
    Quiet.asked = []
    running = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "there"))
    )
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRAD_LAB_DATA", str(tmp_path / "kept"))
    return tmp_path / "kept"


def files(root):
    """List all files below a folder."""
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


def test_a_file_is_fetched_once(server, root):
    for _ in range(2):
        file = cache.fetch("set/words.txt", [f"{server}/words.txt"], SUM)
        assert file == root / "set" / "words.txt" and file.read_bytes() == TEXT
    assert Quiet.asked == ["/words.txt"]
    assert files(root) == ["set/words.txt"]


def test_a_packed_file_is_unpacked(server, root):
    file = cache.fetch("set/words.txt", [f"{server}/words.txt.gz"], SUM, PACKED_SUM)
    assert file.read_bytes() == TEXT
    assert files(root) == ["set/words.txt"]


def test_the_next_address_is_tried(server, root):
    urls = [f"{server}/absent", f"{server}/words.txt"]
    assert cache.fetch("words.txt", urls, SUM).read_bytes() == TEXT
    assert Quiet.asked == ["/absent", "/words.txt"]


@pytest.mark.parametrize(("name", "checksum", "packed", "said"), [
    ("words.txt", "md5:" + "0" * 32, "", "the file that came has another checksum"),
    ("words.txt.gz", "md5:" + "0" * 32, PACKED_SUM, "the unpacked file has another checksum"),
    ("absent", SUM, "", "answered 404"),
    ("broken.gz", SUM, "md5:" + hashlib.md5(PACKED[:-6]).hexdigest(), "Compressed file ended"),
])  # fmt: skip
def test_what_is_wrong_is_not_kept(server, root, name, checksum, packed, said):
    with pytest.raises(ConnectionError, match=said):
        cache.fetch("set/words.txt", [f"{server}/{name}"], checksum, packed)
    assert files(root) == []


def test_without_internet_one_sentence_says_what_to_do(root):
    with pytest.raises(ConnectionError) as error:
        cache.fetch("set/words.txt", ["http://127.0.0.1:9/a/words.txt.gz"], SUM, PACKED_SUM,
                    instead="load_digits() needs no internet")  # fmt: skip
    assert str(error.value) == (
        "words.txt is not here, and could not be fetched (127.0.0.1:9: no connection). With "
        f"internet it is fetched once; without, put words.txt.gz into {root / 'set'}. "
        "load_digits() needs no internet"
    )
    assert files(root) == []


def test_a_file_put_there_by_hand_is_taken(root):
    (root / "set").mkdir(parents=True)
    (root / "set" / "words.txt.gz").write_bytes(PACKED)
    nowhere = ["http://127.0.0.1:9/a/words.txt.gz"]
    assert cache.fetch("set/words.txt", nowhere, SUM, PACKED_SUM).read_bytes() == TEXT
    (root / "set" / "words.txt.gz").unlink()
    assert cache.fetch("set/words.txt", nowhere, SUM, PACKED_SUM).read_bytes() == TEXT


def test_a_file_that_was_changed_is_not_used(root):
    root.mkdir()
    (root / "words.txt").write_bytes(TEXT + b"more")
    with pytest.raises(RuntimeError, match="is not the file that was published"):
        cache.fetch("words.txt", [], SUM)
    assert (root / "words.txt").exists()  # it may be the learner's own


def test_another_folder_may_be_named(server, root, tmp_path):
    cache.fetch("words.txt", [f"{server}/words.txt"], SUM, root=tmp_path / "mine")
    assert files(tmp_path / "mine") == ["words.txt"] and not root.exists()


@pytest.mark.parametrize("path", [
    "../words.txt", "/etc/words.txt", "set/../../words.txt", "..", "", "C:/words.txt", "a\\..\\b",
])  # fmt: skip
def test_no_path_leads_out_of_the_folder(root, path):
    with pytest.raises(ValueError, match=re.escape(f"{path!r} leads out of its folder")):
        cache.fetch(path, ["http://127.0.0.1:9/words.txt"], SUM)


def test_no_link_leads_out_of_the_folder(root, tmp_path):
    root.mkdir()
    os.symlink(tmp_path, root / "set")
    with pytest.raises(ValueError, match="leads out of its folder"):
        cache.fetch("set/words.txt", [], SUM)


def test_the_folder_of_the_platform(monkeypatch):
    monkeypatch.delenv("AUTOGRAD_LAB_DATA", raising=False)
    assert cache.cache_folder().name == "autograd_lab"
    monkeypatch.setenv("AUTOGRAD_LAB_DATA", "~/lab")
    assert cache.cache_folder().parts[0] != "~"
