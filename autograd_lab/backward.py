"""Backward: the chain rule, applied to the nodes behind a tensor, the youngest first."""

import sys
import threading
import weakref

import numpy as np

from . import grad_mode, writes
from .core import FREED, OPS, TENSORS, Leaf, Part, Tensor, born, leaf, wrap
from .device import NOWHERE, device_of, raise_explained, several_gpus
from .errors import explain_written
from .hooks import RemovableHandle, add_hook, hooked, hooks_of
from .mistakes import note_backward
from .watching import describe, site_of

anomaly = threading.local()  # .on: look for nan in every gradient (autograd.detect_anomaly)
listeners: dict = {}  # thread -> what is told, with its roots, of each backward() there


def _held_once() -> int:
    g = np.empty(1)
    return sys.getrefcount(g)


ALONE = _held_once()  # the count of an array that only one local name holds (differs by Python)


def backward_of(self, gradient=None, retain_graph=None, create_graph=False, inputs=None) -> None:
    """Compute the gradient of this tensor with respect to every leaf it depends on.

    Adds to the leaves' ``grad``. A tensor with more than one element needs ``gradient``, the
    gradient of some later scalar with respect to it.
    """
    retain = create_graph if retain_graph is None else retain_graph
    try:
        gradient = as_gradient(self, gradient)
        if inputs is None:
            backward([self], [gradient], retain, create_graph)
            return
        inputs = [inputs] if isinstance(inputs, Tensor) else list(inputs)
        backward_into(inputs, [self], [gradient], retain, create_graph)
    except RuntimeError as error:
        note_backward(error, self)
        raise


backward_of.__qualname__ = "Tensor.backward"  # what Python's own errors call it


def register_hook(self, hook) -> RemovableHandle:
    """Call ``hook(gradient)`` when this tensor's gradient is known; it may return another."""
    if self.node is None:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    return add_hook(self.node, "tensor", hook)


def register_post_accumulate_grad_hook(self, hook) -> RemovableHandle:
    """Call ``hook(tensor)`` after its ``grad`` has been added to."""
    if type(self.node) is not Leaf:
        raise RuntimeError(
            "post accumulate grad hooks cannot be registered on non-leaf tensors"
        )
    return add_hook(self.node, "then", hook)


def retain_grad(self) -> None:
    """Keep the gradient of a tensor that is not a leaf, too."""
    if self.node is None:
        raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
    if self.is_leaf or "retains" in self.__dict__:
        return
    me = weakref.ref(self)

    def keep(g):
        if (tensor := me()) is not None:
            tensor._grad = g if tensor._grad is None else tensor._grad + g

    self.__dict__["retains"] = add_hook(self.node, "keep", keep)


def retains_grad(self) -> bool:
    """Say whether ``retain_grad`` was asked for."""
    return "retains" in self.__dict__


# --- what backward starts with


def nodes_of(tensors):
    """Give the nodes of tensors whose gradients are asked for."""
    for tensor in tensors:
        if tensor.node is None:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    return [tensor.node for tensor in tensors]


def as_gradient(tensor, gradient):
    """Check the gradient that backward starts with, or make it (1 for a scalar)."""
    if tensor.node is None:
        raise RuntimeError(
            "element 0 of tensors does not require grad and does not have a grad_fn"
        )
    array = tensor.array
    if gradient is None:
        if array.size != 1:
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
        if tensor.dtype.is_complex:
            raise RuntimeError(
                "grad can be implicitly created only for real scalar outputs but got "
                f"{tensor.dtype}"
            )
        if isinstance(array, np.generic):
            return wrap(array.dtype.type(1))
        with tensor.device.active():
            return wrap(tensor.device.xp.full_like(array, 1))
    if not isinstance(gradient, Tensor):
        raise TypeError(
            f"gradients can be either Tensors or None, but got {type(gradient).__name__}"
        )
    if gradient.shape != tensor.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[0] has a shape of {gradient.shape} and output[0] has "
            f"a shape of {tensor.shape}."
        )
    return gradient if gradient.dtype is tensor.dtype else OPS["to"](gradient, tensor.dtype)


def backward_into(inputs, roots, gradients, retain_graph, create_graph) -> None:
    """Go backward and add to the ``grad`` of these tensors only, leaves or not."""
    if not inputs:
        raise RuntimeError("'inputs' argument to backward() cannot be empty.")
    nodes = nodes_of(inputs)
    capture = dict.fromkeys(nodes)
    backward(roots, gradients, retain_graph, create_graph, capture)
    for node, tensor in dict(zip(nodes, inputs)).items():
        if capture[node] is not None:
            collector = node if type(node) is Leaf else leaf(tensor)
            collector.accumulate(capture[node], False)
            run_after(node, tensor)


# --- the walk


def _needed(nodes, capture):
    """Keep the nodes on the way to what was asked for."""
    wanted = set(capture)
    for node in reversed(nodes):
        if node not in wanted and any(before in wanted for before in node.next):
            wanted.add(node)
    return wanted


def backward(roots, gradients, retain_graph=False, create_graph=False, capture=None) -> None:
    """Visit the nodes from the youngest to the oldest, each once, and apply the chain rule.

    ``capture``: {node: None} for the gradients that are asked for; without it they go to the
    leaves. All state is local, so several threads may do this at once, and hooks may do it again.
    """
    __tracebackhide__ = True
    if listeners and capture is None and threading.get_ident() in listeners:
        listeners[threading.get_ident()](roots)
    try:
        if create_graph or hooked:  # the learner's own code runs inside: say whether it is recorded
            with grad_mode.enable_grad() if create_graph else grad_mode.no_grad():
                _visit(roots, gradients, retain_graph, create_graph, capture)
        else:
            _visit(roots, gradients, retain_graph, False, capture)
    except MemoryError as error:
        raise_explained(error)
        raise


def _visit(roots, gradients, retain_graph, create_graph, capture):
    __tracebackhide__ = True
    grads, nodes = {}, []
    for tensor, g in zip(roots, gradients):
        node, g = tensor.node, g if create_graph else g.array
        if node in grads:
            grads[node] = grads[node] + g
        else:
            grads[node] = g
            nodes.append(node)
    for n in nodes:  # everything the roots depend on; the list grows while it is read
        for m in n.next:
            if m not in grads:
                grads[m] = None
                nodes.append(m)
    nodes.sort(key=born, reverse=True)  # a node is younger than its inputs
    oldest = next((n.seq for n in reversed(nodes) if n.seq), 0)
    written = oldest < writes.last_write
    rare = written or hooked or create_graph or capture is not None or several_gpus()
    if rare or getattr(anomaly, "on", False):
        _visit_carefully(nodes, grads, retain_graph, create_graph, capture)
    else:
        _visit_quickly(nodes, grads, retain_graph)


def _visit_quickly(nodes, grads, retain_graph):
    """Apply the chain rule where nothing rare was asked for: almost every training step."""
    __tracebackhide__ = True
    take, refs = grads.pop, sys.getrefcount
    for n in nodes:
        g = take(n)
        if g is None:
            continue
        inputs = n.next
        edges = len(inputs)
        if edges == 2:
            m, k = inputs
            d, e = n.pull(g)
            old = grads[m]
            grads[m] = d if old is None else old if d is None else old + d
            old = grads[k]
            grads[k] = e if old is None else old if e is None else old + e
            e = None
        elif edges == 1:
            (m,) = inputs
            d = n.pull(g)
            old = grads[m]
            grads[m] = d if old is None else old if d is None else old + d
        elif edges:
            for m, d in zip(inputs, n.pull(g)):
                old = grads[m]
                grads[m] = d if old is None else old if d is None else old + d
        else:
            # counted before g is passed on: an argument counts, too
            alone = refs(g) <= ALONE and g.base is None
            n.accumulate(g, alone)
            continue
        d = old = None  # so that refs(g) counts only those who keep g
        if not retain_graph:
            n.saved = FREED


def _visit_carefully(nodes, grads, retain_graph, create_graph, capture):
    """Apply the chain rule with all that is rare: hooks, checks, gradients that were asked for."""
    __tracebackhide__ = True
    wanted = None if capture is None else _needed(nodes, capture)
    visited = set(nodes) if hooked and capture is None else wanted
    last_write = writes.last_write
    for n in nodes:
        g = grads.pop(n)
        if g is None or wanted is not None and n not in wanted:
            continue
        if n.saved and n.seq < last_write:
            check_saved(n)
        hooks = getattr(n, "hooks", None)
        if hooks:
            g = run_hooks(n, g)
            for hook in hooks_of(n, "together"):
                hook(_as_tensor(g), visited)
        if capture is not None:
            if n in capture:
                capture[n] = g
            if not any(m in wanted for m in n.next):
                continue
        if type(n) is Leaf:
            with _place_of(g):
                n.accumulate(g, False)
            if hooks:
                run_after(n)
            continue
        with _place_of(g):
            given = (n.as_tensors() if create_graph else n).pull(g)
        given = (given,) if len(n.next) == 1 else given
        if hooks:
            given = _run_node_hooks(n, given, g)
        if getattr(anomaly, "on", False):
            check_nan(n, given)
        for m, d in zip(n.next, given):
            if d is not None:
                old = grads[m]
                with _place_of(d):
                    grads[m] = d if old is None else old + d
        if not retain_graph:
            n.saved = FREED


def check_nan(node, given) -> None:
    """Raise if a gradient has become nan: ``detect_anomaly`` asked."""
    for place, g in enumerate(given):
        array = g.array if type(g) in TENSORS else g
        if array is None or isinstance(array, Part) or array.dtype.kind not in "fc":
            continue
        if bool((array != array).any()):
            site = site_of(node)
            where = f" It was made here: {describe(site)}" if site else ""
            raise RuntimeError(
                f"Function '{node.name()}' returned nan values in its {place}th output.{where}"
            )


def _place_of(g):
    """Choose the GPU on which a gradient lies, where there are several to choose from."""
    if not several_gpus():
        return NOWHERE
    g = next(iter(g.values())) if isinstance(g, Part) else g
    return device_of(g.array if type(g) in TENSORS else g).active()


# --- what is rarely asked for


def check_saved(node) -> None:
    """Raise PyTorch's error if what a node saved was written to after the node was made."""
    for name, saved in zip(type(node).keep, node.saved or ()):
        for each in saved if type(saved) in (list, tuple) else (saved,):  # contract saves a list
            array = each.array if type(each) in TENSORS else each
            if hasattr(array, "dtype") and writes.written_since(array, node.seq):
                raise explain_written(node, name, array, writes.version(array), site_of(node))


def run_hooks(node, g):
    """Show a gradient to a tensor's hooks, in order; each may replace it."""
    for hook in hooks_of(node, "tensor"):
        shown = _as_tensor(g)
        g = _answered(hook(shown), shown, g)
    for hook in hooks_of(node, "before"):
        g = _answer_of_node_hook(hook(_shown(g)), g)
    for hook in hooks_of(node, "keep"):
        hook(g if type(g) is Tensor else wrap(g.copy()))
    return g


def _answered(answer, shown, g):
    """Take what a hook gave back, if it may stand where the gradient stood."""
    if answer is None:
        return g
    if not isinstance(answer, Tensor):
        raise TypeError(f"hook must return None or a Tensor, not {type(answer).__name__}")
    if answer.shape != shown.shape:
        raise RuntimeError(
            f"hook has changed the size of value: {list(shown.shape)} became {list(answer.shape)}"
        )
    if answer.dtype is not shown.dtype:
        raise RuntimeError(
            f"hook has changed the type of value (was {shown.dtype} got {answer.dtype})"
        )
    return answer if type(g) is Tensor else answer.array


def _shown(g):
    """Lay out the gradients of a node's outputs as its hooks see them: a tuple of Tensors."""
    if isinstance(g, Part):
        return tuple(_as_tensor(d) for d in g.filled(max(g) + 1))
    return (_as_tensor(g),)


def _answer_of_node_hook(answer, g):
    if answer is None:
        return g
    if not isinstance(g, Part):
        return _answered(answer[0], _as_tensor(g), g)
    return Part({i: _answered(answer[i], _as_tensor(d), d) for i, d in g.items()})


def run_after(node, tensor=None) -> None:
    """Call the hooks that wait for a leaf's ``grad``."""
    for hook in hooks_of(node, "then"):
        hook(tensor if tensor is not None else node.tensor())


def _run_node_hooks(node, given, g):
    """Show a node's gradients, in and out, to the hooks on the node."""
    for hook in hooks_of(node, "after"):
        shown = tuple(_as_tensor(d) for d in given)
        answer = hook(shown, _shown(g))
        if answer is not None:
            given = [
                d if d is None else _answered(a, t, d) for a, t, d in zip(answer, shown, given)
            ]
    return given


def _as_tensor(g):
    return g if g is None or type(g) in TENSORS else wrap(g)
