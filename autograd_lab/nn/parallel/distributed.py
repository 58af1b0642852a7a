"""DistributedDataParallel: one copy of a model in each process, kept equal."""

import contextlib

from ... import distributed
from ...creation import tensor, zeros
from ...device import device as device_class
from ...device import resolve
from ...distributed.algorithms.join import Join, Joinable, JoinHook
from ...grad_mode import is_grad_enabled
from ..module import Module
from .buckets import Reducer, broadcast_all
from .scatter_gather import moved

NO_GRADIENTS = (
    "DistributedDataParallel is not needed when a module doesn't have any parameters that require a"
    " gradient."
)


class DistributedDataParallel(Module, Joinable):
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
        Joinable.__init__(self)
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
        self.join_device, self.join_process_group = learned[0][1].device, self.process_group
        limit = (25 if bucket_cap_mb is None else bucket_cap_mb) * (1 << 20)
        self.reducer = Reducer(learned, self.process_group, limit, find_unused_parameters)

    def forward(self, *inputs, **kwargs):
        """Run the module; the backward of what it gives averages the gradients."""
        counted = Join.notify_join_context(self)
        synchronised = is_grad_enabled() and self.require_backward_grad_sync
        buffers = self.broadcast_buffers and self.require_forward_param_sync
        root, self.reducer.sharing = self._root, None
        if self._join_config.enable:
            root, *_ = self._agree(True, buffers, synchronised)
        if counted is not None:
            counted.wait()
        if buffers:
            broadcast_all([*self.module.buffers()], self.process_group, root)
        if self.device_ids and len(self.device_ids) == 1:
            place = self.device_ids[0]
            place = resolve(place if isinstance(place, device_class) else device_class(place))
            inputs, kwargs = moved(inputs, place), moved(kwargs, place)
        output = self.module(*inputs, **kwargs)
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

    def join(
        self, divide_by_initial_world_size=True, enable=True, throw_on_early_termination=False
    ) -> Join:
        """Let ranks with different numbers of batches train together, inside a ``with`` block.

        A rank that has no batch left waits inside, and brings gradients of zero, until all are
        done; then all have the model of the last. Its optimizer keeps the state of its own last
        step. Each forward, with gradients, must be followed by its backward.

        Args:
            divide_by_initial_world_size: divide gradients by the number of all ranks, so that
                every example counts as much; else by the number of those that still work.
            enable: whether to do anything at all.
            throw_on_early_termination: raise on all ranks as soon as one has no batch left.

        ::

            with model.join():
                for x, y in loader:
                    optimizer.zero_grad()
                    loss_fn(model(x), y).backward()
                    optimizer.step()
        """
        return Join(
            [self], enable, throw_on_early_termination,
            divide_by_initial_world_size=divide_by_initial_world_size,
        )  # fmt: skip

    def join_hook(self, divide_by_initial_world_size=True, **kwargs) -> JoinHook:
        """Make what shadows this model's exchanges where a rank has no batch left."""
        self._divide_by_initial_world_size = divide_by_initial_world_size
        return Shadow(self)

    def _agree(self, works: bool, buffers=False, synchronised=False):
        """Tell all what this rank does next, and hear from them.

        Gives the last rank that works, and whether those that work give buffers, and gradients.
        """
        size = distributed.get_world_size(self.process_group)
        plans = zeros(size, 3)
        distributed.all_gather_into_tensor(
            plans, tensor([[float(works), float(buffers), float(synchronised)]]),
            self.process_group,
        )  # fmt: skip
        rows = plans.tolist()
        working = [rank for rank, row in enumerate(rows) if row[0]]
        self.reducer.sharing = None if self._divide_by_initial_world_size else len(working)
        last = distributed.get_global_rank(self.process_group, working[-1])
        return last, any(row[1] for row in rows), any(row[2] for row in rows)


class Shadow(JoinHook):
    """Mirror each exchange of a DistributedDataParallel whose rank has no batch left."""

    def __init__(self, ddp):
        self.ddp = ddp

    def main_hook(self) -> None:
        """Take part in one forward and backward of the others, and bring nothing."""
        ddp = self.ddp
        root, buffers, synchronised = ddp._agree(False)
        if buffers:
            broadcast_all([*ddp.module.buffers()], ddp.process_group, root)
        if synchronised:
            ddp.reducer.shadow()

    def post_hook(self, is_last_joiner: bool) -> None:
        """Give all ranks the model of one that took the last step."""
        ddp = self.ddp
        root, *_ = ddp._agree(is_last_joiner)
        state = [*ddp.module.parameters(), *ddp.module.buffers()]
        broadcast_all(state, ddp.process_group, root)


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
