"""Groups of processes: who belongs to one, and which rank this process has in it."""

import contextlib
import os
import warnings
from dataclasses import dataclass, field
from typing import Any

from ..device import HOST
from ..device import device as device_class
from . import farewell
from .agreement import agreed
from .work import await_all, unfinished

NOT_BEGUN = (
    "Default process group has not been initialized, please make sure to call init_process_group."
)


class Outside:
    """What a process that does not belong to a new group gets instead of it."""

    def __repr__(self):
        return "GroupMember.NON_GROUP_MEMBER"


OUTSIDE = Outside()


@dataclass(eq=False)
class ProcessGroup:
    """Some of the processes of a run, which exchange tensors with each other.

    ``ranks`` lists the members by their number in the whole run.
    """

    ranks: list[int]
    host: Any  # exchanges arrays in main memory
    name: str  # of the backend, as the program asked for it
    patience: float
    gpu: Any = field(default=None, repr=False)  # exchanges arrays between GPUs, where it can
    number: int = field(default_factory=farewell.number_group, repr=False)

    def rank(self) -> int:
        """Tell the number of this process in the group."""
        return self.host.rank

    def size(self) -> int:
        """Count the processes."""
        return self.host.size

    def backend(self, *tensors):
        """Choose who carries these tensors: they must all lie on one kind of device."""
        kinds = {type(tensor.array) in HOST for tensor in tensors}
        if len(kinds) > 1:
            raise ValueError("one exchange takes tensors of one device: some are on the GPU")
        return self.host if self.gpu is None or kinds == {True} else self.gpu

    def place(self, rank: int) -> int:
        """Turn a number in the whole run into the number in this group."""
        try:
            return self.ranks.index(rank)
        except ValueError:
            raise ValueError(f"Global rank {rank} is not part of group {self.ranks}") from None


class Present:
    """The group of all processes, while there is one."""

    world: ProcessGroup | None = None
    others: list[ProcessGroup] = []


class Shortcuts:
    """PyTorch's two ways to say "all processes": ``group.WORLD`` and ``GroupMember.WORLD``."""

    NON_GROUP_MEMBER = OUTSIDE

    @property
    def WORLD(self):
        """Give the group of all processes, or None before init_process_group."""
        return Present.world


group = GroupMember = Shortcuts()


def world() -> ProcessGroup:
    """Give the group of all processes."""
    if Present.world is None:
        raise ValueError(NOT_BEGUN)
    return Present.world


def member(of, what: str) -> ProcessGroup | None:
    """Give the group that an exchange is for; None, and a warning, if we do not belong to it."""
    if of is None:
        return world()
    if isinstance(of, Outside):
        warnings.warn(
            f"Running {what} on global rank {get_rank()} which does not belong to the given group.",
            stacklevel=3,
        )
        return None
    return of


# --- questions


def is_initialized() -> bool:
    """Say whether this process takes part in a distributed run.

    >>> torch.distributed.is_initialized()
    False
    """
    return Present.world is not None


def get_rank(group=None) -> int:
    """Tell which of the processes this is; -1 in a group that it does not belong to."""
    return -1 if isinstance(group, Outside) else (group or world()).rank()


def get_world_size(group=None) -> int:
    """Count the processes of the run, or of a group; -1 if this one does not belong to it."""
    return -1 if isinstance(group, Outside) else (group or world()).size()


def get_backend(group=None) -> str:
    """Name the backend that the program asked for."""
    if isinstance(group, Outside):
        raise ValueError("Invalid process group specified")
    return (group or world()).name


def get_default_backend_for_device(device) -> str:
    """Name the backend that PyTorch's programs would ask for.

    >>> torch.distributed.get_default_backend_for_device("cpu")
    'gloo'
    """
    return "nccl" if device_class(device).type == "cuda" else "gloo"


def get_node_local_rank(fallback_rank=None) -> int:
    """Tell which of the processes on this machine this is, as LOCAL_RANK says.

    >>> torch.distributed.get_node_local_rank(fallback_rank=0)
    0
    """
    if "LOCAL_RANK" in os.environ:
        return int(os.environ["LOCAL_RANK"])
    if fallback_rank is not None:
        return int(fallback_rank)
    raise RuntimeError(
        "LOCAL_RANK is not in the environment. Consider passing fallback_rank to allow "
        "`get_node_local_rank` to work, or start the program by autograd-lab run"
    )


def get_process_group_ranks(group=None) -> list[int]:
    """List the members of a group by their numbers in the whole run."""
    return list((group or world()).ranks)


def get_global_rank(group, group_rank: int) -> int:
    """Turn a number in a group into the number in the whole run."""
    ranks = group.ranks
    if not 0 <= group_rank < len(ranks):
        raise ValueError(f"Group rank {group_rank} is not part of group {ranks}")
    return ranks[group_rank]


def get_group_rank(group, global_rank: int) -> int:
    """Turn a number in the whole run into the number in a group."""
    return group.place(global_rank)


# --- making and ending groups


def new_group(ranks=None, timeout=None, backend=None, pg_options=None, **settings):
    """Make a group of some ranks. All processes call it, in the same order, members or not."""
    whole = world()
    ranks = list(whole.ranks if ranks is None else ranks)
    if len(set(ranks)) < len(ranks):
        raise ValueError(f"ranks list must not contain duplicate entries, got {ranks}")
    ranks.sort()
    wrong = [rank for rank in ranks if rank not in whole.ranks]
    if wrong:
        raise ValueError(f"The new group's rank {wrong[0]} should be in [0, {whole.size() - 1}]")
    together = agreed(whole, f"new_group of ranks {ranks}", whole.host.barrier())
    wait_for(together, whole, "new_group")  # MPI's own waiting hears no farewell
    host = whole.host.split(ranks)
    if host is None:
        farewell.number_group()
        return OUTSIDE
    gpu = None if whole.gpu is None else whole.gpu.split(host)
    patience = timeout.total_seconds() if timeout else whole.patience
    made = ProcessGroup(ranks, host, backend or whole.name, patience, gpu)
    Present.others.append(made)
    return made


def destroy_process_group(group=None) -> None:
    """End a group, or with none given the whole run; what is under way is waited for."""
    whole = world()
    if isinstance(group, Outside):
        return
    groups = [group] if group not in (None, whole) else [*Present.others, whole]
    for work in list(unfinished):
        if work.group in groups and not work.is_completed() and not work.failed:
            work.wait()
    for each in groups:
        with contextlib.suppress(ValueError):
            Present.others.remove(each)
        if each.gpu is not None:
            each.gpu.close()
        each.host.close()
    if whole in groups:
        Present.world = None


def monitored_barrier(group=None, timeout=None, wait_all_ranks: bool = False) -> None:
    """Wait for all ranks; if some do not come in time, rank 0 says which."""
    here = member(group, "monitored_barrier")
    if here is None:
        return
    patience = timeout.total_seconds() if timeout else here.patience

    def gone(ranks):
        return [here.ranks[rank] for rank in ranks if farewell.message(here, rank)()]

    here.host.roll_call(patience, wait_all_ranks, here.ranks, gone)


def wait_for(request, here: ProcessGroup, what: str) -> None:
    """Wait for one exchange by MPI, in which the whole group takes part."""
    by = f"{what} by rank {here.ranks[here.rank()]}"
    await_all(request.Test, here.patience, by, farewell.exchange(here))
