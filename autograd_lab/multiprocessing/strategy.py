"""How memory is shared by processes: PyTorch has two ways, here there is one."""

from ..notice import say_once

STRATEGIES = {"file_descriptor", "file_system"}


def get_all_sharing_strategies() -> set:
    """List PyTorch's names for ways to share memory.

    >>> sorted(torch.multiprocessing.get_all_sharing_strategies())
    ['file_descriptor', 'file_system']
    """
    return set(STRATEGIES)


def get_sharing_strategy() -> str:
    """Tell the name of the present way: an open file without a name, handed from one to another.

    >>> torch.multiprocessing.get_sharing_strategy()
    'file_descriptor'
    """
    return "file_descriptor"


def set_sharing_strategy(new_strategy: str) -> None:
    """Accept the name of a way to share memory: it changes nothing.

    >>> torch.multiprocessing.set_sharing_strategy("file_descriptor")
    """
    if new_strategy not in STRATEGIES:
        raise AssertionError(f"sharing strategy {new_strategy!r} is none of {sorted(STRATEGIES)}")
    if new_strategy != get_sharing_strategy():
        say_once(
            "torch.multiprocessing.set_sharing_strategy: memory is shared by open files here, and "
            "the limit of open files is raised when it is near"
        )
