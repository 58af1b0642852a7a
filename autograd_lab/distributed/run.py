"""`python -m autograd_lab.distributed.run`: `autograd-lab run`, by PyTorch's name."""

import sys

from ..multiprocessing.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
