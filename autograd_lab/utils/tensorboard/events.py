"""TensorBoard's files: records of a length, its check sum, the event, and its check sum."""

import struct


def _table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


TABLE = _table()  # of CRC-32C, the check sum of these files


def checksum(data: bytes) -> int:
    """Compute the masked CRC-32C of some bytes.

    >>> hex(checksum(b"123456789"))
    '0xc78ab0e5'
    """
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def record(event: bytes) -> bytes:
    """Frame an event as TensorBoard's files have it."""
    length = struct.pack("<Q", len(event))
    sums = [struct.pack("<I", checksum(part)) for part in (length, event)]
    return length + sums[0] + event + sums[1]


def _number(n: int) -> bytes:
    """Write a whole number seven bits a byte, the lowest first."""
    n &= (1 << 64) - 1
    out = []
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes([*out, n])


def _field(place: int, content: bytes) -> bytes:
    """Write a field that holds bytes: its place and kind, its length, the bytes."""
    return _number(place << 3 | 2) + _number(len(content)) + content


def version_event(seconds: float) -> bytes:
    """Write the event that every file begins with."""
    return b"\x09" + struct.pack("<d", seconds) + _field(3, b"brain.Event:2")


def scalar_event(seconds: float, step: int, tag: str, value: float) -> bytes:
    """Write the event that a number had a value at a step."""
    inner = _field(1, tag.encode()) + b"\x15" + struct.pack("<f", value)
    summary = _field(5, _field(1, inner))
    return b"\x09" + struct.pack("<d", seconds) + b"\x10" + _number(step) + summary
