"""save: put tensors, and what holds them, into a file."""

import os
from io import BytesIO
from pathlib import Path

from .archive import pack
from .files import write_whole
from .writer import Writer


def save(obj, f, pickle_module=None, pickle_protocol=2, _use_new_zipfile_serialization=True):
    """Save tensors, and dicts, lists and numbers around them, to a path or an open file.

    The file has PyTorch's form, and PyTorch reads it; with a path that ends in ``.safetensors`` a
    flat dict of tensors is written in that form instead. A path is written whole or not at all.
    A whole model may be saved too: its class's name and its attributes, not its code, so
    ``model.state_dict()`` is what lasts. The last three arguments are PyTorch's; the form of the
    file does not depend on them.

    >>> torch.save({"w": torch.ones(2), "epoch": 3}, "checkpoint.pth")
    >>> torch.load("checkpoint.pth")
    {'w': tensor([1., 1.]), 'epoch': 3}
    """
    if isinstance(f, str | os.PathLike):
        path = Path(f)
        write_whole(path, _filler(obj, path))
    elif hasattr(f, "write"):
        content = BytesIO()
        _filler(obj, Path("archive"))(content)
        f.write(content.getbuffer())
    else:
        raise AttributeError(
            "expected 'f' to be string, path, or a file-like object with a 'write' attribute, but "
            f"got {type(f).__name__}"
        )


def _filler(obj, path):
    """Look through the object, which may be refused; what it gives then writes the file."""
    if path.suffix == ".safetensors":
        from .flat import packed_flat  # the safetensors package is loaded where it is needed

        content = packed_flat(obj)
        return lambda file: file.write(content)
    writer = Writer()
    pickle = writer.written(obj)
    return lambda file: pack(file, path.stem or "archive", pickle, writer.storages)
