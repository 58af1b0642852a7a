"""TorchScript: accepted, and what was to be translated runs as the Python it is."""

from typing import Final as Final

from .nn.module import Module
from .notice import as_it_is, say_once


def _say():
    say_once(
        "torch.jit: autograd_lab translates nothing; the module or function runs as it is in "
        "Python, so it can be neither saved as TorchScript nor read as its graph"
    )


def script(obj=None, optimize=None, **settings):
    """Give back the module or function itself: it runs as it is, with the same results.

    >>> import warnings; warnings.simplefilter("ignore")
    >>> @torch.jit.script
    ... def double(x):
    ...     return 2 * x
    >>> double(torch.ones(2))
    tensor([2., 2.])
    """
    _say()
    return as_it_is if obj is None else obj


def trace(func=None, example_inputs=None, **settings):
    """Give back the module or function itself. Nothing is traced: branches stay branches."""
    _say()
    return as_it_is if func is None else func


def trace_module(mod, inputs=None, **settings):
    """Give back the module itself."""
    _say()
    return mod


def script_method(fn):
    """Mark a method to be translated: changes nothing."""
    return fn


ignore = unused = export = script_method


class ScriptModule(Module):
    """A module that PyTorch would translate: here a module like any other."""


def annotate(the_type, the_value):
    """Say which type a value has: gives the value."""
    return the_value


def is_scripting() -> bool:
    """Say whether code runs as TorchScript: never.

    >>> torch.jit.is_scripting()
    False
    """
    return False


is_tracing = is_scripting


def freeze(mod, preserved_attrs=None, optimize_numerics=True):
    """Give back the module itself, as it is."""
    return mod


optimize_for_inference = freeze


def save(m, f, _extra_files=None) -> None:
    """Refuse: there is no TorchScript to save."""
    raise NotImplementedError(
        "torch.jit.save: autograd_lab has no TorchScript. Save the weights instead: "
        "torch.save(model.state_dict(), path)"
    )


def load(f, map_location=None, _extra_files=None):
    """Refuse: a TorchScript file holds PyTorch's own code for the model."""
    raise NotImplementedError(
        "torch.jit.load: autograd_lab has no TorchScript. Make the model in Python and load its "
        "weights: model.load_state_dict(torch.load(path))"
    )
