"""Making a layer whose numbers will be replaced anyway."""

import inspect

from ..module import Module


def skip_init(module_cls, *args, **kwargs):
    """Make a layer whose numbers you will set yourself; here they are drawn all the same.

    >>> nn.utils.skip_init(nn.Linear, 5, 1)
    Linear(in_features=5, out_features=1, bias=True)
    """
    if not issubclass(module_cls, Module):
        raise RuntimeError(f"Expected a Module; got {module_cls}")
    if "device" not in inspect.signature(module_cls).parameters:
        raise RuntimeError("Module must support a 'device' arg to skip initialization")
    return module_cls(*args, **kwargs)
