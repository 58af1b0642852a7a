"""Node runs the arithmetic of why.js and scrub.js as it is."""

import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SOURCE = HERE.parents[2] / "widgets/step_view"


@pytest.mark.parametrize("file", ["why.test.mjs", "scrub.test.mjs"])
def test_pure_modules(file):
    env = {**os.environ, "STEP_VIEW": str(SOURCE)}
    command = ["node", "--test", str(HERE / file)]
    ran = subprocess.run(command, capture_output=True, text=True, env=env)
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert "# pass 8" in ran.stdout or "ℹ pass 8" in ran.stdout
