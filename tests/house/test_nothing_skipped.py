"""CI=true turns every skip into a failure; without it a skip stays a skip."""

import os
import shutil
import subprocess
import sys

import pytest

TESTS = {
    "test_in_a_test.py": "import pytest\ndef test(): pytest.skip('no browser')",
    "test_by_a_mark.py": "import pytest\n@pytest.mark.skip(reason='no browser')\ndef test(): pass",
    "test_at_import.py": "import pytest\npytest.importorskip('no_such_module_here')\n"
                         "def test(): pass",
    "test_in_a_fixture.py": "import pytest\n@pytest.fixture\ndef page(): pytest.skip('no browser')"
                            "\ndef test(page): pass",
    "test_expected_to_fail.py": "import pytest\n@pytest.mark.xfail\ndef test(): assert False",
}


@pytest.mark.parametrize("ci", ["true", ""])
def test_a_skip(tmp_path, root, ci):
    shutil.copy(root / "tests/conftest.py", tmp_path)
    for name, text in TESTS.items():
        (tmp_path / name).write_text(text)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         "--continue-on-collection-errors"],
        cwd=tmp_path, env={**os.environ, "CI": ci}, capture_output=True, text=True,
    )
    expected = "1 failed, 1 xfailed, 3 errors" if ci else "4 skipped, 1 xfailed"
    assert expected in run.stdout, run.stdout
    assert ("CI skips nothing, but: Skipped: no browser" in run.stdout) == bool(ci)
    assert run.returncode == (1 if ci else 0)
