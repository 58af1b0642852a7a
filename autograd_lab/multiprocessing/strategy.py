"""How tensors travel between processes: PyTorch has two ways, here there is one."""

from ..notice import say_once

STRATEGIES = {"file_descriptor", "file_system"}


def get_all_sharing_strategies() -> set:
    """List PyTorch's names for ways to share memory.

    >>> sorted(torch.multiprocessing.get_all_sharing_strategies())
    ['file_descriptor', 'file_system']
    """
    return set(STRATEGIES)


def get_sharing_strategy() -> str:
    """Tell the name of the present way; tensors travel by value whatever it is.

    >>> torch.multiprocessing.get_sharing_strategy()
    'file_descriptor'
    """
    return "file_descriptor"


def set_sharing_strategy(new_strategy: str) -> None:
    """Accept the name of a way to share memory: it changes nothing, there is no limit to raise.

    >>> torch.multiprocessing.set_sharing_strategy("file_descriptor")
    """
    if new_strategy not in STRATEGIES:
        raise AssertionError(f"sharing strategy {new_strategy!r} is none of {sorted(STRATEGIES)}")
    if new_strategy != get_sharing_strategy():
        say_once(
            "torch.multiprocessing.set_sharing_strategy: tensors travel between processes by value "
            "here, so there is no limit of open files to avoid"
        )
