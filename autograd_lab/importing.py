"""Let ``import torch`` mean autograd_lab: asked for in one line, and undone in one line."""

import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

from .missing import HOMES, reason

KEPT = ("__file__", "__loader__", "__name__", "__package__", "__path__", "__spec__")
OURS = __package__


class as_torch:
    """Make ``import torch``, ``torchvision`` and ``torchtext`` give autograd_lab's modules.

    From then on PyTorch programs run unchanged; ``as_torch(False)`` ends it. The modules are the
    same objects under both names: ``torch.nn.functional`` is ``autograd_lab.nn.functional``. As a
    ``with`` block, ``with autograd_lab.as_torch():``, it ends by itself.

    >>> torch.as_torch(False)
    'import torch' means PyTorch
    """

    def __init__(self, on: bool = True):
        self.before = _is_on()
        _switch(on)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        _switch(self.before)

    def __repr__(self):
        return f"'import torch' means {OURS if _is_on() else 'PyTorch'}"


class Finder(MetaPathFinder, Loader):
    """Find our modules under PyTorch's names."""

    def find_spec(self, fullname, path=None, target=None):
        """Say that a name of PyTorch's is ours to load."""
        if fullname.partition(".")[0] not in HOMES:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        """Give the module that exists already, or import it under its own name."""
        module = _our_module(spec.name)
        spec.loader_state = {name: vars(module).get(name) for name in KEPT}
        return module

    def exec_module(self, module):
        """Give the module its own name back: Python has just written the other one on it."""
        for name, value in module.__spec__.loader_state.items():
            if value is None:
                vars(module).pop(name, None)
            else:
                setattr(module, name, value)


finder = Finder()


def _our_module(name):
    top, _, rest = name.partition(".")
    ours = OURS + HOMES[top] + (f".{_our_path(top, rest)}" if rest else "")
    try:
        return importlib.import_module(ours)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{ours}.".startswith(f"{error.name}."):
            raise
        why = reason(name.removeprefix("torch."))
        raise ModuleNotFoundError(
            f"No module named {name!r}: autograd_lab stands for PyTorch here, and "
            + (f"has no such module, because {why}" if why else "does not have this module yet"),
            name=name,
        ) from None


def _our_path(top, rest):
    """PyTorch keeps each kind of layer in ``torch.nn.modules``; here they lie in ``nn`` itself."""
    if top == "torch" and f"{rest}.".startswith("nn.modules."):
        return ("nn" + rest.removeprefix("nn.modules")).rstrip(".")
    return rest


def _is_on() -> bool:
    return finder in sys.meta_path


def _switch(on) -> None:
    if on == _is_on():
        return
    if on:
        _refuse_beside_pytorch()
        sys.meta_path.insert(0, finder)
    else:
        sys.meta_path.remove(finder)
        for name in _imported():
            del sys.modules[name]


def _imported():
    """List the modules that stand under PyTorch's names now."""
    return [name for name in sys.modules if name.partition(".")[0] in HOMES]


def _refuse_beside_pytorch():
    found = _imported()
    if found:
        top = found[0].partition(".")[0]
        raise RuntimeError(
            f"{top} itself is already imported in this process: some names would mean it and some "
            "autograd_lab. Restart Python (in Jupyter: Kernel, Restart), and call "
            "autograd_lab.as_torch() before the first import torch"
        )
