"""``pytest -p tests.fake_cupy.stand_in``: the tests as on a machine with one real GPU.

A second copy of the pretend GPU is installed as CuPy, which the tests' own counters know nothing
of. With ``AUTOGRAD_LAB_DEVICE=cuda`` they take it for a real one: a rehearsal of
``tests/speed/gpu.py``.
"""

import importlib.util
import sys
from pathlib import Path

from autograd_lab.cuda import products

HOME = Path(__file__).parent
spec = importlib.util.spec_from_file_location(
    "cupy", HOME / "__init__.py", submodule_search_locations=[str(HOME)]
)
assert spec is not None and spec.loader is not None
sys.modules["cupy"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["cupy"])
sys.modules["cupyx"] = importlib.import_module("cupy.cupyx")
importlib.import_module("cupy.state").DEVICES = 1
products.load = importlib.import_module("cupy.cublas").Library
