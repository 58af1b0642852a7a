"""The pace of a run: how far its loop may go by itself, and how fast."""


class Pace:
    """Whether a loop may go on freely or only so far, and how long it waits before each step.

    >>> pace = Pace()
    >>> pace.grant(2)
    >>> [pace.allows(step, epoch=0) for step in (7, 8, 9)]
    [True, True, False]
    """

    def __init__(self):
        self.delay = 0.0  # seconds before each step
        self.free = True  # False: it takes only the steps that it is granted
        self.granted = 0  # so many, not taken yet
        self.until_epoch: int | None = None  # or all, until so many epochs are done
        self.allowed: int | None = None  # the step allowed last
        self.rested: int | None = None  # the step before which it has waited

    @property
    def limited(self) -> bool:
        """Say whether there is something to look at before each step."""
        return not self.free or self.delay > 0

    def hold(self) -> None:
        """Allow no further step."""
        self.free, self.granted, self.until_epoch, self.allowed = False, 0, None, None

    def release(self) -> None:
        """Allow every step."""
        self.free, self.granted, self.until_epoch = True, 0, None

    def grant(self, steps: int) -> None:
        """Allow so many steps more."""
        self.free, self.granted = False, self.granted + steps

    def grant_epochs(self, epochs: int) -> None:
        """Allow every step until so many epochs are done."""
        self.free, self.until_epoch = False, epochs

    def allows(self, step: int, epoch: int) -> bool:
        """Say whether a step may be taken now; asked again before it is taken, it still may."""
        if self.until_epoch is not None and epoch >= self.until_epoch:
            self.until_epoch = None
        if self.free or self.until_epoch is not None:
            return True
        if self.granted and self.allowed != step:
            self.granted, self.allowed = self.granted - 1, step
        return self.allowed == step

    def rest(self, step: int) -> float:
        """Give the seconds to wait before a step, if it has not waited yet."""
        return 0.0 if self.rested == step else self.delay
