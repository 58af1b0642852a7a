"""SummaryWriter: the numbers stand in the file as TensorBoard reads it."""

import struct

import pytest

import autograd_lab as torch
from autograd_lab.utils.tensorboard import SummaryWriter
from autograd_lab.utils.tensorboard.events import checksum


def read(path):
    """Read an events file back: check every sum, and give the events as bytes."""
    data, events = path.read_bytes(), []
    while data:
        head, (length,) = data[:8], struct.unpack("<Q", data[:8])
        event = data[12 : 12 + length]
        assert struct.unpack("<I", data[8:12])[0] == checksum(head)
        assert struct.unpack("<I", data[12 + length : 16 + length])[0] == checksum(event)
        events.append(event)
        data = data[16 + length :]
    return events


def scalar(event):
    """Take an event apart: (step, name, value), by the rules of protocol buffers."""
    assert event[0] == 0x09 and event[9] == 0x10
    step, place, shift = 0, 10, 0
    while True:
        step |= (event[place] & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if event[place - 1] < 0x80:
            break
    assert event[place] == 0x2A and event[place + 2] == 0x0A and event[place + 4] == 0x0A
    size = event[place + 5]
    name = event[place + 6 : place + 6 + size].decode()
    rest = event[place + 6 + size :]
    assert rest[0] == 0x15 and len(rest) == 5
    return step, name, struct.unpack("<f", rest[1:])[0]


def test_what_is_written_can_be_read(tmp_path):
    with SummaryWriter(tmp_path / "run") as writer:
        for step in (0, 1, 127, 128, 100_000):
            writer.add_scalar("loss/train", torch.tensor(step / 2), step)
        writer.add_scalars("both", {"a": 1, "b": 2.5}, 3)
        writer.flush()
    (path,) = (tmp_path / "run").iterdir()
    assert "tfevents" in path.name
    first, *others = read(path)
    assert first.endswith(b"brain.Event:2")
    assert [scalar(e) for e in others] == [
        (0, "loss/train", 0.0), (1, "loss/train", 0.5), (127, "loss/train", 63.5),
        (128, "loss/train", 64.0), (100_000, "loss/train", 50_000.0),
        (3, "both/a", 1.0), (3, "both/b", 2.5),
    ]  # fmt: skip
    assert writer.scalars["both/b"] == [(3, 2.5)] and writer.get_logdir() == str(tmp_path / "run")


def test_the_check_sum_is_the_standard_one():
    """CRC-32C of "123456789" is e3069283 (RFC 3720), before TensorBoard's mask."""
    masked = checksum(b"123456789")
    turned = (masked - 0xA282EAD8) & 0xFFFFFFFF
    assert (turned >> 17 | turned << 15) & 0xFFFFFFFF == 0xE3069283


def test_numbers_are_in_the_file_at_once(tmp_path):
    writer = SummaryWriter(tmp_path)
    writer.add_scalar("x", 1.0)
    assert len(read(next(tmp_path.iterdir()))) == 2
    writer.close()
    with pytest.raises(ValueError, match="closed"):
        writer.add_scalar("x", 2.0)


def test_pictures_are_left_out_and_that_is_said_once(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        with pytest.warns(UserWarning, match="writes numbers only"):
            writer.add_histogram("w", torch.ones(3), 0)
        writer.add_image("x", torch.ones(1, 2, 2)), writer.add_text("a", "b")


def test_without_a_folder_it_makes_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with SummaryWriter(comment="_first") as writer:
        assert writer.log_dir.startswith("runs") and writer.log_dir.endswith("_first")
    assert list(tmp_path.glob("runs/*_first/events.out.tfevents.*"))
