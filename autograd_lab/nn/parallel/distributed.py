"""DistributedDataParallel: one copy of a model in each process, kept equal."""

import contextlib

from ... import distributed
from ...device import device as device_class
from ...device import resolve
from ...grad_mode import is_grad_enabled
from ..module import Module
from .buckets import Reducer, broadcast_all
from .scatter_gather import moved

NO_GRADIENTS = (
    "DistributedDataParallel is not needed when a module doesn't have any parameters that require a"
    " gradient."
)


class DistributedDataParallel(Module):
    r"""Train one model in several processes, each on its part of every batch.

    Each rank computes the gradients of its part; before ``backward()`` returns they are the mean
    over all ranks, so all copies take the same step. With equal parts, that is the step of one
    process with the whole batch:

    .. math:: \bar w = \frac{1}{n} \sum_{r=1}^{n} \bar w_r

    The names of parameters begin with ``module.``, and ``ddp.module`` is the model itself.

    Args:
        module: the model; its parameters and buffers become those of rank 0.
        device_ids: the GPU of this process, in a list; None for the CPU.
        output_device: not needed.
        dim: not used; each process brings its own part of the batch.
        broadcast_buffers: give all ranks the buffers of rank 0 before each forward.
        process_group: the processes that take part; all if None.
        bucket_cap_mb: how many megabytes of gradients travel together, 25 if None.
        find_unused_parameters: look in each step for parameters that the output does not need.
        static_graph: accepted; each step is looked at afresh.
        gradient_as_bucket_view: accepted; gradients have memory of their own.

    ::

        torch.distributed.init_process_group()
        model = nn.parallel.DistributedDataParallel(nn.Linear(10, 1))
        model(inputs).sum().backward()          # the gradients are the mean over all ranks
    """

    def __init__(
        self, module, device_ids=None, output_device=None, dim=0, broadcast_buffers=True,
        init_sync=True, process_group=None, bucket_cap_mb=None, find_unused_parameters=False,
        check_reduction=False, gradient_as_bucket_view=False, static_graph=False,
    ):  # fmt: skip
        super().__init__()
        self.module, self.dim, self.device_ids = module, dim, device_ids
        self.output_device, self.broadcast_buffers = output_device, broadcast_buffers
        self.find_unused_parameters = find_unused_parameters
        self.process_group = process_group or distributed.groups.world()
        self.require_backward_grad_sync = self.require_forward_param_sync = True
        learned = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
        if not learned:
            raise RuntimeError(NO_GRADIENTS)
        self._root = distributed.get_global_rank(self.process_group, 0)
        _check_same_model(module, self.process_group)
        if init_sync:
            broadcast_all([*module.parameters(), *module.buffers()], self.process_group, self._root)
        limit = (25 if bucket_cap_mb is None else bucket_cap_mb) * (1 << 20)
        self.reducer = Reducer(learned, self.process_group, limit, find_unused_parameters)

    def forward(self, *inputs, **kwargs):
        """Run the module; the backward of what it gives averages the gradients."""
        buffers = list(self.module.buffers())
        if self.broadcast_buffers and self.require_forward_param_sync and buffers:
            broadcast_all(buffers, self.process_group, self._root)
        if self.device_ids and len(self.device_ids) == 1:
            place = self.device_ids[0]
            place = resolve(place if isinstance(place, device_class) else device_class(place))
            inputs, kwargs = moved(inputs, place), moved(kwargs, place)
        output = self.module(*inputs, **kwargs)
        synchronised = is_grad_enabled() and self.require_backward_grad_sync
        self.require_forward_param_sync = synchronised
        if synchronised:
            self.reducer.prepare(output)
        elif is_grad_enabled():
            self.reducer.expecting = False
        return output

    @contextlib.contextmanager
    def no_sync(self):
        """Let gradients add up on each rank by itself; the first backward after it averages them.

        ::

            with model.no_sync():
                model(first).sum().backward()
            model(second).sum().backward()      # the mean of both, over all ranks
        """
        before = self.require_backward_grad_sync
        self.require_backward_grad_sync = False
        try:
            yield
        finally:
            self.require_backward_grad_sync = before


def _check_same_model(module, group):
    """Raise on all ranks, naming the first difference, if they hold different models."""
    mine = [
        (name, tuple(p.shape), str(p.dtype), p.requires_grad)
        for name, p in module.named_parameters()
    ]
    mine += [(name, tuple(b.shape), str(b.dtype), False) for name, b in module.named_buffers()]
    models: list = []
    distributed.all_gather_object(models, mine, group)
    ranks = distributed.get_process_group_ranks(group)
    for rank, model in zip(ranks, models):
        if len(model) != len(models[0]):
            other = set(model) ^ set(models[0])
            names = ", ".join(sorted({name for name, *_ in other}))
            raise RuntimeError(
                f"DDP expects same model across all ranks, but Rank {ranks[0]} has "
                f"{len(models[0])} params, while rank {rank} has inconsistent {len(model)} params. "
                f"They differ in {names}"
            )
        for number, (here, first) in enumerate(zip(model, models[0])):
            if here != first:
                raise RuntimeError(
                    f"DDP expects same model across all ranks: params[{number}] of rank {rank} is "
                    f"{_shown(*here)}, and of rank {ranks[0]} {_shown(*first)}. It appears not to "
                    "match sizes of the same param: build the model from the same settings on all "
                    "ranks"
                )


def _shown(name, shape, dtype, learned):
    return f"{name} with sizes {list(shape)} ({dtype}{'' if learned else ', without gradient'})"
