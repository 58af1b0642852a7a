"""Modules that hold modules, or parameters, in order or by name."""

import operator
from itertools import chain

from ..core import Tensor
from .module import Module, own_modules
from .parameter import Parameter


def _place(index, length):
    """Turn an index that may be negative into a place."""
    index = operator.index(index)
    if not -length <= index < length:
        raise IndexError(f"index {index} is out of range")
    return index % length


class _Numbered(Module):
    """What holds its parts under the names "0", "1", "2" ..."""

    def _list(self):
        return [part for _, part in own_modules(self)]

    def _set(self, parts):
        for name, _ in own_modules(self):
            delattr(self, name)
        for i, part in enumerate(parts):
            self.register_module(str(i), part)

    def _name(self, index):
        names = [name for name, _ in own_modules(self)]
        return names[_place(index, len(names))]

    def __len__(self):
        return len(own_modules(self))

    def __iter__(self):
        return iter(self._list())

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(*self._chosen(index))
        return getattr(self, self._name(index))

    def __setitem__(self, index, module):
        setattr(self, self._name(index), module)

    def __delitem__(self, index):
        parts = self._list()
        del parts[index]
        self._set(parts)

    def __dir__(self):
        return [name for name in super().__dir__() if not name.isdigit()]

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
        named = args[0].items() if len(args) == 1 and isinstance(args[0], dict) else enumerate(args)
        for name, part in named:
            self.register_module(str(name), part)

    def _chosen(self, index):
        return [dict(own_modules(self)[index])]

    def forward(self, input):
        """Run the parts."""
        for _, part in own_modules(self):
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

    def __mul__(self, times):
        if not isinstance(times, int):
            raise TypeError(
                f"unsupported operand type(s) for *: {type(self)} and {type(times)}"
            )
        if times <= 0:
            raise ValueError(f"Non-positive multiplication factor {times} for {type(self)}")
        return Sequential(*(part for _ in range(times) for part in self))

    __rmul__ = __mul__


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


class ModuleDict(Module):
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
        for name, part in modules.items() if hasattr(modules, "items") else modules:
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
        self.extend(values or ())

    def __len__(self):
        return self._size

    def __iter__(self):
        return iter([self[i] for i in range(self._size)])

    def __getitem__(self, index):
        if isinstance(index, slice):
            return ParameterList(list(self)[index])
        return getattr(self, str(_place(index, self._size)))

    def __setitem__(self, index, value):
        plain = isinstance(value, Tensor) and not isinstance(value, Parameter)
        setattr(self, str(_place(index, self._size)), Parameter(value) if plain else value)

    def append(self, value):
        """Add a parameter at the end; a plain tensor becomes one."""
        self._size += 1
        self[self._size - 1] = value
        return self

    def extend(self, values):
        """Add parameters at the end."""
        for value in values:
            self.append(value)
        return self

    def __iadd__(self, values):
        return self.extend(values)

    def extra_repr(self) -> str:
        """Word the parameters."""
        return "\n".join(f"  ({i}): {_line(p, p.dtype)}" for i, p in enumerate(self))


def _line(value, dtype):
    kind = "Parameter" if isinstance(value, Parameter) else "Tensor"
    place = f" ({value.device})" if value.device.type != "cpu" else ""
    size = "x".join(str(n) for n in value.shape)
    return f"{kind} containing: [{dtype} of size {size}{place}]"
