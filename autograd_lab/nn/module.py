"""Module: what every layer and every model is.

A module is a Python object whose attributes hold its parameters and its parts. They are found by
looking at the attributes, in the order in which they were set; nothing is registered anywhere.
"""

import copy
import functools
from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from .. import dtypes, watching
from ..convert import dtype_and_device
from ..core import Tensor
from ..creation import empty_like
from ..grad_mode import no_grad
from ..hooks import RemovableHandle
from ..notice import COMPILES_NOTHING, NO_BFLOAT16, say_once
from ..ops.facts import typename
from ..writes import birth
from .hooks import HookHandle, Hooks, call_with_hooks, everywhere
from .parameter import Buffer, Parameter, is_lazy, zero
from .state import Stateful


class Parts(MutableMapping):
    """A live view of a module's attributes of one kind: ``module._modules``."""

    def __init__(self, module, kind):
        self.module, self.kind = module, kind

    def __getitem__(self, name):
        return dict(self.kind(self.module))[name]

    def __setitem__(self, name, value):
        setattr(self.module, name, value)

    def __delitem__(self, name):
        delattr(self.module, name)

    def __iter__(self):
        return iter([name for name, _ in self.kind(self.module)])

    def __len__(self):
        return len(list(self.kind(self.module)))

    def items(self):
        """List names and values."""
        return dict(self.kind(self.module)).items()

    def values(self):
        """List the values."""
        return dict(self.kind(self.module)).values()

    def __repr__(self):
        return repr(dict(self))


ROOT = __name__.partition(".")[0] + "."


def _named_after(cls, made_by):
    """Let the ``__init__`` that a layer has from a private class speak in the layer's name."""

    @functools.wraps(made_by)
    def __init__(self, *args, **named):
        try:
            made_by(self, *args, **named)
        except TypeError as error:
            private = f"{made_by.__qualname__}()"
            if not str(error).startswith(private):
                raise
            said = str(error).removeprefix(private)
            raise TypeError(f"{__init__.__qualname__}(){said}") from None

    __init__.__qualname__ = f"{cls.__name__}.__init__"
    return __init__


class Module(Stateful):
    """A layer or a model: attributes hold its parameters and parts; ``forward`` computes.

    >>> class Line(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.slope = nn.Parameter(torch.ones(1))
    ...     def forward(self, x):
    ...         return self.slope * x
    >>> line = Line()
    >>> line(torch.tensor([3.]))
    tensor([3.], grad_fn=<MulBackward0>)
    >>> [name for name, _ in line.named_parameters()]
    ['slope']
    """

    _module_hooks = None  # {kind of hook: {key: hook}} once somebody registers one

    def __init__(self):
        self.training = True
        self._persistent = {}  # the buffers by name, and whether state_dict() has them

    def __init_subclass__(cls, **named):
        super().__init_subclass__(**named)
        made_by = cls.__init__
        if made_by.__qualname__[0] == "_" and made_by.__module__.startswith(ROOT):
            cls.__init__ = _named_after(cls, made_by)  # nn.Conv2d() names Conv2d in its error

    def __call__(self, *args, **kwargs):
        __tracebackhide__ = True  # IPython leaves this frame out of a learner's error
        if self._module_hooks or watching.watchers:
            with watching.inside(self):
                if self._module_hooks:
                    return call_with_hooks(self, args, kwargs)
                return self.forward(*args, **kwargs)
        return self.forward(*args, **kwargs)

    def forward(self, *args):
        """Compute the output: every module says here what it does."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function. Write '
            "`def forward(self, x):` and return the output"
        )

    # --- attributes

    if not TYPE_CHECKING:  # a checker of types would take any name for an attribute

        def __getattr__(self, name):
            # Python asks here for what it has not found. Programs call it, too: for a part,
            # self.__getattr__("layer1"), and in wrappers as super().__getattr__(name).
            return object.__getattribute__(self, name)

    def __setattr__(self, name, value):
        mine = vars(self)
        if isinstance(value, PARTS):
            _check_ready(mine, value)
        old = mine.get(name)
        if old is None or isinstance(old, PARTS):
            _check_place(self, name, old, value)
        if registering:
            value = _announced(self, name, value)
        if isinstance(value, Buffer):
            self._persistent[name] = value.persistent
        elif isinstance(value, Parameter | Module):
            self._persistent.pop(name, None)  # what was a buffer is one no more
        object.__setattr__(self, name, value)

    def __delattr__(self, name):
        object.__delattr__(self, name)
        for names in ("_persistent", "_vacant"):
            vars(self).get(names, {}).pop(name, None)

    def register_parameter(self, name: str, param) -> None:
        """Set a parameter by name, as ``self.name = param`` does; it may be None."""
        _check_name(self, name, "parameter")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{_type_name(param)}' object to parameter '{name}' "
                "(torch.nn.Parameter or None required)"
            )
        if param is not None and not param.is_leaf:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be "
                f"created explicitly. To express '{name}' as a function of another Tensor, "
                "compute the value in the forward() method."
            )
        setattr(self, name, param)
        _leave_vacant(self, name, param, "parameter")

    def register_buffer(self, name: str, tensor, persistent: bool = True) -> None:
        """Set a tensor that belongs to the state but is not learned."""
        _check_name(self, name, "buffer")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{_type_name(tensor)}' object to buffer '{name}' "
                "(torch Tensor or None required)"
            )
        self._persistent[name] = persistent
        setattr(self, name, tensor)
        self._persistent[name] = persistent  # a Buffer has brought its own opinion

    def register_module(self, name: str, module) -> None:
        """Set a part by name, as ``self.name = module`` does."""
        _check_name(self, name, "module")
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{typename(module)} is not a Module subclass")
        setattr(self, name, module)
        _leave_vacant(self, name, module, "module")

    add_module = register_module

    @property
    def _parameters(self):
        return Parts(self, own_parameters)

    @property
    def _buffers(self):
        return Parts(self, own_buffers)

    @property
    def _modules(self):
        return Parts(self, own_modules)

    # --- what it consists of

    def named_modules(self, memo=None, prefix: str = "", remove_duplicate: bool = True):
        """List this module and all its parts, with their paths: ``("encoder.fc1", Linear)``."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, part in own_modules(self):
            path = f"{prefix}.{name}" if prefix else name
            yield from part.named_modules(memo, path, remove_duplicate)

    def modules(self):
        """List this module and all its parts."""
        for _, module in self.named_modules():
            yield module

    def named_children(self):
        """List its direct parts, with their names."""
        seen = set()
        for name, part in own_modules(self):
            if part not in seen:
                seen.add(part)
                yield name, part

    def children(self):
        """List its direct parts."""
        for _, part in self.named_children():
            yield part

    def named_parameters(self, prefix: str = "", recurse: bool = True, remove_duplicate=True):
        """List what is learned, with paths; a shared parameter is listed once."""
        yield from self._named_members(own_parameters, prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True):
        """List what is learned: what an optimizer is given."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(self, prefix: str = "", recurse: bool = True, remove_duplicate=True):
        """List the tensors that belong to the state but are not learned, with paths."""
        yield from self._named_members(own_buffers, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True):
        """List the tensors that belong to the state but are not learned."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def _named_members(self, kind, prefix, recurse, remove_duplicate=True):
        seen = set()
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        for path, module in modules if recurse else [(prefix, self)]:
            for name, value in kind(module):
                if remove_duplicate and id(value) in seen:
                    continue
                seen.add(id(value))
                yield f"{path}.{name}" if path else name, value

    def get_submodule(self, target: str):
        """Find a part by its path: ``net.get_submodule("encoder.fc1")``."""
        module = self
        for name in target.split(".") if target else ():
            if not hasattr(module, name):
                raise AttributeError(
                    f"{type(module).__name__} has no attribute `{name}`. It has "
                    f"{', '.join(n for n, _ in module.named_children()) or 'no parts'}"
                )
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return module

    def set_submodule(self, target: str, module, strict: bool = False) -> None:
        """Put another part at a path; with ``strict`` there must already be one."""
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if strict and not hasattr(parent, name):
            raise AttributeError(f"{type(parent).__name__} has no attribute `{name}`")
        if hasattr(parent, name) and not isinstance(getattr(parent, name), Module):
            raise AttributeError(f"`{name}` is not an nn.Module")
        setattr(parent, name, module)

    def get_parameter(self, target: str):
        """Find a parameter by its path: ``net.get_parameter("fc1.weight")``."""
        return self._member(target, Parameter, "an nn.Parameter")

    def get_buffer(self, target: str):
        """Find a buffer by its path: ``net.get_buffer("norm.running_mean")``."""
        path, _, name = target.rpartition(".")
        value = self._member(target, Tensor, "a buffer")
        if name not in self.get_submodule(path)._persistent:
            raise AttributeError(f"`{name}` is not a buffer")
        return value

    def _member(self, target, kind, called):
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
        value = getattr(module, name)
        if not isinstance(value, kind):
            raise AttributeError(f"`{name}` is not {called}")
        return value

    # --- changing all of it

    def apply(self, fn):
        """Call ``fn(module)`` for every part, the innermost first; returns the module."""
        for part in self.children():
            part.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True):
        """Say that the model is being trained: dropout drops, normalisation learns."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for part in self.children():
            part.train(mode)
        return self

    def eval(self):
        """Say that the model is being used or tested, not trained."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True):
        """Ask (or stop asking) for gradients of all parameters."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                zero(parameter.grad)

    def to(self, *args, dtype=None, device=None, non_blocking=False, memory_format=None):
        """Move parameters and buffers to a device, convert floating ones to a dtype, or both."""
        dtype, device = dtype_and_device(args, dtype, device)
        if dtype is not None and dtype.rank < dtypes.FLOATING:
            raise TypeError(
                "nn.Module.to only accepts floating point or complex dtypes, but got desired "
                f"dtype={dtype}"
            )

        def convert(t):
            return t.to(device=device, dtype=dtype if t.dtype.rank >= dtypes.FLOATING else None)

        return self._apply(convert)

    def cpu(self):
        """Move parameters and buffers to main memory."""
        return self.to(device="cpu")

    def cuda(self, device=None):
        """Move parameters and buffers to the GPU."""
        return self.to(device="cuda" if device is None else device)

    def type(self, dst_type):
        """Convert all parameters and buffers to a dtype."""
        return self._apply(lambda t: t.type(dst_type))

    def float(self):
        """Convert floating parameters and buffers to float32."""
        return self.to(dtypes.float32)

    def double(self):
        """Convert floating parameters and buffers to float64."""
        return self.to(dtypes.float64)

    def half(self):
        """Convert floating parameters and buffers to float16."""
        return self.to(dtypes.float16)

    def bfloat16(self):
        """Convert floating parameters and buffers to float32, which stands for bfloat16 here."""
        say_once(NO_BFLOAT16)
        return self.float()

    def to_empty(self, *, device, recurse: bool = True):
        """Move to a device without copying: the numbers there are whatever the memory held."""
        return self._apply(lambda t: empty_like(t, device=device), recurse)

    def share_memory(self):
        """Move parameters and buffers to memory that processes share."""
        for tensor in (*self.parameters(), *self.buffers()):
            tensor.share_memory_()
            if tensor.grad is not None:
                tensor.grad.share_memory_()
        return self

    def compile(self, *args, **kwargs) -> None:
        """Do nothing, and say so once: the code runs as it is, with the same results."""
        say_once(COMPILES_NOTHING)

    def _apply(self, fn, recurse: bool = True):
        """Put converted values into the same Parameter objects: optimizers keep hold of them."""
        for part in self.children() if recurse else ():
            part._apply(fn)
        with no_grad():
            for _, parameter in own_parameters(self):
                parameter.data = fn(parameter.data)
                if parameter.grad is not None:
                    parameter.grad = fn(parameter.grad)
            for name, buffer in list(own_buffers(self)):
                if is_lazy(buffer):
                    buffer.data = fn(buffer.data)
                else:
                    setattr(self, name, fn(buffer))
        return self

    # --- hooks

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        """Call ``hook(module, args)`` before every forward; it may return other args."""
        return self._add_hook("forward_pre", hook, prepend, with_kwargs)

    def register_forward_hook(
        self, hook, *, prepend=False, with_kwargs=False, always_call=False
    ):
        """Call ``hook(module, args, output)`` after every forward; it may return another output."""
        return self._add_hook("forward", hook, prepend, (with_kwargs, always_call))

    def register_full_backward_pre_hook(self, hook, prepend=False):
        """Call ``hook(module, gradients of outputs)`` when backward reaches this module."""
        return self._add_hook("backward_pre", hook, prepend, None)

    def register_full_backward_hook(self, hook, prepend=False):
        """Call ``hook(module, gradients of inputs, gradients of outputs)`` after its backward."""
        return self._add_hook("backward", hook, prepend, None)

    register_backward_hook = register_full_backward_hook  # PyTorch's older, less exact form

    def _add_hook(self, kind, hook, prepend, detail):
        mine = vars(self).setdefault("_module_hooks", {})
        key = mine.setdefault(kind, Hooks()).add(hook, detail, prepend)
        return HookHandle(self, kind, key)

    def _hooks_by_key(self, kind):
        return (vars(self).get("_module_hooks") or {}).get(kind, Hooks())

    @property
    def _forward_hooks(self):
        return self._hooks_by_key("forward")

    @property
    def _forward_pre_hooks(self):
        return self._hooks_by_key("forward_pre")

    @property
    def _backward_hooks(self):
        return self._hooks_by_key("backward")

    @property
    def _backward_pre_hooks(self):
        return self._hooks_by_key("backward_pre")

    # --- how it looks

    def extra_repr(self) -> str:
        """Word the settings of the module, as they stand between its brackets."""
        return ""

    def _get_name(self):
        return type(self).__name__

    def __repr__(self):
        lines = self.extra_repr().split("\n") if self.extra_repr() else []
        parts = [f"({name}): {_indented(repr(part))}" for name, part in self._modules.items()]
        if len(lines) == 1 and not parts:
            return f"{self._get_name()}({lines[0]})"
        inside = "".join(f"\n  {line}" for line in lines + parts)
        return f"{self._get_name()}({inside}\n)" if inside else f"{self._get_name()}()"

    def __dir__(self):
        return [name for name in super().__dir__() if not name[:1].isdigit()]

    def __deepcopy__(self, memo):
        twin = memo[id(self)] = object.__new__(type(self))
        vars(twin).update({k: copy.deepcopy(v, memo) for k, v in vars(self).items()})
        return twin


# --- finding what a module holds


def own_parameters(module):
    """List a module's own parameters: attributes that are a Parameter."""
    return [(k, v) for k, v in vars(module).items() if isinstance(v, Parameter)]


def own_buffers(module):
    """List a module's own buffers."""
    mine = vars(module)
    return [(k, mine[k]) for k in mine["_persistent"] if isinstance(mine.get(k), Tensor)]


def own_modules(module):
    """List a module's direct parts: attributes that are a Module."""
    return [(k, v) for k, v in vars(module).items() if isinstance(v, Module)]


def _indented(text):
    return text.replace("\n", "\n  ")


# --- checks of attributes

PARTS = (Tensor, Module)


def _type_name(value):
    name = type(value).__name__
    return f"torch.{value.type().rpartition('.')[2]}" if isinstance(value, Tensor) else name


def _check_ready(mine, value):
    """Raise PyTorch's error where a subclass forgot ``super().__init__()``."""
    if "_persistent" not in mine:
        kind = (
            "parameters" if isinstance(value, Parameter)
            else "module" if isinstance(value, Module)
            else "buffer" if isinstance(value, Buffer) else None
        )  # fmt: skip
        if kind:
            raise AttributeError(
                f"cannot assign {kind} before Module.__init__() call. Begin your __init__ with "
                "super().__init__()"
            )


PLACES = {  # what belongs to a place, and PyTorch's words for it
    "parameter": (Parameter, "parameter", "torch.nn.Parameter or None expected"),
    "module": (Module | Parameter, "child module", "torch.nn.Module or None expected"),
    "buffer": (Tensor | Module, "buffer", "torch.nn.Buffer, torch.Tensor or None expected"),
}


def _check_place(module, name, old, value):
    """Raise PyTorch's error where something would silently be lost, or never be learned.

    A parameter, a buffer or a part keeps its place where it is None: a tensor is refused there.
    """
    mine = vars(module)
    kind = _kind_of_place(mine, name, old)
    if value is None:
        _leave_vacant(module, name, value, kind)
    elif kind is None:
        if isinstance(value, Parameter | Buffer) and name not in mine and hasattr(module, name):
            raise KeyError(f"attribute '{name}' already exists")  # a method would be hidden
    elif not isinstance(value, PLACES[kind][0]):
        _, called, expected = PLACES[kind]
        raise TypeError(f"cannot assign '{_type_name(value)}' as {called} '{name}' ({expected})")


def _kind_of_place(mine, name, old):
    if isinstance(old, Parameter):
        return "parameter"
    if isinstance(old, Module):
        return "module"
    if old is None or isinstance(old, Tensor):
        known = "buffer" if name in mine.get("_persistent", ()) else None
        return known if known or old is not None else mine.get("_vacant", {}).get(name)
    return None


def _leave_vacant(module, name, value, kind):
    if value is None and kind is not None:
        vars(module).setdefault("_vacant", {})[name] = kind


def _check_name(module, name, called):
    """Raise PyTorch's error where a name cannot be given to a parameter, buffer or part."""
    mine = vars(module)
    if "_persistent" not in mine:
        raise AttributeError(f"cannot assign {called} before Module.__init__() call")
    if not isinstance(name, str):
        raise TypeError(f"{called} name should be a string. Got {type(name).__name__}")
    if "." in name:
        raise KeyError(f'{called} name can\'t contain ".", got: {name}')
    if name == "":
        raise KeyError(f'{called} name can\'t be empty string ""')
    if hasattr(module, name) and _kind_of_place(mine, name, mine.get(name)) != called:
        raise KeyError(f"attribute '{name}' already exists")


# --- hooks on all modules


registering: dict = {}  # {kind of attribute: {key: hook}}: told of what modules are given


def _announced(module, name, value):
    """Call the hooks that want to know of parameters, buffers or parts; they may replace it."""
    kinds = (("parameter", Parameter), ("module", Module), ("buffer", Buffer))
    kind = next((kind for kind, cls in kinds if isinstance(value, cls)), None)
    if isinstance(value, Tensor) and name in module._persistent:
        kind = "buffer"
    for hook in list(registering.get(kind, {}).values()):
        answer = hook(module, name, value)
        value = value if answer is None else answer
    return value


def _on_registration(kind, hook):
    hooks, key = registering.setdefault(kind, {}), birth()
    hooks[key] = hook
    return RemovableHandle(hooks, key, lambda: registering.pop(kind, None))


def register_module_buffer_registration_hook(hook):
    """Call ``hook(module, name, buffer)`` whenever any module is given a buffer."""
    return _on_registration("buffer", hook)


def register_module_module_registration_hook(hook):
    """Call ``hook(module, name, part)`` whenever any module is given a part."""
    return _on_registration("module", hook)


def register_module_parameter_registration_hook(hook):
    """Call ``hook(module, name, parameter)`` whenever any module is given a parameter."""
    return _on_registration("parameter", hook)


def _on_all(kind, hook, detail):
    """Hang a hook on all modules: they look at ``Module._module_hooks`` when they are called."""
    key = everywhere.setdefault(kind, Hooks()).add(hook, detail)
    Module._module_hooks = everywhere

    def forget():
        everywhere.pop(kind, None)
        if not everywhere:
            Module._module_hooks = None

    return RemovableHandle(everywhere[kind], key, forget)


def register_module_forward_pre_hook(hook):
    """Call ``hook(module, args)`` before the forward of every module there is."""
    return _on_all("forward_pre", hook, False)


def register_module_forward_hook(hook, *, with_kwargs: bool = False, always_call: bool = False):
    """Call ``hook(module, args, output)`` after the forward of every module there is."""
    return _on_all("forward", hook, (with_kwargs, always_call))


def register_module_full_backward_pre_hook(hook):
    """Call ``hook(module, gradients of outputs)`` when backward reaches any module."""
    return _on_all("backward_pre", hook, None)


def register_module_full_backward_hook(hook):
    """Call ``hook(module, gradients of inputs, of outputs)`` after any module's backward."""
    return _on_all("backward", hook, None)


register_module_backward_hook = register_module_full_backward_hook
