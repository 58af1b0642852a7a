"""Parameters that are computed from others, each time they are looked at.

``register_parametrization(layer, "weight", part)`` puts ``part(original)`` in the weight's place:
``layer.weight`` is computed, what is learned is ``layer.parametrizations.weight.original``.
"""

import threading
from contextlib import contextmanager

from ...core import Tensor
from ...grad_mode import no_grad
from ..container import ModuleDict, ModuleList
from ..module import Module
from ..parameter import Parameter


class _Cache(threading.local):
    """What this thread has computed while it asked to compute it only once."""

    def __init__(self):
        self.asking, self.kept = 0, {}


cache = _Cache()


@contextmanager
def cached():
    """Compute every parametrized tensor only once inside of the ``with`` block.

    >>> layer = register_parametrization(nn.Linear(2, 2), "weight", nn.Identity())
    >>> with cached():
    ...     layer.weight is layer.weight
    True
    """
    cache.asking += 1
    try:
        yield
    finally:
        cache.asking -= 1
        if not cache.asking:
            cache.kept = {}


class ParametrizationList(ModuleList):
    """Hold the original tensors and the parts that are applied to them, one after the other."""

    def __init__(self, modules, original, unsafe: bool = False):
        if not len(modules):
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        shape, dtype, new = original.shape, original.dtype, self._undone(original)
        self.is_tensor = isinstance(new, Tensor)
        self.ntensors = 1 if self.is_tensor else len(new)
        if self.is_tensor:
            _check_original(original, new)
            with no_grad():
                original.data = new.detach().clone()  # the same object: optimizers may hold it
            _register(self, "original", original)
        else:
            for i, each in enumerate(new):
                learned = isinstance(original, Parameter)
                _register(self, f"original{i}", Parameter(each) if learned else each)
        if not unsafe:
            _check_result(self(), shape, dtype)

    def _undone(self, value):
        """Find out what the original must be for the parts to give ``value``."""
        new = value
        with no_grad():
            for part in reversed(list(self)):
                if hasattr(part, "right_inverse"):
                    try:
                        new = part.right_inverse(new)
                    except NotImplementedError:
                        pass
        if not isinstance(new, Tensor | list | tuple):
            raise ValueError(
                "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "
                f"Got {type(new).__name__}"
            )
        return new

    def right_inverse(self, value) -> None:
        """Change the originals so that the parts give ``value``: what an assignment does."""
        with no_grad():
            for part in reversed(list(self)):
                if not hasattr(part, "right_inverse"):
                    raise RuntimeError(
                        f"parametrization {type(part).__name__} does not implement right_inverse."
                    )
                value = part.right_inverse(value)
            values = [value] if self.is_tensor else list(value)
            if len(values) != self.ntensors:
                raise ValueError(
                    "'right_inverse' must return a sequence of tensors of length "
                    f"{self.ntensors}. Got a sequence of length {len(values)}."
                )
            for original, new in zip(self._originals(), values):
                _check_returned(original, new)
                original.data = new.detach().clone()

    def _originals(self):
        if self.is_tensor:
            return [self.original]
        return [getattr(self, f"original{i}") for i in range(self.ntensors)]

    def forward(self):
        """Compute the tensor."""
        first, *others = self
        x = first(*self._originals())
        for part in others:
            x = part(x)
        return x


def _register(module, name, tensor):
    if isinstance(tensor, Parameter):
        module.register_parameter(name, tensor)
    else:
        module.register_buffer(name, tensor)


def _check_original(original, new):
    if new.dtype is not original.dtype:
        raise ValueError(
            "When `right_inverse` outputs one tensor, it may not change the dtype.\n"
            f"original.dtype: {original.dtype}\nright_inverse(original).dtype: {new.dtype}"
        )


def _check_result(made, shape, dtype):
    if not isinstance(made, Tensor):
        raise ValueError(f"A parametrization must return a tensor. Got {type(made).__name__}.")
    for what, before, after in (("dtype", dtype, made.dtype), ("shape", shape, made.shape)):
        if before != after:
            raise ValueError(
                f"Registering a parametrization may not change the {what} of the tensor, unless "
                f"`unsafe` flag is enabled.\nunparametrized {what}: {before}\nparametrized {what}: "
                f"{after}"
            )


def _check_returned(original, new):
    if not isinstance(new, Tensor):
        raise ValueError(f"`right_inverse` should return a tensor. Got {type(new).__name__}")
    if new.dtype is not original.dtype:
        raise ValueError(
            f"The tensor returned by `right_inverse` has dtype {new.dtype} while `original` has "
            f"dtype {original.dtype}"
        )


# --- putting one in a tensor's place


def register_parametrization(module, tensor_name: str, parametrization, *, unsafe: bool = False):
    """Let a parameter or buffer be computed: from the original tensor, by a part of your own.

    >>> class Symmetric(nn.Module):
    ...     def forward(self, x):
    ...         return x.triu() + x.triu(1).T
    >>> layer = register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    >>> torch.equal(layer.weight, layer.weight.T)
    True
    >>> [name for name, _ in layer.named_parameters()]
    ['bias', 'parametrizations.weight.original']
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        if not unsafe:
            before = getattr(module, tensor_name)
            _check_result(parametrization(before), before.shape, before.dtype)
        parts = module.parametrizations[tensor_name]
        parts.append(parametrization)
        parts.unsafe = parts.unsafe or unsafe
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        original = getattr(module, tensor_name)
        parts = ParametrizationList([parametrization], original, unsafe)
        delattr(module, tensor_name)
        base = type_before_parametrizations(module)
        if not is_parametrized(module):
            module.parametrizations = ModuleDict()
        module.parametrizations[tensor_name] = parts
        _dress(module, base)
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element "
            f"with name '{tensor_name}'"
        )
    return module


def _dress(module, base):
    """Give one module a class of its own, in which properties stand for its computed tensors."""
    computed = {name: _computed(name) for name in module.parametrizations}
    members = {"__getstate__": _no_pickle, **computed}
    module.__class__ = type(f"Parametrized{base.__name__}", (base,), members)


def _no_pickle(module):
    raise RuntimeError(
        "Serialization of parametrized modules is only supported through state_dict(). Save "
        "module.state_dict(), register the parametrization again, and load it"
    )


def _computed(name):
    """Make the property that computes a tensor, and that undoes it when it is assigned to."""

    def get(module):
        if not cache.asking:
            return module.parametrizations[name]()
        key = id(module), name
        if key not in cache.kept:  # the module is kept too: its id must not be given away
            cache.kept[key] = module, module.parametrizations[name]()
        return cache.kept[key][1]

    def put(module, value):
        module.parametrizations[name].right_inverse(value)

    return property(get, put)


def is_parametrized(module, tensor_name: str | None = None) -> bool:
    """Say whether a module, or one tensor of it, is computed.

    >>> is_parametrized(nn.Linear(2, 2), "weight")
    False
    """
    found = vars(module).get("parametrizations")
    if not isinstance(found, ModuleDict):
        return False
    return tensor_name in found if tensor_name is not None else len(found) > 0


def remove_parametrizations(module, tensor_name: str, leave_parametrized: bool = True):
    """Make a computed tensor an ordinary one again, as it is now or as the original is.

    >>> layer = register_parametrization(nn.Linear(2, 2), "weight", nn.Tanh())
    >>> type(remove_parametrizations(layer, "weight")).__name__
    'Linear'
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    base, parts = type_before_parametrizations(module), module.parametrizations[tensor_name]
    if not parts.is_tensor and not leave_parametrized:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is "
            "parametrized in terms of a sequence of tensors."
        )
    with no_grad():
        value, original = getattr(module, tensor_name), parts._originals()[0]
    if leave_parametrized:
        if parts.is_tensor:
            original.data = value.detach()
        else:
            original = Parameter(value.detach()) if original.requires_grad else value.detach()
    del module.parametrizations[tensor_name]
    if len(module.parametrizations):
        _dress(module, base)
    else:
        delattr(module, "parametrizations")
        module.__class__ = base
    _register(module, tensor_name, original)
    return module


def type_before_parametrizations(module: Module) -> type:
    """Give the class that a module had before any of its tensors was computed.

    >>> type_before_parametrizations(nn.Linear(2, 2)).__name__
    'Linear'
    """
    return type(module).__bases__[0] if is_parametrized(module) else type(module)
