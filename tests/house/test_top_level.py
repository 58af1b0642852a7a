"""The top level holds what the README's map names, and nothing else."""

import os
import subprocess
from fnmatch import fnmatch

ALLOWED = {
    "pyproject.toml", "README.md", "LICENSE", ".gitignore", ".ci", ".github",
    "autograd_lab", "widgets", "notebooks", "tests", "binder",
}


def files(root):
    """What is in the repository or would be added to it."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
        names = listing.stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        names = _without_git(root)
    return [root / name for name in names if name and (root / name).exists()]


def _without_git(root):
    """The same for a checkout that was downloaded as an archive."""
    ignored = [line.strip("/") for line in (root / ".gitignore").read_text().split()]
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if not any(fnmatch(name, p) for p in ignored)]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), root)


def test_an_archive_has_the_same_files(root):
    assert {path for path in files(root) if ".git" not in path.parts} == {
        root / name for name in _without_git(root) if not name.startswith(".git" + os.sep)}


def test_only_the_known_entries(root):
    found = {path.relative_to(root).parts[0] for path in files(root)}
    assert found <= ALLOWED, found - ALLOWED
    assert found >= ALLOWED - {"notebooks"}, ALLOWED - found


def test_no_file_is_huge(root):
    assert not [path for path in files(root) if path.stat().st_size > 3_000_000]


def test_scripts_can_be_run(root):
    for name in [".ci/run", "binder/postBuild"]:
        assert (root / name).stat().st_mode & 0o111, f"{name} is not executable"
        assert "set -euo pipefail" in (root / name).read_text()
