"""Measure a model while it trains: gradients, updates, activations; never for longer than allowed.

The probe hangs on an optimizer's step. Most steps pass it by: one look at a gradient. Now and then
a step is measured, from its first operation to its last, and what that took decides when the next
may be: the share of the time that goes into measuring stays below ``budget``, whatever the model.
"""

import math
from time import perf_counter

from autograd_lab.device import HOST, device_of
from autograd_lab.replay import operation_name
from autograd_lab.watching import add_watcher, remove_watcher, site_of_call

from .._called import called
from .shapes import shape_of, silent

BUDGET = 0.002          # share of the time
LOOKED_AT, ALONE = 10, 1  # samples a second at most: while somebody looks, and while nobody does
MANY = 64               # columns; more parameters are joined by the module they belong to
SEEN = 2**15            # of a larger parameter every so-manieth entry tells how far it moved
CALLS = 3               # of one activation in a loop
GATED = {"relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "hardswish",
         "softplus", "prelu"}  # fmt: skip
BOUNDED = {"tanh", "sigmoid", "hardtanh", "hardsigmoid", "softsign"}
FULL = {"tanh": 0.97, "sigmoid": 0.97, "hardtanh": 1.0, "hardsigmoid": 1.0, "softsign": 0.97}


class Probe:
    """Hang on an optimizer and call ``tell(sample)`` for each step that was measured.

    A sample is a dict: ``norms`` and ``ratios`` by parameter, ``dead`` by activation (``gated`` are
    those that can die: a tanh is only at its limit), and ``shapes``, histograms, if ``deep`` is
    set. ``alarm()`` is called, once, in the step in which the first gradient is no number any more:
    the weights are still those that gave it. A ``run`` (``Steering``) tells which thread its loop
    is on, and which step is the last: that one is measured, too.

    >>> import autograd_lab as torch
    >>> net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    >>> optimizer, seen = torch.optim.SGD(net.parameters(), lr=0.1), []
    >>> probe = Probe(net, optimizer, seen.append, budget=math.inf)
    >>> for _ in range(2):
    ...     net(torch.ones(4, 2)).sum().backward()
    ...     optimizer.step()
    >>> sorted(seen[0]["norms"]), list(seen[0]["dead"])
    (['0.bias', '0.weight'], ['1 ReLU'])
    >>> probe.remove()
    """

    def __init__(
        self, model, optimizer, tell, budget=BUDGET, alarm=lambda: None, frame=None, run=None,
    ):  # fmt: skip
        self.model, self.optimizer, self.tell, self.budget = model, optimizer, tell, budget
        self.run, self.last = run, None         # the number of the last step, if that is known
        self.alarm, self.rung = alarm, False
        self.rate, self.deep, self.spent = LOOKED_AT, False, 0.0
        self.due, self.took = 0.0, 0.0          # when the next sample may be, what this one costs
        self.armed, self.before, self.sample = False, [], {}
        self.columns = columns_of(model, optimizer, frame)
        self.paths = {} if model is None else {m: path for path, m in model.named_modules()}
        self.first = next(iter(self.columns.values()))[0]
        self.labels, self.calls = {}, {}
        self.handle = optimizer.register_step_pre_hook(self._before)
        self.ending = None                      # the hook on the end of a step that is measured
        self._arm()

    def remove(self):
        """Let go of the optimizer."""
        self._disarm()
        self.handle.remove()

    def skip(self):
        """Forget the sample at hand: the steps that come now only repeat others."""
        self._disarm()
        self.due = perf_counter() + 1 / self.rate

    def now(self) -> dict:
        """Give the length of the gradients as they lie there now, by column."""
        return norms({name: gradient_of(ps) for name, ps in self.columns.items()})

    def get_ready(self):
        """Measure the step that comes next, whenever that is: the run stands still."""
        if not self.armed:
            self._arm()

    # --- a measured step: armed before it begins

    def _arm(self):
        self.armed, self.sample, self.took = True, {"dead": {}, "gated": set(), "shapes": {}}, 0.0
        self.calls.clear()
        add_watcher(self._activation, everywhere=True)  # others than the loop may arm it

    def _disarm(self):
        if self.armed:
            self.armed, self.before = False, []
            remove_watcher(self._activation, everywhere=True)
        if self.ending is not None:
            self.ending.remove()
            self.ending = None

    def beat(self):
        """Measure the next step if it is time: to be called now and then between two steps."""
        run = self.run
        if run is not None and run.steps_an_epoch is not None:
            self.last = run.steps_an_epoch * run.epochs - 1
        if not self.armed and perf_counter() >= self.due:
            self._arm()

    def _before(self, optimizer, args, kwargs):
        """Look at each step of the optimizer before it changes the weights: two microseconds.

        What is broken spreads to the first layer: one of its gradients says enough.
        """
        grad = self.first.grad
        if grad is not None and type(array := grad.array) in HOST and array.size:
            value = array.item(0)               # a GPU would have to be waited for
            if value - value != 0 and not self.rung:
                self.rung = True
                self.alarm()
        if self.armed:
            self._begin()
        else:
            self._prepare_last()

    def _prepare_last(self):
        if self.last is not None and self.run.steps == self.last - 1:
            self._arm()

    def _begin(self):
        """Measure the gradients, and keep the weights as they are before the step."""
        start = perf_counter()
        remove_watcher(self._activation, everywhere=True)
        gradients = {name: gradient_of(ps) for name, ps in self.columns.items()}
        self.sample["norms"] = norms(gradients)
        if self.deep:
            for name, arrays in gradients.items():
                if arrays:
                    self.sample["shapes"][name] = shape_of(arrays[0])
        self.before = [(name, p, part(p).copy()) for name, ps in self.columns.items() for p in ps]
        if self.ending is None:
            self.ending = self.optimizer.register_step_post_hook(self._after)
        self.took += perf_counter() - start

    def _after(self, optimizer, args, kwargs):
        """Measure how far the weights moved, and tell."""
        start = perf_counter()
        self.sample["ratios"] = self._moved()
        self._disarm()
        self.took += perf_counter() - start
        start = perf_counter()
        self.tell(self.sample)
        end = perf_counter()
        self.took += end - start
        self.spent += self.took
        self.due = end + max(self.took / self.budget, 1 / self.rate)
        self._prepare_last()

    def _moved(self):
        """Give, by column, how far the weights moved: the length of the step over their own."""
        steps, weights = {}, {}
        for name, parameter, was in self.before:
            steps.setdefault(name, []).append(part(parameter) - was)
            weights.setdefault(name, []).append(was)
        far, own = norms(steps), norms(weights)
        return {name: far[name] / own[name] if own[name] else math.nan for name in far}

    def _activation(self, node, result, args):
        """Look at the result of an operation that is an activation."""
        if self.run is not None and not self.run.loops_here():
            return
        start = perf_counter()
        op = operation_name(node)
        if (op in GATED or op in BOUNDED) and result.node is not None:
            name = self._label(op, site_of_call(2))
            if name and self.calls.setdefault(name, 0) < CALLS:
                self.calls[name] += 1
                self._measure(name, op, result.array)
        self.took += perf_counter() - start

    def _measure(self, name, op, array):
        if array.size == 0 or array.dtype.kind != "f":
            return
        if op in GATED:
            self.sample["dead"][name] = silent(array)
            self.sample["gated"].add(name)
        else:
            self.sample["dead"][name] = float((abs(array) >= FULL[op]).mean())
        if self.deep:
            self.sample["shapes"][name] = shape_of(array)

    def _label(self, op, site):
        """Name an activation by its module; a function by the module that calls it."""
        module = site.modules[-1].module if site.modules else None
        path = self.paths.get(module)
        own = module is not None and not any(True for _ in module.children())
        key = (path, op) if own else (path, op, site.code, site.lasti)
        if key not in self.labels and len(self.labels) < MANY:
            if own and path:
                name = f"{path} {type(module).__name__}"
            else:
                name = ".".join(filter(None, (path, op)))
                same = sum(label.split(" (")[0] == name for label in self.labels.values())
                name += f" ({same + 1})" if same else ""
            self.labels[key] = name
        return self.labels.get(key)


def columns_of(model, optimizer, frame=None) -> dict:
    """Name the parameters that an optimizer changes; many are joined by their module.

    Tensors that no module holds are called as in the learner's ``frame``.

    >>> import sys, autograd_lab as torch
    >>> net, scale = torch.nn.Linear(2, 3), torch.ones(3, requires_grad=True)
    >>> learning = [*net.parameters(), scale, torch.ones(2, 1, requires_grad=True)]
    >>> list(columns_of(net, torch.optim.SGD(learning, lr=0.1), sys._getframe()))
    ['weight', 'bias', 'scale', 'parameter 3 (2, 1)']
    """
    names = {} if model is None else {id(p): name for name, p in model.named_parameters()}
    learning = [p for group in optimizer.param_groups for p in group["params"]]
    found = {}
    for k, p in enumerate(learning):
        name = names.get(id(p)) or (called(p, frame) if frame is not None else "")
        found[name if name and name not in found else f"parameter {k} {tuple(p.shape)}"] = [p]
    while len(found) > MANY and any("." in name for name in found):
        deepest = max(name.count(".") for name in found)
        joined = {}
        for name, parameters in found.items():
            short = name.rpartition(".")[0] if name.count(".") == deepest else name
            joined.setdefault(short, []).extend(parameters)
        found = joined
    return dict(list(found.items())[:MANY])


def gradient_of(parameters) -> list:
    """Give the gradients, as arrays, of those parameters that have a dense one."""
    arrays = [p.grad.array for p in parameters if p.grad is not None]
    return [a for a in arrays if hasattr(a, "reshape")]


def part(parameter):
    """Give the numbers of a parameter, or of a large one evenly chosen ones."""
    flat = parameter.detach().array.reshape(-1)
    return flat[:: max(1, flat.size // SEEN)]


def norms(arrays: dict) -> dict:
    """Give the length of the arrays under each name, taken together; nothing where there are none.

    From a GPU all come back at once.
    """
    squares = {name: [_square(a) for a in several] for name, several in arrays.items()}
    told = iter(on_host([square for several in squares.values() for square in several]))
    return {
        name: math.sqrt(sum(next(told) for _ in several))
        for name, several in squares.items()
        if several
    }


def _square(array):
    flat = array.reshape(-1)
    flat = abs(flat) if flat.dtype.kind == "c" else flat
    flat = flat.astype("float32") if flat.dtype.itemsize < 4 else flat
    return flat.dot(flat)


def on_host(scalars) -> list:
    """Give one-number arrays as numbers."""
    if scalars and type(scalars[0]) not in HOST:
        xp = device_of(scalars[0]).xp
        return xp.stack(scalars).get().tolist()
    return [float(x) for x in scalars]
