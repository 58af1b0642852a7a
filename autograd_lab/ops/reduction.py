"""What becomes of the losses of the elements: their mean, their sum, or all of them."""

import warnings

from .reduce import mean, sum


def chosen_reduction(size_average, reduce, reduction):
    """Translate PyTorch's old pair of switches into the word that replaced them.

    >>> chosen_reduction(None, None, "sum")
    'sum'
    """
    if size_average is None and reduce is None:
        return reduction
    size_average = True if size_average is None else size_average
    reduce = True if reduce is None else reduce
    word = "mean" if size_average and reduce else "sum" if reduce else "none"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{word}' instead.",
        stacklevel=4,
    )
    return word


def check_reduction(reduction, said="is not a valid value for reduction"):
    """Raise PyTorch's error for a word that is none of the three."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} {said}")


def summed_up(each, reduction):
    """Give the mean of losses, their sum, or all of them.

    >>> summed_up(torch.tensor([1., 2., 6.]), "mean")
    tensor(3.)
    """
    check_reduction(reduction)
    return mean(each) if reduction == "mean" else sum(each) if reduction == "sum" else each
