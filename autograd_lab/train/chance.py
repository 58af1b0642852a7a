"""All random generators that a step may draw from, and that we know of."""

import random
from array import array

import numpy as np

from ..random import Generator, present_generator

KINDS = (Generator, np.random.Generator, random.Random)


class Chance:
    """The state of every known generator, to come back to it.

    Known are ours (a run's own), ``numpy.random``, Python's ``random``, those of the loader and its
    samplers, and the ``others`` that were named. One in a variable that nobody names is not.

    >>> chance = Chance()
    >>> before = chance.states()
    >>> first = torch.rand(2), np.random.rand(), random.random()
    >>> chance.put_back(before)
    >>> torch.equal(first[0], torch.rand(2)), first[1] == np.random.rand()
    (True, True)
    >>> first[2] == random.random()
    True
    """

    def __init__(self, loader=None, others=()):
        self.ours = present_generator()
        found = [self.ours, *_of_loader(loader), *others]
        self.generators = list({id(g): g for g in found}.values())

    def states(self) -> list:
        """Take down the states."""
        version, words, spare = random.getstate()
        python = (version, array("I", words), spare)
        return [np.random.get_state(), python, *map(_state, self.generators)]

    def put_back(self, states: list) -> None:
        """Let every generator go on from the states that were taken down."""
        of_numpy, (version, words, spare), *others = states
        np.random.set_state(of_numpy)
        random.setstate((version, tuple(words), spare))
        for generator, state in zip(self.generators, others):
            if isinstance(generator, Generator):
                generator.set_state(state)
            elif isinstance(generator, random.Random):
                generator.setstate(state)
            else:
                generator.bit_generator.state = state


def _state(generator):
    if isinstance(generator, Generator):
        return generator.get_state()
    if isinstance(generator, random.Random):
        return generator.getstate()
    return generator.bit_generator.state


def _of_loader(loader):
    """Find the generators that a loader and its samplers hold."""
    batches = getattr(loader, "batch_sampler", None)
    holders = [loader, getattr(loader, "sampler", None), batches, getattr(batches, "sampler", None)]
    holders.append(getattr(loader, "dataset", None))
    found = [getattr(holder, "generator", None) for holder in holders]
    return [generator for generator in found if isinstance(generator, KINDS)]
