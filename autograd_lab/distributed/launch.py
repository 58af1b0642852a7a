"""`python -m autograd_lab.distributed.launch`: the older name of ``run``."""

import sys

from .run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
