"""Losses as modules: how far is the output from the target?

``reduction`` says what becomes of the losses of the elements: ``"mean"``, ``"sum"``, or ``"none"``.
"""

import math
import warnings

from ..ops.reduction import chosen_reduction
from . import functional as F
from .distance import PairwiseDistance
from .linear import Linear
from .module import Module


class _Loss(Module):
    def __init__(self, size_average=None, reduce=None, reduction: str = "mean"):
        super().__init__()
        if size_average is not None or reduce is not None:
            try:
                reduction = chosen_reduction(size_average, reduce, reduction)
            except RuntimeError as error:  # a tensor is neither true nor false
                name = type(self).__name__
                raise RuntimeError(
                    f"{error}: a loss is made first and called then, nn.{name}()(input, target)"
                ) from None
        self.reduction = reduction


class _WeightedLoss(_Loss):
    def __init__(self, weight=None, size_average=None, reduce=None, reduction: str = "mean"):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class MSELoss(_Loss):
    """Average the squared differences: mean((input - target) ** 2).

    For targets that are numbers, not classes.

    Args:
        reduction: ``"mean"`` (over all elements, not only the examples), ``"sum"``, or ``"none"``:
            one loss for each element.
        size_average, reduce: older words for ``reduction``.

    Shape:
        input and target: any shape, the same for both. If they differ, it warns and broadcasts: an
        output (N, 1) and a target (N,) make a square of N * N differences, and a wrong loss.
        ``output.squeeze(1)`` or ``target.unsqueeze(1)`` puts it right.

    >>> nn.MSELoss()(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(2.)
    >>> nn.MSELoss(reduction="none")(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor([0., 4.])
    """

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(_Loss):
    r"""Average the distances: $\frac1n \sum_i |x_i - t_i|$.

    >>> nn.L1Loss()(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(1.)
    """

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    r"""Average the distances, rounded off to a parabola where they are below ``beta``.

    With d = |input - target|: d * d / (2 * beta) below beta, d - beta / 2 from there on. So one
    target that is far off pulls no harder than a near one. It is ``HuberLoss`` with delta = beta,
    divided by beta.

    Args:
        beta: where the parabola ends and the straight line begins; with 0 it is ``L1Loss``.
        reduction: ``"mean"`` (over all elements), ``"sum"``, or ``"none"``: one loss an element.
        size_average, reduce: older words for ``reduction``.

    Shape:
        input and target: any shape, the same for both; if they differ, it warns and broadcasts.

    >>> nn.SmoothL1Loss()(torch.tensor([0.5]), torch.zeros(1))
    tensor(0.1250)
    >>> nn.SmoothL1Loss(beta=2., reduction="none")(torch.tensor([1., 4.]), torch.zeros(2))
    tensor([0.2500, 3.0000])
    """

    def __init__(
        self, size_average=None, reduce=None, reduction: str = "mean", beta: float = 1.0
    ):  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(_Loss):
    r"""Average half the squared distances, continued as straight lines beyond ``delta``.

    With d = |input - target|: d * d / 2 up to delta, delta * (d - delta / 2) beyond it. It is
    ``SmoothL1Loss`` with beta = delta, times delta.

    Args:
        reduction: ``"mean"`` (over all elements), ``"sum"``, or ``"none"``: one loss an element.
        delta: where the parabola ends and the straight line begins; above 0.

    Shape:
        input and target: any shape, the same for both; if they differ, it warns and broadcasts.

    >>> nn.HuberLoss(delta=2.)(torch.tensor([3.]), torch.zeros(1))
    tensor(4.)
    >>> nn.HuberLoss(delta=2., reduction="none")(torch.tensor([1., 4.]), torch.zeros(2))
    tensor([0.5000, 6.0000])
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0):
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class NLLLoss(_WeightedLoss):
    """Average the negative log-probabilities of the right classes.

    It picks from each row the number of the right class and turns its sign: -x[i, t[i]]. So it
    wants log-probabilities, which ``nn.LogSoftmax(dim=1)`` makes; ``CrossEntropyLoss`` is the two
    in one.

    Args:
        weight: (C,), how much each class counts; the mean is divided by the weights of the targets.
        ignore_index: targets with this number do not count.
        reduction: ``"mean"``, ``"sum"``, or ``"none"``: one loss for each example.
        size_average, reduce: older words for ``reduction``.

    Shape:
        input (N, C): log-probabilities; also (C,), or (N, C, height, width).
        targets (N,): the right classes, int64 numbers from 0 to C - 1.

    >>> log_probabilities = torch.log_softmax(torch.tensor([[2., 0., 0.], [0., 1., 0.]]), dim=1)
    >>> nn.NLLLoss()(log_probabilities, torch.tensor([0, 2]))
    tensor(0.8955)
    """

    def __init__(
        self, weight=None, size_average=None, ignore_index: int = -100, reduce=None,
        reduction: str = "mean",
    ):  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.nll_loss(
            input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction
        )


class CrossEntropyLoss(_WeightedLoss):
    """Compare scores for every class with the right classes; softmax is inside.

    Give it the scores as the last layer makes them: the model needs no softmax at its end, and with
    one it learns badly. The loss of one row x with the right class t is
    -log(exp(x[t]) / sum(exp(x))): 0 if the model is sure and right, about log(C) if it guesses
    among C classes (2.3 for ten).

    Args:
        weight: (C,), how much each class counts: a larger number for a rare class.
        ignore_index: targets with this number do not count; good for padding.
        reduction: ``"mean"``, ``"sum"``, or ``"none"``: one loss for each example. With a
            ``weight`` and class numbers the mean is divided by the targets' weights, not by N.
        label_smoothing: from 0 to 1: this part of the truth is shared out among all classes.
        size_average, reduce: older words for ``reduction``.

    Shape:
        scores (N, C): N examples, C classes; also (C,), or (N, C, height, width) for pixels.
        targets (N,): int64 numbers from 0 to C - 1, not floats and not (N, 1); or a probability for
        each class, floats in the shape of the scores. The loss is one number, or with
        ``reduction="none"`` as many as there are targets.

    >>> loss_fn = nn.CrossEntropyLoss()
    >>> scores = torch.tensor([[2., 0., 0.], [0., 1., 0.]])  # two examples, three classes
    >>> loss_fn(scores, torch.tensor([0, 2]))
    tensor(0.8955)
    >>> loss_fn(scores, torch.tensor([[1., 0., 0.], [0., 0., 1.]]))  # the same, as probabilities
    tensor(0.8955)
    """

    def __init__(
        self, weight=None, size_average=None, ignore_index: int = -100, reduce=None,
        reduction: str = "mean", label_smoothing: float = 0.0,
    ):  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.cross_entropy(
            input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )  # fmt: skip


class BCELoss(_WeightedLoss):
    """Punish probabilities for what they gave to the wrong answer.

    For questions with the answers no and yes: -(t * log(p) + (1 - t) * log(1 - p)). The input is
    the output of a sigmoid; from scores ``BCEWithLogitsLoss`` computes the same more exactly. A
    logarithm below -100 counts as -100, so that a sure mistake costs 100 and not infinity.

    Args:
        weight: what to multiply the losses by; its shape broadcasts to theirs.
        reduction: ``"mean"``, ``"sum"``, or ``"none"``: one loss for each answer.
        size_average, reduce: older words for ``reduction``.

    Shape:
        input: any shape, probabilities from 0 to 1 (others are an error).
        target: the same shape, floats from 0 (no) to 1 (yes); make whole numbers so by
            ``.float()``.

    >>> probabilities = torch.sigmoid(torch.tensor([2., -1.]))
    >>> nn.BCELoss()(probabilities, torch.tensor([1., 0.]))
    tensor(0.2201)
    """

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """Punish scores, through their sigmoid, for what they gave to the wrong answer.

    For questions with the answers no and yes, one or many for each example. The sigmoid is inside:
    give scores as the last layer makes them; above 0 means yes. It is ``BCELoss`` of the sigmoid,
    and exact where the sigmoid would round to 0 or 1.

    Args:
        weight: what to multiply the losses by; its shape broadcasts to theirs.
        reduction: ``"mean"``, ``"sum"``, or ``"none"``: one loss for each answer.
        pos_weight: how many times more a yes counts: above 1 if yes is rare (say, the number of no
            divided by the number of yes). A tensor: one number, or one for each question.
        size_average, reduce: older words for ``reduction``.

    Shape:
        input: any shape, scores.
        target: the same shape (another is an error), floats from 0 (no) to 1 (yes). A last layer
            with one output gives (N, 1): ``squeeze(1)`` it if the targets are (N,).

    >>> scores, target = torch.tensor([2., -1.]), torch.tensor([1., 0.])
    >>> nn.BCEWithLogitsLoss()(scores, target)
    tensor(0.2201)
    >>> nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.))(scores, target)
    tensor(0.3470)
    """

    def __init__(
        self, weight=None, size_average=None, reduce=None, reduction: str = "mean",
        pos_weight=None,
    ):  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, pos_weight=self.pos_weight, reduction=self.reduction
        )


class KLDivLoss(_Loss):
    r"""Measure how far log-probabilities are from a target distribution.

    Each element gives target * (log(target) - input); their sum over the classes is the
    Kullback-Leibler divergence of the target from the output. Mind three things:

    - The input is logarithms of probabilities: what ``F.log_softmax`` gives, not ``softmax``.
    - ``reduction="batchmean"`` is the divergence, averaged over the examples. The default,
      ``"mean"``, divides by the number of all elements, so by the number of classes too, and is
      not the divergence.
    - The output comes first and the target second: KL(target || output), the other way round than
      it is written, and not the same both ways.

    Args:
        reduction: ``"batchmean"``, ``"mean"``, ``"sum"``, or ``"none"``: one number an element.
        log_target: whether the target is logarithms of probabilities too.
        size_average, reduce: older words for ``reduction``.

    Shape:
        input and target (N, C), or any shape that is the same for both; ``"batchmean"`` divides by
        the first size.

    >>> output = torch.log_softmax(torch.tensor([[2., 0.], [0., 1.]]), dim=1)
    >>> target = torch.tensor([[0.5, 0.5], [1., 0.]])
    >>> nn.KLDivLoss(reduction="batchmean")(output, target)
    tensor(0.8735)
    >>> wanted, found = (torch.distributions.Categorical(p) for p in (target, output.exp()))
    >>> torch.distributions.kl_divergence(wanted, found).mean()
    tensor(0.8735)
    """

    def __init__(
        self, size_average=None, reduce=None, reduction: str = "mean", log_target: bool = False
    ):  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class HingeEmbeddingLoss(_Loss):
    r"""Keep distances small where the target is 1, above ``margin`` where it is -1.

    >>> nn.HingeEmbeddingLoss()(torch.tensor([0.2, 0.2]), torch.tensor([1., -1.]))
    tensor(0.5000)
    """

    def __init__(
        self, margin: float = 1.0, size_average=None, reduce=None, reduction: str = "mean"
    ):  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.hinge_embedding_loss(input, target, self.margin, reduction=self.reduction)


class MarginRankingLoss(_Loss):
    r"""Keep the first score above the second where the target is 1, below where it is -1.

    >>> nn.MarginRankingLoss()(torch.tensor([1.]), torch.tensor([3.]), torch.tensor([1.]))
    tensor(2.)
    """

    def __init__(
        self, margin: float = 0.0, size_average=None, reduce=None, reduction: str = "mean"
    ):  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1, input2, target):
        """Compare an output with its target."""
        return F.margin_ranking_loss(
            input1, input2, target, self.margin, reduction=self.reduction
        )


class SoftMarginLoss(_Loss):
    r"""Punish scores whose sign is not that of the target.

    >>> nn.SoftMarginLoss()(torch.tensor([2.]), torch.tensor([1.]))
    tensor(0.1269)
    """

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class NLLLoss2d(NLLLoss):
    r"""Average the negative log-probabilities of the right classes: the old name of ``NLLLoss``.

    >>> import warnings; warnings.simplefilter("ignore")
    >>> nn.NLLLoss2d()(torch.full((1, 2, 1, 1), -0.7), torch.zeros(1, 1, 1, dtype=torch.long))
    tensor(0.7000)
    """

    def __init__(
        self, weight=None, size_average=None, ignore_index: int = -100, reduce=None,
        reduction: str = "mean",
    ):  # fmt: skip
        warnings.warn(
            "`NLLLoss2d` has been deprecated. Please use `NLLLoss` instead as a drop-in "
            "replacement.",
            FutureWarning,
            stacklevel=2,
        )
        super().__init__(weight, size_average, ignore_index, reduce, reduction)


class PoissonNLLLoss(_Loss):
    r"""Measure how unlikely counts are: $e^x - t\,x$, for the logarithm $x$ of their mean.

    >>> nn.PoissonNLLLoss()(torch.tensor([0.]), torch.tensor([3.]))
    tensor(1.)
    """

    def __init__(
        self, log_input: bool = True, full: bool = False, size_average=None, eps: float = 1e-8,
        reduce=None, reduction: str = "mean",
    ):  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.log_input, self.full, self.eps = log_input, full, eps

    def forward(self, log_input, target):
        """Compare an output with its target."""
        return F.poisson_nll_loss(
            log_input, target, self.log_input, self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(_Loss):
    r"""Measure how unlikely targets are: $\frac12 (\ln v + (x - t)^2 / v)$, for mean and variance.

    >>> nn.GaussianNLLLoss()(torch.tensor([0.]), torch.tensor([2.]), torch.tensor([1.]))
    tensor(2.)
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean"):
        super().__init__(reduction=reduction)
        self.full, self.eps = full, eps

    def forward(self, input, target, var):
        """Compare means and variances with their target."""
        return F.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)


class MultiLabelMarginLoss(_Loss):
    r"""Keep the scores of all right classes above those of all wrong ones, by 1.

    >>> scores = torch.tensor([[0.1, 0.2, 0.4, 0.8]])
    >>> nn.MultiLabelMarginLoss()(scores, torch.tensor([[3, 0, -1, 1]]))
    tensor(0.8500)
    """

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(_WeightedLoss):
    r"""Punish the scores of many yes-or-no questions about one thing.

    >>> nn.MultiLabelSoftMarginLoss()(torch.tensor([[2., -1.]]), torch.tensor([[1., 0.]]))
    tensor(0.2201)
    """

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.multilabel_soft_margin_loss(
            input, target, self.weight, reduction=self.reduction
        )


class MultiMarginLoss(_WeightedLoss):
    r"""Keep the score of the right class above all others, by a margin.

    >>> nn.MultiMarginLoss()(torch.tensor([[0.1, 0.2, 0.4, 0.8]]), torch.tensor([3]))
    tensor(0.3250)
    """

    def __init__(
        self, p: int = 1, margin: float = 1.0, weight=None, size_average=None, reduce=None,
        reduction: str = "mean",
    ):  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        if p not in (1, 2):
            raise ValueError("only p == 1 and p == 2 supported")
        if weight is not None and weight.ndim != 1:
            raise ValueError(
                "MultiMarginLoss: expected weight to be None or 1D tensor, got "
                f"{weight.ndim}D instead"
            )
        self.p, self.margin = p, margin

    def forward(self, input, target):
        """Compare an output with its target."""
        return F.multi_margin_loss(
            input, target, self.p, self.margin, self.weight, reduction=self.reduction
        )


class CosineEmbeddingLoss(_Loss):
    r"""Turn vectors the same way where the target is 1, away from each other where it is -1.

    >>> a, b = torch.tensor([[1., 0.]]), torch.tensor([[0., 1.]])
    >>> nn.CosineEmbeddingLoss()(a, b, torch.tensor([1]))
    tensor(1.)
    """

    def __init__(
        self, margin: float = 0.0, size_average=None, reduce=None, reduction: str = "mean"
    ):  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1, input2, target):
        """Compare an output with its target."""
        return F.cosine_embedding_loss(
            input1, input2, target, self.margin, reduction=self.reduction
        )


def _check_margin(name, margin):
    if margin <= 0:
        raise ValueError(f"{name}: expected margin to be greater than 0, got {margin} instead")


class TripletMarginLoss(_Loss):
    r"""Keep anchors nearer to what is like them than to what is not, by a margin.

    Averages max(near - far + margin, 0), where near is the distance from the anchor to the
    positive (what is like it) and far the distance to the negative (what is not). Nothing is left
    to learn from a triplet whose far is larger than its near by the margin.

    Args:
        margin: by how much the far one must be farther away; above 0.
        p: which norm measures distances: 2 for the straight line.
        eps: what is added to differences, so that the root at 0 has a gradient.
        swap: whether the negative's distance from the positive counts, if that is smaller.
        reduction: ``"mean"``, ``"sum"``, or ``"none"``: one loss for each triplet.
        size_average, reduce: older words for ``reduction``.

    Shape:
        anchor, positive and negative (N, D), or (D,): the last dimension holds the features. Gives
        (N,) for ``"none"``, else one number.

    >>> here, near, far = torch.zeros(1, 2), torch.ones(1, 2), torch.full((1, 2), 3.)
    >>> nn.TripletMarginLoss(margin=5.)(here, near, far)
    tensor(2.1716)
    """

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False,
        size_average=None, reduce=None, reduction: str = "mean",
    ):  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        _check_margin("TripletMarginLoss", margin)
        self.margin, self.p, self.eps, self.swap = margin, p, eps, swap

    def forward(self, anchor, positive, negative):
        """Compare anchors with what is like them and what is not."""
        return F.triplet_margin_loss(
            anchor, positive, negative, self.margin, self.p, self.eps, self.swap,
            reduction=self.reduction,
        )  # fmt: skip


class TripletMarginWithDistanceLoss(_Loss):
    r"""Keep anchors nearer to what is like them than to what is not, by a distance of your own.

    >>> here, near, far = torch.zeros(1, 2), torch.ones(1, 2), torch.full((1, 2), 3.)
    >>> nn.TripletMarginWithDistanceLoss(margin=5.)(here, near, far)
    tensor(2.1716)
    """

    def __init__(
        self, *, distance_function=None, margin: float = 1.0, swap: bool = False,
        reduction: str = "mean",
    ):  # fmt: skip
        super().__init__(reduction=reduction)
        _check_margin("TripletMarginWithDistanceLoss", margin)
        self.distance_function = distance_function or PairwiseDistance()
        self.margin, self.swap = margin, swap

    def forward(self, anchor, positive, negative):
        """Compare anchors with what is like them and what is not."""
        return F.triplet_margin_with_distance_loss(
            anchor, positive, negative, distance_function=self.distance_function,
            margin=self.margin, swap=self.swap, reduction=self.reduction,
        )  # fmt: skip


class CTCLoss(_Loss):
    r"""Measure how unlikely a text is, when nobody says where each of its letters stands.

    For sound and handwriting: the output says at each of T steps which letter is heard, the target
    is the text alone. A letter may last several steps, and blanks may stand between; the loss is
    minus the logarithm of the chance of all ways to spell the text. A text must be no longer than
    the steps, and equal letters in a row need one step more, for a blank between them: otherwise
    there is no such way, and the loss is infinite.

    Args:
        blank: which class means "no letter"; it may not stand in a target.
        reduction: ``"mean"`` divides each loss by the length of its text, then averages;
            ``"sum"``; or ``"none"``: one loss for each text.
        zero_infinity: whether infinite losses, and their gradients, count as 0.

    Shape:
        log_probs (T, N, C), or (T, C) for one text: what ``log_softmax(dim=2)`` gives; mind that
        the steps come first and the batch second.
        targets (N, S): a row for each text, filled up to S with anything; or all texts one after
        the other, in one dimension.
        input_lengths (N,): how many steps count; target_lengths (N,): how long each text is.

    >>> letters = torch.zeros(3, 1, 2).log_softmax(2)  # a blank or an "a", three times
    >>> nn.CTCLoss()(letters, torch.tensor([[1]]), [3], [1])
    tensor(0.2877)
    """

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False):
        super().__init__(reduction=reduction)
        self.blank, self.zero_infinity = blank, zero_infinity

    def forward(self, log_probs, targets, input_lengths, target_lengths):
        """Compare log-probabilities (T, N, C) with texts."""
        return F.ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction,
            self.zero_infinity,
        )  # fmt: skip


class LinearCrossEntropyLoss(_WeightedLoss):
    r"""Be a classifier's last layer and its loss in one: a matrix, then the cross entropy.

    >>> loss = nn.LinearCrossEntropyLoss(8, 3)
    >>> loss(torch.randn(5, 8), torch.tensor([0, 1, 2, 0, 1])).shape
    torch.Size([])
    """

    def __init__(
        self, in_features: int, num_classes: int, *, out_features=(), bias: bool = False,
        device=None, dtype=None, reduction: str = "mean", weight=None, ignore_index=None,
        label_smoothing: float = 0.0, options=None,
    ):  # fmt: skip
        if weight is not None and weight.shape != (num_classes,):
            raise RuntimeError(
                f"expected weight shape to be {(num_classes,)}, got {tuple(weight.shape)}"
            )
        if not 0 <= label_smoothing <= 1:
            raise RuntimeError(
                f"expected label_smoothing to be in range [0, 1], got {label_smoothing}"
            )
        super().__init__(weight, reduction=reduction)
        self.num_classes, self.out_features = num_classes, out_features
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing
        rows = num_classes * math.prod(out_features)
        self.linear = Linear(in_features, rows, bias=bias, device=device, dtype=dtype)
        self.options = options

    def forward(self, input, target):
        """Multiply, and compare with the target."""
        lead, bias = (self.num_classes, *self.out_features), self.linear.bias
        return F.linear_cross_entropy(
            input, self.linear.weight.reshape(*lead, -1), target,
            linear_bias=None if bias is None else bias.reshape(lead), weight=self.weight,
            reduction=self.reduction, ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing, options=self.options,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """Word the settings."""
        return (
            f"in_features={self.linear.in_features}, num_classes={self.num_classes}, "
            f"out_features={self.out_features}, bias={self.linear.bias is not None}, "
            f"reduction={self.reduction}, ignore_index={self.ignore_index}, "
            f"label_smoothing={self.label_smoothing}, options={self.options}"
        )
