"""Functions that make functions: the gradient of one, the same one over a batch.

``grad``, ``vjp`` and the Jacobians are backward passes. ``vmap`` is a loop: it calls the function
once for each entry and stacks the results, so it is as exact as the function, and as slow as a
loop; branches on values and ``item()``, which PyTorch's vmap refuses, work.
"""

from ..missing import explaining as _explaining
from .batch_norm import replace_all_batch_norm_modules_
from .gradients import grad, grad_and_value, hessian, jacfwd, jacrev, jvp, vjp
from .stateless import functional_call, stack_module_state
from .vmap import vmap

__all__ = [
    "functional_call", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp",
    "replace_all_batch_norm_modules_", "stack_module_state", "vjp", "vmap",
]  # fmt: skip

__getattr__ = _explaining(__name__)
