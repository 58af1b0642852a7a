"""Averages of a model's weights along its way: they often do better than where the way ends."""

import copy
import itertools
import math

from ..creation import tensor
from ..dtypes import int64
from ..grad_mode import no_grad
from ..nn.batchnorm import _BatchNorm
from ..nn.module import Module
from .lr_scheduler.scheduler import LRScheduler, each


class AveragedModel(Module):
    r"""Keep a copy of a model whose weights are the average of what they have been.

    Stochastic weight averaging, the plain mean (P. Izmailov and others,
    https://arxiv.org/abs/1803.05407), or what ``avg_fn`` or ``multi_avg_fn`` computes, such as an
    exponential moving average. Call ``update_parameters(model)`` after a step or an epoch.

    Args:
        model: the model to copy.
        device: where the copy lives.
        avg_fn: a function of average, present value and count that gives the new average.
        multi_avg_fn: a function of lists of them that changes the averages in place.
        use_buffers: averages buffers too; otherwise they are copied.

    >>> model = nn.Linear(1, 1)
    >>> average = torch.optim.swa_utils.AveragedModel(model)
    >>> for value in (1.0, 3.0):
    ...     _ = nn.init.constant_(model.weight, value)
    ...     average.update_parameters(model)
    >>> average.module.weight.item()
    2.0
    """

    def __init__(self, model, device=None, avg_fn=None, multi_avg_fn=None, use_buffers=False):
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = copy.deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", tensor(0, dtype=int64, device=device))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args, **kwargs):
        """Compute what the averaged model says."""
        return self.module(*args, **kwargs)

    @no_grad()
    def update_parameters(self, model) -> None:
        """Take the present weights of the model into the average."""
        averages, news = self._averaged(self.module), self._averaged(model)
        news = [new.detach().to(average.device) for average, new in zip(averages, news)]
        averages = [average.detach() for average in averages]
        if self.n_averaged.item() == 0:
            for average, new in zip(averages, news):
                average.copy_(new)
        elif self.avg_fn is not None:
            for average, new in zip(averages, news):
                average.copy_(self.avg_fn(average, new, self.n_averaged))
        else:
            for some, others in _by_dtype(averages, news):
                (self.multi_avg_fn or get_swa_multi_avg_fn())(some, others, self.n_averaged)
        if not self.use_buffers:
            for mine, other in zip(self.module.buffers(), model.buffers(), strict=True):
                mine.detach().copy_(other.detach().to(mine.device))
        self.n_averaged += 1

    def _averaged(self, model):
        buffers = model.buffers() if self.use_buffers else ()
        return list(itertools.chain(model.parameters(), buffers))


def _by_dtype(averages, news):
    """Yield lists of tensors of one kind, as the functions for many tensors expect them."""
    groups: dict = {}
    for average, new in zip(averages, news):
        some, others = groups.setdefault((average.device, average.dtype), ([], []))
        some.append(average)
        others.append(new)
    return groups.values()


def get_ema_avg_fn(decay=0.999):
    """Give a function that forgets slowly: ``decay`` of the average stays, the rest is new.

    >>> get_ema_avg_fn(0.75)(torch.tensor(1.0), torch.tensor(5.0), 1)
    tensor(2.)
    """
    _check_decay(decay)

    @no_grad()
    def update(average, new, count):
        return decay * average + (1 - decay) * new

    return update


def get_swa_avg_fn():
    """Give a function for the plain mean of everything so far.

    >>> get_swa_avg_fn()(torch.tensor(1.0), torch.tensor(5.0), 1)
    tensor(3.)
    """

    @no_grad()
    def update(average, new, count):
        return average + (new - average) / (count + 1)

    return update


def get_ema_multi_avg_fn(decay=0.999):
    """Give a function that forgets slowly, for a list of tensors, in their own memory.

    >>> averages = [torch.tensor(1.0)]
    >>> get_ema_multi_avg_fn(0.75)(averages, [torch.tensor(5.0)], 1)
    >>> averages
    [tensor(2.)]
    """
    return _for_lists(get_ema_avg_fn(decay))


def get_swa_multi_avg_fn():
    """Give a function for the plain mean, for a list of tensors, in their own memory.

    >>> averages = [torch.tensor(1.0)]
    >>> get_swa_multi_avg_fn()(averages, [torch.tensor(5.0)], 1)
    >>> averages
    [tensor(3.)]
    """
    return _for_lists(get_swa_avg_fn())


def _for_lists(function):
    def update(averages, news, count):
        for average, new in zip(averages, news, strict=True):
            average.copy_(function(average, new, count))

    return update


def _check_decay(decay):
    if not 0.0 <= decay <= 1.0:
        raise ValueError(
            f"Invalid decay value {decay} provided. Please provide a value in [0,1] range."
        )


@no_grad()
def update_bn(loader, model, device=None) -> None:
    """Measure anew the means and variances of batch norms: averaged weights need their own.

    Args:
        loader: batches of input; of a tuple or list, the first is taken.
        model: the model, often an ``AveragedModel``.
        device: where to put the input.

    >>> model = nn.Sequential(nn.BatchNorm1d(1))
    >>> update_bn([torch.tensor([[1.0], [3.0]])], model)
    >>> model[0].running_mean
    tensor([2.])
    """
    norms = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    if not norms:
        return
    momenta, training = [norm.momentum for norm in norms], model.training
    model.train()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all batches
    for batch in loader:
        x = batch[0] if isinstance(batch, list | tuple) else batch
        model(x if device is None else x.to(device))
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum
    model.train(training)


class SWALR(LRScheduler):
    """Bring the learning rate to a fixed one, at which weights are then averaged.

    Args:
        optimizer: whose learning rates change.
        swa_lr: where they are brought to, one for all groups or a list.
        anneal_epochs: how many epochs that takes.
        anneal_strategy: ``"cos"`` or ``"linear"``: the form of the way.
        last_epoch: the epoch to go on from; -1 starts anew.

    >>> optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = torch.optim.swa_utils.SWALR(optimizer, 0.5, 2, anneal_strategy="linear")
    >>> optimizer.step()
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.75]
    """

    def __init__(self, optimizer, swa_lr, anneal_epochs=10, anneal_strategy="cos", last_epoch=-1):
        for group, rate in zip(optimizer.param_groups, each("swa_lr", optimizer, swa_lr)):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self._anneal_strategy, self.anneal_epochs = anneal_strategy, anneal_epochs
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list:
        """Compute the next learning rates: what came before is read off the present ones."""
        rates, step = self.present(), self._step_count - 1
        step = max(1, step) if self.anneal_epochs == 0 else step
        before, now = self._way(step - 1), self._way(step)
        found = []
        for group, rate in zip(self.optimizer.param_groups, rates):
            end = group["swa_lr"]
            start = end if before == 1 else (rate - before * end) / (1 - before)
            found.append(end * now + start * (1 - now))
        return found

    def _way(self, step):
        """Tell which part of the way lies behind after so many steps."""
        part = max(0, min(1, step / max(1, self.anneal_epochs)))
        return part if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * part)) / 2
