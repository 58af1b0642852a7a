"""The error that says what is wrong with a file."""

import pickle


class LoadError(RuntimeError, pickle.UnpicklingError):
    """Say that a file cannot be loaded, and why; nothing was changed.

    PyTorch raises a RuntimeError for a broken archive and an UnpicklingError for a name that is not
    allowed: this error is both, so that either ``except`` finds it.

    >>> issubclass(torch.serialization.LoadError, RuntimeError)
    True
    """
