"""Bring numbers to mean 0 and spread 1: what keeps the layers of a deep network in range.

Who is averaged with whom is the whole difference: ``layer_norm`` takes the features of one sample,
``batch_norm`` one feature of all samples, ``group_norm`` some features of one sample,
``instance_norm`` one feature of one sample.
"""

import math

from .. import dtypes
from ..backends.cuda import kernels, ours
from ..core import TENSORS, Array, Op, Size
from ..dispatch import op
from ..dtypes import legacy_name
from ..tensors_only import tensors_only
from .arithmetic import rsqrt
from .join import pad, repeat
from .loss import only_floats
from .products import ones
from .reduce import mean, precise, sum
from .shape import reshape, sum_to, to
from .strided import unfold


def _as_given(slopes, *kinds):
    """Give gradients in the dtypes of what they are gradients of (None: there is no such thing)."""
    return [s if k is None else s.astype(k, copy=False) for s, k in zip(slopes, kinds)]


def _kind(x):
    return None if x is None else x.dtype


def _check_kinds(name, input, *others):
    """Raise PyTorch's errors for whole numbers, and for parameters of another dtype."""
    only_floats(name, input)
    if input.dtype.kind == "c":
        said = legacy_name(input.dtype)
        raise NotImplementedError(f'"{name}" not implemented for \'{said}\'')
    for other in others:
        if other is not None and other.dtype != input.dtype and input.dtype.char != "e":
            raise RuntimeError(
                "mixed dtype (CPU): all inputs must share same datatype. The input is "
                f"{input.dtype}, a parameter {other.dtype}"
            )


def _standardized(x, dims, eps):
    """Give Tensors of mean 0 and spread 1, and what they were multiplied with."""
    away = x - mean(x, dims, True)
    scale = rsqrt(mean(away * away, dims, True) + eps)
    return away * scale, scale


def _pulled_back(g, hat, scale, dims):
    """Lead a gradient back through the standardizing: what moves all alike is taken out."""
    return scale * (g - mean(g, dims, True) - hat * mean(g * hat, dims, True))


def _standard_rows(xp, rows, eps):
    """Bring the rows of a matrix to mean 0 and spread 1; give also their means and 1 / spread."""
    w = ones(xp, rows.shape[1], rows.dtype)
    centre = rows.dot(w) / len(w)
    y = rows - centre[:, None]
    scale = 1 / xp.sqrt(xp.einsum("ij,ij->i", y, y) / len(w) + eps)
    y *= scale[:, None]
    return y, centre, scale


# --- over the features of one sample


def _check_wide(shape, wide, **parameters):
    """Raise PyTorch's errors unless ``wide`` are the last sizes of the input."""
    if not isinstance(wide, (tuple, list)):
        raise TypeError(
            "layer_norm(): argument 'normalized_shape' (position 2) must be tuple of ints, not "
            f"{type(wide).__name__}"
        )
    wide = tuple(wide)
    if not wide:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one "
            "element, but got normalized_shape = []"
        )
    for name, parameter in parameters.items():
        if parameter is not None and tuple(parameter.shape) != wide:
            raise RuntimeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(parameter.shape)} and normalized_shape = {list(wide)}"
            )
    if tuple(shape[-len(wide) :]) != wide:
        raise RuntimeError(
            f"Given normalized_shape={list(wide)}, expected input with shape "
            f"[*, {', '.join(map(str, wide))}], but got input of size{list(shape)}"
        )
    return wide


@op
class layer_norm(Op):
    r"""Bring the last dimensions of each sample to mean 0 and spread 1.

    Then ``weight`` stretches and ``bias`` shifts each feature.

    >>> F.layer_norm(torch.tensor([[1., 2., 3.], [10., 20., 30.]]), (3,))
    tensor([[-1.2247,  0.0000,  1.2247],
            [-1.2247,  0.0000,  1.2247]])
    """

    formula = r"y = \hat x \odot w + b,\quad \hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}"
    gradient = (
        r"\bar x = \frac{u - \mathrm{mean}(u) - \hat x \odot \mathrm{mean}(u \odot \hat x)}"
        r"{\sqrt{\sigma^2 + \varepsilon}},\ u = \bar y \odot w,\quad "
        r"\bar w = \sum \bar y \odot \hat x,\quad \bar b = \sum \bar y"
    )
    torch_name = "NativeLayerNormBackward0"

    def forward(self, input: Array, normalized_shape, weight: Array | None = None,
                bias: Array | None = None, eps=1e-5):  # fmt: skip
        wide = _check_wide(input.shape, normalized_shape, weight=weight, bias=bias)
        _check_kinds("LayerNormKernelImpl", input, weight, bias)
        self.wide, self.eps, self.bias_kind = wide, eps, _kind(bias)
        rows = precise(input.reshape(math.prod(input.shape[: -len(wide)]), math.prod(wide)))
        if ours(rows, weight, bias):
            y, self.centre, self.scale = kernels().layer_norm(rows, weight, bias, eps)
            return y.reshape(input.shape)
        y, self.centre, self.scale = _standard_rows(self.xp, rows, eps)
        if weight is not None:
            y *= weight.reshape(-1)
        if bias is not None:
            y += bias.reshape(-1)
        return y.astype(input.dtype, copy=False).reshape(input.shape)

    def backward(self, g, input, weight, centre, scale):
        if type(g) in TENSORS:
            return self.again(g, input, weight)
        shape = (len(centre), math.prod(self.wide))
        if ours(g, input, weight, centre):
            return self.back_there(g, input, weight, centre, scale)
        g, away = precise(g.reshape(shape)), precise(input.reshape(shape)) - centre[:, None]
        if weight is None:
            w = ones(self.xp, shape[1], away.dtype)
        else:
            w = precise(weight.reshape(-1))
        product = g * away
        g_weight = scale.dot(product).reshape(self.wide)
        g_bias = ones(self.xp, shape[0], away.dtype).dot(g).reshape(self.wide)
        g_weight, g_bias = _as_given((g_weight, g_bias), _kind(weight), self.bias_kind)
        if 0 not in self.edges:  # nobody asks for the gradient of the input
            return None, g_weight, g_bias
        away *= (product.dot(w) * (scale * scale / len(w)))[:, None]
        slope = self.xp.multiply(g, w, out=product)
        slope -= (g.dot(w) / len(w))[:, None]
        slope -= away
        slope *= scale[:, None]
        return slope.astype(input.dtype, copy=False).reshape(input.shape), g_weight, g_bias

    def back_there(self, g, input, weight, centre, scale):
        """Compute the same by kernels of our own, one for the input and one for the parameters."""
        g, rows = [x.reshape(len(centre), math.prod(self.wide)) for x in (g, input)]
        of_weights = kernels().layer_norm_of_weights(g, rows, centre, scale)
        slope = None
        if 0 in self.edges:
            slope = kernels().layer_norm_back(g, rows, weight, centre, scale).reshape(input.shape)
        return slope, *[x if x.shape == self.wide else x.reshape(self.wide) for x in of_weights]

    def again(self, g, input, weight):
        """Compute the same with Tensors, for second derivatives."""
        dims = tuple(range(-len(self.wide), 0))
        hat, scale = _standardized(input, dims, self.eps)
        stretched = g if weight is None else g * weight
        slope = _pulled_back(stretched, hat, scale, dims)
        return slope, sum_to(g * hat, self.wide), sum_to(g, self.wide)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    """Divide the last dimensions of each sample by their root mean square.

    >>> F.rms_norm(torch.tensor([[3., 4.]]), (2,))
    tensor([[0.8485, 1.1314]])
    """
    wide = _check_wide(input.shape, normalized_shape, weight=weight)
    only_floats("rms_norm", input.array)
    x = to(input, dtypes.float32) if input.dtype is dtypes.float16 else input
    eps = dtypes.finfo(x.dtype).eps if eps is None else eps
    y = x * rsqrt(mean(x * x, tuple(range(-len(wide), 0)), True) + eps)
    y = y if weight is None else y * weight
    return to(y, input.dtype) if x is not input else y


def _check_groups(input, groups, **parameters):
    """Raise PyTorch's errors unless channels, groups and parameters fit together."""
    if input.ndim < 2:
        raise RuntimeError(
            f"Expected at least 2 dimensions for input tensor but received {input.ndim}"
        )
    n, channels, *rest = input.shape
    check_several([n * channels // groups, groups, *rest])
    if groups < 0 or channels % groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of "
            f"shape {list(input.shape)} and num_groups={groups}"
        )
    for name, parameter in parameters.items():
        if parameter is not None and parameter.shape != (channels,):
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, "
                f"but got {name} of shape {list(parameter.shape)} and input of shape "
                f"{list(input.shape)}"
            )


@op
class group_norm(Op):
    r"""Bring groups of channels of each sample to mean 0 and spread 1.

    Then ``weight`` stretches and ``bias`` shifts each channel.

    >>> x = torch.tensor([[[1., 3.], [2., 4.], [0., 8.], [4., 4.]]])
    >>> F.group_norm(x, 2)
    tensor([[[-1.3416,  0.4472],
             [-0.4472,  1.3416],
             [-1.4142,  1.4142],
             [ 0.0000,  0.0000]]])
    """

    formula = (
        r"y_c = \hat x_c\, w_c + b_c,\quad \hat x_c = \frac{x_c - \mu_g}"
        r"{\sqrt{\sigma_g^2 + \varepsilon}},\ c \in g"
    )
    gradient = (
        r"\bar x_c = \frac{u_c - \mathrm{mean}_g(u) - \hat x_c\, \mathrm{mean}_g(u \odot \hat x)}"
        r"{\sqrt{\sigma_g^2 + \varepsilon}},\ u_c = w_c\, \bar y_c,\quad "
        r"\bar w_c = \sum \bar y_c \odot \hat x_c,\quad \bar b_c = \sum \bar y_c"
    )
    torch_name = "NativeGroupNormBackward0"

    def forward(self, input: Array, num_groups, weight: Array | None = None,
                bias: Array | None = None, eps=1e-5):  # fmt: skip
        _check_groups(input, num_groups, weight=weight, bias=bias)
        _check_kinds("GroupNormKernelImpl", input, weight, bias)
        self.groups, self.eps, self.bias_kind = num_groups, eps, _kind(bias)
        x = _as_channels(input)
        rows = x.reshape(len(x) * num_groups, math.prod(x.shape[1:]) // num_groups)
        y, self.centre, self.scale = _standard_rows(self.xp, rows, eps)
        y = y.reshape(x.shape)
        if weight is not None:
            y *= weight[:, None]
        if bias is not None:
            y += bias[:, None]
        return y.astype(input.dtype, copy=False).reshape(input.shape)

    def backward(self, g, input, weight, centre, scale):
        if type(g) in TENSORS:
            return self.again(g, input, weight)
        xp, g, x = self.xp, _as_channels(g), _as_channels(input)
        rows = len(centre), math.prod(x.shape[1:]) // self.groups
        away = (x.reshape(rows) - centre[:, None]).reshape(x.shape)
        together, alone = xp.einsum("ncl,ncl->nc", g, away), _place_sums(xp, g)
        spread = xp.repeat(scale.reshape(len(x), self.groups), x.shape[1] // self.groups, 1)
        g_weight, g_bias = (together * spread).sum(0), alone.sum(0)
        g_weight, g_bias = _as_given((g_weight, g_bias), _kind(weight), self.bias_kind)
        if 0 not in self.edges:
            return None, g_weight, g_bias
        w = ones(xp, x.shape[1], x.dtype) if weight is None else precise(weight)
        slope, away = (g * w[:, None]).reshape(rows), away.reshape(rows)
        parts = len(centre), x.shape[1] // self.groups
        slope -= ((alone * w).reshape(parts).sum(1) / rows[1])[:, None]
        away *= ((together * w).reshape(parts).sum(1) * (scale * scale / rows[1]))[:, None]
        slope -= away
        slope *= scale[:, None]
        return slope.astype(input.dtype, copy=False).reshape(input.shape), g_weight, g_bias

    def again(self, g, input, weight):
        """Compute the same with Tensors, for second derivatives."""
        rows = input.shape[0], self.groups, math.prod(input.shape[1:]) // self.groups
        column, dims = (-1, *(1,) * (input.ndim - 2)), (0, *range(2, input.ndim))
        hat, scale = _standardized(reshape(input, rows), 2, self.eps)
        stretched = g if weight is None else g * reshape(weight, column)
        slope = _pulled_back(reshape(stretched, rows), hat, scale, 2)
        moved = g * reshape(hat, input.shape)
        return reshape(slope, input.shape), sum(moved, dims), sum(g, dims)


# --- over all samples


def check_several(size) -> None:
    """Raise PyTorch's error where a channel has one value only: it would always become 0."""
    if size[0] * math.prod(size[2:]) == 1:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size {size}. One "
            "value has no spread: train with several rows, or call eval() first, to predict"
        )


def _as_channels(x):
    """Lay an array out as (samples, channels, places)."""
    samples, channels = x.shape[:2] if x.ndim > 1 else (0, 0)
    return precise(x.reshape(samples, channels, math.prod(x.shape[2:])))


def _place_sums(xp, x):
    """Add up an array (samples, channels, places) over its places."""
    samples, channels, places = x.shape
    rows = x.reshape(samples * channels, places)
    return (rows if places == 1 else rows.dot(ones(xp, places, x.dtype))).reshape(samples, channels)


def _channel_sums(xp, x):
    """Add up an array (samples, channels, places) for each channel."""
    return ones(xp, len(x), x.dtype).dot(_place_sums(xp, x))


def _channel_products(xp, a, b):
    """Multiply two such arrays and add up for each channel, without an array of products."""
    if a.shape[2] == 1:
        return _channel_sums(xp, a * b)
    return xp.einsum("ncl,ncl->c", a, b)


def _check_channels(input, training, **vectors):
    """Raise PyTorch's errors unless there is one number for each channel."""
    if input.ndim < 2 and input.size:
        raise IndexError(
            "Dimension out of range (expected to be in range of [-1, 0], but got 1): batch_norm "
            "needs samples and channels"
        )
    channels = input.shape[1] if input.ndim > 1 else 0
    for name, vector in vectors.items():
        if vector is None and name.startswith("running") and not training:
            raise RuntimeError(f"{name} must be defined in evaluation mode")
        if vector is not None and vector.size != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {vector.size}")


@op
class batch_norm(Op):
    r"""Bring each channel, over all samples and places, to mean 0 and spread 1.

    While training, by the batch's own mean and variance, which also move the running ones, in
    place; else by the running ones. Then ``weight`` stretches and ``bias`` shifts each channel.

    >>> F.batch_norm(torch.tensor([[1., 10.], [3., 30.]]), None, None, training=True)
    tensor([[-1.0000, -1.0000],
            [ 1.0000,  1.0000]])
    """

    formula = (
        r"y_c = \hat x_c\, w_c + b_c,\quad \hat x_c = \frac{x_c - \mu_c}"
        r"{\sqrt{\sigma_c^2 + \varepsilon}}"
    )
    gradient = (
        r"\bar x_c = \frac{w_c}{\sqrt{\sigma_c^2 + \varepsilon}} \big( \bar y_c - \mathrm{mean}("
        r"\bar y_c) - \hat x_c\, \mathrm{mean}(\bar y_c \odot \hat x_c) \big),\quad "
        r"\bar w_c = \sum \bar y_c \odot \hat x_c,\quad \bar b_c = \sum \bar y_c"
    )
    torch_name = "NativeBatchNormBackward0"

    def forward(self, input: Array, running_mean: Array | None = None,
                running_var: Array | None = None, weight: Array | None = None,
                bias: Array | None = None, training=False, momentum=0.1, eps=1e-5):  # fmt: skip
        if training:
            check_several(Size(input.shape))
        _check_channels(input, training, running_mean=running_mean, running_var=running_var,
                        weight=weight, bias=bias)  # fmt: skip
        _check_kinds("batch_norm", input, weight, bias)
        if eps < 0 or training and eps == 0:
            wanted = "positive during training" if training else "non-negative"
            raise ValueError(f"batch_norm eps must be {wanted}, but got {eps}")
        self.training, self.eps, self.bias_kind = training, eps, _kind(bias)
        x = _as_channels(input)
        running = running_mean, running_var
        if (
            training and x.size > x.shape[1] and ours(x, weight, bias, *running)
            and all(a is None or a.flags.c_contiguous for a in running)
        ):  # fmt: skip
            told = x, weight, bias, *running, momentum, eps
            y, self.centre, self.scale = kernels().batch_norm(*told)
            return y.astype(input.dtype, copy=False).reshape(input.shape)
        if training:
            count = x.shape[0] * x.shape[2] or 1
            self.centre = _channel_sums(self.xp, x) / count
            y = x - self.centre[:, None]
            spread = _channel_products(self.xp, y, y) / count
            if count > 1:
                _follow(running_mean, self.centre, momentum)
                _follow(running_var, spread * (count / (count - 1)), momentum)
        else:
            self.centre, spread = running_mean.astype(x.dtype), running_var.astype(x.dtype)
            y = x - self.centre[:, None]
        self.scale = 1 / self.xp.sqrt(spread + eps)
        y *= (self.scale if weight is None else self.scale * weight)[:, None]
        if bias is not None:
            y += bias[:, None]
        return y.astype(input.dtype, copy=False).reshape(input.shape)

    def backward(self, g, input, weight, centre, scale):
        if type(g) in TENSORS:
            return self.again(g, input, weight, centre, scale)
        if self.training and ours(g, input, weight, centre):
            slope, g_weight, g_bias = kernels().batch_norm_back(g, input, weight, centre, scale)
            return slope, None, None, g_weight, g_bias
        xp, g, away = self.xp, _as_channels(g), _as_channels(input) - centre[:, None]
        stretch = scale if weight is None else scale * weight
        together, alone = _channel_products(xp, g, away), _channel_sums(xp, g)
        slope = g * stretch[:, None]
        if self.training:
            count = g.shape[0] * g.shape[2] or 1
            away *= (stretch * scale * scale * together / count)[:, None]
            slope -= away
            slope -= (stretch * alone / count)[:, None]
        slope = slope.astype(input.dtype, copy=False).reshape(input.shape)
        scaled = together * scale
        return slope, None, None, *_as_given((scaled, alone), _kind(weight), self.bias_kind)

    def again(self, g, input, weight, centre, scale):
        """Compute the same with Tensors, for second derivatives."""
        dims, column = (0, *range(2, input.ndim)), (-1, *(1,) * (input.ndim - 2))
        stretched = g if weight is None else g * reshape(weight, column)
        if self.training:
            hat, scale = _standardized(input, dims, self.eps)
            slope = _pulled_back(stretched, hat, scale, dims)
        else:
            centre, scale = reshape(centre, column), reshape(scale, column)
            hat, slope = (input - centre) * scale, stretched * scale
        return slope, None, None, sum(g * hat, dims), sum(g, dims)


def _follow(running, found, momentum) -> None:
    """Move running numbers a little towards those that were found, in place.

    As in PyTorch this counts as no write: no gradient depends on them.
    """
    if running is not None:
        running *= 1 - momentum
        running += momentum * found.astype(running.dtype)


@tensors_only(asks="size")
def instance_norm(
    input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True,
    momentum=0.1, eps=1e-5,
):  # fmt: skip
    """Bring each channel of each sample to mean 0 and spread 1.

    It is ``batch_norm`` of one sample that has the channels of all of them.

    >>> F.instance_norm(torch.tensor([[[1., 3.], [2., 6.]]]))
    tensor([[[-1.0000,  1.0000],
             [-1.0000,  1.0000]]])
    """
    if use_input_stats and math.prod(input.shape[2:]) == 1:
        raise ValueError(
            f"Expected more than 1 spatial element when training, got input size {input.shape}"
        )
    if not use_input_stats and (running_mean is None or running_var is None):
        raise RuntimeError(
            "Expected running_mean and running_var to be defined when use_input_stats is false"
        )
    n, channels = input.shape[:2]
    running = [r if r is None else repeat(r.detach(), (n,)) for r in (running_mean, running_var)]
    weight, bias = (p if p is None else repeat(p, (n,)) for p in (weight, bias))
    one = reshape(input, (1, n * channels, *input.shape[2:]))
    y = batch_norm(one, *running, weight, bias, use_input_stats, momentum, eps)
    for whole, parts in zip((running_mean, running_var), running):
        if whole is not None and use_input_stats:
            whole.array[...] = parts.array.reshape(n, channels).mean(0)
    return reshape(y, input.shape)


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    """Divide each number by a power of what its neighbours among the channels weigh.

    >>> F.local_response_norm(torch.tensor([[[1.], [2.]]]), size=2, alpha=2., beta=1.)
    tensor([[[0.5000],
             [0.3333]]])
    """
    if input.ndim < 3:
        raise ValueError(
            "Expected 3D or higher dimensionality                          input (got "
            f"{input.ndim} dimensions)"
        )
    if not input.numel():
        return input
    around = (0, 0) * (input.ndim - 2) + (size // 2, (size - 1) // 2)
    near = sum(unfold(pad(input * input, around), 1, size, 1), -1) / size
    return input / (near * alpha + k) ** beta
