"""What a module call does when somebody has hung hooks on the module, or on all modules."""

import warnings
from collections import OrderedDict
from contextlib import nullcontext

from ..core import TENSORS, Op, Output, Tensor, new, wrap
from ..grad_mode import is_grad_enabled, no_grad
from ..hooks import RemovableHandle
from ..writes import birth

everywhere: dict = {}  # {kind: Hooks} of the hooks that hang on all modules


class Hooks(OrderedDict):
    """Hooks of one kind by key, and for each what it was registered with."""

    def __init__(self, *args):
        super().__init__(*args)
        self.details = {}

    def add(self, hook, detail, first=False):
        """Put a hook in, before or behind the others; returns its key."""
        key = birth()
        self[key], self.details[key] = hook, detail
        if first:
            self.move_to_end(key, last=False)
        return key

    def pairs(self):
        """List hooks and details, as they are now."""
        return [(hook, self.details[key]) for key, hook in self.items()]


class HookHandle(RemovableHandle):
    """Lets you take a module's hook off again; the module forgets about hooks with the last."""

    def __init__(self, module, kind, key):
        super().__init__(module._module_hooks[kind], key)
        self.module, self.kind = module, kind

    def remove(self) -> None:
        """Take the hook off."""
        super().remove()
        mine = vars(self.module).get("_module_hooks")
        if mine and not self.hooks:
            mine.pop(self.kind, None)
        if not mine:
            vars(self.module).pop("_module_hooks", None)


def take_off(module, kind, wanted) -> list:
    """Take those of a module's own hooks off that ``wanted(hook)`` chooses; list them."""
    mine = (vars(module).get("_module_hooks") or {}).get(kind, {})
    chosen = [(key, hook) for key, hook in mine.items() if wanted(hook)]
    for key, _ in chosen:
        HookHandle(module, kind, key).remove()
    return [hook for _, hook in chosen]


def of_kind(cls, name):
    """Make the question whether a hook is of this class, and concerns the weight of this name."""
    return lambda hook: isinstance(hook, cls) and hook.name == name


def found(module, kind):
    """List the hooks of a kind that concern a module: those of all modules first."""
    mine = vars(module).get("_module_hooks") or {}
    return [pair for hooks in (everywhere, mine) if kind in hooks for pair in hooks[kind].pairs()]


def call_with_hooks(module, args, kwargs):
    """Run a module's forward, with its hooks before, after, and around its backward."""
    waiting, output = found(module, "forward"), None  # the hooks that have not been called yet
    try:
        args, kwargs = _before(module, args, kwargs)
        if is_grad_enabled() and (found(module, "backward") or found(module, "backward_pre")):
            output = _between_gates(module, args, kwargs)
        else:
            output = module.forward(*args, **kwargs)
        while waiting:
            hook, (with_kwargs, _) = waiting.pop(0)
            words = (kwargs,) if with_kwargs else ()
            changed = hook(module, args, *words, output)
            output = output if changed is None else changed
        return output
    except Exception:
        _after_failure(module, args, kwargs, output, waiting)
        raise


def _before(module, args, kwargs):
    """Call the hooks before forward, which may replace its arguments."""
    for hook, with_kwargs in found(module, "forward_pre"):
        if with_kwargs:
            changed = hook(module, args, kwargs)
            if changed is not None and not (isinstance(changed, tuple) and len(changed) == 2):
                raise RuntimeError(
                    "forward pre-hook must return None or a tuple of (new_args, new_kwargs), but "
                    f"got {changed}."
                )
            args, kwargs = (args, kwargs) if changed is None else changed
        elif (changed := hook(module, args)) is not None:
            args = changed if isinstance(changed, tuple) else (changed,)
    return args, kwargs


def _after_failure(module, args, kwargs, output, waiting):
    """Call those hooks that want to hear of a failure too."""
    for hook, (with_kwargs, always) in waiting:
        if always:
            try:
                hook(module, args, *((kwargs,) if with_kwargs else ()), output)
            except Exception as error:
                warnings.warn(
                    "module forward hook with ``always_call=True`` raised an exception that was "
                    f"silenced as another error was raised in forward: {error}",
                    stacklevel=2,
                )


class Gate(Op):
    """Let tensors pass unchanged, and show all their gradients at once when they come back."""

    __slots__ = ("likes", "places", "shown")

    def name(self) -> str:
        """Give PyTorch's name of this node."""
        return "BackwardHookFunctionBackward"

    def as_tensors(self):
        """A gate saves nothing."""
        return self

    def pull(self, g):
        """Show the gradients; what comes of it goes on."""
        gs = [self.nothing(i) if d is None else d for i, d in enumerate(g.filled(len(self.likes)))]
        gs = self.shown(gs)
        wanted = [gs[place] for place in self.places]
        return wanted[0] if len(wanted) == 1 else wanted

    def nothing(self, place):
        """Give a gradient of zeros, where none came back."""
        device, shape, dtype = self.likes[place]
        return device.xp.zeros(shape, dtype)


def through_gate(tensors, shown):
    """Pass tensors through one gate; ``shown(gradients)`` is called with all their gradients."""
    gate = new(Gate)
    gate.places = [i for i, t in enumerate(tensors) if t.node is not None]
    gate.next = tuple(tensors[i].node for i in gate.places)
    gate.likes = [(t.device, t.array.shape, t.array.dtype) for t in tensors]
    gate.shown, gate.saved, gate.seq = shown, None, birth()
    passed = []
    for place, tensor in enumerate(tensors):
        made = wrap(tensor.shared())
        if tensor.node is not None:
            out = made.node = new(Output)
            out.next, out.saved, out.place, out.seq = (gate,), None, place, birth()
        passed.append(made)
    return passed


def _between_gates(module, args, kwargs):
    """Run forward with a gate before it and one behind it, for the backward hooks."""
    grad_outputs = []

    def at_inputs(gs):
        return _run(module, "backward", gs, grad_outputs[-1] if grad_outputs else None)

    def at_outputs(gs):
        gs = _run(module, "backward_pre", gs)
        grad_outputs.append(tuple(map(_tensor, gs)))
        if not any_input:
            _run(module, "backward", [None] * max(1, count), grad_outputs[-1])
        return gs

    count = sum(isinstance(a, Tensor) for a in args)
    any_input = any(isinstance(a, Tensor) and a.node is not None for a in args)
    if any_input:
        args = _replaced(args, at_inputs)
    output = module.forward(*args, **kwargs)
    if isinstance(output, Tensor):
        return _replaced((output,), at_outputs)[0]
    if isinstance(output, tuple | list):
        return type(output)(_replaced(output, at_outputs))
    return output


def _replaced(values, shown):
    """Pass those values that are tensors through one gate."""
    tensors = [v for v in values if isinstance(v, Tensor)]
    if not any(t.node is not None for t in tensors):
        return values
    passed = iter(through_gate(tensors, shown))
    return tuple(next(passed) if isinstance(v, Tensor) else v for v in values)


def _run(module, kind, gs, grad_output=None):
    """Call a module's backward hooks, which may replace the gradients that they see."""
    for hook, _ in found(module, kind):
        bare = not any(type(g) in TENSORS for g in gs)
        seen = tuple(map(_tensor, gs))
        with no_grad() if bare else nullcontext():
            answer = hook(module, seen) if grad_output is None else hook(module, seen, grad_output)
        if answer is not None:
            answer = answer if isinstance(answer, tuple) else (answer,)
            gs = [a.array if bare and a is not None else a for a in answer]
    return gs


def _tensor(g):
    return g if g is None or type(g) in TENSORS else wrap(g)
