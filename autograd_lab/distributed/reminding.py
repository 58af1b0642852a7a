"""A helper that speaks for a rank which waits inside MPI, where Python can neither speak nor stop.

The rank runs this file as a small program while MPI begins, and holds a pipe to it. It says for
whom the rank waits, and when the time is up it ends the rank, and so the launcher ends the others.
"""

import os
import select
import signal
import sys


def main(who: str, silence: float, patience: float, rank: int) -> None:
    """Speak after ``silence`` seconds, and end the process ``rank`` after ``patience`` seconds."""
    said = f"autograd_lab.distributed: {who}"
    if _over(min(silence, patience)):
        return
    print(f"{said} waits until all processes call init_process_group", file=sys.stderr, flush=True)
    if _over(max(0, patience - silence)):
        return
    print(
        f"{said} ends: it waited {patience:g} seconds until all processes call "
        "init_process_group, and not all came", file=sys.stderr, flush=True,
    )  # fmt: skip
    os.kill(rank, signal.SIGTERM)


def _over(seconds) -> bool:
    """Wait; say whether the rank has let go of the pipe, because it waits no more."""
    return bool(select.select([sys.stdin], [], [], seconds)[0])


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
