"""The tape deck's bar: its arithmetic in node (how it looks and acts: tests/widgets/descent)."""

import re
import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def test_javascript():
    ran = subprocess.run(["node", "--test", str(HERE / "transport.test.mjs")], capture_output=True,
                         text=True)  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert re.search(r"pass 6\b", ran.stdout)
