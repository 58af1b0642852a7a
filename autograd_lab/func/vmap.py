"""Call a function that handles one entry for every entry of a batch."""

import functools

from ..core import Tensor
from ..ops import stack
from ..random import get_rng_state, set_rng_state
from . import tree


def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    """Make a function that maps ``func`` over a dimension of its arguments.

    A loop and a stack: PyTorch's numbers without PyTorch's speed. ``in_dims`` says which dimension
    of each argument is mapped (None: none; keywords never are), ``out_dims`` where the new
    dimension goes.
    ``randomness`` says whether entries draw "different" random numbers, the "same", or none.

    >>> dot = torch.vmap(torch.dot)
    >>> dot(torch.ones(3, 2), torch.ones(3, 2))
    tensor([2., 2., 2.])
    >>> torch.vmap(torch.func.grad(lambda w, x: (w * x) ** 2), in_dims=(None, 0))(
    ...     torch.tensor(1.), torch.tensor([1., 2.]))
    tensor([2., 8.])
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(
            "Only allowed values for randomness are 'error', 'different', or 'same'. Got "
            f"{randomness}"
        )
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")

    @functools.wraps(func)
    def wrapped(*args, **kwargs):
        count, entry = _entries(in_dims, args)
        results, start = [], get_rng_state()
        for i in range(count):
            if randomness == "same":
                set_rng_state(start)
            results.append(func(*entry(i), **kwargs))
            if randomness == "error" and not (get_rng_state() == start).all():
                raise RuntimeError(
                    "vmap: called random operation while in randomness error mode. Please either "
                    "use the 'same' or 'different' randomness flags on vmap or perform the "
                    "randomness operation out of vmap"
                )
        return _stacked(results, out_dims)

    return wrapped


def _entries(in_dims, args):
    """Count the entries, and give a function that picks the arguments of one of them."""
    if not args:
        raise ValueError("vmap: got no inputs. Maybe you forgot to add inputs")
    if not isinstance(in_dims, int | tuple | list):
        raise ValueError(
            f"vmap: expected `in_dims` to be int or a (potentially nested) tuple matching the "
            f"structure of inputs, got: {type(in_dims)}."
        )
    dims = tree.spread(tuple(in_dims) if isinstance(in_dims, list) else in_dims, args)
    values = tree.leaves(args)
    for value, dim in zip(values, dims):
        if dim is not None and not isinstance(value, Tensor):
            raise ValueError(
                f"vmap: Got in_dim={dim} for an input but the input is of type {type(value)}. We "
                "cannot vmap over non-Tensor arguments, please use None as the respective in_dim"
            )
    sizes = [_size(v, d) for v, d in zip(values, dims) if d is not None]
    if not sizes:
        raise ValueError(
            "vmap: expected at least one mapped dimension: in_dims has only None, or there is no "
            "tensor"
        )
    if len(set(sizes)) > 1:
        raise ValueError(
            "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            f"{sizes} for the mapped dimension"
        )
    if not sizes[0]:
        raise RuntimeError("vmap: a mapped dimension of size 0 leaves nothing to call")

    def entry(i):
        picked = [v if d is None else v.select(d, i) for v, d in zip(values, dims)]
        return tree.rebuild(args, picked)

    return sizes[0], entry


def _size(value, dim):
    if not -value.ndim <= dim < value.ndim:
        raise ValueError(
            f"vmap: Got in_dim={dim} for some input, but that input is a Tensor of dimensionality "
            f"{value.ndim} so expected in_dim to satisfy {-value.ndim} <= in_dim < {value.ndim}."
        )
    return value.shape[dim]


def _stacked(results, out_dims):
    """Stack the results of all entries, leaf by leaf."""
    first = results[0]
    for leaf in tree.leaves(first):
        if not isinstance(leaf, Tensor):
            raise ValueError(
                "vmap: the function must only return Tensors, got type "
                f"{type(leaf)} as a return. Did you mean to return a Tensor?"
            )
    out_dims = tuple(out_dims) if isinstance(out_dims, list) else out_dims
    dims = tree.spread(out_dims, first, "out_dims")
    columns = zip(*map(tree.leaves, results))
    return tree.rebuild(first, [
        column[0] if dim is None else stack(list(column), dim) for column, dim in zip(columns, dims)
    ])  # fmt: skip
