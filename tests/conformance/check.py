"""Put PyTorch's own test data to autograd_lab, and compare with the list of what must pass.

python -m tests.conformance.check                   what differs from the list
python -m tests.conformance.check --only '^conv'    what these entries say
python -m tests.conformance.check --write           write the list anew
"""

import argparse
import json
import random
import re
import warnings

import numpy as np
import torch

from tests.conformance import modules, ops, optims, schedulers
from tests.conformance.baseline import fallen, listed, unlisted, write
from tests.conformance.skipped import SKIPPED

KINDS = {"module": modules, "op": ops, "optim": optims, "scheduler": schedulers}


def verdicts(only=""):
    """Say for each entry why it does not pass; nothing (an empty text) where it does."""
    found = {}
    for kind, source in KINDS.items():
        for entry, check in source.entries():
            name = f"{kind} {entry}"
            if re.search(only, entry):
                found[name] = f"skipped: {SKIPPED[name]}" if name in SKIPPED else _verdict(check)
    return found


def _verdict(check):
    torch.manual_seed(0)
    np.random.seed(0)
    random.seed(0)
    try:
        check()
    except Exception as error:  # whatever happens, the other entries are still wanted
        return " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return ""


def main(arguments=None):
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", metavar="REGEX", help="entries with such names")
    parser.add_argument("--write", action="store_true", help="write the list of what passes")
    parser.add_argument("--json", action="store_true", help="print every verdict")
    options = parser.parse_args(arguments)
    if options.write and options.only:
        parser.error("the list is written as a whole: --write goes without --only")
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    found = verdicts(options.only)
    if options.json:
        lines = [json.dumps(found)]
    elif options.only:
        lines = [f"{name}: {why or 'passes'}" for name, why in found.items()]
    elif options.write:
        lines = write(found)
    else:
        lines = [f"fallen back: {line}" for line in fallen(found, listed())]
        lines += [f"not in the list: {name}" for name in unlisted(found, listed())]
    print("\n".join(lines or ["all as listed"]))


if __name__ == "__main__":
    main()
