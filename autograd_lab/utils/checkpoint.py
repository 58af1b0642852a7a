"""Spend time to save memory: forget how a part of the model computed, and compute it again."""

from ..autograd import Function, grad
from ..core import Leaf, Tensor
from ..grad_mode import enable_grad, is_grad_enabled
from ..random import get_rng_state, set_rng_state
from ..writes import birth
from ._pytree import tree_leaves


def checkpoint(
    function, *args, use_reentrant=None, preserve_rng_state=True, determinism_check="default",
    debug=False, context_fn=None, early_stop=True, **kwargs,
):  # fmt: skip
    """Call a function now, and once more in backward, so that its graph need not be kept.

    Forward keeps the arguments and the results only. Backward calls the function again, with the
    same random numbers, and goes through the graph of that call. A function that uses computed
    tensors which are not among its arguments is called as usual, and its graph is kept.

    >>> from autograd_lab.utils.checkpoint import checkpoint
    >>> x = torch.tensor(2.0, requires_grad=True)
    >>> y = checkpoint(lambda x: (x * x).exp(), x, use_reentrant=False)
    >>> y.backward()
    >>> x.grad
    tensor(218.3926)
    """
    if not is_grad_enabled():
        return function(*args, **kwargs)
    state, start = get_rng_state() if preserve_rng_state else None, birth()
    made = function(*args, **kwargs)
    outputs = made if isinstance(made, tuple) else (made,)
    live = [i for i, t in enumerate(outputs) if isinstance(t, Tensor) and t.requires_grad]
    given = [a for a in (*args, *kwargs.values()) if isinstance(a, Tensor) and a.requires_grad]
    hidden = _hidden_leaves([outputs[i] for i in live], given, start)
    if not live or hidden is None:
        return made
    call = Call(function, args, kwargs, live, state)
    first = [outputs[i].detach() for i in live]
    tied = iter(CheckpointFunction.apply(call, first, *given, *hidden))
    outputs = tuple(next(tied) if i in live else t for i, t in enumerate(outputs))
    return outputs if isinstance(made, tuple) else outputs[0]


def checkpoint_sequential(functions, segments, input, use_reentrant=None, **settings):
    """Call modules one after the other, in ``segments`` checkpointed parts.

    >>> from autograd_lab.utils.checkpoint import checkpoint_sequential
    >>> net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    >>> checkpoint_sequential(net, 2, torch.ones(1, 2), use_reentrant=False).shape
    torch.Size([1, 1])
    """
    modules = list(functions)
    size = len(modules) // segments
    ends = [size * (i + 1) for i in range(segments - 1)] + [len(modules)]
    for begin, end in zip([0, *ends], ends):
        input = checkpoint(_one_after_the_other(modules[begin:end]), input, **settings)
    return input


def _one_after_the_other(modules):
    def run(x):
        for module in modules:
            x = module(x)
        return x

    return run


def _hidden_leaves(tensors, given, start):
    """Find the leaves that a call used without being given them: a module's parameters.

    None if it used what was computed before the call: then its graph must be kept.
    """
    known, leaves, waiting = {t.node for t in given}, [], [t.node for t in tensors]
    for node in waiting:  # the list grows while it is read
        if node in known:
            continue
        known.add(node)
        if type(node) is Leaf:
            leaves.append(node.tensor())
        elif node.seq < start:
            return None
        else:
            waiting += node.next
    return leaves


def get_device_states(*args):
    """Give the GPUs of the tensors among ``args`` and their random numbers' states."""
    found = [a.get_device() for a in tree_leaves(args) if isinstance(a, Tensor) and a.is_cuda]
    return found, [get_rng_state() for _ in found]  # a GPU draws the processor's numbers


def set_device_states(devices, states, *, device_type=None) -> None:
    """Go back to the states that ``get_device_states`` gave."""
    for state in states:
        set_rng_state(state)


class Call:
    """What is needed to call a function again: with copies of its arguments, and the same luck."""

    def __init__(self, function, args, kwargs, live, state):
        self.function, self.args, self.kwargs = function, args, kwargs
        self.live, self.state = live, state

    def again(self):
        """Give the copies of the arguments that need gradients, and the results from them."""
        copies = []

        def copy(value):
            if not isinstance(value, Tensor) or not value.requires_grad:
                return value
            copies.append(value.detach().requires_grad_())
            return copies[-1]

        args = [copy(a) for a in self.args]
        kwargs = {name: copy(a) for name, a in self.kwargs.items()}
        now = get_rng_state()
        if self.state is not None:
            set_rng_state(self.state)
        with enable_grad():
            made = self.function(*args, **kwargs)
        if self.state is not None:
            set_rng_state(now)
        outputs = made if isinstance(made, tuple) else (made,)
        return copies, [outputs[i] for i in self.live]


class CheckpointFunction(Function):
    """Stands for the whole call: its backward runs the call again."""

    @staticmethod
    def forward(ctx, call, outputs, *inputs):
        """Give the results of the first call."""
        ctx.call, ctx.inputs = call, inputs
        return tuple(outputs)

    @staticmethod
    def backward(ctx, *gradients):
        """Call the function again, and go through the graph of that call."""
        if is_grad_enabled():
            raise RuntimeError(
                "checkpoint: the gradient of a gradient (create_graph=True) needs the graph that "
                "was forgotten; call the function without checkpoint"
            )
        copies, outputs = ctx.call.again()
        inputs = [*copies, *ctx.inputs[len(copies) :]]
        found = grad(outputs, inputs, list(gradients), allow_unused=True)
        return None, None, *found


__all__ = ["checkpoint", "checkpoint_sequential", "get_device_states", "set_device_states"]
