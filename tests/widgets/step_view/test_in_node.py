"""The page's own tests: ``node --test`` on the modules as they are."""

import shutil
import subprocess

import pytest


def test_the_javascript_tests_pass(root, tmp_path):
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed")
    for folder in ("widgets", "tests/widgets/step_view"):
        left_out = shutil.ignore_patterns("*.py", "__*")
        shutil.copytree(root / folder, tmp_path / folder, ignore=left_out)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    script = tmp_path / "tests/widgets/step_view/deck.test.mjs"
    done = subprocess.run([program, "--test", script], text=True, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "# fail 0" in done.stdout
    assert "# tests 0" not in done.stdout
