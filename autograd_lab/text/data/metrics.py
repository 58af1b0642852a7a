"""How much a translation has in common with what people wrote."""

import math
from collections import Counter


def bleu_score(candidate_corpus, references_corpus, max_n: int = 4, weights=(0.25,) * 4) -> float:
    """Compare translations, word by word, with one or several good ones each (Papineni 2002).

    >>> found = [["My", "full", "pytorch", "test"], ["Another", "Sentence"]]
    >>> good = [[["My", "full", "pytorch", "test"], ["Completely", "Different"]], [["No", "Match"]]]
    >>> round(bleu_score(found, good), 4)
    0.8409
    """
    if max_n != len(weights):
        raise AssertionError('Length of the "weights" list has be equal to max_n')
    if len(candidate_corpus) != len(references_corpus):
        raise AssertionError(
            "The length of candidate and reference corpus should be the same, but got "
            f"{len(candidate_corpus)} and {len(references_corpus)}"
        )
    right, total, length, wanted = [0] * max_n, [0] * max_n, 0, 0
    for candidate, references in zip(candidate_corpus, references_corpus):
        length += len(candidate)
        wanted += min((len(r) for r in references), key=lambda n: abs(len(candidate) - n))
        known = Counter()
        for reference in references:
            known |= _groups(reference, max_n)
        found = _groups(candidate, max_n)
        for group, count in (found & known).items():
            right[len(group) - 1] += count
        for n in range(max_n):
            total[n] += max(len(candidate) - n, 0)
    if min(right) == 0:
        return 0.0
    precision = sum(w * math.log(r / t) for w, r, t in zip(weights, right, total))
    return math.exp(precision + min(1 - wanted / length, 0))


def _groups(words, max_n):
    """Count the groups of up to ``max_n`` words in a row."""
    return Counter(
        tuple(words[start : start + n])
        for n in range(1, max_n + 1)
        for start in range(len(words) - n + 1)
    )
