"""The registrar: where the processes of a run find each other, before MPI connects them.

``mpiexec`` brings one of its own. For processes that were started in another way (``spawn``, or by
hand) rank 0 runs this file as a small program; it needs nothing but Python. First it waits until
all ranks have said hello. If the run has a secret, they prove that they know it: each signs a
riddle that nobody has seen before, so the secret itself never travels. Then it answers MPI's
questions, which are lines of ``key=value`` (MPICH calls this PMI-1): a dictionary that all ranks
share, and a barrier. If a rank's connection ends before the rank has finished, the others are told,
so that nobody waits for it.
"""

import contextlib
import hmac
import itertools
import os
import re
import secrets
import selectors
import signal
import socket
import sys
import time
from pathlib import Path

LONGEST = 1 << 16  # bytes in a line: whoever sends more is no rank
PATIENCE = 1  # seconds in which a visitor must take what it is told
LOOK_UP = 5  # seconds after which it looks whether rank 0, who started it, is still there
PARTING = 1  # seconds between bad news and the end, though a dead network may hide a rank's end
SECRET = "AUTOGRAD_LAB_SECRET"  # the variable that holds the secret of the run
SHARED = re.compile(r"/dev/shm/(?:mpich|ucx)_shm_\w+")


def words_of(line: str) -> dict[str, str]:
    """Read a line: ``"cmd=get key=a b"`` has a command and a key.

    >>> words_of("cmd=put key=card value=port#4=x")
    {'cmd': 'put', 'key': 'card', 'value': 'port#4=x'}
    """
    parts = [word.partition("=") for word in line.split()]
    return {key: value for key, _, value in parts}


def proof(*texts: str) -> str:
    """Sign texts with the secret of this process's environment; where it has none, anybody can.

    >>> proof("3f7a", "cmd=hello rank=0") == proof("3f7a", "cmd=hello rank=1")
    False
    """
    secret = os.environ.get(SECRET, "").encode()
    return hmac.digest(secret, " ".join(texts).encode(), "sha256").hex()


def mapping(hosts: list[str]) -> str:
    """Say in MPI's way which ranks share a machine: (its number, 1, how many ranks in a row).

    >>> mapping(["a", "a", "b"])
    '(vector,(0,1,2),(1,1,1))'
    """
    numbers = {host: number for number, host in enumerate(dict.fromkeys(hosts))}
    rows = ((numbers[host], len(list(ranks))) for host, ranks in itertools.groupby(hosts))
    return f"(vector,{','.join(f'({number},1,{count})' for number, count in rows)})"


class Visitor:
    """One connection: a rank's, or a guard's, which only listens for bad news."""

    def __init__(self, connection):
        self.connection, self.unread = connection, b""
        self.rank, self.host = -1, ""
        self.guard = False
        self.nonce, self.riddle = "", secrets.token_hex(16)
        self.say(f"cmd=challenge nonce={self.riddle}")

    def lines(self):
        """Read what has come: a list of lines, None where the connection has ended."""
        try:
            data = self.connection.recv(LONGEST)
        except OSError:
            data = b""
        if not data or len(self.unread) > LONGEST:
            return None
        *lines, self.unread = (self.unread + data).split(b"\n")
        return [line.decode("ascii", "replace") for line in lines]

    def may(self, command: str) -> bool:
        """Say whether it may give this command: strangers may only say what they are, once."""
        if self.guard:
            return command == "failed"
        if self.rank < 0:
            return command in ("hello", "guard")
        return command not in ("hello", "guard", "failed")

    def has_proved(self, line: str) -> bool:
        """Say whether this line, the first, is signed by one who knows the secret."""
        said, _, signature = line.rpartition(" proof=")
        return hmac.compare_digest(signature.encode(), proof(self.riddle, said).encode())

    def say(self, line: str) -> None:
        """Send a line; one who has gone does not hear it."""
        try:
            self.connection.sendall(line.encode() + b"\n")
        except OSError:
            pass


class Registrar:
    """Bring ``size`` ranks together on a listening socket, and answer them until all have gone."""

    def __init__(self, listener, size: int, parent: int | None = None):
        self.listener, self.size = listener, size
        self.parent = parent or os.getppid()  # rank 0, without whom nobody comes
        self.ranks: dict[int, Visitor] = {}
        self.guards: list[Visitor] = []
        self.facts: dict[str, str] = {}
        self.complete, self.at_barrier = False, 0
        self.memory: set[Path] = set()  # what MPI shares; it outlives ranks that are killed
        self.name = "run_" + secrets.token_hex(16)  # MPI names shared memory after it
        self.bad_news, self.last_word = "", float("inf")
        self.waiting = selectors.DefaultSelector()
        self.waiting.register(listener, selectors.EVENT_READ)

    def serve(self) -> None:
        """Answer until every rank has gone."""
        came = False
        while self.ranks or (not came and os.getppid() == self.parent):
            if (left := self.last_word - time.monotonic()) < 0:
                break
            for key, _ in self.waiting.select(min(LOOK_UP, left)):
                if key.fileobj is self.listener:
                    with contextlib.suppress(OSError):  # gone already, or too many are here
                        self._admit(self.listener.accept()[0])
                else:
                    self._listen(key.data)
            came = came or bool(self.ranks)
        for path in self.memory:
            path.unlink(missing_ok=True)
        for key in list(self.waiting.get_map().values()):
            if key.data is not None:
                key.data.connection.close()
        self.waiting.close()

    def _admit(self, connection):
        connection.settimeout(PATIENCE)
        visitor = Visitor(connection)
        self.waiting.register(visitor.connection, selectors.EVENT_READ, visitor)

    def _listen(self, visitor):
        lines = visitor.lines()
        if lines is None:
            self._farewell(visitor)
        for line in lines or ():
            words = words_of(line)
            try:
                if not visitor.may(words["cmd"]):
                    raise ValueError("a stranger")
                if words["cmd"] in ("hello", "guard") and not visitor.has_proved(line):
                    visitor.say(f"refused: its {SECRET} is not that of rank 0")
                    self._farewell(visitor)
                    return
                getattr(self, "on_" + words["cmd"])(visitor, words)
            except (AttributeError, KeyError, ValueError):  # no rank talks like this
                visitor.say("refused: that was not understood")
                if visitor.rank < 0:
                    self._farewell(visitor)
                    return

    def _farewell(self, visitor):
        self.waiting.unregister(visitor.connection)
        visitor.connection.close()
        if visitor.guard:
            self.guards.remove(visitor)
        elif self.ranks.get(visitor.rank) is visitor:
            del self.ranks[visitor.rank]
            self.tell_all(f"rank {visitor.rank} has ended before the others")

    def tell_all(self, news: str) -> None:
        """Tell every guard, and who still waits for a welcome; only the first reason counts."""
        if self.bad_news:
            return
        self.bad_news, self.last_word = news, time.monotonic() + PARTING
        for guard in self.guards:
            guard.say(news)
        for rank in () if self.complete else self.ranks.values():
            rank.say(f"refused: {news}")

    # --- hello, in our own words

    def on_hello(self, visitor, words):
        rank, size = int(words["rank"]), int(words["size"])
        if size != self.size:
            visitor.say(f"refused: this run has {self.size} processes, not {size}")
        elif not 0 <= rank < size:
            visitor.say(f"refused: ranks count from 0 to {size - 1}")
        elif rank in self.ranks:
            visitor.say(f"refused: there is a rank {rank} already")
        elif self.bad_news:
            visitor.say(f"refused: {self.bad_news}")
        else:
            visitor.nonce, visitor.host = words["nonce"], words["host"]
            visitor.rank, self.ranks[rank] = rank, visitor
            if len(self.ranks) == self.size:
                self.complete = True
                self.facts["PMI_process_mapping"] = mapping(
                    [self.ranks[r].host for r in range(size)]
                )
                for each in self.ranks.values():
                    each.say(f"cmd=welcome proof={proof('welcome', each.nonce)}")

    def on_late(self, visitor, words):
        if not self.complete:  # else all have their welcome, and nothing but MPI is to follow
            late = [str(rank) for rank in range(self.size) if rank not in self.ranks]
            visitor.say(f"cmd=late ranks={','.join(late)}")

    def on_guard(self, visitor, words):
        visitor.guard = True
        self.guards.append(visitor)
        if self.bad_news:
            visitor.say(self.bad_news)

    def on_failed(self, visitor, words):
        self.tell_all(f"rank {words['rank']} has failed: its own terminal shows the error")

    def on_memory(self, visitor, words):
        if SHARED.fullmatch(words["path"]):
            self.memory.add(Path(words["path"]))

    # --- MPI's questions

    def on_init(self, visitor, words):
        visitor.say("cmd=response_to_init pmi_version=1 pmi_subversion=1 rc=0")

    def on_get_maxes(self, visitor, words):
        visitor.say("cmd=maxes kvsname_max=256 keylen_max=64 vallen_max=1024")

    def on_get_appnum(self, visitor, words):
        visitor.say("cmd=appnum appnum=0")

    def on_get_my_kvsname(self, visitor, words):
        visitor.say(f"cmd=my_kvsname kvsname={self.name}")

    def on_get_universe_size(self, visitor, words):
        visitor.say(f"cmd=universe_size size={self.size}")

    def on_put(self, visitor, words):
        self.facts[words["key"]] = words.get("value", "")
        visitor.say("cmd=put_result rc=0 msg=success")

    def on_get(self, visitor, words):
        value = self.facts.get(words["key"])
        if value is None:
            visitor.say("cmd=get_result rc=-1 msg=key_not_found value=unknown")
        else:
            visitor.say(f"cmd=get_result rc=0 msg=success value={value}")

    def on_barrier_in(self, visitor, words):
        self.at_barrier += 1
        if self.at_barrier == self.size:
            self.at_barrier = 0
            for each in self.ranks.values():
                each.say("cmd=barrier_out")

    def on_finalize(self, visitor, words):
        visitor.say("cmd=finalize_ack")
        self.ranks.pop(visitor.rank, None)

    def on_abort(self, visitor, words):
        self.tell_all(f"rank {visitor.rank} has ended the run")


def main() -> None:
    """Serve on the listening socket that is this program's standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the ranks: then they leave
    with socket.socket(fileno=0) as listener:
        Registrar(listener, *map(int, sys.argv[1:])).serve()


if __name__ == "__main__":
    main()
