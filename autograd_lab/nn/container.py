"""Modules that hold modules, or parameters, in order or by name."""

import operator
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from ..core import Tensor
from ..dtypes import legacy_name
from .module import Module, Parts
from .parameter import Parameter


def _place(index, length):
    """Turn an index that may be negative into a place."""
    index = operator.index(index)
    if not -length <= index < length:
        raise IndexError(f"index {index} is out of range")
    return index % length


def _places(container):
    """List the parts by name, and the places that were given None."""
    empty = container._empty
    return [
        (k, v) for k, v in vars(container).items()
        if isinstance(v, Module) or v is None and k in empty
    ]  # fmt: skip


class _Container(Module):
    """What keeps a place for a part that is None."""

    _empty: frozenset = frozenset()

    def register_module(self, name: str, module) -> None:
        """Set a part by name; None keeps its place."""
        super().register_module(name, module)
        if module is None:
            self._empty |= {name}

    add_module = register_module

    @property
    def _modules(self):
        return Parts(self, _places)


class _Numbered(_Container):
    """What holds its parts under the names "0", "1", "2" ..."""

    def _list(self) -> list[Any]:
        return [part for _, part in _places(self)]

    def _set(self, parts):
        for name, _ in _places(self):
            delattr(self, name)
        for i, part in enumerate(parts):
            self.register_module(str(i), part)

    def _name(self, index):
        names = [name for name, _ in _places(self)]
        return names[_place(index, len(names))]

    def __len__(self):
        return len(_places(self))

    def __iter__(self):
        return iter(self._list())

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(*self._chosen(index))
        return getattr(self, self._name(index))

    def __setitem__(self, index, module):
        self.register_module(self._name(index), module)

    def __delitem__(self, index):
        parts = self._list()
        del parts[index]
        self._set(parts)

    def append(self, module):
        """Add a part at the end."""
        self.register_module(str(len(self)), module)
        return self

    def extend(self, modules):
        """Add parts at the end."""
        for module in modules:
            self.append(module)
        return self

    def insert(self, index: int, module):
        """Put a part before the one at ``index``."""
        if not isinstance(module, Module):
            raise AssertionError(f"module should be of type: {Module}")
        parts = self._list()
        if not -len(parts) <= index <= len(parts):
            raise IndexError(f"Index out of range: {index}")
        parts.insert(index, module)
        self._set(parts)
        return self

    def pop(self, key):
        """Take a part out and give it."""
        part = self[key]
        del self[key]
        return part


class Sequential(_Numbered):
    """Run parts one after the other, each on what the one before gave.

    >>> net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    >>> net
    Sequential(
      (0): Linear(in_features=4, out_features=8, bias=True)
      (1): ReLU()
      (2): Linear(in_features=8, out_features=1, bias=True)
    )
    >>> net(torch.randn(5, 4)).shape
    torch.Size([5, 1])
    """

    def __init__(self, *args):
        super().__init__()
        ordered = len(args) == 1 and isinstance(args[0], OrderedDict)
        named = args[0].items() if ordered else enumerate(args)
        for name, part in named:
            self.register_module(str(name), part)

    def _chosen(self, index):
        return [OrderedDict(_places(self)[index])]

    def forward(self, input):
        """Run the parts."""
        for part in self._list():
            input = part(input)
        return input

    def __add__(self, other):
        if not isinstance(other, Sequential):
            raise ValueError(
                "add operator supports only objects of Sequential class, but "
                f"{type(other)} is given."
            )
        return Sequential(*self, *other)

    def __iadd__(self, other):
        return self.extend(other)

    def _repeated(self, times):
        if not isinstance(times, int):
            raise TypeError(
                f"unsupported operand type(s) for *: {type(self)} and {type(times)}"
            )
        if times <= 0:
            raise ValueError(f"Non-positive multiplication factor {times} for {type(self)}")
        return self._list() * times

    def __mul__(self, times):
        return Sequential(*self._repeated(times))

    __rmul__ = __mul__

    def __imul__(self, times):
        return self.extend(self._repeated(times)[len(self) :])


class ModuleList(_Numbered):
    """Hold parts in a list, so that their parameters are found.

    >>> layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(3)])
    >>> len(list(layers.parameters()))
    6
    """

    def __init__(self, modules=None):
        super().__init__()
        self.extend(modules or ())

    def _chosen(self, index):
        return [self._list()[index]]

    def insert(self, index: int, module) -> None:
        """Put a part before the one at ``index``."""
        parts = self._list()
        parts.insert(index, module)
        self._set(parts)

    def extend(self, modules):
        """Add parts at the end."""
        return super().extend(_iterable(modules, "ModuleList.extend", "an iterable"))

    def __add__(self, other):
        return ModuleList(chain(self, other))

    def __iadd__(self, other):
        return self.extend(other)

    def __repr__(self):
        blocks = []  # equal neighbours are told once: (0-1): 2 x Linear(...)
        for i, part in enumerate(map(repr, self)):
            if blocks and blocks[-1][2] == part:
                blocks[-1][1] = i
            else:
                blocks.append([i, i, part])
        lines = "".join(
            f"\n  ({a}): " + text.replace("\n", "\n  ") if a == b
            else f"\n  ({a}-{b}): {b - a + 1} x " + text.replace("\n", "\n  ")
            for a, b, text in blocks
        )  # fmt: skip
        return f"{self._get_name()}({lines}\n)" if lines else f"{self._get_name()}()"


class ModuleDict(_Container):
    """Hold parts by name, so that their parameters are found.

    >>> nn.ModuleDict({"relu": nn.ReLU(), "tanh": nn.Tanh()})["relu"]
    ReLU()
    """

    def __init__(self, modules=None):
        super().__init__()
        self.update(modules or {})

    def __getitem__(self, key):
        return self._modules[key]

    def __setitem__(self, key, module):
        self.register_module(key, module)

    def __delitem__(self, key):
        del self._modules[key]

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules)

    def __contains__(self, key):
        return key in self._modules

    def keys(self):
        """List the names."""
        return self._modules.keys()

    def values(self):
        """List the parts."""
        return self._modules.values()

    def items(self):
        """List names and parts."""
        return self._modules.items()

    def update(self, modules) -> None:
        """Set parts from a mapping, or from pairs of name and part."""
        for name, part in _pairs(modules, "ModuleDict.update", "ModuleDict"):
            self[name] = part

    def pop(self, key):
        """Take a part out and give it."""
        part = self[key]
        del self[key]
        return part

    def clear(self) -> None:
        """Take all parts out."""
        for name in list(self):
            del self[name]


def _iterable(values, called, wanted):
    """Raise PyTorch's error for what cannot be gone through."""
    if not isinstance(values, Iterable):
        raise TypeError(
            f"{called} should be called with {wanted}, but got {type(values).__name__}"
        )
    return values


def _pairs(values, called, name):
    """List names and values, from a mapping or from pairs; raise PyTorch's errors."""
    _iterable(values, called, "an iterable of key/value pairs")
    if isinstance(values, Mapping | ModuleDict | ParameterDict):
        return list(values.items())
    pairs = list(values)
    for i, pair in enumerate(pairs):
        if not isinstance(pair, Iterable):
            raise TypeError(
                f"{name} update sequence element #{i} should be Iterable; is{type(pair).__name__}"
            )
        if len(pair) != 2:
            raise ValueError(
                f"{name} update sequence element #{i} has length {len(pair)}; 2 is required"
            )
    return pairs


# --- parameters


def _as_parameter(value):
    """Make a plain tensor a parameter; leave everything else as it is."""
    plain = isinstance(value, Tensor) and not isinstance(value, Parameter)
    return Parameter(value) if plain else value


def _line(name, value, kind):
    """Word one entry of a list or dict of parameters."""
    if not isinstance(value, Tensor):
        return f"  ({name}): Object of type: {type(value).__name__}"
    called = "Parameter" if isinstance(value, Parameter) else "Tensor"
    place = f" ({value.device})" if value.device.type != "cpu" else ""
    size = "x".join(str(n) for n in value.shape)
    return f"  ({name}): {called} containing: [{kind(value)} of size {size}{place}]"


class ParameterList(Module):
    """Hold parameters in a list, so that they are found.

    >>> nn.ParameterList([torch.ones(2), torch.zeros(3)])
    ParameterList(
        (0): Parameter containing: [torch.float32 of size 2]
        (1): Parameter containing: [torch.float32 of size 3]
    )
    """

    def __init__(self, values=None):
        super().__init__()
        self._size = 0
        self.extend(() if values is None else values)

    def __len__(self):
        return self._size

    def __iter__(self):
        return iter([self[i] for i in range(self._size)])

    def __getitem__(self, index):
        if isinstance(index, slice):
            return ParameterList(list(self)[index])
        return getattr(self, str(_place(index, self._size)))

    def __setitem__(self, index, value):
        setattr(self, str(_place(index, self._size)), _as_parameter(value))

    def append(self, value):
        """Add a parameter at the end; a plain tensor becomes one."""
        self._size += 1
        self[self._size - 1] = value
        return self

    def extend(self, values):
        """Add parameters at the end."""
        for value in _iterable(values, "ParameterList.extend", "an iterable"):
            self.append(value)
        return self

    def __iadd__(self, values):
        return self.extend(values)

    def extra_repr(self) -> str:
        """Word the parameters."""
        return "\n".join(_line(i, p, lambda p: p.dtype) for i, p in enumerate(self))


class ParameterDict(Module):
    """Hold parameters by name, so that they are found.

    >>> weights = nn.ParameterDict({"left": torch.ones(2), "right": torch.zeros(3)})
    >>> weights["left"]
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    >>> weights
    ParameterDict(
        (left): Parameter containing: [torch.FloatTensor of size 2]
        (right): Parameter containing: [torch.FloatTensor of size 3]
    )
    """

    def __init__(self, parameters=None):
        super().__init__()
        self._keys = {}  # the names, in order: other attributes are no entries
        self.update({} if parameters is None else parameters)

    def __getitem__(self, key):
        return getattr(self, _text(key))

    def __setitem__(self, key, value):
        setattr(self, _text(key), _as_parameter(value))
        self._keys[key] = None

    def __delitem__(self, key):
        del self._keys[_text(key)]
        delattr(self, key)

    def __len__(self):
        return len(self._keys)

    def __iter__(self):
        return iter(self._keys)

    def __reversed__(self):
        return reversed(list(self._keys))

    def __contains__(self, key):
        return key in self._keys

    def __or__(self, other):
        copied = self.copy()
        copied.update(other)
        return copied

    def __ror__(self, other):
        return {**other, **dict(self.items())}

    def __ior__(self, other):
        self.update(other)
        return self

    def keys(self):
        """List the names."""
        return self._keys.keys()

    def values(self):
        """List the parameters."""
        return [self[key] for key in self._keys]

    def items(self):
        """List names and parameters."""
        return [(key, self[key]) for key in self._keys]

    def get(self, key, default=None):
        """Give the parameter of a name, or something else where there is none."""
        return self[key] if key in self._keys else default

    def setdefault(self, key, default=None):
        """Give the parameter of a name; set it where there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, parameters) -> None:
        """Set parameters from a mapping, or from pairs of name and parameter."""
        pairs = _pairs(parameters, "ParametersDict.update", "ParameterDict")
        ordered = isinstance(parameters, OrderedDict) or not isinstance(parameters, Mapping)
        for name, value in pairs if ordered else sorted(pairs, key=lambda pair: pair[0]):
            self[name] = value

    def pop(self, key):
        """Take a parameter out and give it."""
        value = self[key]
        del self[key]
        return value

    def popitem(self):
        """Take the last name and its parameter out and give them."""
        key = next(reversed(self))
        return key, self.pop(key)

    def clear(self) -> None:
        """Take all parameters out."""
        for key in list(self):
            del self[key]

    def copy(self):
        """Make another dict of the same parameters."""
        return ParameterDict(OrderedDict(self.items()))

    def fromkeys(self, keys, default=None):
        """Make another dict with one value for all names."""
        return ParameterDict((key, default) for key in keys)

    def extra_repr(self) -> str:
        """Word the parameters."""
        return "\n".join(
            _line(key, p, lambda p: f"torch.{legacy_name(p.dtype)}Tensor")
            for key, p in self.items()
        )


def _text(key):
    if not isinstance(key, str):
        raise TypeError(
            "Index given to ParameterDict cannot be used as a key as it is not a string (type is "
            f"'{type(key).__name__}'). Open an issue on github if you need non-string keys."
        )
    return key
