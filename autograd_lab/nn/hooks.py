"""What a module call does when somebody has hung hooks on the module."""

from contextlib import nullcontext

from ..core import TENSORS, Op, Output, Tensor, new, wrap
from ..grad_mode import is_grad_enabled, no_grad
from ..writes import birth


def call_with_hooks(module, args, kwargs):
    """Run a module's forward, with its hooks before, after, and around its backward."""
    hooks = module._module_hooks
    for hook, with_kwargs in list(hooks.get("forward_pre", {}).values()):
        if with_kwargs:
            args, kwargs = hook(module, args, kwargs) or (args, kwargs)
        elif (changed := hook(module, args)) is not None:
            args = changed if isinstance(changed, tuple) else (changed,)
    after = list(hooks.get("forward", {}).values())
    try:
        if (hooks.get("backward") or hooks.get("backward_pre")) and is_grad_enabled():
            output = _between_gates(module, args, kwargs)
        else:
            output = module.forward(*args, **kwargs)
    except Exception:
        for hook, (with_kwargs, always) in after:
            if always:
                hook(module, args, kwargs, None) if with_kwargs else hook(module, args, None)
        raise
    for hook, (with_kwargs, _) in after:
        changed = (
            hook(module, args, kwargs, output) if with_kwargs else hook(module, args, output)
        )
        output = output if changed is None else changed
    return output


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
    for hook, _ in list((module._module_hooks or {}).get(kind, {}).values()):
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
