"""What a captured graph is: the calls, in order, on the memory that they had.

While a step is captured nothing happens to the memory of a real GPU. Here the calls do run, because
only NumPy can tell the shapes of their results; at the end what they wrote is undone, and what they
made holds garbage until the graph is launched.
"""

import numpy as np

from .casts import poison

WRITERS = {np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis}


def writes(function):
    """Mark a function that writes to its first argument."""
    WRITERS.add(function)
    return function


class Tape:
    """Record calls; ``repeat`` runs them again."""

    def __init__(self):
        self.calls, self.before, self.made = [], {}, []

    def recording(self, run):
        """Make what runs calls while the graph is captured."""

        def recorded(function, *args, **settings):
            return self.call(run, function, args, settings)

        return recorded

    def call(self, run, function, args, settings):
        """Run a call, and remember it."""
        for target in self._targets(function, args, settings):
            self._take_down(target)
        result = run(function, *args, **settings)
        several = type(result) in (tuple, list)
        parts = list(result) if several else [] if result is None else [result]
        if not all(isinstance(part, np.ndarray | np.generic) for part in parts):
            return result  # a shape, a dtype: nothing that a GPU would compute
        parts = [np.asarray(part) for part in parts]
        known = {id(root_of(a)) for a in arrays_in([*args, *settings.values()])}
        fresh = [None if id(root_of(part)) in known else part for part in parts]
        self.made += [part for part in fresh if part is not None]
        self.calls.append((function, args, settings, fresh))
        return None if result is None else tuple(parts) if several else parts[0]

    def _targets(self, function, args, settings):
        out = settings.get("out")
        found = list(out) if type(out) is tuple else [] if out is None else [out]
        if function not in WRITERS:
            return found
        return [*found, *(args[0] if type(args[0]) is tuple else [args[0]])]

    def _take_down(self, array):
        root = root_of(array)
        if not self._old(root):
            self.before[id(root)] = root, root.copy()

    def _old(self, array):
        return id(array) in self.before

    def undo(self):
        """Leave the memory as a capture leaves it: untouched, and garbage where it is fresh."""
        for root, numbers in self.before.values():
            root[...] = numbers
        for array in self.made:
            poison(array)

    def repeat(self, run):
        """Repeat all calls, each into the memory of its first result."""
        for function, args, settings, fresh in self.calls:
            again = run(function, *args, **settings)
            again = again if type(again) in (tuple, list) else [again]
            for kept, result in zip(fresh, again, strict=False):
                if kept is not None:
                    kept[...] = result


def arrays_in(things):
    """Find all arrays among arguments, also in lists of them."""
    for one in things:
        if type(one) is np.ndarray:
            yield one
        elif type(one) in (list, tuple):
            yield from arrays_in(one)


def root_of(array):
    """Find the array whose memory this one looks at."""
    while type(array.base) is np.ndarray:
        array = array.base
    return array
