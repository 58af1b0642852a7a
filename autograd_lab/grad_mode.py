"""Switch the recording of gradients on and off, for the thread that asks.

``quiet`` counts the blocks open in any thread that do not record. The hot path of an operation
tests only this number; while it is zero, nobody looks at the thread's own setting.
"""

import functools
import inspect
import threading
from typing import Any

quiet = 0
_lock = threading.RLock()  # the collector may close a quiet generator while we hold it
_local = threading.local()


def is_grad_enabled() -> bool:
    """Say whether operations are recorded in this thread.

    >>> import autograd_lab as torch
    >>> with torch.no_grad():
    ...     torch.is_grad_enabled()
    False
    """
    return getattr(_local, "grad", True)


def is_inference_mode_enabled() -> bool:
    """Say whether this thread is inside ``inference_mode``.

    >>> import autograd_lab as torch
    >>> torch.is_inference_mode_enabled()
    False
    """
    return getattr(_local, "inference", False)


def _switch(grad: bool, inference: bool) -> None:
    global quiet
    with _lock:
        quiet += is_grad_enabled() - grad
        _local.grad, _local.inference = grad, inference


class _Mode:
    """A setting of the recording, usable as a ``with`` block and as a decorator."""

    grad = True
    inference = None

    def __enter__(self):
        stack = self.__dict__.setdefault("before", [])  # one object may be entered again
        stack.append((is_grad_enabled(), is_inference_mode_enabled()))
        inference = is_inference_mode_enabled() if self.inference is None else self.inference
        _switch(self.grad, inference)

    def __exit__(self, *_):
        _switch(*self.before.pop())

    def again(self):
        """Make a fresh block of the same kind, for each call of a decorated function."""
        return type(self)()

    def __call__(self, function):
        if inspect.isclass(function):
            function.__init__ = self(function.__init__)
            return function
        if inspect.isgeneratorfunction(function):
            return self._wrap_generator(function)

        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            with self.again():
                return function(*args, **kwargs)

        return wrapped

    def _wrap_generator(self, function):
        """Hold the mode while the generator's own code runs, and not while its caller's does."""

        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            generator = function(*args, **kwargs)
            advance = functools.partial(next, generator)
            while True:
                try:
                    with self.again():
                        value = advance()
                except StopIteration as stop:
                    return stop.value
                try:
                    sent = yield value
                    advance = functools.partial(generator.send, sent)
                except GeneratorExit:
                    with self.again():
                        generator.close()
                    raise
                except BaseException as error:
                    advance = functools.partial(generator.throw, error)

        return wrapped


class no_grad(_Mode):
    """Compute without recording: results need no gradient, and nothing is kept for backward.

    >>> import autograd_lab as torch
    >>> x = torch.tensor([1.0], requires_grad=True)
    >>> with torch.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    grad = False

    def __new__(cls, function=None) -> Any:
        return super().__new__(cls) if function is None else cls()(function)

    def __init__(self, function=None):
        pass


class enable_grad(no_grad):
    """Record again, inside a ``no_grad`` block.

    >>> import autograd_lab as torch
    >>> with torch.no_grad(), torch.enable_grad():
    ...     torch.is_grad_enabled()
    True
    """

    grad = True
    inference = False


class set_grad_enabled(_Mode):
    """Record or not, as ``mode`` says: at once, or for a ``with`` block.

    >>> import autograd_lab as torch
    >>> training = False
    >>> with torch.set_grad_enabled(training):
    ...     torch.is_grad_enabled()
    False
    """

    def __init__(self, mode: bool):
        self.grad = bool(mode)
        self.before = [(is_grad_enabled(), is_inference_mode_enabled())]
        _switch(self.grad, is_inference_mode_enabled())

    def __enter__(self):
        if not self.before:  # entered a second time
            self.before.append((is_grad_enabled(), is_inference_mode_enabled()))
        _switch(self.grad, is_inference_mode_enabled())

    def __call__(self, function):
        self.__exit__()  # a decorator must not change the mode here, only in the function
        return super().__call__(function)

    def again(self):
        """Make a fresh block of the same kind, for each call of a decorated function."""
        return _fixed(self.grad)

    def __repr__(self):
        return f"set_grad_enabled(mode={self.grad})"  # what a cell shows that ends with the call


class inference_mode(_Mode):
    """Compute without recording, as ``no_grad`` does, and say that nobody will ask for gradients.

    >>> import autograd_lab as torch
    >>> with torch.inference_mode():
    ...     torch.is_inference_mode_enabled()
    True
    """

    def __new__(cls, mode=True) -> Any:
        return cls()(mode) if callable(mode) else super().__new__(cls)

    def __init__(self, mode: bool = True):
        self.grad, self.inference = not mode, bool(mode)

    def again(self):
        """Make a fresh block of the same kind, for each call of a decorated function."""
        return inference_mode(self.inference)


class _fixed(_Mode):
    def __init__(self, grad):
        self.grad = grad
