"""Saving and loading a module: its parameters and buffers by their paths.

``state_dict`` walks down the parts and asks each for its own tensors; ``load_state_dict`` walks
the same way and hands each part what is its own. A module with something special to save says so
in ``get_extra_state`` and ``set_extra_state``, or overrides the two methods that begin with ``_``.
"""

import warnings
from collections import OrderedDict, namedtuple
from collections.abc import Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..core import Tensor
from ..grad_mode import no_grad
from ..hooks import RemovableHandle
from ..writes import birth
from .parameter import Parameter, is_lazy

EXTRA = "_extra_state"  # the key of what get_extra_state gives


class _IncompatibleKeys(
    namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])
):  # what load_state_dict tells
    __slots__ = ()

    def __repr__(self):
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return super().__repr__()

    __str__ = __repr__


class Stateful:
    """What a Module can do about its state: give it, take it, and let hooks look on."""

    _version = 1  # of the format in which a class saves itself; its state_dict tells
    _state_hooks = None  # {kind of hook: {key: hook}} once somebody registers one

    if TYPE_CHECKING:  # Module has them
        _parameters: Any
        _buffers: Any
        _modules: Any
        _persistent: dict

    # --- saving

    def state_dict(self, *args, destination=None, prefix: str = "", keep_vars: bool = False):
        """Collect parameters and buffers by path: what to save, and what ``load_state_dict`` takes.

        The tensors share memory with the model's.
        """
        if args:
            return _in_old_order(self, args, destination, prefix, keep_vars)
        found = OrderedDict() if destination is None else destination
        if destination is None:
            found._metadata = OrderedDict()
        about = {"version": self._version}
        if hasattr(found, "_metadata"):
            found._metadata[prefix[:-1]] = about
        for hook in self._hooks("save_pre"):
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(found, prefix, keep_vars)
        for name, part in self._modules.items():
            if part is not None:
                part.state_dict(destination=found, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook, may_replace in self._hooks("save_post"):
            answer = hook(self, found, prefix, about)
            if answer is not None and not may_replace:
                raise RuntimeError("state_dict post-hook must return None")
            found = found if answer is None else answer
        return found

    def _save_to_state_dict(self, destination, prefix, keep_vars):
        """Put this module's own tensors, not those of its parts, into a state_dict."""
        for name, value in _lasting(self).items():
            destination[prefix + name] = value if keep_vars or is_lazy(value) else value.detach()
        if type(self).get_extra_state is not Stateful.get_extra_state:
            destination[prefix + EXTRA] = self.get_extra_state()

    def get_extra_state(self):
        """Give what else belongs to the state: a module that has something more says it here."""
        raise RuntimeError(
            "Reached a code path in Module.get_extra_state() that should never be called. Please "
            "override it together with set_extra_state()"
        )

    def set_extra_state(self, state) -> None:
        """Take back what ``get_extra_state`` gave."""
        raise RuntimeError(
            "Reached a code path in Module.set_extra_state() that should never be called. Please "
            "override it together with get_extra_state()"
        )

    # --- loading

    def load_state_dict(self, state_dict, strict: bool = True, assign: bool = False):
        """Copy saved values into the parameters and buffers of the same paths.

        Args:
            state_dict: path -> tensor, as ``state_dict()`` gives and ``torch.load`` reads.
            strict: whether the paths must be the same as the module's. False takes those that are
                in both and passes over the others: to start from a part of another model. A tensor
                of another shape is an error all the same.
            assign: whether the saved tensors themselves take the places of the module's own, with
                their dtype and device; make the optimizer afterwards.

        Gives a pair of lists, ``missing_keys`` (the module has them, the state_dict has not) and
        ``unexpected_keys`` (the other way round): empty where all was found. What is wrong is said
        in one RuntimeError that lists all of it: missing keys, unexpected ones, and tensors of
        another shape. What fits has been copied by then.

        >>> model, saved = nn.Linear(2, 1), {"weight": torch.zeros(1, 2), "scale": torch.ones(1)}
        >>> model.load_state_dict(nn.Linear(2, 1).state_dict())
        <All keys matched successfully>
        >>> model.load_state_dict(saved, strict=False)
        _IncompatibleKeys(missing_keys=['bias'], unexpected_keys=['scale'])
        >>> model.load_state_dict(saved)
        Traceback (most recent call last):
            ...
        RuntimeError: Error(s) in loading state_dict for Linear:
            Missing key(s) in state_dict: "bias".
            Unexpected key(s) in state_dict: "scale".
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        about = getattr(state_dict, "_metadata", {})
        missing, unexpected, said = [], [], []
        _load(self, OrderedDict(state_dict), "", about, assign, missing, unexpected, said)
        if strict and unexpected:
            said.insert(0, "Unexpected key(s) in state_dict: " + _quoted(unexpected))
        if strict and missing:
            said.insert(0, "Missing key(s) in state_dict: " + _quoted(missing))
        if said and unexpected and all(key.startswith("module.") for key in unexpected):
            said.append(
                "nn.DataParallel put 'module.' before every name. Without it: "
                "{k.removeprefix('module.'): v for k, v in state_dict.items()}"
            )
        if said:
            listed = "".join(f"\n\t{line}" for line in said)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:{listed}")
        return _IncompatibleKeys(missing, unexpected)

    def _load_from_state_dict(
        self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
    ):
        """Take this module's own tensors, not those of its parts, out of a state_dict."""
        for hook in self._hooks("load_pre"):
            hook(state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys,
                 error_msgs)  # fmt: skip
        own = _lasting(self)
        for name, value in own.items():
            if prefix + name in state_dict:
                given = state_dict[prefix + name]
                assign = local_metadata.get("assign_to_params_buffers", False)
                error_msgs += _take(self, name, prefix + name, value, given, assign)
            elif strict:
                missing_keys.append(prefix + name)
        self._load_extra(state_dict, prefix + EXTRA, strict, missing_keys, unexpected_keys)
        if strict:
            unexpected_keys += _unknown(self, own, state_dict, prefix)

    def _load_extra(self, state_dict, key, strict, missing_keys, unexpected_keys):
        wanted = type(self).set_extra_state is not Stateful.set_extra_state
        if wanted and key in state_dict:
            self.set_extra_state(state_dict[key])
        elif strict and wanted:
            missing_keys.append(key)
        elif strict and key in state_dict:
            unexpected_keys.append(key)

    # --- hooks

    def register_state_dict_pre_hook(self, hook):
        """Call ``hook(module, prefix, keep_vars)`` before every ``state_dict()``."""
        return self._add_state_hook("save_pre", hook)

    def register_state_dict_post_hook(self, hook):
        """Call ``hook(module, state_dict, prefix, metadata)`` after; it changes state_dict."""
        return self._add_state_hook("save_post", (hook, False))

    def _register_state_dict_hook(self, hook):
        return self._add_state_hook("save_post", (hook, True))

    def register_load_state_dict_pre_hook(self, hook):
        """Call ``hook(module, state_dict, prefix, metadata, strict, ...)`` before loading."""
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def _register_load_state_dict_pre_hook(self, hook, with_module=False):
        return self._add_state_hook("load_pre", _WithModule(hook, self) if with_module else hook)

    def register_load_state_dict_post_hook(self, hook):
        """Call ``hook(module, incompatible_keys)`` after loading; it may edit the two lists."""
        return self._add_state_hook("load_post", hook)

    def _add_state_hook(self, kind, hook):
        if self._state_hooks is None:
            self._state_hooks = {}
        hooks, key = self._state_hooks.setdefault(kind, OrderedDict()), birth()
        hooks[key] = hook
        return RemovableHandle(hooks, key)

    def _hooks(self, kind):
        return list((self._state_hooks or {}).get(kind, {}).values())


for _method in [x for x in vars(Stateful).values() if isinstance(x, FunctionType)]:
    _method.__qualname__ = f"Module.{_method.__name__}"  # what Python's own errors call it


class _WithModule:
    """A hook that is also given the module: an object, so that it can be copied and saved."""

    def __init__(self, hook, module):
        self.hook, self.module = hook, module

    def __call__(self, *args):
        return self.hook(self.module, *args)


def _in_old_order(module, args, *named):
    """Accept what was once given by place, with PyTorch's warning."""
    warnings.warn(
        "Positional args are being deprecated, use kwargs instead. Refer to "
        "https://pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module.state_dict "
        "for details.",
        FutureWarning,
        stacklevel=3,
    )
    destination, prefix, keep_vars = (*args, *named[len(args) :])
    return module.state_dict(destination=destination, prefix=prefix, keep_vars=keep_vars)


def _lasting(module):
    """Give a module's own parameters and those of its buffers that are saved, by name."""
    buffers = {k: v for k, v in module._buffers.items() if module._persistent[k]}
    return {k: v for k, v in {**module._parameters, **buffers}.items() if v is not None}


def _load(module, state, prefix, about, assign, missing, unexpected, said):
    """Load a module and its parts, each from the part of the state that is its own."""
    local = about.get(prefix[:-1], {}) if about else {}
    if assign:
        local = dict(local, assign_to_params_buffers=assign)
    module._load_from_state_dict(state, prefix, local, True, missing, unexpected, said)
    for name, part in module._modules.items():
        path = f"{prefix}{name}."
        own = {k: v for k, v in state.items() if k.startswith(path)}
        if part is not None:
            _load(part, own, path, about, assign, missing, unexpected, said)
    for hook in module._hooks("load_post"):
        if hook(module, _IncompatibleKeys(missing, unexpected)) is not None:
            raise AssertionError(
                "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to "
                "return new values, if incompatible_keys need to be modified, it should be done "
                "inplace."
            )


def _take(module, name, key, value, given, assign):
    """Load one tensor; give a list of what is wrong with it."""
    if not isinstance(given, Tensor):
        return [
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like '
            f"object from checkpoint but received {type(given)}"
        ]
    lazy = is_lazy(value)
    if not lazy and value.ndim == 0 and given.shape == (1,):
        given = given[0]  # what PyTorch 0.3 saved for a single number
    if not lazy and given.shape != value.shape:
        return [
            f"size mismatch for {key}: copying a param with shape {given.shape} from checkpoint, "
            f"the shape in current model is {value.shape}."
        ]
    with no_grad():
        if assign:
            setattr(module, name, _assigned(value, given))
        elif not lazy:
            value.write(given.detach().to(device=value.device, dtype=value.dtype))
    return []


def _assigned(value, given):
    """Give the saved tensor as what stands in the module: a parameter where that is one."""
    if not isinstance(value, Parameter):
        return given
    if isinstance(given, Parameter):
        return given.requires_grad_(value.requires_grad)
    return Parameter(given.detach(), value.requires_grad)


def _unknown(module, own, state, prefix):
    """List the keys of a state that this module has no place for."""
    keys = [k for k in state if k.startswith(prefix) and k != prefix + EXTRA]
    paths = [(k, *k[len(prefix) :].partition(".")) for k in keys]
    return [k for k, name, dot, _ in paths if name not in (module._modules if dot else own)]


def _quoted(names):
    return ", ".join(f'"{name}"' for name in names) + ". "
