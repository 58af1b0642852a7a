"""`python -m autograd_lab` is the command `autograd-lab`."""

import sys

from .cli import main

sys.exit(main())
