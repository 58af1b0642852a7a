"""Join: ranks with more batches than others are not left alone.

A rank that has no batch left *shadows* the others: as long as one of them works, it takes part in
every exchange, and brings nothing to it. Each step begins with a count of those who still work.
"""

from dataclasses import dataclass

from ...creation import ones, zeros
from ..collectives import all_reduce
from ..groups import get_rank

EXHAUSTED = "Rank {} exhausted all inputs."
DETECTED = "Detected at least one rank that exhausted inputs. Throwing across all ranks."


class JoinHook:
    """What a rank does for one object while it has no batch left, and others have."""

    def main_hook(self) -> None:
        """Shadow the exchanges of one step of those who still work."""

    def post_hook(self, is_last_joiner: bool) -> None:
        """Do what is left once nobody works any more: the last joiners did the last step."""


@dataclass(frozen=True)
class JoinConfig:
    """What an object is to do at each step for the ``with Join(...)`` that it stands in."""

    enable: bool = False
    throw_on_early_termination: bool = False
    is_first_joinable: bool = False  # only this one counts who still works


class Joinable:
    """An object that exchanges tensors in each step, and can let others shadow it.

    Its steps begin with ``Join.notify_join_context(self)``; it also has ``join_device``, where
    the exchanges of ``Join`` itself take place, and ``join_process_group``.
    """

    def __init__(self):
        self._join_config = JoinConfig()

    def join_hook(self, **kwargs) -> JoinHook:
        """Make what shadows this object's exchanges; gets the settings given to ``Join``."""
        raise NotImplementedError(f"{type(self).__name__} has no join_hook")


class Join:
    """Let ranks with different numbers of batches train together, inside a ``with`` block.

    Args:
        joinables: the objects that exchange tensors in each step, such as a
            DistributedDataParallel; all of one group.
        enable: whether to do anything at all; False where all have as many batches.
        throw_on_early_termination: raise on all ranks as soon as one has no batch left.
        kwargs: settings for the ``join_hook`` of each.

    ::

        with Join([model]):
            for x, y in loader:                 # ranks may have different numbers of batches
                loss_fn(model(x), y).backward()
                optimizer.step()
    """

    def __init__(self, joinables, enable=True, throw_on_early_termination=False, **kwargs):
        if not joinables:
            raise ValueError("The join context manager requires at least one joinable")
        if any(one.join_process_group != joinables[0].join_process_group for one in joinables):
            raise ValueError("Using join context manager with multiple process groups")
        self.joinables, self.enable, self.throw = joinables, enable, throw_on_early_termination
        self.hooks = [joinable.join_hook(**kwargs) for joinable in joinables]

    def __enter__(self):
        for one in self.joinables:
            one._join_config = JoinConfig(self.enable, self.throw, one is self.joinables[0])
        return self

    def __exit__(self, kind, error, trace):
        for one in self.joinables:
            one._join_config = JoinConfig()
        if not self.enable or kind is not None:
            return
        last = True
        while _added(self.joinables[0], zeros).item():
            last = False
            if self.throw:
                _added(self.joinables[0], ones)
                group = self.joinables[0].join_process_group
                raise RuntimeError(EXHAUSTED.format(get_rank(group)))
            for hook in self.hooks:
                hook.main_hook()
        for hook in self.hooks:
            hook.post_hook(last)

    @staticmethod
    def notify_join_context(joinable):
        """Begin a step: be counted among those who still work; gives the Work of it, or None."""
        config = joinable._join_config
        if not config.enable or not config.is_first_joinable:
            return None
        here = ones(1, device=joinable.join_device)
        work = all_reduce(here, group=joinable.join_process_group, async_op=True)
        if config.throw_on_early_termination and _added(joinable, zeros).item():
            raise RuntimeError(DETECTED)
        return work


def _added(joinable, mine):
    """Add up what every rank brings: zeros or ones."""
    number = mine(1, device=joinable.join_device)
    all_reduce(number, group=joinable.join_process_group)
    return number
