"""The top level holds what the README's map names, and nothing else."""

import subprocess

ALLOWED = {
    "pyproject.toml", "README.md", "LICENSE", ".gitignore", ".ci", ".github",
    "autograd_lab", "widgets", "notebooks", "tests", "binder",
}


def files(root):
    """What is in the repository or would be added to it."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, check=True, capture_output=True, text=True,
    )
    return [root / name for name in listing.stdout.split("\0") if name and (root / name).exists()]


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
