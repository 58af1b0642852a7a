"""Callbacks: objects that are told what happens in a training."""


MOMENTS = ("on_train_begin", "on_backward_end", "on_batch_end", "on_epoch_end", "on_train_end")


def checked(callbacks):
    """Take one callback or several, and refuse what has nothing to be called."""
    one = any(hasattr(callbacks, moment) for moment in MOMENTS)
    several = [callbacks] if one else list(callbacks)
    for callback in several:
        if not any(hasattr(callback, moment) for moment in MOMENTS):
            raise TypeError(
                f"{type(callback).__name__} is no callback: it has none of the methods "
                f"{', '.join(MOMENTS)}"
            )
    return several


def tell(callbacks, what, run):
    """Call the method of this name of all callbacks that have it."""
    for callback in callbacks:
        if hasattr(callback, what):
            getattr(callback, what)(run)
