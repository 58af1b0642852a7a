"""Activation functions: the bends between the layers of a network."""

import math

from ..backends.cuda import kernels, ours
from ..core import TENSORS, Array, Pointwise
from ..dispatch import op
from ..tensors_only import check_tensors
from .arithmetic import fill
from .compare import where
from .complex_numbers import abs
from .pointwise import exp, kept, sigmoid, tanh
from .reduce import precise
from .special import erf_of, normal_cdf


def flat(x):
    """Give the 0 that a gradient is where a piece is flat; as a Tensor, one that depends on x.

    So a second derivative is 0, as in PyTorch, and not missing.
    """
    return fill(x, 0.0) if type(x) in TENSORS else 0.0


@op
class relu(Pointwise):
    r"""Keep what is positive, replace the rest by 0.

    >>> torch.relu(torch.tensor([-1., 0., 2.]))
    tensor([0., 0., 2.])
    """

    formula, gradient = r"y = \max(x, 0)", r"\bar x = \bar y \odot [y > 0]"

    def forward(self, x: Array):
        if x.dtype.kind == "b":
            raise RuntimeError("Boolean inputs not supported for relu")
        return self.xp.maximum(x, 0)

    def backward(self, g, y):
        if ours(g, y):
            return kernels().relu_backward(g, y)
        return where(y != 0, g, flat(y)) if type(g) in TENSORS else kept(self.xp, g, y.astype(bool))


@op
class leaky_relu(Pointwise):
    r"""Keep what is positive, let a little of the rest through.

    >>> F.leaky_relu(torch.tensor([-1., 0., 2.]), 0.1)
    tensor([-0.1000,  0.0000,  2.0000])
    """

    formula = r"y = x \ \text{if}\ x > 0 \ \text{else}\ s x"
    gradient = r"\bar x = \bar y \ \text{if}\ x > 0 \ \text{else}\ s \bar y"

    def forward(self, x: Array, negative_slope=0.01):
        self.slope = negative_slope
        return self.xp.where(x > 0, x, x * negative_slope)

    def backward(self, g, x):
        low = g * self.slope
        return where(x > 0, g, low + flat(x) if type(x) in TENSORS else low)


@op
class elu(Pointwise):
    r"""Keep what is positive, bend the rest towards $-\alpha$.

    >>> F.elu(torch.tensor([-1., 0., 2.]))
    tensor([-0.6321,  0.0000,  2.0000])
    """

    formula = r"y = x \ \text{if}\ x > 0 \ \text{else}\ \alpha (e^x - 1)"
    gradient = r"\bar x = \bar y \ \text{if}\ x > 0 \ \text{else}\ \bar y \odot \alpha e^x"

    def forward(self, x: Array, alpha=1.0):
        self.alpha = alpha
        return self.xp.where(x > 0, x, alpha * self.xp.expm1(self.xp.minimum(x, 0)))

    def backward(self, g, x, y):
        return where(x > 0, g, g * (y + self.alpha))


@op
class selu(Pointwise):
    r"""Bend so that means and deviations stay put from layer to layer.

    >>> F.selu(torch.tensor([-1., 0., 2.]))
    tensor([-1.1113,  0.0000,  2.1014])
    """

    formula = r"y = \lambda x \ \text{if}\ x > 0 \ \text{else}\ \lambda \alpha (e^x - 1)"
    gradient = (
        r"\bar x = \lambda \bar y \ \text{if}\ x > 0 \ \text{else}\ "
        r"\lambda \alpha \, \bar y \odot e^x"
    )
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    torch_name = "EluBackward0"

    def forward(self, x: Array):
        below = self.alpha * self.xp.expm1(self.xp.minimum(x, 0))
        return self.scale * self.xp.where(x > 0, x, below)

    def backward(self, g, x, y):
        return where(x > 0, g * self.scale, g * (y + self.scale * self.alpha))


@op
class celu(Pointwise):
    r"""Keep what is positive, bend the rest towards $-\alpha$, with slope 1 at 0.

    >>> F.celu(torch.tensor([-1., 0., 2.]), alpha=2.)
    tensor([-0.7869,  0.0000,  2.0000])
    """

    formula = r"y = x \ \text{if}\ x > 0 \ \text{else}\ \alpha (e^{x / \alpha} - 1)"
    gradient = r"\bar x = \bar y \ \text{if}\ x > 0 \ \text{else}\ \bar y \odot e^{x / \alpha}"
    torch_name = "EluBackward0"

    def forward(self, x: Array, alpha=1.0):
        if alpha == 0:
            raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
        self.alpha = alpha
        return self.xp.where(x > 0, x, alpha * self.xp.expm1(self.xp.minimum(x, 0) / alpha))

    def backward(self, g, x, y):
        return where(x > 0, g, g * (y / self.alpha + 1))


@op
class gelu(Pointwise):
    r"""Let numbers through with the probability that a normal one is less.

    ``approximate="tanh"`` computes it by a tanh, as GPT-2 does.

    >>> F.gelu(torch.tensor([-1., 0., 2.]))
    tensor([-0.1587,  0.0000,  1.9545])
    """

    formula = r"y = x \, \Phi(x)"
    gradient = r"\bar x = \bar y \odot (\Phi(x) + x \, \varphi(x))"

    def forward(self, x: Array, approximate="none"):
        if approximate not in ("none", "tanh"):
            raise RuntimeError("approximate argument must be either none or tanh.")
        self.tanh = approximate == "tanh"
        if ours(x):
            y, self.below = kernels().gelu(x, self.tanh)
            return y
        numbers = precise(x)
        square = numbers * numbers
        below = chance_below(self.xp, numbers, square, self.tanh)
        y = computed_into(square, self.xp.multiply, below, numbers)
        self.below = below if x.dtype.char in "fd" else None  # kept: half of the way back
        return y.astype(x.dtype, copy=False)

    def backward(self, g, x, below):
        if type(g) in TENSORS:
            return g * self.slope(x)
        if ours(g, x):
            return kernels().gelu_back(g, x, below, self.tanh)
        if below is None:
            return (g * self.slope(precise(x))).astype(x.dtype)
        slope = x * x
        if self.tanh:
            slope *= 6 * 0.044715 * GELU
            slope += 2 * GELU
            slope *= below - below * below
        else:
            slope *= -0.5
            slope = computed_into(slope, self.xp.exp, slope)
            slope *= 1 / math.sqrt(2 * math.pi)
        slope *= x
        slope += below
        slope *= g
        return slope

    def slope(self, x):
        """Give the derivative at x: arrays or tensors."""
        if self.tanh:
            t = tanh(bent(x))
            steep = GELU * (1 + 3 * 0.044715 * x * x)
            return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * steep
        density = exp(x * x * -0.5) * (1 / math.sqrt(2 * math.pi))
        return normal_cdf(x) + x * density


GELU = math.sqrt(2 / math.pi)
# erf(x / sqrt(2)) is tanh(x p(x * x)) with this polynomial p: fitted so that in single precision
# the difference is at most 1.3e-7, as the rounding of PyTorch's own.
BELL = (
    1.7562777898660897e-09, -1.3226629391738243e-07, 3.964773441111902e-06,
    -5.530631824512966e-05, -3.2594743970548734e-05, 0.03633308410644531, 0.7978849411010742,
)  # fmt: skip


def computed_into(memory, compute, *operands):
    """Compute into memory that is at hand, which is faster than new memory; a number has none."""
    return compute(*operands, out=memory if memory.ndim else None)


def bent(x):
    """Give what goes into the tanh of GELU's approximation."""
    return GELU * (x + 0.044715 * x * x * x)


def chance_below(xp, x, square, roughly):
    """Compute the probability that a normal number is less than x, with little memory."""
    if not roughly and x.dtype.char != "f":
        y = erf_of(xp, x * math.sqrt(0.5))
    else:
        first, *rest = (0.044715 * GELU, GELU) if roughly else BELL
        y = square * first
        y += rest[0]
        for c in rest[1:]:
            y *= square
            y += c
        y *= x
        y = computed_into(y, xp.tanh, y)
    y *= 0.5
    y += 0.5
    return y


@op
class silu(Pointwise):
    r"""Multiply by the sigmoid; also called swish.

    >>> F.silu(torch.tensor([-1., 0., 2.]))
    tensor([-0.2689,  0.0000,  1.7616])
    """

    formula = r"y = x \, \sigma(x)"
    gradient = r"\bar x = \bar y \odot \sigma(x) \odot (1 + x (1 - \sigma(x)))"

    def forward(self, x: Array):
        return x / (1 + self.xp.exp(-x))

    def backward(self, g, x):
        s = sigmoid(x)
        return g * (s * (1 + x * (1 - s)))


@op
class softplus(Pointwise):
    r"""Go smoothly from 0 to $x$: a relu without the kink.

    >>> F.softplus(torch.tensor([-1., 0., 2.]))
    tensor([0.3133, 0.6931, 2.1269])
    """

    formula = r"y = \ln(1 + e^{\beta x}) / \beta"
    gradient = r"\bar x = \bar y \odot \sigma(\beta x)"

    def forward(self, x: Array, beta=1.0, threshold=20.0):
        self.beta, self.threshold = beta, threshold
        z = x * beta
        return self.xp.where(z > threshold, x, self.xp.logaddexp(z, z.dtype.type(0)) / beta)

    def backward(self, g, x):
        z = x * self.beta
        return where(z > self.threshold, g, g * sigmoid(z))


def softsign(input):
    """Squash into $(-1, 1)$ slowly: $x / (1 + |x|)$.

    >>> F.softsign(torch.tensor([-1., 0., 3.]))
    tensor([-0.5000,  0.0000,  0.7500])
    """
    return input / (abs(input) + 1)


def tanhshrink(input):
    r"""Give what tanh cuts off: $x - \tanh x$.

    >>> F.tanhshrink(torch.tensor([-1., 0., 2.]))
    tensor([-0.2384,  0.0000,  1.0360])
    """
    return input - tanh(input)


@op
class hardtanh(Pointwise):
    r"""Keep what lies between two limits, cut the rest off at them.

    >>> F.hardtanh(torch.tensor([-2., 0.5, 2.]))
    tensor([-1.0000,  0.5000,  1.0000])
    """

    formula = r"y = \min(\max(x, \mathrm{min}), \mathrm{max})"
    gradient = r"\bar x = \bar y \odot [\mathrm{min} < x < \mathrm{max}]"

    def forward(self, x: Array, min_val=-1.0, max_val=1.0):
        if min_val > max_val:
            raise ValueError("min_val cannot be greater than max_val")
        self.low, self.high = min_val, max_val
        kind = x.dtype.type
        return self.xp.minimum(self.xp.maximum(x, kind(min_val)), kind(max_val))

    def backward(self, g, x):
        return where((x > self.low) & (x < self.high), g, flat(x))


def relu6(input):
    """Keep what lies between 0 and 6, cut the rest off.

    >>> F.relu6(torch.tensor([-1., 3., 8.]))
    tensor([0., 3., 6.])
    """
    return hardtanh(input, 0.0, 6.0)


@op
class hardsigmoid(Pointwise):
    r"""Go in a straight line from 0 at $-3$ to 1 at 3: a sigmoid made of lines.

    >>> F.hardsigmoid(torch.tensor([-4., 0., 1.5]))
    tensor([0.0000, 0.5000, 0.7500])
    """

    formula = r"y = \min(\max(x + 3, 0), 6) / 6"
    gradient = r"\bar x = \bar y \odot [|x| < 3] / 6"

    def forward(self, x: Array):
        return self.xp.minimum(self.xp.maximum(x + 3, 0), 6) / 6

    def backward(self, g, x):
        return where((x > -3) & (x < 3), g / 6, 0.0)


@op
class hardswish(Pointwise):
    r"""Multiply by the hard sigmoid: silu made of simple pieces.

    >>> F.hardswish(torch.tensor([-4., 0., 1.5]))
    tensor([-0.0000, 0.0000, 1.1250])
    """

    formula = r"y = x \min(\max(x + 3, 0), 6) / 6"
    gradient = r"\bar x = \bar y \odot (x / 3 + \tfrac12) \ \text{for}\ |x| < 3"

    def forward(self, x: Array):
        return x * self.xp.minimum(self.xp.maximum(x + 3, 0), 6) / 6

    def backward(self, g, x):
        return where(x <= -3, 0.0, where(x >= 3, g, g * (x / 3 + 0.5)))


@op
class hardshrink(Pointwise):
    r"""Replace what lies within $\lambda$ of 0 by 0.

    >>> F.hardshrink(torch.tensor([-1., 0.2, 2.]))
    tensor([-1.,  0.,  2.])
    """

    formula, gradient = r"y = x \, [|x| > \lambda]", r"\bar x = \bar y \odot [|x| > \lambda]"

    def forward(self, x: Array, lambd=0.5):
        self.lambd = lambd
        return self.xp.where((x >= -lambd) & (x <= lambd), 0, x)

    def backward(self, g, x):
        return where((x < -self.lambd) | (x > self.lambd), g, flat(x))


@op
class softshrink(Pointwise):
    r"""Pull every number towards 0 by $\lambda$, and stop there.

    >>> F.softshrink(torch.tensor([-1., 0.2, 2.]))
    tensor([-0.5000,  0.0000,  1.5000])
    """

    formula = r"y = \mathrm{sgn}(x) \max(|x| - \lambda, 0)"
    gradient = r"\bar x = \bar y \odot [|x| > \lambda]"

    def forward(self, x: Array, lambd=0.5):
        if lambd < 0:
            raise RuntimeError(f"lambda must be greater or equal to 0, but found to be {lambd:g}.")
        self.lambd = lambd
        return self.xp.where(x > lambd, x - lambd, self.xp.where(x < -lambd, x + lambd, x * 0))

    def backward(self, g, x):
        return where((x < -self.lambd) | (x > self.lambd), g, flat(x))


@op
class threshold(Pointwise):
    r"""Keep what is above a threshold, replace the rest by a value.

    >>> F.threshold(torch.tensor([-1., 0.2, 2.]), 0.5, 9.)
    tensor([9., 9., 2.])
    """

    formula = r"y = x \ \text{if}\ x > t \ \text{else}\ v"
    gradient = r"\bar x = \bar y \odot [x > t]"

    def forward(self, x: Array, threshold, value):
        self.threshold = threshold
        return self.xp.where(x <= threshold, x.dtype.type(value), x)

    def backward(self, g, x):
        return where(x <= self.threshold, flat(x), g)


@op
class logsigmoid(Pointwise):
    r"""Give the logarithm of the sigmoid, without overflow.

    >>> F.logsigmoid(torch.tensor([-1., 0., 2.]))
    tensor([-1.3133, -0.6931, -0.1269])
    """

    formula, gradient = r"y = \ln \sigma(x)", r"\bar x = \bar y \odot \sigma(-x)"
    torch_name = "LogSigmoidBackward0"

    def forward(self, x: Array):
        return 0 - self.xp.logaddexp(-x, x.dtype.type(0))  # 0 - 0 is 0, but -0 is -0

    def backward(self, g, x):
        return g * sigmoid(-x)


@op
class mish(Pointwise):
    r"""Multiply by the tanh of the softplus: smooth, a little negative on the left.

    >>> F.mish(torch.tensor([-1., 0., 2.]))
    tensor([-0.3034,  0.0000,  1.9440])
    """

    formula = r"y = x \tanh(\ln(1 + e^x))"
    gradient = r"\bar x = \bar y \odot (t + x (1 - t^2) \, \sigma(x)),\quad t = \tanh(\ln(1 + e^x))"

    def forward(self, x: Array):
        return x * self.xp.tanh(self.xp.logaddexp(x, x.dtype.type(0)))

    def backward(self, g, x):
        t = tanh(softplus(x))
        return g * (t + x * (1 - t * t) * sigmoid(x))


@op
class prelu_kernel(Pointwise):
    r"""Keep what is positive, let the rest through with slopes that are learned.

    >>> prelu_kernel(torch.tensor([-1., 2.]), torch.tensor([0.1]))
    tensor([-0.1000,  2.0000])
    """

    formula = r"y = x \ \text{if}\ x > 0 \ \text{else}\ w x"
    gradient = (
        r"\bar x = \bar y \ \text{if}\ x > 0 \ \text{else}\ w \bar y,\quad "
        r"\bar w = x \odot \bar y \odot [x \le 0]"
    )

    def forward(self, x: Array, weight: Array):
        return self.xp.where(x > 0, x, x * weight)

    def backward_x(self, g, x, weight):
        low = g * weight
        return where(x > 0, g, low + flat(x) if type(x) in TENSORS else low)

    def backward_weight(self, g, x):
        return where(x > 0, 0.0, g * x)


def prelu(input, weight):
    """Keep what is positive, let the rest through with a learned slope, one or one a channel.

    >>> F.prelu(torch.tensor([-1., 2.]), torch.tensor([0.1]))
    tensor([-0.1000,  2.0000])
    """
    check_tensors("prelu", input=input, weight=weight)
    if weight.numel() != 1:
        if input.ndim == 0:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = input.shape[1] if input.ndim > 1 else 1
        if channels != weight.numel():
            raise RuntimeError(
                f"Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{weight.numel()} and channel size = {channels}."
            )
    if weight.ndim > 1:
        raise RuntimeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}"
        )
    few = weight.shape if input.ndim else ()
    shape = (-1,) + (1,) * (input.ndim - 2) if input.ndim > 1 else few
    return prelu_kernel(input, weight.reshape(shape))
