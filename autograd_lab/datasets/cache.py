"""Data sets from the internet: fetched once, checked, and kept in one folder.

The folder is named by the environment variable ``AUTOGRAD_LAB_DATA``, or it is the cache folder of
the platform. A file is there whole and checked, or it is not there at all; whoever has no internet
may put it there by hand.
"""

import gzip
import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path, PureWindowsPath


def cache_folder() -> Path:
    """Name the folder that data sets are kept in.

    >>> import os
    >>> os.environ["AUTOGRAD_LAB_DATA"] = "/data/lab"
    >>> cache_folder().name
    'lab'
    >>> del os.environ["AUTOGRAD_LAB_DATA"]
    """
    named = os.environ.get("AUTOGRAD_LAB_DATA")
    if named:
        return Path(named).expanduser()
    import pooch

    return Path(pooch.os_cache("autograd_lab"))


def fetch(
    path: str, urls, checksum: str, packed: str = "", root=None, instead: str = "", anew=False
) -> Path:
    """Give the place of a file in the cache, after fetching it if it is not there yet.

    Args:
        path: where the file lies inside ``root``: ``"MNIST/raw/train-labels-idx1-ubyte"``.
        urls: addresses to try, one after the other. One that ends in ``.gz`` is unpacked.
        checksum: of the file itself: ``"sha256:..."`` or ``"md5:..."``.
        packed: the checksum of what is fetched, where that is a ``.gz``.
        root: the folder to look in; the cache folder unless it is given.
        instead: what to say about data that needs no internet.
        anew: fetch a damaged file again, rather than say that it is damaged.
    """
    root = cache_folder() if root is None else Path(root).expanduser()
    target = inside(root, path)
    damaged = target.is_file() and not matches(target, checksum)
    if damaged and not anew:
        raise RuntimeError(
            f"{target} is not the file that was published: its checksum differs. Delete it, "
            "and it will be fetched again"
        )
    if target.is_file() and not damaged:
        return target
    for url in urls:
        by_hand = inside(root, path).with_name(url.rpartition("/")[2])
        if by_hand != target and by_hand.is_file() and matches(by_hand, packed or checksum):
            _keep(by_hand, target, checksum)
            return target
    problems = []
    for url in urls:
        try:
            _download(url, target, checksum, packed or checksum)
        except (OSError, ValueError, EOFError) as error:
            problems.append(f"{_server(url)}: {_reason(error)}")
        else:
            return target
    state = "damaged" if damaged else "not here"
    raise ConnectionError(
        f"{target.name} is {state}, and could not be fetched ({'; '.join(problems)}). With "
        f"internet it is fetched once; without, put {_names(urls)} into {target.parent}"
        + (f". {instead}" if instead else "")
    )


def inside(root, path: str) -> Path:
    """Give a place in a folder; refuse one that leads out of it.

    >>> inside("/data", "MNIST/raw").as_posix().endswith("/data/MNIST/raw")
    True
    >>> inside("/data", "../secret")
    Traceback (most recent call last):
    ...
    ValueError: '../secret' leads out of its folder
    """
    root = Path(root).resolve()
    place = (root / path).resolve()
    odd = PureWindowsPath(path).drive or "\\" in path or Path(path).is_absolute()
    if odd or root not in place.parents:
        raise ValueError(f"{path!r} leads out of its folder")
    return place


def matches(file, checksum: str) -> bool:
    """Say whether a file has this checksum: ``"sha256:..."`` or ``"md5:..."``."""
    kind, _, wanted = checksum.rpartition(":")
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, kind or "sha256").hexdigest() == wanted.lower()


def _download(url, target, checksum, packed):
    """Fetch into a folder of its own beside the target, check, and only then put it there."""
    import pooch

    new = [place for place in (target.parent, *target.parent.parents) if not place.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetching-") as folder:
            silent = pooch.HTTPDownloader(progressbar=False, timeout=30)
            fetched = Path(folder) / "fetched"
            silent(url, str(fetched), None)
            if not matches(fetched, packed):
                raise ValueError("the file that came has another checksum")
            _keep(fetched, target, checksum, unpack=url.endswith(".gz"))
    finally:
        for place in new:
            with suppress(OSError):     # where nothing came, no empty folder stays; others do
                place.rmdir()


def _keep(source, target, checksum, unpack=None):
    """Unpack a file if need be, check it, and put it in its place in one step."""
    unpack = source.suffix == ".gz" if unpack is None else unpack
    unpack = unpack and target.suffix != ".gz"
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetching-") as folder:
        ready = Path(folder) / "ready"
        with (gzip.open if unpack else open)(source, "rb") as packed, open(ready, "wb") as plain:
            shutil.copyfileobj(packed, plain)
        if not matches(ready, checksum):
            raise ValueError("the unpacked file has another checksum")
        os.replace(ready, target)


def _server(url):
    return url.partition("//")[2].partition("/")[0]


def _names(urls):
    return " or ".join(dict.fromkeys(url.rpartition("/")[2] for url in urls))


def _reason(error):
    """Say in a few words why something could not be fetched."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status:
        return f"answered {status}"
    if type(error).__module__.startswith("requests"):
        return "no connection"
    return str(error)
