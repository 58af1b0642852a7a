"""Every chapter runs from top to bottom, and the numbers it promises come out again."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT

SECONDS = 180
CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_runs(chapter, tmp_path):
    """Run a copy far from the checkout, as a learner does.

    nbval in its lax form: every cell must run, and a cell tagged `nbval-check-output` must show
    again what the committed notebook shows.
    """
    shutil.copy(chapter, tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "--nbval-current-env",
               "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", tmp_path, chapter.name]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
