"""Saving and loading: PyTorch's ``.pth`` files, and safetensors, without unpickling anything.

``saving.py`` and ``loading.py`` are the two calls; ``archive.py`` is the outer form of a file,
``writer.py`` and ``reader.py`` are its pickle, ``names.py`` says what names a file may use.
"""

from .loading import load as load
from .problem import LoadError as LoadError
from .saving import save as save
from .trust import add_safe_globals as add_safe_globals
from .trust import clear_safe_globals as clear_safe_globals
from .trust import get_safe_globals as get_safe_globals
from .trust import safe_globals as safe_globals
