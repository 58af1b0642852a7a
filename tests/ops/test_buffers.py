"""frombuffer() reads the numbers that PyTorch reads, and refuses what it refuses."""

import array

import pytest

import autograd_lab
from tests.core.oracle import both, refused

BYTES = bytes(range(1, 17))


@pytest.mark.parametrize("name", ["uint8", "int16", "int64", "float32", "float64"])
@both
def test_bytes_are_read_as_numbers(torch, name):
    dtype = getattr(torch, name)
    some = torch.frombuffer(bytearray(BYTES), dtype=dtype, count=1, offset=8)
    return torch.frombuffer(bytearray(BYTES), dtype=dtype), some


@both
def test_memory_is_shared(torch):
    buffer = bytearray(4)
    x = torch.frombuffer(buffer, dtype=torch.int16)
    x[1] = 3
    buffer[0] = 7
    return x, list(buffer)


@both
def test_other_buffers(torch):
    floats = array.array("f", [1.0, 2.0, 3.0])
    x = torch.frombuffer(floats, dtype=torch.float32, requires_grad=True)
    return x, torch.frombuffer(memoryview(floats)[1:], dtype=torch.float32)


def test_bytes_that_nobody_may_write_to_are_copied():
    x = autograd_lab.frombuffer(BYTES, dtype=autograd_lab.uint8)
    x[0] = 100
    assert x[0] == 100 and BYTES[0] == 1


REFUSED = {
    "empty": ({"buffer": b""}, "both buffer length"),
    "none": ({"count": 0}, "both buffer length"),
    "odd": ({"buffer": bytearray(3)}, "must be a multiple of element size"),
    "too many": ({"count": 5}, "must not be greater than actual buffer length"),
    "past the end": ({"offset": 4}, "must be non-negative and no greater"),
    "before the start": ({"offset": -1}, "must be non-negative and no greater"),
    "a list": ({"buffer": [1]}, "object does not implement Python buffer protocol"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read(what):
    given, words = REFUSED[what]

    @refused(words)
    def ask(torch):
        torch.frombuffer(**({"buffer": bytearray(4), "dtype": torch.int16} | given))

    ask()
