"""Tables of vectors: look rows up, alone or in bags, and lead gradients back to the rows."""

import numpy as np

from ..backends.cuda import kernels, ours
from ..core import Array, Op, wrap
from ..device import on_host
from ..dispatch import op
from ..dtypes import legacy_name
from ..writes import wrote
from .gather import gather
from .shape import reshape, to
from .table import PLACES, add_into, look_up, pick, write_view


def padding_row(padding_idx, rows):
    """Give the row that ``padding_idx`` means, counted from 0; None for none."""
    if padding_idx is None:
        return None
    if not -rows <= padding_idx < rows:
        raise AssertionError("Padding_idx must be within num_embeddings")
    return padding_idx % rows


def _check_table(input, weight):
    if input.dtype not in PLACES:
        said = legacy_name(input.dtype)
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: "
            f"Long, Int; but got torch.{said}Tensor instead (while checking arguments for "
            "embedding)"
        )
    if weight.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    rows = weight.shape[0]
    if on_host(input) and input.size and not 0 <= input.min() <= input.max() < rows:
        raise IndexError(
            f"index out of range in self: rows 0 to {rows - 1} exist, and "
            f"{input.min() if input.min() < 0 else input.max()} was asked for"
        )


@op
class embedding(Op):
    r"""Look up rows of a table: one row for each number in ``input``.

    The row ``padding_idx`` gets no gradient. ``max_norm`` shortens, in place, the rows looked up.
    ``sparse`` is accepted; the gradient is dense all the same.

    >>> F.embedding(torch.tensor([2, 0]), torch.tensor([[1., 2.], [3., 4.], [5., 6.]]))
    tensor([[5., 6.],
            [1., 2.]])
    """

    formula = r"y_k = w_{i_k}"
    gradient = r"\bar w_{i} = \sum_{k: i_k = i} \bar y_k"

    def forward(self, input: Array, weight: Array, padding_idx=None, max_norm=None, norm_type=2.0,
                scale_grad_by_freq=False, sparse=False):  # fmt: skip
        _check_table(input, weight)
        self.rows, self.by_frequency = weight.shape[0], scale_grad_by_freq
        self.padding = padding_row(padding_idx, self.rows)
        if max_norm is not None:
            _shorten(self.xp, weight, input, max_norm, norm_type)
        return weight.take(input, 0)

    def backward_weight(self, g, input):
        return add_rows(g, input, self.rows, self.padding, self.by_frequency)


def _shorten(xp, weight, rows, max_norm, norm_type):
    """Scale the rows that are longer than ``max_norm`` down to it, in the table itself."""
    rows = xp.unique(rows)
    sizes = xp.linalg.norm(weight[rows], norm_type, axis=1)
    rows, sizes = rows[sizes > max_norm], sizes[sizes > max_norm]
    weight[rows] *= (max_norm / (sizes + 1e-7))[:, None].astype(weight.dtype)
    wrote(weight)


@op
class add_rows(Op):
    r"""Add rows into a table of zeros: the gradient of an embedding.

    >>> add_rows(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1, 1]), 3)
    tensor([[0., 0.],
            [4., 6.],
            [0., 0.]])
    """

    formula = r"y_{i} = \sum_{k: i_k = i} x_k"
    gradient = r"\bar x_k = \bar y_{i_k}"

    def forward(self, x: Array, index: Array, rows, padding=None, by_frequency=False):
        self.padding, self.by_frequency = padding, by_frequency
        if by_frequency:
            counts = self.xp.bincount(index.reshape(-1), minlength=rows)
            x = x / counts[index][..., None].astype(x.dtype)
        if ours(x) and index.size <= kernels().MANY:
            return kernels().rows_added(x, index, rows, padding)
        y = self.xp.zeros((rows, x.shape[-1]), x.dtype)
        if on_host(x) and index.size > 100:
            _add_sorted(y, index.reshape(-1), x.reshape(-1, x.shape[-1]))
        else:
            add_into(self.xp, y, (index,), x)
        if padding is not None:
            y[padding] = 0
        return y

    def backward_x(self, g, index):
        if self.by_frequency:
            raise RuntimeError(
                "derivative for aten::embedding_dense_backward with scale_grad_by_freq=True is not "
                "implemented"
            )
        if self.padding is None:
            return embedding(index, g)
        return embedding(index, write_view(g, 0.0, lambda table: pick(table, self.padding)))


def _add_sorted(y, index, x) -> None:
    """Write each place's first row, then add up what else goes there: most go somewhere once."""
    order = index.argsort()
    places = index[order]
    fresh = np.ones(len(places), bool)
    np.not_equal(places[1:], places[:-1], out=fresh[1:])
    y[places[fresh]] = x.take(order[fresh], 0)
    again = places[~fresh]
    if len(again):
        starts = np.flatnonzero(np.concatenate(([True], again[1:] != again[:-1])))
        y[again[starts]] += np.add.reduceat(x.take(order[~fresh], 0), starts, 0)


# --- rows in bags


def embedding_bag(
    input, weight, offsets=None, max_norm=None, norm_type=2, scale_grad_by_freq=False, mode="mean",
    sparse=False, per_sample_weights=None, include_last_offset=False, padding_idx=None,
):  # fmt: skip
    """Look up rows of a table and reduce each bag of them to one row: mean, sum or max.

    A bag is a row of a 2-d ``input``, or what lies between two ``offsets`` of a 1-d one.

    >>> table = torch.tensor([[1., 2.], [3., 4.], [5., 6.]])
    >>> F.embedding_bag(torch.tensor([0, 2, 1]), table, torch.tensor([0, 2]), mode="sum")
    tensor([[6., 8.],
            [3., 4.]])
    """
    if weight.dtype.name == "int64" and input.dtype.is_floating_point:
        weight, input = input, weight  # PyTorch's order of old
    _check_bags(input, weight, offsets, scale_grad_by_freq, mode, sparse, per_sample_weights)
    bag_of, bags = _bags(input, offsets, include_last_offset)
    input = reshape(input, (-1,))
    if max_norm is not None:  # also the padding's row
        _check_table(input.array, weight.array)
        _shorten(weight.device.xp, weight.array, input.array, max_norm, norm_type)
    heavy = per_sample_weights if per_sample_weights is None else reshape(per_sample_weights, (-1,))
    padding = padding_row(padding_idx, weight.shape[0])
    kept = bag_of < bags if padding is None else (bag_of < bags) & (input.array != padding)
    if offsets is not None or padding is not None:
        bag_of, input = bag_of[kept], wrap(input.array[kept])
        heavy = heavy if heavy is None else look_up(heavy, (kept,))
    rows = embedding(input, weight, None, None, norm_type, scale_grad_by_freq, sparse)
    if mode == "max":
        return _largest(rows, bag_of, bags)
    rows = rows if heavy is None else rows * reshape(heavy, (-1, 1))
    total = add_rows(rows, wrap(bag_of), bags)
    if mode == "sum":
        return total
    xp = weight.device.xp
    counts = xp.maximum(xp.bincount(bag_of, minlength=bags), 1).astype(rows.array.dtype)
    return total / wrap(counts.reshape(-1, 1))


def _check_bags(input, weight, offsets, by_frequency, mode, sparse, heavy):
    """Raise PyTorch's errors where the arguments of ``embedding_bag`` do not fit together."""
    if heavy is not None and heavy.shape != input.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({heavy.shape}) is not None, then it must have "
            f"the same shape as the input ({input.shape})"
        )
    if weight.ndim != 2:
        raise ValueError(f"weight has to be a 2D Tensor, but got Tensor of dimension {weight.ndim}")
    if input.ndim not in (1, 2):
        raise ValueError(
            f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}"
        )
    if input.ndim == 2 and offsets is not None:
        raise ValueError(
            "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of "
            f"fixed length sequences. However, found offsets of type {type(offsets)}"
        )
    if input.ndim == 1 and (offsets is None or offsets.ndim != 1):
        found = " but got None" if offsets is None else ""
        raise ValueError(f"offsets has to be a 1D Tensor{found}")
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and (by_frequency or sparse):
        what = "scaling the gradient by the frequency" if by_frequency else "sparse weights"
        raise ValueError(f"max mode does not support {what}")
    if heavy is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported "
            f"for mode='sum' (got mode='{mode}'). Please open a feature request on GitHub."
        )
    if heavy is not None and heavy.dtype is not weight.dtype:
        raise RuntimeError(
            f"expected scalar type {weight.dtype} but found {heavy.dtype}: per_sample_weights must "
            "have the dtype of weight"
        )


def _bags(input, offsets, include_last):
    """Tell for each number which bag it lies in, and how many bags there are."""
    xp = input.device.xp
    if offsets is None:
        bags, length = input.shape
        return xp.repeat(xp.arange(bags), length), bags
    starts, count = offsets.array, input.array.size
    if on_host(starts) and starts.size:
        if starts[0] != 0:
            raise RuntimeError(
                "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start "
                f"from position 0. However, got {starts[0]}"
            )
        if starts[-1] > count:
            raise RuntimeError(
                f"offsets[-1] can not be greater than input's length {count} but got offsets[-1] "
                f"of {starts[-1]}"
            )
    if include_last and not starts.size:
        raise RuntimeError("include_last_offset: number of offsets should be at least 1")
    bag_of = xp.searchsorted(starts, xp.arange(count), side="right") - 1
    return bag_of, starts.size - bool(include_last)


def _largest(rows, bag_of, bags):
    """Take the largest of each bag, feature by feature: the first of equal ones; 0 if empty."""
    xp, x = rows.device.xp, rows.array
    count, width = x.shape
    top = xp.full((bags, width), -xp.inf, x.dtype)
    xp.maximum.at(top, bag_of, x)
    reaches = (x == top[bag_of]) | xp.isnan(x)
    place = xp.full((bags, width), count)
    xp.minimum.at(place, bag_of, xp.where(reaches, xp.arange(count)[:, None], count))
    filled = place < count
    if not count:
        return to(rows.new_zeros((bags, width)), rows.dtype)
    return gather(rows, 0, wrap(xp.where(filled, place, 0))) * to(wrap(filled), rows.dtype)
