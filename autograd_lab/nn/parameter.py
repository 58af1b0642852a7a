"""Tensors that belong to a module: what is learned, and what is only carried along."""

from ..convert import deep_copy
from ..core import Tensor, new, wrap
from ..creation import empty
from ..device import device_of
from ..dtypes import OF_ARRAY
from ..grad_mode import no_grad
from ..printing import parameter_repr


def _of(cls, data, requires_grad):
    """Make a tensor of a class on the memory of another one."""
    if data is None:
        data = Tensor(0)
    if not isinstance(data, Tensor):
        raise TypeError(f"{cls.__name__}() expects a Tensor, not {type(data).__name__}")
    made = new(cls)
    made.array, made.node, made._grad = data.shared(), None, None
    return made.requires_grad_() if requires_grad else made


class Parameter(Tensor):
    """Say that a tensor is to be learned: a module lists it, an optimizer changes it.

    >>> nn.Parameter(torch.tensor([1., 2.]))
    Parameter containing:
    tensor([1., 2.], requires_grad=True)
    """

    __slots__ = ()

    def __new__(cls, data=None, requires_grad: bool = True):
        return _of(cls, data, requires_grad)

    def __deepcopy__(self, memo):  # as PyTorch's, it shares memory with nothing
        return deep_copy(self, self.array.copy("K"), memo)

    def __repr__(self):
        return parameter_repr(self)

    __str__ = __repr__


class Buffer(Tensor):
    """Say that a tensor belongs to a module's state without being learned: a running mean.

    >>> nn.Buffer(torch.tensor([1., 2.])).requires_grad
    False
    """

    __slots__ = ()
    persistent = True

    def __new__(cls, data=None, *, persistent: bool = True):
        made = _of(cls, data, False)
        made.persistent = persistent
        return made

    def __repr__(self):
        return repr(self.detach())

    __str__ = __repr__


def zero(grad) -> None:
    """Make a gradient zero in its own memory, for the next backward to add to.

    >>> grad = torch.ones(2)
    >>> zero(grad)
    >>> grad
    tensor([0., 0.])
    """
    grad.requires_grad_(False) if grad.is_leaf else grad.detach_()
    with no_grad():  # it may be a part of something that is recorded
        grad.zero_()


# --- tensors whose shape nobody knows yet


class UninitializedTensorMixin:
    """What a parameter and a buffer without a shape share: only a dtype and a device are known."""

    __slots__ = ()

    @property
    def array(self):
        """Refuse to be computed with."""
        raise ValueError(
            "Attempted to use an uninitialized parameter in an operation. This error happens when "
            "you are using a `LazyModule` or explicitly manipulating "
            f"`torch.nn.parameter.{type(self).__name__}` objects. When using LazyModules Call "
            "`forward` with a dummy batch to initialize the parameters before calling torch "
            "functions"
        )

    @array.setter
    def array(self, value):
        Tensor.array.__set__(self, value)

    @property
    def data(self):
        """Give an empty tensor of its dtype, on its device."""
        return wrap(Tensor.array.__get__(self))

    @data.setter
    def data(self, value):
        self.array = value.array

    @property
    def dtype(self):
        """Name the kind of number that it will hold."""
        return OF_ARRAY[self.data.array.dtype]

    @property
    def device(self):
        """Name the place where its numbers will live."""
        return device_of(self.data.array)

    @property
    def shape(self):
        """Say that there is no shape yet."""
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually "
            "happens in `load_state_dict` when trying to load an uninitialized parameter into an "
            "initialized one. Call `forward` to initialize the parameters before accessing their "
            "attributes."
        )

    def share_memory_(self):
        """Say that there is nothing to share yet."""
        raise RuntimeError(
            "Can't share memory on an uninitialized parameter or buffer. Call `forward` to "
            "initialize the parameters before calling `module.share_memory()`."
        )

    def materialize(self, shape, device=None, dtype=None) -> None:
        """Become an ordinary parameter or buffer of this shape; its numbers are still anything."""
        made = empty(shape, device=device or self.device, dtype=dtype or self.dtype)
        self.__class__ = self.cls_to_become
        self.array = made.array

    def __repr__(self):
        return f"<{type(self).__name__}>"

    __str__ = __repr__

    def __deepcopy__(self, memo):
        twin = memo[id(self)] = type(self)(self.requires_grad, self.device, self.dtype)
        return twin

    def __reduce_ex__(self, protocol):
        return type(self), (self.requires_grad, str(self.device), self.dtype)


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    """Stand for a parameter whose shape is known only when the first input comes.

    >>> weight = nn.UninitializedParameter()
    >>> weight
    <UninitializedParameter>
    >>> weight.materialize((2, 3))
    >>> type(weight).__name__, weight.shape
    ('Parameter', torch.Size([2, 3]))
    """

    __slots__ = ()
    cls_to_become = Parameter

    def __new__(cls, requires_grad: bool = True, device=None, dtype=None):
        return _of(cls, empty(0, device=device, dtype=dtype), requires_grad)


class UninitializedBuffer(UninitializedTensorMixin, Buffer):
    """Stand for a buffer whose shape is known only when the first input comes.

    >>> mean = nn.UninitializedBuffer()
    >>> mean.materialize(4)
    >>> mean.shape
    torch.Size([4])
    """

    __slots__ = ()
    cls_to_become = Buffer

    def __new__(cls, requires_grad: bool = False, device=None, dtype=None, persistent=True):
        made = _of(cls, empty(0, device=device, dtype=dtype), requires_grad)
        made.persistent = persistent
        return made


def is_lazy(param) -> bool:
    """Say whether a parameter or buffer still has no shape.

    >>> from autograd_lab.nn.parameter import is_lazy
    >>> is_lazy(nn.UninitializedParameter()), is_lazy(nn.Parameter(torch.ones(2)))
    (True, False)
    """
    return isinstance(param, UninitializedTensorMixin)
