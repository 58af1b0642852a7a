"""``torch.compile`` and its kin: accepted, and what was to be compiled runs as it is."""

from .notice import COMPILES_NOTHING, as_it_is, say_once


def compile(
    model=None, *, fullgraph=False, dynamic=None, backend="inductor", mode=None, options=None,
    disable=False,
):  # fmt: skip
    """Give back the model or the function itself: it runs as it is, with the same results.

    A warning says so once. Works as a decorator, with and without arguments.

    >>> import warnings; warnings.simplefilter("ignore")
    >>> @torch.compile(mode="reduce-overhead")
    ... def double(x):
    ...     return 2 * x
    >>> double(torch.ones(2))
    tensor([2., 2.])
    """
    if not disable:
        say_once(COMPILES_NOTHING)
    return as_it_is if model is None else model


def cond(pred, true_fn, false_fn, operands=()):
    """Call one of two functions, as ``if`` does: here ``if`` itself would do.

    >>> torch.cond(True, torch.sin, torch.cos, (torch.zeros(1),))
    tensor([0.])
    """
    return (true_fn if pred else false_fn)(*operands)


def while_loop(cond_fn, body_fn, carried_inputs):
    """Call ``body_fn`` while ``cond_fn`` says so: here ``while`` itself would do.

    >>> torch.while_loop(lambda n: n < 5, lambda n: (n + 2,), (torch.tensor(0),))
    (tensor(6),)
    """
    while cond_fn(*carried_inputs):
        carried_inputs = body_fn(*carried_inputs)
    return carried_inputs


def disable(fn=None, recursive=True, *, reason=None):
    """Mark a function that must not be compiled: none is."""
    return as_it_is if fn is None else fn


def allow_in_graph(fn):
    """Mark a function that the compiler should not look into: changes nothing."""
    return fn


assume_constant_result = substitute_in_graph = allow_in_graph


def is_compiling() -> bool:
    """Say whether code is being compiled now: never.

    >>> torch.compiler.is_compiling()
    False
    """
    return False


is_dynamo_compiling = is_exporting = is_compiling


def reset() -> None:
    """Forget what was compiled: nothing was."""


def cudagraph_mark_step_begin() -> None:
    """Do nothing: no GPU work is recorded to be replayed."""


def list_backends(exclude_tags=()) -> list:
    """List the compilers that could be used: none.

    >>> torch.compiler.list_backends()
    []
    """
    return []


class set_stance:
    """Say what to do with compiled code, at once or in a ``with`` block: there is none."""

    def __init__(self, stance="default", **settings):
        self.stance = stance

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def __call__(self, function):
        return function
