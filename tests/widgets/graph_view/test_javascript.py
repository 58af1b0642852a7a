import json
import os
import subprocess
from pathlib import Path

from autograd_lab.widgets._paper import heat, number

HERE = Path(__file__).parent
VALUES = [0, 1, -1, 0.5, -0.25, 3.14159, 1234.5, 99999.4, 123456, -2e7, 1e-3, 9.99e-4, -1e-9]
VALUES += [2.0, 100, 0.1 + 0.2, "nan", "inf", "-inf", None, 1e300, 0.04999, 12.5]


def test_pure_modules():
    """Node runs the modules' tests; numbers and colours must be those of the saved picture."""
    numbers = [[v, digits, number(v, digits)] for v in VALUES for digits in (3, 4)]
    steps = [[v / 7, 1.0, heat(v / 7, 1.0)] for v in range(-8, 9)] + [[0.5, 0, heat(0.5, 0)]]
    env = {**os.environ, "NUMBERS": json.dumps(numbers), "HEAT": json.dumps(steps)}
    command = ["node", "--test", str(HERE / "scene.test.mjs")]
    ran = subprocess.run(command, capture_output=True, text=True, env=env)
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert "# pass 10" in ran.stdout or "ℹ pass 10" in ran.stdout
