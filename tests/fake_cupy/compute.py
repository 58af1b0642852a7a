"""``cupy._core._routines_linalg``: how exactly products are computed; here only remembered."""

import sys

COMPUTE_TYPE_DEFAULT, COMPUTE_TYPE_TF32 = 1, 7
compute_types = {}


def set_compute_type(dtype, compute_type):
    compute_types[str(dtype)] = compute_type


_routines_linalg = sys.modules[__name__]
