"""What every call reads: the current GPU, what is forbidden just now, and the cost so far."""

import contextlib
import contextvars
import threading
from dataclasses import astuple, dataclass

import numpy as np

from .tape import Tape

DEVICES = 2  # how many GPUs this machine pretends to have


class DeviceSync(RuntimeError):
    """Raised inside ``no_sync()`` when a call would make the host wait for the GPU."""


class Here(threading.local):
    """The state of one thread: CuPy, too, keeps a current device per thread."""

    device = 0
    capturing = False
    forbidding = False
    strict = False  # capturing or forbidding: one test on the fast road

    def __init__(self):
        quiet = contextvars.Context()
        quiet.run(np.seterr, all="ignore")  # a GPU never warns about a division by zero
        self.run = quiet.run  # 10 times cheaper per call than `with np.errstate(...)`


@dataclass
class Cost:
    """Count what GPU programs pay for."""

    launches: int = 0  # kernels started
    gemms: int = 0  # of them, products handed to cuBLAS or cuSOLVER
    syncs: int = 0  # times the host waited for the GPU
    h2d: int = 0  # copies from host to device
    d2h: int = 0  # copies from device to host

    def __sub__(self, earlier):
        return Cost(*(a - b for a, b in zip(astuple(self), astuple(earlier), strict=True)))

    def copy(self):
        return Cost(*astuple(self))

    def reset(self):
        self.launches = self.gemms = self.syncs = self.h2d = self.d2h = 0


here = Here()
stats = Cost()


@contextlib.contextmanager
def counting():
    """Count the cost of a block: ``with counting() as cost: step()``."""
    before, cost = stats.copy(), Cost()
    try:
        yield cost
    finally:
        vars(cost).update(vars(stats - before))


@contextlib.contextmanager
def no_sync():
    """Refuse, inside the block, every call that makes the host wait for the GPU."""
    before = here.forbidding, here.strict
    here.forbidding = here.strict = True
    try:
        yield
    finally:
        here.forbidding, here.strict = before


@contextlib.contextmanager
def capture():
    """Pretend that the current stream records a CUDA graph: refuse what CuPy refuses then."""
    before = here.capturing, here.strict, here.run
    tape = Tape()
    here.capturing = here.strict = True
    here.run = tape.recording(before[2])
    try:
        yield tape
    finally:
        here.capturing, here.strict, here.run = before
        tape.undo()


def synchronize(why: str):
    """Count one wait of the host for the GPU, or refuse it."""
    if here.capturing:
        raise RuntimeError(
            f"the current stream is capturing, so synchronous API calls are disallowed ({why})"
        )
    if here.forbidding:
        raise DeviceSync(f"{why} makes the host wait for the GPU")
    stats.syncs += 1


def download(why: str):
    """Count a copy to the host, which waits for the GPU."""
    synchronize(why)
    stats.d2h += 1


def upload():
    """Count a copy to the GPU, or refuse it during a capture."""
    if here.capturing:
        raise RuntimeError("the current stream is capturing, so H2D transfers are disallowed")
    stats.h2d += 1


def refuse_capture(name: str):
    """Refuse a library that CuPy cannot record into a graph."""
    if here.capturing:
        raise NotImplementedError(
            f"calling {name} API during stream capture is currently unsupported"
        )


def library(name: str):
    """Count a call into cuBLAS or cuSOLVER, or refuse it during a capture."""
    refuse_capture(name)
    stats.gemms += 1


def check_device(device: int):
    """Refuse an array that lives on another GPU than the current one."""
    if device != here.device:
        raise ValueError(
            f"The device where the array resides ({device}) is different from the current device"
            f" ({here.device}). Peer access is unavailable between these devices."
        )
