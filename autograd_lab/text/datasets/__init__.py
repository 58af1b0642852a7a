"""Sentences whose words are tagged."""

from ...missing import explaining as _explaining
from .conll2003 import CoNLL2003 as CoNLL2003
from .conll2003 import conll2003 as conll2003
from .names import Names as Names
from .udpos import UDPOS as UDPOS

__getattr__ = _explaining(__name__)
