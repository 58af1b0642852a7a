"""The command: its options, its errors, and a real JupyterLab at its end."""

import json
import os
import re
import subprocess
import sys
import time
from importlib import metadata
from urllib.request import urlopen

import pytest

from autograd_lab import chapters, cli


def run(*arguments, cwd):
    command = [sys.executable, "-m", "autograd_lab", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)


def test_copies_into_the_default_folder(tmp_path):
    done = run("--copy-only", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    copied = tmp_path / cli.FOLDER
    assert {path.name for path in copied.glob("*.ipynb")} == set(chapters.chapters())
    assert str(copied) in done.stdout


def test_says_what_it_did(tmp_path):
    report = chapters.Copied(["01_a.ipynb"], {"02_b.ipynb": "02_b.new.ipynb"})
    assert cli.describe(report, tmp_path) == [
        "1 chapter copied.",
        "You edited 02_b.ipynb: it stays, and the newer chapter is 02_b.new.ipynb beside it.",
        f"The chapters are in {tmp_path}",
    ]


def test_version(tmp_path):
    done = run("--version", cwd=tmp_path)
    assert done.stdout == f"autograd_lab {metadata.version('autograd_lab')}\n"


def test_help_names_every_option(tmp_path):
    text = run("--help", cwd=tmp_path).stdout
    assert all(word in text for word in ["DIR", "--no-browser", "--port", "--version"])
    assert all(f"autograd-lab {word} --help" in " ".join(text.split())
               for word in ["assign", "run", "hub"])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["colect", "x"], "Did you mean 'collect'? (For a folder of that name: ./colect)"),
        (["asign"], "Did you mean 'assign'?"),
        (["rum", "train.py"], "Did you mean 'run'?"),
        (["foo", "x"], "no command 'foo': assign, collect, export, hub, run."),
        (["mine", "--nope"], "'--nope' is not understood"),
        (["--nope"], "'--nope' is not understood"),
    ],
)
def test_a_mistyped_command_is_named_with_the_nearest(typed, sentence, tmp_path, monkeypatch,
                                                      capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(typed) == 2
    assert sentence in capsys.readouterr().err and not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["first", "./colect", "asign"])
def test_a_folder_is_no_mistyped_command(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "asign").mkdir()    # it is there already
    assert cli.main([name, "--copy-only"]) == 0
    assert (tmp_path / name / "00_start.ipynb").exists()


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_on_the_hub_does_nothing_else(option, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cli.main(["hub", option]) == 0
    assert "JupyterHub starts it" in capsys.readouterr().out and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("file", "'file' is not a folder"),
        ("file/below", "There is no folder"),
        ("no/parent", "There is no folder"),
        ("loop", "'loop' "),
        ("", "The name of the folder is empty"),
        ("x" * 300, "File name too long"),
        ("~nobody_of_that_name/x", "~nobody_of_that_name"),
    ],
)
def test_a_bad_folder_is_one_sentence(tmp_path, name, sentence):
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    done = run("--copy-only", name, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("autograd-lab: ") and sentence in done.stderr
    assert done.stderr.count("\n") == 1 and not done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "loop"]


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch, capsys):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(chapters, "_write", refuse)
    assert cli.main(["--copy-only", str(tmp_path / "locked")]) == 2
    assert capsys.readouterr().err.endswith("locked: Permission denied.\n")


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "8888.0", "²"])
def test_a_bad_port(tmp_path, text):
    done = run(f"--port={text}", cwd=tmp_path)
    assert done.returncode == 2 and "is not a port number from 1 to 65535" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.flaky(reruns=1)
def test_opens_jupyterlab_on_the_folder(tmp_path):
    command = [sys.executable, "-m", "autograd_lab", "my = chapters", "--no-browser",
               "--port", str(20_000 + os.getpid() % 20_000)]
    log = tmp_path / "log"
    settings = {f"JUPYTER_{place}_DIR": str(tmp_path) for place in ("CONFIG", "DATA", "RUNTIME")}
    with log.open("w") as output:
        lab = subprocess.Popen(command, cwd=tmp_path, stdout=output, stderr=output,
                               env={**os.environ, **settings})
    try:
        server, token = _address(lab, log)
        with urlopen(f"{server}api/contents?token={token}", timeout=20) as answer:
            names = {entry["name"] for entry in json.load(answer)["content"]}
        assert names == set(chapters.chapters())
        with urlopen(f"{server}lab?token={token}", timeout=20) as answer:
            page = answer.read().decode()
        page = re.sub(r"\s", "", page)     # no pop-up about news, no look for updates
        assert re.search(r'"disabledExtensions":\["@jupyterlab/apputils-extension:announ', page)
    finally:
        lab.terminate()
        lab.wait(timeout=20)


def _address(lab, log):
    """Wait for the line that JupyterLab prints with its address and token."""
    for _ in range(900):
        found = re.search(r"(http://(?:127\.0\.0\.1|localhost):\d+/)lab[^?\s]*\?token=(\w+)",
                          log.read_text())
        if found:
            return found.groups()
        assert lab.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def test_copied_chapters_are_trusted(tmp_path, monkeypatch):
    """JupyterLab shows a stranger's notebook without its pictures: ours is signed."""
    import nbformat
    from nbformat.sign import NotebookNotary

    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    assert cli.main([str(tmp_path / "chapters"), "--copy-only"]) == 0
    chapters = sorted((tmp_path / "chapters").glob("*.ipynb"))
    assert chapters
    notary = NotebookNotary(data_dir=str(tmp_path / "data"))
    for chapter in chapters:
        notebook = nbformat.read(chapter, as_version=4)
        assert notary.check_signature(notebook)
        notebook.cells.append(nbformat.v4.new_code_cell("print(1)", outputs=[
            nbformat.v4.new_output("stream", text="1")]))
        assert not notary.check_signature(notebook)
