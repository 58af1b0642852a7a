"""Weights cut away: a mask of zeros and ones, laid over a parameter before every forward.

After ``prune.l1_unstructured(layer, "weight", 0.3)`` the parameter is called ``weight_orig``, the
buffer ``weight_mask`` says what is left, and ``layer.weight`` is their product.
"""

import numbers
from abc import ABC, abstractmethod

from ...core import wrap
from ...device import device_of, move
from ...grad_mode import no_grad
from ...ops import cat, reshape, topk, vector_norm
from ...random import uniform
from ..hooks import take_off


class BasePruningMethod(ABC):
    """A way to choose what is cut away; it is a hook that lays the mask over the parameter.

    Subclasses say in ``compute_mask(t, default_mask)`` what stays; ``PRUNING_TYPE`` tells whether
    they look at single numbers ("unstructured"), at whole channels along ``self.dim``
    ("structured"), or at everything ("global").
    """

    PRUNING_TYPE = "unstructured"
    _tensor_name: str

    def __call__(self, module, inputs):
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t, default_mask):
        """Give a mask: zeros where something is cut away, in addition to the default mask's."""

    def apply_mask(self, module):
        """Multiply the parameter by its mask."""
        name = self._tensor_name
        mask, original = getattr(module, name + "_mask"), getattr(module, name + "_orig")
        return mask.to(dtype=original.dtype) * original

    @classmethod
    def apply(cls, module, name: str, *args, importance_scores=None, **kwargs):
        """Cut away part of a module's parameter: lay a mask over it, and keep it there."""
        before = take_off(module, "forward_pre", lambda hook: _prunes(hook, name))
        method = cls(*args, **kwargs)
        method._tensor_name = name
        original = getattr(module, name + "_orig" if before else name)
        scores = getattr(module, name) if importance_scores is None else importance_scores
        if scores.shape != original.shape:
            raise AssertionError(
                "importance_scores should have the same shape as parameter "
                f"{name} of {module}, got {scores.shape} vs {original.shape}"
            )
        if before:
            chain = PruningContainer(before[0]) if not isinstance(before[0], PruningContainer) \
                else before[0]  # fmt: skip
            chain.add_pruning_method(method)
            method = chain
        else:
            delattr(module, name)
            module.register_parameter(name + "_orig", original)
        _lay(method, module, name, original, scores, bool(before))
        return method

    def prune(self, t, default_mask=None, importance_scores=None):
        """Give a tensor with part of it cut away.

        >>> L1Unstructured(2).prune(torch.tensor([3., -1., 2., -4.]))
        tensor([ 3., -0.,  0., -4.])
        """
        scores = t if importance_scores is None else importance_scores
        if scores.shape != t.shape:
            raise AssertionError(
                "importance_scores should have the same shape as tensor t, got "
                f"{scores.shape} vs {t.shape}"
            )
        default_mask = t.detach() * 0 + 1 if default_mask is None else default_mask
        return t * self.compute_mask(scores, default_mask=default_mask)

    def remove(self, module) -> None:
        """Make what is left the parameter again; what was cut away stays cut away."""
        name = self._tensor_name
        original = getattr(module, name + "_orig")
        with no_grad():
            original.data = self.apply_mask(module).detach()
        for each in (name, name + "_mask", name + "_orig"):
            delattr(module, each)
        setattr(module, name, original)


def _prunes(hook, name) -> bool:
    return isinstance(hook, BasePruningMethod) and hook._tensor_name == name


def _lay(method, module, name, original, scores, again):
    """Compute the mask, put it into the module, and keep multiplying by it."""
    mask = getattr(module, name + "_mask") if again else original.detach() * 0 + 1
    with no_grad():
        mask = method.compute_mask(scores.detach(), default_mask=mask)
    module.register_buffer(name + "_mask", mask)
    setattr(module, name, method.apply_mask(module))
    module.register_forward_pre_hook(method)


class PruningContainer(BasePruningMethod):
    """Several ways to cut away, one after the other: each looks only at what is left."""

    def __init__(self, *methods):
        self._pruning_methods: tuple = ()
        self._tensor_name = methods[0]._tensor_name if methods else ""
        for method in methods:
            self.add_pruning_method(method)

    def add_pruning_method(self, method) -> None:
        """Add one more."""
        if not isinstance(method, BasePruningMethod) and method is not None:
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        if method is not None and self._tensor_name != method._tensor_name:
            raise ValueError(
                f"Can only add pruning methods acting on the parameter named '{self._tensor_name}' "
                f"to PruningContainer {self}. Found '{method._tensor_name}'"
            )
        self._pruning_methods += (method,)

    def __len__(self):
        return len(self._pruning_methods)

    def __iter__(self):
        return iter(self._pruning_methods)

    def __getitem__(self, index):
        return self._pruning_methods[index]

    def compute_mask(self, t, default_mask):
        """Let the newest method choose among what is left."""
        method, mask = self._pruning_methods[-1], default_mask.to(t.dtype).clone()
        if method.PRUNING_TYPE == "unstructured":
            left = mask == 1
        elif method.PRUNING_TYPE == "structured":
            left = _channels_left(method, t, mask)
        elif method.PRUNING_TYPE == "global":
            left = (slice(None),) * t.ndim
        else:
            raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
        mask[left] = method.compute_mask(t[left], default_mask=mask[left]).to(mask.dtype)
        return mask


def _channels_left(method, t, mask):
    """Give the index of those channels that have not been cut away as a whole."""
    if not hasattr(method, "dim"):
        raise AttributeError(
            'Pruning methods of PRUNING_TYPE "structured" need to have the attribute `dim` defined.'
        )
    _check_dim(t, method.dim)
    dim = method.dim % t.ndim
    others = tuple(d for d in range(t.ndim) if d != dim)
    return (slice(None),) * dim + (mask.sum(others) != 0,)


# --- ways to choose


def _check_amount(amount) -> None:
    if not isinstance(amount, numbers.Real):
        raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
    whole = isinstance(amount, numbers.Integral)
    if (whole and amount < 0) or (not whole and not 0.0 <= float(amount) <= 1.0):
        raise ValueError(
            f"amount={amount} should either be a float in the range [0, 1] or a non-negative "
            "integer"
        )


def _how_many(amount, size) -> int:
    """Give the number of what is to be cut away: a share is rounded."""
    if not isinstance(amount, numbers.Integral):
        return round(amount * size)
    if amount > size:
        raise ValueError(
            f"amount={amount} should be smaller than the number of parameters to prune={size}"
        )
    return int(amount)


def _check_dim(t, dim) -> None:
    if dim >= t.ndim:
        raise IndexError(f"Invalid index {dim} for tensor of size {t.shape}")


def _check_channels(t) -> None:
    if t.ndim <= 1:
        raise ValueError(
            "Structured pruning can only be applied to multidimensional tensors. Found tensor of "
            f"shape {t.shape} with {t.ndim} dims"
        )


def _without(mask, scores, count):
    """Put zeros into a mask where the scores are lowest."""
    if not count:
        return mask.clone()
    flat = reshape(mask.clone(), (-1,))
    flat[topk(reshape(scores, (-1,)), count, largest=False)[1]] = 0
    return reshape(flat, mask.shape)


def _without_channels(mask, scores, count, dim):
    """Put zeros into a mask, along a dimension, where the channels' scores are lowest."""
    keep = _without(scores * 0 + 1, scores, count)
    dim = dim % mask.ndim
    return mask * reshape(keep.to(mask.dtype), (-1,) + (1,) * (mask.ndim - dim - 1))


def _random_scores(shape, like):
    return wrap(move(uniform(shape), device_of(like.array)))


class Identity(BasePruningMethod):
    """Cut nothing away, but lay a mask of ones over the parameter."""

    def compute_mask(self, t, default_mask):
        """Leave the mask as it is."""
        return default_mask


class RandomUnstructured(BasePruningMethod):
    """Cut away numbers at random: a share of them, or so many."""

    def __init__(self, amount):
        _check_amount(amount)
        self.amount = amount

    def compute_mask(self, t, default_mask):
        """Choose at random."""
        return _without(default_mask, _random_scores(t.shape, t), _how_many(self.amount, t.numel()))


class L1Unstructured(BasePruningMethod):
    """Cut away the smallest numbers: a share of them, or so many."""

    def __init__(self, amount):
        _check_amount(amount)
        self.amount = amount

    def compute_mask(self, t, default_mask):
        """Choose the smallest."""
        return _without(default_mask, t.abs(), _how_many(self.amount, t.numel()))


class RandomStructured(BasePruningMethod):
    """Cut away channels along a dimension at random."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount, dim: int = -1):
        _check_amount(amount)
        self.amount, self.dim = amount, dim

    def compute_mask(self, t, default_mask):
        """Choose channels at random."""
        _check_channels(t)
        _check_dim(t, self.dim)
        size = t.shape[self.dim]
        scores = _random_scores((size,), t)
        return _without_channels(default_mask, scores, _how_many(self.amount, size), self.dim)


class LnStructured(BasePruningMethod):
    """Cut away the channels along a dimension whose numbers are smallest, by their norm."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount, n, dim: int = -1):
        _check_amount(amount)
        self.amount, self.n, self.dim = amount, n, dim

    def compute_mask(self, t, default_mask):
        """Choose the channels with the smallest norm."""
        _check_channels(t)
        _check_dim(t, self.dim)
        dim = self.dim % t.ndim
        others = tuple(d for d in range(t.ndim) if d != dim)
        lengths = vector_norm(t, float("inf") if self.n == "inf" else self.n, others)
        count = _how_many(self.amount, t.shape[dim])
        return _without_channels(default_mask, lengths, count, dim)


class CustomFromMask(BasePruningMethod):
    """Cut away what a mask of your own says."""

    PRUNING_TYPE = "global"

    def __init__(self, mask):
        self.mask = mask

    def compute_mask(self, t, default_mask):
        """Multiply the masks."""
        if default_mask.shape != self.mask.shape:
            raise AssertionError(
                f"default_mask shape {default_mask.shape} must match self.mask shape "
                f"{self.mask.shape}"
            )
        return default_mask * self.mask.to(dtype=default_mask.dtype)


# --- what learners call


def identity(module, name: str):
    """Lay a mask of ones over a parameter.

    >>> identity(nn.Linear(2, 1), "bias").bias_mask
    tensor([1.])
    """
    Identity.apply(module, name)
    return module


def random_unstructured(module, name: str, amount):
    """Cut numbers of a parameter away at random.

    >>> random_unstructured(nn.Linear(2, 3), "weight", amount=1).weight_mask.sum()
    tensor(5.)
    """
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module, name: str, amount, importance_scores=None):
    """Cut the smallest numbers of a parameter away.

    >>> layer = l1_unstructured(nn.Linear(10, 10), "weight", amount=0.3)
    >>> sorted(layer.state_dict())
    ['bias', 'weight_mask', 'weight_orig']
    >>> (layer.weight == 0).sum()
    tensor(30)
    """
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module, name: str, amount, dim: int):
    """Cut whole channels of a parameter away at random.

    >>> random_structured(nn.Linear(5, 3), "weight", 3, dim=1).weight_mask.sum(0).count_nonzero()
    tensor(2)
    """
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(module, name: str, amount, n, dim: int, importance_scores=None):
    """Cut those channels of a parameter away whose norm is smallest.

    >>> layer = ln_structured(nn.Linear(5, 4), "weight", amount=0.5, n=2, dim=0)
    >>> layer.weight_mask.sum(1).count_nonzero()
    tensor(2)
    """
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def global_unstructured(parameters, pruning_method, importance_scores=None, **kwargs) -> None:
    """Cut numbers away that are smallest among all those of several parameters.

    >>> net = nn.Sequential(nn.Linear(10, 4), nn.Linear(4, 1))
    >>> parameters = [(net[0], "weight"), (net[1], "weight")]
    >>> global_unstructured(parameters, pruning_method=L1Unstructured, amount=10)
    >>> sum(int((layer.weight == 0).sum()) for layer in net)
    10
    """
    if not hasattr(parameters, "__iter__"):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    importance_scores = {} if importance_scores is None else importance_scores
    if not isinstance(importance_scores, dict):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method '
            f"{pruning_method} of type {method.PRUNING_TYPE}"
        )
    method._tensor_name = "temp"
    parameters = list(parameters)
    tensors = [getattr(module, name).detach() for module, name in parameters]
    scores = [importance_scores.get(each, t).detach() for each, t in zip(parameters, tensors)]
    masks = [
        getattr(module, name + "_mask", t * 0 + 1) for (module, name), t in zip(parameters, tensors)
    ]
    chain = PruningContainer()
    chain._tensor_name = "temp"
    chain.add_pruning_method(method)
    mask = chain.compute_mask(_as_one(scores), _as_one(masks))
    start = 0
    for (module, name), t in zip(parameters, tensors):
        part = reshape(mask[start : start + t.numel()], t.shape)
        custom_from_mask(module, name, part)
        start += t.numel()


def _as_one(tensors):
    return cat([reshape(t, (-1,)) for t in tensors])


def custom_from_mask(module, name: str, mask):
    """Cut away what a mask of your own says.

    >>> layer = custom_from_mask(nn.Linear(5, 3), "bias", mask=torch.tensor([0, 1, 0]))
    >>> layer.bias_mask
    tensor([0., 1., 0.])
    """
    CustomFromMask.apply(module, name, mask)
    return module


def remove(module, name: str):
    """Make what is left of a parameter the parameter again.

    >>> layer = remove(l1_unstructured(nn.Linear(2, 3), "weight", 0.5), "weight")
    >>> sorted(layer.state_dict())
    ['bias', 'weight']
    """
    hooks = take_off(module, "forward_pre", lambda hook: _prunes(hook, name))
    if not hooks:
        raise ValueError(
            f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed"
        )
    hooks[0].remove(module)
    return module


def is_pruned(module) -> bool:
    """Say whether anything of a module, or of its parts, has been cut away.

    >>> is_pruned(nn.Linear(2, 2)), is_pruned(identity(nn.Linear(2, 2), "weight"))
    (False, True)
    """
    return any(
        isinstance(hook, BasePruningMethod)
        for part in module.modules()
        for hook in part._forward_pre_hooks.values()
    )
