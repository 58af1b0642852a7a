"""Copies where PyTorch usually gives a view: ``torch.permute_copy`` and its relatives."""

from .join import split, split_with_sizes, unbind
from .shape import clone, expand, permute, squeeze, t, transpose, unsqueeze, view
from .spelling import with_out
from .strided import as_strided, unfold
from .table import narrow
from .triangle import diagonal


def copied(call):
    """Make the form of a view operation that copies: its result shares no memory."""

    def method(*args, **named):
        result = call(*args, **named)
        if isinstance(result, (tuple, list)):
            return tuple(clone(part) for part in result)
        return clone(result)

    method.__name__ = method.__qualname__ = call.__name__ + "_copy"
    method.__doc__ = f"Do what ``{call.__name__}`` does, in memory of its own."
    return with_out(method)


def alias(input):
    """Give the tensor itself."""
    return input


alias_copy, as_strided_copy, diagonal_copy = copied(alias), copied(as_strided), copied(diagonal)
expand_copy, permute_copy = copied(expand), copied(permute)
split_copy, split_with_sizes_copy = copied(split), copied(split_with_sizes)
squeeze_copy, t_copy, transpose_copy = copied(squeeze), copied(t), copied(transpose)
unbind_copy, unfold_copy, unsqueeze_copy = copied(unbind), copied(unfold), copied(unsqueeze)
view_copy = copied(view)


@with_out
def narrow_copy(input, dim, start, length):
    """Do what ``narrow`` does, in memory of its own.

    >>> torch.narrow_copy(torch.arange(4), 0, 1, 2)
    tensor([1, 2])
    """
    if dim >= input.ndim:
        raise RuntimeError(
            f"narrow_copy: dimension {dim} of a tensor of {input.ndim}: Expected dim < "
            "static_cast<int64_t>(self_sizes.size()) to be true, but got false."
        )
    return clone(narrow(input, dim, start, length))
