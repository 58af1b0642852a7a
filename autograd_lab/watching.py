"""Let others see each operation while it happens, without slowing it or breaking it.

``watchers`` counts who looks, in any thread: an operation tests this one number. A watcher is
called as ``watch(node, result, args)`` on the thread that runs the operation.
"""

import contextlib
import linecache
import os
import sys
import threading
import warnings

watchers = 0
_everywhere = []  # those who look at every thread
_local = threading.local()
_lock = threading.Lock()
HOME = os.path.dirname(__file__) + os.sep
WIDGETS = os.sep + "widgets" + os.sep  # in a checkout ours lie outside of HOME


def _count(change):
    global watchers
    with _lock:
        watchers += change


def add_watcher(watch, everywhere=False) -> None:
    """Call ``watch(node, result, args)`` for each operation from now on.

    It hears this thread's operations; with ``everywhere``, those of all threads.

    >>> def say(node, result, args):
    ...     print(node.name())
    >>> add_watcher(say)
    >>> y = torch.ones(2).exp()
    ExpBackward0
    >>> remove_watcher(say)
    """
    _list(everywhere).append(watch)
    _count(+1)


def remove_watcher(watch, everywhere=False) -> None:
    """Stop calling ``watch``; asking twice is no error.

    >>> remove_watcher(print)
    """
    if watch in _list(everywhere):
        _list(everywhere).remove(watch)
        _count(-1)


@contextlib.contextmanager
def watch_operations(watcher, everywhere=False):
    """Watch the operations of a ``with`` block.

    >>> import autograd_lab as torch
    >>> seen = []
    >>> with watch_operations(lambda node, result, args: seen.append(node.name())):
    ...     y = torch.ones(2) * 3 + 1
    >>> seen
    ['MulBackward0', 'AddBackward0']
    """
    add_watcher(watcher, everywhere)
    try:
        yield watcher
    finally:
        remove_watcher(watcher, everywhere)


def _list(everywhere):
    if everywhere:
        return _everywhere
    if not hasattr(_local, "watchers"):
        _local.watchers = []
    return _local.watchers


def tell(node, result, args) -> None:
    """Tell those who look. One that fails is reported once and never called again."""
    if is_paused():
        return
    for everywhere in (False, True):
        for watch in tuple(_list(everywhere)):
            try:
                watch(node, result, args)
            except Exception as error:
                remove_watcher(watch, everywhere)
                _report(f"a watcher failed and was removed: {type(error).__name__}: {error}")


def _report(text):
    """Warn; where warnings are errors, print: what a watcher does wrong must not stop training."""
    try:
        warnings.warn(text, stacklevel=3)
    except Warning:
        print(text, file=sys.stderr)


class Site:
    """Where in the learner's code an operation was called: cheap to take, read when looked at."""

    __slots__ = ("code", "lasti", "modules")

    def __init__(self, code, lasti, modules):
        self.code, self.lasti, self.modules = code, lasti, modules

    @property
    def positions(self) -> tuple:
        """Give (line, end line, column, end column) of the call."""
        for i, place in enumerate(self.code.co_positions()):
            if 2 * i == self.lasti:
                return place
        return (self.code.co_firstlineno, None, None, None)


def learner_frame(frame):
    """Give the first frame, from this one outwards, that runs the learner's code, not ours.

    >>> learner_frame(sys._getframe()).f_code.co_name
    '<module>'
    """
    while frame.f_back is not None:
        file = frame.f_code.co_filename
        if not file.startswith(HOME) and not (WIDGETS in file and _of_widget(frame)):
            break
        frame = frame.f_back
    return frame


def _of_widget(frame):
    return str(frame.f_globals.get("__name__")).startswith("autograd_lab.widgets")


def site_of_call(depth=1):
    """Say where in the learner's code this is called: the first line that is not the library's."""
    frame = learner_frame(sys._getframe(depth))
    return Site(frame.f_code, frame.f_lasti, tuple(getattr(_local, "modules", ())))


def describe(site: Site) -> str:
    """Word where a site is: file or cell, line, and the text of the line."""
    line = site.positions[0]
    text = linecache.getline(site.code.co_filename, line or 0).strip()
    return f"{cell_name(site.code.co_filename)}, line {line}: {text}"


def cell_name(filename) -> str:
    """Name a cell as Jupyter does, ``In[3]``; a file by its own name, without its folder."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    known = shell and shell.compile.format_code_name(filename)
    return known[1] if known else os.path.basename(filename)


class Told:
    """What a node cannot know by itself: how it was called, from where, and what came out."""

    __slots__ = ("args", "dtype", "shape", "site")

    def __init__(self, args, site, shape, dtype):
        self.args, self.site, self.shape, self.dtype = args, site, shape, dtype


def site_of(node) -> Site | None:
    """Say where in the learner's code a node was made, if somebody looked."""
    told = getattr(node, "told", None)
    return told and told.site


def operation_name(node) -> str:
    """Name an operation as the learner calls it: ``mul``; a Function by its class."""
    cls = type(node)
    rule = getattr(cls, "rule", None)
    return rule.__name__ if rule else getattr(getattr(cls, "call", None), "__name__", cls.__name__)


def remember(node, result, args) -> None:
    """Keep on each node its arguments and the line that made it: what pictures and errors show."""
    if result.node is not None:
        array = result.array
        node.told = Told(args, site_of_call(3), array.shape, array.dtype)


def remember_lines(on: bool = True) -> None:
    """Keep (or no longer keep) for every operation the line of code that made it.

    On by itself in a notebook. It costs about a microsecond an operation.

    >>> torch.remember_lines()
    >>> x = torch.ones(2, requires_grad=True)
    >>> y = x.exp()
    >>> describe(site_of(y.grad_fn)).endswith("y = x.exp()")
    True
    >>> torch.remember_lines(False)
    """
    remove_watcher(remember, everywhere=True)
    if on:
        add_watcher(remember, everywhere=True)


def in_notebook() -> bool:
    """Say whether a Jupyter kernel runs this process."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


class Call:
    """One call of a module: two calls of one module are two of these."""

    __slots__ = ("module",)

    def __init__(self, module):
        self.module = module


@contextlib.contextmanager
def inside(module):
    """Say that operations belong to this module's call, while somebody looks."""
    if not hasattr(_local, "modules"):
        _local.modules = []
    _local.modules.append(Call(module))
    try:
        yield
    finally:
        _local.modules.pop()


@contextlib.contextmanager
def paused():
    """Tell nobody of this thread's operations: they only repeat what was seen before."""
    before = is_paused()
    _local.paused = True
    try:
        yield
    finally:
        _local.paused = before


def is_paused() -> bool:
    """Say whether this thread only repeats or tries something."""
    return getattr(_local, "paused", False)
