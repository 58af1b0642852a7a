"""Connectionist temporal classification: reading without being told where each letter stands."""

import math

from ..core import Tensor, wrap
from .compare import where
from .dims import wrong_rank
from .gather import gather
from .join import pad, stack, unbind
from .loss import only_floats
from .pointwise import exp
from .reduce import logsumexp
from .reduce import sum as added_up
from .reduction import check_reduction, summed_up
from .shape import expand, unsqueeze

LOW = -1e30  # stands for log(0); with -inf, gradients would be nan
ALLOCATING = "(while checking arguments for ctc_loss_allocate_outputs)"


def ctc_loss(
    log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean",
    zero_infinity=False,
):  # fmt: skip
    """Measure how unlikely a text is, given log-probabilities of its letters at each time.

    Every way to lay the text out in time counts: letters may last, blanks may stand between them.
    ``log_probs`` (T, N, C) comes from log_softmax; ``targets`` is (N, S), or all texts one behind
    the other.

    >>> letters = torch.zeros(3, 1, 2).log_softmax(2)  # a blank or an "a", three times
    >>> F.ctc_loss(letters, torch.tensor([[1]]), [3], [1])  # 6 of 8 ways are read as one "a"
    tensor(0.2877)
    """
    check_reduction(reduction)
    batched = log_probs.ndim == 3
    log_probs = log_probs if batched else unsqueeze(log_probs, 1)
    if log_probs.ndim != 3:
        wanted, shape = "3-dimensional tensor", log_probs.shape
        raise wrong_rank("ctc_loss_allocate_outputs", "log_probs", wanted, shape)
    times, lengths = _lengths("input", input_lengths), _lengths("target", target_lengths)
    _check(log_probs, times, lengths, blank)
    labels = _with_blanks(log_probs, targets, lengths, blank)
    each = -_log_likelihood(log_probs, labels, times, lengths, blank)
    each = where(each > -LOW / 2, 0.0 if zero_infinity else math.inf, each)
    if reduction == "mean":
        xp = log_probs.device.xp
        each = each / wrap(xp.asarray([max(n, 1) for n in lengths], each.array.dtype))
    return summed_up(each if batched or reduction != "none" else each[0], reduction)


def _lengths(name, given):
    """Give lengths as Python numbers."""
    if isinstance(given, Tensor):
        if given.dtype.is_floating_point:
            raise RuntimeError(f"{name}_lengths must be integral")
        given = given.reshape(-1).tolist()
    return [int(n) for n in given]


def _check(log_probs, times, lengths, blank):
    """Raise PyTorch's errors where sizes and lengths do not fit."""
    only_floats("ctc_loss_cpu", log_probs.array)
    steps, count, classes = log_probs.shape
    if not log_probs.numel():
        raise RuntimeError("log_probs tensor must not be empty")
    if not 0 <= blank < classes:
        raise RuntimeError("blank must be in label range")
    for name, given in (("input", times), ("target", lengths)):
        if len(given) != count:
            raise RuntimeError(f"{name}_lengths must be of size batch_size")
        if min(given) < 0:
            raise RuntimeError(
                f"Expected {name}_lengths to have value at least 0, but got value {min(given)} "
                f"{ALLOCATING}"
            )
    if max(times) > steps:
        raise RuntimeError(
            f"Expected input_lengths to have value at most {steps}, but got value {max(times)} "
            f"{ALLOCATING}"
        )


def _with_blanks(log_probs, targets, lengths, blank):
    """Write the texts with a blank before, between and behind their letters: (N, 2 S + 1)."""
    xp, count, longest = log_probs.device.xp, len(lengths), max(lengths)
    texts, place, total = targets.array, xp.arange(longest), sum(lengths)
    if texts.ndim == 1 and (log_probs.shape[1] > 1 or len(texts) == total):
        if len(texts) != total:
            raise _misfit(f"size {total} at dimension 0", len(texts))
        starts = xp.asarray([sum(lengths[:k]) for k in range(count)])
        texts = texts[(starts[:, None] + place).clip(0, max(total - 1, 0))]
    texts = texts.reshape(-1, texts.shape[-1])
    if len(texts) != count:
        raise _misfit(f"size {count} at dimension 0", len(texts))
    if texts.shape[1] < longest:
        raise _misfit(f"size at least {longest} at dimension 1", texts.shape[1])
    labels = xp.full((count, 2 * longest + 1), blank, "int64")
    inside = place < xp.asarray(lengths)[:, None]
    labels[:, 1::2] = xp.where(inside, texts[:, :longest], blank)
    return wrap(labels)


def _misfit(wanted, size):
    return RuntimeError(
        f"Expected tensor to have {wanted}, but got size {size} for argument #2 'targets' "
        f"{ALLOCATING}"
    )


def _log_likelihood(log_probs, labels, times, lengths, blank):
    """Add up, time after time, the probabilities of all ways to have read so much of the text."""
    xp, steps = log_probs.device.xp, log_probs.shape[0]
    count, width = labels.shape
    ends, last = xp.asarray(lengths)[:, None] * 2, xp.asarray(times)[:, None]
    told = gather(log_probs, 2, expand(unsqueeze(labels, 0), (steps, count, width)))
    at = unbind(where(wrap(xp.arange(width) <= ends), told, LOW), 0)
    jumps = wrap(_may_jump(xp, labels.array, blank))
    reached = where(wrap(xp.arange(width) < 2), at[0], LOW)
    for t in range(1, steps):
        wide = pad(reached, (2, 0), LOW)
        ways = [wide[:, 2:], wide[:, 1:-1], where(jumps, wide[:, :-2], LOW)]
        ahead = logsumexp(stack(ways, 0), 0) + at[t]
        reached = where(wrap(t < last), ahead, reached)
    final = wrap(xp.concatenate([ends, (ends - 1).clip(0)], 1))
    both = gather(reached, 1, final)
    both = where(wrap(xp.concatenate([ends >= 0, ends > 0], 1)), both, LOW)
    return logsumexp(both, 1) - _as_from_scores(log_probs, last)


def _may_jump(xp, labels, blank):
    """Say where a blank may be left out: between two different letters."""
    jumps = xp.zeros(labels.shape, bool)
    jumps[:, 2:] = (labels[:, 2:] != blank) & (labels[:, 2:] != labels[:, :-2])
    return jumps


def _as_from_scores(log_probs, last):
    """Add nothing, but let the gradient be PyTorch's: that of the scores before log_softmax."""
    steps = log_probs.device.xp.arange(log_probs.shape[0])
    chances = added_up(exp(log_probs), 2)
    heard = wrap((steps < last).T)
    return added_up(where(heard, chances - chances.detach(), 0.0), 0)
