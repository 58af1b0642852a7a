"""What all optimizers share: groups of parameters, their state, saving and loading it."""

import copy
import functools
import warnings
from collections import OrderedDict, defaultdict

import numpy as np

from ..core import Tensor
from ..creation import zeros_like
from ..grad_mode import enable_grad
from ..hooks import RemovableHandle
from ..writes import birth, wrote

SMALL = 4096  # up to this many elements NumPy is faster if input and output do not overlap


@functools.lru_cache(maxsize=256)
def constant(value: float, dtype):
    """Give a number as a 0-d array: NumPy multiplies by it in half the time."""
    return np.array(value, dtype)


def descend(array, step, rate: float) -> None:
    """Subtract ``rate * step`` from an array, in its own memory.

    >>> w = np.ones(2)
    >>> descend(w, np.array([1., 2.]), 0.1)
    >>> w
    array([0.9, 0.8])
    """
    if type(array) is np.ndarray and array.size <= SMALL:
        array[...] = array - step * constant(rate, array.dtype)
    else:
        array -= step * rate
    wrote(array)


def follow(array, keep: float, step) -> None:
    """Set an array to ``keep`` times itself plus ``step``, in its own memory.

    >>> v = np.ones(2)
    >>> follow(v, 0.9, np.array([1., 2.]))
    >>> v
    array([1.9, 2.9])
    """
    if type(array) is np.ndarray and array.size <= SMALL:
        array[...] = array * constant(keep, array.dtype) + step
    else:
        array *= keep
        array += step
    wrote(array)


class Optimizer:
    """Change parameters so that a loss becomes smaller; a subclass says how in ``update``.

    Args:
        params: the parameters, or a list of groups: ``[{"params": [...], "lr": 0.1}, ...]``.
        defaults: the settings of a group that does not say otherwise.

    >>> class Signs(torch.optim.Optimizer):
    ...     @torch.no_grad()
    ...     def update(self, group):
    ...         for p in group["params"]:
    ...             p.sub_(group["lr"] * p.grad.sign())
    >>> w = torch.tensor([5., -5.], requires_grad=True)
    >>> optimizer = Signs([w], {"lr": 0.5})
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 4.5000, -4.5000], requires_grad=True)
    """

    def __init__(self, params, defaults):
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                f"but got {params.type()}"
            )
        self.defaults, self.state, self.param_groups = defaults, defaultdict(dict), []
        self._hooks = {"before": OrderedDict(), "after": OrderedDict()}
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(dict(group))

    def step(self, closure=None):
        """Change every parameter once, against its gradient.

        ``closure`` computes the loss (and its gradients) anew, for methods that ask for it.
        """
        hooks = self._hooks
        if hooks["before"]:
            for hook in list(hooks["before"].values()):
                hook(self, (closure,), {})
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            self.update(group)
        if hooks["after"]:
            for hook in list(hooks["after"].values()):
                hook(self, (closure,), {})
        return loss

    def update(self, group) -> None:
        """Change the parameters of one group: what a subclass defines."""
        raise NotImplementedError(f"{type(self).__name__} defines no update(group)")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, before the next backward adds to them."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none or parameter._grad is None:
                    parameter._grad = None
                else:
                    parameter._grad = zeros_like(parameter._grad)

    # --- groups

    def add_param_group(self, param_group: dict) -> None:
        """Add parameters with settings of their own: a layer that thaws, another learning rate."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        group = _with_list(param_group)
        for parameter in group["params"]:
            _check(parameter)
        for name, value in self.defaults.items():
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
        number = {id(p): i for i, p in enumerate(self._all())}
        groups = [
            {k: v for k, v in group.items() if k != "params"}
            | {"params": [number[id(p)] for p in group["params"]]}
            for group in self.param_groups
        ]
        state = {number[id(p)]: value for p, value in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict) -> None:
        """Go on from what ``state_dict()`` gave."""
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
        self.state = defaultdict(dict)
        for number, state in state_dict["state"].items():
            parameter = parameter_of.get(number)
            if parameter is not None:
                self.state[parameter] = {k: _like(parameter, k, v) for k, v in state.items()}
        self.param_groups = [
            self._loaded(own, given) for own, given in zip(self.param_groups, groups)
        ]

    def _loaded(self, own, given):
        """Give a group its saved settings; one that an older save lacks has its default."""
        kept = {k: own[k] for k in ("params", "param_names") if k in own}
        settings = {k: v for k, v in given.items() if k != "params"}
        return kept | copy.deepcopy(self.defaults | settings)

    def _all(self):
        return [p for group in self.param_groups for p in group["params"]]

    # --- looking on

    def register_step_pre_hook(self, hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before every step."""
        return self._add_hook("before", hook)

    def register_step_post_hook(self, hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after every step."""
        return self._add_hook("after", hook)

    def _add_hook(self, when, hook):
        key = birth()
        self._hooks[when][key] = hook
        return RemovableHandle(self._hooks[when], key)

    def __repr__(self):
        said = f"{type(self).__name__} ("
        for i, group in enumerate(self.param_groups):
            said += f"\nParameter Group {i}\n"
            said += "".join(f"    {k}: {group[k]}\n" for k in sorted(group) if k != "params")
        return said + ")"


def check_rates(**rates) -> None:
    """Raise PyTorch's error for a setting that must not be negative."""
    words = {"lr": "learning rate", "eps": "epsilon value"}
    for name, value in rates.items():
        if not value >= 0.0:
            raise ValueError(f"Invalid {words.get(name, name + ' value')}: {value}")


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


def _like(parameter, name, value):
    """Copy a piece of loaded state, in the dtype and on the device of its parameter."""
    if not isinstance(value, Tensor):
        return copy.deepcopy(value)
    if name == "step":
        return value.clone()
    return value.to(device=parameter.device, dtype=parameter.dtype, copy=True)
