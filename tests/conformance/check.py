"""Put PyTorch's own test data to autograd_lab, and compare with the list of what must pass.

    python -m tests.conformance.check                   what differs from the list
    python -m tests.conformance.check --only '^conv'    what these entries say
    python -m tests.conformance.check --write           write the list anew
"""

import argparse
import json
import random
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import torch

from tests.conformance import modules, ops, optims, schedulers
from tests.conformance.skipped import SKIPPED

BASELINE = Path(__file__).with_name("baseline.txt")
KINDS = {"module": modules, "op": ops, "optim": optims, "scheduler": schedulers}


def verdicts(only=""):
    """Give a sentence for each entry that fails, an empty one for each that passes."""
    found = {}
    for kind, source in KINDS.items():
        for name, check in source.entries():
            if re.search(only, name) and name not in SKIPPED:
                found[f"{kind} {name}"] = _verdict(check)
    return found


def _verdict(check):
    torch.manual_seed(0)
    np.random.seed(0)
    random.seed(0)
    try:
        check()
    except Exception as error:
        return " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return ""


if __name__ == "__main__":
    import time; t = time.process_time()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    f = verdicts(sys.argv[1] if len(sys.argv) > 1 else "")
    for n, v in f.items():
        if v: print(n, "|", v)
    print(len(f), sum(not v for v in f.values()), time.process_time() - t)
