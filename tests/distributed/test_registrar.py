"""The registrar alone: MPI's questions, and strangers who talk nonsense."""

import contextlib
import socket
import threading
import time

import pytest

from autograd_lab.distributed import meeting, registrar
from autograd_lab.distributed.registrar import LONGEST, SECRET, Registrar, mapping, proof, words_of
from tests.distributed.ranks import LIMIT


class Visitor:
    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=LIMIT)
        self.file = self.socket.makefile("rw", newline="\n")
        self.riddle = words_of(self.hear())["nonce"]

    def tell(self, line):
        if line.startswith(("cmd=hello", "cmd=guard")):
            line += f" proof={proof(self.riddle, line)}"
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
    served = Registrar(listener, 2)
    thread = threading.Thread(target=served.serve, daemon=True)
    thread.start()

    def come():
        came.append(Visitor(address))
        return came[-1]

    yield come, served
    for visitor in came:
        visitor.leave()
    thread.join(LIMIT)
    listener.close()
    assert not thread.is_alive(), "the registrar does not end when all have gone"


def two_ranks(come, hosts=("a", "a")):
    ranks = [come(), come()]
    for number, (rank, host) in enumerate(zip(ranks, hosts)):
        rank.tell(f"cmd=hello rank={number} size=2 host={host} nonce=of{number}")
    welcome = [f"cmd=welcome proof={proof('welcome', f'of{number}')}" for number in range(2)]
    assert [rank.hear() for rank in ranks] == welcome
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
    come, served = desk
    served.size = 3
    first, second = come(), come()
    for number, rank in enumerate((first, second)):
        rank.tell(f"cmd=hello rank={number} size=3 host=a nonce=1")
        assert rank.ask("cmd=get_appnum") == "cmd=appnum appnum=0"
    first.leave()
    assert second.hear() == "refused: rank 0 has ended before the others"
    assert come().ask("cmd=hello rank=0 size=3 host=a nonce=1") == (
        "refused: rank 0 has ended before the others"
    )


def test_strangers(desk, tmp_path):
    come, served = desk
    kept = tmp_path / "mpich_shm_1"
    kept.touch()
    for line in ("", "GET / HTTP/1.1", "cmd=serve", "cmd=hello", "cmd=hello rank=x size=2 host=a",
                 "cmd=put key=a value=b", "cmd=__class__", "cmd=failed rank=0", "cmd=abort",
                 "cmd=barrier_in", "cmd=memory path=/dev/shm/mpich_shm_1"):  # fmt: skip
        stranger = come()
        assert stranger.ask(line) == "refused: that was not understood"
        assert stranger.hear() == "", "a stranger is not hung up"
    assert come().ask("cmd=hello rank=0 size=3 host=a nonce=1") == (
        "refused: this run has 2 processes, not 3"
    )
    number = come().ask("cmd=hello rank=2 size=2 host=a nonce=1")
    assert number == "refused: ranks count from 0 to 1"
    endless = come()
    with contextlib.suppress(OSError):
        for _ in range(1000):
            endless.socket.sendall(b"x" * LONGEST)
        raise AssertionError("who never ends a line is heard for ever")
    first, _ = two_ranks(come)
    first.tell(f"cmd=memory path={kept}")
    first.tell("cmd=memory path=/dev/shm/mpich_shm_1/../../etc/passwd")
    assert "rc=-1" in first.ask("cmd=get kvsname=x key=a")
    third = come().ask("cmd=hello rank=1 size=2 host=a nonce=1")
    assert third == "refused: there is a rank 1 already"
    assert not served.memory and not served.bad_news and kept.exists()
    assert first.ask("cmd=hello rank=1 size=2 host=a nonce=1") == "refused: that was not understood"


def test_only_who_knows_the_secret_is_heard(desk, monkeypatch):
    come, _ = desk
    hello = "cmd=hello rank=0 size=2 host=a nonce=1"
    first, second, replayed = come(), come(), come()
    signed = f"{hello} proof={proof(first.riddle, hello)}"  # with no secret, as anybody can
    monkeypatch.setenv(SECRET, "of this run")
    for stranger, line in [(first, signed), (second, "cmd=guard"), (replayed, signed)]:
        stranger.file.write(f"{line}\n")
        stranger.file.flush()
        assert stranger.hear() == f"refused: its {SECRET} is not that of rank 0"
        assert stranger.hear() == "", "a stranger is not hung up"
    ranks = two_ranks(come)
    monkeypatch.delenv(SECRET)
    assert ranks[0].ask("cmd=get_appnum") == "cmd=appnum appnum=0"
    other = come()
    other.file.write(f"{signed}\n")  # an answer to the riddle of another
    other.file.flush()
    assert other.hear().startswith("refused: its")


def test_a_rank_does_not_trust_who_cannot_prove_the_secret(monkeypatch):
    mine, theirs = socket.socketpair()
    with mine, theirs:
        theirs.sendall(b"cmd=challenge nonce=1\n")
        answer = threading.Timer(0.1, theirs.sendall, [b"cmd=welcome proof=00\n"])
        answer.start()
        with pytest.raises(RuntimeError, match="rank 1 cannot take part: what answers there"):
            meeting._hello(mine, meeting.Place(1, 2, "here"), time.monotonic() + LIMIT)
        answer.join()


def test_who_waits_for_long_says_for_whom(desk, monkeypatch, capsys):
    _, served = desk
    place, at = meeting.Place(1, 3, "here"), served.listener.getsockname()
    served.size = 3
    monkeypatch.setattr(meeting, "SILENCE", 0.01)
    with socket.create_connection(at) as rank, pytest.raises(RuntimeError, match="not all came"):
        meeting._hello(rank, place, time.monotonic() + 2)
    said = "rank 1 waits until all 3 processes call init_process_group: not yet ranks 0 and 2\n"
    assert capsys.readouterr().err.count(said) == 1


def test_who_asks_too_late_who_is_late_hears_only_the_welcome(desk):
    first, _ = two_ranks(desk[0])
    first.tell("cmd=late")
    assert first.ask("cmd=get_appnum") == "cmd=appnum appnum=0"


def test_where_somebody_else_listens(monkeypatch, capsys):
    monkeypatch.setattr(meeting, "SILENCE", 0.01)
    here = meeting.Place(1, 2, ("alice", 80))
    end = time.monotonic() + 2
    mine, theirs = socket.socketpair()
    with mine, theirs, pytest.raises(RuntimeError, match="alice:80 says nothing, so it is not"):
        meeting._hello(mine, here, end)
    assert "waits for rank 0 at alice:80: what listens there says" in capsys.readouterr().err
    mine, theirs = socket.socketpair()
    theirs.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with mine, theirs, pytest.raises(RuntimeError, match=r"alice:80 says 'HTTP/1\.1 400 Bad"):
        meeting._hello(mine, here, time.monotonic() + LIMIT)


def test_it_does_not_outlive_rank_0_who_started_it(monkeypatch):
    monkeypatch.setattr(registrar, "LOOK_UP", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Registrar(listener, 2, parent=2**30).serve()
