"""What soft versions of hard choices have in common."""

from .transformed_distribution import TransformedDistribution


class Softened(TransformedDistribution):
    """Draw softly: the temperature and the chances are those of what is transformed."""

    @property
    def temperature(self):
        """Give how soft the draws are; near 0 they are all but hard."""
        return self.base_dist.temperature

    @property
    def probs(self):
        """Give the chances."""
        return self.base_dist.probs

    @property
    def logits(self):
        """Give the logarithms of the chances, or of the odds of a coin."""
        return self.base_dist.logits
