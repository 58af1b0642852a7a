"""How many of the spans were found."""

from collections import Counter
from dataclasses import dataclass, field

from .conll import spans


@dataclass(frozen=True)
class SpanScore:
    """How well spans were found: ``precision``, ``recall``, ``f1``; ``kinds`` has each kind's own.

    >>> SpanScore(found=4, wanted=5, right=3)
    SpanScore(precision=0.750, recall=0.600, f1=0.667, spans=5)
    """

    found: int
    wanted: int
    right: int
    kinds: dict = field(default_factory=dict)

    @property
    def precision(self) -> float:
        """The share of what was found that is right."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """The share of what was to be found that was."""
        return self.right / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.found + self.wanted
        return 2 * self.right / both if both else 0.0

    def __repr__(self):
        return (
            f"SpanScore(precision={self.precision:.3f}, recall={self.recall:.3f}, "
            f"f1={self.f1:.3f}, spans={self.wanted})"
        )


def span_f1(predicted, wanted) -> SpanScore:
    """Compare the spans of predicted and right tags, sentence by sentence.

    A span is right if its kind, its first and its last word are. Tags may be IOB1 or IOB2.

    >>> right = [["B-PER", "I-PER", "O", "B-LOC"]]
    >>> score = span_f1([["B-PER", "I-PER", "O", "O"]], right)
    >>> score
    SpanScore(precision=1.000, recall=0.500, f1=0.667, spans=2)
    >>> score.kinds["PER"].f1, score.kinds["LOC"].f1
    (1.0, 0.0)
    """
    counts = Counter(), Counter(), Counter()
    for number, (guess, truth) in enumerate(zip(predicted, wanted, strict=True)):
        if len(guess) != len(truth):
            raise ValueError(
                f"sentence {number}: {len(guess)} predicted tags for {len(truth)} words"
            )
        mine, its = set(spans(guess)), set(spans(truth))
        for counter, group in zip(counts, (mine, its, mine & its)):
            counter.update(kind for kind, _, _ in group)
    kinds = {k: SpanScore(*[c[k] for c in counts]) for k in sorted({*counts[0], *counts[1]})}
    return SpanScore(*[sum(c.values()) for c in counts], kinds)
