"""The registrar alone: MPI's questions, and strangers who talk nonsense."""

import contextlib
import socket
import threading

import pytest

from autograd_lab.distributed.registrar import LONGEST, Registrar, mapping
from tests.distributed.ranks import LIMIT


class Visitor:
    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=LIMIT)
        self.file = self.socket.makefile("rw", newline="\n")

    def tell(self, line):
        self.file.write(line + "\n")
        self.file.flush()

    def hear(self):
        return self.file.readline().strip()

    def ask(self, line):
        self.tell(line)
        return self.hear()

    def leave(self):
        self.file.close()
        self.socket.close()


@pytest.fixture
def desk():
    """A registrar for two ranks, and who has come to it."""
    listener = socket.create_server(("127.0.0.1", 0))
    address, came = listener.getsockname(), []
    registrar = Registrar(listener, 2)
    thread = threading.Thread(target=registrar.serve, daemon=True)
    thread.start()

    def come():
        came.append(Visitor(address))
        return came[-1]

    yield come, registrar
    for visitor in came:
        visitor.leave()
    thread.join(LIMIT)
    listener.close()
    assert not thread.is_alive(), "the registrar does not end when all have gone"


def two_ranks(come, hosts=("a", "a")):
    ranks = [come(), come()]
    for number, (rank, host) in enumerate(zip(ranks, hosts)):
        rank.tell(f"cmd=hello rank={number} size=2 host={host}")
    assert [rank.hear() for rank in ranks] == ["welcome"] * 2
    return ranks


def test_a_dictionary_and_a_barrier(desk):
    first, second = two_ranks(desk[0], "ab")
    assert first.ask("cmd=init pmi_version=1 pmi_subversion=1").endswith("rc=0")
    assert first.ask("cmd=put kvsname=x key=card value=port#4=b").startswith("cmd=put_result rc=0")
    first.tell("cmd=barrier_in")
    assert second.ask("cmd=get kvsname=x key=card").endswith("value=port#4=b")
    assert "rc=-1" in second.ask("cmd=get kvsname=x key=none")
    assert second.ask("cmd=get kvsname=x key=PMI_process_mapping").endswith(mapping(["a", "b"]))
    assert second.ask("cmd=barrier_in") == first.hear() == "cmd=barrier_out"
    assert second.ask("cmd=get_universe_size") == "cmd=universe_size size=2"
    assert {rank.ask("cmd=finalize") for rank in (first, second)} == {"cmd=finalize_ack"}


def test_the_others_hear_who_has_gone(desk):
    first, second = two_ranks(desk[0])
    guard = desk[0]()
    guard.tell("cmd=guard")
    assert first.ask("cmd=get_appnum") == "cmd=appnum appnum=0"
    second.leave()
    assert guard.hear() == "rank 1 has ended before the others"
    late = desk[0]()
    assert late.ask("cmd=guard") == "rank 1 has ended before the others"


def test_who_waits_for_a_welcome_hears_who_has_gone(desk):
    come, registrar = desk
    registrar.size = 3
    first, second = come(), come()
    for number, rank in enumerate((first, second)):
        rank.tell(f"cmd=hello rank={number} size=3 host=a")
        assert rank.ask("cmd=get_appnum") == "cmd=appnum appnum=0"
    first.leave()
    assert second.hear() == "refused: rank 0 has ended before the others"
    assert come().ask("cmd=hello rank=0 size=3 host=a") == (
        "refused: rank 0 has ended before the others"
    )


def test_strangers(desk, tmp_path):
    come, registrar = desk
    kept = tmp_path / "mpich_shm_1"
    kept.touch()
    for line in ("", "GET / HTTP/1.1", "cmd=serve", "cmd=hello", "cmd=hello rank=x size=2 host=a",
                 "cmd=put key=a value=b", "cmd=__class__", "cmd=failed rank=0", "cmd=abort",
                 "cmd=barrier_in", "cmd=memory path=/dev/shm/mpich_shm_1"):  # fmt: skip
        stranger = come()
        assert stranger.ask(line) == "refused: that was not understood"
        assert stranger.hear() == "", "a stranger is not hung up"
    assert come().ask("cmd=hello rank=0 size=3 host=a") == (
        "refused: this run has 2 processes, not 3"
    )
    assert come().ask("cmd=hello rank=2 size=2 host=a") == "refused: ranks count from 0 to 1"
    endless = come()
    with contextlib.suppress(OSError):
        for _ in range(1000):
            endless.socket.sendall(b"x" * LONGEST)
        raise AssertionError("who never ends a line is heard for ever")
    first, _ = two_ranks(come)
    first.tell(f"cmd=memory path={kept}")
    first.tell("cmd=memory path=/dev/shm/mpich_shm_1/../../etc/passwd")
    assert "rc=-1" in first.ask("cmd=get kvsname=x key=a")
    third = come()
    assert third.ask("cmd=hello rank=1 size=2 host=a") == "refused: there is a rank 1 already"
    assert not registrar.memory and not registrar.bad_news and kept.exists()
    assert first.ask("cmd=hello rank=1 size=2 host=a") == "refused: that was not understood"
