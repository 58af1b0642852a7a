"""What mybinder.org would do with this repository, without building anything."""

import os
import re
import subprocess
import sys

import pytest


def pip(*arguments):
    return subprocess.run([sys.executable, "-m", "pip", *map(str, arguments)],
                          capture_output=True, text=True, timeout=500)


@pytest.fixture(scope="module")
def dockerfile(root, tmp_path_factory):
    """The steps that repo2docker would take; it is installed in a folder of its own."""
    folder = tmp_path_factory.mktemp("repo2docker")
    done = pip("install", "-q", "--target", folder, "jupyter-repo2docker")
    if done.returncode:
        pytest.skip(f"repo2docker cannot be had: {done.stderr.strip()[-300:]}")
    done = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "--user-id", "1000",
         "--user-name", "jovyan", "."],
        cwd=root, env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, text=True,
        timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


@pytest.mark.slow
def test_it_takes_our_files(root, dockerfile):
    python = (root / "binder/runtime.txt").read_text().strip().removeprefix("python-")
    assert f"Building conda environment for python={python}\n" in dockerfile
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in dockerfile
    assert dockerfile.index("COPY --chown=1000:1000 src/ ") < dockerfile.index("./binder/postBuild")


@pytest.mark.slow
def test_the_pinned_versions_can_be_installed_together(root, tmp_path):
    """For the Python of runtime.txt, on Linux; and pip finds nothing that they lack."""
    python = (root / "binder/runtime.txt").read_text().strip().removeprefix("python-")
    done = pip("install", "--dry-run", "--ignore-installed", "--only-binary=:all:",
               "--python-version", python, "--target", tmp_path,
               "-r", root / "binder/requirements.txt")
    assert done.returncode == 0, done.stderr[-2000:]
    would = re.search(r"^Would install (.*)$", done.stdout, re.M)[1].lower().replace("_", "-")
    for line in (root / "binder/requirements.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            assert line.strip().replace("==", "-") in would.split()


def test_the_link_of_the_readme_opens_the_first_chapter(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    (place,) = set(re.findall(r"mybinder\.org/v2/gh/\S*urlpath=lab/tree/([\w/.]+ipynb)", text))
    assert (root / place).is_file() and place.endswith("00_start.ipynb")
