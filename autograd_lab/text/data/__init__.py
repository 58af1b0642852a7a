"""Cutting text into words."""

from .utils import get_tokenizer as get_tokenizer
from .utils import ngrams_iterator as ngrams_iterator
