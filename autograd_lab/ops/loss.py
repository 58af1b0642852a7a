"""From scores and targets to one number: softmax, and the losses.

Each loss is one node: its gradient is simpler, and safer, than what the chain rule would make of
its parts. ``reduction`` says what becomes of the losses of the elements: their mean, their sum, or
all of them.
"""

import math

import numpy as np

from ..backends.cuda import kernels, ours
from ..core import TENSORS, Array, Op, wrap
from ..device import on_host
from ..dispatch import op
from ..dtypes import legacy_name
from .activation import logsigmoid
from .compare import clamp
from .dims import whole
from .gather import add_along
from .pointwise import exp, log, log1p, sigmoid
from .products import ones
from .reduce import precise, sum
from .shape import movedim, reshape, to, unsqueeze


def only_floats(name, x):
    """Raise PyTorch's error for a function that knows no whole numbers."""
    if x.dtype.kind not in "fc":
        said = legacy_name(x.dtype)
        raise NotImplementedError(f'"{name}" not implemented for \'{said}\'. Use x.float() first')


def reduced(each, reduction):
    """Reduce the losses of the elements, and give the share that each has in the result."""
    if each.dtype.char == "e" and reduction in ("mean", "sum"):
        y, share = reduced(precise(each), reduction)
        return y.astype(each.dtype), share
    if reduction == "mean":
        count = each.size or math.nan
        return each.sum() / count, 1.0 / count
    if reduction == "sum":
        return each.sum(), 1.0
    if reduction == "none":
        return each, 1.0
    raise ValueError(f"{reduction} is not a valid value for reduction")


# --- softmax


def _ready(name, x, dim, dtype):
    """Give the operand in the dtype asked for, with at least one dimension, and the dimension."""
    if dtype is not None:
        x = to(x, dtype)
    only_floats(name, x)
    return x.reshape(x.shape or (1,)), whole(dim, x.ndim)


def _shifted(x, dim):
    """Subtract the largest along a dimension, so that exp cannot overflow."""
    return x - _largest(x, dim) if x.size else x.copy()


def _largest(x, dim):
    """Give the largest along a dimension, which stays as 1.

    Of short rows NumPy finds the place of the largest three times faster than the largest.
    """
    if not on_host(x) or dim not in (-1, x.ndim - 1):
        return x.max(dim, keepdims=True)
    wide = x.shape[-1]
    place = x.reshape(-1, wide).argmax(1)
    place += np.arange(0, x.size, wide)
    return x.take(place).reshape(*x.shape[:-1], 1)


# Below which number of its operand exp, and above which sum, loses nothing without a shift.
SAFE = {"f": (60, 1e-20), "d": (600, 1e-200)}


def _powers(xp, x, dim):
    """Give e to the x, and its sums along a dimension; shifted where it could leave the range.

    A GPU is not asked whether it could: everybody would have to wait for its answer.
    """
    highest, least = SAFE.get(x.dtype.char, (0, 0))
    if on_host(xp) and highest and x.size and x.max() < highest:
        y = xp.exp(x)
        total = _added(xp, y, dim)
        if total.min() > least:
            return y, total
    y = xp.exp(_shifted(x, dim))
    return y, _added(xp, y, dim)


def _added(xp, x, dim):
    """Add up an array along a dimension, which stays as 1."""
    if dim != x.ndim - 1 or x.dtype.char not in "fd" or not x.size:
        return x.sum(dim, keepdims=True)
    rows = x.reshape(-1, x.shape[-1])
    return rows.dot(ones(xp, x.shape[-1], x.dtype)).reshape(*x.shape[:-1], 1)


def _along(x, dim):
    """Add up along a dimension, which stays as 1."""
    return sum(x, dim, True) if x.shape else x


@op
class softmax(Op):
    r"""Turn scores into probabilities: positive, and together 1 along a dimension.

    >>> torch.softmax(torch.tensor([1., 2., 3.]), 0)
    tensor([0.0900, 0.2447, 0.6652])
    """

    formula = r"y_i = \frac{e^{x_i}}{\sum_j e^{x_j}}"
    gradient = r"\bar x_i = y_i \left( \bar y_i - \sum_j \bar y_j\, y_j \right)"

    def forward(self, x: Array, dim, dtype=None):
        self.old, shape = x.dtype, x.shape
        x, self.dim = _ready("softmax_lastdim_kernel_impl", x, dim, dtype)
        if ours(x) and self.dim == x.ndim - 1:
            return kernels().softmax(x).reshape(shape)
        if x.dtype.char == "e":
            return softmax(precise(x), self.dim).astype(x.dtype).reshape(shape)
        y, total = _powers(self.xp, x, self.dim)
        y *= 1 / total
        return y.reshape(shape)

    def backward(self, g, y):
        if ours(g, y) and self.dim == y.ndim - 1:
            slope = kernels().softmax_back(g, y)
        elif type(g) in TENSORS or not y.ndim or self.dim != y.ndim - 1:
            slope = y * (g - _along(g * y, self.dim))
        else:
            slope = g - self.xp.einsum("...i,...i->...", g, y)[..., None]
            slope *= y
        return to(slope, self.old) if slope.dtype != self.old else slope


@op
class log_softmax(Op):
    r"""Take the logarithm of softmax, without making a probability that rounds to 0.

    >>> torch.log_softmax(torch.tensor([1., 2., 3.]), 0)
    tensor([-2.4076, -1.4076, -0.4076])
    """

    formula = r"y_i = x_i - \ln \sum_j e^{x_j}"
    gradient = r"\bar x_i = \bar y_i - e^{y_i} \sum_j \bar y_j"

    def forward(self, x: Array, dim, dtype=None):
        self.old, shape = x.dtype, x.shape
        x, self.dim = _ready("log_softmax_lastdim_kernel_impl", x, dim, dtype)
        if ours(x) and self.dim == x.ndim - 1:
            return kernels().softmax(x, True).reshape(shape)
        if x.dtype.char == "e":
            return log_softmax(precise(x), self.dim).astype(x.dtype).reshape(shape)
        y = _shifted(x, self.dim)
        y -= self.xp.log(self.xp.exp(y).sum(self.dim, keepdims=True))
        return y.reshape(shape)

    def backward(self, g, y):
        if ours(g, y) and self.dim == y.ndim - 1:
            slope = kernels().softmax_back(g, y, True)
        else:
            slope = g - exp(y) * _along(g, self.dim)
        return to(slope, self.old) if slope.dtype != self.old else slope


# --- how far is a number from its target?


@op
class mse_loss(Op):
    r"""Average the squared differences.

    >>> F.mse_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(2.)
    """

    formula = r"y = \frac1n \sum_i (x_i - t_i)^2"
    gradient = r"\bar x_i = \frac2n\,(x_i - t_i)\,\bar y,\quad \bar t_i = -\bar x_i"
    promote = True

    def forward(self, input: Array, target: Array, reduction="mean"):
        only_floats("mse_cpu", input)
        away = input - target
        if reduction != "mean" or not away.size or away.dtype.char == "e":
            y, share = reduced(away * away, reduction)
        else:  # a product of a row with itself adds up while it multiplies
            flat, share = away.ravel(), 1.0 / away.size
            y = flat.dot(flat) * share
        self.factor = 2.0 * share
        return y

    def backward_input(self, g, input, target):
        if ours(g, input, target):
            return kernels().squared_back(g, input, target, self.factor)
        return (input - target) * (g * self.factor)

    def backward_target(self, g, input, target):
        if ours(g, input, target):
            return kernels().squared_back(g, target, input, self.factor)
        return (target - input) * (g * self.factor)


@op
class smooth_l1_loss(Op):
    r"""Average the distances, rounded off to a parabola where they are below ``beta``.

    >>> F.smooth_l1_loss(torch.tensor([0.5, 3.]), torch.zeros(2), reduction="none")
    tensor([0.1250, 2.5000])
    """

    formula = (
        r"y = \frac1n \sum_i \begin{cases} d_i^2 / 2\beta & d_i < \beta \\ d_i - \beta/2 "
        r"\end{cases},\quad d_i = |x_i - t_i|"
    )
    gradient = r"\bar x_i = \frac1n\,\bar y\, \min(\max((x_i - t_i)/\beta, -1), 1)"
    promote = True

    def forward(self, input: Array, target: Array, reduction="mean", beta=1.0):
        only_floats("smooth_l1_cpu", input)
        if beta <= 0:
            raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
        away = self.xp.abs(input - target)
        each = self.xp.where(away < beta, away * away * (0.5 / beta), away - 0.5 * beta)
        y, self.share = reduced(each, reduction)
        self.beta = beta
        return y

    def backward_input(self, g, input, target):
        return clamp((input - target) / self.beta, -1, 1) * (g * self.share)

    def backward_target(self, g, input, target):
        return clamp((target - input) / self.beta, -1, 1) * (g * self.share)


@op
class huber_loss(Op):
    r"""Average half the squared distances, continued as lines beyond ``delta``.

    >>> F.huber_loss(torch.tensor([0.5, 3.]), torch.zeros(2), reduction="none", delta=2.)
    tensor([0.1250, 4.0000])
    """

    formula = (
        r"y = \frac1n \sum_i \begin{cases} d_i^2 / 2 & d_i \le \delta \\ "
        r"\delta (d_i - \delta/2) \end{cases},\quad d_i = |x_i - t_i|"
    )
    gradient = r"\bar x_i = \frac1n\,\bar y\, \min(\max(x_i - t_i, -\delta), \delta)"
    promote = True

    def forward(self, input: Array, target: Array, reduction="mean", delta=1.0):
        only_floats("huber_cpu", input)
        if delta <= 0:
            raise RuntimeError("huber_loss does not support non-positive values for delta.")
        away = self.xp.abs(input - target)
        each = self.xp.where(away <= delta, away * away * 0.5, (away - 0.5 * delta) * delta)
        y, self.share = reduced(each, reduction)
        self.delta = delta
        return y

    def backward_input(self, g, input, target):
        return clamp(input - target, -self.delta, self.delta) * (g * self.share)

    def backward_target(self, g, input, target):
        return clamp(target - input, -self.delta, self.delta) * (g * self.share)


# --- is it true, or not?


def _its_share(slope, weight, g, kind):
    """Give a gradient its weight and its share of g, in the dtype of what it belongs to."""
    slope = (slope if weight is None else slope * weight) * g
    return slope if slope.dtype == kind else to(slope, kind)


@op
class binary_cross_entropy(Op):
    r"""Punish a probability for what it gave to the wrong answer.

    >>> F.binary_cross_entropy(torch.tensor([0.9, 0.2]), torch.tensor([1., 0.]))
    tensor(0.1643)
    """

    formula = r"y = -\frac1n \sum_i \big( t_i \ln x_i + (1 - t_i) \ln(1 - x_i) \big)"
    gradient = r"\bar x_i = \frac1n\,\bar y\, \frac{x_i - t_i}{x_i (1 - x_i)}"

    def forward(self, input: Array, target: Array, weight: Array | None = None, reduction="mean"):
        only_floats("binary_cross_entropy", input)
        xp = self.xp
        if on_host(input) and not ((input >= 0) & (input <= 1)).all():
            raise RuntimeError(
                "all elements of input should be between 0 and 1. Scores become probabilities by "
                "torch.sigmoid; binary_cross_entropy_with_logits takes the scores themselves"
            )
        self.old = input.dtype
        yes = xp.maximum(xp.log(input), -100)
        no = xp.maximum(xp.log1p(-input), -100)
        each = (target - 1) * no - target * yes
        y, self.share = reduced(each if weight is None else each * weight, reduction)
        return y if y.dtype == self.old else y.astype(self.old)

    def backward_input(self, g, input, target, weight):
        slope = (input - target) / clamp((1 - input) * input, 1e-12)
        return _its_share(slope, weight, g * self.share, self.old)

    def backward_target(self, g, input, weight):
        slope = clamp(log1p(-input), -100) - clamp(log(input), -100)
        return _its_share(slope, weight, g * self.share, self.old)


@op
class binary_cross_entropy_with_logits(Op):
    r"""Punish a score, through its sigmoid, for what it gave to the wrong answer.

    >>> F.binary_cross_entropy_with_logits(torch.tensor([2., -1.]), torch.tensor([1., 0.]))
    tensor(0.2201)
    """

    formula = r"y = \frac1n \sum_i \big( (1 - t_i)\, x_i + \ln(1 + e^{-x_i}) \big)"
    gradient = r"\bar x_i = \frac1n\,\bar y\, (\sigma(x_i) - t_i)"

    def forward(self, input: Array, target: Array, weight: Array | None = None,
                pos_weight: Array | None = None, reduction="mean"):  # fmt: skip
        only_floats("log_sigmoid_forward_cpu", input)
        xp, self.old, self.wanted = self.xp, input.dtype, target.dtype
        cost = xp.log1p(xp.exp(-xp.abs(input))) + xp.maximum(-input, 0)
        if pos_weight is not None:
            cost = cost * ((pos_weight - 1) * target + 1)
        each = (1 - target) * input + cost
        y, self.share = reduced(each if weight is None else each * weight, reduction)
        return y if y.dtype == self.wanted else y.astype(self.wanted)

    def backward_input(self, g, input, target, weight, pos_weight):
        raised = 1 if pos_weight is None else (pos_weight - 1) * target + 1
        slope = 1 - target - raised * sigmoid(-input)
        return _its_share(slope, weight, g * self.share, self.old)

    def backward_target(self, g, input, target, weight, pos_weight):
        slope = -input
        if pos_weight is not None:
            slope = slope - (pos_weight - 1) * logsigmoid(input)
        return _its_share(slope, weight, g * self.share, self.wanted)


# --- which of several is it?


def check_classes(shape, target, weight):
    """Give the targets, or raise PyTorch's errors where they, scores or weights do not fit."""
    if len(shape) == 1 and target.shape == (1,):
        target = target[0]  # the scores of one example: its class may be a number or a list of one
    if not shape:
        raise ValueError("Expected 1 or more dimensions (got 0): the scores of one class each")
    lead, dim = (shape[:0], 0) if len(shape) == 1 else (shape[:1], 1)
    classes = shape[dim]
    if lead and (not target.ndim or target.shape[0] != shape[0]):
        raise ValueError(
            f"Expected input batch_size ({shape[0]}) to match target batch_size "
            f"({target.shape[0] if target.ndim else 0})."
        )
    if target.shape != lead + shape[dim + 1 :]:
        raise _wrong_shape(shape, target, lead + shape[dim + 1 :], classes)
    if target.dtype.kind not in "iu" or (target.dtype.itemsize < 8 and target.dtype.kind == "i"):
        said = legacy_name(target.dtype)
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {said}: use target.long()"
        )
    if weight is not None and weight.shape != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but "
            f"got weight tensor of shape: {list(weight.shape)}"
        )
    return target


def _wrong_shape(shape, target, wanted, classes):
    """Word that a target has a wrong shape: PyTorch says it by the rank of the scores."""
    if len(shape) <= 2 and target.ndim > 1:
        said = "0D or 1D target tensor expected, multi-target not supported"
    elif len(shape) == 1:
        return ValueError(
            f"For 1D input, 1D target must have size 1, but got target size: {target.shape[0]}"
        )
    elif len(shape) == 4 and target.ndim != 3:
        said = (
            "only batches of spatial targets supported (3D tensors) but got targets of dimension: "
            f"{target.ndim}"
        )
    elif len(shape) == 4:
        said = f"size mismatch (got input: {list(shape)} , target: {list(target.shape)}"
    else:
        said = f"Expected target size {list(wanted)}, got {list(target.shape)}"
    return RuntimeError(
        f"{said}: one class number for each row of {classes} scores, so the target's size is "
        f"{list(wanted)}, not {list(target.shape)}"
    )


def surely_below(target, count) -> bool:
    """Say whether all numbers are from 0 to ``count - 1``; of a GPU's numbers nobody is sure.

    Without a sign, -1 is huge.
    """
    if not on_host(target):
        return False
    numbers = target if target.dtype.kind == "u" else target.view("uint64")
    return not target.size or bool(numbers.max() < count)


def check_range(target, kept, classes):
    """Raise PyTorch's error for a class that does not exist; a GPU is not asked."""
    if not on_host(target):
        return
    wrong = kept & ((target < 0) | (target >= classes))
    if wrong.any():
        raise IndexError(
            f"Target {int(target[wrong][0])} is out of bounds. There are {classes} classes, "
            f"numbered 0 to {classes - 1}."
        )


def shares(xp, target, weight, ignore_index, classes, dtype):
    """Give for each target a place that is safe to look at, and the weight of its class."""
    kept = target != ignore_index
    check_range(target, kept, classes)
    place = xp.where(kept, target, 0)
    if weight is None:
        return place, kept.astype(dtype)
    return place, xp.where(kept, weight[place], 0).astype(dtype)


def weighed(xp, each, weights, reduction):
    """Reduce losses by weight; give also the share that each loss has in the result."""
    each = xp.where(weights != 0, each * weights, weights)
    if reduction == "mean":
        total = weights.sum()
        return each.sum() / total, xp.where(weights != 0, weights / total, weights)
    if reduction in ("sum", "none"):
        return each.sum() if reduction == "sum" else each, weights
    raise ValueError(f"{reduction} is not a valid value for reduction")


@op
class nll_loss(Op):
    r"""Average the negative log-probabilities of the right classes.

    >>> scores = torch.log_softmax(torch.tensor([[2., 0., 0.], [0., 1., 0.]]), 1)
    >>> F.nll_loss(scores, torch.tensor([0, 2]))
    tensor(0.8955)
    """

    formula = r"y = -\frac1n \sum_i x_{i, t_i}"
    gradient = r"\bar x_{i k} = -\frac1n\,\bar y\,[k = t_i]"

    def forward(self, input: Array, target: Array, weight: Array | None = None, reduction="mean",
                ignore_index=-100):  # fmt: skip
        target = check_classes(input.shape, target, weight)
        only_floats("nll_loss_out_frame", input)
        xp, self.old, self.dim = self.xp, input.shape, 0 if input.ndim == 1 else 1
        place, weights = shares(
            xp, target, weight, ignore_index, input.shape[self.dim], input.dtype
        )
        self.places = xp.expand_dims(place, self.dim)
        picked = xp.take_along_axis(input, self.places, self.dim).reshape(target.shape)
        y, self.share = weighed(xp, -picked, weights, reduction)
        return y

    def backward_input(self, g, share):
        down = unsqueeze(-g * share, self.dim)
        return add_along(down, self.dim, self.places, self.old)


@op
class cross_entropy(Op):
    r"""Average how surprising the right classes are, given a score for every class.

    >>> F.cross_entropy(torch.tensor([[2., 0., 0.], [0., 1., 0.]]), torch.tensor([0, 2]))
    tensor(0.8955)
    """

    formula = r"y = \frac1n \sum_i \big( \ln \sum_k e^{x_{ik}} - x_{i, t_i} \big)"
    gradient = (
        r"\bar x_{ik} = \frac1n\,\bar y\, \big( \mathrm{softmax}(x_i)_k - [k = t_i] \big)"
    )
    torch_name = "NllLossBackward0"

    def forward(self, input: Array, target: Array, weight: Array | None = None, reduction="mean",
                ignore_index=-100):  # fmt: skip
        target = check_classes(input.shape, target, weight)
        only_floats("log_softmax_lastdim_kernel_impl", input)
        xp, self.old, self.dim = self.xp, input.shape, 0 if input.ndim == 1 else 1
        rows = input if input.ndim == 2 else xp.moveaxis(input, self.dim, -1)
        self.wide, classes = rows.shape, rows.shape[-1]
        if ours(input, weight) and reduction in ("mean", "sum", "none"):
            told = input, target, weight, reduction, ignore_index
            y, self.away, self.share = kernels().cross_entropy(*told)
            return y
        away = xp.ascontiguousarray(_shifted(rows, -1).reshape(-1, classes))
        ignoring = 0 <= ignore_index < classes
        plain = weight is None and not ignoring and surely_below(target, classes)
        place, weights = (
            (target, None) if plain
            else shares(xp, target, weight, ignore_index, classes, input.dtype)
        )  # fmt: skip
        right, flat = xp.arange(0, away.size, classes) + place.reshape(-1), away.reshape(-1)
        score = flat.take(right)
        xp.exp(away, out=away)
        total = _added(xp, away, 1)
        each = (xp.log(total[:, 0]) - score).reshape(target.shape)
        away *= 1 / total
        flat[right] -= 1  # what is left is how far the probabilities are from the truth
        self.away = away
        y, self.share = (
            reduced(each, reduction) if plain else weighed(xp, each, weights, reduction)
        )
        return y

    def backward_input(self, g, away, share):
        if type(g) in TENSORS:  # to differentiate again: away depends on the scores, by softmax
            p = softmax(movedim(self.scores(away.array), self.dim, -1), -1).reshape(away.shape)
            away = p + (away - p.detach())
        if ours(away, g):
            slope = kernels().cross_entropy_back(g, away, share)
        else:
            g = g * share
            slope = away * (reshape(g, (-1, 1)) if g.shape else g)
        return slope if len(self.old) == 2 else movedim(reshape(slope, self.wide), -1, self.dim)

    def scores(self, away):
        """Give logarithms of probabilities for the scores: softmax makes the same of them.

        Only the right class has a probability less 1. (Where all are 0, each slope is 0, too.)
        """
        xp = self.xp
        right = xp.arange(away.shape[1]) == away.argmin(1)[:, None]
        rows = xp.log(away + right).reshape(self.wide)
        return wrap(rows if len(self.old) == 2 else xp.moveaxis(rows, -1, self.dim), self.next[0])
