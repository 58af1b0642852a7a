"""Layers that bring each channel, over a whole batch, to mean 0 and spread 1."""

from ..creation import empty, ones, tensor, zeros
from ..device import beside
from ..dtypes import int64
from ..grad_mode import no_grad
from . import functional as F
from . import init
from .lazy import LazyModuleMixin
from .module import Module
from .parameter import Parameter, UninitializedBuffer, UninitializedParameter


class _NormBase(Module):
    """What layers with one mean and one spread for each channel share."""

    dims: tuple[int, ...] = ()  # how many dimensions an input may have
    _version = 2  # of what it saves: the first had no ``num_batches_tracked``

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True,
        device=None, dtype=None, *, bias=True,
    ):  # fmt: skip
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        place = {"device": device, "dtype": dtype}
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            made = Parameter(empty(num_features, **place)) if wanted else None
            self.register_parameter(name, made)
        for name, make in (("running_mean", zeros), ("running_var", ones)):
            self.register_buffer(name, make(num_features, **place) if track_running_stats else None)
        count = tensor(0, dtype=int64, device=device) if track_running_stats else None
        self.register_buffer("num_batches_tracked", count)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget what the batches so far were like."""
        if self.track_running_stats:
            with no_grad():
                self.running_mean.zero_()
                self.running_var.fill_(1)
                self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Stretch by 1, shift by 0, and forget the batches so far."""
        self.reset_running_stats()
        if self.affine:
            init.ones_(self.weight)
            if self.bias is not None:
                init.zeros_(self.bias)

    def _check_input_dim(self, input):
        if input.ndim not in self.dims:
            wanted = " or ".join(f"{n}D" for n in self.dims)
            raise ValueError(f"expected {wanted} input (got {input.ndim}D input)")

    def _load_from_state_dict(self, state_dict, prefix, local_metadata, *rest):
        key = prefix + "num_batches_tracked"
        old = (local_metadata.get("version") or 1) < 2
        if old and self.track_running_stats and key not in state_dict:
            state_dict[key] = self.num_batches_tracked
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    def extra_repr(self) -> str:
        """Word the settings."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_NormBase):
    def forward(self, input):
        """Normalize; while training, also learn what batches are like."""
        self._check_input_dim(input)
        factor = 0.0 if self.momentum is None else self.momentum
        if self.training and self.num_batches_tracked is not None:
            count = self.num_batches_tracked.shared()
            with beside(count):
                count += 1
            if self.momentum is None:  # the plain average of all batches
                factor = 1.0 / float(self.num_batches_tracked)
        follow = not self.training or self.track_running_stats
        return F.batch_norm(
            input, self.running_mean if follow else None, self.running_var if follow else None,
            self.weight, self.bias, self.training or self.running_mean is None, factor, self.eps,
        )  # fmt: skip


class BatchNorm1d(_BatchNorm):
    """Bring each feature, over the batch, to mean 0 and spread 1; stretch and shift.

    y = (x - mean) / sqrt(var + eps) * weight + bias, with a mean and a var for each feature.

    In train mode mean and var are those of the batch at hand, and the running ones
    (``running_mean``, ``running_var``) move a little towards them, at every call. In eval mode they
    are the running ones, so an example's output does not depend on its neighbours: call
    ``model.eval()`` before you measure.

    While training a batch must have more than one number for each feature. (The var that divides is
    the mean squared distance; what goes into ``running_var`` is divided by one less, as
    ``torch.var`` does.)

    Args:
        num_features: how many features (or channels) the input has.
        eps: keeps the division away from 0.
        momentum: how much of each batch goes into the running numbers:
            running = (1 - momentum) * running + momentum * batch; None: the plain average of all.
        affine: whether to learn ``weight`` (at first 1) and ``bias`` (at first 0).
        track_running_stats: False keeps no running numbers: eval mode is then as train mode.
        bias: False learns no shift.

    Shape:
        input and output (N, num_features) or (N, num_features, length).

    >>> layer = nn.BatchNorm1d(2)
    >>> x = torch.tensor([[1., 10.], [3., 30.]])
    >>> layer(x).detach()
    tensor([[-1.0000, -1.0000],
            [ 1.0000,  1.0000]])
    >>> layer.running_mean, layer.running_var
    (tensor([0.2000, 2.0000]), tensor([ 1.1000, 20.9000]))
    >>> layer.eval()(x).detach()  # by the running numbers, which one batch has hardly moved
    tensor([[0.7628, 1.7499],
            [2.6697, 6.1247]])
    """

    dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Bring each channel of images, over the batch, to mean 0 and spread 1.

    y = (x - mean) / sqrt(var + eps) * weight + bias, with a mean and a var for each channel,
    over all examples and places.

    In train mode mean and var are those of the batch at hand, and the running ones
    (``running_mean``, ``running_var``) move a little towards them, at every call. In eval mode they
    are the running ones, so an example's output does not depend on its neighbours: call
    ``model.eval()`` before you measure.

    Args:
        num_features: how many channels the input has.
        eps: keeps the division away from 0.
        momentum: how much of each batch goes into the running numbers:
            running = (1 - momentum) * running + momentum * batch; None: the plain average of all.
        affine: whether to learn ``weight`` (at first 1) and ``bias`` (at first 0).
        track_running_stats: False keeps no running numbers: eval mode is then as train mode.
        bias: False learns no shift.

    Shape:
        input and output (N, num_features, height, width).

    >>> layer = nn.BatchNorm2d(3)
    >>> y = layer(5 + 2 * torch.randn(4, 3, 5, 5))
    >>> y.shape
    torch.Size([4, 3, 5, 5])
    >>> y.mean().abs() < 1e-5, layer.running_mean.shape
    (tensor(True), torch.Size([3]))
    """

    dims = (4,)


class BatchNorm3d(_BatchNorm):
    """Bring each channel of volumes, over the batch, to mean 0 and spread 1.

    y = (x - mean) / sqrt(var + eps) * weight + bias, with a mean and a var for each channel,
    over all examples and places.

    In train mode mean and var are those of the batch at hand, and the running ones
    (``running_mean``, ``running_var``) move a little towards them, at every call. In eval mode they
    are the running ones, so an example's output does not depend on its neighbours: call
    ``model.eval()`` before you measure.

    Args:
        num_features: how many channels the input has.
        eps: keeps the division away from 0.
        momentum: how much of each batch goes into the running numbers:
            running = (1 - momentum) * running + momentum * batch; None: the plain average of all.
        affine: whether to learn ``weight`` (at first 1) and ``bias`` (at first 0).
        track_running_stats: False keeps no running numbers: eval mode is then as train mode.
        bias: False learns no shift.

    Shape:
        input and output (N, num_features, depth, height, width).

    >>> layer = nn.BatchNorm3d(3)
    >>> y = layer(5 + 2 * torch.randn(4, 3, 2, 5, 5))
    >>> y.shape
    torch.Size([4, 3, 2, 5, 5])
    >>> y.mean().abs() < 1e-5, layer.running_mean.shape
    (tensor(True), torch.Size([3]))
    """

    dims = (5,)


class SyncBatchNorm(_BatchNorm):
    r"""Normalize over the batches of all processes: here there is one process, one batch.

    So it computes what ``BatchNorm1d`` to ``BatchNorm3d`` compute, for every number of dimensions.

    >>> net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    >>> type(nn.SyncBatchNorm.convert_sync_batchnorm(net)[1]).__name__
    'SyncBatchNorm'
    """

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True,
        process_group=None, device=None, dtype=None, *, bias=True,
    ):  # fmt: skip
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )
        self.process_group = process_group

    def _check_input_dim(self, input):
        if input.ndim < 2:
            raise ValueError(f"expected at least 2D input (got {input.ndim}D input)")

    @classmethod
    def convert_sync_batchnorm(cls, module, process_group=None):
        """Replace every batch norm in a model by one of this kind, with the same numbers."""
        made = module
        if isinstance(module, _BatchNorm):
            made = cls(
                module.num_features, module.eps, module.momentum, module.affine,
                module.track_running_stats, process_group,
            )  # fmt: skip
            for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
                setattr(made, name, getattr(module, name))
            made.training = module.training
        for name, child in module.named_children():
            made.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return made


class _LazyNormBase(LazyModuleMixin):
    """What the lazy layers share: the number of channels comes from the first input."""

    def __init__(
        self, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, device=None,
        dtype=None, *, bias=True,
    ):  # fmt: skip
        super().__init__(0, eps, momentum, False, False, device, dtype, bias=False)
        self.affine, self.track_running_stats = affine, track_running_stats
        if affine:
            self.weight = UninitializedParameter(device=device, dtype=dtype)
            if bias:
                self.bias = UninitializedParameter(device=device, dtype=dtype)
        if track_running_stats:
            self.running_mean = UninitializedBuffer(device=device, dtype=dtype)
            self.running_var = UninitializedBuffer(device=device, dtype=dtype)
            self.num_batches_tracked = tensor(0, dtype=int64, device=device)

    def reset_parameters(self) -> None:
        """Start over, once the sizes are known."""
        if not self.has_uninitialized_params() and self.num_features:
            super().reset_parameters()

    def initialize_parameters(self, input) -> None:
        """Take the number of channels from the first input."""
        if self.has_uninitialized_params():
            self.num_features = input.shape[1]
            for name in ("weight", "bias", "running_mean", "running_var"):
                if getattr(self, name) is not None:
                    getattr(self, name).materialize((self.num_features,))
            self.reset_parameters()


class LazyBatchNorm1d(_LazyNormBase, BatchNorm1d):
    r"""A ``BatchNorm1d`` that learns the number of features from its first input.

    >>> layer = nn.LazyBatchNorm1d()
    >>> _ = layer(torch.randn(4, 3))
    >>> layer.num_features
    3
    """

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(_LazyNormBase, BatchNorm2d):
    r"""A ``BatchNorm2d`` that learns the number of channels from its first input.

    >>> layer = nn.LazyBatchNorm2d()
    >>> _ = layer(torch.randn(4, 3, 5, 5))
    >>> layer.num_features
    3
    """

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(_LazyNormBase, BatchNorm3d):
    r"""A ``BatchNorm3d`` that learns the number of channels from its first input.

    >>> layer = nn.LazyBatchNorm3d()
    >>> _ = layer(torch.randn(4, 3, 2, 5, 5))
    >>> layer.num_features
    3
    """

    cls_to_become = BatchNorm3d
