"""Layers that learn their input's size from the first input.

A lazy layer holds parameters without a shape. Its first call looks at the input, gives them their
shapes, draws their numbers, and turns the object into the ordinary layer.
"""

from ..grad_mode import no_grad
from .parameter import is_lazy


class LazyModuleMixin:
    """Let a module wait for its first input: inherit from this and from the ordinary layer.

    ``cls_to_become`` is the ordinary layer; ``initialize_parameters(*args)`` is called with the
    first input and must give every parameter its shape, by ``parameter.materialize(shape)``.

    >>> net = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(1))
    >>> net(torch.ones(2, 5)).shape
    torch.Size([2, 1])
    >>> net[0]
    Linear(in_features=5, out_features=8, bias=True)
    """

    cls_to_become = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._load_hook = self._register_load_state_dict_pre_hook(self._lazy_load_hook)
        self._initialize_hook = self.register_forward_pre_hook(
            self._infer_parameters, with_kwargs=True
        )

    def initialize_parameters(self, *args, **kwargs):
        """Give the parameters their shapes, as the first input asks for."""
        raise NotImplementedError(
            f"initialize_parameters is not implemented for {type(self).__name__}"
        )

    def has_uninitialized_params(self) -> bool:
        """Say whether there are still parameters or buffers without a shape."""
        own = [*self._parameters.values(), *self._buffers.values()]
        return any(is_lazy(value) for value in own)

    def _infer_parameters(self, module, args, kwargs=None):
        """Before the first forward: get ready, and become the ordinary layer."""
        module.initialize_parameters(*args, **(kwargs or {}))
        if module.has_uninitialized_params():
            raise RuntimeError(f"module {self._get_name()} has not been fully initialized")
        for name in ("_initialize_hook", "_load_hook"):
            getattr(module, name).remove()
            delattr(module, name)
        if module.cls_to_become is not None:
            module.__class__ = module.cls_to_become

    def _lazy_load_hook(self, state_dict, prefix, *_):
        """Before loading: take the shapes of what is loaded."""
        for name, value in [*self._parameters.items(), *self._buffers.items()]:
            given = state_dict.get(prefix + name)
            if given is not None and is_lazy(value) and not is_lazy(given):
                with no_grad():
                    value.materialize(given.shape)
