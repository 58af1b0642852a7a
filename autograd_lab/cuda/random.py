"""Seeds for the GPU: those of the processor, so that both draw the same numbers (philox.py)."""

from ..random import get_rng_state as _state
from ..random import initial_seed
from ..random import manual_seed as _manual_seed
from ..random import seed as _seed
from ..random import set_rng_state as _set_state


def manual_seed(seed: int) -> None:
    """Start the random numbers at a seed: those of the processor too.

    >>> torch.cuda.manual_seed(0)
    """
    _manual_seed(seed)


def seed() -> None:
    """Start the random numbers at a seed that nobody knows."""
    _seed()


manual_seed_all, seed_all = manual_seed, seed


def get_rng_state(device="cuda"):
    """Give the state of the random numbers, to come back to it later."""
    return _state()


def set_rng_state(new_state, device="cuda") -> None:
    """Go back to a state that ``get_rng_state`` gave."""
    _set_state(new_state)


def get_rng_state_all() -> list:
    """Give the state of the random numbers as a list, as for several GPUs."""
    return [_state()]


def set_rng_state_all(new_states) -> None:
    """Go back to a state that ``get_rng_state_all`` gave."""
    for state in new_states:
        _set_state(state)


__all__ = [
    "get_rng_state", "get_rng_state_all", "initial_seed", "manual_seed", "manual_seed_all",
    "seed", "seed_all", "set_rng_state", "set_rng_state_all",
]  # fmt: skip
