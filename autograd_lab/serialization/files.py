"""A file is written whole or not at all."""

import os
import secrets
from pathlib import Path


def write_whole(path, fill) -> None:
    """Have ``fill(file)`` write a file: the old content stays until all of the new is on the disk.

    >>> write_whole("notes.bin", lambda file: file.write(b"all of it"))
    >>> Path("notes.bin").read_bytes()
    b'all of it'
    """
    path = Path(os.path.realpath(path))  # a link stays a link, its target is replaced
    if not path.parent.is_dir():
        raise RuntimeError(f"Parent directory {path.parent} does not exist.")
    if path.exists() and not path.is_file():  # a folder refuses; a pipe or device takes the bytes
        with path.open("wb") as file:
            fill(file)
        return
    beside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}")
    try:
        with open(beside, "xb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            beside.chmod(path.stat().st_mode)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
