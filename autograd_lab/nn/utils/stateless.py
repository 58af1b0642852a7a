"""Call a module with parameters that are given, instead of those that it holds."""

import contextlib


def functional_call(
    module, parameter_and_buffer_dicts, args=None, kwargs=None, *, tie_weights=True, strict=False
):
    """Call a module with other parameters or buffers, by path; the module keeps its own.

    >>> line = nn.Linear(1, 1)
    >>> other = {"weight": torch.tensor([[2.]]), "bias": torch.tensor([1.])}
    >>> nn.utils.stateless.functional_call(line, other, torch.tensor([[10.]]))
    tensor([[21.]])
    """
    given = _merged(parameter_and_buffer_dicts)
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    known = _members(module)
    unknown = [path for path in given if path not in known]
    missing = [path for path in known if path not in given]
    if strict and (unknown or missing):
        raise RuntimeError(f"Unexpected key(s): {unknown}. Missing key(s): {missing}.")
    if unknown:
        raise AttributeError(f"the module has no parameter or buffer {unknown[0]!r}")
    if tie_weights:
        given = {**_tied(known, given), **given}
    with _replaced(module, given):
        return module(*args, **(kwargs or {}))


def _merged(dicts):
    if isinstance(dicts, dict):
        return dicts
    merged = {}
    for each in dicts:
        if twice := merged.keys() & each.keys():
            raise ValueError(f"{sorted(twice)} appeared in multiple dictionaries")
        merged.update(each)
    return merged


def _members(module):
    """Find all parameters and buffers by path; shared ones under each of their paths."""
    return {
        **dict(module.named_parameters(remove_duplicate=False)),
        **dict(module.named_buffers(remove_duplicate=False)),
    }


def _tied(known, given):
    """Give a parameter that has several paths its new value under all of them."""
    new = {id(known[path]): value for path, value in given.items()}
    return {path: new[id(value)] for path, value in known.items() if id(value) in new}


@contextlib.contextmanager
def _replaced(module, given):
    """Put tensors where the module's own stand, for a ``with`` block."""
    before = []
    try:
        for path, tensor in given.items():
            where, _, name = path.rpartition(".")
            mine = vars(module.get_submodule(where))  # not setattr: it would refuse plain tensors
            before.append((mine, name, mine[name]))
            mine[name] = tensor
        yield
    finally:
        for mine, name, tensor in reversed(before):
            mine[name] = tensor
