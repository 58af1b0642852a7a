"""Cutting text into words, and comparing texts."""

from .metrics import bleu_score as bleu_score
from .utils import get_tokenizer as get_tokenizer
from .utils import ngrams_iterator as ngrams_iterator
