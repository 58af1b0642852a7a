"""The wheel holds the whole lab, and works where there is no checkout."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.house.test_top_level import files


def run(*command, **options):
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    """Build from a clean copy: a build in the checkout would leave a stale build/ behind."""
    copy, out = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("wheel")
    for path in files(root):
        place = copy / path.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    (copy / "notebooks").mkdir(exist_ok=True)
    run("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", out, copy)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The wheel's files in a folder of their own, which comes first on the path."""
    site = tmp_path_factory.mktemp("site")
    run("-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", site, wheel)
    return site


def away(installed, *command):
    """Run Python far from the checkout, with the installed wheel first on its path."""
    return run(*command, cwd=installed.parent, env={**os.environ, "PYTHONPATH": str(installed)})


def test_holds_every_file(root, wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    expected = set()
    for path in files(root):
        inside = path.relative_to(root).as_posix()
        if inside.startswith("autograd_lab/"):
            expected.add(inside)
        elif inside.startswith("widgets/") or path.parent == root / "notebooks":
            expected.add("autograd_lab/" + inside)
    assert names == expected, f"missing {expected - names}, too many {names - expected}"


def test_carries_licences(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert sum(name.endswith("licenses/LICENSE") for name in names) == 1
    assert "autograd_lab/datasets/LICENSE-scikit-learn.txt" in names


def test_tables_load(installed):
    program = ("import autograd_lab, json; from autograd_lab.datasets import load_digits; "
               "print(json.dumps([autograd_lab.__file__, len(load_digits())]))")
    where, rows = json.loads(away(installed, "-c", program))
    assert where.startswith(str(installed)) and rows == 1797


def test_widgets_carry_their_code(installed):
    program = ("import autograd_lab.widgets as widgets, json; "
               "print(json.dumps({name: len(str(getattr(widgets, name)._pack)) "
               "for name in widgets.__all__}))")
    sizes = json.loads(away(installed, "-c", program))
    assert {"GraphView", "LossCurve"} <= set(sizes) and min(sizes.values()) > 4000, sizes


def test_chapters_are_copied(root, installed, tmp_path):
    away(installed, "-m", "autograd_lab", "--copy-only", tmp_path / "chapters")
    copied = {path.name: path.read_bytes() for path in (tmp_path / "chapters").glob("*.ipynb")}
    assert copied == {path.name: path.read_bytes() for path in (root / "notebooks").glob("*.ipynb")}
    assert copied


def test_has_the_command(installed):
    assert (installed / "bin" / "autograd-lab").exists() or (
        installed / "Scripts" / "autograd-lab.exe").exists()
