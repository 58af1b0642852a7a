"""Text for networks: words to numbers, tagged sentences, and how well the tags were found."""

from ..missing import explaining as _explaining
from . import data as data
from . import datasets as datasets
from . import functional as functional
from . import transforms as transforms
from .batches import collate_padded as collate_padded
from .conll import as_iob1 as as_iob1
from .conll import as_iob2 as as_iob2
from .conll import read_columns as read_columns
from .conll import read_conllu as read_conllu
from .conll import spans as spans
from .metrics import span_f1 as span_f1
from .vocab import Vocab as Vocab
from .vocab import build_vocab_from_iterator as build_vocab_from_iterator

__getattr__ = _explaining(__name__)
