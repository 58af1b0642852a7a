"""What all optimizers share: groups of parameters, their state, saving and loading it."""

import copy
import functools
import warnings
from collections import ChainMap, OrderedDict, defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..core import Tensor
from ..creation import tensor, zeros_like
from ..device import device_of, raise_explained, several_gpus
from ..grad_mode import enable_grad
from ..hooks import RemovableHandle
from ..nn.parameter import zero
from ..writes import birth, wrote
from . import live
from .pieces import BLOCK, as_reals, pieces

SMALL = 4096  # up to this many elements NumPy is faster if input and output do not overlap
KEEP = 65536  # from this many bytes on, memory for results in between is kept


everywhere = {"before step": OrderedDict(), "after step": OrderedDict()}  # hooks on all optimizers


@functools.lru_cache(maxsize=256)
def constant(value: float, dtype):
    """Give a number as a 0-d array: NumPy multiplies by it in half the time."""
    return np.array(value, dtype)


class _Required:
    def __repr__(self):
        return "<required parameter>"


required: Any = _Required()  # as the default of a setting: each group must give a value


class Optimizer:
    """Change parameters so that a loss becomes smaller; a subclass says how in ``move``.

    Args:
        params: the parameters, or a list of groups: ``[{"params": [...], "lr": 0.1}, ...]``.
        defaults: the settings of a group that does not say otherwise.

    >>> class Signs(torch.optim.Optimizer):
    ...     def move(self, parameter, state, group):
    ...         parameter.data -= group["lr"] * parameter.grad.sign()
    >>> w = torch.tensor([5., -5.], requires_grad=True)
    >>> optimizer = Signs([w], {"lr": 0.5})
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 4.5000, -4.5000], requires_grad=True)
    """

    memory: tuple = ()  # the state that a parameter starts with: arrays of zeros, of its shape
    numbers: tuple = ()  # the state that is one number: it stays in main memory
    replayable = False  # asks for its rates with ``live``: a step can be captured, and replayed

    def __init__(self, params, defaults):
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                f"but got {params.type()}"
            )
        _check_flags(defaults)
        self.defaults, self.state, self.param_groups = defaults, defaultdict(dict), []
        self._begin()
        if hasattr(type(params), "named_parameters"):
            name = type(params).__name__
            raise TypeError(f"'{name}' object is not iterable: pass its parameters()")
        groups = list(params)
        if not groups:
            raise ValueError(
                "optimizer got an empty parameter list. Layers in a plain list or dict are not "
                "found: nn.ModuleList([...]) and nn.ModuleDict({...}) hold them"
            )
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(dict(group))

    def __init_subclass__(cls):
        if "step" in vars(cls):
            cls.step = _with_hooks(cls.step)

    def step(self, closure=None):
        """Change every parameter once, against its gradient.

        ``closure`` computes the loss (and its gradients) anew, for methods that ask for it.
        """
        hooks = self._hooks
        if hooks["before step"] or everywhere["before step"]:
            (_, closure), _ = self._call_before((self, closure), {})
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        if live.present.graph is not None and not self.replayable:
            raise RuntimeError(
                f"{type(self).__name__} cannot be captured: its learning rate and its count of "
                "steps would stay as they are now. SGD, Adam and AdamW can"
            )
        update = self._update_each if several_gpus() else self.update
        try:
            for group in self.param_groups:
                update(group)
        except MemoryError as error:
            raise_explained(error)
            raise
        if hooks["after step"] or everywhere["after step"]:
            self._call_after((self, closure), {})
        self._opt_called = True
        return loss

    def update(self, group) -> None:
        """Change the parameters of one group that have a gradient."""
        parameters = [p for p in group["params"] if p._grad is not None]
        for parameter in parameters:
            state = self.state[parameter]
            if not state:
                live.refuse_first_step()
                state.update(self.start(parameter, group))
        for parameter in self.move_together(parameters, group):
            self.move(parameter, self.state[parameter], group)
            wrote(parameter.shared())

    def move_together(self, parameters, group) -> list:
        """Change parameters in one go, where a GPU can; give those that are moved one by one."""
        return parameters

    def _update_each(self, group):
        """Change the parameters of a group GPU by GPU: they may lie on different ones."""
        places = defaultdict(list)
        for parameter in group["params"]:
            places[device_of(parameter.shared())].append(parameter)
        for place, parameters in places.items():
            with place.active():
                self.update(ChainMap({"params": parameters}, group))

    def start(self, parameter, group) -> dict:
        """Give the state of a parameter before its first step."""
        state = {name: tensor(0.0, device="cpu") for name in self.numbers}
        return state | {name: zeros_like(parameter) for name in self.memory}

    def move(self, parameter, state, group) -> None:
        """Change one parameter: what a subclass defines."""
        raise NotImplementedError(f"{type(self).__name__} defines no move(parameter, state, group)")

    def walk(self, parameter, group, *names, decay=True) -> Iterator[Any]:
        """Yield the weights, the gradient and the named state, part by part, as arrays of reals.

        The gradient points the way that ``maximize`` says, and has ``weight_decay`` in it.
        """
        state = self.state.get(parameter, {})
        tensors = [parameter, parameter._grad, *[state.get(name) for name in names]]
        arrays = [None if x is None else as_reals(x.shared()) for x in tensors]
        pull = decay and group.get("weight_decay")
        for w, g, *memory in pieces(arrays):
            g = -g if group["maximize"] else g
            yield w, (g + pull * w if pull else g), *memory

    def counted(self, count, numbers, states, group, like) -> Any:
        """Count one more step of parameters; give what ``numbers(steps, rate)`` works out.

        ``states`` are those of parameters that have made as many steps, or of a single one.

        There are ``count`` of them, used together with an array such as ``like``; see ``live``.
        Where a GradScaler may undo a captured step, ``state["step"]`` lies on the GPU, which alone
        knows how many have counted: then they are worked out there, for each by itself.
        """
        if not states[0]["step"].is_cuda:

            def now():
                steps, *_ = [tick(state) for state in states]
                return numbers(steps, float(group["lr"]))

            return live.live(count, now, like)
        there = states[0]["step"].shared()
        there += 1
        steps = there.astype(np.float64)
        (rate,) = live.live(1, lambda: [float(group["lr"])], steps)
        made = numbers(steps, rate)
        return [each if isinstance(each, float) else each.astype(like.dtype) for each in made]

    def descend(self, array, step, rate: float) -> None:
        """Subtract ``rate * step`` from an array, in its own memory."""
        if type(array) is np.ndarray and array.size <= SMALL:
            array[...] = array - step * constant(rate, array.dtype)
        else:
            for part, its_step in pieces([array, step]):
                part -= self.scaled(its_step, rate)
        wrote(array)

    def scaled(self, x, rate: float):
        """Multiply an array by a number; a large result is in memory that is used again."""
        if x.nbytes < KEEP or type(x) is not np.ndarray:
            return x * rate
        return np.multiply(x, rate, out=self.room(x))

    def room(self, x):
        """Lend an array for results in between; a large one is kept for the next time.

        Fresh memory is handed out page by page when it is first written to, and that takes longer
        than the arithmetic.
        """
        if x.nbytes < KEEP or type(x) is not np.ndarray:
            return device_of(x).xp.empty_like(x)
        kept = self._room.get(x.dtype)
        if kept is None or kept.size < x.size:
            kept = self._room[x.dtype] = np.empty(max(x.size, BLOCK), x.dtype)
        return kept[: x.size].reshape(x.shape)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, before the next backward adds to them."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none or parameter._grad is None:
                    parameter._grad = None
                else:
                    zero(parameter._grad)

    # --- groups

    def add_param_group(self, param_group: dict) -> None:
        """Add parameters with settings of their own: a layer that thaws, another learning rate."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        group = _with_list(param_group)
        for parameter in group["params"]:
            _check(parameter)
        for name, value in self.defaults.items():
            if value is required and name not in group:
                raise ValueError(
                    "parameter group didn't specify a value of required optimization parameter "
                    f"{name}. Give it in the call, {type(self).__name__}(params, {name}=...), or "
                    f"in each group, {{'params': ..., '{name}': ...}}"
                )
            group.setdefault(name, value)
        if len(set(group["params"])) != len(group["params"]):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this "
                "will cause an error; see github.com/pytorch/pytorch/issues/40967 for more "
                "information",
                stacklevel=3,
            )
        if any(("param_names" in other) != ("param_names" in group) for other in self.param_groups):
            which = "with" if "param_names" in group else "without"
            raise ValueError(
                "all optimizer param groups should be with/without names. cannot add param group "
                f"{which} names to the optimizer"
            )
        known = {p for other in self.param_groups for p in other["params"]}
        if not known.isdisjoint(group["params"]):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(group)

    # --- saving and loading

    def state_dict(self) -> dict:
        """Collect settings and state, parameters by number: what to save to go on later."""
        for hook in list(self._hooks["before state_dict"].values()):
            hook(self)
        number = {id(p): i for i, p in enumerate(self._all())}
        groups = [
            {k: v for k, v in group.items() if k != "params"}
            | {"params": [number[id(p)] for p in group["params"]]}
            for group in self.param_groups
        ]
        state = {number[id(p)] if isinstance(p, Tensor) else p: value
                 for p, value in self.state.items()}  # fmt: skip
        found = {"state": state, "param_groups": groups}
        for hook in list(self._hooks["after state_dict"].values()):
            found = hook(self, found) or found
        return found

    def load_state_dict(self, state_dict: dict) -> None:
        """Go on from what ``state_dict()`` gave."""
        state_dict = dict(state_dict)
        for hook in list(self._hooks["before load"].values()):
            state_dict = hook(self, state_dict) or state_dict
        groups = state_dict["param_groups"]
        if len(groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(a["params"]) != len(b["params"]) for a, b in zip(self.param_groups, groups)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of "
                "optimizer's group"
            )
        numbers = [number for group in groups for number in group["params"]]
        parameter_of = dict(zip(numbers, self._all()))
        state = defaultdict(dict)
        for number, saved in state_dict["state"].items():
            parameter = parameter_of.get(number, number)
            state[parameter] = self._like(parameter, saved)
        groups = [self._loaded(own, given) for own, given in zip(self.param_groups, groups)]
        self.state, self.param_groups = state, groups  # only now: all that was saved is sound
        for hook in list(self._hooks["after load"].values()):
            hook(self)

    def _loaded(self, own, given):
        """Give a group its saved settings; one that an older save lacks has its default."""
        kept = {k: own[k] for k in ("params", "param_names") if k in own}
        settings = {k: v for k, v in given.items() if k != "params"}
        return kept | copy.deepcopy(self.defaults | settings)

    def _like(self, parameter, state, name=None):
        """Copy loaded state: arrays in the dtype and on the device of their parameter."""
        if isinstance(state, dict):
            return {k: self._like(parameter, v, k) for k, v in state.items()}
        if isinstance(state, list | tuple):
            return type(state)(self._like(parameter, v, name) for v in state)
        if name in self.numbers:
            return tensor(float(state), device="cpu")
        if hasattr(state, "__array__") and not isinstance(state, Tensor):
            state = tensor(np.asarray(state))  # PyTorch's own tensors come this way
        if not isinstance(state, Tensor) or not isinstance(parameter, Tensor):
            return copy.deepcopy(state)
        floating = parameter.dtype.is_floating_point or parameter.dtype.is_complex
        dtype = parameter.dtype if floating and name != "step" else state.dtype
        return state.to(device=parameter.device, dtype=dtype, copy=True)

    def _all(self):
        return [p for group in self.param_groups for p in group["params"]]

    def __getstate__(self):
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._begin()

    # --- looking on

    def register_step_pre_hook(self, hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before every step; it may return new ones.

        The first of ``args`` is the optimizer itself, the second the closure.
        """
        return self._add_hook("before step", hook)

    def register_step_post_hook(self, hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after every step."""
        return self._add_hook("after step", hook)

    def register_state_dict_pre_hook(self, hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` before its state is collected."""
        return self._add_hook("before state_dict", hook, prepend)

    def register_state_dict_post_hook(self, hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` on what was collected; it may return another."""
        return self._add_hook("after state_dict", hook, prepend)

    def register_load_state_dict_pre_hook(self, hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` before loading; it may return another."""
        return self._add_hook("before load", hook, prepend)

    def register_load_state_dict_post_hook(self, hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` after loading."""
        return self._add_hook("after load", hook, prepend)

    def _begin(self):
        self._hooks, self._opt_called, self._room = defaultdict(OrderedDict), False, {}

    def _add_hook(self, when, hook, first=False):
        key, hooks = birth(), self._hooks[when]
        hooks[key] = hook
        if first:
            hooks.move_to_end(key, last=False)
        return RemovableHandle(hooks, key)

    def _call_before(self, args, kwargs):
        for hook in [*everywhere["before step"].values(), *self._hooks["before step"].values()]:
            changed = hook(self, args, kwargs)
            if changed is not None:
                if not (isinstance(changed, tuple) and len(changed) == 2):
                    raise RuntimeError(
                        f"{hook} must return None or a tuple of (new_args, new_kwargs), but got "
                        f"{changed}."
                    )
                args, kwargs = changed
        return args, kwargs

    def _call_after(self, args, kwargs):
        for hook in [*everywhere["after step"].values(), *self._hooks["after step"].values()]:
            hook(self, args, kwargs)

    def __repr__(self):
        said = f"{type(self).__name__} ("
        for i, group in enumerate(self.param_groups):
            said += f"\nParameter Group {i}\n"
            said += "".join(f"    {k}: {group[k]}\n" for k in sorted(group) if k != "params")
        return said + ")"


def register_optimizer_step_pre_hook(hook) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` before every step of every optimizer."""
    return _on_all("before step", hook)


def register_optimizer_step_post_hook(hook) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` after every step of every optimizer.

    >>> from autograd_lab.optim.optimizer import register_optimizer_step_post_hook
    >>> told = register_optimizer_step_post_hook(lambda optimizer, *_: print("step"))
    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1)
    >>> optimizer.step()
    step
    >>> told.remove()
    """
    return _on_all("after step", hook)


def _on_all(when, hook):
    key = birth()
    everywhere[when][key] = hook
    return RemovableHandle(everywhere[when], key)


def _with_hooks(step):
    """Let hooks see the step of a subclass that writes the whole of it itself."""

    @functools.wraps(step)
    def hooked(self, *args, **kwargs):
        (self, *args), kwargs = self._call_before((self, *args), kwargs)
        hooks, self._hooks = self._hooks, defaultdict(OrderedDict)  # super().step() calls none
        try:
            found = step(self, *args, **kwargs)
        finally:
            self._hooks = hooks
        self._call_after((self, *args), kwargs)
        self._opt_called = True
        return found

    return hooked


def tick(state) -> float:
    """Count one more step of a parameter, and tell how many it has made.

    >>> tick({"step": torch.tensor(4.)})
    5.0
    """
    count = state["step"].shared()
    count += 1
    return float(count)


def check_rates(**rates: Any) -> None:
    """Raise PyTorch's error for a setting that must not be negative.

    >>> check_rates(lr=-1)
    Traceback (most recent call last):
    ValueError: Invalid learning rate: -1
    """
    words = {"lr": "learning rate", "eps": "epsilon value"}
    for name, value in rates.items():
        if isinstance(value, Tensor):
            if value.array.size != 1:
                raise ValueError(f"Tensor {name} must be 1-element")
            value = value.item()
        if not value >= 0.0:
            raise ValueError(f"Invalid {words.get(name, name + ' value')}: {value}")


def check_betas(betas) -> None:
    """Raise PyTorch's error for a mean that would keep nothing, or everything.

    >>> check_betas((0.9, 1.0))
    Traceback (most recent call last):
    ValueError: Invalid beta parameter at index 1: 1.0
    """
    for i, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {beta}")


def _check_flags(defaults):
    """Refuse what cannot be; PyTorch's other ways to compute the same numbers are all one here."""
    if defaults.get("fused") and defaults.get("differentiable"):
        raise RuntimeError("`fused` does not support `differentiable`")
    if defaults.get("fused") and defaults.get("foreach"):
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    if defaults.get("differentiable"):
        raise NotImplementedError(
            "differentiable=True: an optimizer changes numbers in place and records nothing here. "
            "To differentiate through a step, write it with tensors, for example "
            "w = w - lr * torch.autograd.grad(loss, w, create_graph=True)[0]"
        )


def _with_list(group):
    """Give a group whose parameters are a list, their names (if any) beside it."""
    params = group["params"]
    if isinstance(params, set):
        raise TypeError(
            "optimizer parameters need to be organized in ordered collections, but the ordering of "
            "tensors in sets will change between runs. Please use a list instead."
        )
    params = [params] if isinstance(params, Tensor) else list(params)
    named = [isinstance(p, tuple) for p in params]
    if any(named):
        if not all(named):
            raise ValueError(
                "all optimizer params should be with/without names. Some param names are missing"
            )
        names, params = [name for name, _ in params], [p for _, p in params]
        return group | {"params": params, "param_names": names}
    return group | {"params": params}


def _check(parameter):
    if not isinstance(parameter, Tensor):
        raise TypeError(
            "optimizer can only optimize Tensors, but one of the params is "
            f"{type(parameter).__name__}"
        )
    if not parameter.is_leaf:
        raise ValueError("can't optimize a non-leaf Tensor")
